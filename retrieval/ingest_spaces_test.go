package retrieval

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"testing"
)

// shelf is a store that keeps vectors by model and text, as the database does,
// over generations and failures.
type shelf struct {
	*memory
	mu   sync.Mutex
	vecs map[string]map[[32]byte]bool
	rows map[string]map[[32]byte][]int8
}

func newShelf() *shelf {
	return &shelf{memory: &memory{}, vecs: map[string]map[[32]byte]bool{}, rows: map[string]map[[32]byte][]int8{}}
}

func (s *shelf) TakeOver(_ context.Context, _ SiteID, _ int, m Model, chunks []DraftChunk) ([]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missing []int
	for _, c := range chunks {
		if !s.vecs[m.Name][c.Hash] {
			missing = append(missing, c.No)
		}
	}
	return missing, nil
}

func (s *shelf) WithoutTokens(_ context.Context, _ SiteID, m Model, hashes [][32]byte) ([][32]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(hashes), func(h [32]byte) bool { return s.rows[m.Name][h] != nil }), nil
}

func (s *shelf) PutVectors(_ context.Context, _ SiteID, _ int, m Model, list []ChunkVector) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.vecs[m.Name] == nil {
		s.vecs[m.Name], s.rows[m.Name] = map[[32]byte]bool{}, map[[32]byte][]int8{}
	}
	for _, v := range list {
		if v.Vec != nil {
			s.vecs[m.Name][v.Hash] = true
		}
		if len(v.Rows) > 0 {
			s.rows[m.Name][v.Hash] = v.Rows
		}
	}
	return nil
}

// pair is an ingest with two models, the second for English alone.
type pair struct {
	store         *shelf
	first, second *tokened
	in            *Ingester
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{store: newShelf(), first: newTokened("one", nil), second: newTokened("two", nil)}
	var err error
	p.in, err = NewIngester(IngestDeps{
		Store: p.store, Split: lines{}, Terms: testTerms, Detect: testDetect,
		Embedder: p.first, More: []Space{{Embedder: p.second, Langs: []string{"en"}}},
	}, IngestConfig{InFlight: 1, WriteEvery: 1})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pair) ingest(t *testing.T, list []Article, files ...*VectorFile) IngestReport {
	t.Helper()
	r, err := p.in.Ingest(t.Context(), 1, list, IngestOptions{Vectors: files})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// texts is what was embedded since the last call.
func (e *tokened) since() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := slices.Sorted(slices.Values(e.texts))
	e.texts = nil
	return out
}

func bilingual() []Article {
	return []Article{
		{ID: "lid", Title: "T", Lang: "en", Body: "the lid\nthe spout"},
		{ID: "deckel", Title: "T", Lang: "de", Body: "der deckel"},
		{ID: "erkannt", Title: "T", Body: "ich bin deutsch"}, // says no language itself
	}
}

func TestIngest_OnlyArticlesInItsLanguagesGetTheSecondModelsVectors(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	r := p.ingest(t, bilingual())
	if got := p.first.since(); len(got) != 4 {
		t.Errorf("the first was asked for %q", got)
	}
	if got := p.second.since(); !slices.Equal(got, []string{"T\nthe lid", "T\nthe spout"}) {
		t.Errorf("the second was asked for %q", got)
	}
	if r.Embedded != 6 || !slices.Equal(p.store.current.Stats.Models, []string{"one/r/4", "two/r/4"}) {
		t.Errorf("%+v, models %v", r, p.store.current.Stats.Models)
	}
	if len(p.store.rows["one/r/4"]) != 4 || len(p.store.rows["two/r/4"]) != 2 {
		t.Errorf("token vectors of %d and %d texts, want 4 and 2", len(p.store.rows["one/r/4"]), len(p.store.rows["two/r/4"]))
	}
}

