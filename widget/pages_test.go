package widget

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
)

// desk is a Library and a Finder that a scenario can spoil.
type desk struct {
	away     error // every method fails with it
	degraded bool
	asked    retrieval.Query
}

const returnsBody = "You have **45 days**.\n\n## How\n\n1. Pack it.\n2. Send it.\n\n## Cost\n\nFree.\n\n## Never\n\nBeans."

func (d *desk) Site(_ context.Context, name string) (Site, error) {
	switch name {
	case "", "shop":
		return Site{ID: 1, Name: "shop", Generation: 5, Default: true}, d.away
	case "other":
		return Site{ID: 2, Name: "other", Title: "The <Other> shop", Generation: 1}, d.away
	}
	return Site{}, errors.Join(d.away, ErrNoSite)
}

func (d *desk) Topics(_ context.Context, site Site, _ int) ([]Topic, error) {
	if site.ID == 2 {
		return nil, d.away
	}
	return []Topic{
		{Name: "gift-cards", Total: 9, Entries: []Entry{{ID: "cards", Title: "Gift <cards>", Lang: "en"}}},
		{Name: "", Total: 1, Entries: []Entry{{ID: "a/b c", Title: "Loose"}}},
	}, d.away
}

func (d *desk) Topic(_ context.Context, _ Site, topic string, skip, limit int) ([]Entry, error) {
	if topic != "many" {
		return nil, d.away
	}
	out := []Entry{}
	for range min(limit, max(0, 150-skip)) {
		out = append(out, Entry{ID: "x", Title: "One of many"})
	}
	return out, d.away
}

func (d *desk) Article(_ context.Context, site Site, id string) (Article, error) {
	if d.away != nil {
		return Article{}, d.away
	}
	switch id {
	case "returns":
		return Article{
			Entry: Entry{ID: id, Title: "Returns & <refunds>", Lang: "en"}, Topic: "refunds",
			Updated: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Body: returnsBody,
		}, nil
	case "ar/returns":
		return Article{Entry: Entry{ID: id, Title: "إرجاع", Lang: "ar"}, Body: "نص"}, nil
	case "old":
		return Article{Entry: Entry{ID: id, Title: "Old"}, Body: "Old.", Outdated: true, Superseded: &Entry{ID: "returns", Title: "Returns", Lang: "en"}}, nil
	}
	return Article{}, ErrNoArticle
}

func (d *desk) Related(context.Context, Site, Article, int) ([]Entry, error) {
	return []Entry{{ID: "near", Title: "Near by"}}, d.away
}

func (d *desk) Body(_ context.Context, _ Site, generation int, _ string) (string, error) {
	if generation == 4 {
		return "Preface.\n" + returnsBody, nil
	}
	return "", ErrNoArticle
}

func (d *desk) Search(_ context.Context, q retrieval.Query) (retrieval.Evidence, error) {
	d.asked = q
	if strings.Contains(q.Text, "nothing") {
		return retrieval.Evidence{Generation: 5}, d.away
	}
	e := retrieval.Evidence{Generation: 5, Hits: []retrieval.Hit{{Passage: retrieval.Passage{
		ArticleID: "returns", Title: "Returns", Lang: "en", Heading: []string{"Before"}, From: 0, To: 21, Text: returnsBody[:21],
	}}}}
	if d.degraded {
		e.Degraded = []string{"embedder"}
	}
	return e, d.away
}

