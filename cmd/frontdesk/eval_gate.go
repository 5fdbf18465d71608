package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"frontdesk/evals/gate"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
)

// gateFlags name what a run is held against.
type gateFlags struct {
	baseline  string
	baselines string
	strict    bool
}

// noBaseline compares with nothing, whatever is there.
const noBaseline = "none"

func (f *gateFlags) bind(c *cobra.Command) {
	c.Flags().StringVar(&f.baseline, "baseline", "", "name of the accepted run to compare with; none compares with nothing (default that of the configuration's name, where there is one)")
	bindBaselines(c, &f.baselines)
	c.Flags().BoolVar(&f.strict, "strict", false, "every case that newly fails is a regression: for a few dozen cases")
}

func bindBaselines(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "baselines", "", "folder of the baselines (default evals/baselines of the repository)")
}

// baselinesFolder is where baselines lie.
func baselinesFolder(named string) (string, error) {
	if folder, ok := lookForBaselines(named); ok {
		return folder, nil
	}
	return "", usageError{errors.New("name the folder of the baselines with --baselines: this is not inside the repository")}
}

func lookForBaselines(named string) (folder string, ok bool) {
	if named != "" {
		return named, true
	}
	root, ok := repositoryRoot()
	return filepath.Join(root, "evals", "baselines"), ok
}

// find is the baseline to compare a run with; nil: there is none, and none was
// asked for.
func (f gateFlags) find(config string) (*gate.Baseline, error) {
	switch f.baseline {
	case noBaseline:
		return nil, nil
	case "":
		folder, ok := lookForBaselines(f.baselines)
		there := ok && gate.CheckName(config) == nil && exists(filepath.Join(folder, config+".json"))
		if !there {
			return nil, nil
		}
		f.baseline, f.baselines = config, folder
	}
	folder, err := baselinesFolder(f.baselines)
	if err != nil {
		return nil, err
	}
	b, err := gate.ReadBaseline(folder, f.baseline)
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// judge holds a run against its baseline and writes the reports into its folder.
func (f gateFlags) judge(folder string, run runner.Folder) (gate.Result, error) {
	b, err := f.find(run.Meta.Config)
	if err != nil {
		return gate.Result{}, err
	}
	stages, err := report.ReadStages(folder)
	if err != nil {
		return gate.Result{}, err
	}
	r := gate.Judge(run, b, gate.Config{Strict: f.strict})
	at := make(map[string]string, len(stages))
	for _, s := range stages {
		at[s.Case] = s.Stage
	}
	r.Locate(func(id string) string { return at[id] })
	return r, report.Write(folder, report.Input{Run: run, Result: r, Baseline: b, Stages: stages})
}

// finish prints what the gate says and is the command's error: nil where the run
// may go out.
func finish(stdout io.Writer, folder string, r gate.Result) error {
	printVerdict(stdout, r)
	fmt.Fprintf(stdout, "report: %s\n", filepath.Join(folder, report.PageFile))
	if r.Exit() != gate.ExitPass {
		return exitError{r.Exit()}
	}
	return nil
}

// printVerdict prints the sentence, what to do, the suites and what was lost.
func printVerdict(w io.Writer, r gate.Result) {
	fmt.Fprintln(w, r.Why)
	if c := r.Configuration; c != nil && c.Says != "" {
		fmt.Fprintln(w, c.Says)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "  %s\n    to do: %s\n", p.What, p.Do)
		printSome(w, p.Cases)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(r.Suites) > 0 {
		fmt.Fprintln(t, "suite\tcases\tpass\t95 %\tchange\tlost\tgained\tp\tleast effect\tverdict")
	}
	for _, p := range append(r.Suites, r.All) {
		if p.Cases == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\t%d\t%.3f\t%.3f–%.3f", p.Name, p.Cases, p.Is.Value, p.Is.Low, p.Is.High)
		if p.Verdict != "" {
			fmt.Fprintf(t, "\t%+.3f\t%d\t%d\t%.3f\t%.3f\t%s", p.Change.Value, len(p.Lost), len(p.Gained), p.Adjusted, p.Least, p.Verdict)
		}
		fmt.Fprintln(t)
	}
	_ = t.Flush()
	var lost []string
	for _, f := range r.Flips {
		if f.Lost {
			lost = append(lost, f.Case)
		}
	}
	if len(lost) > 0 {
		fmt.Fprintln(w, "newly failing:")
		printSome(w, lost)
	}
	if n := len(r.Unjudged); n > 0 {
		fmt.Fprintf(w, "cases that pass since nothing they expect could be judged (say which action is right): %s\n", strings.Join(r.Unjudged[:min(n, 3)], ", ")+more(n-3))
	}
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

func printSome(w io.Writer, ids []string) {
	const most = 20
	for _, id := range ids[:min(most, len(ids))] {
		fmt.Fprintf(w, "    %s\n", id)
	}
	if more := len(ids) - most; more > 0 {
		fmt.Fprintf(w, "    and %d more\n", more)
	}
}

// runFolder is the folder of a run that was named, or the one that `eval run`
// writes.
func (a *app) runFolder(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return filepath.Join(a.config.Home, "evals", "run")
}

// whoAccepts is who sits at the terminal, as far as the surroundings say.
func (a *app) whoAccepts(named string) string {
	if named != "" {
		return named
	}
	for _, name := range []string{"GIT_AUTHOR_NAME", "USER", "LOGNAME", "USERNAME"} {
		if who := a.getenv(name); who != "" {
			return who
		}
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "" // whoever accepts it is told that nobody does
}

// exists says whether there is a file or folder.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
