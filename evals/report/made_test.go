package report_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
)

// shipped are the repository's own cases, with made-up answers: as many and as
// long as a run's.
func shipped(tb testing.TB) []cases.Case {
	tb.Helper()
	list, err := cases.Read(context.Background(), os.DirFS("../suites/shop"))
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

const hostile = "</style></script><script>alert(1)</script> @team #12 | `` ` ```x``` <img src=x onerror=alert(1)> \u202eabc \x00\x1b[31m ]]> &amp; \u2028 end"

// played makes up what came back: right for most cases, and the same for a seed.
func played(tb testing.TB, list []cases.Case, seed uint64, wrong float64) runner.Folder {
	tb.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	words := strings.Fields("you have thirty days from the day it came to send it back and we pay the label when the kettle was at fault keep the box")
	text := func(n int) string {
		var out []string
		for range n {
			out = append(out, words[rng.IntN(len(words))])
		}
		return strings.Join(out, " ")
	}
	f := runner.Folder{Cases: list}
	for i, c := range list {
		base := rand.New(rand.NewPCG(3, uint64(i))) // what goes alike in every run
		fails := base.Float64() < 0.12
		if rng.Float64() < wrong {
			fails = !fails
		}
		o := grade.Output{Case: c.ID, Suite: c.Suite}
		for _, t := range c.Turns {
			r := grade.Reply{Action: "answer", Text: text(40), Desk: "service", Topic: "returns", P: base.Float64(), Hits: []string{"k2-lights", "returns-policy", "delivery-times", "k2-descale", "warranty"}}
			if len(t.Expect.Action) > 0 {
				r.Action = t.Expect.Action[0]
			}
			if len(t.Expect.Desk) > 0 {
				r.Desk = t.Expect.Desk[0]
			}
			if len(t.Expect.Topic) > 0 {
				r.Topic = t.Expect.Topic[0]
			}
			if len(t.Expect.Reason) > 0 {
				r.Reason = t.Expect.Reason[0]
			}
			if len(t.Expect.Queue) > 0 {
				r.Queue = t.Expect.Queue[0]
			}
			for k, v := range t.Expect.Packet {
				r.Packet = append(r.Packet, grade.Fact{Label: k, Value: v})
			}
			gold := append(append([]string{}, t.Expect.Top...), t.Expect.Articles...)
			if len(gold) > 0 {
				r.Hits = append([]string{gold[0]}, r.Hits...)
				r.Citations = []grade.Citation{{Article: gold[0], Title: gold[0], Quote: text(30) + strings.Join(t.Expect.Facts, ". ")}}
			}
			if t.Expect.Handoff == cases.Must {
				r.Action = "handoff"
			}
			if fails {
				r.Action, r.Desk, r.Hits = "clarify", "support", []string{"other", "returns-policy"}
				r.Choices = []grade.Choice{{Article: "other", Title: text(5), Quote: text(20)}, {Article: "more", Title: text(5), Quote: text(20)}}
				r.Citations = nil
			}
			if i%97 == 0 {
				r.Text = hostile
			}
			o.Replies = append(o.Replies, r)
		}
		f.Outputs = append(f.Outputs, o)
	}
	var err error
	if f.Meta, err = runner.NewMeta("default", map[string]string{"knowledge": "3f1c", "ranking": "2"}, f.Cases); err != nil {
		tb.Fatal(err)
	}
	if f.Grades, err = runner.Grade(f.Cases, f.Outputs); err != nil {
		tb.Fatal(err)
	}
	for _, c := range list {
		x := runner.Timing{Case: c.ID, Suite: c.Suite}
		for n := range c.Turns {
			ms := 5 + 900*rng.ExpFloat64()/3
			x.Millis, x.Costs = append(x.Millis, ms), append(x.Costs, runner.Cost{Embeddings: 2, Characters: 40, Searches: 1, Queries: 3})
			x.Classes = append(x.Classes, runner.Speed{Turn: n + 1, Class: cases.NormalTime, Within: ms <= 1000})
		}
		f.Timings = append(f.Timings, x)
	}
	return f
}

// input compares two made-up runs.
func input(tb testing.TB, list []cases.Case, wrong float64) report.Input {
	tb.Helper()
	before := played(tb, list, 1, 0)
	before.Meta.Versions = map[string]string{"knowledge": "3f1c", "ranking": "1"}
	b, err := gate.Accept(before, nil, "default", gate.Acceptance{By: "ada", Reason: "read by two of us"}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		tb.Fatal(err)
	}
	run := played(tb, list, 2, wrong)
	in := report.Input{Run: run, Baseline: &b, Result: gate.Judge(run, &b, gate.Config{Draws: 200})}
	for i, g := range run.Grades {
		if !g.Pass && i%2 == 0 {
			in.Stages = append(in.Stages, report.Stage{Case: g.Case, Stage: []string{"retrieval", "ranking", "threshold"}[i%3], Why: "the article was found and stood fourth"})
		}
	}
	in.Tables = []report.Table{{Title: "Seeded faults", Caption: "What the gate catches.", Head: []string{"fault", "caught"}, Rows: [][]string{{"title boost dropped", "yes"}, {hostile, "no"}}}}
	return in
}

func write(tb testing.TB, in report.Input) map[string][]byte {
	tb.Helper()
	dir := tb.TempDir()
	if err := report.Write(dir, in); err != nil {
		tb.Fatal(err)
	}
	out := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range entries {
		if out[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			tb.Fatal(err)
		}
	}
	if len(out) != 6 {
		tb.Fatalf("%d files", len(out))
	}
	return out
}
