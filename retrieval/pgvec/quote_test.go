package pgvec

import (
	"context"
	"strings"
	"testing"

	"frontdesk/retrieval"
	"frontdesk/retrieval/quote"
)

// placed is a tokenBag whose tokens know their place in a passage.
type placed struct{ *tokenBag }

func (e placed) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	list, err := e.tokenBag.EmbedTokens(ctx, kind, texts)
	if kind != retrieval.EmbedPassage {
		return list, err
	}
	for i := range list {
		at := 0
		for _, w := range plainTerms(texts[i], "") {
			at += strings.Index(strings.ToLower(texts[i][at:]), w)
			list[i].Places = append(list[i].Places, retrieval.PlaceFromEnd(len(texts[i]), at))
			at += len(w)
		}
	}
	return list, err
}

// What a search quotes went through the database and back: the pieces are bytes
// of the stored article, and rows without places quote the section whole.
func TestSearch_QuotesBytesOfTheStoredArticle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	e := placed{newTokenBag("first/16", "f")}
	in, err := retrieval.NewIngester(retrieval.IngestDeps{
		Store: b.store, Split: paragraphs{}, Terms: plainTerms, Detect: english, Embedder: e,
	}, retrieval.IngestConfig{BM25: testBM25(), InFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	filler := strings.Repeat("Nobody asked about any of these other matters here. ", 4)
	articles := []retrieval.Article{article("kettle", "Größe egal. "+filler+"The lid leaks water sometimes. "+filler+"\n\n"+filler), article("jug", "cotton sheets")}
	if _, err := in.Ingest(b.ctx, site, articles, retrieval.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	search := func() retrieval.Hit {
		t.Helper()
		ranking := retrieval.Ranking{BM25: testBM25(), Threshold: 0.5, Plans: []retrieval.Plan{{
			Name: "one", Models: []string{"first"}, Tokens: "first", Weights: map[string]float64{"article_maxsim": 1},
			Section: map[string]float64{"maxsim": 1},
			Quote: &retrieval.Quoting{
				Units:  retrieval.Logistic{Intercept: -24, Weights: map[string]float64{"maxsim": 30}},
				Limits: quote.Limits{Floor: 0.5, Least: 3, Most: 40},
			},
		}}}
		ranking.WithVectors.Fusion.Cosine, ranking.Words.Fusion.BM25 = 1, 1
		s, err := retrieval.NewSearcher(retrieval.SearchDeps{Store: b.store, Embedder: e, Tokens: b.store, Terms: plainTerms, Detect: english}, retrieval.SearchConfig{Ranking: &ranking})
		if err != nil {
			t.Fatal(err)
		}
		ev, err := s.Search(b.ctx, retrieval.Query{Site: site, Text: "lid leaks water", Lang: "en"})
		if err != nil || len(ev.Hits) == 0 || ev.Hits[0].ArticleID != "kettle" {
			t.Fatalf("%v: %+v", err, ev)
		}
		return ev.Hits[0]
	}
	hit := search()
	if len(hit.Pieces) != 1 || hit.Pieces[0].Text != "The lid leaks water sometimes." {
		t.Fatalf("quoted %+v", hit.Pieces)
	}
	var body string
	err = b.store.pool.QueryRow(b.ctx, `SELECT body FROM articles WHERE site_id = $1 AND article_id = 'kettle'`, site).Scan(&body)
	if err != nil || body[hit.Pieces[0].From:hit.Pieces[0].To] != hit.Pieces[0].Text {
		t.Errorf("%v: bytes %d to %d are no such words", err, hit.Pieces[0].From, hit.Pieces[0].To)
	}
	if _, err := b.store.pool.Exec(b.ctx, `UPDATE token_rows SET places = NULL WHERE site_id = $1`, site); err != nil {
		t.Fatal(err)
	}
	if hit := search(); len(hit.Pieces) != 0 || hit.Quote() != hit.Text || !strings.Contains(hit.Text, "lid leaks") {
		t.Errorf("rows from before: quoted %+v of %q", hit.Pieces, hit.Text)
	}
}
