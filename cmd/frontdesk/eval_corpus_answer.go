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
	lenses   retrieval.Lenses // nil: those that are built in
	alone    bool             // follow-ups are searched as they are
	twoBands bool             // what is not quoted is a no
	sections bool             // the best section is quoted whole
	one      bool             // a message is taken to ask one thing
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
		{"lenses", "questions bent towards what answers them", func(p *corpusPlan) { p.lenses = retrieval.Lenses{} }},
		{"tokens", "late interaction", func(p *corpusPlan) { p.tokens = false }},
		{"words", "BM25 over sections and articles", func(p *corpusPlan) {
			p.terms = func(string, string) []string { return nil }
		}},
		{"follow_ups", "what went before a message that leans on it", func(p *corpusPlan) { p.alone = true }},
		{"quotes", "the sentences, steps and rows that answer, instead of their section", func(p *corpusPlan) { p.sections = true }},
		{"two_questions", "the parts of a message that asks two things, looked up apart", func(p *corpusPlan) { p.one = true }},
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
	whole   bool // the best section is quoted whole
	one     bool // a message is taken to ask one thing
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
	cfg := retrieval.SearchConfig{EmbedBudget: askPatience}
	if plan.lenses != nil {
		r, err := retrieval.DefaultRanking()
		if err != nil {
			return nil, err
		}
		r.Lenses = plan.lenses
		cfg.Ranking = &r
	}
	return retrieval.NewSearcher(deps, cfg)
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
	return &productAnswerer{finder: s, reader: reader, policy: policy, alone: plan.alone, whole: plan.sections, one: plan.one, vectors: plan.embedder != nil}, nil
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
	leans, newest := false, ""
	if !p.alone {
		newest = text
		follow := bot.ReadFollow(p.reader, text, pastOf(history))
		text, leans = follow.Text, follow.Kind != triage.NoLean
	}
	// As many as a turn asks for: how many are wanted changes what is found.
	ev, err := p.search(ctx, site, text, newest, retrieval.DefaultK)
	if err != nil {
		return evals.Decision{}, err
	}
	deep, err := p.search(ctx, site, text, newest, evals.Depth)
	if err != nil {
		return evals.Decision{}, err
	}
	parts, err := p.parts(ctx, site, text, ev.Lang, leans)
	if err != nil {
		return evals.Decision{}, err
	}
	return p.decision(ev, deep, parts), nil
}

// parts are what is found for each part of a message that seems to ask two
// things; none for any other.
func (p *productAnswerer) parts(ctx context.Context, site retrieval.SiteID, text, lang string, leans bool) ([]retrieval.Evidence, error) {
	first, second, ok := bot.Parts(text, lang)
	if !ok || p.one || leans {
		return nil, nil
	}
	var out []retrieval.Evidence
	for _, span := range [][2]int{first, second} {
		ev, err := p.search(ctx, site, text[span[0]:span[1]], "", retrieval.DefaultK)
		if err != nil {
			return nil, err
		}
		out = append(out, ev)
	}
	return out, nil
}

// decision is what a turn decides, with what it would quote under lower
// thresholds.
func (p *productAnswerer) decision(ev, deep retrieval.Evidence, parts []retrieval.Evidence) evals.Decision {
	plan := p.policy.AfterSearch(ev)
	quoted := plan
	if quoted.Hit == nil && len(ev.Hits) > 0 && ev.Hits[0].Text != "" {
		quoted.Hit, quoted.P = &ev.Hits[0], ev.P
	}
	var d evals.Decision
	if len(parts) == 2 {
		plan = p.policy.Both(plan, ev, parts[0], parts[1])
		switch both := p.bothAtMost(ev, parts); {
		case plan.Action == bot.ActAnswer:
			quoted = plan
		case both.Second != nil:
			quoted = both
		}
		for _, part := range parts {
			if len(part.Hits) > 0 && !slices.Contains(d.Firsts, part.Hits[0].ArticleID) {
				d.Firsts = append(d.Firsts, part.Hits[0].ArticleID)
			}
		}
	}
	d.Action, d.P = evals.Action(plan.Action), quoted.P
	for _, h := range []*retrieval.Hit{quoted.Hit, quoted.Second} {
		if h != nil {
			d.Quotes = append(d.Quotes, p.quotesOf(*h)...)
		}
	}
	for _, h := range append(ev.Hits, deep.Hits...) {
		if !slices.Contains(d.Hits, h.ArticleID) {
			d.Hits = append(d.Hits, h.ArticleID)
		}
	}
	if len(d.Firsts) < 2 {
		d.Firsts = d.Hits[:min(2, len(d.Hits))]
	}
	offers := plan.Offers
	if len(offers) == 0 {
		offers = p.policy.Offers(ev.Hits)
	}
	for _, h := range offers {
		d.Choices = append(d.Choices, h.ArticleID)
	}
	return d
}

// bothAtMost are the two quotes that a message with two parts gets from the lower
// one of their probabilities on; none where a quote of its own may do.
func (p *productAnswerer) bothAtMost(ev retrieval.Evidence, parts []retrieval.Evidence) bot.Plan {
	if len(ev.Hits) == 0 {
		return bot.Plan{}
	}
	never := p.policy
	never.Sure = 2
	if one := never.Both(bot.Plan{Action: bot.ActAnswer, Hit: &ev.Hits[0]}, ev, parts[0], parts[1]); one.Action == bot.ActAnswer {
		return bot.Plan{}
	}
	lower := p.policy
	lower.Only, lower.Sure = nil, min(parts[0].P, parts[1].P)
	return lower.Both(bot.Plan{}, ev, parts[0], parts[1])
}

// quotesOf is what would be quoted of a hit.
func (p *productAnswerer) quotesOf(h retrieval.Hit) []evals.Quote {
	if len(h.Pieces) == 0 || p.whole {
		return []evals.Quote{{Article: h.ArticleID, Text: h.Text}}
	}
	var out []evals.Quote
	for _, p := range h.Pieces {
		out = append(out, evals.Quote{Article: h.ArticleID, Text: p.Text})
	}
	return out
}

// pastOf is a message's history as a turn knows it: newest first.
func pastOf(history []evals.Said) []convo.Message {
	var past []convo.Message
	for _, h := range slices.Backward(history) {
		past = append(past, convo.Message{ID: bot.NewID(), Author: convo.Author(h.Role), Text: h.Text})
	}
	return past
}

func (p *productAnswerer) search(ctx context.Context, site retrieval.SiteID, text, newest string, k int) (retrieval.Evidence, error) {
	ev, err := p.finder.Search(ctx, retrieval.Query{Site: site, Text: text, Newest: newest, Audience: retrieval.Public, K: k})
	if errors.Is(err, retrieval.ErrQuestion) { // only signs: there is nothing to look for
		return retrieval.Evidence{}, nil
	}
	if err == nil && p.vectors && len(ev.Degraded) > 0 {
		return ev, fmt.Errorf("the search had no vectors (%s away): there is no measuring without", strings.Join(ev.Degraded, ", "))
	}
	return ev, err
}
