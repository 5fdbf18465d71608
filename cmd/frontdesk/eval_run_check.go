package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/evals/grade"
	"frontdesk/evals/stages"
	"frontdesk/handoff"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// published is what customers of a site can be shown, read once an article: the
// knowledge of a run does not change.
type published struct {
	convs *pgconvo.Store
	site  *bot.Site

	mu       sync.Mutex
	articles map[string]publishedArticle
}

type publishedArticle struct {
	generation int
	sections   []retrieval.Passage
}

func newPublished(convs *pgconvo.Store, site *bot.Site) *published {
	return &published{convs: convs, site: site, articles: map[string]publishedArticle{}}
}

// Article is an article as it is published; without sections where it is not.
func (p *published) Article(ctx context.Context, id string) (publishedArticle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.articles[id]
	if ok {
		return a, nil
	}
	var err error
	if a.generation, a.sections, err = p.convs.Sections(ctx, int32(p.site.ID), id); err != nil {
		return a, fmt.Errorf("read article %s: %w", id, err)
	}
	p.articles[id] = a
	return a, nil
}

// Sections are those of an article.
func (p *published) Sections(ctx context.Context, id string) ([]retrieval.Passage, error) {
	a, err := p.Article(ctx, id)
	return a.sections, err
}

// mostOdd is how many characters are told of words that stand nowhere.
const mostOdd = 60

// runTogether is a line in which a table's rows, or the steps of a list, have run
// together: the rule below a table's header behind other cells, a second step
// behind the first.
var runTogether = regexp.MustCompile(`(?m)^.*[\pL\pN].*\|[ \t]*:?-{3,}.*$|^[ \t]*1\. .*[ \t]2\. .*$|^[ \t]*[-*] [^ ].*[ \t][-*] [^ ].*[ \t][-*] [^ ].*$`)

// check holds a reply against what holds of all of them.
func (s *scene) check(ctx context.Context, out *grade.Reply, reply bot.Reply, said string) error {
	for _, m := range reply.Messages {
		if m.Author != convo.Bot {
			continue
		}
		if line := runTogether.FindString(m.Text); line != "" {
			out.Garbled = append(out.Garbled, shortened(line, mostOdd))
		}
		rest, place := m.Text, map[string]int{}
		for _, c := range m.Citations {
			if err := s.stands(ctx, out, c.Article, c.Quote, c.Generation, c.From, c.To); err != nil {
				return err
			}
			if c.From < place[c.Article] {
				out.Unfounded = append(out.Unfounded, c.Article+" "+stages.OutOfOrder)
			}
			rest, place[c.Article] = strings.Replace(rest, c.Quote, " ", 1), c.To
		}
		for _, c := range m.Choices {
			if c.Quote == "" {
				continue
			}
			if err := s.stands(ctx, out, c.Article, c.Quote, c.Generation, c.From, c.To); err != nil {
				return err
			}
		}
		own := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
		if len(m.Citations) > 0 && own >= 0 {
			out.Unfounded = append(out.Unfounded, stages.NoSource+": "+shortened(rest[own:], mostOdd))
		}
	}
	if out.Action == "answer" && len(out.Citations) == 0 && out.Reason != bot.ReasonSmalltalk && out.Reason != bot.ReasonMemo {
		out.Unfounded = append(out.Unfounded, stages.NoSource+": "+shortened(out.Text, mostOdd))
	}
	return s.kept(ctx, out, said)
}

// first looks whether what a must-go rule says first was said. Where words alone do
// not tell which rule it is, the turn's decision does.
func (s *scene) first(ctx context.Context, out *grade.Reply, said string) {
	r := s.front.decide.Read(ctx, triage.Message{Site: s.site.ID, Text: said, Lang: s.site.Settings.Language})
	rule := ""
	if len(r.Rules) > 0 {
		rule = r.Rules[0].Rule
	}
	if t := s.trace.Triage; t != nil && out.Reason == string(handoff.Sensitive) {
		rule = cmp.Or(t.Rule, rule)
	}
	if rule == "" {
		return
	}
	if words := s.front.decide.Safety(r, rule); !strings.Contains(out.Text, words) {
		out.Unsaid = words
	}
}

// stands holds a quote against the article that it names.
func (s *scene) stands(ctx context.Context, out *grade.Reply, article, quote string, generation, from, to int) error {
	a, err := s.known.Article(ctx, article)
	if err != nil {
		return err
	}
	switch {
	case len(a.sections) == 0:
		out.Unfounded = append(out.Unfounded, article+" "+stages.NotPublished)
	case a.sections[0].Superseded != "":
		out.Unfounded = append(out.Unfounded, article+" "+stages.Replaced)
	case generation != a.generation:
		out.Unfounded = append(out.Unfounded, article+" "+stages.OldWords)
	case !holds(a.sections, quote, from, to):
		out.Unfounded = append(out.Unfounded, article+" "+stages.NotItsWords+": "+shortened(quote, mostOdd))
	}
	return nil
}

// holds says whether an article has just these words at just this place.
func holds(sections []retrieval.Passage, quote string, from, to int) bool {
	for _, x := range sections {
		if x.From <= from && to <= x.To && from <= to && x.Text[from-x.From:to-x.From] == quote {
			return true
		}
	}
	return false
}

// kept looks, where a card number was said, at what is kept of it.
func (s *scene) kept(ctx context.Context, out *grade.Reply, said string) error {
	if bot.MaskCards(said) == said {
		return nil
	}
	events, _, err := s.front.convs.Messages(ctx, s.key, 0, bot.PastMessages)
	if err != nil {
		return fmt.Errorf("read what is kept: %w", err)
	}
	for _, e := range events {
		var m convo.Message
		if err := json.Unmarshal(e.Body, &m); err != nil {
			return fmt.Errorf("read what is kept: %w", err)
		}
		if bot.MaskCards(m.Text) != m.Text {
			out.Exposed = append(out.Exposed, "a whole card number in a message of the "+string(m.Author))
			return nil
		}
	}
	return nil
}

func shortened(s string, most int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most]) + "…"
}
