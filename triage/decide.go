package triage

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/retrieval"
)

// LocalModel is the family of the multilingual model that what is learned knows.
const LocalModel = "multilingual-e5-small"

// local is a question's vector under the model that learned readers know.
func (e *Engine) local(list []retrieval.QuestionVector) []float32 {
	for _, v := range list {
		if family, _, _ := strings.Cut(v.Model, "/"); family == LocalModel {
			return v.Vec
		}
	}
	return nil
}

// deep is local with what inner layers of the model make of the question behind it,
// where they are known: for readers of what is meant.
func (e *Engine) deep(list []retrieval.QuestionVector) []float32 {
	for _, v := range list {
		if family, _, _ := strings.Cut(v.Model, "/"); family == LocalModel {
			return slices.Concat(v.Vec, v.Depths)
		}
	}
	return nil
}

// heard is what the words tell without a vector and without the site's
// knowledge, as a decision wants it.
type heard struct {
	language      string // empty: the reader does not say
	languageP     float64
	ownP          float64
	ownWhy        string
	mood, urgency float64
	feelings      []string
	personal      []Personal
}

// hear reads all that needs the words alone.
func (e *Engine) hear(r Reading) heard {
	var h heard
	read := e.deps.Readers
	if f := read.Language; f != nil {
		h.language, h.languageP = f(r.Text, r.Message.Lang)
	}
	if f := read.OwnData; f != nil {
		h.ownP, h.ownWhy = f(r.Text)
	}
	if f := read.Mood; f != nil {
		h.feel(f, r, e.earlier)
	}
	if f := read.Personal; f != nil {
		h.personal = f(r.Message.Text, r.site.Policy.OrderNumbers)
	}
	return h
}

// Ahead reads what Decide will want of the words, which needs nothing that a
// search finds: call it beside the search, from a goroutine of its own. Decide
// waits for it, or does it itself where nobody did.
func (r Reading) Ahead() {
	if r.heard != nil {
		r.heard()
	}
}

// readText fills in what the text and the way it was said tell.
func (e *Engine) readText(r Reading, c *circumstances, d *Decision) {
	h := r.heard()
	d.Language = r.Lang
	if d.Language == "" {
		d.Language = c.evidence.Lang
	}
	if e.deps.Readers.Language != nil {
		d.Language = h.language
	}
	d.LanguageP = round(h.languageP)
	wish, vec := r.Wish, e.deep(c.around.Vectors)
	if !strings.Contains(r.Query, r.Text) {
		vec = nil // "that didn't work" was searched for by other words: it is not what they say
	}
	if r.wishOf != nil && vec != nil {
		wish = r.wishOf(vec)
	}
	d.WantsHumanP = round(wish.P)
	fired := r.Rules
	if len(fired) == 0 && r.rulesOf != nil {
		fired = r.rulesOf(vec) // with no vector: what words say though there is doubt
	}
	if len(fired) > 0 {
		d.Rule, d.RuleP = fired[0].Rule, round(fired[0].P)
	}
	c.rules = fired
	d.OwnDataP, c.ownWhy = round(h.ownP), h.ownWhy
	d.Mood, d.Urgency = round(h.mood), round(h.urgency)
	c.feelings = h.feelings
	d.Personal = h.personal
}

// trend is how much of a mood is what was said before: one cross word among
// friendly ones is not anger yet, and one "thanks" does not undo it.
const trend = 0.35

// feel reads mood and urgency: of this message, and as they have gone so far.
func (h *heard) feel(f func(string, Conduct) Feeling, r Reading, known *earlier) {
	now := f(r.Text, r.conduct)
	mood := now.Mood
	if len(r.past) > 0 {
		before := 0.0
		for i, s := range r.past {
			s, _ = cut(s)
			m := known.mood(s, func() float64 { return f(s, Conduct{}).Mood })
			if i == 0 {
				before = m
				continue
			}
			before = trend*before + (1-trend)*m
		}
		mood = trend*before + (1-trend)*now.Mood
		if before != 0 {
			h.feelings = append(h.feelings, fmt.Sprintf("mood %.2f now, %.2f before", now.Mood, before))
		}
	}
	h.feelings = append(h.feelings, now.Why...)
	h.mood, h.urgency = min(max(mood, -1), 1), min(max(now.Urgency, 0), 1)
}

// name fills in topic, article and product line from the votes.
func (e *Engine) name(c *circumstances, d *Decision) {
	t := &c.votes
	if d.Desk == None && (c.reading.Small != NoSmall || !speaks(c.reading.Text)) {
		return // nothing of the site's is meant
	}
	d.Topic, d.TopicP = c.topic(d.DeskP)
	d.TopicP = round(d.TopicP)
	d.Article, d.ArticleP = t.article.name, round(t.article.p)
	d.Product, d.Products = product(c.reading.Text, t.products)
}

const (
	// fits is the part of the votes from which a product line fits.
	fits = 0.25
	// clear is the one from which it is meant though nobody named it.
	clear = 0.6
)

// product is the product line that is meant: the one that the text names, else
// that of most votes; where two fit, both are given to ask about.
func product(text string, list []share) (one string, which []string) {
	said := " " + strings.Join(words(text), " ") + " "
	for _, s := range list {
		if s.name != "" && s.p > 0.05 && strings.Contains(said, " "+strings.Join(words(s.name), " ")+" ") {
			return s.name, nil
		}
	}
	if len(list) == 0 || list[0].name == "" || list[0].p >= clear {
		if len(list) > 0 {
			one = list[0].name
		}
		return one, nil
	}
	for _, s := range list {
		if s.name != "" && s.p >= fits {
			which = append(which, s.name)
		}
	}
	if len(which) < 2 {
		return list[0].name, nil
	}
	slices.Sort(which)
	return "", which
}
