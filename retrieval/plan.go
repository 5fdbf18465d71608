package retrieval

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Plan is how questions of some languages are answered with some models: which
// take part, and what the signals they give are worth. A plan is data, fitted by
// `frontdesk train rank`.
type Plan struct {
	Name   string   `json:"name"`
	Langs  []string `json:"langs"`  // of questions; empty: all
	Models []string `json:"models"` // families, the first one the needle's first; at most two
	Tokens string   `json:"tokens"` // family whose token vectors are compared; empty: none

	// Weights of an article's signals, none negative: of what its chunks give,
	// the highest. The unit of a weighted sum is one nat of log-odds.
	Weights map[string]float64 `json:"weights"`
	// Section is the weights of which of its sections is shown.
	Section map[string]float64 `json:"section"`

	Evidence Logistic `json:"evidence"` // that the first article's passage answers
	Near     Logistic `json:"near"`     // that one of the first three articles does

	// Quote is what of the first article is quoted; nil: its best section.
	Quote *Quoting `json:"quote,omitempty"`
}

// Signals of a chunk or of its article.
const (
	sigCosine        = "cosine"         // of the chunk, first model
	sigCosine2       = "cosine2"        // second model
	sigMiddle        = "middle"         // of the article's mean direction, first model
	sigMiddle2       = "middle2"        // second model
	sigMaxSim        = "maxsim"         // of the chunk's tokens
	sigArticleMaxSim = "article_maxsim" // of all tokens of the article
	sigBM25          = "bm25"           // of the chunk, as a part of what the question's words weigh
	sigArticleBM25   = "article_bm25"   // of the article as a whole
	sigCoverage      = "coverage"       // part of the question's words, by weight, that the chunk holds
	sigNamed         = "named"          // part of the names in the question that the article carries
	sigAlike         = "alike"          // less of them in whose place it carries another one
	sigLength        = "length"         // logarithm of the section's words; for which section is shown
)

// signalOrder lists them in the order they are written and fitted in.
var signalOrder = [...]string{ //nolint:gochecknoglobals // a table
	sigCosine, sigCosine2, sigMiddle, sigMiddle2, sigMaxSim, sigArticleMaxSim, sigBM25, sigArticleBM25, sigCoverage, sigNamed, sigAlike, sigLength,
}

func signalNames() []string { return signalOrder[:] }

// signals are a candidate's, or the highest of an article's candidates, each at
// its name's place in signalOrder: forty candidates of twelve signals are read
// several times in every search, and maps of them were a fifth of all memory
// that a turn took.
type signals [len(signalOrder)]float64

// of is the signal of this name; 0 where there is none of it.
func (s *signals) of(name string) float64 {
	at := slices.Index(signalOrder[:], name)
	if at < 0 {
		return 0
	}
	return s[at]
}

// values are the signals of these names.
func (s *signals) values(names []string) []float64 {
	out := make([]float64, len(names))
	for i, n := range names {
		out[i] = s.of(n)
	}
	return out
}

// late says whether the plan compares token vectors.
func (p *Plan) late() bool { return p.Tokens != "" }

// late says whether a signal comes from token vectors.
func late(name string) bool { return name == sigMaxSim || name == sigArticleMaxSim }

// modelFamily is a model's name without its revision and width: what weights
// belong to.
func modelFamily(name string) string {
	family, _, _ := strings.Cut(name, "/")
	return family
}

// Family is what weights of a model belong to: its name without revision and
// width.
func Family(m Model) string { return modelFamily(m.Name) }

func (p *Plan) validate() error {
	if len(p.Models) == 0 || len(p.Models) > 2 {
		return fmt.Errorf("plan %s: one or two models", p.Name)
	}
	if p.Tokens != "" && !slices.Contains(p.Models, p.Tokens) {
		return fmt.Errorf("plan %s: %s gives tokens and is none of its models", p.Name, p.Tokens)
	}
	known := signalNames()
	for _, weights := range []map[string]float64{p.Weights, p.Section} {
		for name, w := range weights {
			if !slices.Contains(known, name) {
				return fmt.Errorf("plan %s: there is no signal %s", p.Name, name)
			}
			if w > 0 && late(name) && !p.late() {
				return fmt.Errorf("plan %s: weighs %s and compares no token vectors", p.Name, name)
			}
			if !(w >= 0) || math.IsInf(w, 0) {
				return fmt.Errorf("plan %s: the weight of %s is negative or no number", p.Name, name)
			}
		}
	}
	sum := 0.0
	for _, w := range p.Weights { // those of sections order no articles
		sum += w
	}
	if sum == 0 {
		return errors.New("plan " + p.Name + ": one weight must be above 0")
	}
	return nil
}

