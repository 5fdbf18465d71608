package retrieval

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/fault"
)

func newTestIngester(t *testing.T, m *memory, e Embedder, cfg IngestConfig) *Ingester {
	t.Helper()
	in, err := NewIngester(IngestDeps{Store: m, Split: lines{}, Terms: testTerms, Detect: testDetect, Embedder: e}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

var errAway = fault.New(fault.Unavailable, "away", "away")

func TestNewIngester_NamesTheWrongField(t *testing.T) {
	t.Parallel()
	deps := IngestDeps{Store: &memory{}, Split: lines{}, Terms: testTerms, Detect: testDetect}
	for name, cfg := range map[string]IngestConfig{
		"Keep": {Keep: -1}, "InFlight": {InFlight: -1}, "Batch": {Batch: -2}, "Patience": {Patience: -1}, "Backoff": {Backoff: -1},
	} {
		if _, err := NewIngester(deps, cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewIngester(IngestDeps{}, IngestConfig{}); err == nil {
		t.Error("no parts at all were accepted")
	}
}

func TestIngest_NothingToPublishLeavesEverything(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]Article{"no article": nil, "articles without a section": {{ID: "a", Title: "A"}}} {
		m := &memory{}
		_, err := newTestIngester(t, m, newScripted(nil), IngestConfig{}).Ingest(t.Context(), 1, list, IngestOptions{})
		if !errors.Is(err, ErrEmpty) || m.current.Number != 0 || m.writes != 0 {
			t.Errorf("%s: %v, generation %d", name, err, m.current.Number)
		}
	}
}

func TestIngest_WithoutAnEmbedderOnlyWhenAskedTo(t *testing.T) {
	t.Parallel()
	m := &memory{}
	in := newTestIngester(t, m, nil, IngestConfig{})
	if _, err := in.Ingest(t.Context(), 1, manyArticles(2), IngestOptions{}); !errors.Is(err, ErrNoEmbedder) {
		t.Errorf("%v, want ErrNoEmbedder", err)
	}
	r, err := in.Ingest(t.Context(), 1, manyArticles(2), IngestOptions{WithoutVectors: true})
	if err != nil || r.Generation != 1 || len(m.current.Stats.Models) != 0 {
		t.Fatalf("%+v %v", r, err)
	}
	// With an embedder the same articles are another generation.
	r, err = newTestIngester(t, m, newScripted(nil), IngestConfig{}).Ingest(t.Context(), 1, manyArticles(2), IngestOptions{})
	if err != nil || r.Unchanged || !slices.Equal(m.current.Stats.Models, []string{"scripted/4"}) {
		t.Errorf("%+v %v: %v", r, err, m.current.Stats)
	}
}

func TestIngest_WhatChangesAGeneration(t *testing.T) {
	t.Parallel()
	base := func() []Article {
		return []Article{{ID: "a", Title: "A", Lang: "en", Body: "one", Questions: []string{"q"}, Attributes: map[string]string{"k": "v"}}}
	}
	for name, change := range map[string]func(*Article){
		"nothing":   func(*Article) {},
		"source":    func(a *Article) { a.Source = "elsewhere/a.md" },
		"id":        func(a *Article) { a.ID = "b" },
		"title":     func(a *Article) { a.Title = "B" },
		"url":       func(a *Article) { a.URL = "/b" },
		"desk":      func(a *Article) { a.Desk = "support" },
		"topic":     func(a *Article) { a.Topic = "t" },
		"product":   func(a *Article) { a.Product = "kettle" },
		"language":  func(a *Article) { a.Lang = "de" },
		"audience":  func(a *Article) { a.Audience = AgentsOnly },
		"updated":   func(a *Article) { a.Updated = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC) },
		"replaced":  func(a *Article) { a.SupersededBy = "b" },
		"question":  func(a *Article) { a.Questions = []string{"q", ""} },
		"attribute": func(a *Article) { a.Attributes["k"] = "w" },
		"body":      func(a *Article) { a.Body = "two" },
	} {
		m := &memory{}
		in := newTestIngester(t, m, newScripted(nil), IngestConfig{})
		if _, err := in.Ingest(t.Context(), 1, base(), IngestOptions{}); err != nil {
			t.Fatal(err)
		}
		list := base()
		change(&list[0])
		r, err := in.Ingest(t.Context(), 1, list, IngestOptions{})
		if same := name == "nothing" || name == "source"; err != nil || r.Unchanged != same {
			t.Errorf("%s: unchanged is %v, %v", name, r.Unchanged, err)
		}
	}
}

func TestIngest_EqualTextsAreEmbeddedOnceAndAllGetTheirVector(t *testing.T) {
	t.Parallel()
	m, e := &memory{}, newScripted(nil)
	list := []Article{{ID: "a", Title: "T", Lang: "en", Body: "same\nsame\nother"}, {ID: "b", Title: "T", Lang: "en", Body: "same", Audience: AgentsOnly}}
	r, err := newTestIngester(t, m, e, IngestConfig{}).Ingest(t.Context(), 1, list, IngestOptions{})
	if err != nil || e.calls() != 2 || r.Embedded != 2 || len(m.vectors) != 4 {
		t.Fatalf("%d texts embedded, %d vectors, %+v %v", e.calls(), len(m.vectors), r, err)
	}
	for _, v := range m.vectors {
		if (v.Audience == AgentsOnly) != (v.Chunk == 4) {
			t.Errorf("chunk %d has audience %d", v.Chunk, v.Audience)
		}
	}
}

func TestIngest_WaitsForAnEmbedderThatComesBack(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	left := 5
	e := newScripted(func(_ context.Context, texts []string) ([][]float32, error) {
		mu.Lock()
		defer mu.Unlock()
		if left > 0 {
			left--
			return nil, errAway
		}
		return unitVectors(len(texts)), nil
	})
	var troubles, last int
	cfg := fastRetries()
	cfg.Patience = 30 * time.Second
	m := &memory{}
	r, err := newTestIngester(t, m, e, cfg).Ingest(t.Context(), 1, manyArticles(10), IngestOptions{Progress: func(p Progress) {
		if p.Trouble != nil {
			troubles++
		}
		if p.Done < last || p.Total != 10 {
			t.Errorf("progress went from %d to %d of %d", last, p.Done, p.Total)
		}
		last = p.Done
	}})
	if err != nil || r.Embedded != 10 || len(m.vectors) != 10 || troubles != 5 || last != 10 {
		t.Errorf("%+v %v: %d vectors, %d troubles, %d done", r, err, len(m.vectors), troubles, last)
	}
}

func TestIngest_GivesUpOnAnEmbedderAndLeavesTheOldGeneration(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer [][]float32
		err    error
		kind   fault.Kind
	}{
		"away for good":         {err: errAway, kind: fault.Unavailable},
		"slow for good":         {err: fault.New(fault.Timeout, "slow", "slow"), kind: fault.Timeout},
		"refuses the key":       {err: fault.New(fault.Unauthorized, "key", "key"), kind: fault.Unauthorized},
		"too few vectors":       {answer: [][]float32{}, kind: fault.Invalid},
		"too many vectors":      {answer: unitVectors(2), kind: fault.Invalid},
		"other dimensions":      {answer: [][]float32{{1, 0}}, kind: fault.Invalid},
		"NaN":                   {answer: [][]float32{{nan(), 0, 0, 1}}, kind: fault.Invalid},
		"a vector of length 0":  {answer: [][]float32{{0, 0, 0, 0}}, kind: fault.Invalid},
		"a vector of length 20": {answer: [][]float32{{10, 10, 10, 10}}, kind: fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{}
			m.current.Number = 7
			e := newScripted(func(context.Context, []string) ([][]float32, error) { return c.answer, c.err })
			_, err := newTestIngester(t, m, e, fastRetries()).Ingest(t.Context(), 1, manyArticles(3), IngestOptions{})
			if fault.KindOf(err) != c.kind || m.current.Number != 7 || m.failed != 1 || m.collected != 0 {
				t.Errorf("%v; generation %d, marked failed %d times", err, m.current.Number, m.failed)
			}
		})
	}
}

