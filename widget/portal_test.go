package widget

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
	"frontdesk/widget/settings"
)

// shelves is a Shelf, a Journal, sites' choices and a rule counter by script.
type shelves struct {
	mu     sync.Mutex
	list   []Listed
	counts map[string]Count
	sites  []settings.Site
	opened []string
	rated  []Rating
	words  []string
	gaps   []Gap
	rules  []string
}

func (s *shelves) Catalogue(_ context.Context, site Site) ([]Listed, error) {
	if site.ID != 1 {
		return nil, nil
	}
	return s.list, nil
}

func (s *shelves) Counts(context.Context, Site, time.Time) (map[string]Count, error) {
	return s.counts, nil
}

func (s *shelves) All(context.Context) ([]settings.Site, error) { return s.sites, nil }

func (s *shelves) Opened(_ retrieval.SiteID, article string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = append(s.opened, article)
}

func (s *shelves) Rate(_ context.Context, r Rating) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rated = append(s.rated, r)
	return nil
}

func (s *shelves) Missing(_ context.Context, _ retrieval.SiteID, id, text string, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rated) == 0 || s.rated[len(s.rated)-1].ID != id {
		return ErrNoRating
	}
	s.words = append(s.words, text)
	return nil
}

func (s *shelves) Gap(_ context.Context, g Gap) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g)
	return nil
}

func (s *shelves) CountRule(_ context.Context, _ int32, rule, event string) error {
	if rule != "cart" {
		return fault.New(fault.NotFound, "rule_not_found", "x")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, event)
	return nil
}

func listed() []Listed {
	return []Listed{
		{Entry: Entry{ID: "cards", Title: "Gift <cards>", Lang: "en"}, Topic: "gift-cards"},
		{Entry: Entry{ID: "elsewhere", Title: "Stands elsewhere", Lang: "en"}, Topic: "refunds", URL: "https://docs.example/x"},
		{Entry: Entry{ID: "returns", Title: "Returns & <refunds>", Lang: "en"}, Topic: "refunds", Updated: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Questions: []string{"How do I send something back?"}},
		{Entry: Entry{ID: "returns-de", Title: "Rückgabe", Lang: "de"}, Topic: "refunds"},
		{Entry: Entry{ID: "window", Title: "How long do I have?", Lang: "en"}, Topic: "refunds"},
	}
}

const png = "\x89PNG\r\n\x1a\nrest"

