package browser_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/retrieval/sources"
	"frontdesk/widget"
	"frontdesk/widget/settings"
)

// shelf is the demo shop's knowledge in memory, as a Library and a Finder: it
// finds by counting common words, which is all that a scripted answer needs.
type shelf struct {
	articles []retrieval.Article
	partial  bool // say that the embedder was away
	away     atomic.Bool
	hours    atomic.Pointer[settings.Hours]
	sites    *chosen
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	read, err := sources.Walk(t.Context(), []string{filepath.Join("..", "..", "evals", "shop", "knowledge")}, sources.Options{})
	if err != nil {
		t.Fatalf("read the demo shop: %v", err)
	}
	s := &shelf{sites: &chosen{site: settings.Site{ID: 1, Name: "shop", Title: "Kettlewick", Default: true}}}
	for _, a := range read.Articles {
		if a.Audience == retrieval.Public {
			s.articles = append(s.articles, a)
		}
	}
	s.articles = append(s.articles, retrieval.Article{
		ID: "ar/returns", Title: "إرجاع المنتجات واسترداد المبلغ", Lang: "ar", Topic: "refunds",
		Body: "يمكنك إرجاع أي منتج خلال **45 يومًا** من يوم التسليم.\n\n## كيفية الإرجاع\n\n1. افتح **الحساب > الطلبات** واختر الطلب.\n2. اطبع الملصق وضعه على الطرد.\n3. سلّم الطرد في أقرب نقطة.\n\nالاسترداد إلى بطاقة Visa أو PayPal خلال 5 أيام عمل.\n",
	})
	slices.SortFunc(s.articles, func(a, b retrieval.Article) int { return strings.Compare(a.Title, b.Title) })
	return s
}

func (s *shelf) Site(_ context.Context, name string) (widget.Site, error) {
	if s.away.Load() {
		return widget.Site{}, fault.New(fault.Unavailable, "database_unavailable", "The service cannot reach its database.")
	}
	if name != "" && name != "shop" {
		return widget.Site{}, widget.ErrNoSite
	}
	return widget.Site{ID: 1, Name: "shop", Title: "Kettlewick", Generation: 1, Default: true}, nil
}

func (s *shelf) Topics(_ context.Context, _ widget.Site, perTopic int) ([]widget.Topic, error) {
	byName := map[string]*widget.Topic{}
	var names []string
	for _, a := range s.articles {
		if a.SupersededBy != "" {
			continue
		}
		topic, ok := byName[a.Topic]
		if !ok {
			topic = &widget.Topic{Name: a.Topic}
			byName[a.Topic] = topic
			names = append(names, a.Topic)
		}
		topic.Total++
		if len(topic.Entries) < perTopic {
			topic.Entries = append(topic.Entries, entry(a))
		}
	}
	slices.Sort(names)
	out := make([]widget.Topic, len(names))
	for i, n := range names {
		out[i] = *byName[n]
	}
	return out, nil
}

func (s *shelf) Topic(_ context.Context, _ widget.Site, topic string, skip, limit int) ([]widget.Entry, error) {
	var out []widget.Entry
	for _, a := range s.articles {
		if a.Topic == topic {
			out = append(out, entry(a))
		}
	}
	return out[min(skip, len(out)):min(skip+limit, len(out))], nil
}

func (s *shelf) Article(_ context.Context, _ widget.Site, id string) (widget.Article, error) {
	i := slices.IndexFunc(s.articles, func(a retrieval.Article) bool { return a.ID == id })
	if i < 0 {
		return widget.Article{}, widget.ErrNoArticle
	}
	a := s.articles[i]
	out := widget.Article{Entry: entry(a), Topic: a.Topic, Product: a.Product, Updated: a.Updated, Body: a.Body, Outdated: a.SupersededBy != ""}
	if j := slices.IndexFunc(s.articles, func(b retrieval.Article) bool { return b.ID == a.SupersededBy }); j >= 0 {
		current := entry(s.articles[j])
		out.Superseded = &current
	}
	return out, nil
}

func (s *shelf) Related(_ context.Context, _ widget.Site, of widget.Article, limit int) ([]widget.Entry, error) {
	var out []widget.Entry
	for _, a := range s.articles {
		if a.ID != of.ID && a.Topic == of.Topic && len(out) < limit {
			out = append(out, entry(a))
		}
	}
	return out, nil
}

func (s *shelf) Body(context.Context, widget.Site, int, string) (string, error) {
	return "", widget.ErrNoArticle
}

func entry(a retrieval.Article) widget.Entry {
	return widget.Entry{ID: a.ID, Title: a.Title, Lang: a.Lang}
}

// Search ranks sections by the words they share with the question.
func (s *shelf) Search(_ context.Context, q retrieval.Query) (retrieval.Evidence, error) {
	asked := significant(q.Text)
	var hits []retrieval.Hit
	for _, a := range s.articles {
		best := retrieval.Hit{}
		for _, part := range sections(a.Body) {
			text := a.Body[part[0]:part[1]]
			score := 0.0
			for w := range asked {
				if strings.Contains(strings.ToLower(a.Title+" "+strings.Join(a.Questions, " ")), w) {
					score += 1.5
				}
				if strings.Contains(strings.ToLower(text), w) {
					score++
				}
			}
			if score > best.Score {
				best = retrieval.Hit{Score: score, Passage: retrieval.Passage{
					ArticleID: a.ID, Title: a.Title, URL: a.URL, Lang: a.Lang, From: part[0], To: part[1], Text: text,
				}}
			}
		}
		if best.Score >= 2 {
			hits = append(hits, best)
		}
	}
	slices.SortStableFunc(hits, func(a, b retrieval.Hit) int {
		return int(b.Score*2) - int(a.Score*2)
	})
	out := retrieval.Evidence{Generation: 1, Hits: hits[:min(len(hits), max(q.K, 1))]}
	if s.partial {
		out.Degraded = []string{"embedder"}
	}
	return out, nil
}

func significant(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" ?!.,;:'\"\n", r) }) {
		switch w {
		case "what", "does", "have", "that", "your", "this", "when", "with", "they", "cost":
			continue
		}
		if len(w) > 3 || strings.ContainsAny(w, "0123456789") {
			out[w] = true
		}
	}
	return out
}

// sections are the spans between headings, without the headings.
func sections(body string) [][2]int {
	var out [][2]int
	from, at := 0, 0
	flush := func(to int) {
		text := body[from:to]
		if trimmed := strings.TrimSpace(text); trimmed != "" {
			start := from + strings.Index(text, trimmed)
			out = append(out, [2]int{start, start + len(trimmed)})
		}
	}
	for line := range strings.SplitAfterSeq(body, "\n") {
		if strings.HasPrefix(line, "#") {
			flush(at)
			from = at + len(line)
		}
		at += len(line)
	}
	flush(len(body))
	return out
}
