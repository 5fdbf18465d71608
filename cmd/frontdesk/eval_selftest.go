package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/evals/cases"
	"frontdesk/evals/faults"
	"frontdesk/evals/gate"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
	"frontdesk/evals/stages"
	"frontdesk/handoff"
	"frontdesk/retrieval"
)

type selftestFlags struct {
	cases     string
	knowledge []string
	out       string
	faults    []string
	suites    []string
	vectors   string // where to keep those of what is asked
	nulls     int
	list      bool
}

func newEvalSelftestCommand(a *app) *cobra.Command {
	var f selftestFlags
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Test the gate: break the product on purpose and see what it says",
		Long: `Play the demo shop's cases, then once more for each of the seeded faults, put in
around the parts of an engine that is made for it, and see whether the gate stops
the release and names the stage. Half of the faults were specified by somebody who
had not seen the suites (evals/faults/unseen.md, unseen2.md). Then compare the run with
what it would be if 2 to 5 % of its cases came out otherwise by chance: of those
comparisons hardly any may be stopped.

The table is printed, and lies with a report in the folder of --out. The exit
status is 2 where fewer faults than promised were caught or named, or more
comparisons stopped.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.evalSelftest(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.cases, "cases", "", "folder of the cases (default evals/suites/shop of the repository)")
	c.Flags().StringSliceVar(&f.knowledge, "knowledge", nil, "folder or file of the knowledge they are about; may be repeated (default evals/shop/knowledge)")
	c.Flags().StringVar(&f.out, "out", "", "folder for the table and the report (default evals/selftest in the home)")
	c.Flags().StringSliceVar(&f.faults, "fault", nil, "only this fault; may be repeated")
	c.Flags().StringSliceVar(&f.suites, "suite", nil, "only this suite; may be repeated")
	c.Flags().StringVar(&f.vectors, "keep-vectors", "", "also write the vectors of all that is asked to this file")
	c.Flags().IntVar(&f.nulls, "nulls", 1000, "how many comparisons of what is no worse")
	c.Flags().BoolVar(&f.list, "list", false, "list the faults and do nothing")
	return c
}

func (a *app) evalSelftest(ctx context.Context, f selftestFlags) error {
	list, err := chooseFaults(f.faults)
	if err != nil {
		return err
	}
	if f.list {
		for _, x := range list {
			fmt.Fprintf(a.stdout, "%s (%s, %s): %s. A customer: %s.\n", x.Name, x.Stage, x.Author, x.What, x.Notice)
		}
		return nil
	}
	run := evalRunFlags{cases: f.cases, knowledge: f.knowledge, out: f.out, config: "selftest"}
	run, err = run.withDefaults(a.config.Home)
	if err != nil {
		return err
	}
	if f.out == "" {
		run.out = filepath.Join(a.config.Home, "evals", "selftest")
	}
	if err := runner.CheckPlace(run.out); err != nil {
		return err
	}
	articles, err := readKnowledge(ctx, run.knowledge)
	if err != nil {
		return err
	}
	all, err := readCases(ctx, run.cases, f.suites, articles)
	if err != nil {
		return err
	}
	var t *trials
	err = a.withFront(ctx, func(front *front, models *keptModels) error {
		b, err := a.newBench(ctx, front, models)
		if err != nil {
			return err
		}
		defer b.Close(ctx)
		b.finds = remembered(b.finds)
		t = &trials{a: a, b: b, articles: articles, cases: all}
		return a.keeping(models, f.vectors, func() error { return t.run(ctx, list) })
	})
	if err != nil {
		return err
	}
	t.table.Nulls = faults.Null(t.clean.Meta, t.before, f.nulls, 1)
	return t.finish(run.out)
}

func chooseFaults(names []string) ([]faults.Fault, error) {
	all := faults.All()
	if len(names) == 0 {
		return all, nil
	}
	var out []faults.Fault
	for _, n := range names {
		i := slices.IndexFunc(all, func(f faults.Fault) bool { return f.Name == n })
		if i < 0 {
			return nil, usageError{fmt.Errorf("there is no fault %q: `frontdesk eval selftest --list` names them", n)}
		}
		out = append(out, all[i])
	}
	return out, nil
}

// readKnowledge reads folders of knowledge as an ingest does.
func readKnowledge(ctx context.Context, folders []string) ([]retrieval.Article, error) {
	var out []retrieval.Article
	for _, k := range folders {
		found, err := readWholeFolder(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// trials plays cases without a fault and then with each.
type trials struct {
	a        *app
	b        *bench
	articles []retrieval.Article
	cases    []cases.Case

	clean  runner.Folder
	before gate.Baseline // the clean run
	table  faults.Table
}

func (t *trials) run(ctx context.Context, list []faults.Fault) error {
	return t.a.withPlayers(ctx, t.b.front, t.b.models, t.articles, nil, func(ps []*player) error {
		if err := t.playClean(ctx, ps); err != nil {
			return err
		}
		all := time.Now()
		for i, f := range list {
			began := time.Now()
			trial, err := t.try(ctx, ps, f)
			if err != nil {
				return fmt.Errorf("fault %s: %w", f.Name, err)
			}
			t.table.Trials = append(t.table.Trials, trial)
			said := "not caught"
			if trial.Caught {
				said = "caught"
			}
			fmt.Fprintf(t.a.stderr, "%d of %d: %s (%s): %s, %d lost, %d gained, at %s; %s%s\n",
				i+1, len(list), f.Name, f.Stage, said, trial.Lost, trial.Gained, trial.Where(), time.Since(began).Round(time.Second), left(time.Since(all), i+1, len(list)))
		}
		return nil
	})
}

// playClean is what everything is held against.
func (t *trials) playClean(ctx context.Context, ps []*player) error {
	r, err := t.b.rig()
	if err != nil {
		return err
	}
	defer r.stop(ctx)
	var sound []*player
	for _, p := range ps {
		sound = append(sound, &player{front: p.front, site: p.site, rig: r})
	}
	if t.clean, err = t.play(ctx, sound, t.cases, t.a.casesProgress(len(t.cases), "cases played without a fault")); err != nil {
		return err
	}
	t.before, err = gate.Accept(t.clean, nil, "selftest", gate.Acceptance{By: "the test of the gate", Reason: "without a fault"}, t.a.now())
	t.table.Program, t.table.Cases = t.clean.Meta.Program, len(t.cases)
	return err
}

func (t *trials) play(ctx context.Context, ps []*player, list []cases.Case, progress func(int)) (run runner.Folder, err error) {
	played, err := runner.Run(ctx, runnersOf(ps), list, progress)
	if err != nil {
		return run, err
	}
	run = runner.Folder{Cases: list, Outputs: played.Outputs, Timings: played.Timings}
	if run.Grades, err = runner.Grade(list, played.Outputs); err != nil {
		return run, err
	}
	versions, err := t.a.versionsOf(t.articles)
	if err != nil {
		return run, err
	}
	run.Meta, err = runner.NewMeta("selftest", versions, list)
	run.Meta.Program = programVersion()
	return run, err
}

// try plays the cases with a fault and asks the gate. Where the fault is in what
// is published, that is at sites of its own.
func (t *trials) try(ctx context.Context, ps []*player, f faults.Fault) (trial faults.Trial, err error) {
	seams := f.Make()
	if seams.Knowledge == nil && seams.Index == nil && seams.Routes == nil {
		return t.tryAt(ctx, t.b, ps, f)
	}
	articles := stages.Put(seams.Knowledge, t.articles)
	var index retrieval.BM25
	if seams.Index != nil {
		r, err := retrieval.DefaultRanking()
		if err != nil {
			return trial, err
		}
		index = r.BM25
		seams.Index(&index)
	}
	other := *t.b
	other.finds = t.b.front.store.Find
	err = t.a.withIndexedPlayers(ctx, t.b.front, t.b.models, articles, index, nil, func(ps []*player) error {
		if err := reroute(ctx, ps, seams.Routes); err != nil {
			return err
		}
		trial, err = t.tryAt(ctx, &other, ps, f)
		return err
	})
	return trial, err
}

// reroute changes the routes of the players' sites; nil leaves them.
func reroute(ctx context.Context, ps []*player, change func([]handoff.Route) []handoff.Route) error {
	if change == nil {
		return nil
	}
	for _, p := range ps {
		me := handoff.System(int32(p.site.ID), "eval")
		routes, err := p.front.desk.Routes(ctx, me)
		if err != nil {
			return err
		}
		if err := p.front.desk.SetRoutes(ctx, me, change(routes)); err != nil {
			return err
		}
	}
	return nil
}

// mostLooked is how many lost cases of a fault are looked into: enough to tell
// which stage most of them were lost at.
const mostLooked = 24

func (t *trials) tryAt(ctx context.Context, b *bench, ps []*player, f faults.Fault) (faults.Trial, error) {
	var broken []*player
	for _, p := range ps {
		r, err := b.rig(f.Make())
		if err != nil {
			return faults.Trial{}, err
		}
		defer r.stop(ctx)
		broken = append(broken, &player{front: p.front, site: p.site, rig: r})
	}
	list, named := slices.DeleteFunc(slices.Clone(t.cases), func(c cases.Case) bool { return !slices.Contains(f.Suites, c.Suite) }), f.Suites
	if len(list) == 0 {
		list, named = t.cases, nil // suites that were named, or a team's own
	}
	run, err := t.playReached(ctx, broken, list, f)
	if err != nil {
		return faults.Trial{}, err
	}
	run.Meta.Named = named
	r := gate.Judge(run, &t.before, gate.Config{Draws: -1})
	lost, err := b.locate(ctx, ps, f.Make, t.lost(run, r), passedBefore(&t.before), func(int) {})
	if err != nil {
		return faults.Trial{}, err
	}
	at := map[string]string{}
	for _, l := range lost {
		at[l.Case] = string(l.Stage)
	}
	r.Locate(func(id string) string { return at[id] })
	return f.Judge(r, lost), nil
}

// playReached plays those of the cases that a fault can reach; the others come out
// as they did without it.
func (t *trials) playReached(ctx context.Context, ps []*player, list []cases.Case, f faults.Fault) (runner.Folder, error) {
	clean := map[string]int{}
	for i, o := range t.clean.Outputs {
		clean[o.Case] = i
	}
	var reached []cases.Case
	for _, c := range list {
		if f.Reaches(t.clean.Outputs[clean[c.ID]]) {
			reached = append(reached, c)
		}
	}
	if len(reached) == 0 {
		reached = list
	}
	run, err := t.play(ctx, ps, reached, nil)
	if err != nil || len(reached) == len(list) {
		return run, err
	}
	played := map[string]int{}
	for i, o := range run.Outputs {
		played[o.Case] = i
	}
	whole := runner.Folder{Cases: list, Meta: run.Meta}
	for _, c := range list {
		from, i := run, 0
		if k, ok := played[c.ID]; ok {
			i = k
		} else {
			from, i = t.clean, clean[c.ID]
		}
		whole.Outputs, whole.Grades, whole.Timings = append(whole.Outputs, from.Outputs[i]), append(whole.Grades, from.Grades[i]), append(whole.Timings, from.Timings[i])
	}
	whole.Meta, err = runner.NewMeta(run.Meta.Config, run.Meta.Versions, list)
	whole.Meta.Program = run.Meta.Program
	return whole, err
}

// lost are the cases that a fault lost, or as many of them, spread evenly, as
// are looked into.
func (t *trials) lost(run runner.Folder, r gate.Result) []failed {
	ids := r.All.Lost
	if n := len(ids); n > mostLooked {
		var some []string
		for i := range mostLooked {
			some = append(some, ids[i*n/mostLooked])
		}
		ids = some
	}
	var out []failed
	for _, x := range failsOf(run) {
		if slices.Contains(ids, x.c.ID) {
			out = append(out, x)
		}
	}
	return out
}

// Files of a test of the gate, beside the report of the run without a fault.
const (
	selftestFile     = "selftest.json"
	selftestMarkdown = "selftest.md"
)

// finish prints the table and writes it, with the report.
func (t *trials) finish(out string) error {
	if err := t.table.Print(t.a.stdout); err != nil {
		return err
	}
	if err := runner.Write(out, t.clean); err != nil {
		return err
	}
	data, err := json.MarshalIndent(t.table, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(
		os.WriteFile(filepath.Join(out, selftestFile), append(data, '\n'), 0o644),
		os.WriteFile(filepath.Join(out, selftestMarkdown), []byte(t.table.Markdown()), 0o644),
		report.Write(out, report.Input{
			Run: t.clean, Result: gate.Judge(t.clean, nil, gate.Config{}),
			Tables: []report.Table{selftestTable(t.table)},
		}),
	); err != nil {
		return err
	}
	fmt.Fprintf(t.a.stdout, "report: %s\n", filepath.Join(out, report.PageFile))
	if fails := t.table.Fails(); len(fails) > 0 {
		fmt.Fprintln(t.a.stdout, "Fail: "+strings.Join(fails, "; ")+".")
		return exitError{gate.ExitRegression}
	}
	return nil
}

// selftestTable is the table for a report.
func selftestTable(t faults.Table) report.Table {
	out := report.Table{
		Title:   "The gate, tested",
		Caption: "What it says when a part is broken on purpose: " + strings.Join(t.Summary(), ". ") + ". Every number leads to its cases.",
		Head:    t.Head(), Rows: t.Rows(), Behind: map[[2]int]report.Behind{},
	}
	for i, x := range t.ByStage() {
		for name, ids := range map[string][]string{"lost": x.Changed.Lost, "gained": x.Changed.Gained, "severe": x.Changed.Severe} {
			if k := slices.Index(out.Head, name); k >= 0 && len(ids) > 0 {
				out.Behind[[2]int{i, k}] = report.Behind{Title: "Fault " + x.Name + ": " + name, Fails: ids}
			}
		}
	}
	return out
}