// chosen are what two sites chose.
func chosenSites(t *testing.T) []settings.Site {
	t.Helper()
	shop, err := settings.Parse([]byte(`{"accent":"#ffcc00","theme":"light","origins":["https://shop.example"],"privacy":"https://shop.example/privacy",
		"logo":"data:image/png;base64,` + base64.StdEncoding.EncodeToString([]byte(png)) + `",
		"topics":[{"topic":"refunds","label":{"en":"Returns","de":"Rückgaben"},"articles":["window","secret","returns"]}],
		"words":{"en":{"help":"Ask & <read>"},"de":{"greeting":"Hallo"}},
		"proactive":{"on":true,"rules":[{"id":"cart","say":{"en":"Unclear?","de":"Unklar?"},"when":{"seconds":9}},{"id":"quiet","off":true,"say":{"en":"x"},"when":{"seconds":9}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	other, err := settings.Parse([]byte(`{"help":{"domain":"help.other.example","path":"/"},"home":"https://other.example/"}`))
	if err != nil {
		t.Fatal(err)
	}
	return []settings.Site{
		{ID: 1, Name: "shop", Default: true, Settings: shop, Version: 3},
		{ID: 2, Name: "other", Title: "The <Other> shop", Settings: other, Version: 1},
	}
}

// portal serves pages with everything there is.
func portal(t *testing.T, s *shelves, d *desk, change func(*Deps, *Config)) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	cache, err := settings.NewCache(s, time.Now, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	deps := Deps{
		Library: d, Finder: d, Log: log, Sites: cache, Shelf: s, Journal: s, Rules: s,
		Answers: func(_ context.Context, _ retrieval.SiteID, ev retrieval.Evidence) bool { return ev.P >= .5 },
		Mask:    func(s string) string { return strings.ReplaceAll(s, "a@b.example", "•••") },
		Now:     func() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) },
		NewID:   func() string { return "01890000-0000-7000-8000-000000000001" },
	}
	cfg := Config{Shop: "shop", Chat: true, URL: "https://desk.example"}
	if change != nil {
		change(&deps, &cfg)
	}
	w, err := New(deps, cfg)
	if err != nil {
		t.Fatal(err)
	}
	app, err := web.New(log, nil, web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w.Mount(app.Fiber())
	return listening(t, app)
}

// ask makes a request with a host and a body of its own; form bodies and JSON.
func ask(t *testing.T, method, address, host, kind, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

const form = "application/x-www-form-urlencoded"

func TestPortal_Answers(t *testing.T) {
	t.Parallel()
	base := portal(t, &shelves{list: listed(), sites: chosenSites(t)}, &desk{}, nil)
	for name, tc := range map[string]struct {
		path, host string
		headers    []string
		status     int
		has        []string
		hasNot     []string
	}{
		"the list, with the site's own first": {
			path: "/help", status: 200,
			has: []string{
				`<link rel="canonical" href="https://desk.example/help">`, `hreflang="de" href="https://desk.example/help?lang=de"`, "Ask &amp; &lt;read&gt;",
				`/help/theme.css?v=3`, `/help/logo?v=3`, `href="https://shop.example/privacy"`, `data-suggestions="Suggestions: {}"`,
			},
		},
		"the list in German by the browser": {path: "/help", headers: []string{"Accept-Language", "de-AT,de;q=0.9,en;q=0.5"}, status: 200, has: []string{`<html lang="de"`, "Zurück zum Shop"}},
		"the list in German by its address": {path: "/help?lang=de", status: 200, has: []string{`<html lang="de"`, `name="lang" value="de"`, `canonical" href="https://desk.example/help?lang=de"`}},
		"a language that nobody has":        {path: "/help?lang=tlh", headers: []string{"Accept-Language", "fr;q=1"}, status: 200, has: []string{`<html lang="en"`}},
		"an article": {
			path: "/help/returns", status: 200,
			has: []string{
				`canonical" href="https://desk.example/help/returns"`, `hreflang="de" href="https://desk.example/help/returns-de"`,
				`"@type":"Article"`, `"dateModified":"2026-03-01"`, `Returns \u0026 \u003crefunds\u003e`, "Was this helpful?",
				`href="/chat/shop?about=returns"`, `<a href="/help/returns-de" hreflang="de"`,
			},
			hasNot: []string{"<refunds>"},
		},
		"a thank you is not for search engines": {path: "/help/returns?rated=yes", status: 200, has: []string{"noindex", "Thank you."}, hasNot: []string{"ld+json"}},
		"what was missing, without scripts": {
			path: "/help/returns?rated=no&rating=01890000-0000-7000-8000-000000000001", status: 200,
			has: []string{`name="rating" value="01890000-0000-7000-8000-000000000001"`, "<textarea"},
		},
		"a search that is not answered": {
			path: "/help?q=bicycle+tyres", status: 200,
			has: []string{"may not answer it", `href="/chat/shop?ask=bicycle&#43;tyres"`, `href="/chat/shop?person=1"`, "noindex"},
		},
		"a search for nothing":         {path: "/help?q=nothing", status: 200, has: []string{"Nothing found for", `href="/chat/shop?person=1"`}},
		"another site, by its name":    {path: "/s/other/help/returns", status: 200, has: []string{`canonical" href="https://help.other.example/returns"`, `href="https://other.example/"`}},
		"the same under its domain":    {path: "/returns", host: "help.other.example", status: 200, has: []string{`canonical" href="https://help.other.example/returns"`, `action="/"`, `href="/near"`, `href="/chat/other?about=returns"`}, hasNot: []string{"/s/other"}},
		"the list under its domain":    {path: "/", host: "help.other.example", status: 200, has: []string{"The &lt;Other&gt; shop help", `action="/"`}},
		"a search under its domain":    {path: "/?q=send+back", host: "help.other.example", status: 200, has: []string{`href="/returns?g=`}},
		"robots under its domain":      {path: "/robots.txt", host: "help.other.example", status: 200, has: []string{"Sitemap: https://help.other.example/sitemap.xml"}},
		"not there, under its domain":  {path: "/secret", host: "help.other.example", status: 404, has: []string{"There is no such page"}},
		"the service under the domain": {path: "/assets/x/nope.js", host: "help.other.example", status: 404, hasNot: []string{"<html"}},
		"a host that only claims it":   {path: "/returns", headers: []string{"X-Forwarded-Host", "help.other.example"}, status: 404, hasNot: []string{"<h1>"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, "GET", base+tc.path, tc.host, "", "", tc.headers...)
			if got.status != tc.status {
				t.Errorf("status %d, want %d\n%s", got.status, tc.status, got.body)
			}
			for _, s := range tc.has {
				if !strings.Contains(got.body, s) {
					t.Errorf("%s is not in\n%s", s, got.body)
				}
			}
			for _, s := range tc.hasNot {
				if strings.Contains(got.body, s) {
					t.Errorf("%s is in\n%s", s, got.body)
				}
			}
		})
	}
}

func TestPortal_Sitemap(t *testing.T) {
	t.Parallel()
	base := portal(t, &shelves{list: listed(), sites: chosenSites(t)}, &desk{}, nil)
	got := ask(t, "GET", base+"/help/sitemap.xml", "", "", "")
	for _, s := range []string{
		"<loc>https://desk.example/help</loc>", "<loc>https://desk.example/help/returns</loc><lastmod>2026-03-01</lastmod>",
		`<xhtml:link rel="alternate" hreflang="de" href="https://desk.example/help/returns-de"></xhtml:link>`,
	} {
		if !strings.Contains(got.body, s) {
			t.Errorf("%s is not in\n%s", s, got.body)
		}
	}
	if strings.Contains(got.body, "elsewhere") || strings.Contains(got.body, "secret") || !strings.HasPrefix(got.header.Get("Content-Type"), "application/xml") {
		t.Errorf("%s\n%s", got.header.Get("Content-Type"), got.body)
	}
}

