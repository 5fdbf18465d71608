package evals

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
	"frontdesk/retrieval/pgvec"
	"frontdesk/retrieval/sources"
	"frontdesk/retrieval/split"
	"frontdesk/retrieval/words"
)

// readArticles reads a folder of articles as an ingest does; what an ingest
// would leave out is an error here.
func readArticles(ctx context.Context, folder string) ([]retrieval.Article, error) {
	r, err := sources.Walk(ctx, []string{folder}, sources.Options{})
	if err != nil {
		return nil, err
	}
	if len(r.Problems) > 0 {
		return nil, fmt.Errorf("%d problems, the first: %v", len(r.Problems), r.Problems[0])
	}
	return r.Articles, nil
}

func shippedCorpus(t *testing.T) []Business {
	t.Helper()
	c, err := OpenCorpus("corpus", readArticles)
	if err != nil {
		t.Fatal(err)
	}
	var list []Business
	for _, n := range append(c.Training(), c.Frozen()...) {
		b, err := c.ReadToScore(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	return list
}

func TestCorpus_HoldsWhatItPromises(t *testing.T) {
	t.Parallel()
	list := shippedCorpus(t)
	if len(list) < 14 {
		t.Errorf("%d businesses, and there must be 14", len(list))
	}
	found := LintLikeness(list)
	frozen := 0
	for _, b := range list {
		found = append(found, Lint(b)...)
		if b.Frozen {
			frozen++
		}
	}
	for _, f := range found {
		t.Error(f)
	}
	if frozen != 3 {
		t.Errorf("%d businesses are frozen, not 3", frozen)
	}
}

func TestCorpus_FrozenIsNeverReadToFit(t *testing.T) {
	t.Parallel()
	c, err := OpenCorpus("corpus", readArticles)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range frozenNames() {
		if _, err := c.Read(t.Context(), n); !errors.Is(err, ErrFrozen) {
			t.Errorf("%s: %v", n, err)
		}
	}
}

// Words alone must not find what customers mean: asked of the product's own
// index in a real database.
func TestCorpus_WordsAloneFindTooLittleToBeEnough(t *testing.T) {
	t.Parallel()
	store, err := pgvec.New(pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	sp, err := split.New(split.Config{})
	if err != nil {
		t.Fatal(err)
	}
	in, err := retrieval.NewIngester(retrieval.IngestDeps{Store: store, Split: sp, Terms: words.Terms, Detect: words.DetectLanguage},
		retrieval.IngestConfig{WordsVersion: words.Version})
	if err != nil {
		t.Fatal(err)
	}
	s, err := retrieval.NewSearcher(retrieval.SearchDeps{Store: store, Terms: words.Terms, Detect: words.DetectLanguage}, retrieval.SearchConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range shippedCorpus(t) {
		site, _, err := store.AddSite(t.Context(), b.Slug)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Ingest(t.Context(), site.ID, b.Articles, retrieval.IngestOptions{WithoutVectors: true}); err != nil {
			t.Fatal(err)
		}
		w, err := WordsFirst(t.Context(), s, site.ID, b)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-16s %3d questions: R@1 by section %.3f, by article %.3f, weighted %.3f", b.Slug, w.Questions, w.Section.Value, w.Article.Value, w.Product.Value)
		for _, f := range LintWords(b.Slug, w) {
			t.Error(f)
		}
	}
}
