package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"frontdesk/evals/cases"
	"frontdesk/evals/customers"
	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
	"frontdesk/retrieval"
)

type customersFlags struct {
	scripts, out string
	knowledge    []string
	seed         uint64
	runs         int
	least        float64
	stories      bool
}

func newEvalCustomersCommand(a *app) *cobra.Command {
	var f customersFlags
	c := &cobra.Command{
		Use:   "customers [ID…]",
		Short: "Let scripted customers talk to the bot until they have what they came for, or give up",
		Long: `Let scripted customers talk to the bot: people with a goal, facts, patience, a mood and a
way of typing, who answer what they are asked, press what helps, say it again in other words
and ask for a person when patience is over. Graded is how it ended: answered, with a person,
or gone; in how many turns; without the same reply or question twice.

Each customer comes --runs times, with other slips of the fingers; the same seed gives the
same conversations. pass^k is the part of the customers with whom it went well every time.
The conversations lie in customers.jsonl in the folder of --out.`,
		RunE: func(cmd *cobra.Command, ids []string) error { return plain(a.evalCustomers(cmd.Context(), ids, f)) },
	}
	c.Flags().StringVar(&f.scripts, "scripts", "", "folder of the scripts (default evals/customers/shop of the repository)")
	c.Flags().StringSliceVar(&f.knowledge, "knowledge", nil, "folder or file of the knowledge they are about; may be repeated (default evals/shop/knowledge)")
	c.Flags().StringVar(&f.out, "out", "", "folder for the conversations (default evals/customers in the home)")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "of the typing")
	c.Flags().IntVar(&f.runs, "runs", 4, "how often each customer comes")
	c.Flags().Float64Var(&f.least, "least", 0, "exit with 2 where pass^k is below this")
	c.Flags().BoolVar(&f.stories, "stories", false, "also print the conversations that did not go well")
	return c
}

func (f customersFlags) read(ctx context.Context, ids []string) (list []customers.Script, articles []retrieval.Article, err error) {
	if f.runs < 1 || f.runs > 100 || !(f.least >= 0 && f.least <= 1) {
		return nil, nil, usageError{errors.New("--runs is from 1 to 100, --least from 0 to 1")}
	}
	root, ok := repositoryRoot()
	if !ok && (f.scripts == "" || len(f.knowledge) == 0) {
		return nil, nil, usageError{errors.New("run this inside the repository, or name folders with --scripts and --knowledge")}
	}
	f.scripts = cmp.Or(f.scripts, filepath.Join(root, "evals", "customers", "shop"))
	if len(f.knowledge) == 0 {
		f.knowledge = []string{filepath.Join(root, "evals", "shop", "knowledge")}
	}
	for _, k := range f.knowledge {
		found, err := readWholeFolder(ctx, k)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", k, err)
		}
		articles = append(articles, found...)
	}
	if _, err := os.Stat(f.scripts); err != nil {
		return nil, nil, fmt.Errorf("the scripts: %w", err)
	}
	if list, err = customers.Read(os.DirFS(f.scripts)); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.scripts, err)
	}
	if err := customers.Check(list, caseArticles(articles)); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.scripts, err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(list, func(s customers.Script) bool { return s.ID == id }) {
			return nil, nil, usageError{fmt.Errorf("there is no customer %q in %s", id, f.scripts)}
		}
	}
	if len(ids) > 0 {
		list = slices.DeleteFunc(list, func(s customers.Script) bool { return !slices.Contains(ids, s.ID) })
	}
	return list, articles, nil
}

