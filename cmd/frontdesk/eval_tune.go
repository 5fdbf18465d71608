package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/evals/cases"
	"frontdesk/evals/customers"
	"frontdesk/evals/grade"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
	"frontdesk/evals/tune"
	"frontdesk/retrieval"
)

type tuneFlags struct {
	cases, costs, out  string
	scripts            string
	knowledge          []string
	seed               uint64
	threshold, maybeAt float64
}

// files that a tuning writes beside each other.
const (
	tuneResult = "tune.json"
	tunePage   = "tune.html"
)

func newEvalTuneCommand(a *app) *cobra.Command {
	var f tuneFlags
	c := &cobra.Command{
		Use:   "tune [SUITE…]",
		Short: "Find the thresholds that cost least, and say whether they pay on cases that chose nothing",
		Long: `Find the thresholds that cost least by a table of what each way to end a customer's turn
costs (wrong answer, needless handoff, missed handoff, delay). Half of the cases, by article
and by a seed, choose the thresholds; the other half says what they are worth, with an
interval of the difference. What does not pay there is not proposed.

Every turn that says what is right is played in each band (quoted, choices, neither), after
what the product answers to the turns before it. Frozen cases of a harvest only ever check.
What is found is then held against whole conversations: scripted customers talk to the bot
with the thresholds of now and with those found, and where fewer of them come to a good
end, nothing is proposed. The report is tune.html in
the folder of --out, with the curves; tune.json has the figures.`,
		RunE: func(cmd *cobra.Command, suites []string) error { return plain(a.evalTune(cmd.Context(), suites, f)) },
	}
	c.Flags().StringVar(&f.cases, "cases", "", "folder of the cases (default evals/suites/shop of the repository)")
	c.Flags().StringSliceVar(&f.knowledge, "knowledge", nil, "folder or file of the knowledge they are about; may be repeated (default evals/shop/knowledge)")
	c.Flags().StringVar(&f.costs, "costs", "", "file of the cost table (default: wrong answer 10, needless handoff 4, missed handoff 12, delay 2; see evals/tune/costs.yaml)")
	c.Flags().StringVar(&f.scripts, "scripts", "", "folder of scripted customers (default evals/customers/shop for the demo shop, none otherwise)")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "of the split, and of the customers' typing")
	c.Flags().StringVar(&f.out, "out", "", "folder of the report (default evals/tune in the home)")
	c.Flags().Float64Var(&f.threshold, "threshold", -1, "the threshold of now, 0 to 1 (default: what the calibration gives)")
	c.Flags().Float64Var(&f.maybeAt, "maybe", -1, "from which choices are offered now, 0 to 1 (likewise)")
	return c
}

func (f tuneFlags) read(home string) (tuneFlags, tune.Costs, error) {
	for _, v := range []float64{f.threshold, f.maybeAt} {
		if v != -1 && !(v >= 0 && v <= 1) {
			return f, nil, usageError{errors.New("--threshold and --maybe are probabilities, from 0 to 1")}
		}
	}
	f.out = cmp.Or(f.out, filepath.Join(home, "evals", "tune"))
	named, err := evalRunFlags{cases: f.cases, knowledge: f.knowledge}.withDefaults(home)
	if err != nil {
		return f, nil, err
	}
	f.cases, f.knowledge = named.cases, named.knowledge
	if f.costs == "" {
		costs, err := tune.ShippedCosts()
		return f, costs, err
	}
	data, err := os.ReadFile(f.costs)
	if err != nil {
		return f, nil, fmt.Errorf("the cost table: %w", err)
	}
	costs, err := tune.ParseCosts(f.costs, data)
	return f, costs, err
}

