package faults_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/evals/cases"
	"frontdesk/evals/faults"
	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
	"frontdesk/evals/stages"
	"frontdesk/retrieval"
)

func TestAll_AreCompleteAndAsSpecified(t *testing.T) {
	t.Parallel()
	var specified, made []string
	told := map[string]string{}
	for author, file := range map[string]string{faults.Unseen: "unseen.md", faults.Unseen2: "unseen2.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		told[author] = string(text)
		for _, m := range regexp.MustCompile(`(?m)^## (\S+)$`).FindAllStringSubmatch(string(text), -1) {
			specified = append(specified, author+" "+m[1])
		}
	}
	seen := map[string]bool{}
	ours := 0
	for _, f := range faults.All() {
		if seen[f.Name] {
			t.Errorf("%s is there twice", f.Name)
		}
		seen[f.Name] = true
		if f.Author == faults.Ours {
			ours++
		} else {
			made = append(made, f.Author+" "+f.Name)
			if !strings.Contains(told[f.Author], "**stage:** "+f.Told+"\n") {
				t.Errorf("%s: its author says no stage %q", f.Name, f.Told)
			}
		}
		if f.What == "" || f.Notice == "" || f.Told == "" || len(f.Suites) == 0 || !slices.Contains(stages.All(), f.Stage) {
			t.Errorf("%s lacks something: %+v", f.Name, f)
		}
		if n := seamsOf(f.Make()); n == 0 {
			t.Errorf("%s changes nothing", f.Name)
		}
	}
	slices.Sort(specified)
	slices.Sort(made)
	if !slices.Equal(specified, made) {
		t.Errorf("made %v\nof the specified %v", made, specified)
	}
	if len(made) < 40 || ours < 20 {
		t.Errorf("%d specified by others, %d of ours", len(made), ours)
	}
	for _, s := range stages.All() {
		if !slices.ContainsFunc(faults.All(), func(f faults.Fault) bool { return f.Stage == s }) {
			t.Errorf("no fault is at %s", s)
		}
	}
}

func seamsOf(s stages.Seams) int {
	n := 0
	for _, f := range reflect.ValueOf(s).Fields() {
		if !f.IsNil() {
			n++
		}
	}
	return n
}

// Only what is put around the desk and what is given to it does nothing where
// nobody got the conversation; all else is played.
func TestReaches_LeavesOutWhatCannotComeOutOtherwise(t *testing.T) {
	t.Parallel()
	answered := grade.Output{Replies: []grade.Reply{{Action: "answer"}}}
	handed := grade.Output{Replies: []grade.Reply{{Action: "answer"}, {Action: "handoff"}}}
	var spared []string
	for _, f := range faults.All() {
		if !f.Reaches(handed) {
			t.Errorf("%s does not reach a handoff", f.Name)
		}
		if !f.Reaches(answered) {
			spared = append(spared, f.Name)
		}
	}
	slices.Sort(spared)
	if want := []string{
		"closing-settles-nothing", "events-newest-first", "mood-and-urgency-change-places", "one-queue-for-all", "packet-invents-a-fact", "packet-of-the-last-message",
		"packet-reads-backwards", "packet-without-order-numbers", "queues-swapped", "routes-last-first",
	}; !slices.Equal(spared, want) {
		t.Errorf("%q", spared)
	}
}

// What a fault changes it copies: caches and later faults share the rest.
func TestFaults_LeaveTheKnowledgeAsItIs(t *testing.T) {
	t.Parallel()
	articles := func() []retrieval.Article {
		return []retrieval.Article{
			{ID: "a", Product: "grinder", Lang: "en", Questions: []string{"x", "y"}, SupersededBy: "b", Body: "# H\n1. Wait 45 days.\n2. Go.\n\n```\na\nb\n```\n"},
			{ID: "b", Audience: retrieval.AgentsOnly, Questions: []string{"x", "y"}, Body: "12 of them"},
		}
	}
	for _, f := range faults.All() {
		s := f.Make()
		if s.Knowledge == nil {
			continue
		}
		list := articles()
		changed := s.Knowledge(list)
		if !reflect.DeepEqual(list, articles()) {
			t.Errorf("%s changes what it was given", f.Name)
		}
		if reflect.DeepEqual(changed, list) {
			t.Errorf("%s changes nothing", f.Name)
		}
		if f.Name == "soft-wraps-joined-through-lists" && changed[0].Body != "# H\n1. Wait 45 days. 2. Go.\n\n```\na\nb\n```\n" {
			t.Errorf("%q", changed[0].Body)
		}
	}
}

func TestFaults_LeaveTheRankingAsItIs(t *testing.T) {
	t.Parallel()
	for _, f := range faults.All() {
		s := f.Make()
		if s.Ranking == nil {
			continue
		}
		given, err := retrieval.DefaultRanking()
		if err != nil {
			t.Fatal(err)
		}
		kept, err := retrieval.DefaultRanking()
		if err != nil {
			t.Fatal(err)
		}
		changed := given
		s.Ranking(&changed)
		if !reflect.DeepEqual(given, kept) {
			t.Errorf("%s changes what others share", f.Name)
		}
		if reflect.DeepEqual(changed, kept) {
			t.Errorf("%s changes nothing", f.Name)
		}
	}
}

