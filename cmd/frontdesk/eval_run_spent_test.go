package main

import (
	"testing"

	"frontdesk/evals/runner"
	"frontdesk/retrieval"
)

// A question that is asked for ahead and again by the search is paid for once by
// each encoder, in the turn it is for; passages are the knowledge's cost.
func TestSpent_CountsAQuestionOnceATurn(t *testing.T) {
	t.Parallel()
	k := &keptEmbedder{Embedder: &inner{model: retrieval.Model{Name: "m/2", Dims: 2}}, folder: t.TempDir()}
	s := newSpent()
	ask := func(site retrieval.SiteID, kind retrieval.EmbedKind, texts ...string) {
		t.Helper()
		if _, err := k.Embed(s.within(t.Context(), site), kind, texts); err != nil {
			t.Fatal(err)
		}
	}
	s.begin(1)
	s.begin(2)
	ask(1, retrieval.EmbedQuery, "Wo?")
	ask(1, retrieval.EmbedQuery, "Wo?", "née")
	ask(1, retrieval.EmbedPassage, "a passage")
	ask(2, retrieval.EmbedQuery, "b")
	ask(3, retrieval.EmbedQuery, "of no turn")
	if got, want := s.cost(1), (runner.Cost{Embeddings: 2, Characters: 6}); got != want {
		t.Errorf("%+v", got)
	}
	if got, want := s.cost(2), (runner.Cost{Embeddings: 1, Characters: 1}); got != want {
		t.Errorf("%+v", got)
	}
	s.begin(1)
	if got := s.cost(1); got != (runner.Cost{}) {
		t.Errorf("what the turn before cost: %+v", got)
	}
	var none *spent
	none.begin(1)
	if got := none.cost(1); got != (runner.Cost{}) {
		t.Errorf("%+v", got)
	}
}