// served starts the pages on a real listener.
func served(t *testing.T, d *desk, limit fiber.Handler, cfg Config) string {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	app, err := web.New(log, nil, web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(Deps{Library: d, Finder: d, Log: log, Limit: limit}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Mount(app.Fiber())
	return listening(t, app)
}

// listening serves on a real listener until the test ends.
func listening(t *testing.T, app *web.App) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- app.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := app.Stop(ctx); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return "http://" + ln.Addr().String()
}

type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, url string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func TestPages_Answer(t *testing.T) {
	t.Parallel()
	d := &desk{}
	base := served(t, d, nil, Config{Shop: "shop"})
	sum := "&sum=" + (quoteRef{Sum: checksum(returnsBody[:21]), Summed: true}).query()[len("g=0&from=0&to=0&sum="):]
	for name, tc := range map[string]struct {
		path   string
		status int
		has    []string
		hasNot []string
	}{
		"the shop": {path: "/", status: 200, has: []string{`src="/widget.js" data-site="shop"`, `href="/help/returns-policy"`, "js/shop.js"}},
		"all topics": {
			path: "/help", status: 200,
			has: []string{"Kettlewick help", `<a href="/help?topic=gift-cards">Gift cards</a>`, "Gift &lt;cards&gt;", "All 9", "Everything else", `href="/help/a/b%20c"`},
		},
		"a long topic":            {path: "/help?topic=many", status: 200, has: []string{"Many", "One of many", "skip=100"}, hasNot: []string{"First page"}},
		"its next page":           {path: "/help?topic=many&skip=100", status: 200, has: []string{"First page"}, hasNot: []string{"Next page"}},
		"a topic with a bad skip": {path: "/help?topic=many&skip=-5x", status: 200, has: []string{"skip=100"}},
		"a topic that is not":     {path: "/help?topic=nope", status: 404, has: []string{"There is no such page"}},
		"a search": {
			path: "/help?q=send+back", status: 200,
			has:    []string{"send back", `href="/help/returns?g=5&amp;from=0&amp;to=21` + strings.ReplaceAll(sum, "&", "&amp;") + `#quoted"`, "You have 45 days.", "Before"},
			hasNot: []string{"**", "away just now"},
		},
		"a search for nothing known":   {path: "/help?q=nothing", status: 200, has: []string{"Nothing found for", `href="/#chat"`}},
		"a search for markup":          {path: "/help?q=%3Cscript%3Ealert(1)%3C/script%3E", status: 200, has: []string{"&lt;script&gt;"}, hasNot: []string{"<script>alert"}},
		"a search for broken text":     {path: "/help?q=a%00b%FFc", status: 200, has: []string{"abc"}},
		"a search that is very long":   {path: "/help?q=" + strings.Repeat("wort+", 600), status: 200, has: []string{"Found for"}},
		"a blank search is the list":   {path: "/help?q=+++", status: 200, has: []string{"What can we help with?"}},
		"an article":                   {path: "/help/returns", status: 200, has: []string{"<h1>Returns &amp; &lt;refunds&gt;</h1>", "<strong>45 days</strong>", "On this page", `href="#s-cost"`, "1 March 2026", "Near by", `?topic=refunds`}, hasNot: []string{"<mark", "noindex"}},
		"an article, with a slash":     {path: "/help/returns/", status: 200, has: []string{"<h1>"}},
		"an article in Arabic":         {path: "/help/ar/returns", status: 200, has: []string{`<html lang="ar" dir="rtl">`, "إرجاع"}, hasNot: []string{"On this page"}},
		"an outdated article":          {path: "/help/old", status: 200, has: []string{"no longer current", `href="/help/returns"`}},
		"an article that is not":       {path: "/help/secret", status: 404, has: []string{"There is no such page", "<form"}},
		"an address that is no text":   {path: "/help/%FF%FE", status: 404},
		"an address with NUL":          {path: "/help/a%00b", status: 404},
		"a quote":                      {path: "/help/returns?g=5&from=0&to=21" + sum, status: 200, has: []string{`<mark id="quoted">You have </mark>`, "marked below", "noindex"}},
		"a quote from another version": {path: "/help/returns?g=4&from=9&to=30", status: 200, has: []string{`<mark id="quoted">You have </mark>`}},
		"a quote that is gone":         {path: "/help/returns?g=2&from=0&to=21&sum=00000001", status: 200, has: []string{"no longer says what was quoted"}, hasNot: []string{"<mark"}},
		"a quote that makes no sense":  {path: "/help/returns?g=x&from=-1&to=99999999999999999999&sum=zz", status: 200, hasNot: []string{"<mark", "marked below", "changed"}},
		"a fragment": {
			path: "/help/returns?fragment=1&g=5&from=0&to=21" + sum, status: 200,
			has: []string{`data-quote="same"`, `<mark id="quoted">`}, hasNot: []string{"<form", "stylesheet", "Near by"},
		},
		"a changed fragment":       {path: "/help/returns?fragment=1&g=2&from=0&to=21&sum=00000001", status: 200, has: []string{`data-quote="changed"`, "no longer says"}},
		"another site":             {path: "/s/other/help", status: 200, has: []string{"The &lt;Other&gt; shop help", "once the first ones are published"}, hasNot: []string{"Back to the shop"}},
		"another site's article":   {path: "/s/other/help/returns", status: 200, has: []string{`href="/s/other/help"`, `href="/s/other/help/near"`}, hasNot: []string{`href="/help`}},
		"a site that is not":       {path: "/s/nope/help", status: 404, has: []string{"There is no such page"}},
		"a site that cannot be":    {path: "/s/%3Cb%3E/help/returns", status: 404},
		"a file that is not":       {path: "/assets/x/js/nope.js", status: 404},
		"a file outside":           {path: "/assets/x/..%2f..%2fwidget.go", status: 404},
		"nothing but the folder":   {path: "/help/", status: 200, has: []string{"What can we help with?"}},
		"an address in upper case": {path: "/help/RETURNS", status: 404},
	} {
		t.Run(name, func(t *testing.T) {
			got := get(t, base+tc.path)
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
			if strings.HasPrefix(tc.path, "/assets") {
				return
			}
			if got.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.HasPrefix(got.header.Get("Content-Security-Policy"), pagePolicy) {
				t.Errorf("headers %v", got.header)
			}
		})
	}
}

func TestPages_SearchAsAVisitorInBounds(t *testing.T) {
	t.Parallel()
	d := &desk{degraded: true}
	base := served(t, d, nil, Config{})
	got := get(t, base+"/help?q="+strings.Repeat("%C3%A9+", 1000))
	if got.status != 200 || !strings.Contains(got.body, "Part of the search is away just now") {
		t.Errorf("%d\n%s", got.status, got.body)
	}
	if d.asked.Audience != retrieval.Public || d.asked.Site != 1 || utf8.RuneCountInString(d.asked.Text) > maxQuery {
		t.Errorf("asked for %+v", d.asked)
	}
}

func TestPages_SayWhatIsAway(t *testing.T) {
	t.Parallel()
	away := fault.Wrap(errors.New("dial tcp 10.1.2.3"), fault.Unavailable, "database_away", "x").After(7 * time.Second)
	for name, tc := range map[string]struct {
		err    error
		status int
		retry  string
		has    string
	}{
		"the database":          {away, 503, "7", "away for a moment"},
		"a slow one":            {fault.New(fault.Timeout, "slow", "x"), 504, "5", "away for a moment"},
		"something of our own":  {errors.New("dial tcp 10.1.2.3"), 500, "", "tell us: "},
		"a database, at length": {errors.Join(errors.New("find site"), away), 503, "7", "away for a moment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := served(t, &desk{away: tc.err}, nil, Config{Shop: "shop"})
			for _, path := range []string{"/help", "/help?q=x", "/help/returns", "/help?topic=many"} {
				got := get(t, base+path)
				if got.status != tc.status || got.header.Get("Retry-After") != tc.retry || !strings.Contains(got.body, tc.has) {
					t.Errorf("%s: %d, Retry-After %q\n%s", path, got.status, got.header.Get("Retry-After"), got.body)
				}
				if strings.Contains(got.body, "/again.js") != (tc.status != 500) {
					t.Errorf("%s: comes back by itself where it should not, or not where it should\n%s", path, got.body)
				}
				if strings.Contains(got.body, "10.1.2.3") || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
					t.Errorf("%s: %s\n%s", path, got.header.Get("Content-Type"), got.body)
				}
			}
			if got := get(t, base+"/"); got.status != 200 {
				t.Errorf("the shop's page: %d", got.status)
			}
		})
	}
}

