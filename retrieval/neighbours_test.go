package retrieval

import (
	"context"
	"slices"
	"testing"
)

func TestSearch_SaysWhatLiesAroundWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	m, e := published("en"), newScripted(nil)
	find := m.found
	m.found = func(n Needle) (Candidates, error) {
		c, err := find(n)
		a := c.List[0]
		a.Desk, a.Topic, a.Product = "support", "faults", "kettle"
		q := a
		q.Kind, q.Asked, q.ChunkNo, q.Cosine = QuestionChunk, "does it open?", 2, .95
		b := a
		b.ArticleNo, b.ArticleID, b.ChunkNo, b.Desk, b.Cosine = 2, "parcel", 3, "service", .1
		c.List = []Candidate{b, a, q}
		return c, err
	}
	s := newTestSearcher(t, m, e, SearchConfig{})
	if ev, err := s.Search(t.Context(), Query{Site: 1, Text: "lid"}); err != nil || ev.Around != nil {
		t.Fatalf("nobody asked: %+v, %v", ev.Around, err)
	}
	ev, err := s.Search(t.Context(), Query{Site: 1, Text: "lid", K: 1, Around: true})
	if err != nil {
		t.Fatal(err)
	}
	around := ev.Around
	if len(m.needles) != 2 || e.calls() != 2 {
		t.Errorf("it cost %d trips and %d runs of the embedder for two searches", len(m.needles), e.calls())
	}
	if len(ev.Hits) != 1 || len(around.Articles) != 2 || around.Articles[0].ID != "kettle" || around.Articles[0].Score != ev.Hits[0].Score {
		t.Fatalf("%+v", around)
	}
	k := around.Articles[0]
	if k.Desk != "support" || k.Topic != "faults" || k.Product != "kettle" || len(k.Entries) != 2 || k.Entries[1].Asked != "does it open?" || k.Entries[1].Cosine != .95 || k.Entries[0].Words != 1 {
		t.Errorf("%+v", k)
	}
	if len(around.Vectors) != 1 || around.Vectors[0].Model != "scripted/4" || len(around.Vectors[0].Vec) != 4 || around.Rarity != 2 || around.Sections != 10 {
		t.Errorf("%+v", around)
	}
}

// deepened is an embedder whose questions come with what inner layers make of them.
type deepened struct{ *tokened }

func (e deepened) EmbedTokens(ctx context.Context, kind EmbedKind, texts []string) ([]Encoded, error) {
	list, err := e.tokened.EmbedTokens(ctx, kind, texts)
	for i := range list {
		list[i].Depths = []float32{float32(len(texts[i])), 1}
	}
	return list, err
}

func TestSearch_InnerLayersComeWithWhatLiesAround(t *testing.T) {
	t.Parallel()
	m, e := published("en"), deepened{newTokened("scripted", nil)}
	e.model.Name = "scripted/4"
	s := newTestSearcher(t, m, e, SearchConfig{})
	ev, err := s.Search(t.Context(), Query{Site: 1, Text: "lid", Around: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(ev.Around.Vectors) != 1 || !slices.Equal(ev.Around.Vectors[0].Depths, []float32{3, 1}) || e.calls() != 1 {
		t.Errorf("%+v after %d runs", ev.Around.Vectors, e.calls())
	}
	if _, err := s.Search(t.Context(), Query{Site: 1, Text: "lid"}); err != nil || e.tokens.Load() != 1 {
		t.Errorf("%v, %d runs with more than the vector: nobody asked for what lies around", err, e.tokens.Load())
	}
}
