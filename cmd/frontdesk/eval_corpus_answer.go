package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
	"frontdesk/triage"
)

// corpusPlan is what an answerer is put together from. A part of the product
// that can be done without has a field here and an entry in corpusParts.
type corpusPlan struct {
	embedder retrieval.Embedder // nil: by words alone
	more     []retrieval.Space  // models beside it
	tokens   bool               // token vectors are compared
	terms    retrieval.TermsFunc
	alone    bool // follow-ups are searched as they are
	twoBands bool // what is not quoted is a no
}

// corpusPart is a part that can be switched off, to see what it brings.
type corpusPart struct {
	name, does string
	off        func(*corpusPlan)
}

func corpusParts() []corpusPart {
	return []corpusPart{
		{"vectors", "nearness in meaning", func(p *corpusPlan) { p.embedder, p.more = nil, nil }},
		{"second_model", "the English model beside the multilingual one", func(p *corpusPlan) { p.more = nil }},
		{"tokens", "late interaction", func(p *corpusPlan) { p.tokens = false }},
		{"words", "BM25 over sections and articles", func(p *corpusPlan) {
			p.terms = func(string, string) []string { return nil }
		}},
		{"follow_ups", "what went before a message that leans on it", func(p *corpusPlan) { p.alone = true }},
		{"bands", "choices where nothing is sure", func(p *corpusPlan) { p.twoBands = true }},
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
func planWithout(models *keptModels, without []string) (corpusPlan, error) {
	plan := corpusPlan{tokens: true, terms: words.Terms}
	if models != nil {
		plan.embedder, plan.more = models.first, models.more
	}
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
	alone   bool // follow-ups are searched as they are
	vectors bool // a search that had none is no measurement
}

// corpusSearcher is the search of a plan. What is missing in it is missing on
// purpose: the log has nothing to say about that.
func corpusSearcher(st *store, plan corpusPlan) (*retrieval.Searcher, error) {
	deps := retrieval.SearchDeps{
		Store: st, Embedder: plan.embedder, More: plan.more, Terms: plan.terms, Detect: words.DetectLanguage, Blamed: blamedText,
	}
	if plan.tokens {
		deps.Tokens = st
	}
	return retrieval.NewSearcher(deps, retrieval.SearchConfig{EmbedBudget: askPatience})
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
	policy := bot.DefaultPolicy(calibrationOf(s))
	if plan.twoBands {
		policy.Choices = 0
	}
	return &productAnswerer{finder: s, reader: reader, policy: policy, alone: plan.alone, vectors: plan.embedder != nil}, nil
}

// Answer decides about one message after what was said before it.
func (p *productAnswerer) Answer(ctx context.Context, site retrieval.SiteID, history []evals.Said, text string) (evals.Decision, error) {
	text, err := bot.CleanText(text)
	if err != nil {
		return evals.Decision{}, err
	}
	if plan, decided := p.policy.BeforeSearch(p.reader.Read(text)); decided {
		return evals.Decision{Action: evals.Action(plan.Action)}, nil
	}
	if !p.alone {
		text = bot.ReadFollow(p.reader, text, pastOf(history)).Text
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
	for _, h := range p.policy.Offers(ev.Hits) {
		d.Choices = append(d.Choices, h.ArticleID)
	}
	if len(ev.Hits) > 0 && ev.Hits[0].Text != "" {
		d.Quotes = []evals.Quote{{Article: ev.Hits[0].ArticleID, Text: ev.Hits[0].Text}}
	}
	return d, nil
}

// pastOf is a message's history as a turn knows it: newest first.
func pastOf(history []evals.Said) []convo.Message {
	var past []convo.Message
	for _, h := range slices.Backward(history) {
		past = append(past, convo.Message{ID: bot.NewID(), Author: convo.Author(h.Role), Text: h.Text})
	}
	return past
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
