package gate_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
)

// row is a case of a made-up run.
type row struct {
	id, suite, lang, severity string
	tags                      []string
	fails                     bool
}

func (r row) asCase() cases.Case {
	return cases.Case{
		ID: r.id, Suite: r.suite, Lang: r.lang, Severity: r.severity, Tags: r.tags,
		Turns: []cases.Turn{{Say: "What about " + r.id + "?", Expect: cases.Expect{Action: cases.List{"answer"}, Articles: cases.List{"a-" + r.id[len(r.id)-1:]}}}},
	}
}

func (r row) output() grade.Output {
	reply := grade.Reply{Action: "answer", Text: "It is " + r.id, Hits: []string{"other", "a-" + r.id[len(r.id)-1:]}, Citations: []grade.Citation{{Article: "a-" + r.id[len(r.id)-1:], Quote: "It is."}}}
	if r.fails {
		reply = grade.Reply{Action: "none", Text: "I do not know.", Hits: []string{"other"}}
	}
	return grade.Output{Case: r.id, Suite: r.suite, Replies: []grade.Reply{reply}}
}

func runOf(tb testing.TB, rows []row) runner.Folder {
	tb.Helper()
	var f runner.Folder
	for _, r := range rows {
		f.Cases, f.Outputs = append(f.Cases, r.asCase()), append(f.Outputs, r.output())
	}
	return graded(tb, f)
}

func graded(tb testing.TB, f runner.Folder) runner.Folder {
	tb.Helper()
	var err error
	if f.Meta, err = runner.NewMeta("default", map[string]string{"knowledge": "k1"}, f.Cases); err != nil {
		tb.Fatal(err)
	}
	if f.Grades, err = runner.Grade(f.Cases, f.Outputs); err != nil {
		tb.Fatal(err)
	}
	return f
}

// world is a run of eight suites in proportion; one in eight cases fails.
func world(n int) []row {
	rows := make([]row, 0, n)
	for i := range n {
		r := row{id: fmt.Sprintf("c-%04d", i), suite: fmt.Sprintf("suite-%d", i%8), lang: "en", severity: cases.Normal, tags: []string{fmt.Sprintf("tag-%d", i%5)}, fails: i%9 == 0}
		if i%7 == 0 {
			r.lang = "de"
		}
		rows = append(rows, r)
	}
	return rows
}

func flip(rows []row, which func(r row) bool) []row {
	rows = slices.Clone(rows)
	for i := range rows {
		if which(rows[i]) {
			rows[i].fails = !rows[i].fails
		}
	}
	return rows
}

func accepted(tb testing.TB, run runner.Folder) *gate.Baseline {
	tb.Helper()
	b, err := gate.Accept(run, nil, "default", gate.Acceptance{By: "ada", Reason: "first one"}, noon)
	if err != nil {
		tb.Fatal(err)
	}
	return &b
}

