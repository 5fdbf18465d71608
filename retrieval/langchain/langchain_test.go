package langchain_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/retrieval/langchain"
	"frontdesk/retrieval/split"

	"github.com/google/go-cmp/cmp"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
)

// letters embeds a text as how often it has a, b and c; queries look the other
// way, so that a test sees which kind was asked for.
type letters struct {
	calls [][]string
	err   error
	short bool // one vector too few
}

func (l *letters) Embed(_ context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	l.calls = append(l.calls, slices.Clone(texts))
	if l.err != nil {
		return nil, l.err
	}
	var out [][]float32
	for _, t := range texts {
		sign := float32(1)
		if kind == retrieval.EmbedQuery {
			sign = -1
		}
		out = append(out, []float32{sign * float32(strings.Count(t, "a")), sign * float32(strings.Count(t, "b")), sign * float32(strings.Count(t, "c"))})
	}
	if l.short {
		out = out[1:]
	}
	return out, nil
}

func TestEmbedder_IsLangchaingos(t *testing.T) {
	t.Parallel()
	inner := &letters{}
	ours, err := langchain.NewEmbedder(inner, langchain.EmbedderConfig{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	var e embeddings.Embedder = ours
	docs, err := e.EmbedDocuments(t.Context(), []string{"aab", "c", "abc"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]float32{{2, 1, 0}, {0, 0, 1}, {1, 1, 1}}, docs); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"aab", "c"}, {"abc"}}, inner.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	query, err := e.EmbedQuery(t.Context(), "cc")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{0, 0, -2}, query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	none, err := e.EmbedDocuments(t.Context(), nil)
	if err != nil || none == nil || len(none) != 0 {
		t.Errorf("no texts give %v, %v", none, err)
	}
}

