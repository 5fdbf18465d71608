package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/evals/cases"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
	"frontdesk/retrieval"
)

type evalRunFlags struct {
	cases     string
	knowledge []string
	out       string
	config    string
	corpus    string // of the run of the corpus
	data      string // of the run of public data
	vectors   string // where to keep those of what is asked
	misses    bool
	gateFlags
}

func newEvalRunCommand(a *app) *cobra.Command {
	var f evalRunFlags
	c := &cobra.Command{
		Use:   "run [SUITE…]",
		Short: "Play suites of cases through the product and grade what comes back",
		Long: `Play suites of cases through the engine that serves customers, on the same
knowledge and policies, at sites of their own that are removed again, and grade
what comes back. Nothing goes over a network, and no key is needed.

Without --cases and --knowledge these are the demo shop's; ` + "`eval run corpus`" + ` plays all
businesses of the corpus instead, with a table by business, and ` + "`eval run public`" + ` the
attacks, harmless prompts, personal data and help centres of --data. Cases are YAML or
JSON Lines (see docs/evals.md); vectors are kept in the home by the texts' hashes.
What came back, the grades and the times lie in the folder of --out.`,
		RunE: func(cmd *cobra.Command, suites []string) error { return plain(a.evalRun(cmd.Context(), suites, f)) },
	}
	c.Flags().StringVar(&f.cases, "cases", "", "folder of the cases, or one file of them (default evals/suites/shop of the repository)")
	c.Flags().StringSliceVar(&f.knowledge, "knowledge", nil, "folder or file of the knowledge they are about; may be repeated (default evals/shop/knowledge)")
	c.Flags().StringVar(&f.out, "out", "", "folder for the run (default evals/run in the home)")
	c.Flags().StringVar(&f.config, "config", "default", "name of what is measured; runs of one name are compared")
	c.Flags().StringVar(&f.corpus, "corpus", "", "with the word corpus: its folder (default evals/corpus of the repository)")
	c.Flags().StringVar(&f.data, "data", "", "with the word public: folder of the public data (default FRONTDESK_EVAL_DATA, or shared/data beside the repository)")
	c.Flags().StringVar(&f.vectors, "keep-vectors", "", "also write the vectors of all that is asked, and of all else that is said, to this file (the demo shop's is evals/shop/case-vectors.bin)")
	f.bind(c)
	c.Flags().BoolVar(&f.misses, "misses", false, "also print every check that failed")
	return c
}

// withDefaults names the demo shop's folders where none are named.
func (f evalRunFlags) withDefaults(home string) (evalRunFlags, error) {
	f.out = cmp.Or(f.out, filepath.Join(home, "evals", "run"))
	if f.cases != "" && len(f.knowledge) > 0 {
		return f, nil
	}
	root, ok := repositoryRoot()
	if !ok {
		return f, usageError{errors.New("run this inside the repository, or name folders with --cases and --knowledge")}
	}
	f.cases = cmp.Or(f.cases, filepath.Join(root, "evals", "suites", "shop"))
	if len(f.knowledge) == 0 {
		f.knowledge = []string{filepath.Join(root, "evals", "shop", "knowledge")}
	}
	return f, nil
}

func (a *app) evalRun(ctx context.Context, suites []string, f evalRunFlags) error {
	switch {
	case slices.Equal(suites, []string{corpusSuite}):
		return a.evalRunCorpus(ctx, f)
	case slices.Equal(suites, []string{publicSuite}):
		return a.evalRunPublic(ctx, f)
	}
	f, err := f.withDefaults(a.config.Home)
	if err != nil {
		return err
	}
	if err := runner.CheckPlace(f.out); err != nil {
		return err
	}
	defer withinMemory()()
	articles, err := readKnowledge(ctx, f.knowledge)
	if err != nil {
		return err
	}
	list, err := readCases(ctx, f.cases, suites, articles)
	if err != nil {
		return err
	}
	versions, err := a.versionsOf(articles)
	if err != nil {
		return err
	}
	before, err := f.find(f.config)
	if err != nil {
		return err
	}
	began := time.Now()
	run, where, err := a.playAndLocate(ctx, articles, list, before, f.vectors)
	if err != nil {
		return err
	}
	if run.Meta, err = runner.NewMeta(f.config, versions, list); err != nil {
		return err
	}
	run.Meta.Program, run.Meta.Named = programVersion(), slices.Compact(slices.Sorted(slices.Values(suites)))
	run.Meta.Articles = articleHashes("", articles)
	if err := errors.Join(runner.Write(f.out, run), report.WriteStages(f.out, where)); err != nil {
		return err
	}
	if f.misses {
		printMisses(a.stdout, run)
	}
	fmt.Fprintf(a.stderr, "%d cases in %s; the run lies in %s\n", len(list), time.Since(began).Round(time.Second), f.out)
	printTimes(a.stderr, runner.TimesOf(run.Timings))
	result, err := f.judge(f.out, run)
	if err != nil {
		return err
	}
	return finish(a.stdout, f.out, result)
}

