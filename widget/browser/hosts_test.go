package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"frontdesk/internal/stage"
	"frontdesk/widget"
	"frontdesk/widget/settings"
)

// chosen is what the one site of the scripted service chose.
type chosen struct{ site settings.Site }

func (c *chosen) ByID(context.Context, int32) (settings.Site, error) { return c.site, nil }

func (c *chosen) ByName(_ context.Context, name string) (settings.Site, error) {
	if name != "" && name != c.site.Name {
		return settings.Site{}, widget.ErrNoSite
	}
	return c.site, nil
}

func (c *chosen) At(context.Context, string, string) (settings.Site, string, bool) {
	return settings.Site{}, "", false
}

// hosts serves pages of shops, on an origin of their own. Each is a page that
// the widget may meet; {base} is where the service is.
func hosts(t *testing.T, base string) string {
	t.Helper()
	const snippet = `<script async src="{base}/widget.js" data-site="shop"></script>`
	plain := func(head, body string) string {
		return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title>` + head + `</head><body><main><h1>A shop</h1><p>Words, and a <a href="#x">link</a>.</p><button>The page's own</button></main>` + body + `</body></html>`
	}
	strict := "default-src 'none'; script-src {base}; connect-src {base}; frame-src {base}; style-src 'none'; img-src 'none'; base-uri 'none'; " +
		"form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	pages := map[string]struct{ body, policy string }{
		"/plain":    {body: plain(snippet, "")},
		"/strict":   {body: plain(snippet, ""), policy: strict},
		"/unstyled": {body: plain(snippet+`<style>* { all: unset !important } div, button, iframe, dialog { display: none !important; visibility: hidden !important; opacity: 0 !important; transform: scale(0) !important }</style>`, "")},
		"/overridden": {body: plain(snippet, `<script>addEventListener("load", () => setTimeout(() => {
for (const name of ["push", "map", "forEach", "filter", "slice", "indexOf", "join", Symbol.iterator]) Array.prototype[name] = () => { throw new Error("the page's own " + String(name)); };
JSON.parse = JSON.stringify = window.fetch = window.setTimeout = () => { throw new Error("the page's own"); };
document.documentElement.setAttribute("data-overridden", "");
}, 300))</script>`)},
		"/overridden-first": {body: plain(`<script>
for (const name of Object.getOwnPropertyNames(Array.prototype)) if (name !== "constructor" && typeof Array.prototype[name] === "function") Array.prototype[name] = () => { throw new Error("the page's own " + name); };
Array.prototype.toJSON = () => "mine"; Object.prototype.extra = () => {};
JSON.parse = JSON.stringify = () => { throw new Error("the page's own"); };
window.fetch = ((own) => (...all) => own.apply(window, { length: 2, 0: all[0], 1: all[1] }))(fetch);
document.documentElement.setAttribute("data-overridden", "");</script>`+snippet, "")},
		"/two":     {body: plain(snippet+snippet, snippet)},
		"/unknown": {body: plain(strings.ReplaceAll(snippet, `"shop"`, `"nope"`), "")},
		"/rtl":     {body: strings.Replace(plain(snippet, ""), `<html lang="en">`, `<html lang="ar" dir="rtl">`, 1)},
		"/german":  {body: strings.Replace(plain(snippet, ""), `<html lang="en">`, `<html lang="de-AT">`, 1)},
		"/early": {body: plain(`<script>window.Frontdesk = function () { (Frontdesk.q = Frontdesk.q || []).push(arguments) }; window.told = [];
for (const name of ["ready", "open", "close", "message", "unread", "owner"]) Frontdesk("on", name, (d) => told.push([name, d]));
Frontdesk("ask", "How do I make a gift return?");</script>`+snippet, "")},
		"/checkout/pay": {body: plain(snippet, "")},
		"/module": {body: plain("", `<script type="module">
import { identify, load, on, open, shutdown } from "/index.js";
const server = new URLSearchParams(location.search).get("server");
window.told = [];
// As a framework does that mounts everything twice, or a customer who is back before the first script has come.
for (let n = 0; n < 3; n++) {
  load({ server, site: "shop" });
  on("open", () => told.push(n));
  if (n < 2) shutdown();
}
window.shut = shutdown;
window.open_ = open;
window.again = () => load({ server, site: "shop" });
</script>`)},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/index.js" {
			http.ServeFile(w, r, "../package/index.js")
			return
		}
		page, ok := pages[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNoContent) // a browser's wish for an icon
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if page.policy != "" {
			w.Header().Set("Content-Security-Policy", strings.ReplaceAll(page.policy, "{base}", base))
		}
		fmt.Fprint(w, strings.ReplaceAll(page.body, "{base}", base))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestHosts plays the widget on pages of other origins: with strict policies,
// hostile styles and scripts, and with mistakes in the line itself.
func TestHosts(t *testing.T) {
	with := stage.Need(t, ".")
	base, shelf := newScripted(t)
	listed, other := hosts(t, base), hosts(t, base)
	square, round, soft := 2, 20, 6
	far := strings.Replace(listed, "127.0.0.1", "localhost", 1) // another site to a browser, and not only another origin
	shelf.sites.site.Settings = settings.Settings{
		Name: "Kettlewick", Origins: []string{listed, far}, Hidden: []string{"/checkout/*"}, Accent: "#ffd400", Corner: "left", Privacy: "https://shop.example/privacy",
		Tokens: settings.Tokens{
			Font: "Liberation Serif, serif", Text: 17, Line: 1.6, Target: 48, RadiusControl: &square, RadiusPanel: &round, RadiusLauncher: &soft,
			Width: 460, Height: 700, AccentDark: "#66c9b9",
		},
		Words: map[string]settings.Words{"de": {Greeting: "Grüß Gott"}},
	}
	with.Run(t, stage.Play{Base: base, Control: base + "/control", Set: "hosts", Only: *only, Env: []string{"LISTED=" + listed, "OTHER=" + other, "FAR=" + far}})
}

// ruleCounts takes every count.
type ruleCounts struct{}

func (ruleCounts) CountRule(context.Context, int32, string, string) error { return nil }

// TestRules plays the widget speaking first, and when it must not.
func TestRules(t *testing.T) {
	with := stage.Need(t, ".")
	base, shelf := newScripted(t)
	listed := hosts(t, base)
	line := func(text string) map[string]string { return map[string]string{"en": text, "de": text} }
	shelf.sites.site.Settings = settings.Settings{
		Name: "Kettlewick", Origins: []string{listed}, Hidden: []string{"/checkout/*"},
		Proactive: settings.Proactive{On: true, PerDay: 2, PerVisitor: 3, Rules: []settings.Rule{
			{ID: "cart", Say: line("Questions before you pay?"), When: settings.When{CartAbove: 50}},
			{ID: "search", Say: line("Not found? Ask us."), When: settings.When{SearchFailed: true}},
			{ID: "error", Say: line("Something went wrong there. Can we help?"), When: settings.When{Error: true}},
			{ID: "back", Say: line("Sending it back?"), Ask: "refunds", When: settings.When{Pages: []string{"/two"}}},
			{ID: "again", Say: line("Welcome back."), When: settings.When{Pages: []string{"/german"}, Visits: 2}},
			{ID: "slow", Say: line("Can we help?"), When: settings.When{Pages: []string{"/plain", "/checkout/*"}, Seconds: 20}},
		}},
	}
	with.Run(t, stage.Play{Base: base, Control: base + "/control", Set: "rules", Only: *only, Env: []string{"LISTED=" + listed}})
}
