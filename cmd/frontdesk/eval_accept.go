package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/runner"
)

type acceptFlags struct {
	as, reason, by, baselines string
}

func newEvalAcceptCommand(a *app) *cobra.Command {
	var f acceptFlags
	c := &cobra.Command{
		Use:   "accept [RUN] --as NAME --reason TEXT",
		Short: "Make a run the baseline that later ones are held against",
		Long: `Make a run the baseline of a name: later runs are held against it. It is kept with
who, when and why in NAME.json, and with its answers in NAME.answers.jsonl.gz, both
of which belong into version control. Without RUN it is what ` + "`frontdesk eval run`" + ` wrote.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.evalAccept(a.runFolder(args), f) },
	}
	c.Flags().StringVar(&f.as, "as", "", "name of the baseline, usually that of the configuration")
	c.Flags().StringVar(&f.reason, "reason", "", "why what it does is right, in a sentence")
	c.Flags().StringVar(&f.by, "by", "", "who accepts it (default whoever is signed in here)")
	bindBaselines(c, &f.baselines)
	return c
}

func (a *app) evalAccept(folder string, f acceptFlags) error {
	if f.as == "" || f.reason == "" {
		return usageError{errors.New("--as and --reason are both needed")}
	}
	dir, err := baselinesFolder(f.baselines)
	if err != nil {
		return err
	}
	if err := gate.CheckName(f.as); err != nil {
		return err
	}
	run, err := runner.Read(folder)
	if err != nil {
		return err
	}
	var before *gate.Baseline
	switch old, err := gate.ReadBaseline(dir, f.as); {
	case err == nil:
		before = &old
	case !errors.Is(err, gate.ErrNoBaseline):
		return err
	}
	b, err := gate.Accept(run, before, f.as, gate.Acceptance{By: a.whoAccepts(f.by), Reason: f.reason}, a.now())
	if err != nil {
		return err
	}
	if err := gate.WriteBaseline(dir, b); err != nil {
		return err
	}
	last := b.Accepted[len(b.Accepted)-1]
	if before != nil {
		fmt.Fprintf(a.stdout, "%d cases that passed fail in it and %d that failed pass\n", last.Lost, last.Gained)
		if len(last.Severe) > 0 {
			fmt.Fprintln(a.stdout, "severe ones that passed and fail from now on:")
			printSome(a.stdout, last.Severe)
		}
		if last.Gone > 0 {
			fmt.Fprintf(a.stdout, "%d cases that the baseline had are in it no more\n", last.Gone)
		}
	}
	fmt.Fprintf(a.stdout, "%s: %d cases, accepted by %s\n", filepath.Join(dir, f.as+".json"), len(b.Cases), last.By)
	return nil
}

type rescoreFlags struct {
	gateFlags
	acceptFlags
	cases string
}

func newEvalRescoreCommand(a *app) *cobra.Command {
	var f rescoreFlags
	c := &cobra.Command{
		Use:   "rescore [RUN]",
		Short: "Grade answers again that were given before, by the grader and the cases of today",
		Long: `Grade a run's answers again, without running it, and judge it anew: after the grader
changed, or what cases expect. Its grades and reports are written again. With --as it is a
baseline's answers that are graded again, and the baseline that is written.
What cases ask has to be what was played.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.as != "" {
				if len(args) > 0 {
					return usageError{errors.New("name a run or a baseline, not both")}
				}
				return a.rescoreBaseline(cmd.Context(), f)
			}
			return a.rescoreRun(cmd.Context(), a.runFolder(args), f)
		},
	}
	f.bind(c)
	c.Flags().StringVar(&f.cases, "cases", "", "folder of the cases as they are now (default those kept with the run; with --as, evals/suites/shop of the repository)")
	c.Flags().StringVar(&f.as, "as", "", "name of a baseline whose answers are graded again")
	c.Flags().StringVar(&f.reason, "reason", "graded again", "why, with --as")
	c.Flags().StringVar(&f.by, "by", "", "who does it, with --as (default whoever is signed in here)")
	return c
}

func (a *app) rescoreRun(ctx context.Context, folder string, f rescoreFlags) error {
	began := time.Now()
	run, err := runner.Read(folder)
	if err != nil {
		return err
	}
	list := run.Cases
	if f.cases != "" {
		if list, err = readCaseFolder(ctx, f.cases); err != nil {
			return err
		}
	}
	if run, err = gate.Rescore(run, list); err != nil {
		return err
	}
	if err := runner.Write(folder, run); err != nil {
		return err
	}
	r, err := f.judge(folder, run)
	if err != nil {
		return err
	}
	a.gradedAgain(len(list), began)
	return finish(a.stdout, folder, r)
}

// gradedAgain says how long it took, the reading and the reports with it.
func (a *app) gradedAgain(cases int, began time.Time) {
	fmt.Fprintf(a.stderr, "%s graded again in %s\n", counted(cases, "case"), time.Since(began).Round(10*time.Millisecond))
}

func (a *app) rescoreBaseline(ctx context.Context, f rescoreFlags) error {
	began := time.Now()
	dir, err := baselinesFolder(f.gateFlags.baselines)
	if err != nil {
		return err
	}
	b, err := gate.ReadBaseline(dir, f.as)
	if err != nil {
		return err
	}
	if f.cases == "" {
		root, ok := repositoryRoot()
		if !ok {
			return usageError{errors.New("name the folder of the cases with --cases: this is not inside the repository")}
		}
		f.cases = filepath.Join(root, "evals", "suites", "shop")
	}
	list, err := readCaseFolder(ctx, f.cases)
	if err != nil {
		return err
	}
	if b, err = gate.RescoreBaseline(b, list, gate.Acceptance{By: a.whoAccepts(f.by), Reason: f.reason}, a.now()); err != nil {
		return err
	}
	if err := gate.WriteBaseline(dir, b); err != nil {
		return err
	}
	pass := 0
	for _, k := range b.Cases {
		if k.Pass {
			pass++
		}
	}
	a.gradedAgain(len(b.Cases), began)
	fmt.Fprintf(a.stdout, "%s: %d of %d cases pass\n", filepath.Join(dir, f.as+".json"), pass, len(b.Cases))
	return nil
}

func readCaseFolder(ctx context.Context, folder string) ([]cases.Case, error) {
	if _, err := os.Stat(folder); err != nil {
		return nil, fmt.Errorf("the cases: %w", err)
	}
	return readCasePath(ctx, folder)
}