func (a *app) evalCustomers(ctx context.Context, ids []string, f customersFlags) error {
	list, articles, err := f.read(ctx, ids)
	if err != nil {
		return err
	}
	f.out = cmp.Or(f.out, filepath.Join(a.config.Home, "evals", "customers"))
	stories := make([]customers.Story, len(list)*f.runs)
	err = a.withFront(ctx, func(front *front, models *keptModels) error {
		return a.withPlayers(ctx, front, models, articles, nil, func(ps []*player) error {
			progress := a.casesProgress(len(stories), "conversations")
			return runner.Deal(ctx, len(ps), len(stories), progress, func(ctx context.Context, p, i int) error {
				t, err := ps[p].open(ctx)
				if err != nil {
					return err
				}
				defer t.forget(ctx)
				stories[i], err = customers.Play(ctx, list[i/f.runs], f.seed+uint64(i%f.runs), t)
				return err
			})
		})
	})
	if err != nil {
		return err
	}
	r := customers.Tell(list, stories, f.runs)
	if err := writeStories(f.out, r, stories); err != nil {
		return err
	}
	if f.stories {
		printStories(a.stdout, stories)
	}
	if err := printCustomers(a.stdout, r); err != nil {
		return err
	}
	if r.PassK < f.least {
		fmt.Fprintf(a.stderr, "pass^%d is %.3f, below %.3f\n", f.runs, r.PassK, f.least)
		return exitError{gate.ExitRegression}
	}
	return nil
}

// open begins a conversation that a scripted customer has.
func (p *player) open(ctx context.Context) (*scene, error) {
	t, err := openTalk(ctx, p.front, p.site)
	if err != nil {
		return nil, err
	}
	if p.known == nil {
		p.known = newPublished(p.front.convs, p.site)
	}
	return &scene{talk: t, on: plainRig(p.front), known: p.known}, nil
}

// Do says or presses something. Nothing of a customer's is graded where a part
// took no part.
func (s *scene) Do(ctx context.Context, t cases.Turn) (grade.Reply, error) {
	r, err := s.turn(ctx, t)
	if err == nil && len(r.Missing) > 0 {
		err = fmt.Errorf("%s took no part: there is no measuring without", strings.Join(r.Missing, ", "))
	}
	return r, err
}

func writeStories(folder string, r customers.Report, stories []customers.Story) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(folder, "customers.jsonl"))
	if err != nil {
		return err
	}
	defer file.Close()
	enc := json.NewEncoder(file)
	enc.SetEscapeHTML(false)
	for _, s := range stories {
		if err := enc.Encode(s); err != nil {
			return err
		}
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.WriteFile(filepath.Join(folder, "customers.json"), append(data, '\n'), 0o644))
}

func printStories(w io.Writer, stories []customers.Story) {
	for _, s := range stories {
		if s.Pass {
			continue
		}
		fmt.Fprintf(w, "%s (seed %d): %s\n", s.Script, s.Seed, s.Why)
		for i, t := range s.Did {
			r := s.Replies[i]
			var shown []string
			for _, c := range r.Citations {
				shown = append(shown, c.Article)
			}
			for _, c := range r.Choices {
				shown = append(shown, c.Article)
			}
			fmt.Fprintf(w, "  %q %s: %s %s %s\n", t.Say, t.Press, r.Action, r.Reason, strings.Join(shown, ", "))
		}
	}
}

func printCustomers(w io.Writer, r customers.Report) error {
	fmt.Fprintf(w, "%d customers, %d times each: %.3f of the conversations go well (95 %% %.3f–%.3f), pass^%d %.3f\n", r.Scripts, r.Runs, r.Pass.Value, r.Pass.Low, r.Pass.High, r.Runs, r.PassK)
	var ends []string
	for _, e := range slices.Sorted(maps.Keys(r.Endings)) {
		ends = append(ends, fmt.Sprintf("%s %d", e, r.Endings[e]))
	}
	fmt.Fprintf(w, "endings: %s; %.1f turns where it goes well; %d replies said again, %d questions asked again, %d packets that lack a fact\n",
		strings.Join(ends, ", "), r.Turns, r.Loops, r.Asked, r.Lacks)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "tag\tconversations\tgo well\t95 %")
	for _, x := range r.ByTag {
		fmt.Fprintf(t, "%s\t%d\t%.3f\t%.3f–%.3f\n", x.Tag, x.Stories, x.Pass.Value, x.Pass.Low, x.Pass.High)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, x := range r.Failing {
		fmt.Fprintf(w, "%s: %d of %d; %s\n", x.Script, x.Passed, r.Runs, strings.Join(x.Why, "; "))
	}
	return nil
}
