package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/triage"
	"frontdesk/triage/model"
)

// publicStore is a public site as triage reads one: nothing is settled.
type publicStore struct {
	site evals.PublicSite

	mu        sync.Mutex
	key, list []byte
}

func (s *publicStore) Stamp(context.Context, retrieval.SiteID) (triage.Stamp, error) {
	return triage.Stamp{Generation: 1}, nil
}

func (s *publicStore) Settled(_ context.Context, id retrieval.SiteID) (triage.Site, error) {
	return triage.Site{ID: id}, nil
}

func (s *publicStore) Articles(context.Context, retrieval.SiteID) ([]triage.Article, error) {
	return s.site.Articles, nil
}

func (s *publicStore) Texts(context.Context, retrieval.SiteID) ([]triage.ArticleText, error) {
	return nil, nil
}

func (s *publicStore) Questions(context.Context, retrieval.SiteID) ([]triage.Question, error) {
	return s.site.Questions, nil
}

func (s *publicStore) List(context.Context, retrieval.SiteID, []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list, nil
}

func (s *publicStore) KeepList(_ context.Context, _ retrieval.SiteID, key, list []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key, s.list = key, list
	return nil
}

// publicFolder is where the public data lies.
func (a *app) publicFolder(given string) string {
	root, _ := repositoryRoot()
	return cmp.Or(given, a.getenv("FRONTDESK_EVAL_DATA"), filepath.Join(root, "..", "shared", "data"))
}

// readPublic has each site learn its list, and reads and surrounds its messages
// as a turn does, without a database: a list's entries and the vectors are all
// that its decision goes by.
func (a *app) readPublic(ctx context.Context, sites []evals.PublicSite, learned *model.Learned, see func(site evals.PublicSite, m evals.PublicMessage, engine *triage.Engine, r triage.Reading, ev retrieval.Evidence) error) error {
	kept := a.keepModels()
	defer kept.Close() //nolint:errcheck // vectors that are not kept are computed again
	embed := embedQuestions(kept.first, kept.more)
	phrases, err := triage.NewReader()
	if err != nil {
		return err
	}
	readers, err := triage.NewReaders()
	if err != nil {
		return err
	}
	for i, s := range sites {
		fmt.Fprintf(a.stderr, "%d of %d: %s, %d entries, %d examples, %d messages\n", i+1, len(sites), s.Name, len(s.Articles), len(s.Questions), len(s.Messages))
		held, err := triage.NewSites(triage.SitesDeps{Store: &publicStore{site: s}, Model: learned, Embed: embed, Now: time.Now, Log: a.log}, time.Hour)
		if err != nil {
			return err
		}
		engine, err := triage.New(triage.Deps{Reader: phrases, Readers: readers, Sites: held, Model: learned}, triage.Config{})
		if err == nil {
			err = a.readPublicSite(ctx, s, held, engine, embed, see)
		}
		held.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

func (a *app) readPublicSite(ctx context.Context, s evals.PublicSite, held *triage.Sites, engine *triage.Engine, embed triage.EmbedFunc, see func(evals.PublicSite, evals.PublicMessage, *triage.Engine, triage.Reading, retrieval.Evidence) error) error {
	site, err := held.Wait(ctx, 1)
	if err != nil {
		return err
	}
	if site.List == nil {
		return fmt.Errorf("no list was learned of %d entries with %d examples", len(s.Articles), len(s.Questions))
	}
	texts := make([]string, len(s.Messages))
	for i, m := range s.Messages {
		texts[i] = m.Text
	}
	spaces, err := embed(ctx, texts)
	if err != nil {
		return err
	}
	var around retrieval.Around
	for _, x := range s.Articles {
		around.Articles = append(around.Articles, retrieval.Neighbour{ID: x.ID, Title: x.Title, Desk: x.Desk})
	}
	for i, m := range s.Messages {
		own := around
		for _, sp := range spaces {
			own.Vectors = append(own.Vectors, retrieval.QuestionVector{Model: sp.Model.Name, Vec: sp.Vecs[i]})
		}
		r := engine.Read(ctx, triage.Message{Site: 1, Text: m.Text})
		if err := see(s, m, engine, r, retrieval.Evidence{Generation: 1, Lang: "en", Around: &own}); err != nil {
			return err
		}
	}
	return nil
}

// evalPublic measures triage on lists of example questions made of public sets.
func (a *app) evalPublic(ctx context.Context, folder string) error {
	sites, err := evals.ReadPublicSites(a.publicFolder(folder))
	if err != nil {
		return err
	}
	learned, err := model.Load()
	if err != nil {
		return err
	}
	by := map[string][]evals.TriageCase{}
	err = a.readPublic(ctx, sites, learned, func(s evals.PublicSite, m evals.PublicMessage, engine *triage.Engine, r triage.Reading, ev retrieval.Evidence) error {
		d, err := engine.Decide(ctx, r, ev, nil)
		by[s.Name] = append(by[s.Name], m.Case(s.Name, d))
		return err
	})
	if err != nil {
		return err
	}
	if err := evals.PrintTriage(a.stdout, evals.ScorePublic(sites, by)); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "these sets were learned from; `frontdesk train lists` prints them for sets left out")
	return nil
}
