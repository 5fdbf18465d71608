package browser_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/stage"
)

var benchOut = flag.String("figures", "", "file that TestBench writes its figures to")

// figure is one row of the table.
type figure struct {
	What     string `json:"what"`
	Aim      string `json:"aim"`
	Measured string `json:"measured"`
	Met      any    `json:"met"` // true, false, or "": no aim
}

// benchShop serves one shop's page twice, with the widget's line and without.
func benchShop(t *testing.T, base string) string {
	t.Helper()
	var cards strings.Builder
	for n := range 40 {
		fmt.Fprintf(&cards, `<article><svg viewBox="0 0 80 60" width="160" height="120"><rect width="80" height="60" fill="hsl(%d 40%% 70%%)"/><circle cx="40" cy="30" r="18" fill="#fff"/></svg><h2>Machine %d</h2><p>Keeps its heat, and is mended for seven years after it leaves the range.</p></article>`, n*9, n+1)
	}
	page := func(line string) string {
		return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title>` +
			`<style>body{font:16px/1.5 sans-serif;margin:16px}main{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:16px}</style>` + line + `</head><body>` +
			`<h1 style="font-size:48px">Kitchen machines, kept going for years</h1><button id="own">Add to the basket</button><ul id="basket"></ul><main>` + cards.String() + `</main>` +
			`<script>document.getElementById("own").addEventListener("click",()=>{const li=document.createElement("li");li.textContent="A machine";document.getElementById("basket").append(li)})</script></body></html>`
	}
	pages := map[string]string{"/blank": "<!doctype html><title>Blank</title>", "/bare": page(""), "/with": page(`<script async src="` + base + `/widget.js" data-site="shop"></script>`)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestBench measures the widget in a real browser, against the real service, and
// writes the table that -figures names. It takes some minutes, and fails for
// nothing that is only slow.
func TestBench(t *testing.T) {
	if *benchOut == "" {
		t.Skip("needs -figures: see make bench-widget")
	}
	with := stage.Need(t, ".")
	s := newService(t)
	shop := benchShop(t, "http://"+s.addr)
	set := exec.CommandContext(t.Context(), s.bin, "site", "widget", "set", "shop", "-", "--merge")
	set.Env, set.Stdin = s.env, strings.NewReader(`{"origins": ["`+shop+`"]}`)
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("list the shop's origin: %v\n%s", err, out)
	}
	scripted, _ := newScripted(t)
	questions, err := filepath.Abs(filepath.Join("..", "..", "evals", "shop", "questions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	with.Run(t, stage.Play{Base: "http://" + s.addr, Set: "bench", Out: out, Only: *only, Env: []string{
		"SHOP=" + shop, "LISTED=" + shop, "OTHER=" + scripted, "SCRIPTED=" + scripted, "SCRIPTED_CONTROL=" + scripted + "/control", "QUESTIONS=" + questions,
	}})
	rows := append(readFigures(t, filepath.Join(out, "figures.jsonl")), sizes(t)...)
	if err := os.WriteFile(*benchOut, benchPage(t, rows), 0o644); err != nil { //nolint:gosec // a page of the project's documents
		t.Fatal(err)
	}
}

func readFigures(t *testing.T, name string) (rows []figure) {
	t.Helper()
	raw, err := os.ReadFile(name) //nolint:gosec // the test's own
	if err != nil {
		t.Fatalf("no figures: %v", err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		var f figure
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, f)
	}
	return rows
}

// sizes are what a page and an opened chat load; TestEmbedded_StaysWithinItsBudgets
// of package widget holds them.
func sizes(t *testing.T) (rows []figure) {
	t.Helper()
	packed := func(names ...string) (n int) {
		for _, name := range names {
			raw, err := os.ReadFile(filepath.Join("..", "dist", name))
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one of its own
			_, _ = z.Write(raw)
			_ = z.Close()
			n += b.Len()
		}
		return n
	}
	for _, f := range []struct {
		what  string
		most  int
		names []string
	}{
		{"loader, packed", 4 << 10, []string{"widget.js"}},
		{"app, packed", 25 << 10, []string{"app.js"}},
		{"loader, app, rules and style, packed", 40 << 10, []string{"widget.js", "rules.js", "app.js", "app.css"}},
	} {
		n := packed(f.names...)
		rows = append(rows, figure{f.what, fmt.Sprintf("≤ %d KB", f.most>>10), fmt.Sprintf("%.1f KB", float64(n)/1024), n <= f.most})
	}
	return rows
}

// load is how busy the machine was when it began, in a sentence.
func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	one, _, _ := strings.Cut(string(raw), " ")
	return " Load of the minute before the end: " + one + "."
}

func benchPage(t *testing.T, rows []figure) []byte {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Benchmarks of the widget

`+"`make bench-widget`"+` wrote this page: a headless Chromium on the same cores as the service, its
Postgres and its encoder. "Slowed" is the browser's own throttling, which reaches the frame too; the
shop's page and the service are of two origins and one process of the browser, the dearer case.

%s, on %d cores, %s/%s.%s

Times by the clock mean little on a machine that does other things (a load above its cores); the
scripts' and the longest tasks' are the thread's own. The page's own LCP and INP are thirty pairs. In
each the page is loaded nine times with the widget, nine times without and nine times more without,
one of each at a time and these in an order of chance, in a browser that is warm; a side's LCP is the
median of its nine loads, its INP that of the first three. Both have two intervals: of the mean
(Student's t), which a few odd pairs move, and of the median (the 10th and the 21st of thirty in their
order), which they do not. The rows without an aim are without less without: what the machine alone
makes of two loads of the same page, which no widget can be measured closer than.

| figure | aim | measured | |
|---|---|---|---|
`, time.Now().UTC().Format("2 January 2006 15:04 UTC"), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, load())
	for _, r := range rows {
		met := ""
		if m, ok := r.Met.(bool); ok {
			met = map[bool]string{true: "met", false: "**not met**"}[m]
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.What, r.Aim, r.Measured, met)
		t.Logf("%s: %s (%s) %s", r.What, r.Measured, r.Aim, met)
	}
	return b.Bytes()
}