func (a *app) evalTune(ctx context.Context, suites []string, f tuneFlags) error {
	f, costs, err := f.read(a.config.Home)
	if err != nil {
		return err
	}
	var articles []retrieval.Article
	for _, k := range f.knowledge {
		found, err := readWholeFolder(ctx, k)
		if err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		articles = append(articles, found...)
	}
	list, err := readCases(ctx, f.cases, suites, articles)
	if err != nil {
		return err
	}
	scripts, err := f.customers(articles)
	if err != nil {
		return err
	}
	var r tune.Result
	err = a.withFront(ctx, func(front *front, models *keptModels) error {
		return a.withPlayers(ctx, front, models, articles, nil, func(ps []*player) error {
			items, now, err := a.playBands(ctx, ps, list)
			if err != nil {
				return err
			}
			if f.threshold >= 0 {
				now.Sure = f.threshold
			}
			if f.maybeAt >= 0 {
				now.Maybe = f.maybeAt
			}
			if r, err = tune.Find(items, tune.Config{Costs: costs, Seed: f.seed, Now: now}); err != nil {
				return err
			}
			if len(scripts) == 0 || r.Found == r.Now {
				return nil
			}
			return a.holdTalks(ctx, ps, scripts, f, &r)
		})
	})
	if err != nil {
		return err
	}
	if err := writeTuned(f.out, r); err != nil {
		return err
	}
	return printTuned(a.stdout, filepath.Join(f.out, tunePage), r)
}

// customers are the scripted ones: those of the demo shop for the demo shop, or
// those that are named.
func (f tuneFlags) customers(articles []retrieval.Article) ([]customers.Script, error) {
	folder := f.scripts
	if root, ok := repositoryRoot(); folder == "" && ok && len(f.knowledge) == 1 && f.knowledge[0] == filepath.Join(root, "evals", "shop", "knowledge") {
		folder = filepath.Join(root, "evals", "customers", "shop")
	}
	if folder == "" {
		return nil, nil
	}
	list, err := customers.Read(os.DirFS(folder))
	if err == nil {
		err = customers.Check(list, caseArticles(articles))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	return list, nil
}

// bandTurn is a turn of a case that is played in each band.
type bandTurn struct {
	of cases.Case
	n  int // from 0
}

// playBands plays every turn that says what is right in each band, after what the
// product answers to the turns before.
func (a *app) playBands(ctx context.Context, ps []*player, list []cases.Case) (items []tune.Item, now tune.Thresholds, err error) {
	policy := bot.PolicyOf(calibrationOf(ps[0].front.finder), *ps[0].site)
	now = tune.Thresholds{Sure: policy.Sure, Maybe: policy.Maybe}
	var turns []bandTurn
	for _, c := range list {
		for _, n := range tune.TurnsOf(c) {
			turns = append(turns, bandTurn{c, n})
		}
	}
	played := make([]*tune.Item, len(turns))
	err = runner.Deal(ctx, len(ps), len(turns), a.casesProgress(len(turns), "turns played in each band"), func(ctx context.Context, p, i int) (err error) {
		c := turns[i].of
		if played[i], err = ps[p].playItem(ctx, c, turns[i].n); err != nil {
			return fmt.Errorf("case %s (%s:%d), turn %d: %w", c.ID, c.File, c.Line, turns[i].n+1, err)
		}
		return nil
	})
	for _, x := range played {
		if x != nil {
			items = append(items, *x)
		}
	}
	return items, now, err
}

// playItem plays a case three times as far as a turn, which is played as if the
// thresholds left nothing but one band; nil where thresholds decide nothing
// about it: people have the conversation by then, or there is nothing to press.
func (p *player) playItem(ctx context.Context, c cases.Case, n int) (*tune.Item, error) {
	e := c.Turns[n].Expect
	item := tune.Item{Case: c.ID, Cluster: tune.ClusterOf(c, tune.TurnsOf(c)[0]), Frozen: tune.FrozenCase(c)}
	if n > 0 {
		item.Case += fmt.Sprintf(", turn %d", n+1)
	}
	item.Wants, _ = tune.WantsOf(e)
	never := math.Nextafter(1, 2) // a setting ends at 1, which a probability may reach
	for band, t := range []tune.Thresholds{tune.Sure: {}, tune.Maybe: {Sure: never}, tune.No: {Sure: never, Maybe: never}} {
		r, trace, err := p.playUpTo(ctx, c, n, t)
		if errors.Is(err, errNothingToPress) {
			return nil, nil //nolint:nilnil // nothing to tell, and nothing went wrong
		}
		if err != nil {
			return nil, err
		}
		if r.Action == "relay" {
			return nil, nil //nolint:nilnil // as above
		}
		item.Ends[band], item.Does[band] = tune.EndingOf(e, item.Wants, r), r.Action
		item.P, item.Near = trace.P, cmp.Or(trace.Near, trace.P)
	}
	return &item, nil
}

// playUpTo plays a case's turns as the site would, and the last of them with
// other thresholds.
func (p *player) playUpTo(ctx context.Context, c cases.Case, n int, t tune.Thresholds) (r grade.Reply, trace bot.Trace, err error) {
	s, err := p.open(ctx)
	if err != nil {
		return r, trace, err
	}
	defer s.forget(ctx)
	for i, turn := range c.Turns[:n+1] {
		if i == n {
			s.site = p.with(t)
		}
		if r, err = s.turn(ctx, turn); err != nil {
			return r, trace, err
		}
		if len(r.Missing) > 0 {
			return r, trace, fmt.Errorf("%s took no part: there is no tuning without", r.Missing[0])
		}
	}
	return r, s.trace, nil
}

// with is the player's site with thresholds of its own.
func (p *player) with(t tune.Thresholds) *bot.Site {
	forced := *p.site
	forced.Settings.Threshold, forced.Settings.Maybe = &t.Sure, &t.Maybe
	return &forced
}

// talkRuns is how often each scripted customer comes, with other typing.
const talkRuns = 2

// holdTalks plays scripted customers with the thresholds of now and with those
// found, and holds one against the other.
func (a *app) holdTalks(ctx context.Context, ps []*player, scripts []customers.Script, f tuneFlags, r *tune.Result) error {
	both := [2][]tune.Told{}
	for side, t := range []tune.Thresholds{r.Now, r.Found} {
		told := make([]tune.Told, len(scripts)*talkRuns)
		err := runner.Deal(ctx, len(ps), len(told), a.casesProgress(len(told), "whole conversations"), func(ctx context.Context, p, i int) error {
			s, err := ps[p].open(ctx)
			if err != nil {
				return err
			}
			defer s.forget(ctx)
			s.site = ps[p].with(t)
			story, err := customers.Play(ctx, scripts[i/talkRuns], f.seed+uint64(i%talkRuns), s)
			told[i] = tune.Told{Customer: story.Script, Well: story.Pass, Turns: story.Turns}
			return err
		})
		if err != nil {
			return err
		}
		both[side] = told
	}
	return r.HoldTalks(both[0], both[1], talkRuns)
}

func writeTuned(folder string, r tune.Result) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	page, err := report.TunePage(r)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(folder, tuneResult), append(data, '\n'), 0o644), os.WriteFile(filepath.Join(folder, tunePage), page, 0o644))
}

