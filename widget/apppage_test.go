package widget

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/widget/settings"
)

// The app's script and style stand in its page, and the page's policy lets these
// very bytes be and nothing else: no other file, no other line.
func TestAppPage_HoldsWhatItsPolicyNames(t *testing.T) {
	t.Parallel()
	base := served(t, &desk{}, nil, Config{Chat: true})
	for _, path := range []string{"/widget/app?site=shop", "/chat/shop", "/chat/shop?lang=ar&ask=x"} {
		got := get(t, base+path)
		policy := got.header.Get("Content-Security-Policy")
		for _, part := range []struct{ directive, element string }{
			{"script-src", `(?s)<script>(.*?)</script>`}, {"style-src", `(?s)<style>(.*?)</style>`},
		} {
			inside := regexp.MustCompile(part.element).FindAllStringSubmatch(got.body, -1)
			if len(inside) != 1 {
				t.Fatalf("%s: %d elements for %s", path, len(inside), part.directive)
			}
			sum := sha256.Sum256([]byte(inside[0][1]))
			want := part.directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s: %s", path, want, policy)
			}
		}
		if strings.Contains(got.body, "<script src") || strings.Contains(got.body, `rel="stylesheet"`) {
			t.Errorf("%s asks for another file", path)
		}
	}
}

func TestInline_RefusesWhatWouldEndItsElement(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ style, script string }{{"a{}</STYLE>", ""}, {"", `"</Script>"`}, {"", `"<!--"`}} {
		if err := new(embedded).inline([]byte(c.style), []byte(c.script)); err == nil {
			t.Errorf("%q and %q were taken", c.style, c.script)
		}
	}
	if err := new(embedded).inline([]byte("a{}"), []byte("1<2")); err != nil {
		t.Error(err)
	}
}

// A browser that has the page is told so in a few bytes, and one that has another
// language's or another site's words is not.
func TestAppPage_IsSentOnceWhileItIsTheSame(t *testing.T) {
	t.Parallel()
	base := served(t, &desk{}, nil, Config{Chat: true})
	first := get(t, base+"/widget/app?site=shop&lang=en")
	tag := first.header.Get("ETag")
	if tag == "" || first.header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("tag %q, %q", tag, first.header.Get("Cache-Control"))
	}
	again := get(t, base+"/widget/app?site=shop&lang=en", "If-None-Match", tag)
	if again.status != 304 || again.body != "" || !strings.Contains(again.header.Get("Content-Security-Policy"), "frame-ancestors") {
		t.Errorf("again: %d with %d bytes, %q", again.status, len(again.body), again.header.Get("Content-Security-Policy"))
	}
	for _, other := range []string{"/widget/app?site=shop&lang=de", "/chat/shop?lang=en"} {
		if got := get(t, base+other, "If-None-Match", tag); got.status != 200 || len(got.body) < 10_000 {
			t.Errorf("%s: %d with %d bytes", other, got.status, len(got.body))
		}
	}
}

// What the launcher says and looks like is made here, so that the loader stays
// small: the site's own word and name, its theme on any screen.
func TestStart_SaysWhatTheLauncherShows(t *testing.T) {
	t.Parallel()
	base := served(t, &desk{}, nil, Config{})
	read := func(more string) (s started) {
		got := get(t, base+"/widget/start?site=shop&try=1&"+more, "Sec-Fetch-Site", "same-origin")
		if err := json.Unmarshal([]byte(got.body), &s); err != nil {
			t.Fatalf("%v in %s", err, got.body)
		}
		return s
	}
	s := read("launcher=Ask+away&lang=en")
	if s.Texts[0] != "Ask away" || !strings.Contains(s.Texts[1], s.Settings.Name) || strings.Contains(strings.Join(s.Texts, ""), "{shop}") {
		t.Errorf("texts: %q", s.Texts)
	}
	if strings.Contains(s.Look[0], "color-scheme:dark") || !strings.Contains(s.Look[1], "color-scheme:dark") {
		t.Errorf("as the screen: %q", s.Look)
	}
	if s := read("theme=dark"); s.Look[0] != s.Look[1] || !strings.Contains(s.Look[0], "color-scheme:dark") {
		t.Errorf("dark: %q", s.Look)
	}
	if s := read("theme=light"); s.Look[0] != s.Look[1] || !strings.Contains(s.Look[0], "color-scheme:light") {
		t.Errorf("light: %q", s.Look)
	}
	want := "--a:#0b6157;--h:x;--o:y;--s:#fff;--t:#1a2020;--l:#dce1df;--x:12px;--y:34px;--r:14px;--q:28px;--w:400px;--g:640px;--f:system-ui,sans-serif;color-scheme:light"
	look := launcherLook(settings.Public{Offset: settings.Offset{X: 12, Y: 34}, Palette: settings.Palette{Light: settings.Shades{Accent: "#0b6157", Hover: "x", On: "y"}}})
	if look[0] != want {
		t.Errorf("got  %s\nwant %s", look[0], want)
	}
}

