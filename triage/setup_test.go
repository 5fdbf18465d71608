package triage

import (
	"context"
	"errors"
	"sync"
	"testing"

	"frontdesk/retrieval"
	"frontdesk/triage/model"
)

// memoryStore is what sites settled, in memory.
type memoryStore struct {
	mu        sync.Mutex
	stamp     Stamp
	site      Site
	articles  []Article
	questions []Question
	list      []byte
	away      bool
	reads     int
}

var errAway = errors.New("away")

func (s *memoryStore) Stamp(context.Context, retrieval.SiteID) (Stamp, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return Stamp{}, errAway
	}
	return s.stamp, nil
}

func (s *memoryStore) Settled(_ context.Context, id retrieval.SiteID) (Site, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return Site{}, errAway
	}
	s.reads++
	site := s.site
	site.ID = id
	return site, nil
}

func (s *memoryStore) Articles(context.Context, retrieval.SiteID) ([]Article, error) {
	return s.articles, nil
}

func (s *memoryStore) Texts(context.Context, retrieval.SiteID) ([]ArticleText, error) {
	return nil, nil
}

func (s *memoryStore) Questions(context.Context, retrieval.SiteID) ([]Question, error) {
	return s.questions, nil
}

func (s *memoryStore) List(context.Context, retrieval.SiteID, []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list, nil
}

func (s *memoryStore) KeepList(_ context.Context, _ retrieval.SiteID, _, list []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = list
	return nil
}

func (s *memoryStore) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.stamp.Version++
}

func newEngine(tb testing.TB, sites siteSource) *Engine {
	tb.Helper()
	reader, err := NewReader()
	if err != nil {
		tb.Fatal(err)
	}
	readers, err := NewReaders()
	if err != nil {
		tb.Fatal(err)
	}
	learned, err := model.Load()
	if err != nil {
		tb.Fatal(err)
	}
	e, err := New(Deps{Reader: reader, Readers: readers, Sites: sites, Model: learned}, Config{})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// found is evidence of articles, the first one nearest, under the local model.
func found(articles ...retrieval.Neighbour) retrieval.Evidence {
	vec := make([]float32, 384)
	vec[0] = 1
	around := &retrieval.Around{Vectors: []retrieval.QuestionVector{{Model: LocalModel + "/int8-2/384", Vec: vec}}, Sections: 10, Rarity: 4}
	for i, a := range articles {
		a.No = i + 1
		if a.Score == 0 {
			a.Score = 10 - 2*float64(i)
		}
		if a.Entries == nil {
			a.Entries = []retrieval.NearEntry{{Cosine: .8 - .1*float64(i), MaxSim: .8}}
		}
		around.Articles = append(around.Articles, a)
	}
	return retrieval.Evidence{Generation: 1, P: .7, Near: .9, Lang: "en", Around: around}
}

func decide(tb testing.TB, e *Engine, m Message, ev retrieval.Evidence) Decision {
	tb.Helper()
	d, err := e.Decide(tb.Context(), e.Read(tb.Context(), m), ev, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func article(id, desk, topic, product string) retrieval.Neighbour {
	return retrieval.Neighbour{ID: id, Title: id, Desk: desk, Topic: topic, Product: product}
}
