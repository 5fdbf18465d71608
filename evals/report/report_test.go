package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
)

var keep = flag.String("keep", "", "folder to write the made-up reports to, for looking at them")

// inputs are the reports that differ in kind.
func inputs(t *testing.T) map[string]report.Input {
	t.Helper()
	list := shipped(t)
	all := map[string]report.Input{"regression": input(t, list, 0.06), "stable": input(t, list, 0)}
	worst := input(t, list, 0.9)
	all["everything fails"] = worst
	alone := played(t, list, 2, 0.02)
	all["no baseline"] = report.Input{Run: alone, Result: gate.Judge(alone, nil, gate.Config{Draws: 200})}
	short := played(t, list[1:], 2, 0)
	all["broken"] = report.Input{Run: short, Baseline: worst.Baseline, Result: gate.Judge(short, worst.Baseline, gate.Config{Draws: 200})}
	other := worst
	other.Run.Meta.Config = "other"
	other.Result = gate.Judge(other.Run, other.Baseline, gate.Config{Draws: 200})
	all["not comparable"] = other
	few := input(t, list[:9], 0)
	all["few"] = few
	return all
}

func TestWrite_EveryKindOfResult(t *testing.T) {
	t.Parallel()
	for name, in := range inputs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := write(t, in)
			if *keep != "" {
				dir := filepath.Join(*keep, strings.ReplaceAll(name, " ", "-"))
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := report.Write(dir, in); err != nil {
					t.Fatal(err)
				}
			}
			checkPage(t, files[report.PageFile], in)
			checkMarkdown(t, string(files[report.MarkdownFile]), in)
			checkJUnit(t, files[report.JUnitFile], in)
			checkLines(t, files, in)
			for file, text := range write(t, in) {
				if !bytes.Equal(text, files[file]) {
					t.Errorf("%s differs when written again", file)
				}
			}
			t.Logf("%s: page %d kB, comment %d kB, junit %d kB", in.Result.Why, len(files[report.PageFile])/1000, len(files[report.MarkdownFile])/1000, len(files[report.JUnitFile])/1000)
		})
	}
}

var (
	hrefs = regexp.MustCompile(`href="([^"]*)"`)
	ids   = regexp.MustCompile(` id="([^"]*)"`)
)

func checkPage(t *testing.T, text []byte, in report.Input) {
	t.Helper()
	if len(text) > 3_000_000 {
		t.Errorf("the page has %d bytes", len(text))
	}
	if !utf8.Valid(text) {
		t.Error("the page is no UTF-8")
	}
	for z := nethtml.NewTokenizer(bytes.NewReader(text)); ; {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			break
		}
		token := z.Token()
		if kind == nethtml.TextToken {
			continue
		}
		switch token.Data {
		case "script", "img", "link", "iframe", "object", "embed", "base", "form", "image", "use":
			t.Fatalf("the page has %s", token)
		}
		for _, a := range token.Attr {
			if a.Key == "src" || a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != report.TimingPage {
				t.Fatalf("the page has %s", token)
			}
		}
	}
	if style, _, _ := bytes.Cut(text, []byte("</style>")); bytes.Contains(style, []byte("url(")) || bytes.Contains(style, []byte("@import")) {
		t.Error("its looks come from outside")
	}
	there := map[string]bool{}
	for _, m := range ids.FindAllSubmatch(text, -1) {
		id := html.UnescapeString(string(m[1]))
		if there[id] {
			t.Errorf("the id %q stands twice", id)
		}
		there[id] = true
	}
	for _, m := range hrefs.FindAllSubmatch(text, -1) {
		to, err := url.PathUnescape(html.UnescapeString(string(m[1])))
		if to == report.TimingPage {
			continue
		}
		if err != nil || !strings.HasPrefix(to, "#") || !there[to[1:]] && len(in.Run.Cases) < 3000 {
			t.Errorf("a link leads nowhere: %q %v", m[1], err)
		}
	}
	why := html.EscapeString(in.Result.Why[strings.Index(in.Result.Why, ": ")+3:])
	if at := bytes.Index(text, []byte(why)); at < 0 || at > 20_000 {
		t.Errorf("the first screen does not say %q", why)
	}
	if c := in.Result.Configuration; c != nil && !c.Same {
		if at := bytes.Index(text, []byte(html.EscapeString(c.Says))); at < 0 || at > 20_000 {
			t.Errorf("the first screen does not say %q", c.Says)
		}
	}
}

