package retrieval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"frontdesk/internal/fault"
	"frontdesk/retrieval/seek"
	"frontdesk/retrieval/variant"
)

// searchStore is what a search asks of the database.
type searchStore interface {
	// Find brings the candidates of both arms, filtered before ranking, all of
	// one generation, in one round trip.
	Find(ctx context.Context, n Needle) (Candidates, error)

	// Current is the published generation; Number is 0 where there is none.
	Current(ctx context.Context, site SiteID) (Generation, error)
}

// SearchDeps are the parts a Searcher works with.
type SearchDeps struct {
	Store    searchStore
	Embedder Embedder   // nil: by words alone, and every result says so
	More     []Space    // further models beside it
	Tokens   tokenStore // of token vectors; nil: none are compared
	Reranker Reranker   // of the first few; nil: the ranking's order stands
	Terms    TermsFunc
	Detect   DetectFunc

	// Blamed says whether an error of the Embedder is about the question rather
	// than about itself: the search then goes on by words, and nothing is
	// degraded. nil: never.
	Blamed func(err error) (text int, ok bool)

	Now func() time.Time
	Log *slog.Logger
}

// SearchConfig tunes a Searcher; the zero value is ready to use.
type SearchConfig struct {
	// Ranking; nil: the one that is built in.
	Ranking *Ranking

	// EmbedBudget is how long a search waits for the question's vector before
	// it goes on by words alone. 0: 400 ms, under which a customer hardly
	// notices and in which a healthy embedder answers ten times over.
	EmbedBudget time.Duration

	// RerankBudget is how long a search waits for a Reranker. 0: 800 ms.
	RerankBudget time.Duration

	// Candidates is how many each vector brings, at least; three for each article
	// wanted where that is more. The words bring half as many, or, without
	// vectors, as many. 0: 30, which hold a right article for .99 of the corpus'
	// English messages; 20 hold it for .98.
	Candidates int

	// TokenCache is how many bytes of token vectors are kept in memory: about
	// 11 kB a chunk. 0: 40 MiB, some 3,600 chunks.
	TokenCache int

	// MaxTerms bounds how many terms of a long message are looked up. 0: 64.
	MaxTerms int
}

// Searcher finds passages in a site's published knowledge; safe for concurrent
// use. It is the one implementation of Finder.
type Searcher struct {
	deps    SearchDeps
	cfg     SearchConfig
	ranking Ranking
	seek    *seek.Reader

	mu    sync.RWMutex
	known map[SiteID]knownSite // what a search wants to know beforehand

	tokens *tokenCache // nil: none
	langs  foundLangs  // of questions that were looked at ahead

	degraded atomic.Bool // for the log: changes only
}

