package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/evals"
	"frontdesk/retrieval"
)

type trainFlags struct {
	labFlags
	checks []string
	start  string
	out    string
	date   string
}

func newTrainCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "train", Short: "Fit what is learned: from labelled questions, from messages, from texts alone"}
	c.AddCommand(newTrainEvidenceCommand(a), newTrainHeadsCommand(a), newTrainTokensCommand(a), newTrainLensCommand(a), newTrainRankCommand(a), newTrainTriageCommand(a), newTrainListsCommand(a), newTrainReadersCommand(a))
	return c
}

func newTrainEvidenceCommand(a *app) *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use:   "evidence",
		Short: "Fit ranking weights and the probability that the first passage answers",
		Long: `Fit the weights of ranking, the choice of section and the probability that the
first passage answers, with and without vectors, to labelled questions; print
what cross-validation and other knowledge say of them; write them as JSON.
The same data and date give the same bytes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return plain(a.trainEvidence(cmd.Context(), f))
		},
	}
	f.bind(c)
	c.Flags().StringArrayVar(&f.checks, "check", nil, "NAME=KNOWLEDGE:QUESTIONS of other knowledge to measure on, never to fit on; may be repeated")
	c.Flags().StringVar(&f.start, "start", "", "ranking to start from and to be pulled towards (default: the one built in)")
	c.Flags().StringVar(&f.out, "out", "", "file to write (default: standard output)")
	c.Flags().StringVar(&f.date, "date", time.Now().UTC().Format(time.DateOnly), "date to write into it")
	return c
}

func (a *app) trainEvidence(ctx context.Context, f trainFlags) error {
	start, err := startRanking(f.start)
	if err != nil {
		return err
	}
	l, err := a.askLab(ctx, f.labFlags)
	if err != nil {
		return err
	}
	trained, report, err := evals.Train(l.asked, start)
	if err != nil {
		return err
	}
	if trained, err = keepPlans(trained); err != nil {
		return err
	}
	o := &retrieval.Origin{
		Command: trainCommand(f), Date: f.date, Model: l.model.Name, Questions: len(l.asked), Data: l.data,
		ByCrossValidation: report.Scores(), Threshold: report.Threshold,
	}
	report.Print(a.stderr, "by cross-validation")
	for _, check := range f.checks {
		name, other, err := parseCheck(check)
		if err != nil {
			return err
		}
		other.cache = f.cache
		l, err := a.askLab(ctx, other)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r, err := evals.Check(l.asked, trained)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if o.Elsewhere == nil {
			o.Elsewhere = map[string]map[string]float64{}
		}
		o.Elsewhere[name] = r.Scores()
		r.Print(a.stderr, "on "+name)
	}
	trained.Origin = o
	return writeRanking(a.stdout, trained, f.out)
}

// keepPlans gives a ranking that has no plans, which are `train rank`'s to fit,
// those that are built in.
func keepPlans(r retrieval.Ranking) (retrieval.Ranking, error) {
	if len(r.Plans) > 0 {
		return r, nil
	}
	built, err := retrieval.DefaultRanking()
	r.Plans, r.Risks, r.Maybe, r.PlansOrigin = built.Plans, built.Risks, built.Maybe, built.PlansOrigin
	return r, err
}

func startRanking(path string) (retrieval.Ranking, error) {
	if path == "" {
		return retrieval.DefaultRanking()
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return retrieval.Ranking{}, err
	}
	return retrieval.ParseRanking(data)
}

// trainCommand is the command as somebody else would type it.
func trainCommand(f trainFlags) string {
	parts := []string{"frontdesk train evidence"}
	for _, k := range f.knowledge {
		parts = append(parts, "--knowledge "+k)
	}
	parts = append(parts, "--questions "+f.questions)
	for _, c := range f.checks {
		parts = append(parts, "--check "+c)
	}
	if f.start != "" {
		parts = append(parts, "--start "+f.start)
	}
	return strings.Join(parts, " ")
}

// parseCheck reads NAME=KNOWLEDGE:QUESTIONS.
func parseCheck(s string) (string, labFlags, error) {
	name, rest, ok := strings.Cut(s, "=")
	knowledge, questions, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || name == "" || knowledge == "" || questions == "" {
		return "", labFlags{}, usageError{fmt.Errorf("--check %q is no NAME=KNOWLEDGE:QUESTIONS", s)}
	}
	return name, labFlags{knowledge: []string{knowledge}, questions: questions}, nil
}

func writeRanking(stdout io.Writer, r retrieval.Ranking, path string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	// Read back what was written: rounding must not have made it unfit.
	if _, err := retrieval.ParseRanking(data); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return err
	}
	b.WriteByte('\n')
	return writeOut(stdout, path, b.Bytes())
}

// writeLearned writes what a command learned as one line of JSON.
func (a *app) writeLearned(path string, learned any) error {
	line, err := json.Marshal(learned)
	if err != nil {
		return err
	}
	return writeOut(a.stdout, path, append(line, '\n'))
}

// writeOut writes to a file, or to standard output where none is named.
func writeOut(stdout io.Writer, path string, data []byte) error {
	if path == "" {
		_, err := stdout.Write(data)
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