func TestJudge_Verdicts(t *testing.T) {
	t.Parallel()
	rows := world(800)
	severe := slices.Clone(rows)
	severe[11].severity = cases.Severe
	suite := func(name string, every, from int) func(row) bool {
		n := 0
		return func(r row) bool {
			if r.suite != name || r.fails {
				return false
			}
			n++
			return n%every == from
		}
	}
	base := accepted(t, runOf(t, rows))
	for name, c := range map[string]struct {
		base *gate.Baseline
		rows []row
		cfg  gate.Config
		want gate.Verdict
		why  string
	}{
		"nothing changed":           {base, rows, gate.Config{}, gate.Stable, "no case changed"},
		"a suite falls":             {base, flip(rows, suite("suite-3", 4, 0)), gate.Config{}, gate.Regression, "suite suite-3 is worse by"},
		"a suite rises":             {base, flip(rows, func(r row) bool { return r.fails && r.suite != "suite-1" }), gate.Config{}, gate.Improvement, "better"},
		"a few fall":                {base, flip(rows, suite("suite-3", 18, 0)), gate.Config{}, gate.Stable, "no more than chance"},
		"some fall, and not surely": {base, flip(rows, suite("suite-3", 12, 0)), gate.Config{}, gate.Soft, "may be worse"},
		"a severe case falls alone": {accepted(t, runOf(t, severe)), flip(severe, func(r row) bool { return r.severity == cases.Severe }), gate.Config{}, gate.Regression, "1 severe case newly failing (c-0011)"},
		"strictly, one is enough":   {base, flip(rows, suite("suite-3", 80, 70)), gate.Config{Strict: true}, gate.Regression, "Fail: 1 case newly failing (c-0627), and strictly none may; of 800 cases 1"},
		"strictly, one for another": {base, flip(rows, func(r row) bool { return r.id == "c-0009" || r.id == "c-0001" }), gate.Config{Strict: true}, gate.Regression, "and strictly none may"},
		"a baseline of few":         {accepted(t, runOf(t, rows[:12])), rows[:12], gate.Config{}, gate.Insufficient, "little is known"},
		"no baseline":               {nil, rows, gate.Config{}, gate.NotCompared, "no baseline"},
		"no run":                    {base, nil, gate.Config{}, gate.Broken, "no cases"},
		"a case is missing":         {base, rows[1:], gate.Config{}, gate.Broken, "1 case of baseline default not run"},
		"a tag falls, others rise": {base, flip(rows, func(r row) bool {
			return r.tags[0] == "tag-2" && len(r.id) > 0 && r.id[len(r.id)-2]%2 == 0 && !r.fails || r.tags[0] != "tag-2" && r.fails
		}), gate.Config{}, gate.Regression, "worse"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := gate.Judge(runOf(t, c.rows), c.base, c.cfg)
			if r.Verdict != c.want || !strings.Contains(r.Why, c.why) {
				t.Errorf("%s: %s; want %s: …%s…", r.Verdict, r.Why, c.want, c.why)
			}
			if wantExit := map[gate.Verdict]int{gate.Regression: 2, gate.Broken: 1}[c.want]; r.Exit() != wantExit {
				t.Errorf("exit %d", r.Exit())
			}
			if c.want == gate.Regression && strings.Contains(c.why, "severe") && strings.Contains(r.Why, "worse by") {
				t.Errorf("one case is no suite: %s", r.Why)
			}
			if c.cfg.Strict && strings.Contains(r.Why, "worse by") {
				t.Errorf("chance makes nothing worse: %s", r.Why)
			}
			t.Log(r.Why)
		})
	}
}