// NewSearcher returns a Searcher, or an error that names the wrong field.
func NewSearcher(deps SearchDeps, cfg SearchConfig) (*Searcher, error) {
	if deps.Store == nil || deps.Terms == nil || deps.Detect == nil {
		return nil, errors.New("search: Store, Terms and Detect are required")
	}
	cfg.EmbedBudget = cmp.Or(cfg.EmbedBudget, 400*time.Millisecond)
	cfg.RerankBudget = cmp.Or(cfg.RerankBudget, 800*time.Millisecond)
	cfg.Candidates = cmp.Or(cfg.Candidates, 30)
	cfg.MaxTerms = cmp.Or(cfg.MaxTerms, 64)
	cfg.TokenCache = cmp.Or(cfg.TokenCache, 40<<20)
	if len(deps.More) > 1 {
		return nil, errors.New("search: one model beside the first is as many as can take part")
	}
	if cfg.EmbedBudget < 0 || cfg.RerankBudget < 0 || cfg.Candidates < 0 || cfg.MaxTerms < 2 {
		return nil, errors.New("search config: EmbedBudget, RerankBudget and Candidates must be positive, MaxTerms 2 or more")
	}
	if deps.Blamed == nil {
		deps.Blamed = func(error) (int, bool) { return 0, false }
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	words, err := seek.New()
	if err != nil {
		return nil, err
	}
	s := &Searcher{deps: deps, cfg: cfg, known: map[SiteID]knownSite{}, seek: words}
	if deps.Tokens != nil {
		s.tokens = newTokenCache(deps.Tokens, cfg.TokenCache)
	}
	if cfg.Ranking != nil {
		s.ranking = *cfg.Ranking
		return s, s.ranking.validate()
	}
	s.ranking, err = DefaultRanking()
	return s, err
}

// Threshold is the probability from which on a first passage is worth quoting,
// where a site sets none of its own.
func (s *Searcher) Threshold() float64 { return s.ranking.Threshold }

// Thresholds are the built-in ranking's: see Ranking.Thresholds.
func (s *Searcher) Thresholds(risk float64) (sure, maybe float64) { return s.ranking.Thresholds(risk) }

// Quoting are the built-in ranking's: see Ranking.Quoting.
func (s *Searcher) Quoting(risk float64) []string { return s.ranking.Quoting(risk) }

// DefaultK and MaxK bound how many articles a search brings.
const (
	DefaultK = 5
	MaxK     = 50
)

// Search finds passages for a question.
//
// Errors: ErrQuestion, a K out of range (fault.Invalid), the database's. An
// embedder that is away or slow is no error: Evidence.Degraded says so.
func (s *Searcher) Search(ctx context.Context, q Query) (Evidence, error) {
	k := cmp.Or(q.K, DefaultK)
	if k < 1 || k > MaxK {
		return Evidence{}, fault.New(fault.Invalid, "bad_k", fmt.Sprintf("k must lie between 1 and %d.", MaxK))
	}
	q.K = k
	var ev Evidence
	if q.Around {
		ev.Around = &Around{}
	}
	found, err := s.find(ctx, q, &ev)
	if err != nil {
		return Evidence{}, err
	}
	start := s.deps.Now()
	if err := s.askReranker(ctx, q.Text, &ev, &found); err != nil {
		return Evidence{}, err
	}
	ev.Generation, ev.Lang = found.Generation, found.Lang
	s.ranking.Judge(&ev, found, k, q.Explain)
	ev.Took.Rank = s.deps.Now().Sub(start)
	return ev, nil
}

// Find is Search without judging: for training and for measuring one ranking
// against another on the same findings.
func (s *Searcher) Find(ctx context.Context, q Query) (Found, error) {
	var ev Evidence
	return s.find(ctx, q, &ev)
}

// find asks both arms; ev gets the models, what was missing and the times.
func (s *Searcher) find(ctx context.Context, q Query, ev *Evidence) (Found, error) {
	text := strings.TrimSpace(q.Text)
	if !hasWords(text) {
		return Found{}, ErrQuestion
	}
	known, err := s.generation(ctx, q.Site)
	if err != nil {
		return Found{}, err
	}
	text = known.names.Settled(text, q.Earlier)
	if newest := strings.TrimSpace(q.Newest); newest != "" {
		text = known.names.Latest(text, newest)
	}
	f := Found{Lang: q.Lang}
	if f.Lang == "" {
		f.Lang = s.detect(q.Site, text, known.Generation)
	}
	terms := s.terms(text, f.Lang, known.Stats.Languages)
	f.Asked = len(terms)
	f.QuestionWords, f.QuestionMark = questionWords(text), strings.ContainsAny(text, "?？؟")

	start := s.deps.Now()
	vecs, err := s.embedAll(ctx, text, f.Lang, known.Generation, ev.Around != nil)
	embedded := s.deps.Now()
	ev.Took.Embed = embedded.Sub(start)
	if ctx.Err() != nil {
		return Found{}, fmt.Errorf("embed question: %w", ctx.Err())
	}
	if _, ok := s.deps.Blamed(err); ok && err != nil {
		err = nil // there is nothing in this question to embed
	} else if err != nil {
		ev.Degraded = append(ev.Degraded, degradedPart(err))
	}
	s.logDegraded(ctx, err)

	n := Needle{
		Site: q.Site, Terms: terms, Audience: q.Audience,
		OnlyLang: q.OnlyLang, Product: q.Product, Near: max(s.cfg.Candidates, 3*q.K), BM25: s.ranking.BM25,
	}
	for i := range vecs {
		v := &vecs[i]
		v.Vec = s.ranking.Lenses.through(v.model.Name, v.plain)
		n.Vecs = append(n.Vecs, NeedleVec{Model: v.model.Name, Vec: v.Vec})
		ev.Models = append(ev.Models, v.model.Name)
		if ev.Around != nil {
			ev.Around.Vectors = append(ev.Around.Vectors, QuestionVector{Model: v.model.Name, Vec: v.plain, Depths: v.Depths})
		}
	}
	n.Worded = n.Near / 2
	if len(vecs) == 0 {
		n.Worded = n.Near
	}
	f.Candidates, err = s.deps.Store.Find(ctx, n)
	if err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	if f.Generation != known.Number {
		s.forget(q.Site) // published meanwhile: the next search asks anew
	}
	f.nameThem(known.names, text)
	err = s.follow(ctx, q.Site, vecs, &f)
	if f.late != nil {
		f.late.sought = s.seek.Sought(text, f.Lang)
	}
	ev.Took.Database = s.deps.Now().Sub(embedded)
	return f, err
}

// follow chooses the plan that what was found is ranked by, and compares tokens
// where it says so. Where token vectors are missing, a plan without them is
// looked for: weights and probabilities of one are nothing to the other.
func (s *Searcher) follow(ctx context.Context, site SiteID, vecs []spaceVec, f *Found) error {
	var families []string
	for i, has := range []bool{f.HasVectors, f.HasSecond} {
		if has && i < len(vecs) {
			families = append(families, modelFamily(vecs[i].model.Name))
		}
	}
	for i := range s.ranking.Plans {
		p := &s.ranking.Plans[i]
		if !p.fits(f.Lang, families) {
			continue
		}
		if p.Tokens == "" {
			f.Plan = p
			return nil
		}
		for _, v := range vecs {
			if modelFamily(v.model.Name) != p.Tokens {
				continue
			}
			late, err := s.lateInteraction(ctx, site, v, f)
			if err != nil {
				return err
			}
			if late {
				f.Plan = p
				return nil
			}
		}
	}
	return nil
}

// judgeOf is the judge of what was found and no plan is for.
func (r Ranking) judgeOf(f Found) Judge {
	if f.HasVectors {
		return r.WithVectors
	}
	return r.Words
}

// Judge ranks what was found, keeps the best k, and says how sure it is.
func (r Ranking) Judge(ev *Evidence, f Found, k int, explain bool) {
	if f.Plan != nil {
		f.Plan.judge(ev, f, k, explain)
		return
	}
	j := r.judgeOf(f)
	list := f.reordered(f.namedFirst(j.rank(f.Candidates, f.Lang)))
	ev.Around.take(f, list)
	if len(list) == 0 {
		return
	}
	ev.Features = features(f, list)
	ev.P = j.Evidence.P(ev.Features)
	if explain {
		ev.Why = whyEvidence(f.Candidates, j.Evidence, ev.Features)
	}
	ev.Hits = make([]Hit, 0, min(k, len(list)))
	for i := range list[:min(k, len(list))] {
		h := hit(&list[i])
		if explain {
			h.Why = append(j.why(list, i, f.Candidates), f.whyReread(h.ArticleNo)...)
		}
		ev.Hits = append(ev.Hits, h)
	}
}

func hit(r *ranked) Hit {
	h := Hit{Passage: r.show.Passage, Score: r.lead.score, Signals: map[string]float64{
		"cosine": r.lead.Cosine, "cosine_z": r.lead.z, "middle_z": r.lead.middle, "bm25": r.lead.BM25, "article_bm25": r.lead.ArticleBM25,
	}}
	if r.question != nil {
		h.Asked = r.question.Asked
		h.Signals["question_cosine"] = r.question.Cosine
	}
	return h
}

// Parts of a search that may have been missing.
const (
	DegradedEmbedder = "embedder" // away, slow, or its answers are wrong
	DegradedVectors  = "vectors"  // the published knowledge has none of this model: ingest again
)

var errNoVectors = errors.New("the published knowledge has no vectors of this model")

func degradedPart(err error) string {
	if errors.Is(err, errNoVectors) {
		return DegradedVectors
	}
	return DegradedEmbedder
}

// spaceVec is a question under one model.
type spaceVec struct {
	Encoded             // find sees Vec through the model's lens
	plain     []float32 // as the embedder gave it
	space     Space
	model     Model
	tokenDims int
}

// embedAll is the question under every model that is for its language, within
// the budget, all at once. The first one is the one that matters: without it
// there are none, and err says why; without another one the search goes on. deep asks
// the first one for what its inner layers make of the question, too.
func (s *Searcher) embedAll(ctx context.Context, text, lang string, known Generation, deep bool) ([]spaceVec, error) {
	if s.deps.Embedder == nil {
		return nil, ErrNoEmbedder
	}
	spaces := []Space{{Embedder: s.deps.Embedder}}
	for _, m := range s.deps.More {
		if m.takes(lang) && known.has(m.Embedder.Model()) {
			spaces = append(spaces, m)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.EmbedBudget)
	defer cancel()
	out, errs := make([]spaceVec, len(spaces)), make([]error, len(spaces))
	var wg sync.WaitGroup
	for i := range spaces[1:] {
		wg.Go(func() { out[i+1], errs[i+1] = s.embed(ctx, spaces[i+1], text, lang, known, false) })
	}
	out[0], errs[0] = s.embed(ctx, spaces[0], text, lang, known, deep)
	wg.Wait()
	if errs[0] != nil {
		return nil, errs[0]
	}
	for i, err := range errs {
		if err != nil {
			return out[:i], err
		}
	}
	return out, nil
}

// embed is the question's vector under one model. Where the published knowledge
// has no vectors of the model, nobody is asked.
func (s *Searcher) embed(ctx context.Context, space Space, text, lang string, known Generation, deep bool) (spaceVec, error) {
	e := space.Embedder
	if m := e.Model(); m.Dims > 0 && !known.has(m) {
		return spaceVec{}, errNoVectors
	}
	ask, tokens := encodePooled, s.tokens != nil && s.wantsTokens(e.Model(), lang)
	if tokens || deep {
		ask = Encode // one run gives all of it
	}
	list, err := ask(ctx, e, EmbedQuery, []string{text})
	if err != nil {
		return spaceVec{}, fmt.Errorf("embed question: %w", err)
	}
	m := e.Model() // a model that nothing is known about says its name with its first answer
	if !known.has(m) {
		return spaceVec{}, errNoVectors
	}
	v := spaceVec{space: space, model: m, tokenDims: TokenDims(e)}
	if err := checkEncoded(list, 1, m, v.tokenDims); err != nil {
		return spaceVec{}, err
	}
	v.Encoded, v.plain = list[0], list[0].Vec
	if !tokens {
		v.Tokens, v.Rows = nil, nil
	}
	return v, nil
}

// wantsTokens says whether a plan for the language compares the model's tokens:
// any of them, since which one is followed turns on what was found.
func (s *Searcher) wantsTokens(m Model, lang string) bool {
	return slices.ContainsFunc(s.ranking.Plans, func(p Plan) bool {
		return p.takes(lang) && p.Tokens != "" && p.Tokens == modelFamily(m.Name)
	})
}

// has says whether a search with the model's vectors makes sense. Where
// nothing is published yet, it is left to the database to say so.
func (g Generation) has(m Model) bool {
	return g.Number == 0 || slices.Contains(g.Stats.Models, m.Name)
}

// terms are the question's distinct terms, stemmed as its language and as the
// site's main ones: a wrong guess then costs little. Of a long message the
// beginning and the end are taken: the wish stands in one of them.
func (s *Searcher) terms(text, lang string, main []string) []string {
	langs := []string{lang}
	for _, l := range main {
		if !slices.Contains(langs, l) {
			langs = append(langs, l)
		}
	}
	seen := map[string]bool{}
	var out []string
	for _, l := range langs {
		for _, t := range s.deps.Terms(text, l) {
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	if n := s.cfg.MaxTerms; len(out) > n {
		out = append(out[:n/2], out[len(out)-(n-n/2):]...)
	}
	return out
}

// generation is what is known about the site's published knowledge. It is
// asked for once, and again after a search has seen another generation: what
// it is used for (languages to stem in, models) may lag by one search.
func (s *Searcher) generation(ctx context.Context, site SiteID) (knownSite, error) {
	s.mu.RLock()
	k, ok := s.known[site]
	s.mu.RUnlock()
	if ok {
		return k, nil
	}
	g, err := s.deps.Store.Current(ctx, site)
	if err != nil {
		return knownSite{}, fmt.Errorf("search: %w", err)
	}
	k = knownSite{Generation: g, names: variant.NewSite(g.Stats.Names)}
	s.mu.Lock()
	s.known[site] = k
	s.mu.Unlock()
	return k, nil
}

func (s *Searcher) forget(site SiteID) {
	s.mu.Lock()
	delete(s.known, site)
	s.mu.Unlock()
}

func (s *Searcher) logDegraded(ctx context.Context, err error) {
	if s.degraded.Swap(err != nil) == (err != nil) {
		return
	}
	if err == nil {
		s.deps.Log.InfoContext(ctx, "search has vectors again")
		return
	}
	code := "internal"
	if f, ok := fault.As(err); ok {
		code = f.Code
	}
	s.deps.Log.WarnContext(ctx, "search goes on by words alone", "part", degradedPart(err), "code", code)
}

// hasWords says whether there is anything to search for. Emoji alone are
// something for an embedder, so only blank and invisible text is refused.
func hasWords(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}