func checkMarkdown(t *testing.T, text string, in report.Input) {
	t.Helper()
	if len(text) > 60_000 {
		t.Errorf("the comment has %d bytes", len(text))
	}
	inCode := regexp.MustCompile("(`+) .*? (`+)")
	bare := inCode.ReplaceAllString(text, "")
	for _, bad := range []string{"@team", "<script", "<img", "\x00", "alert(1)"} {
		if strings.Contains(bare, bad) {
			t.Errorf("the comment has %q outside code", bad)
		}
	}
	if opened, closed := strings.Count(text, "<details>"), strings.Count(text, "</details>"); opened != closed {
		t.Errorf("%d opened, %d closed", opened, closed)
	}
	if len(in.Result.Flips) > 0 && !strings.Contains(text, "changed") {
		t.Error("no case that changed")
	}
	if c := in.Result.Configuration; c != nil && !c.Same && !strings.Contains(text, "Not the same configuration as baseline default. Changed: ranking (1 → 2).") {
		t.Errorf("the comment does not say that the configuration is another: %.600s", text)
	}
}

func checkJUnit(t *testing.T, text []byte, in report.Input) {
	t.Helper()
	var all struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Tests int    `xml:"tests,attr"`
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Class   string    `xml:"classname,attr"`
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	tests, failures, errs, skipped := 0, 0, 0, 0
	for _, s := range all.Suites {
		if s.Tests != len(s.Cases) {
			t.Errorf("%s: %d of %d", s.Name, s.Tests, len(s.Cases))
		}
		for _, c := range s.Cases {
			tests++
			switch {
			case c.Failure != nil:
				failures++
			case c.Error != nil:
				errs++
			case c.Skipped != nil:
				skipped++
			}
			if c.Name == "" || c.Class == "" {
				t.Errorf("%+v", c)
			}
		}
	}
	if tests != all.Tests || failures != all.Failures || errs != all.Errors || skipped != all.Skipped || tests != len(in.Run.Cases)+1 {
		t.Errorf("%d %d %d %d of %+v", tests, failures, errs, skipped, []int{all.Tests, all.Failures, all.Errors, all.Skipped})
	}
	if in.Result.Verdict == gate.Regression && (failures == 0 || failures < len(in.Result.All.Lost)) || in.Result.Verdict == gate.Stable && failures > len(in.Result.All.Lost) {
		t.Errorf("%d failures of a run that is %s", failures, in.Result.Verdict)
	}
}

func checkLines(t *testing.T, files map[string][]byte, in report.Input) {
	t.Helper()
	lines := bytes.Split(bytes.TrimSpace(files[report.ResultsFile]), []byte("\n"))
	if len(lines) != len(in.Run.Cases) {
		t.Errorf("%d lines", len(lines))
	}
	lost := 0
	for _, l := range lines {
		var r struct {
			Case, Suite, Change string
			Pass                bool
		}
		if err := json.Unmarshal(l, &r); err != nil || r.Case == "" || r.Suite == "" {
			t.Fatalf("%v: %s", err, l)
		}
		if r.Change == "lost" {
			lost++
		}
	}
	if in.Result.Verdict == gate.Regression && lost != len(in.Result.All.Lost) {
		t.Errorf("%d lost", lost)
	}
	var v struct {
		Exit    int
		Verdict string
		Run     runner.Meta

		Configuration *gate.Configuration
	}
	if err := json.Unmarshal(files[report.VerdictFile], &v); err != nil || v.Exit != in.Result.Exit() || v.Verdict != string(in.Result.Verdict) || v.Run.Cases != len(in.Run.Cases) {
		t.Errorf("%v %+v", err, v)
	}
	if c := in.Result.Configuration; c != nil && (v.Configuration == nil || *v.Configuration != *c) {
		t.Errorf("%+v", v.Configuration)
	}
}

// A page of many more cases than the shop's stays as small, and says what it
// leaves out.
func TestWrite_OfTenThousandCases(t *testing.T) {
	t.Parallel()
	var list []cases.Case
	for i, c := range shippedTimes(t, 10_000) {
		c.ID = fmt.Sprintf("%s-%05d", c.Suite, i)
		list = append(list, c)
	}
	run := played(t, list, 2, 0.1)
	if *keep != "" { // for `frontdesk eval rescore`
		if err := runner.Write(filepath.Join(*keep, "ten-thousand"), run); err != nil {
			t.Fatal(err)
		}
	}
	in := report.Input{Run: run, Result: gate.Judge(run, nil, gate.Config{Draws: 20})}
	files := write(t, in)
	if n := len(files[report.PageFile]); n > 3_000_000 {
		t.Errorf("%d bytes", n)
	}
	if !bytes.Contains(files[report.PageFile], []byte("more in results.jsonl")) {
		t.Error("it does not say what it leaves out")
	}
}

