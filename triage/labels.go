package triage

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// Article is a published article with the labels of its front matter.
type Article struct {
	ID         string
	Title      string
	Desk       string
	Topic      string
	Product    string
	AgentsOnly bool
	Superseded string // id of the article that replaces it
}

// ArticleText is what a suggestion goes by.
type ArticleText struct {
	ID    string
	Title string
	Body  string    // its beginning
	Vec   []float32 // its mean direction under the multilingual model; nil: none
}

// CheckLabels holds labels against a site's table and its articles. The error
// is of kind fault.Invalid and names the article.
func CheckLabels(list []Label, p Policy, articles []Article) error {
	known := map[string]bool{}
	for _, a := range articles {
		known[a.ID] = true
	}
	seen := map[string]bool{}
	for _, l := range list {
		_, ok := ParseDesk(string(l.Desk))
		switch {
		case l.Article == "":
			return badLabel("a label names no article")
		case seen[l.Article]:
			return badLabel("article %s is labelled twice: an article has one desk and one topic", l.Article)
		case !known[l.Article]:
			return badLabel("there is no published article %q", l.Article)
		case l.Desk != "" && !ok:
			return badLabel("article %s: the desk %q is none of service, support, both, none", l.Article, l.Desk)
		case len(l.Topic) > maxLabel || len(l.Product) > maxLabel || strings.TrimSpace(l.Topic) != l.Topic || strings.TrimSpace(l.Product) != l.Product:
			return badLabel("article %s: a label has blanks around it or more than %d bytes", l.Article, maxLabel)
		case l.Topic != "" && len(p.Topics) > 0 && p.deskOf(l.Topic) == "":
			return badLabel("article %s: the topic %q is not in the site's table: %s", l.Article, l.Topic, p.names())
		}
		seen[l.Article] = true
	}
	return nil
}

func badLabel(format string, args ...any) error {
	return fault.New(fault.Invalid, "bad_label", fmt.Sprintf(format, args...))
}

// Labelled is an article with the labels that count, and where they are from.
type Labelled struct {
	Article
	Label
	DeskP Desks
	From  string   // of the desk: settled, owner, topic, suggested, none
	Notes []string // what its owner should know: that front matter says otherwise, say
}

// Labelled are a site's articles with the labels that count.
func (s *Site) Labelled(articles []Article) []Labelled {
	out := make([]Labelled, 0, len(articles))
	for _, a := range articles {
		n := s.label(neighbourOf(a))
		l := Labelled{Article: a, From: n.from, DeskP: n.desks}
		l.Label = Label{Article: a.ID, Topic: n.topic, Product: n.product, TopicP: n.topicP, DeskP: n.desks}
		if n.from != FromNowhere {
			l.Label.Desk, _ = n.desks.Best()
		}
		settled, p := s.Settled[a.ID], s.Policy
		if settled.Desk != "" && a.Desk != "" && string(settled.Desk) != a.Desk {
			l.Notes = append(l.Notes, fmt.Sprintf("its front matter says %s; what was settled later counts", a.Desk))
		}
		if settled.Topic != "" && a.Topic != "" && settled.Topic != a.Topic {
			l.Notes = append(l.Notes, fmt.Sprintf("its front matter says topic %s; what was settled later counts", a.Topic))
		}
		if byTopic := s.policy().deskOf(n.topic); len(p.Topics) > 0 && n.topic != "" {
			switch {
			case byTopic == "":
				l.Notes = append(l.Notes, fmt.Sprintf("topic %s is not in the site's table", n.topic))
			case l.Label.Desk != "" && byTopic != l.Label.Desk:
				l.Notes = append(l.Notes, fmt.Sprintf("topic %s belongs to %s in the site's table", n.topic, byTopic))
			}
		}
		if n.from == FromSuggested {
			l.Why = s.Suggested[a.ID].Why
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Labelled) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// neighbourOf is an article as a search would bring it.
func neighbourOf(a Article) *retrieval.Neighbour {
	return &retrieval.Neighbour{ID: a.ID, Title: a.Title, Desk: a.Desk, Topic: a.Topic, Product: a.Product, Superseded: a.Superseded}
}
