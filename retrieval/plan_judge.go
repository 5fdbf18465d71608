package retrieval

import (
	"fmt"
	"maps"
	"slices"
)

// judge ranks what was found, keeps the best k, and says how sure it is.
func (p *Plan) judge(ev *Evidence, f Found, k int, explain bool) {
	list := f.reordered(p.rank(f))
	ev.Around.take(f, list)
	if len(list) == 0 {
		return
	}
	ev.Features = p.features(f, f.meant(list))
	ev.P, ev.Near = p.Evidence.P(ev.Features), p.Near.P(ev.Features)
	ev.Plan, ev.Late = p.Name, p.late()
	if explain {
		ev.Why = whyEvidence(f.Candidates, p.Evidence, ev.Features)
	}
	ev.Hits = make([]Hit, 0, min(k, len(list)))
	for i := range list[:min(k, len(list))] {
		r := &list[i]
		h := Hit{Passage: r.show.Passage, Score: r.lead.score, Named: r.lead.Named >= 1, Other: r.lead.Other > 0, Signals: map[string]float64{}}
		for k, name := range signalOrder {
			if p.Weights[name] > 0 {
				h.Signals[name] = r.signals[k]
			}
		}
		if r.question != nil {
			h.Asked = r.question.Asked
		}
		if i < mostLines && p.Quote != nil {
			h.Pieces, h.Line = f.quoteOf(r.show.ArticleNo, p.Quote)
		}
		if explain {
			h.Why = append(p.why(list, i), f.whyReread(h.ArticleNo)...)
		}
		ev.Hits = append(ev.Hits, h)
	}
	f.tellApart(ev.Hits)
}

// signalWords says what each signal is, for people.
var signalWords = map[string]string{ //nolint:gochecknoglobals // a table
	sigCosine: "meaning, nearest chunk", sigCosine2: "meaning by the second model, nearest chunk",
	sigMiddle: "meaning of the article as a whole", sigMiddle2: "the same by the second model",
	sigMaxSim: "token by token, best chunk", sigArticleMaxSim: "token by token, whole article",
	sigBM25: "words (BM25), best chunk, as a part of what the question's words weigh", sigArticleBM25: "words (BM25) of the whole article",
	sigCoverage: "part of the question's words it holds", sigLength: "length",
	sigNamed: "it carries the names in the question", sigAlike: "it carries no other one in their place",
}

// why says in words and numbers why a hit stands where it stands.
func (p *Plan) why(list []ranked, i int) []string {
	r := list[i]
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, name := range slices.Sorted(maps.Keys(p.Weights)) {
		if w := p.Weights[name]; w > 0 {
			say("%s: %.4f × %.2f = %+.3f", signalWords[name], r.signals.of(name), w, w*r.signals.of(name))
		}
	}
	if !p.late() {
		say("no token vectors took part")
	}
	if r.question != nil {
		say("customers ask it like this: “%s”", r.question.Asked)
	}
	if r.show.ChunkNo != r.lead.ChunkNo {
		say("of its sections this one is shown: %.3f", weighingOf(p.Section).sum(r.show.signals))
	}
	if r.lead.Superseded != "" {
		say("it is replaced by %s, and stands behind it where both are found", r.lead.Superseded)
	}
	if i > 0 {
		say("%.3f behind the one before", list[i-1].lead.score-r.lead.score)
	}
	return out
}