func shippedTimes(t *testing.T, n int) []cases.Case {
	t.Helper()
	list := shipped(t)
	out := make([]cases.Case, 0, n)
	for i := range n {
		out = append(out, list[i%len(list)])
	}
	return out
}

// The colours and sizes are those of the chat and the help pages.
func TestPage_HasTheSharedTokens(t *testing.T) {
	t.Parallel()
	ours, err := os.ReadFile("page.css")
	if err != nil {
		t.Fatal(err)
	}
	shared, err := os.ReadFile(filepath.Join("..", "..", "widget", "assets", "tokens.css"))
	if err != nil {
		t.Fatal(err)
	}
	token := regexp.MustCompile(`(--[a-z-]+): ([^;]+);`)
	themes := func(text []byte) [2]map[string]string {
		light, dark, _ := bytes.Cut(text, []byte("prefers-color-scheme: dark"))
		dark, _, _ = bytes.Cut(dark, []byte("\n}\n"))
		var out [2]map[string]string
		for i, part := range [][]byte{light, dark} {
			out[i] = map[string]string{}
			for _, m := range token.FindAllSubmatch(part, -1) {
				out[i][string(m[1])] = string(m[2])
			}
		}
		return out
	}
	have, want := themes(ours), themes(shared)
	for i, theme := range []string{"light", "dark"} {
		if len(have[i]) < 10 {
			t.Errorf("%s: %d tokens", theme, len(have[i]))
		}
		for name, value := range have[i] {
			if want[i][name] != value {
				t.Errorf("%s: %s is %s, and %s in widget/assets/tokens.css", theme, name, value, want[i][name])
			}
		}
	}
}

func TestReadStages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if list, err := report.ReadStages(dir); err != nil || list != nil {
		t.Errorf("without any: %v %v", list, err)
	}
	for text, want := range map[string]string{
		`{"case":"a","stage":"ranking"}` + "\n" + `{"case":"b","stage":"span"}`: "",
		`{"case":"a","stage":"ranking"}` + "\n" + `{"case":`:                    "stages.jsonl:2: ",
		`{"case":"a"}`: "stages.jsonl:1: ",
	} {
		if err := os.WriteFile(filepath.Join(dir, report.StagesFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		list, err := report.ReadStages(dir)
		if want == "" && (err != nil || len(list) != 2) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v %v", text, list, err)
		}
	}
}

func TestWriteStages_AreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := report.WriteStages(dir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, report.StagesFile)); err == nil {
		t.Error("a file of nothing")
	}
	list := []report.Stage{{Case: "a", Stage: "ranking", Why: "<b> stood first"}, {Case: "b", Stage: "span"}}
	if err := report.WriteStages(dir, list); err != nil {
		t.Fatal(err)
	}
	if got, err := report.ReadStages(dir); err != nil || !slices.Equal(got, list) {
		t.Errorf("%v %v", got, err)
	}
}

// A figure of the turns leads to the cases that make it less than it could be.
func TestPage_FiguresOfTurnsLeadToTheirCases(t *testing.T) {
	t.Parallel()
	run := played(t, shipped(t), 2, 0.2)
	text := string(write(t, report.Input{Run: run, Result: gate.Judge(run, nil, gate.Config{Draws: 20})})[report.PageFile])
	for _, name := range []string{"check: action", "found first"} {
		_, row, ok := strings.Cut(text, `<th scope="row">`+name+`</th>`)
		row, _, _ = strings.Cut(row, "</tr>")
		_, link, linked := strings.Cut(row, `<a href="#`)
		link, _, _ = strings.Cut(link, `"`)
		if !ok || !linked || !strings.Contains(text, `id="`+link+`"><h4>Turns, `+name) {
			t.Errorf("%s: %q", name, row)
		}
	}
}

