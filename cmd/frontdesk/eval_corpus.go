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

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/sources"
	"frontdesk/retrieval/split"
	"frontdesk/retrieval/words"
)

type corpusFlags struct {
	corpus     string
	businesses []string
	frozen     bool
	lint       bool
	json       string
	without    []string
	each       bool
	thresholds []float64
}

func newEvalCorpusCommand(a *app) *cobra.Command {
	var f corpusFlags
	c := &cobra.Command{
		Use:   "corpus",
		Short: "Measure what customers of the corpus's businesses would be answered",
		Long: `Measure what customers of the corpus's businesses would be answered: every
business becomes a site of its own, which is removed again; every message is
decided about by the search and the policy that serve customers; what was found,
quoted and offered is held against the labels. Vectors are kept in the home by
the texts' hashes: a second run computes only what is new.

A quote is wrong where it comes from a wrong article, lacks a labelled fact, or
nothing should have been quoted. Shown: the right article is quoted or one press
away. Frozen businesses are measured with --frozen only, and by themselves.

With --lint nothing is asked: the corpus itself is held against its rules.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.lint {
				return plain(a.lintCorpus(cmd.Context(), f))
			}
			return plain(a.evalCorpus(cmd.Context(), f))
		},
	}
	c.Flags().StringVar(&f.corpus, "corpus", "", "the corpus's folder (default evals/corpus of the repository)")
	c.Flags().StringSliceVar(&f.businesses, "business", nil, "only this business; may be repeated")
	c.Flags().BoolVar(&f.frozen, "frozen", false, "the frozen businesses, and only these")
	c.Flags().BoolVar(&f.lint, "lint", false, "hold the corpus against its rules instead")
	c.Flags().StringVar(&f.json, "json", "", "also write everything, with what became of each message, to this file")
	c.Flags().StringSliceVar(&f.without, "without", nil, "switch a part off: "+strings.Join(partNames(), ", ")+"; may be repeated")
	c.Flags().BoolVar(&f.each, "each", false, "also measure with each part switched off in turn, to see what it brings")
	c.Flags().Float64SliceVar(&f.thresholds, "threshold", nil, "what quoting from this probability on leads to; may be repeated (default .1 to .9)")
	return c
}

// askPatience is how long one text may take on a busy machine.
const askPatience = 10 * time.Minute

// openCorpus opens the folder that is named, or the repository's.
func openCorpus(named string) (*evals.Corpus, error) {
	folder := named
	if folder == "" {
		root, ok := repositoryRoot()
		if !ok {
			return nil, errors.New("the corpus is part of the repository: run this inside it, or name its folder with --corpus")
		}
		folder = filepath.Join(root, "evals", "corpus")
	}
	return evals.OpenCorpus(folder, readWholeFolder)
}

// readWholeFolder reads articles as an ingest does; what an ingest would leave
// out is an error.
func readWholeFolder(ctx context.Context, folder string) ([]retrieval.Article, error) {
	found, err := sources.Walk(ctx, []string{folder}, sources.Options{})
	if err != nil {
		return nil, err
	}
	if len(found.Problems) > 0 {
		return nil, fmt.Errorf("%d problems, the first: %v", len(found.Problems), found.Problems[0])
	}
	return found.Articles, nil
}

// choose reads the businesses that the flags name.
func (f corpusFlags) choose(ctx context.Context) ([]evals.Business, error) {
	c, err := openCorpus(f.corpus)
	if err != nil {
		return nil, err
	}
	names := c.Training()
	switch {
	case f.lint:
		names = append(names, c.Frozen()...)
	case f.frozen:
		names = c.Frozen()
	}
	read := c.Read
	if f.frozen || f.lint {
		read = c.ReadToScore
	}
	for _, b := range f.businesses {
		if f.frozen && !slices.Contains(names, b) {
			return nil, usageError{fmt.Errorf("%s is not frozen; leave --frozen out", b)}
		}
		if !f.frozen && slices.Contains(c.Frozen(), b) && !f.lint {
			return nil, usageError{fmt.Errorf("%s is frozen: it is measured with --frozen", b)}
		}
	}
	if len(f.businesses) > 0 {
		names = f.businesses
	}
	var list []evals.Business
	for _, n := range names {
		b, err := read(ctx, n)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	if len(list) == 0 {
		return nil, errors.New("the corpus has no such business")
	}
	return list, nil
}

func (a *app) evalCorpus(ctx context.Context, f corpusFlags) error {
	for _, t := range f.thresholds {
		if t < 0 || t > 1 {
			return usageError{fmt.Errorf("--threshold is a probability, from 0 to 1, not %g", t)}
		}
	}
	if _, err := planWithout(nil, f.without); err != nil {
		return err
	}
	list, err := f.choose(ctx)
	if err != nil {
		return err
	}
	runs := [][]string{f.without}
	if f.each {
		for _, p := range partNames() {
			without := append(slices.Clone(f.without), p)
			if _, err := planWithout(nil, without); err == nil && !slices.Contains(f.without, p) {
				runs = append(runs, without)
			}
		}
	}
	judged, err := a.askCorpus(ctx, list, runs)
	if err != nil {
		return err
	}
	report, err := evals.ReportCorpus(judged[0], evals.ReportConfig{Thresholds: f.thresholds})
	if err != nil {
		return err
	}
	report.Without = f.without
	report.Parts = slices.DeleteFunc(partNames(), func(p string) bool { return slices.Contains(f.without, p) })
	for i, without := range runs[1:] {
		diff, err := evals.Compare(judged[0], judged[i+1])
		if err != nil {
			return err
		}
		report.Ablations = append(report.Ablations, evals.Ablation{Part: without[len(without)-1], Measures: diff})
	}
	if f.json != "" {
		if err := writeReport(f.json, report); err != nil {
			return err
		}
	}
	return report.Print(a.stdout)
}

func writeReport(path string, r evals.CorpusReport) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// askCorpus asks all messages of all businesses, once for each list of parts
// to do without.
func (a *app) askCorpus(ctx context.Context, list []evals.Business, runs [][]string) (judged [][]evals.Judgement, err error) {
	kept := a.keepModels()
	defer func() { err = errors.Join(err, kept.Close()) }()
	ingest := kept
	if !slices.ContainsFunc(runs, func(without []string) bool { return !slices.Contains(without, "vectors") }) {
		ingest = nil // nobody will look at vectors
	}
	judged = make([][]evals.Judgement, len(runs))
	err = a.eachCorpusSite(ctx, list, ingest, func(st *store, site retrieval.SiteID, b evals.Business) error {
		for i, without := range runs {
			plan, err := planWithout(kept, without)
			if err != nil {
				return err
			}
			answerer, err := newProductAnswerer(st, plan)
			if err != nil {
				return err
			}
			// Two at work and two waiting for the embedder keep both busy.
			const parallel = 4
			got, err := evals.AskMessages(ctx, answerer, site, b, parallel, a.askingProgress(b, without))
			if err != nil {
				return err
			}
			judged[i] = append(judged[i], got...)
		}
		return nil
	})
	return judged, err
}

// askingProgress says now and then how far a business's messages are.
func (a *app) askingProgress(b evals.Business, without []string) func(int) {
	started, last := time.Now(), time.Now()
	name := b.Slug
	if len(without) > 0 {
		name += " without " + strings.Join(without, ", ")
	}
	return func(done int) {
		if done == len(b.Messages) || time.Since(last) > 5*time.Second {
			last = time.Now()
			fmt.Fprintf(a.stderr, "%s: %d of %d messages asked, %s\n", name, done, len(b.Messages), time.Since(started).Round(100*time.Millisecond))
		}
	}
}

// eachCorpusSite makes a site of each business in turn, which is removed again
// when use is done with it. Without an embedder it has words only.
func (a *app) eachCorpusSite(ctx context.Context, list []evals.Business, e *keptModels, use func(*store, retrieval.SiteID, evals.Business) error) error {
	p, err := a.acquire(ctx, needPostgres)
	if err != nil {
		return err
	}
	defer p.Close()
	return inStore(ctx, p, ingestPool(), func(st *store) error {
		if err := removeLeftSites(ctx, st); err != nil {
			return err
		}
		for _, b := range list {
			if err := a.withCorpusSite(ctx, st, b, e, use); err != nil {
				return fmt.Errorf("%s: %w", b.Slug, err)
			}
		}
		return nil
	})
}

func (a *app) withCorpusSite(ctx context.Context, st *store, b evals.Business, e *keptModels, use func(*store, retrieval.SiteID, evals.Business) error) error {
	return a.withIndexedSite(ctx, st, b, e, retrieval.BM25{}, use)
}

// withIndexedSite is withCorpusSite with an index of words of one's own; zero:
// the ranking's.
func (a *app) withIndexedSite(ctx context.Context, st *store, b evals.Business, e *keptModels, index retrieval.BM25, use func(*store, retrieval.SiteID, evals.Business) error) (err error) {
	site, letGo, err := addOwnSite(ctx, st, runSite)
	if err != nil {
		return err
	}
	defer letGo()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, st.RemoveSite(ctx, site.ID))
	}()
	sp, err := split.New(split.Config{})
	if err != nil {
		return err
	}
	deps := retrieval.IngestDeps{Store: st, Split: sp, Terms: words.Terms, Detect: words.DetectLanguage, Blamed: blamedText, Log: a.log}
	cfg := retrieval.IngestConfig{WordsVersion: words.Version, BM25: index}
	if e != nil {
		deps.Embedder, deps.More = e.first, e.more
	}
	if a.config.EmbeddingsURL != "" {
		cfg.Batch, cfg.InFlight = 16, 4 // a server far away: each trip should carry more
	}
	in, err := retrieval.NewIngester(deps, cfg)
	if err != nil {
		return err
	}
	show := newIngestProgress(a.stderr)
	report, err := in.Ingest(ctx, site.ID, b.Articles, retrieval.IngestOptions{WithoutVectors: e == nil, Progress: show.tell})
	show.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%s: %d articles, %d chunks, %s\n", b.Slug, report.Articles, report.Chunks, report.Took.Round(100*time.Millisecond))
	return use(st, site.ID, b)
}

// lintCorpus holds the corpus against its rules; the exit status says whether
// any is broken.
func (a *app) lintCorpus(ctx context.Context, f corpusFlags) error {
	list, err := f.choose(ctx)
	if err != nil {
		return err
	}
	found := evals.LintLikeness(list)
	for _, b := range list {
		found = append(found, evals.Lint(b)...)
	}
	err = a.eachCorpusSite(ctx, list, nil, func(st *store, site retrieval.SiteID, b evals.Business) error {
		s, err := corpusSearcher(st, corpusPlan{terms: words.Terms})
		if err != nil {
			return err
		}
		w, err := evals.WordsFirst(ctx, s, site, b)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s: %d articles, %d messages; of %d single questions in English words alone find first %.3f by section, %.3f by article, %.3f by both\n",
			b.Slug, len(b.Articles), len(b.Messages), w.Questions, w.Section.Value, w.Article.Value, w.Product.Value)
		found = append(found, evals.LintWords(b.Slug, w)...)
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range found {
		fmt.Fprintln(a.stdout, x)
	}
	if len(found) > 0 {
		fmt.Fprintf(a.stderr, "frontdesk: %d findings\n", len(found))
		return exitError{exitFailed}
	}
	return nil
}