func TestJudge_RefusesWhatIsNotOfOneKind(t *testing.T) {
	t.Parallel()
	rows := world(100)
	for name, c := range map[string]struct {
		change func(run *runner.Folder, b *gate.Baseline)
		want   gate.Verdict
		what   string
		do     string
	}{
		"another grader of the run": {func(run *runner.Folder, _ *gate.Baseline) { run.Meta.Grader++ }, gate.NotComparable, "the run was graded by version", "rescore RUN"},
		"another grader of the baseline": {func(_ *runner.Folder, b *gate.Baseline) {
			b.Meta.Grader = 0
		}, gate.NotComparable, "baseline default was graded by version 0", "rescore --as default"},
		"another configuration": {func(run *runner.Folder, _ *gate.Baseline) { run.Meta.Config = "llm" }, gate.NotComparable, `configuration "llm"`, "accept this run"},
		"a case asks something else": {func(run *runner.Folder, _ *gate.Baseline) {
			run.Cases[3].Turns[0].Say = "Something else"
			*run = graded(t, *run)
		}, gate.NotComparable, "in 1 case", "ids of its own"},
		"a case expects something else": {func(run *runner.Folder, _ *gate.Baseline) {
			run.Cases[3].Turns[0].Expect.Action = cases.List{"answer", "clarify"}
			*run = graded(t, *run)
		}, gate.NotComparable, "what is expected is something else", "rescore --as default --cases"},
		"tags and severity are others": {func(run *runner.Folder, _ *gate.Baseline) {
			run.Cases[3].Tags, run.Cases[3].Note, run.Cases[3].Turns[0].Expect.Latency = nil, "x", "instant"
			*run = graded(t, *run)
		}, gate.Stable, "", ""},
		"a part was away":  {func(run *runner.Folder, _ *gate.Baseline) { run.Outputs[7].Degraded = true }, gate.Broken, "less than the whole product answered in 1 case", "every part is up"},
		"a grade is away":  {func(run *runner.Folder, _ *gate.Baseline) { run.Grades = run.Grades[1:] }, gate.Broken, "cut short", "run it again"},
		"an output twice":  {func(run *runner.Folder, _ *gate.Baseline) { run.Outputs[1] = run.Outputs[0] }, gate.Broken, "cut short", "run it again"},
		"an id twice":      {func(run *runner.Folder, _ *gate.Baseline) { run.Cases[1].ID = run.Cases[0].ID }, gate.Broken, "1 id twice", "an id of its own"},
		"an empty suite":   {func(run *runner.Folder, _ *gate.Baseline) { run.Meta.Suites = append(run.Meta.Suites, "safety") }, gate.Broken, "suite safety has no cases", "leave it out"},
		"cases of another": {func(run *runner.Folder, _ *gate.Baseline) { run.Cases[0].Turns[0].Say = "Quite other" }, gate.Broken, "not those it was made with", "run it again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, b := runOf(t, rows), accepted(t, runOf(t, rows))
			c.change(&run, b)
			r := gate.Judge(run, b, gate.Config{Draws: -1})
			if r.Verdict != c.want {
				t.Fatalf("%s: %s", r.Verdict, r.Why)
			}
			if c.what == "" {
				return
			}
			if !slices.ContainsFunc(r.Problems, func(p gate.Problem) bool { return strings.Contains(p.What, c.what) && strings.Contains(p.Do, c.do) }) {
				t.Errorf("%+v", r.Problems)
			}
			if !strings.Contains(r.Why, strings.Split(r.Problems[0].What, " ")[0]) || r.Exit() != 1 {
				t.Errorf("%q, exit %d", r.Why, r.Exit())
			}
		})
	}
}

func TestJudge_NewCasesAreListedAndNotCounted(t *testing.T) {
	t.Parallel()
	rows := world(200)
	base := accepted(t, runOf(t, rows))
	more := append(slices.Clone(rows), row{id: "new-1", suite: "suite-1", severity: cases.Severe, fails: true}, row{id: "new-2", suite: "suite-9", severity: cases.Normal})
	r := gate.Judge(runOf(t, more), base, gate.Config{Draws: -1})
	if r.Verdict != gate.Stable || !slices.Equal(r.New, []string{"new-1", "new-2"}) || !slices.Equal(r.NewFails, []string{"new-1"}) || r.All.Cases != 200 || len(r.Suites) != 8 {
		t.Errorf("%+v", r)
	}
}

// A case that expects facts alone passes where nothing is shown: nothing could be
// judged, and the gate says so.
func TestJudge_NamesWhatPassesUnjudged(t *testing.T) {
	t.Parallel()
	run := runOf(t, world(20))
	for _, i := range []int{1, 2} {
		run.Cases[i].Turns[0].Expect = cases.Expect{Facts: cases.List{"45 days"}}
		if i == 2 {
			run.Outputs[i].Replies = []grade.Reply{{Action: "none", Text: "I do not know."}}
		}
	}
	run = graded(t, run)
	if r := gate.Judge(run, nil, gate.Config{Draws: -1}); !slices.Equal(r.Unjudged, []string{"c-0002"}) {
		t.Errorf("%v", r.Unjudged)
	}
}