func TestPortal_WearsTheSitesColours(t *testing.T) {
	t.Parallel()
	base := portal(t, &shelves{list: listed(), sites: chosenSites(t)}, &desk{}, nil)
	got := ask(t, "GET", base+"/help/theme.css?v=3", "", "", "")
	want := settings.PaletteOf("#ffcc00").Light.Accent
	if got.header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(got.body, "--accent:"+want) || strings.Contains(got.body, "prefers-color-scheme") || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
		t.Errorf("%v\n%s", got.header, got.body)
	}
	if strings.ContainsAny(got.body, "<>\\") {
		t.Errorf("%s", got.body)
	}
	logo := ask(t, "GET", base+"/help/logo?v=3", "", "", "")
	if logo.body != png || logo.header.Get("Content-Type") != "image/png" || logo.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v %q", logo.header, logo.body)
	}
	if none := ask(t, "GET", base+"/s/other/help/logo", "", "", ""); none.status != 404 {
		t.Errorf("a logo that is not: %d", none.status)
	}
}

func TestPortal_TakesRatings(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	base := portal(t, s, &desk{}, nil)
	at := base + "/help/returns"
	yes := ask(t, "POST", at, "", form, "helpful=yes")
	if yes.status != 303 || yes.header.Get("Location") != "/help/returns?rated=yes#helpful" {
		t.Errorf("yes: %d %s", yes.status, yes.header.Get("Location"))
	}
	no := ask(t, "POST", at, "", form, "helpful=no", "Accept", "application/json")
	var said struct{ State, Rating string }
	if err := json.Unmarshal([]byte(no.body), &said); err != nil || said.State != "no" || said.Rating == "" {
		t.Errorf("no, by script: %s, %v", no.body, err)
	}
	missing := ask(t, "POST", at, "", form, url.Values{"rating": {said.Rating}, "missing": {" The price. Ask a@b.example \x00"}}.Encode())
	if missing.status != 303 || len(s.words) != 1 || s.words[0] != "The price. Ask •••" {
		t.Errorf("what was missing: %d, %q", missing.status, s.words)
	}
	if len(s.rated) != 2 || !s.rated[0].Helpful || s.rated[1].Helpful || s.rated[0].Article != "returns" || s.rated[0].Generation != 5 {
		t.Errorf("%+v", s.rated)
	}
	for name, tc := range map[string]struct {
		path, body string
		headers    []string
		status     int
	}{
		"nothing said":         {"/help/returns", "", nil, 400},
		"neither yes nor no":   {"/help/returns", "helpful=maybe", nil, 400},
		"a rating that is not": {"/help/returns", "rating=x&missing=y", nil, 404},
		"of what is not there": {"/help/secret", "helpful=yes", nil, 404},
		"from another site":    {"/help/returns", "helpful=yes", []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		if got := ask(t, "POST", base+tc.path, "", form, tc.body, tc.headers...); got.status != tc.status {
			t.Errorf("%s: %d\n%s", name, got.status, got.body)
		}
	}
	if len(s.rated) != 2 {
		t.Errorf("%d ratings", len(s.rated))
	}
}

func TestPortal_CountsReadersAndNoOneElse(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	base := portal(t, s, &desk{}, nil)
	person := []string{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"}
	ask(t, "GET", base+"/help/returns", "", "", "", person...)
	for _, tc := range [][2]string{
		{"/help/returns?fragment=1", person[1]},
		{"/help/returns?g=5&from=0&to=21", person[1]},
		{"/help/secret", person[1]},
		{"/help/returns", "Googlebot/2.1"},
		{"/help/returns", ""},
		{"/help/returns", "curl/8"},
	} {
		ask(t, "GET", base+tc[0], "", "", "", "User-Agent", tc[1])
	}
	if !slices.Equal(s.opened, []string{"returns"}) {
		t.Errorf("counted %q", s.opened)
	}
}

func TestPortal_CountsGaps(t *testing.T) {
	t.Parallel()
	s := &shelves{list: listed(), sites: chosenSites(t)}
	d := &desk{}
	base := portal(t, s, d, func(deps *Deps, _ *Config) {
		deps.Finder = scripted(func(q retrieval.Query) retrieval.Evidence {
			ev, _ := d.Search(t.Context(), q)
			if strings.Contains(q.Text, "sure") {
				ev.P = .9
			}
			if strings.Contains(q.Text, "away") {
				ev.Degraded = []string{"embedder"}
			}
			return ev
		})
	})
	for _, q := range []string{"tyres for a@b.example", "sure", "away tyres", "nothing away", "?!"} {
		ask(t, "GET", base+"/help?q="+url.QueryEscape(q), "", "", "")
	}
	ask(t, "GET", base+"/help?suggest=1&q=tyres", "", "", "")
	var asked []string
	for _, g := range s.gaps {
		asked = append(asked, g.Asked+">"+g.Nearest)
	}
	if want := []string{"tyres for •••>returns", "nothing away>"}; !slices.Equal(asked, want) {
		t.Errorf("counted %q, want %q", asked, want)
	}
}
