package widget

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEmbed_AnswersWithItsGuards(t *testing.T) {
	t.Parallel()
	base := served(t, &desk{}, nil, Config{Chat: true})
	for name, c := range map[string]struct {
		path   string
		status int
		header map[string]string // what a header has to hold
		has    string
	}{
		"the loader": {"/widget.js", 200, map[string]string{"Content-Type": "text/javascript", "Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "max-age=600", "ETag": `"`}, "Frontdesk"},
		"what the launcher needs, for any origin": {"/widget/start?site=shop&lang=de-AT,en", 200, map[string]string{"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}, `"lang":"de"`},
		"a site that is not":                      {"/widget/start?site=nope", 404, map[string]string{"Access-Control-Allow-Origin": "*"}, "site"},
		"the frame":                               {"/widget/app?site=shop&lang=fr", 200, map[string]string{"Content-Security-Policy": "frame-ancestors 'self';"}, `<html lang="fr" dir="ltr">`},
		"a page of its own":                       {"/chat/shop?lang=ar", 200, map[string]string{"Content-Security-Policy": "frame-ancestors 'none'"}, `dir="rtl" class="whole"`},
		"a question that would be markup":         {"/chat/shop?ask=%3C/script%3E%3Cscript%3Ex", 200, nil, `\u003c/script\u003e`},
		"a file that is not":                      {"/widget/app/x/nope.js", 404, nil, ""},
		"the preview":                             {"/widget/preview?site=shop", 200, map[string]string{"Content-Security-Policy": "frame-src 'self'"}, "data-site="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := get(t, base+c.path)
			if got.status != c.status || !strings.Contains(got.body, c.has) {
				t.Errorf("%d, want %d with %s:\n%s", got.status, c.status, c.has, got.body)
			}
			for name, want := range c.header {
				if !strings.Contains(got.header.Get(name), want) {
					t.Errorf("%s: %q lacks %q", name, got.header.Get(name), want)
				}
			}
			if strings.Contains(got.body, "<script>x") {
				t.Error("what was asked became markup")
			}
		})
	}
}

func TestEmbed_TriesLooksOnForTheSameOriginAlone(t *testing.T) {
	t.Parallel()
	base := served(t, &desk{}, nil, Config{})
	read := func(site string) string {
		var s started
		got := get(t, base+"/widget/start?site=shop&try=1&corner=left", "Sec-Fetch-Site", site)
		if err := json.Unmarshal([]byte(got.body), &s); err != nil {
			t.Fatalf("%v in %s", err, got.body)
		}
		return s.Settings.Corner
	}
	if here, there := read("same-origin"), read("cross-site"); here != "left" || there != "right" {
		t.Errorf("tried on here %q, elsewhere %q", here, there)
	}
	if got := get(t, base+"/widget/start?site=shop&try=1&accent=red", "Sec-Fetch-Site", "same-origin"); got.status != 400 && got.status != 422 {
		t.Errorf("a colour that is none: %d %s", got.status, got.body)
	}
}