func TestJudge_OnlyTheSuitesThatWereRun(t *testing.T) {
	t.Parallel()
	rows := world(400)
	base := accepted(t, runOf(t, rows))
	run := runOf(t, slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.suite != "suite-2" }))
	if r := gate.Judge(run, base, gate.Config{Draws: -1}); r.Verdict != gate.Broken || !strings.Contains(r.Why, "350 cases of baseline default not run") {
		t.Errorf("all suites were asked for, and seven have no file any more: %s %s", r.Verdict, r.Why)
	}
	run.Meta.Named = []string{"suite-2"}
	if r := gate.Judge(run, base, gate.Config{Draws: -1}); r.Verdict != gate.Stable || r.All.Cases != 50 {
		t.Errorf("%s %s", r.Verdict, r.Why)
	}
	run.Meta.Named = []string{"suite-2", "suite-3"}
	if r := gate.Judge(run, base, gate.Config{Draws: -1}); r.Verdict != gate.Broken {
		t.Errorf("a suite that was asked for is not there: %s %s", r.Verdict, r.Why)
	}
}

// Another configuration is compared, as a change, and the result says that the two
// are not one and what changed.
func TestJudge_SaysWhatOfTheConfigurationChanged(t *testing.T) {
	t.Parallel()
	run := runOf(t, world(60))
	hash := strings.Repeat("0a", 8)
	run.Meta.Versions = map[string]string{"knowledge": hash, "encoders": "small", "triage/wish": hash, "setting risk": "0.2", "old": "1", "reranker": "none"}
	run.Meta.Articles = map[string]string{"returns": "a1", "kettle": "b1", "gone": "c1"}
	base := accepted(t, run)
	if r := gate.Judge(run, base, gate.Config{Draws: -1}); r.Configuration == nil || !r.Configuration.Same || r.Configuration.Says != "" || r.Configuration.Was != r.Configuration.Is {
		t.Errorf("the same: %+v", r.Configuration)
	}
	other := strings.Repeat("1b", 8)
	run.Meta.Versions = map[string]string{"knowledge": other, "encoders": "large", "triage/wish": other, "setting risk": "0.1", "reranker": "r1", "new": "1", "topic billing": "service"}
	run.Meta.Articles = map[string]string{"returns": "a2", "kettle": "b1", "toaster": "d1"}
	r := gate.Judge(run, base, gate.Config{Draws: -1})
	want := "Not the same configuration as baseline default. Changed: setting risk (0.2 → 0.1); encoders (small → large); " +
		"knowledge (1 article changed: returns; 1 article new: toaster; 1 article gone: gone); reranker (none → r1); new (none → 1); old (1 → none); weights of wishes for a person. " +
		"As one configuration the two are not comparable; they are compared as a change from the one to the other."
	if c := r.Configuration; c.Same || c.Was == c.Is || c.Says != want {
		t.Errorf("%+v", c)
	}
	if r.Verdict != gate.Stable || r.Exit() != 0 {
		t.Errorf("it is compared all the same: %s %s", r.Verdict, r.Why)
	}
	if c := r.Changed[0]; c != (gate.Change{Name: "setting risk", What: "setting risk", Was: "0.2", Is: "0.1"}) || len(r.Changed) != 7 {
		t.Errorf("desks, of which the baseline tells nothing, are no change: %+v", r.Changed)
	}
	run.Meta.Grader++
	if r := gate.Judge(run, base, gate.Config{Draws: -1}); !strings.Contains(r.Configuration.Says, "nothing is compared here") {
		t.Errorf("%+v", r.Configuration)
	}
	if r := gate.Judge(run, nil, gate.Config{Draws: -1}); r.Configuration != nil {
		t.Errorf("held against nothing: %+v", r.Configuration)
	}
}