func TestIngest_ASecondRunEmbedsNothingAndAnEditOnlyWhatItChanged(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	list := bilingual()
	p.ingest(t, list)
	p.first.since()
	p.second.since()
	if r := p.ingest(t, list); !r.Unchanged || len(p.first.since())+len(p.second.since()) != 0 {
		t.Errorf("%+v", r)
	}
	list[0].Body = "the lid\nthe jug"
	r := p.ingest(t, list)
	if one, two := p.first.since(), p.second.since(); !slices.Equal(one, []string{"T\nthe jug"}) || !slices.Equal(two, one) {
		t.Errorf("asked for %q and %q", one, two)
	}
	if r.Embedded != 2 || r.TakenOver != 3+1 {
		t.Errorf("%d embedded, %d taken over", r.Embedded, r.TakenOver)
	}
	// An article that turns out to be English gets the second model's vectors, no more.
	list[1].Lang = "en"
	p.ingest(t, list)
	if one, two := p.first.since(), p.second.since(); len(one) != 0 || !slices.Equal(two, []string{"T\nder deckel"}) {
		t.Errorf("asked for %q and %q", one, two)
	}
}

func TestIngest_TokensThatKnownVectorsLackAreFilledIn(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.first.dims, p.second.dims = 0, 0 // as it was before there were any
	p.ingest(t, bilingual())
	p.first.since()
	p.second.since()
	p.first.dims, p.second.dims = testTokenDims, testTokenDims
	r := p.ingest(t, bilingual())
	if r.Unchanged || r.TakenOver != 6 || r.Embedded != 6 {
		t.Fatalf("%+v", r)
	}
	if len(p.store.rows["one/r/4"]) != 4 || len(p.store.rows["two/r/4"]) != 2 {
		t.Errorf("token vectors of %d and %d texts, want 4 and 2", len(p.store.rows["one/r/4"]), len(p.store.rows["two/r/4"]))
	}
	for _, h := range [][32]byte{sha256.Sum256([]byte("T\nthe lid"))} {
		if got := p.store.rows["two/r/4"][h]; !slices.Equal(got, textRows("T\nthe lid", testTokenDims)) {
			t.Errorf("%d numbers of another text", len(got))
		}
	}
	p.first.since()
	if r := p.ingest(t, bilingual()); !r.Unchanged || len(p.first.since()) != 0 {
		t.Errorf("%+v", r)
	}
}

// shipped is a model's file with the texts' vectors, and tokens of a width.
func shipped(m Model, width int, texts ...string) *VectorFile {
	f := NewVectorFile(m)
	f.TokenDims = width
	for _, s := range texts {
		h := sha256.Sum256([]byte(s))
		f.Put(h, unitVectors(1)[0])
		if width > 0 {
			f.PutRows(h, textRows(s, width), textPlaces(s))
		}
	}
	return f
}

// unplaced is a file as they were before tokens had places.
func unplaced(f *VectorFile) *VectorFile {
	for h, e := range f.texts {
		f.PutRows(h, e.Rows, nil)
	}
	return f
}

