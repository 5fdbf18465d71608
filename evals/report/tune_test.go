package report_test

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/evals/report"
	"frontdesk/evals/tune"
)

func tuned(t *testing.T) tune.Result {
	t.Helper()
	costs, err := tune.ShippedCosts()
	if err != nil {
		t.Fatal(err)
	}
	var items []tune.Item
	for i := range 400 {
		x := tune.Item{Case: fmt.Sprintf("<b>%d", i), Cluster: fmt.Sprint(i), Wants: tune.WantsAnswer, P: float64(i) / 400, Near: float64(i) / 400}
		x.Ends = [3]tune.Ending{tune.WrongAnswer, tune.Delay, tune.NeedlessHandoff}
		x.Does = [3]string{"answer", "clarify", "none"}
		if i > 100 && i%7 > 0 {
			x.Ends[tune.Sure] = tune.Right
		}
		items = append(items, x)
	}
	r, err := tune.Find(items, tune.Config{Costs: costs, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTunePage_WorksByItselfAndSaysWhy(t *testing.T) {
	t.Parallel()
	r := tuned(t)
	data, err := report.TunePage(r)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for _, want := range []string{
		"cost less</h1>", r.Why, "prefers-color-scheme: dark", "@media print", "wrong answer", `<td class="num">` + fmt.Sprint(r.After[tune.WantsAnswer]["answer"]) + `</td>`,
		`aria-label="Risk and coverage"`, `aria-label="Reliability"`, `aria-label="Cost by threshold"`, `aria-label="Learning curve"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, no := range []string{"<script", "http://", "https://", "<b>", "NaN", "Inf"} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %q", no)
		}
	}
	if strings.Count(page, "<svg") != strings.Count(page, "<figcaption>") || strings.Count(page, "<svg") != 4 {
		t.Error("a picture without its words")
	}
	r.Pays, r.Why = false, "it may be <i>chance</i>"
	if data, err = report.TunePage(r); err != nil || !strings.Contains(string(data), "Nothing is proposed") || strings.Contains(string(data), "<i>") {
		t.Error("what is not proposed", err)
	}
}
