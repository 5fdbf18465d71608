package main

import (
	"context"
	"strings"
	"sync"

	"frontdesk/evals/stages"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// patient searches for as long as it takes. Customers are not kept waiting: what
// takes too long is left out, and comes out otherwise on a busy machine. A run is
// to give the same on each.
func patient(next retrieval.Finder, l *looked) retrieval.Finder {
	return stages.FinderFunc(func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
		l.note(q)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askPatience)
		defer cancel()
		return next.Search(ctx, q)
	})
}

// looked notes what was looked up first in a turn, and what of it was found to be
// personal data, by site: one turn goes on at a site at a time. A nil one notes
// nothing.
type looked struct {
	mu    sync.Mutex
	texts map[retrieval.SiteID]string
	found map[retrieval.SiteID][]string
	heard map[retrieval.SiteID]heard
}

// heard is what triage was given, and the language that it took it for.
type heard struct{ text, lang string }

func newLooked() *looked {
	return &looked{texts: map[retrieval.SiteID]string{}, found: map[retrieval.SiteID][]string{}, heard: map[retrieval.SiteID]heard{}}
}

// read notes what triage was given first.
func (l *looked) read(m triage.Message, r triage.Reading) triage.Reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.heard[m.Site]; !ok {
		l.heard[m.Site] = heard{strings.TrimSpace(m.Text), r.Lang}
	}
	return r
}

// hearing is what triage was given first, where that is not what was said.
func (l *looked) hearing(site retrieval.SiteID, said string) heard {
	if l == nil {
		return heard{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.heard[site]
	if h.text == strings.TrimSpace(said) {
		h.text = ""
	}
	return h
}

// decided notes what is personal data.
func (l *looked) decided(r triage.Reading, d triage.Decision) triage.Decision {
	var list []string
	for _, p := range d.Personal {
		if p.From >= 0 && p.From <= p.To && p.To <= len(r.Message.Text) {
			list = append(list, r.Message.Text[p.From:p.To])
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found[r.Message.Site] = list
	return d
}

func (l *looked) personal(site retrieval.SiteID) []string {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.found[site]
}

func (l *looked) begin(site retrieval.SiteID) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.texts, site)
	delete(l.found, site)
	delete(l.heard, site)
}

func (l *looked) note(q retrieval.Query) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.texts[q.Site]; !ok {
		l.texts[q.Site] = strings.TrimSpace(q.Text)
	}
}

func (l *looked) first(site retrieval.SiteID) string {
	if l == nil {
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.texts[site]
}
