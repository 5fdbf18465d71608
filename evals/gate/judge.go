package gate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
	"frontdesk/evals/stats"
)

// pair is a case then and now.
type pair struct{ was, is *Kept }

func byCase(a, b Kept) int { return cmp.Compare(a.Case, b.Case) }

// Judge holds a run against a baseline; b may be nil, and nothing is compared
// then.
func Judge(run runner.Folder, b *Baseline, cfg Config) Result {
	r := Result{Verdict: Broken, Cases: len(run.Cases)}
	if r.Problems = Health(run); len(r.Problems) > 0 {
		r.explain()
		return r
	}
	now, err := Keep(run)
	if err != nil {
		r.Problems = []Problem{{What: err.Error(), Do: "run it again: `frontdesk eval run`"}}
		r.explain()
		return r
	}
	return judge(run.Meta, now, b, cfg, func(r *Result) { r.holdLabels(run, b) })
}

// JudgeKept is Judge of what Keep made of a run, for whoever judges many that
// differ in their outcomes alone.
func JudgeKept(meta runner.Meta, now []Kept, b *Baseline, cfg Config) Result {
	return judge(meta, now, b, cfg, func(*Result) {})
}

// judge judges; hold refuses what only the answers show.
func judge(meta runner.Meta, now []Kept, b *Baseline, cfg Config, hold func(*Result)) Result {
	cfg = cfg.withDefaults()
	r := Result{Cases: len(now)}
	for i := range now {
		k := &now[i]
		if k.Pass && len(k.Checks) == 0 {
			r.Unjudged = append(r.Unjudged, k.Case)
		}
		if !k.Pass {
			r.Failing++
			if k.Severity == cases.Severe {
				r.Severe = append(r.Severe, k.Case)
			}
		}
	}
	if meta.Grader != grade.Version {
		r.refuse(Problem{
			What: fmt.Sprintf("the run was graded by version %d of the grader, this program's is %d", meta.Grader, grade.Version),
			Do:   "grade its answers again: `frontdesk eval rescore RUN`",
		})
	}
	pairs := alone(now)
	if b != nil {
		r.Baseline, r.Changed = b.Name, changed(b.Meta, meta)
		r.hold(meta, b)
		r.holdKnowledge(meta, b)
		hold(&r)
		pairs = r.pair(now, b, meta.Named)
	}
	compared := b != nil && r.Verdict == ""
	if b != nil {
		r.configure(meta, b, compared)
	}
	r.parts(pairs, compared, cfg)
	r.Measures = measures(pairs, compared, cfg)
	if compared {
		r.flips(pairs)
		r.Verdict = r.whole()
	}
	if r.Verdict == "" {
		r.Verdict = NotCompared
	}
	r.explain()
	return r
}

// refuse says that nothing can be compared; broken goes before that.
func (r *Result) refuse(p Problem) {
	r.Problems = append(r.Problems, p)
	r.Verdict = cmp.Or(r.Verdict, NotComparable)
}

// alone are cases without any before.
func alone(now []Kept) []pair {
	out := make([]pair, 0, len(now))
	for i := range now {
		out = append(out, pair{was: &Kept{}, is: &now[i]})
	}
	return out
}

// hold says whether the run and the baseline are of one kind.
func (r *Result) hold(meta runner.Meta, b *Baseline) {
	if b.Meta.Grader != grade.Version {
		r.refuse(Problem{
			What: fmt.Sprintf("baseline %s was graded by version %d of the grader, this program's is %d", b.Name, b.Meta.Grader, grade.Version),
			Do:   fmt.Sprintf("grade its answers again: `frontdesk eval rescore --as %s`", b.Name),
		})
	}
	if b.Meta.Config != meta.Config {
		r.refuse(Problem{
			What: fmt.Sprintf("the run is of configuration %q, baseline %s of %q", meta.Config, b.Name, b.Meta.Config),
			Do:   fmt.Sprintf("name the baseline of %q, or accept this run as one", meta.Config),
		})
	}
}

// pair puts together what is in both. Of the suites that the run was asked for by
// name, or else of all, nothing may lack: a suite whose file went is no pass.
func (r *Result) pair(now []Kept, b *Baseline, named []string) []pair {
	was := make(map[string]*Kept, len(b.Cases))
	for i := range b.Cases {
		was[b.Cases[i].Case] = &b.Cases[i]
	}
	var out []pair
	var other, expects, missing []string
	there := map[string]bool{}
	for i := range now {
		k := &now[i]
		there[k.Case] = true
		before, ok := was[k.Case]
		switch {
		case !ok:
			r.New = append(r.New, k.Case)
			if !k.Pass {
				r.NewFails = append(r.NewFails, k.Case)
			}
			continue
		case before.Asked != k.Asked:
			other = append(other, k.Case)
		case before.Expects != k.Expects:
			expects = append(expects, k.Case)
		}
		out = append(out, pair{before, k})
	}
	for i := range b.Cases {
		if k := &b.Cases[i]; !there[k.Case] && (len(named) == 0 || slices.Contains(named, k.Suite)) {
			missing = append(missing, k.Case)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		r.Verdict = Broken
		r.Problems = slices.Insert(r.Problems, 0, Problem{
			What: fmt.Sprintf("%s of baseline %s not run", count(len(missing), "case"), b.Name), Cases: missing,
			Do: fmt.Sprintf("put them back; if they are gone for good, accept a run without them: `frontdesk eval accept RUN --as %s --reason …`", b.Name),
		})
	}
	if len(other) > 0 {
		r.refuse(Problem{
			What: fmt.Sprintf("what is asked is something else than when baseline %s was accepted, in %s", b.Name, count(len(other), "case")), Cases: other,
			Do: fmt.Sprintf("give what is new ids of its own, or accept this run: `frontdesk eval accept RUN --as %s --reason …`", b.Name),
		})
	}
	if len(expects) > 0 {
		r.refuse(Problem{
			What: fmt.Sprintf("what is expected is something else than when baseline %s was accepted, in %s", b.Name, count(len(expects), "case")), Cases: expects,
			Do: fmt.Sprintf("grade the baseline's answers by the cases of today: `frontdesk eval rescore --as %s --cases FOLDER --reason …`", b.Name),
		})
	}
	return out
}

// flips lists what is lost, severe first, and then what is gained.
func (r *Result) flips(pairs []pair) {
	for _, p := range pairs {
		if p.was.Pass != p.is.Pass {
			r.Flips = append(r.Flips, Flip{Case: p.is.Case, Suite: p.is.Suite, Severe: p.severe(), Lost: p.was.Pass})
		}
	}
	rank := func(f Flip) int {
		switch {
		case f.Lost && f.Severe:
			return 0
		case f.Lost:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(r.Flips, func(a, b Flip) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Suite, b.Suite), cmp.Compare(a.Case, b.Case))
	})
}