func TestEmbedder_PassesFailuresOn(t *testing.T) {
	t.Parallel()
	away := fault.New(fault.Unavailable, "embedder_away", "The embedder is away.")
	for _, tt := range []struct {
		name string
		e    *letters
		kind fault.Kind
	}{
		{"away", &letters{err: away}, fault.Unavailable},
		{"a vector too few", &letters{short: true}, fault.Internal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := langchain.NewEmbedder(tt.e, langchain.EmbedderConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.EmbedDocuments(t.Context(), []string{"a"}); err == nil || fault.KindOf(err) != tt.kind {
				t.Errorf("documents: %v", err)
			}
			if _, err := e.EmbedQuery(t.Context(), "a"); err == nil || fault.KindOf(err) != tt.kind {
				t.Errorf("query: %v", err)
			}
		})
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	if _, err := langchain.NewEmbedder(nil, langchain.EmbedderConfig{}); err == nil {
		t.Error("an Embedder of nothing was made")
	}
	if _, err := langchain.NewEmbedder(&letters{}, langchain.EmbedderConfig{Batch: -1}); err == nil || !strings.Contains(err.Error(), "Batch") {
		t.Errorf("a negative batch: %v", err)
	}
	if _, err := langchain.NewRetriever(nil, langchain.RetrieverConfig{Site: 1}); err == nil {
		t.Error("a Retriever of nothing was made")
	}
	for field, cfg := range map[string]langchain.RetrieverConfig{
		"Site": {}, "K": {Site: 1, K: 51}, "MinP": {Site: 1, MinP: math.NaN()},
	} {
		if _, err := langchain.NewRetriever(&search{}, cfg); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// search answers every question with its evidence and keeps the question.
type search struct {
	asked    retrieval.Query
	evidence retrieval.Evidence
	err      error
}

func (s *search) Search(_ context.Context, q retrieval.Query) (retrieval.Evidence, error) {
	s.asked = q
	return s.evidence, s.err
}

func evidence() retrieval.Evidence {
	return retrieval.Evidence{
		Generation: 7, P: 0.8, Degraded: []string{"embedder"},
		Hits: []retrieval.Hit{
			{Score: 2.5, Passage: retrieval.Passage{
				ArticleID: "returns", Title: "Returns", URL: "/help/returns", Desk: "service", Topic: "refunds", Lang: "en",
				Heading: []string{"How", "By post"}, From: 10, To: 30, Text: "Send it back to us.",
			}},
			{Score: 1, Passage: retrieval.Passage{ArticleID: "old", Superseded: "returns", Text: "Once it was so."}},
		},
	}
}

func TestRetriever_IsLangchaingos(t *testing.T) {
	t.Parallel()
	s := &search{evidence: evidence()}
	ours, err := langchain.NewRetriever(s, langchain.RetrieverConfig{Site: 3, Audience: retrieval.AgentsOnly, OnlyLang: "en", Product: "kettle", K: 2})
	if err != nil {
		t.Fatal(err)
	}
	var r schema.Retriever = ours
	docs, err := r.GetRelevantDocuments(t.Context(), "How do I send it back?")
	if err != nil {
		t.Fatal(err)
	}
	asked := retrieval.Query{Site: 3, Text: "How do I send it back?", Audience: retrieval.AgentsOnly, OnlyLang: "en", Product: "kettle", K: 2}
	if diff := cmp.Diff(asked, s.asked); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	want := []schema.Document{
		{PageContent: "Send it back to us.", Score: 2.5, Metadata: map[string]any{
			"article": "returns", "title": "Returns", "url": "/help/returns", "desk": "service", "topic": "refunds", "lang": "en", "product": "",
			"heading": "How > By post", "from": 10, "to": 30, "generation": 7, "p": 0.8, "degraded": "embedder",
		}},
		{PageContent: "Once it was so.", Score: 1, Metadata: map[string]any{
			"article": "old", "title": "", "url": "", "desk": "", "topic": "", "lang": "", "product": "",
			"heading": "", "from": 0, "to": 0, "generation": 7, "p": 0.8, "degraded": "embedder", "superseded_by": "returns",
		}},
	}
	if diff := cmp.Diff(want, docs); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

func TestRetriever_BelowItsFloorFindsNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		minP float64
		want int
	}{{0, 2}, {0.8, 2}, {0.81, 0}} {
		r, err := langchain.NewRetriever(&search{evidence: evidence()}, langchain.RetrieverConfig{Site: 1, MinP: tt.minP})
		if err != nil {
			t.Fatal(err)
		}
		if docs, err := r.GetRelevantDocuments(t.Context(), "x"); err != nil || docs == nil || len(docs) != tt.want {
			t.Errorf("MinP %g: %d documents, %v", tt.minP, len(docs), err)
		}
	}
}

func TestRetriever_PassesFailuresOn(t *testing.T) {
	t.Parallel()
	gone := fault.New(fault.Unavailable, "database_away", "The database is away.")
	r, err := langchain.NewRetriever(&search{err: gone}, langchain.RetrieverConfig{Site: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.GetRelevantDocuments(t.Context(), "x"); !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
}

// A program written with langchaingo: documents cut by our splitter, embedded by
// our embedder, found by our search.
func Example() {
	splitter, err := split.NewTextSplitter(split.TextConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	docs, err := textsplitter.CreateDocuments(splitter, []string{"# Lamp\n\nThe lamp switches itself off after two hours without anybody in the room."}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	embedder, err := langchain.NewEmbedder(&letters{}, langchain.EmbedderConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	vectors, err := embedder.EmbedDocuments(context.Background(), []string{docs[0].PageContent})
	if err != nil {
		fmt.Println(err)
		return
	}
	retriever, err := langchain.NewRetriever(&search{evidence: evidence()}, langchain.RetrieverConfig{Site: 1, K: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := retriever.GetRelevantDocuments(context.Background(), "Can I send it back?")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(docs[0].PageContent)
	fmt.Println(len(vectors[0]), "numbers")
	fmt.Println(found[0].PageContent, found[0].Metadata["url"])
	// Output:
	// The lamp switches itself off after two hours without anybody in the room.
	// 3 numbers
	// Send it back to us. /help/returns
}
