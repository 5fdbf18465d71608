package packet

import (
	"slices"

	"frontdesk/bot/convo"
)

const (
	// mostShown is how many articles a packet lists, the latest.
	mostShown = 8
	// longestQuote is how many characters of a quote it repeats.
	longestQuote = 240
)

// answers lists what the customer was shown, and how they took it. Of an answer
// that quotes several places of one article the first stands for it: a line says
// that it was shown, not how often.
func (m *Maker) answers(in Input, t *transcript) []Shown {
	out := []Shown{}
	for i, s := range t.messages {
		if s.Author != convo.Bot {
			continue
		}
		received, why := m.received(in, t, i)
		for n, c := range s.Citations {
			if slices.ContainsFunc(s.Citations[:n], func(o convo.Citation) bool { return o.Article == c.Article }) {
				continue
			}
			quote := c.Quote
			if end := cutRunes(quote, longestQuote); end < len(quote) {
				quote = quote[:end]
			}
			out = append(out, Shown{
				Article: c.Article, Title: c.Title, URL: c.URL, Quote: quote, As: "answer", Received: received,
				From: append([]Ref{s.whole(), {Kind: RefArticle, ID: c.Article}}, why...),
			})
		}
		for _, c := range s.Choices {
			press := pressed(t, s.ID, c.Article)
			if press == nil && len(s.Citations) > 0 {
				continue
			}
			shown := Shown{
				Article: c.Article, Title: c.Title, As: "choice", Received: Unknown,
				From: []Ref{s.whole(), {Kind: RefArticle, ID: c.Article}},
			}
			if press != nil {
				shown.Pressed = true
				shown.From = append(shown.From, press.whole())
			}
			out = append(out, shown)
		}
	}
	return out[max(0, len(out)-mostShown):]
}

// cutRunes is where the first characters end, so many of them.
func cutRunes(s string, most int) int {
	n := 0
	for i := range s {
		if n == most {
			return i
		}
		n++
	}
	return len(s)
}

// pressed is the message with which the customer took a choice; nil: none.
func pressed(t *transcript, message convo.ID, article string) *said {
	for _, s := range t.customer {
		if s.Choice != nil && s.Choice.Message == message && s.Choice.Article == article {
			return s
		}
	}
	return nil
}

// received says how the answer of the i-th message was taken: by what the
// customer pressed, else by what they said before they were answered again.
func (m *Maker) received(in Input, t *transcript, i int) (string, []Ref) {
	out, why := Unknown, []Ref(nil)
	s := t.messages[i]
	for _, f := range in.Feedback {
		if f.Message == s.ID {
			out = Helped
			if !f.Helpful {
				out = NoHelp
			}
			why = []Ref{s.whole()}
		}
	}
	for _, r := range t.messages[i+1:] {
		if r.Author == convo.Bot && len(r.Citations) > 0 {
			break
		}
		if r.Author != convo.Customer || r.Choice != nil {
			continue
		}
		if word := r.verdict(); word != Unknown {
			return word, []Ref{r.whole()}
		}
	}
	return out, why
}

// verdict is what a message says of the answer before it.
func (s *said) verdict() string {
	failing, good := len(s.hits[failed]) > 0, len(s.hits[helpedBy]) > 0
	done := slices.ContainsFunc(s.parts, s.triedIn)
	switch {
	case good && !failing:
		return Helped
	case failing, done, len(s.hits[fault]) > 0:
		return NoHelp
	default:
		return Unknown
	}
}
