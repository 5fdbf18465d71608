package faults

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/runner"
	"frontdesk/evals/stages"
)

// Trial is what became of a fault.
type Trial struct {
	Name   string       `json:"name"`
	Author string       `json:"author"`
	Stage  stages.Stage `json:"stage"`
	Told   string       `json:"told"`
	What   string       `json:"what"`
	Notice string       `json:"notice"`

	Cases   int            `json:"cases"` // played
	Verdict gate.Verdict   `json:"verdict"`
	Why     string         `json:"why"`
	Lost    int            `json:"lost"`
	Gained  int            `json:"gained"`
	Severe  int            `json:"severe"`
	Looked  int            `json:"looked"`          // lost cases that were looked into
	At      map[string]int `json:"at,omitempty"`    // of these, by stage
	Named   stages.Stage   `json:"named,omitempty"` // the stage of most
	Caught  bool           `json:"caught"`
	Right   bool           `json:"right"` // caught, and Named is Stage
	// Examples are lost cases, by their ids; some of them where there are many.
	Examples []string `json:"examples,omitempty"`
	// Changed are the cases that flipped, for whoever shows them: lost, gained and
	// those of the lost that are severe.
	Changed struct{ Lost, Gained, Severe []string } `json:"-"`
}

// mostExamples is how many lost cases are named.
const mostExamples = 12

// Judge fills in what a gate said, and where lost cases were lost.
func (f Fault) Judge(r gate.Result, lost []stages.Lost) Trial {
	t := Trial{
		Name: f.Name, Author: f.Author, Stage: f.Stage, Told: f.Told, What: f.What, Notice: f.Notice,
		Cases: r.Cases, Verdict: r.Verdict, Why: r.Why, Lost: len(r.All.Lost), Gained: len(r.All.Gained), Severe: len(r.All.Severe),
		Looked: len(lost), Caught: r.Exit() != gate.ExitPass,
	}
	t.Changed.Lost, t.Changed.Gained, t.Changed.Severe = r.All.Lost, r.All.Gained, r.All.Severe
	for _, l := range lost[:min(mostExamples, len(lost))] {
		t.Examples = append(t.Examples, l.Case)
	}
	if len(lost) == 0 {
		return t
	}
	t.At = map[string]int{}
	for _, l := range lost {
		t.At[string(l.Stage)]++
	}
	for _, s := range stages.All() { // of equal ones the first
		if t.At[string(s)] > t.At[string(t.Named)] {
			t.Named = s
		}
	}
	t.Right = t.Caught && t.Named == f.Stage
	return t
}

// Nulls is what a gate says of runs that are no worse.
type Nulls struct {
	Runs   int `json:"runs"`
	Alarms int `json:"alarms"` // of them stopped
	Warned int `json:"warned"` // let pass with a warning
}

// Least and most of the cases that flip in a null comparison.
const leastFlips, mostFlips = 0.02, 0.05

// Null judges so many runs that are no worse: 2 to 5 % of the cases come out in
// two ways, and which of them is the baseline's and which the run's is by chance,
// for each alike. Severe cases stay as they are: one that is lost stops a
// release by itself, and is meant to.
func Null(meta runner.Meta, b gate.Baseline, runs int, seed uint64) Nulls {
	rng := rand.New(rand.NewPCG(seed, seed))
	n := Nulls{Runs: runs}
	kept := b.Cases
	var may []int
	for i := range kept {
		if kept[i].Severity != cases.Severe {
			may = append(may, i)
		}
	}
	for range runs {
		flips := int((leastFlips + rng.Float64()*(mostFlips-leastFlips)) * float64(len(kept)))
		was, is := slices.Clone(kept), slices.Clone(kept)
		rng.Shuffle(len(may), func(i, j int) { may[i], may[j] = may[j], may[i] })
		for _, i := range may[:min(flips, len(may))] {
			other := kept[i].Flipped(rng.IntN(len(kept)))
			if rng.IntN(2) == 0 {
				was[i] = other
			} else {
				is[i] = other
			}
		}
		b.Cases = was
		switch gate.JudgeKept(meta, is, &b, gate.Config{Draws: -1}).Verdict {
		case gate.Regression:
			n.Alarms++
		case gate.Soft:
			n.Warned++
		}
	}
	return n
}

// Table is what a test of the gate came to.
type Table struct {
	Program string  `json:"program"`
	Cases   int     `json:"cases"`
	Trials  []Trial `json:"trials"`
	Nulls   Nulls   `json:"nulls"`
}