// The chat's own page is opened from links and QR codes: whoever comes while the
// service is away reads so in their language, and need not come again.
func TestChat_SaysWhatIsAway(t *testing.T) {
	t.Parallel()
	away := fault.Wrap(errors.New("dial tcp 10.1.2.3"), fault.Unavailable, "database_away", "x").After(7 * time.Second)
	for name, tc := range map[string]struct {
		err    error
		path   string
		status int
		retry  string
		again  bool
		has    string
	}{
		"the database":         {away, "/chat/shop?ask=x", 503, "7", true, "Der Chat ist gerade nicht erreichbar"},
		"of the default site":  {away, "/chat", 503, "7", true, "Der Chat ist gerade nicht erreichbar"},
		"in a language asked":  {away, "/chat/shop?lang=ar", 503, "7", true, `<html lang="ar" dir="rtl">`},
		"a slow one":           {fault.New(fault.Timeout, "slow", "x"), "/chat/shop", 504, "5", true, "nicht erreichbar"},
		"something of our own": {errors.New("dial tcp 10.1.2.3"), "/chat/shop", 500, "", false, "nennen Sie uns: "},
		"a site that is none":  {ErrNoSite, "/chat/none", 404, "", false, "Diese Seite gibt es nicht"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := served(t, &desk{away: tc.err}, nil, Config{Chat: true})
			got := get(t, base+tc.path, "Accept-Language", "de-AT,de;q=0.9,en;q=0.5")
			if got.status != tc.status || got.header.Get("Retry-After") != tc.retry || !strings.Contains(got.body, tc.has) {
				t.Errorf("%d, Retry-After %q\n%s", got.status, got.header.Get("Retry-After"), got.body)
			}
			if !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") || strings.Contains(got.body, "10.1.2.3") {
				t.Errorf("%s\n%s", got.header.Get("Content-Type"), got.body)
			}
			if strings.Contains(got.body, "/again.js") != tc.again {
				t.Errorf("comes back by itself: %v\n%s", !tc.again, got.body)
			}
		})
	}
}

// In the window on a shop's page the same is said, with a way to close it, whatever
// page that stands on: nobody is shown what only a program can read.
func TestFrame_SaysWhatIsAway(t *testing.T) {
	t.Parallel()
	away := fault.Wrap(errors.New("dial tcp 10.1.2.3"), fault.Unavailable, "database_away", "x").After(7 * time.Second)
	for name, tc := range map[string]struct {
		err    error
		path   string
		status int
		has    string
		again  bool
		try    bool
	}{
		"the database":         {away, "/widget/app?site=shop&lang=,xx,de-AT", 503, "Der Chat ist gerade nicht erreichbar", true, true},
		"in Arabic":            {away, "/widget/app?site=shop&lang=ar", 503, `<html lang="ar" dir="rtl">`, true, true},
		"something of our own": {errors.New("dial tcp 10.1.2.3"), "/widget/app?site=shop&lang=de", 500, "nennen Sie uns: ", false, true},
		"a site that is none":  {ErrNoSite, "/widget/app?site=none&lang=de", 404, "Diese Seite gibt es nicht", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := served(t, &desk{away: tc.err}, nil, Config{Chat: true})
			got := get(t, base+tc.path)
			if got.status != tc.status || !strings.Contains(got.body, tc.has) || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
				t.Errorf("%d %s\n%s", got.status, got.header.Get("Content-Type"), got.body)
			}
			policy := got.header.Get("Content-Security-Policy")
			if !strings.HasSuffix(strings.Split(policy, "; require")[0], "frame-ancestors *") || !strings.Contains(policy, "script-src 'self'") {
				t.Errorf("policy: %s", policy)
			}
			if !strings.Contains(got.body, `id="close"`) || !strings.Contains(got.body, "/framed.js") || strings.Contains(got.body, "10.1.2.3") {
				t.Errorf("no way to close it, or a cause that is told:\n%s", got.body)
			}
			if strings.Contains(got.body, "/again.js") != tc.again || strings.Contains(got.body, `<a href="">`) != tc.try {
				t.Errorf("comes back by itself %v, can be tried %v:\n%s", tc.again, tc.try, got.body)
			}
		})
	}
	alone := get(t, served(t, &desk{away: away}, nil, Config{Chat: true})+"/chat/shop")
	if strings.Contains(alone.body, "/framed.js") || !strings.Contains(alone.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("a page of its own: %s\n%s", alone.header.Get("Content-Security-Policy"), alone.body)
	}
}