func TestIngest_AFileOfBothModelsSavesBothEmbedders(t *testing.T) {
	t.Parallel()
	all := []string{"T\nthe lid", "T\nthe spout", "T\nder deckel", "T\nich bin deutsch"}
	for name, row := range map[string]struct {
		first, second    *VectorFile
		asked1, asked2   int
		fromFile, tokens int
	}{
		"both with tokens":               {shipped(Model{"one/r/4", 4}, 16, all...), shipped(Model{"two/r/4", 4}, 16, all...), 0, 0, 6, 6},
		"one text missing of the second": {shipped(Model{"one/r/4", 4}, 16, all...), shipped(Model{"two/r/4", 4}, 16, all[1:]...), 0, 1, 5, 6},
		"the second of another revision": {shipped(Model{"one/r/4", 4}, 16, all...), shipped(Model{"two/s/4", 4}, 16, all...), 0, 2, 4, 6},
		"without tokens":                 {shipped(Model{"one/r/4", 4}, 0, all...), shipped(Model{"two/r/4", 4}, 0, all...), 4, 2, 0, 6},
		"tokens without places":          {unplaced(shipped(Model{"one/r/4", 4}, 16, all...)), shipped(Model{"two/r/4", 4}, 16, all...), 4, 0, 2, 6},
		"tokens of another width":        {shipped(Model{"one/r/4", 4}, 32, all...), shipped(Model{"two/r/4", 4}, 16, all...), 4, 0, 2, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t)
			r := p.ingest(t, bilingual(), row.first, nil, row.second)
			one, two := p.first.since(), p.second.since()
			if len(one) != row.asked1 || len(two) != row.asked2 || r.FromFile != row.fromFile || r.Embedded != row.asked1+row.asked2 {
				t.Errorf("asked for %q and %q; %d from the file, %d embedded", one, two, r.FromFile, r.Embedded)
			}
			n := 0
			for model, rows := range p.store.rows {
				for h, got := range rows {
					n++
					for _, s := range all {
						if sha256.Sum256([]byte(s)) == h && !slices.Equal(got, textRows(s, testTokenDims)) {
							t.Errorf("%s: %d numbers for %q, want %d", model, len(got), s, len(textRows(s, testTokenDims)))
						}
					}
				}
			}
			if n != row.tokens {
				t.Errorf("token vectors of %d texts, want %d", n, row.tokens)
			}
		})
	}
}

func TestIngest_StoppedInTheSecondModelsRunTheNextTakesOver(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	english := manyArticles(12)
	p.second.embed = func(ctx context.Context, texts []string) ([][]float32, error) {
		if p.second.calls() > 5 {
			cancel()
			return nil, ctx.Err()
		}
		return unitVectors(len(texts)), nil
	}
	if _, err := p.in.Ingest(ctx, 1, english, IngestOptions{}); err == nil || p.store.current.Number != 0 {
		t.Fatalf("%v, generation %d", err, p.store.current.Number)
	}
	p.first.since()
	p.second.since()
	p.second.embed = nil
	r := p.ingest(t, english)
	if one, two := p.first.since(), p.second.since(); len(one) != 0 || len(two) != 7 || r.TakenOver != 12+5 {
		t.Errorf("asked for %d and %d, want 0 and 7; %d taken over", len(one), len(two), r.TakenOver)
	}
}

func TestIngest_ProgressGoesOnOverBothModels(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	last := 0
	_, err := p.in.Ingest(t.Context(), 1, bilingual(), IngestOptions{Progress: func(g Progress) {
		if g.Total != 6 || g.Done < last {
			t.Errorf("%d of %d after %d", g.Done, g.Total, last)
		}
		last = g.Done
	}})
	if err != nil || last != 6 {
		t.Errorf("%d done, %v", last, err)
	}
}

func TestIngest_TokensOfAnotherShapeAreRefused(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	bad := &misshapen{p.second}
	in, err := NewIngester(IngestDeps{
		Store: p.store, Split: lines{}, Terms: testTerms, Detect: testDetect, Embedder: p.first, More: []Space{{Embedder: bad}},
	}, fastRetries())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Ingest(t.Context(), 1, manyArticles(2), IngestOptions{}); err == nil || !strings.Contains(err.Error(), "tokens") {
		t.Errorf("%v", err)
	}
	if len(p.store.rows["two/r/4"]) != 0 || p.store.current.Number != 0 {
		t.Errorf("%d texts have such rows, generation %d", len(p.store.rows["two/r/4"]), p.store.current.Number)
	}
}

// misshapen answers with a number too few.
type misshapen struct{ *tokened }

func (m *misshapen) EmbedTokens(ctx context.Context, kind EmbedKind, texts []string) ([]Encoded, error) {
	list, err := m.tokened.EmbedTokens(ctx, kind, texts)
	for i := range list {
		list[i].Rows = list[i].Rows[1:]
	}
	return list, err
}
