package faults

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"

	"frontdesk/evals/stages"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func withoutNewest(list []retrieval.Article) []retrieval.Article {
	const newest = 10
	byAge := slices.Clone(list)
	slices.SortStableFunc(byAge, func(a, b retrieval.Article) int {
		return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(a.ID, b.ID))
	})
	var gone []string
	for _, a := range byAge {
		if a.Audience == retrieval.Public && len(gone) < newest {
			gone = append(gone, a.ID)
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(a retrieval.Article) bool { return slices.Contains(gone, a.ID) })
}

func lineForAgents(list []retrieval.Article) []retrieval.Article {
	return eachArticle(list, func(a *retrieval.Article) {
		if a.Product == "grinder" {
			a.Audience = retrieval.AgentsOnly
		}
	})
}

func eachTwice(list []retrieval.Article) []retrieval.Article {
	out := slices.Clone(list)
	for _, a := range list {
		if a.Audience == retrieval.Public {
			a.ID += "-again"
			out = append(out, a)
		}
	}
	return out
}

// away is an embedder that is not there.
func away(next retrieval.Embedder) retrieval.Embedder { return noEmbedder{next} }

type noEmbedder struct{ retrieval.Embedder }

func (noEmbedder) Embed(context.Context, retrieval.EmbedKind, []string) ([][]float32, error) {
	return nil, fault.New(fault.Unavailable, "embedder_unreachable", "The embedder is away.")
}

func olderGeneration(ev *retrieval.Evidence) { ev.Generation-- }

var figure = regexp.MustCompile(`\b[1-9]\d+\b`)

func figuresOneLess(list []retrieval.Article) []retrieval.Article {
	return eachArticle(list, func(a *retrieval.Article) {
		a.Body = figure.ReplaceAllStringFunc(a.Body, func(s string) string {
			n, err := strconv.Atoi(s)
			if err != nil {
				return s
			}
			return strconv.Itoa(n - 1)
		})
	})
}

// titlesAlike gives every article the same title: what is embedded and indexed
// begins with it.
func titlesAlike(list []retrieval.Article) []retrieval.Article {
	return eachArticle(list, func(a *retrieval.Article) { a.Title = "Help page" })
}

func titlesCountNothing(b *retrieval.BM25) { b.TitleWeight = 0 }

// crossways gives vectors whose numbers stand in the opposite order.
func crossways(next retrieval.Embedder) retrieval.Embedder {
	c := embeddedCrossways{next}
	if t, ok := next.(retrieval.TokenEmbedder); ok {
		return tokensCrossways{c, t}
	}
	return c
}

type embeddedCrossways struct{ retrieval.Embedder }

func (e embeddedCrossways) Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	list, err := e.Embedder.Embed(ctx, kind, texts)
	out := make([][]float32, len(list))
	for i, v := range list {
		out[i] = slices.Clone(v)
		slices.Reverse(out[i])
	}
	return out, err
}

type tokensCrossways struct {
	embeddedCrossways
	tokens retrieval.TokenEmbedder
}

func (e tokensCrossways) TokenDims() int { return e.tokens.TokenDims() }

func (e tokensCrossways) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	list, err := e.tokens.EmbedTokens(ctx, kind, texts)
	out := slices.Clone(list)
	for i := range out {
		out[i].Vec, out[i].Rows = slices.Clone(out[i].Vec), slices.Clone(out[i].Rows)
		slices.Reverse(out[i].Vec)
		slices.Reverse(out[i].Rows)
	}
	return out, err
}

func fewCandidates(next stages.Finds) stages.Finds {
	return func(ctx context.Context, n retrieval.Needle) (retrieval.Candidates, error) {
		const few = 3
		out, err := next(ctx, n)
		out.List = slices.Clone(out.List[:min(few, len(out.List))])
		return out, err
	}
}

func allEnglish(next retrieval.Finder) retrieval.Finder {
	return stages.FinderFunc(func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
		q.Lang = "en"
		return next.Search(ctx, q)
	})
}

func cosineAlone(r *retrieval.Ranking) {
	eachPlan(r, func(p *retrieval.Plan) { p.Weights = map[string]float64{"cosine": p.Weights["cosine"]} })
}

func secondFirst(ev *retrieval.Evidence) {
	if len(ev.Hits) > 1 {
		ev.Hits[0], ev.Hits[1] = ev.Hits[1], ev.Hits[0]
	}
}

func spansShifted(h *retrieval.Hit) {
	h.Pieces = slices.Clone(h.Pieces)
	for i := range h.Pieces {
		p := &h.Pieces[i]
		if len(p.Text) > 1 {
			p.From, p.Text = p.From+1, p.Text[1:]
		}
		p.To++
	}
}

func noPieces(r *retrieval.Ranking) {
	eachPlan(r, func(p *retrieval.Plan) { p.Quote, p.Section = nil, map[string]float64{"length": 1} })
}

// bounds moves thresholds; 0 leaves one as it is.
func bounds(sure, maybe float64) func(stages.Thresholds) stages.Thresholds {
	return func(next stages.Thresholds) stages.Thresholds {
		return func(risk float64) (float64, float64) {
			s, m := next(risk)
			return cmp.Or(sure, s), cmp.Or(maybe, m)
		}
	}
}

func forAgents(next retrieval.Finder) retrieval.Finder {
	return stages.FinderFunc(func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
		q.Audience = retrieval.AgentsOnly
		return next.Search(ctx, q)
	})
}

// otherShopFirst puts a page of another shop before what was found.
func otherShopFirst(ev *retrieval.Evidence) {
	if len(ev.Hits) == 0 {
		return
	}
	h := ev.Hits[0]
	h.ArticleID, h.Title, h.Text = "other-shop-terms", "Our terms", "Boots can be returned within nine days, in their box."
	h.From, h.To, h.Pieces, h.Line, h.Variant = 0, len(h.Text), nil, nil, ""
	ev.Hits = slices.Insert(ev.Hits, 0, h)
}