func (p pair) severe() bool { return p.is.Severity == cases.Severe || p.was.Severity == cases.Severe }

// whole is the verdict of all parts together.
func (r *Result) whole() Verdict {
	has := func(v Verdict) bool {
		is := func(p Part) bool { return p.Verdict == v }
		return r.All.Verdict == v || slices.ContainsFunc(r.Suites, is) || slices.ContainsFunc(r.Slices, is)
	}
	switch {
	case has(Regression):
		return Regression
	case has(Soft):
		return Soft
	case has(Improvement):
		return Improvement
	}
	return r.All.Verdict // stable, or insufficient
}

// parts measures everything, the suites and the slices.
func (r *Result) parts(pairs []pair, compared bool, cfg Config) {
	all := func(k *Kept) (bool, bool) { return k.Pass, true }
	r.All = measure(KindAll, "all", pairs, all, compared, cfg)
	suites := map[string][]pair{}
	slicesOf := map[Key][]pair{}
	for _, p := range pairs {
		suites[p.is.Suite] = append(suites[p.is.Suite], p)
		for _, k := range p.is.Keys() {
			slicesOf[k] = append(slicesOf[k], p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(suites)) {
		r.Suites = append(r.Suites, measure(KindSuite, name, suites[name], all, compared, cfg))
	}
	for _, key := range slices.SortedFunc(maps.Keys(slicesOf), compareKeys) {
		holds := func(k *Kept) (bool, bool) { return k.holds(key) }
		r.Slices = append(r.Slices, measure(key.Kind, key.Name, slicesOf[key], holds, compared, cfg))
	}
	if !compared {
		return
	}
	family := []*Part{&r.All}
	for i := range r.Suites {
		family = append(family, &r.Suites[i])
	}
	adjust(family, cfg)
	family = nil
	for i := range r.Slices {
		if p := &r.Slices[i]; p.Least > cfg.Hopeless {
			p.Adjusted, p.Verdict = 1, Insufficient // by its size alone, not by what came out
		} else {
			family = append(family, p)
		}
	}
	adjust(family, cfg)
}

func compareKeys(a, b Key) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
}

// adjust corrects parts for being looked at together, and judges them.
func adjust(family []*Part, cfg Config) {
	ps := make([]float64, len(family))
	for i, p := range family {
		ps[i] = p.Test.P
	}
	for i, p := range stats.Holm(ps) {
		family[i].Adjusted = p
		family[i].judge(cfg)
	}
}

// measure counts a part. Pairs that are of it on one side only say nothing about
// a change.
func measure(kind, name string, pairs []pair, holds func(*Kept) (holds, ok bool), compared bool, cfg Config) Part {
	p := Part{Kind: kind, Name: name, Adjusted: 1, Test: stats.Paired{P: 1, MidP: 1}}
	var is, was int
	var both []stats.Pair
	if compared && cfg.Draws > 0 {
		both = make([]stats.Pair, 0, len(pairs))
	}
	for _, c := range pairs {
		now, ok := holds(c.is)
		before, had := holds(c.was)
		if !ok || compared && !had {
			continue
		}
		p.Cases++
		is += one(now)
		if !compared {
			continue
		}
		was += one(before)
		if cfg.Draws > 0 {
			both = append(both, stats.Pair{Cluster: c.is.cluster(), WasSum: float64(one(before)), WasOf: 1, IsSum: float64(one(now)), IsOf: 1})
		}
		switch {
		case before && !now:
			p.Lost = append(p.Lost, c.is.Case)
			if c.severe() && c.was.Pass && !c.is.Pass {
				p.Severe = append(p.Severe, c.is.Case)
			}
		case now && !before:
			p.Gained = append(p.Gained, c.is.Case)
		}
	}
	p.Is = stats.Wilson(is, p.Cases)
	if !compared {
		return p
	}
	p.Was, p.Test = stats.Wilson(was, p.Cases), stats.McNemar(len(p.Lost), len(p.Gained))
	if cfg.Draws > 0 {
		p.Change, _ = stats.Difference(both, cfg.Draws)
	}
	p.Change.Value = p.effect()
	discordant := cfg.Discordant
	if p.Cases > 0 && (kind == KindAll || kind == KindSuite) {
		discordant = max(discordant, float64(len(p.Lost)+len(p.Gained))/float64(p.Cases))
	}
	p.Least = stats.Power{Alpha: cfg.Alpha}.Least(p.Cases, discordant)
	return p
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