// takes says whether a plan is for a question in this language.
func (p *Plan) takes(lang string) bool { return len(p.Langs) == 0 || slices.Contains(p.Langs, lang) }

// fits says whether a plan is for a question in this language for which these
// models took part, the first one first.
func (p *Plan) fits(lang string, families []string) bool {
	return p.takes(lang) && len(p.Models) <= len(families) && slices.Equal(p.Models, families[:len(p.Models)])
}

// Without is what was found, as it is ranked by a plan that has fewer models or
// no token vectors; ok is false where the plan is not for it.
func (p *Plan) Without(f Found) (Found, bool) {
	if f.Plan == nil || p.late() || !p.fits(f.Lang, f.Plan.Models) {
		return f, false
	}
	f.Plan, f.late = p, nil
	return f, true
}

// signals are the candidate's; asked is what the question's words weigh.
func (c *Candidate) signals(asked float64) signals {
	part := func(x float64) float64 {
		if asked == 0 {
			return 0
		}
		return x / asked
	}
	return signals{ // as signalOrder has them
		c.Cosine, c.Cosine2, c.Middle, c.Middle2, c.MaxSim, c.ArticleMaxSim,
		part(c.BM25), part(c.ArticleBM25), part(c.Coverage),
		c.Named, 1 - c.Other, math.Log1p(float64(c.Words)),
	}
}

// weighing is weights ready to be used on many candidates.
type weighing []placedWeight

type placedWeight struct {
	at     int // in signalOrder
	weight float64
}

// weighingOf puts weights in a fixed order, by name: equal signals give equal
// bits.
func weighingOf(weights map[string]float64) weighing {
	out := make(weighing, 0, len(weights))
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		if at := slices.Index(signalOrder[:], name); at >= 0 {
			out = append(out, placedWeight{at, weights[name]})
		}
	}
	return out
}

// sum adds up signals.
func (w weighing) sum(s *signals) float64 {
	sum := 0.0
	for _, x := range w {
		sum += x.weight * s[x.at]
	}
	return sum
}

// rank puts one entry an article in order, best first.
func (p *Plan) rank(f Found) []ranked {
	asked := f.asked()
	article, section := weighingOf(p.Weights), weighingOf(p.Section)
	place := make(map[int]int, len(f.List))
	out := make([]ranked, 0, len(f.List))
	list, each, best := make([]scored, len(f.List)), make([]signals, len(f.List)), make([]signals, len(f.List))
	order := make([]int, len(f.List))
	for i := range f.List {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(f.List[a].ChunkNo, f.List[b].ChunkNo) })
	for _, i := range order {
		c := &f.List[i]
		s := &list[i]
		each[i] = c.signals(asked)
		s.Candidate, s.signals = c, &each[i]
		s.coverage, s.words, s.article = s.signals.of(sigCoverage), s.signals.of(sigBM25), s.signals.of(sigArticleBM25)
		s.score = article.sum(s.signals)
		at, seen := place[c.ArticleNo]
		if !seen {
			at = len(out)
			place[c.ArticleNo] = at
			best[at] = each[i]
			out = append(out, ranked{lead: *s, show: *s, signals: &best[at]})
		}
		r := &out[at]
		for k, v := range s.signals {
			r.signals[k] = max(r.signals[k], v)
		}
		if s.score > r.lead.score {
			r.lead = *s
		}
		if c.Kind == QuestionChunk && (r.question == nil || s.score > r.question.score) {
			r.question = s
		}
		if better := section.sum(s.signals) > section.sum(r.show.signals); c.Kind == SectionChunk && (r.show.Kind == QuestionChunk || better) {
			r.show = *s // a section found itself is better than the one a question points at
		}
	}
	for i := range out {
		out[i].lead.score = article.sum(out[i].signals)
	}
	slices.SortStableFunc(out, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.lead.score, a.lead.score), cmp.Compare(a.lead.ArticleNo, b.lead.ArticleNo))
	})
	return f.namedFirst(behindCurrent(out))
}