// The knowledge of another shop says nothing of what was right: it is refused; one
// of which most articles stay is compared.
func TestJudge_RefusesAnotherShopsKnowledge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		is   []string
		want gate.Verdict
	}{
		"half of them stay":   {[]string{"a", "b", "x", "y", "z"}, gate.Stable},
		"fewer than half":     {[]string{"a", "x"}, gate.NotComparable},
		"none":                {[]string{"x"}, gate.NotComparable},
		"nobody noted any":    {nil, gate.Stable},
		"all, and many more":  {[]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, gate.Stable},
		"in another wording":  {[]string{"a!", "b!", "c!", "d!"}, gate.Stable},
		"another order alone": {[]string{"d", "c", "b", "a"}, gate.Stable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := runOf(t, world(60))
			run.Meta.Articles = map[string]string{"a": "1", "b": "1", "c": "1", "d": "1"}
			base := accepted(t, run)
			run.Meta.Articles = map[string]string{}
			for _, id := range c.is {
				id, reworded := strings.CutSuffix(id, "!")
				run.Meta.Articles[id] = fmt.Sprint(reworded)
			}
			r := gate.Judge(run, base, gate.Config{Draws: -1})
			if r.Verdict != c.want {
				t.Errorf("%s: %s", r.Verdict, r.Why)
			}
			if c.want == gate.NotComparable && (!strings.Contains(r.Why, "the knowledge is another one: of the 4 articles of baseline default") || !strings.Contains(r.Problems[0].Do, "--knowledge") || r.Exit() != 1) {
				t.Errorf("%s %+v", r.Why, r.Problems)
			}
		})
	}
}

// A topic gets another desk: cases of it that want the old one are labelled by a
// table that holds no more. Labelled anew, and the baseline graded again, they are
// compared.
func TestJudge_RefusesDesksOfTheTableBefore(t *testing.T) {
	t.Parallel()
	make := func(desk string, expects ...cases.Expect) runner.Folder {
		var f runner.Folder
		for i, e := range expects {
			c := row{id: fmt.Sprintf("t-%d", i), suite: "triage", severity: cases.Normal}.asCase()
			c.Turns[0].Expect = e
			f.Cases = append(f.Cases, c)
			f.Outputs = append(f.Outputs, grade.Output{Case: c.ID, Suite: "triage", Replies: []grade.Reply{{Action: "answer", Desk: desk, Topic: "billing"}}})
		}
		f = graded(t, f)
		f.Meta.Versions = map[string]string{"topic billing": desk, "topic login": "service"}
		return f
	}
	e := func(desk string, topic ...string) cases.Expect {
		return cases.Expect{Desk: cases.List{desk}, Topic: topic}
	}
	old := []cases.Expect{e("service", "billing"), e("service"), e("service", "login"), e("service", "login", "billing"), {Action: cases.List{"answer"}}, {Topic: cases.List{"billing"}}}
	base := accepted(t, make("service", old...))
	if r := gate.Judge(make("service", old...), base, gate.Config{Draws: -1}); r.Verdict == gate.NotComparable {
		t.Errorf("the same table: %s", r.Why)
	}
	r := gate.Judge(make("support", old...), base, gate.Config{Draws: -1})
	if r.Verdict != gate.NotComparable || len(r.Problems) != 1 || !slices.Equal(r.Problems[0].Cases, []string{"t-0", "t-1"}) ||
		!strings.Contains(r.Why, "2 cases are still labelled by the table before") || !strings.Contains(r.Problems[0].Do, "eval rescore --as default --cases") {
		t.Errorf("%s %+v", r.Why, r.Problems)
	}
	anew := slices.Clone(old)
	anew[0], anew[1] = e("support", "billing"), e("support")
	run := make("support", anew...)
	again, err := gate.RescoreBaseline(*base, run.Cases, gate.Acceptance{By: "ada", Reason: "billing moved"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if r := gate.Judge(run, &again, gate.Config{Draws: -1}); r.Verdict == gate.NotComparable || !strings.Contains(r.Configuration.Says, "desk of topic billing (service → support)") {
		t.Errorf("labelled anew: %s %+v", r.Why, r.Configuration)
	}
}

// Where nothing is worse, the gate fails fewer than one run in a hundred: 2 to 5 %
// of the outcomes of 1,300 cases flip either way alike.
func TestJudge_FalseAlarms(t *testing.T) {
	t.Parallel()
	rows := world(1300)
	run := runOf(t, rows)
	base := accepted(t, run)
	was, err := gate.Keep(run)
	if err != nil {
		t.Fatal(err)
	}
	other, err := gate.Keep(runOf(t, flip(rows, func(row) bool { return true })))
	if err != nil {
		t.Fatal(err)
	}
	failing := 0.0
	for _, r := range rows {
		if r.fails {
			failing += 1 / float64(len(rows))
		}
	}
	rng := rand.New(rand.NewPCG(21, 0))
	alarms, soft, runs := 0, 0, 1000
	for i := range runs {
		part := 0.02 + 0.03*float64(i)/float64(runs)
		now := slices.Clone(was)
		for k := range now {
			// As many are lost as gained: those that pass flip as often as the
			// others in number, not in share.
			p := part / 2 / (1 - failing)
			if !now[k].Pass {
				p = part / 2 / failing
			}
			if rng.Float64() < p {
				now[k] = other[k]
			}
		}
		switch gate.JudgeKept(run.Meta, now, base, gate.Config{Draws: -1}).Verdict {
		case gate.Regression:
			alarms++
		case gate.Soft:
			soft++
		}
	}
	t.Logf("%d of %d runs that are no worse fail, %d warn", alarms, runs, soft)
	if alarms > runs/100 {
		t.Errorf("%d false alarms in %d", alarms, runs)
	}
}

func drawRows(t *rapid.T) []row {
	n := rapid.IntRange(1, 120).Draw(t, "n")
	rows := make([]row, 0, n)
	for i := range n {
		rows = append(rows, row{
			id: fmt.Sprintf("c-%03d", i), suite: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "suite"),
			lang: rapid.SampledFrom([]string{"", "en", "de"}).Draw(t, "lang"), severity: rapid.SampledFrom([]string{"low", "normal", "severe"}).Draw(t, "severity"),
			tags: rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3).Draw(t, "tags"), fails: rapid.Bool().Draw(t, "fails"),
		})
	}
	return rows
}