// Every figure of a table leads to its cases: those that fail by their lines, the
// others by their ids, as many as there is room for.
func TestPage_FiguresOfTablesLeadToTheirCases(t *testing.T) {
	t.Parallel()
	list := shipped(t)
	run := played(t, list, 2, 0.2)
	var fails, rest []string
	for _, g := range run.Grades {
		if g.Pass {
			rest = append(rest, g.Case)
		} else {
			fails = append(fails, g.Case)
		}
	}
	in := report.Input{Run: run, Result: gate.Judge(run, nil, gate.Config{Draws: 20}), Tables: []report.Table{{
		Title: "By business", Head: []string{"business", "pass", "frozen"}, Rows: [][]string{{"lamps", "0.90 of 99", "0.80 of 20"}},
		Behind: map[[2]int]report.Behind{
			{0, 1}: {Title: "lamps, pass", Fails: fails[:120], Rest: rest[:500]},
			{0, 2}: {Title: "sealed", Note: "Counted only."},
		},
	}}}
	text := string(write(t, in)[report.PageFile])
	behind := func(figure string) string {
		t.Helper()
		before, _, ok := strings.Cut(text, ">"+figure+"</a></td>")
		link := before[strings.LastIndex(before, `"#`)+2:]
		_, set, there := strings.Cut(text, `<div class="set" id="`+strings.TrimSuffix(link, `"`)+`">`)
		if !ok || !there {
			t.Fatalf("%s leads nowhere", figure)
		}
		set, _, _ = strings.Cut(set, "</div>")
		return set
	}
	of := behind("0.90 of 99")
	if n := strings.Count(of, "<a href="); n != 100 || !strings.Contains(of, "and 20 more</p>") {
		t.Errorf("%d links to what fails: %s", n, of)
	}
	if _, ids, ok := strings.Cut(of, "pass: "); !ok || len(strings.Fields(ids)) < 300 || !strings.Contains(ids, "and 200 more") {
		t.Errorf("what passes: %s", of)
	}
	if frozen := behind("0.80 of 20"); !strings.Contains(frozen, "Counted only.") || strings.Contains(frozen, "href") || strings.Contains(frozen, "none") {
		t.Error(frozen)
	}
}

// Tables by business of a whole corpus leave the page as small as it has to be.
func TestWrite_TablesOfManyCasesStaySmall(t *testing.T) {
	t.Parallel()
	var list []cases.Case
	for i, c := range shippedTimes(t, 14_000) {
		c.ID = fmt.Sprintf("stride-and-rest-%05d/retrieval", i)
		list = append(list, c)
	}
	run := played(t, list, 2, 0.3)
	table := report.Table{Title: "By business", Head: []string{"business"}, Behind: map[[2]int]report.Behind{}}
	for i := range 240 {
		b := report.Behind{Title: "part"}
		for _, g := range run.Grades[i*50 : i*50+450] {
			if g.Pass {
				b.Rest = append(b.Rest, g.Case)
			} else {
				b.Fails = append(b.Fails, g.Case)
			}
		}
		table.Rows, table.Behind[[2]int{i, 0}] = append(table.Rows, []string{fmt.Sprint(i)}), b
	}
	files := write(t, report.Input{Run: run, Result: gate.Judge(run, nil, gate.Config{Draws: 20}), Tables: []report.Table{table}})
	n := len(files[report.PageFile])
	if n > 3_000_000 {
		t.Errorf("%d bytes", n)
	}
	t.Logf("%d kB", n/1000)
}

// Times and cost have a page of their own, whose cases lead to the report.
func TestTimingPage_NamesWhatIsOutOfItsClass(t *testing.T) {
	t.Parallel()
	run := played(t, shipped(t)[:200], 2, 0.1)
	slow := run.Timings[0]
	slow.Millis[0], slow.Classes[0].Within = 2600, false
	slow.Classes = append(slow.Classes, runner.Speed{Turn: 9, Class: cases.Instant})
	run.Timings[0] = slow
	text := string(write(t, report.Input{Run: run, Result: gate.Judge(run, nil, gate.Config{Draws: 20})})[report.TimingPage])
	for _, want := range []string{
		`<a href="report.html#c-` + slow.Case + `">` + slow.Case + `</a> turn 1, 2600 ms`,
		`id="late-normal"`, `id="never-instant"`, `turn 9`, ">slowest<", ">trips<", `href="#dear-`, `href="#slow-`, "the slowest replies</h4>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	there := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(text, -1) {
		there[m[1]] = true
	}
	for _, m := range hrefs.FindAllStringSubmatch(text, -1) {
		if at, ok := strings.CutPrefix(m[1], "#"); ok && !there[at] {
			t.Errorf("a link leads nowhere: %q", m[1])
		}
	}
	run.Timings = nil
	if text := string(write(t, report.Input{Run: run, Result: gate.Judge(run, nil, gate.Config{Draws: 20})})[report.TimingPage]); !strings.Contains(text, "No times were kept") {
		t.Error(text)
	}
}
