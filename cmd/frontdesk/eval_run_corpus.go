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
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"frontdesk/evals"
	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
	"frontdesk/evals/suites"
	"frontdesk/retrieval"
)

// corpusSuite is the word for the suites over all businesses of the corpus.
const corpusSuite = "corpus"

// corpusTable is the file of the table by business.
const corpusTable = "corpus.json"

// corpusRun is what came of one business.
type corpusRun struct {
	row     suites.Row
	cases   []cases.Case
	outputs []grade.Output
	grades  []grade.Grade
	timings []runner.Timing
}

// evalRunCorpus plays what the customers of every business of the corpus say, and
// grades it by suites. Frozen businesses are counted, and stand in no file with
// what they said.
func (a *app) evalRunCorpus(ctx context.Context, f evalRunFlags) error {
	if f.cases != "" || len(f.knowledge) > 0 {
		return usageError{errors.New("the corpus brings its own cases and knowledge: leave --cases and --knowledge out")}
	}
	f.out = cmp.Or(f.out, filepath.Join(a.config.Home, "evals", "run-corpus"))
	if f.config == "default" {
		f.config = corpusSuite
	}
	if err := runner.CheckPlace(f.out); err != nil {
		return err
	}
	c, err := openCorpus(f.corpus)
	if err != nil {
		return err
	}
	began := time.Now()
	run, rows, err := a.playCorpus(ctx, c)
	if err != nil {
		return err
	}
	versions, err := a.versionsOf(nil)
	if err != nil {
		return err
	}
	if versions["knowledge"], err = corpusHash(rows.articles); err != nil {
		return err
	}
	if run.Meta, err = runner.NewMeta(f.config, versions, run.Cases); err != nil {
		return err
	}
	run.Meta.Program, run.Meta.Articles = programVersion(), rows.hashes
	data, err := json.MarshalIndent(rows.rows, "", "  ")
	if err != nil {
		return err
	}
	if err := runner.Write(f.out, run); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(f.out, corpusTable), append(data, '\n'), 0o644); err != nil {
		return err
	}
	if f.misses {
		printMisses(a.stdout, run)
	}
	fmt.Fprintf(a.stderr, "%d cases in %s; the run lies in %s\n", len(run.Cases), time.Since(began).Round(time.Second), f.out)
	b, err := f.find(f.config)
	if err != nil {
		return err
	}
	r := gate.Judge(run, b, gate.Config{Strict: f.strict})
	if err := report.Write(f.out, report.Input{Run: run, Result: r, Baseline: b, Tables: []report.Table{corpusReport(rows.rows, rows.behind)}}); err != nil {
		return err
	}
	if err := printCorpusRows(a.stdout, rows.rows); err != nil {
		return err
	}
	return finish(a.stdout, f.out, r)
}

// corpusRows are the rows of the table, and what they were asked about.
type corpusRows struct {
	rows     []suites.Row
	articles [][]retrieval.Article
	hashes   map[string]string // of the articles, by business and id
	behind   []grades          // by row; nil where a row's cases stand in no file
}

type grades []grade.Grade

func (a *app) playCorpus(ctx context.Context, c *evals.Corpus) (run runner.Folder, rows corpusRows, err error) {
	var open, frozen []grade.Grade
	talks := [2]int{}
	rows.hashes = map[string]string{}
	err = a.withFront(ctx, func(front *front, models *keptModels) error {
		for _, slug := range slices.Concat(c.Training(), c.Frozen()) {
			isFrozen := slices.Contains(c.Frozen(), slug)
			read := c.Read
			if isFrozen {
				read = c.ReadToScore
			}
			b, err := read(ctx, slug)
			if err != nil {
				return err
			}
			got, err := a.playBusiness(ctx, front, models, b, isFrozen)
			if err != nil {
				return fmt.Errorf("%s: %w", slug, err)
			}
			rows.rows, rows.articles = append(rows.rows, got.row), append(rows.articles, b.Articles)
			maps.Copy(rows.hashes, articleHashes(slug+"/", b.Articles))
			if isFrozen {
				rows.behind = append(rows.behind, nil)
				frozen = append(frozen, got.grades...)
				talks[1] += got.row.Talks
				continue
			}
			talks[0] += got.row.Talks
			rows.behind = append(rows.behind, got.grades)
			open = append(open, got.grades...)
			run.Cases, run.Outputs = append(run.Cases, got.cases...), append(run.Outputs, got.outputs...)
			run.Grades, run.Timings = append(run.Grades, got.grades...), append(run.Timings, got.timings...)
		}
		return nil
	})
	rows.rows, rows.behind = append(rows.rows, suites.RowOf("all but the frozen", false, talks[0], open)), append(rows.behind, open)
	if len(frozen) > 0 {
		rows.rows = append(rows.rows, suites.RowOf("the frozen", true, talks[1], frozen))
	}
	return run, rows, err
}

