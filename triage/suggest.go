package triage

import (
	"fmt"
	"path"
	"strings"

	"frontdesk/triage/model"
)

// Suggester proposes labels for articles that have none.
type Suggester struct {
	model *model.Learned
}

// NewSuggester makes a Suggester of what is learned about articles.
func NewSuggester(m *model.Learned) *Suggester { return &Suggester{model: m} }

// Suggest proposes labels for the articles whose owner said no desk, or no
// topic, each with its probability and the reason.
func (s *Suggester) Suggest(site *Site, articles []Article, texts []ArticleText) []Label {
	byID := make(map[string]ArticleText, len(texts))
	for _, t := range texts {
		byID[t.ID] = t
	}
	said := *site
	said.Suggested = nil
	var out []Label
	for _, a := range articles {
		n := said.label(neighbourOf(a))
		if n.from != FromNowhere && n.topic != "" {
			continue
		}
		l := Label{Article: a.ID}
		var why []string
		if n.from == FromNowhere {
			l.DeskP, l.Desk = s.desk(byID[a.ID].Vec)
			why = append(why, fmt.Sprintf("it reads like articles for %s", l.Desk))
		} else {
			l.DeskP = n.desks
			l.Desk, _ = n.desks.Best()
		}
		if n.topic == "" {
			var reason string
			if l.Topic, l.TopicP, reason = topicOf(a.ID); reason != "" {
				why = append(why, reason)
			}
		}
		l.Why = strings.Join(why, "; ")
		out = append(out, l)
	}
	return out
}

// desk is whose article one is, by its mean direction; without one, as articles
// are at large.
func (s *Suggester) desk(vec []float32) (Desks, Desk) {
	var out Desks
	m := s.model.Articles
	if len(vec) != len(m.Features) || len(m.Features) == 0 {
		out = desksAtLarge()
	} else {
		x := make([]float64, len(vec))
		for i, v := range vec {
			x[i] = float64(v)
		}
		for i, p := range m.P(x) {
			out.add(Desk(m.Classes[i]), p)
		}
	}
	best, _ := out.Best()
	return out.rounded(), best
}

const (
	// byFolder is how often the folder that an article lies in names its topic:
	// of the corpus' articles whose owner sorted them so, .8.
	byFolder = 0.8
	// longestFolder is how long such a name may be.
	longestFolder = 40
)

// topicOf is the topic that an article's place among the others suggests.
func topicOf(id string) (topic string, p float64, why string) {
	dir := path.Dir(strings.Trim(id, "/"))
	name := path.Base(dir)
	if dir == "." || name == "." || len(name) > longestFolder {
		return "", 0, ""
	}
	return name, byFolder, "it lies in the folder " + name
}
