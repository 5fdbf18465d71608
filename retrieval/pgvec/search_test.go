package pgvec

import (
	"fmt"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func TestFind_FiltersBeforeRanking(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	// The wanted article is the worst of all by both arms: a filter after
	// ranking would never see it among the best few.
	var list []retrieval.Article
	for i := range 50 {
		a := article(name(i), fmt.Sprintf("lid lid lid %d", i))
		a.Product = "kettle"
		list = append(list, a)
	}
	german := article("german", "deckel und mehr")
	german.Lang, german.Product = "de", "scale"
	anyProduct := article("all", "warranty of everything")
	list = append(list, german, anyProduct)
	b.ingest(site, list...)
	ids := func(change func(*retrieval.Needle)) map[string]bool {
		n := b.needle(site, "lid")
		n.Near, n.Worded = 3, 3
		change(&n)
		out := map[string]bool{}
		for _, k := range b.find(n).List {
			out[k.ArticleID] = true
		}
		return out
	}
	if got := ids(func(n *retrieval.Needle) { n.OnlyLang = "de" }); len(got) != 1 || !got["german"] {
		t.Errorf("only German: %v", got)
	}
	if got := ids(func(n *retrieval.Needle) { n.Product = "scale" }); len(got) != 2 || !got["german"] || !got["all"] {
		t.Errorf("only scales: %v", got)
	}
	if got := ids(func(n *retrieval.Needle) { n.Product, n.OnlyLang = "scale", "en" }); len(got) != 1 || !got["all"] {
		t.Errorf("scales in English: %v", got)
	}
	if got := ids(func(n *retrieval.Needle) { n.Product, n.Vecs, n.Terms = "scale", nil, []string{"deckel", "lid"} }); len(got) != 1 || !got["german"] {
		t.Errorf("scales by words alone: %v", got)
	}
	if got := ids(func(n *retrieval.Needle) { n.OnlyLang = "xx" }); len(got) != 0 {
		t.Errorf("a language nobody wrote in: %v", got)
	}
}

func TestFind_BothArmsBringTheirBestWithBothScores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	var list []retrieval.Article
	for i := range 40 {
		list = append(list, article(name(i), fmt.Sprintf("filler %d %d", i, i*7)))
	}
	list = append(list, article("word", "xyzzy among many other things that say nothing at all about anything"))
	b.ingest(site, list...)
	n := b.needle(site, "filler 3 21")
	n.Terms = []string{"xyzzy"}
	n.Near, n.Worded = 5, 5
	got := b.find(n)
	if len(got.List) != 6 {
		t.Fatalf("%d candidates, want 5 by meaning and 1 by words", len(got.List))
	}
	for _, k := range got.List {
		if k.Cosine == 0 || k.Middle == 0 {
			t.Errorf("%s has no cosine", k.ArticleID)
		}
		if (k.BM25 > 0) != (k.ArticleID == "word") || (k.ArticleBM25 > 0) != (k.ArticleID == "word") {
			t.Errorf("%s: BM25 %g, of the article %g", k.ArticleID, k.BM25, k.ArticleBM25)
		}
	}
}

func TestFind_AQuestionEntryShowsItsSection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	a := article("returns", "Send it back within 45 days.\n\nThe label is in the parcel.")
	a.Questions = []string{"how do I return something"}
	b.ingest(site, a)
	for _, k := range b.find(b.needle(site, "how do I return something")).List {
		if k.Kind == retrieval.QuestionChunk {
			if k.Asked != "how do I return something" || k.Text != "Send it back within 45 days." || a.Body[k.From:k.To] != k.Text {
				t.Errorf("%+v", k)
			}
			return
		}
	}
	t.Error("the question entry was not found")
}

func TestFind_NothingPublishedAndNoSuchSiteAreEmpty(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, site := range map[string]retrieval.SiteID{"nothing published": b.site("shop"), "no such site": 4711} {
		got := b.find(b.needle(site, "lid"))
		if got.Generation != 0 || len(got.List) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestFind_NoTermsAndNoVectorFindNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	b.ingest(site, article("kettle", "lid"))
	n := b.needle(site, "lid")
	n.Terms, n.Vecs = nil, nil
	if got := b.find(n); got.Generation != 1 || len(got.List) != 0 || got.Sections != 1 {
		t.Errorf("%+v", got)
	}
}

func TestFind_AVectorOfAnotherWidthIsAnErrorNotARanking(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	b.ingest(site, article("kettle", "lid"))
	n := b.needle(site, "lid")
	n.Vecs[0].Vec = bag("lid", 8)
	if _, err := b.store.Find(b.ctx, n); err == nil {
		t.Error("it was ranked")
	}
}

func TestFind_PostgresAwayIsUnavailableAndComesBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	b.ingest(site, article("kettle", "lid"))
	closed := setup(t)
	closed.pool.Close()
	if _, err := closed.store.Find(b.ctx, b.needle(site, "lid")); err == nil {
		t.Error("a closed pool found something")
	}
	// Every connection cut by the server: the next search opens another.
	if _, err := b.pool.Exec(b.ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
	for try := 0; ; try++ {
		_, err := b.store.Find(b.ctx, b.needle(site, "lid"))
		if err == nil {
			return
		}
		if fault.KindOf(err) != fault.Unavailable || try > 20 {
			t.Fatalf("%v, want Unavailable and then recovery", err)
		}
	}
}