// playBusiness plays every conversation of a business once, and grades it for
// every suite it is in.
func (a *app) playBusiness(ctx context.Context, front *front, models *keptModels, b evals.Business, frozen bool) (out corpusRun, err error) {
	var play []cases.Case
	judged := map[string][]cases.Case{}
	for _, m := range b.Messages {
		t := suites.OfMessage(b.Slug, m)
		play = append(play, t.Play)
		judged[t.Play.ID] = t.Cases
	}
	err = a.withPlayers(ctx, front, models, b.Articles, nil, func(ps []*player) error {
		played, err := runner.Run(ctx, runnersOf(ps), play, a.casesProgress(len(play), "conversations of "+b.Slug))
		if err != nil {
			return err
		}
		for i, o := range played.Outputs {
			if cs := judged[o.Case]; len(cs) > 0 { // once, whatever suites it is in
				took := played.Timings[i]
				took.Case = cs[0].ID
				out.timings = append(out.timings, took)
			}
			for _, c := range judged[o.Case] {
				o.Case, o.Suite = c.ID, c.Suite
				out.cases, out.outputs = append(out.cases, c), append(out.outputs, o)
				out.grades = append(out.grades, grade.Of(c, o))
			}
		}
		return nil
	})
	out.row = suites.RowOf(b.Slug, frozen, len(play), out.grades)
	return out, err
}

// corpusHash is the hash of all businesses' knowledge.
func corpusHash(list [][]retrieval.Article) (string, error) {
	if len(list) == 0 {
		return "", errors.New("the corpus has no business")
	}
	return knowledgeHash(slices.Concat(list...)), nil
}

// corpusReport is the table by business; behind are the grades of its rows, by
// which every figure leads to its cases, and may be fewer than the rows.
func corpusReport(rows []suites.Row, behind []grades) report.Table {
	t := report.Table{
		Title: "By business", Caption: "How many of a suite's cases pass; each figure leads to its cases. Nothing was ever trained on a frozen business; of these only the counts are kept.",
		Head: slices.Concat([]string{"business", "conversations"}, suites.Names()), Behind: map[[2]int]report.Behind{},
	}
	for i, r := range rows {
		row := []string{frozenName(r), strconv.Itoa(r.Talks)}
		for _, name := range suites.Names() {
			row = append(row, rateOf(r.Suites[name]))
		}
		t.Rows = append(t.Rows, row)
		var list grades
		if i < len(behind) {
			list = behind[i]
		}
		t.Behind[[2]int{i, 1}] = list.talks(r)
		for k, name := range suites.Names() {
			if r.Suites[name].Cases > 0 {
				t.Behind[[2]int{i, 2 + k}] = list.of(r, name)
			}
		}
	}
	return t
}

// countedOnly says why a frozen business's figures lead to no cases.
const countedOnly = "Counted only: what the customers of a frozen business say stands in no file of a run."

// of are the cases of a suite behind a row's figure.
func (list grades) of(r suites.Row, suite string) report.Behind {
	b := report.Behind{Title: frozenName(r) + ", " + suite}
	if r.Frozen {
		b.Note = countedOnly
	}
	for _, g := range list {
		switch {
		case g.Suite != suite:
		case g.Pass:
			b.Rest = append(b.Rest, g.Case)
		default:
			b.Fails = append(b.Fails, g.Case)
		}
	}
	return b
}

// talks are the conversations behind a row's number of them.
func (list grades) talks(r suites.Row) report.Behind {
	b := report.Behind{Title: "Conversations of " + frozenName(r), Word: "played"}
	if r.Frozen {
		b.Note = countedOnly
	}
	for _, g := range list {
		id, _, _ := strings.Cut(g.Case, "/")
		b.Rest = append(b.Rest, id)
	}
	return b
}

func frozenName(r suites.Row) string {
	if r.Frozen {
		return r.Business + " (frozen)"
	}
	return r.Business
}

func rateOf(r suites.Rate) string {
	if r.Cases == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f [%.2f %.2f] of %d", r.Pass.Value, r.Pass.Low, r.Pass.High, r.Cases)
}

func printCorpusRows(w io.Writer, rows []suites.Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	table := corpusReport(rows, nil)
	for _, row := range slices.Concat([][]string{table.Head}, table.Rows) {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, cell)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}