// readCases reads the suites that are named, or all, and holds them against the
// knowledge: gold that does not exist would count as a miss of the product.
func readCases(ctx context.Context, folder string, suites []string, articles []retrieval.Article) ([]cases.Case, error) {
	if _, err := os.Stat(folder); err != nil {
		return nil, fmt.Errorf("the cases: %w", err)
	}
	list, err := readCasePath(ctx, folder)
	if err != nil {
		return nil, err
	}
	for _, s := range suites {
		if there := cases.Suites(list); !slices.Contains(there, s) {
			return nil, usageError{fmt.Errorf("there is no suite %q; there are %s", s, strings.Join(there, ", "))}
		}
	}
	if len(suites) > 0 {
		list = slices.DeleteFunc(list, func(c cases.Case) bool { return !slices.Contains(suites, c.Suite) })
	}
	var wrong []error
	for _, found := range cases.Lint(list, caseArticles(articles)) {
		wrong = append(wrong, errors.New(found.String()))
	}
	return list, errors.Join(wrong...)
}

func caseArticles(articles []retrieval.Article) []cases.Article {
	out := make([]cases.Article, 0, len(articles))
	for _, a := range articles {
		out = append(out, cases.Article{ID: a.ID, Public: a.Audience == retrieval.Public, Text: a.Title + "\n" + a.Body})
	}
	return out
}

// knowledgeHash is the hash of everything in the articles that a customer or a
// search could notice.
func knowledgeHash(articles []retrieval.Article) string {
	h := sha256.New()
	for _, x := range slices.SortedFunc(slices.Values(articles), func(x, y retrieval.Article) int { return cmp.Compare(x.ID, y.ID) }) {
		x.Source = ""
		fmt.Fprintf(h, "%q\n", fmt.Sprintf("%+v", x))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// printTimes prints how fast replies came while so many conversations went on at
// once, and what they cost; nothing is judged by it.
func printTimes(w io.Writer, t runner.Times) {
	fmt.Fprintf(w, "%d replies, %d conversations at once: half within %.0f ms, 95 %% within %.0f ms, the slowest %.0f ms\n", t.All.Turns, players(), t.All.P50, t.All.P95, t.All.Max)
	for _, c := range t.Classes {
		fmt.Fprintf(w, "%s (%.0f ms): %d replies, half within %.0f ms, 95 %% within %.0f ms, the slowest %.0f ms; %d later%s\n",
			c.Class, c.Allowed, c.Turns, c.P50, c.P95, c.Max, len(c.Late), lateOnes(c.Late))
	}
	var all runner.Cost
	for _, s := range t.Suites {
		all = all.Plus(s.Cost)
	}
	models := "no language model for anything"
	if all.Models > 0 {
		models = fmt.Sprintf("a reranker %d times for %d characters", all.Models, all.Read)
	}
	fmt.Fprintf(w, "cost: the encoders were asked for %d questions of %d characters, %s; %d searches, %d trips to the database\n", all.Embeddings, all.Characters, models, all.Searches, all.Queries)
}

func lateOnes(list []runner.LateTurn) string {
	const most = 3
	var out []string
	for _, l := range list[:min(most, len(list))] {
		out = append(out, fmt.Sprintf("%s turn %d", l.Case, l.Turn))
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, ", ") + more(len(list)-most) + ")"
}

// printMisses prints the checks that failed, with what was said.
func printMisses(w io.Writer, run runner.Folder) {
	for i, g := range run.Grades {
		for _, c := range g.Failed() {
			t := run.Cases[i].Turns[c.Turn-1]
			fmt.Fprintf(w, "%s %s turn %d %s: %q: want %s, got %s\n", g.Severity, g.Case, c.Turn, c.Kind, t.Say+t.Press, c.Want, c.Got)
		}
	}
}