func printTuned(w io.Writer, page string, r tune.Result) error {
	fmt.Fprintf(w, "now: threshold %.3f, maybe %.3f; cheapest on the calibration split: threshold %.2f, maybe %.2f\n", r.Now.Sure, r.Now.Maybe, r.Found.Sure, r.Found.Maybe)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "cost of a turn\tturns\tclusters\tnow\tthen\tchange (95 %)")
	for _, row := range []struct {
		name string
		s    tune.Split
	}{{"calibration", r.Calibration}, {"check", r.Check}} {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.3f\t%.3f\t%+.3f (%+.3f to %+.3f)\n", row.name, row.s.Items, row.s.Clusters, row.s.Now.Value, row.s.Then.Value, row.s.Change.Value, row.s.Change.Low, row.s.Change.High)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if x := r.Talks; x != nil {
		fmt.Fprintf(w, "whole conversations: of %d customers, %d times each, %.3f go well now and %.3f as found: %+.3f (%+.3f to %+.3f); %d turns and %d\n",
			x.Customers, x.Runs, x.Now.Value, x.Then.Value, x.Change.Value, x.Change.Low, x.Change.High, x.TurnsNow, x.TurnsThen)
	}
	if r.Pays {
		fmt.Fprintf(w, "it pays: %s\n  frontdesk site set SITE threshold=%.2f maybe=%.2f\n", r.Why, r.Found.Sure, r.Found.Maybe)
	} else {
		fmt.Fprintf(w, "nothing is proposed: %s\n", r.Why)
	}
	_, err := fmt.Fprintf(w, "report: %s\n", page)
	return err
}
