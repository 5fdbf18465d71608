package evals

import (
	"slices"
	"strings"
	"unicode"
)

// Verdict is what a quote is worth.
type Verdict string

const (
	NoQuote      Verdict = ""              // nothing could be quoted
	RightQuote   Verdict = "right"         // from right articles only, with every labelled fact
	WrongArticle Verdict = "wrong_article" // one of the articles does not answer
	FactMissing  Verdict = "fact_missing"  // the articles are right, a labelled fact is not in the quote
	NotToQuote   Verdict = "not_to_quote"  // nothing should have been quoted
)

// Judgement is a decision held against its message's label.
type Judgement struct {
	Business string
	Message  Message
	Decision Decision

	Rank    int     // place of the first right article, from 1; 0: not found, or there is none
	Verdict Verdict // of the quote that was shown, or would have been
	Words   int     // of that quote; of two, for two questions, of the longer one

	ndcg float64
}

func judge(business string, m Message, d Decision) Judgement {
	j := Judgement{Business: business, Message: m, Decision: d, Verdict: verdict(m, d.Quotes)}
	if m.Answerable() {
		q := m.question()
		j.Rank = rankOf(q, d.Hits, false)
		j.ndcg = ndcgAt10(q, d.Hits, false)
	}
	byArticle := map[string]int{}
	for _, q := range d.Quotes {
		byArticle[q.Article] += countWords(q.Text)
		j.Words = max(j.Words, byArticle[q.Article])
	}
	return j
}

// verdict judges a quote. A message that could mean two articles is rightly
// answered by both and wrongly by one; one that needs the customer's account
// may be sent to the article its label names.
func verdict(m Message, quotes []Quote) Verdict {
	if len(quotes) == 0 {
		return NoQuote
	}
	var articles []string
	var text strings.Builder
	for _, q := range quotes {
		if !slices.Contains(articles, q.Article) {
			articles = append(articles, q.Article)
		}
		text.WriteString(q.Text)
		text.WriteByte('\n')
	}
	all := func(right func(string) bool) bool {
		return !slices.ContainsFunc(articles, func(a string) bool { return !right(a) })
	}
	q := m.question()
	right := func(a string) bool { return q.Right(a, false) }
	switch m.Expect {
	case ExpectAnswer:
		switch {
		case !all(right):
			return WrongArticle
		case !q.HoldsFacts(text.String()):
			return FactMissing
		}
		return RightQuote
	case ExpectAccount:
		if all(right) {
			return RightQuote
		}
	case ExpectAmbiguous:
		if len(articles) > 1 && all(func(a string) bool { return slices.Contains(m.Between, a) }) {
			return RightQuote
		}
	}
	return NotToQuote
}

// Quoted says whether a quote was shown.
func (j Judgement) Quoted() bool { return j.Decision.Action == ActAnswer && j.Verdict != NoQuote }

// Offered says whether choices were shown.
func (j Judgement) Offered() bool {
	return j.Decision.Action == ActClarify && len(j.Decision.Choices) > 0
}

// Unanswerable says whether nothing in the knowledge answers the message: it
// is not covered, is no question, or needs an account and no article helps.
// A message that could mean two articles is neither answerable nor this.
func (m Message) Unanswerable() bool {
	return m.Expect == ExpectNotCovered || m.Expect == ExpectNone || m.Expect == ExpectAccount && len(m.Gold)+len(m.Also) == 0
}

// Shown says whether the customer has a right article, quoted or one press
// away; of two matters, one for each.
func (j Judgement) Shown() bool {
	if j.Quoted() {
		var quoted []string
		for _, q := range j.Decision.Quotes {
			quoted = append(quoted, q.Article)
		}
		return j.Message.reached(quoted)
	}
	return j.Offered() && j.Message.reached(j.Decision.Choices)
}

// reached says whether the articles hold a right one, of two matters one for each.
func (m Message) reached(articles []string) bool {
	if len(m.Matters) == 0 {
		return slices.ContainsFunc(articles, func(a string) bool {
			return m.question().Right(a, false) || slices.Contains(m.Between, a)
		})
	}
	for _, t := range m.Matters {
		if !slices.ContainsFunc(articles, func(a string) bool { return slices.Contains(t.Gold, a) || slices.Contains(m.Also, a) }) {
			return false
		}
	}
	return true
}

// cluster is what messages share that stand or fall together: the first
// article their label names.
func (j Judgement) cluster() string {
	for _, list := range [][]string{j.Message.Gold, j.Message.Near, j.Message.Between} {
		if len(list) > 0 {
			return j.Business + "/" + list[0]
		}
	}
	return j.Business + "#" + j.Message.ID
}

// countWords leaves out what has neither letter nor digit: a table's rulings
// are no words.
func countWords(s string) int {
	n := 0
	for w := range strings.FieldsSeq(s) {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			n++
		}
	}
	return n
}
