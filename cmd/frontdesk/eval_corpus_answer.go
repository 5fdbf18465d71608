package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/bot"
	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
	"frontdesk/triage"
)

// corpusPlan is what an answerer is put together from. A part of the product
// that can be done without has a field here and an entry in corpusParts.
type corpusPlan struct {
	embedder retrieval.Embedder // nil: by words alone
	terms    retrieval.TermsFunc
}

// corpusPart is a part that can be switched off, to see what it brings.
type corpusPart struct {
	name, does string
	off        func(*corpusPlan)
}

func corpusParts() []corpusPart {
	return []corpusPart{
		{"vectors", "nearness in meaning", func(p *corpusPlan) { p.embedder = nil }},
		{"words", "BM25 over sections and articles", func(p *corpusPlan) {
			p.terms = func(string, string) []string { return nil }
		}},
	}
}

func partNames() []string {
	var out []string
	for _, p := range corpusParts() {
		out = append(out, p.name)
	}
	return out
}

// planWithout is the whole product less some parts.
func planWithout(e retrieval.Embedder, without []string) (corpusPlan, error) {
	plan := corpusPlan{embedder: e, terms: words.Terms}
	for _, name := range without {
		i := slices.Index(partNames(), name)
		if i < 0 {
			return plan, usageError{fmt.Errorf("there is no part %q; there are %s", name, strings.Join(partNames(), ", "))}
		}
		corpusParts()[i].off(&plan)
	}
	if slices.Contains(without, "vectors") && slices.Contains(without, "words") {
		return plan, usageError{errors.New("without vectors and without words nothing is left to search by")}
	}
	return plan, nil
}

// productAnswerer decides by the search and the policy that serve customers.
type productAnswerer struct {
	finder  retrieval.Finder
	reader  *triage.Reader
	policy  bot.Policy
	vectors bool // a search that had none is no measurement
}

// corpusSearcher is the search of a plan. What is missing in it is missing on
// purpose: the log has nothing to say about that.
func corpusSearcher(st *store, plan corpusPlan) (*retrieval.Searcher, error) {
	return retrieval.NewSearcher(retrieval.SearchDeps{
		Store: st, Embedder: plan.embedder, Terms: plan.terms, Detect: words.DetectLanguage, Blamed: blamedText,
	}, retrieval.SearchConfig{EmbedBudget: askPatience})
}

func newProductAnswerer(st *store, plan corpusPlan) (*productAnswerer, error) {
	s, err := corpusSearcher(st, plan)
	if err != nil {
		return nil, err
	}
	reader, err := triage.NewReader()
	if err != nil {
		return nil, err
	}
	return &productAnswerer{finder: s, reader: reader, policy: bot.DefaultPolicy(s.Threshold()).For(bot.Settings{}), vectors: plan.embedder != nil}, nil
}

// Answer decides about one message. What was said before it plays no part: a
// turn does not look at it either.
func (p *productAnswerer) Answer(ctx context.Context, site retrieval.SiteID, _ []evals.Said, text string) (evals.Decision, error) {
	text, err := bot.CleanText(text)
	if err != nil {
		return evals.Decision{}, err
	}
	if plan, decided := p.policy.BeforeSearch(p.reader.Read(text)); decided {
		return evals.Decision{Action: evals.Action(plan.Action)}, nil
	}
	// As many as a turn asks for: how many are wanted changes what is found.
	ev, err := p.search(ctx, site, text, retrieval.DefaultK)
	if err != nil {
		return evals.Decision{}, err
	}
	deep, err := p.search(ctx, site, text, evals.Depth)
	if err != nil {
		return evals.Decision{}, err
	}
	plan := p.policy.AfterSearch(ev)
	d := evals.Decision{Action: evals.Action(plan.Action), P: ev.P}
	for _, h := range append(ev.Hits, deep.Hits...) {
		if !slices.Contains(d.Hits, h.ArticleID) {
			d.Hits = append(d.Hits, h.ArticleID)
		}
	}
	if len(ev.Hits) > 0 && ev.Hits[0].Text != "" {
		d.Quotes = []evals.Quote{{Article: ev.Hits[0].ArticleID, Text: ev.Hits[0].Text}}
	}
	return d, nil
}

func (p *productAnswerer) search(ctx context.Context, site retrieval.SiteID, text string, k int) (retrieval.Evidence, error) {
	ev, err := p.finder.Search(ctx, retrieval.Query{Site: site, Text: text, Audience: retrieval.Public, K: k})
	if errors.Is(err, retrieval.ErrQuestion) { // only signs: there is nothing to look for
		return retrieval.Evidence{}, nil
	}
	if err == nil && p.vectors && len(ev.Degraded) > 0 {
		return ev, fmt.Errorf("the search had no vectors (%s away): there is no measuring without", strings.Join(ev.Degraded, ", "))
	}
	return ev, err
}