func TestPages_LimitSearchesOnly(t *testing.T) {
	t.Parallel()
	limit := func(*fiber.Ctx) error {
		return fault.New(fault.RateLimited, "rate_limited", "Wait.").After(3 * time.Second)
	}
	base := served(t, &desk{}, limit, Config{})
	if got := get(t, base+"/help?q=x"); got.status != 429 || got.header.Get("Retry-After") != "3" || !strings.Contains(got.body, "<html") {
		t.Errorf("a search: %d %v", got.status, got.header)
	}
	for _, path := range []string{"/help", "/help/returns"} {
		if got := get(t, base+path); got.status != 200 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestShop_LeadsToTheHelpPagesWhereThereIsNone(t *testing.T) {
	t.Parallel()
	got := get(t, served(t, &desk{}, nil, Config{})+"/")
	if got.status != 302 || got.header.Get("Location") != "/help" {
		t.Errorf("%d to %s", got.status, got.header.Get("Location"))
	}
}

func TestAssets_AreKeptUnderTheirBuild(t *testing.T) {
	t.Parallel()
	base := served(t, &desk{}, nil, Config{Shop: "shop"})
	a := mustAssets(t)
	now := get(t, base+a.base()+"/js/shop.js")
	if now.status != 200 || !strings.Contains(now.header.Get("Cache-Control"), "immutable") || now.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%d %v", now.status, now.header)
	}
	if now.body != string(a.files["js/shop.js"].plain) {
		t.Error("another file came")
	}
	old := get(t, base+"/assets/000000000000/js/shop.js")
	if old.status != 200 || old.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("a file of an earlier build: %d %v", old.status, old.header)
	}
	packed := get(t, base+a.base()+"/js/shop.js", "Accept-Encoding", "br, gzip")
	if packed.header.Get("Content-Encoding") != "gzip" || len(packed.body) >= len(now.body) {
		t.Errorf("%d bytes, %v", len(packed.body), packed.header)
	}
}

func TestNew_NamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := New(Deps{}, Config{}); err == nil {
		t.Error("no error")
	}
}