func trial(name, author string, stage stages.Stage, verdict gate.Verdict, at ...stages.Stage) faults.Trial {
	r := gate.Result{Verdict: verdict, Cases: 10}
	var lost []stages.Lost
	for _, s := range at {
		r.All.Lost = append(r.All.Lost, name)
		lost = append(lost, stages.Lost{Case: name, Stage: s})
	}
	return faults.Fault{Name: name, Author: author, Stage: stage}.Judge(r, lost)
}

func TestJudge_OfAFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trial         faults.Trial
		caught, right bool
		named         stages.Stage
	}{
		"caught and named":         {trial("a", "ours", stages.Span, gate.Regression, stages.Span, stages.Span, stages.Triage), true, true, stages.Span},
		"caught as another":        {trial("a", "ours", stages.Span, gate.Regression, stages.Triage), true, false, stages.Triage},
		"a broken run is stopped":  {trial("a", "ours", stages.Span, gate.Broken), true, false, ""},
		"a warning catches nobody": {trial("a", "ours", stages.Span, gate.Soft, stages.Span), false, false, stages.Span},
		"of equal ones the first":  {trial("a", "ours", stages.Ranking, gate.Regression, stages.Triage, stages.Ranking), true, true, stages.Ranking},
	} {
		if c.trial.Caught != c.caught || c.trial.Right != c.right || c.trial.Named != c.named {
			t.Errorf("%s: %+v", name, c.trial)
		}
	}
}

func TestTable_SaysWhatWasNotReached(t *testing.T) {
	t.Parallel()
	var table faults.Table
	for range 19 {
		table.Trials = append(table.Trials, trial("a", faults.Unseen, stages.Span, gate.Regression, stages.Span))
	}
	table.Trials = append(table.Trials, trial("b|c", faults.Ours, stages.Policy, gate.Stable))
	table.Nulls = faults.Nulls{Runs: 1000, Alarms: 10, Warned: 50}
	if fails := table.Fails(); len(fails) > 0 {
		t.Errorf("95 %% are enough: %v", fails)
	}
	table.Trials = append(table.Trials, trial("d", faults.Ours, stages.Policy, gate.Stable))
	table.Nulls.Alarms++
	if fails := table.Fails(); len(fails) != 2 {
		t.Errorf("%v", fails)
	}
	for range 4 {
		table.Trials = append(table.Trials, trial("e", faults.Ours, stages.Policy, gate.Regression, stages.Triage))
	}
	if fails := table.Fails(); len(fails) != 3 {
		t.Errorf("%v", fails)
	}
	var b strings.Builder
	if err := table.Print(&b); err != nil || !strings.Contains(b.String(), "of 1000 runs that are no worse 11 were stopped") {
		t.Error(err, b.String())
	}
	if !strings.Contains(table.Markdown(), "| policy | e | ours | regression | 1 |") {
		t.Error(table.Markdown())
	}
}

// runOf is a run of n cases, of which every fourth fails and every tenth is
// severe.
func runOf(t *testing.T, n int) (runner.Meta, gate.Baseline) {
	t.Helper()
	f := runner.Folder{}
	for i := range n {
		c := cases.Case{ID: "c-" + string(rune('a'+i%26)) + strings.Repeat("x", i/26), Suite: []string{"a", "b", "c"}[i%3], Severity: cases.Normal, Turns: []cases.Turn{{Say: "x", Expect: cases.Expect{Action: cases.List{"answer"}, Desk: cases.List{"service"}}}}}
		if i%10 == 0 {
			c.Severity = cases.Severe
		}
		o := grade.Output{Case: c.ID, Suite: c.Suite, Replies: []grade.Reply{{Action: "answer", Desk: "service"}}}
		if i%4 == 0 {
			o.Replies[0].Action = "none"
		}
		f.Cases, f.Outputs = append(f.Cases, c), append(f.Outputs, o)
	}
	var err error
	if f.Grades, err = runner.Grade(f.Cases, f.Outputs); err != nil {
		t.Fatal(err)
	}
	if f.Meta, err = runner.NewMeta("x", nil, f.Cases); err != nil {
		t.Fatal(err)
	}
	b, err := gate.Accept(f, nil, "x", gate.Acceptance{By: "ada", Reason: "all read"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return f.Meta, b
}

func TestNull_HardlyEverStopsWhatIsNoWorse(t *testing.T) {
	t.Parallel()
	meta, b := runOf(t, 900)
	n := faults.Null(meta, b, 1000, 3)
	t.Logf("%+v", n)
	if n.Runs != 1000 || float64(n.Alarms) > faults.MostAlarms*1000 {
		t.Errorf("%+v", n)
	}
	if again := faults.Null(meta, b, 1000, 3); again != n {
		t.Errorf("%+v and %+v", n, again)
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