func nan() float32 { var z float32; return z / z }

// textError is about one text of a call.
type textError struct {
	error
	text int
}

func (e textError) Unwrap() error { return e.error }

func TestIngest_ATextThatIsToBlameDoesNotKeepTheOthersOut(t *testing.T) {
	t.Parallel()
	e := newScripted(func(_ context.Context, texts []string) ([][]float32, error) {
		for i, text := range texts {
			if strings.Contains(text, "---") {
				return nil, textError{fault.New(fault.Invalid, "zero", "zero"), i}
			}
		}
		return unitVectors(len(texts)), nil
	})
	m := &memory{}
	in, err := NewIngester(IngestDeps{
		Store: m, Split: lines{}, Terms: testTerms, Detect: testDetect, Embedder: e,
		Blamed: func(err error) (int, bool) {
			te, ok := errors.AsType[textError](err)
			return te.text, ok
		},
	}, IngestConfig{Batch: 4, InFlight: 1, Backoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	list := append(manyArticles(5), Article{ID: "dashes", Title: "D", Lang: "en", Body: "---\nfine\n----"})
	r, err := in.Ingest(t.Context(), 1, list, IngestOptions{})
	if err != nil || !slices.Equal(r.Unembedded, []string{"dashes"}) || len(m.vectors) != 6 || r.Embedded != 6 {
		t.Errorf("%+v %v, %d vectors", r, err, len(m.vectors))
	}
}

func TestIngest_StoppedKeepsWhatIsEmbedded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	n := 0
	e := newScripted(func(ctx context.Context, texts []string) ([][]float32, error) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == 6 {
			cancel()
			return nil, ctx.Err()
		}
		return unitVectors(len(texts)), nil
	})
	m := &memory{}
	_, err := newTestIngester(t, m, e, IngestConfig{InFlight: 1, WriteEvery: 100}).Ingest(ctx, 1, manyArticles(20), IngestOptions{})
	if !errors.Is(err, context.Canceled) || len(m.vectors) != 5 || m.failed != 1 || m.current.Number != 0 {
		t.Errorf("%v; %d vectors kept, want 5", err, len(m.vectors))
	}
}