func TestJudge_Properties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rows := drawRows(rt)
		flips := rapid.SliceOfN(rapid.Bool(), len(rows), len(rows)).Draw(rt, "flips")
		i := -1
		other := flip(rows, func(row) bool { i++; return flips[i] })
		was, is := runOf(t, rows), runOf(t, other)
		cfg := gate.Config{Draws: 50}
		forth, back := gate.Judge(is, accepted(t, was), cfg), gate.Judge(was, accepted(t, is), cfg)
		if !slices.Equal(forth.All.Lost, back.All.Gained) || !slices.Equal(forth.All.Gained, back.All.Lost) || forth.All.Test != back.All.Test {
			rt.Fatalf("%+v\n%+v", forth.All, back.All)
		}
		if len(forth.Flips) != len(forth.All.Lost)+len(forth.All.Gained) {
			rt.Fatalf("%+v", forth.Flips)
		}
		if forth.Verdict == gate.Regression && len(forth.All.Lost) == 0 && len(forth.Slices) == 0 {
			rt.Fatal("worse without a lost case")
		}
		for _, p := range append(forth.Slices, forth.Suites...) {
			if p.Change.Low > p.Change.Value || p.Change.Value > p.Change.High || p.Adjusted < p.Test.P-1e-12 && p.Adjusted != 1 {
				rt.Fatalf("%+v", p)
			}
		}
		if same := gate.Judge(was, accepted(t, was), cfg); len(same.Flips) > 0 || same.Verdict != gate.Stable && same.Verdict != gate.Insufficient {
			rt.Fatalf("%s %s", same.Verdict, same.Why)
		}
		// The order of the lines says nothing.
		mixed := runner.Folder{Meta: is.Meta, Outputs: slices.Clone(is.Outputs), Grades: slices.Clone(is.Grades), Cases: is.Cases}
		slices.Reverse(mixed.Outputs)
		slices.Reverse(mixed.Grades)
		if again := gate.Judge(mixed, accepted(t, was), cfg); !reflect.DeepEqual(again, forth) {
			rt.Fatalf("%+v\n%+v", again, forth)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	run := runOf(b, world(1300))
	base := accepted(b, runOf(b, flip(world(1300), func(r row) bool { return strings.HasSuffix(r.id, "7") })))
	for b.Loop() {
		gate.Judge(run, base, gate.Config{})
	}
}
