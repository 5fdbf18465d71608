package retrieval

import "testing"

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