func TestIngest_TheEmbedderNeverWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	// Every write blocks until all texts have been asked for: if the embedder
	// waited for one, nothing would ever go on.
	asked := make(chan struct{})
	const texts = 40
	e := newScripted(nil)
	e.embed = func(_ context.Context, list []string) ([][]float32, error) {
		if e.calls() == texts {
			close(asked)
		}
		return unitVectors(len(list)), nil
	}
	m := &blockedStore{memory: &memory{}, until: asked}
	in, err := NewIngester(IngestDeps{Store: m, Split: lines{}, Terms: testTerms, Detect: testDetect, Embedder: e}, IngestConfig{WriteEvery: 2})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := in.Ingest(ctx, 1, manyArticles(texts), IngestOptions{})
	if err != nil || len(m.vectors) != texts {
		t.Errorf("%v: %d vectors", err, len(m.vectors))
	}
	if r.Busy < 0 || r.Busy > 1 || r.EmbedTook <= 0 {
		t.Errorf("busy %g of %s", r.Busy, r.EmbedTook)
	}
}

type blockedStore struct {
	*memory
	until chan struct{}
}

func (b *blockedStore) Fill(ctx context.Context, _ SiteID, _ int, _ *Draft) error {
	select {
	case <-b.until:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *blockedStore) PutVectors(ctx context.Context, site SiteID, g int, m Model, v []ChunkVector) error {
	select {
	case <-b.until:
		return b.memory.PutVectors(ctx, site, g, m, v)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestIngest_AModelThatSaysItsWidthLateIsAskedFirst(t *testing.T) {
	t.Parallel()
	m := &memory{}
	e := &lateModel{scripted: newScripted(nil)}
	r, err := newTestIngester(t, m, e, IngestConfig{}).Ingest(t.Context(), 1, manyArticles(2), IngestOptions{})
	if err != nil || !slices.Equal(m.current.Stats.Models, []string{"scripted/4"}) {
		t.Fatalf("%+v %v", r, err)
	}
	if r, err = newTestIngester(t, m, e, IngestConfig{}).Ingest(t.Context(), 1, manyArticles(2), IngestOptions{}); err != nil || !r.Unchanged {
		t.Errorf("%+v %v", r, err)
	}
}

// lateModel knows its model after its first answer.
type lateModel struct{ *scripted }

func (l *lateModel) Model() Model {
	if l.calls() == 0 {
		return Model{}
	}
	return l.model
}