// What has to be reached.
const (
	LeastCaught = 0.95
	LeastNamed  = 0.80
	MostAlarms  = 0.01
)

// Sum is how many faults there are, how many were caught and how many of these
// were named, of an author; empty: of all.
func (t Table) Sum(author string) (all, caught, named int) {
	for _, x := range t.Trials {
		if author != "" && x.Author != author {
			continue
		}
		all++
		if x.Caught {
			caught++
		}
		if x.Right {
			named++
		}
	}
	return all, caught, named
}

// Fails lists what was not reached.
func (t Table) Fails() []string {
	var out []string
	all, caught, named := t.Sum("")
	if float64(caught) < LeastCaught*float64(all) {
		out = append(out, fmt.Sprintf("%d of %d faults were caught, fewer than %.0f %%", caught, all, 100*LeastCaught))
	}
	if float64(named) < LeastNamed*float64(all) {
		out = append(out, fmt.Sprintf("the right stage was named for %d of %d faults, fewer than %.0f %%", named, all, 100*LeastNamed))
	}
	if float64(t.Nulls.Alarms) > MostAlarms*float64(t.Nulls.Runs) {
		out = append(out, fmt.Sprintf("%d of %d runs that are no worse were stopped, more than %.0f %%", t.Nulls.Alarms, t.Nulls.Runs, 100*MostAlarms))
	}
	return out
}

// Head names the columns of Rows.
func (t Table) Head() []string {
	return []string{"stage", "fault", "author", "verdict", "lost", "gained", "severe", "lost at", "caught", "stage named"}
}

// Rows are the trials by stage.
func (t Table) Rows() [][]string {
	var out [][]string
	for _, x := range t.ByStage() {
		out = append(out, []string{
			string(x.Stage), x.Name, x.Author, string(x.Verdict), fmt.Sprint(x.Lost), fmt.Sprint(x.Gained), fmt.Sprint(x.Severe), x.Where(), yes(x.Caught), yes(x.Right),
		})
	}
	return out
}

// ByStage are the trials in the order of the stages.
func (t Table) ByStage() []Trial {
	order := stages.All()
	out := slices.Clone(t.Trials)
	slices.SortStableFunc(out, func(a, b Trial) int { return cmp.Compare(slices.Index(order, a.Stage), slices.Index(order, b.Stage)) })
	return out
}

// Where says at which stages the lost cases were lost, most first.
func (t Trial) Where() string {
	type part struct {
		stage string
		n     int
	}
	var list []part
	for _, s := range stages.All() {
		if n := t.At[string(s)]; n > 0 {
			list = append(list, part{string(s), n})
		}
	}
	slices.SortStableFunc(list, func(a, b part) int { return cmp.Compare(b.n, a.n) })
	const most = 3
	var say []string
	for _, p := range list[:min(most, len(list))] {
		say = append(say, fmt.Sprintf("%s %d", p.stage, p.n))
	}
	return cmp.Or(strings.Join(say, ", "), "–")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Print prints the table with its sums.
func (t Table) Print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, strings.Join(t.Head(), "\t"))
	for _, row := range t.Rows() {
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, line := range t.Summary() {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// Summary says in sentences what was reached.
func (t Table) Summary() []string {
	var out []string
	for _, a := range []struct{ author, what string }{{"", "all"}, {Unseen, "by somebody who had not seen the suites"}, {Unseen2, "by somebody else who had not"}, {Ours, "ours"}} {
		if all, caught, named := t.Sum(a.author); all > 0 {
			out = append(out, fmt.Sprintf("%s: %d of %d faults caught (%.0f %%), the right stage named for %d (%.0f %%)",
				a.what, caught, all, 100*float64(caught)/float64(all), named, 100*float64(named)/float64(all)))
		}
	}
	if t.Nulls.Runs > 0 {
		out = append(out, fmt.Sprintf("of %d runs that are no worse %d were stopped and %d warned of", t.Nulls.Runs, t.Nulls.Alarms, t.Nulls.Warned))
	}
	return out
}

// Markdown is the table for a document.
func (t Table) Markdown() string {
	var b strings.Builder
	for _, line := range t.Summary() {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	fmt.Fprintf(&b, "\n| %s |\n|%s\n", strings.Join(t.Head(), " | "), strings.Repeat("---|", len(t.Head())))
	for _, row := range t.Rows() {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}
