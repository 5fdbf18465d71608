package faults

import (
	"context"
	"math"
	"slices"
	"strings"
	"unicode"

	"frontdesk/evals/stages"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
)

func questionsAsOne(list []retrieval.Article) []retrieval.Article {
	return eachArticle(list, func(a *retrieval.Article) {
		if a.Audience == retrieval.Public && len(a.Questions) > 1 {
			a.Questions = []string{strings.Join(a.Questions, " | ")}
		}
	})
}

// eachArticle changes a copy of each article.
func eachArticle(list []retrieval.Article, change func(*retrieval.Article)) []retrieval.Article {
	out := slices.Clone(list)
	for i := range out {
		change(&out[i])
	}
	return out
}

func wrapsJoined(list []retrieval.Article) []retrieval.Article {
	return eachArticle(list, func(a *retrieval.Article) { a.Body = joinWraps(a.Body) })
}

// joinWraps makes each single line end outside fenced code a blank, unless the
// line before or after is a heading.
func joinWraps(body string) string {
	lines := strings.Split(body, "\n")
	var b strings.Builder
	fenced := false
	for i, line := range lines {
		b.WriteString(line)
		if i+1 == len(lines) {
			break
		}
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if fence {
			fenced = !fenced
		}
		next := lines[i+1]
		keep := fenced || fence || strings.HasPrefix(strings.TrimSpace(next), "```") || line == "" || next == "" ||
			strings.HasPrefix(line, "#") || strings.HasPrefix(next, "#")
		if keep {
			b.WriteByte('\n')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func replacedByFile(list []retrieval.Article) []retrieval.Article {
	return eachArticle(list, func(a *retrieval.Article) {
		if a.SupersededBy != "" {
			a.SupersededBy += ".md"
		}
	})
}

// Families of the models whose lenses are swapped.
const (
	multilingual = "multilingual-e5-small"
	english      = "all-minilm-l6-v2"
)

func lensesSwapped(r *retrieval.Ranking) {
	lenses := retrieval.Lenses{}
	for family, l := range r.Lenses {
		switch family {
		case multilingual:
			family = english
		case english:
			family = multilingual
		}
		lenses[family] = l
	}
	r.Lenses = lenses
}

func withoutCodes(next retrieval.TermsFunc) retrieval.TermsFunc {
	return func(text, lang string) []string {
		return slices.DeleteFunc(slices.Clone(next(text, lang)), func(t string) bool { return strings.ContainsFunc(t, unicode.IsDigit) })
	}
}

func onlyInItsLanguage(next retrieval.Finder) retrieval.Finder {
	return stages.FinderFunc(func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
		if q.OnlyLang == "" {
			q.OnlyLang, _ = words.DetectLanguage(q.Text, nil)
		}
		return next.Search(ctx, q)
	})
}

func withoutNames(g retrieval.Generation) retrieval.Generation {
	g.Stats.Names = nil
	return g
}

// found changes a copy of what a search found.
func found(change func(*retrieval.Evidence)) func(retrieval.Finder) retrieval.Finder {
	return func(next retrieval.Finder) retrieval.Finder {
		return stages.FinderFunc(func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
			ev, err := next.Search(ctx, q)
			if err != nil {
				return ev, err
			}
			ev.Hits = slices.Clone(ev.Hits)
			change(&ev)
			return ev, nil
		})
	}
}

// eachHit changes a copy of each hit.
func eachHit(change func(*retrieval.Hit)) func(retrieval.Finder) retrieval.Finder {
	return found(func(ev *retrieval.Evidence) {
		for i := range ev.Hits {
			change(&ev.Hits[i])
		}
	})
}

func piecesReversed(h *retrieval.Hit) {
	if len(h.Pieces) < 2 {
		return
	}
	h.Pieces = slices.Clone(h.Pieces)
	slices.Reverse(h.Pieces)
	for i := range h.Pieces {
		h.Pieces[i].Joined, h.Pieces[i].Row = false, false
	}
}

func shortQuotes(r *retrieval.Ranking) {
	const words = 45
	eachPlan(r, func(p *retrieval.Plan) {
		if p.Quote != nil {
			q := *p.Quote
			q.Limits.Most, q.Limits.Least = words, words
			p.Quote = &q
		}
	})
}

// eachPlan changes a copy of each plan.
func eachPlan(r *retrieval.Ranking, change func(*retrieval.Plan)) {
	r.Plans = slices.Clone(r.Plans)
	for i := range r.Plans {
		change(&r.Plans[i])
	}
}

func nearAsFirst(next retrieval.Finder) retrieval.Finder {
	return found(func(ev *retrieval.Evidence) {
		if ev.Near > 0 {
			ev.P = max(ev.P, ev.Near)
		}
	})(next)
}

func linesOneOff(next retrieval.Finder) retrieval.Finder {
	return found(func(ev *retrieval.Evidence) {
		var at []int
		for i := range ev.Hits {
			if ev.Hits[i].Line != nil {
				at = append(at, i)
			}
		}
		lines := make([]*retrieval.Line, len(at))
		for k := range at {
			lines[k] = ev.Hits[at[(k+1)%len(at)]].Line
		}
		for k, i := range at {
			ev.Hits[i].Line = lines[k]
		}
	})(next)
}

func votesByShare(next retrieval.Finder) retrieval.Finder {
	return found(func(ev *retrieval.Evidence) {
		if ev.Around == nil || len(ev.Around.Articles) == 0 {
			return
		}
		around := *ev.Around
		around.Articles = slices.Clone(around.Articles)
		most := math.Inf(-1)
		for _, a := range around.Articles {
			most = max(most, a.Score)
		}
		sum := 0.0
		for _, a := range around.Articles {
			sum += math.Exp(a.Score - most)
		}
		for i := range around.Articles {
			around.Articles[i].Score = math.Exp(around.Articles[i].Score-most) / sum
		}
		ev.Around = &around
	})(next)
}
