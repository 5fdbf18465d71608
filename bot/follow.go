package bot

import (
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

const (
	// PastMessages is how many messages of a conversation a turn looks back on,
	// at most: six exchanges, beyond which nobody says "it" any more.
	PastMessages = 12
	// carried is how many earlier messages of the customer a follow-up takes
	// along at most, where these lean on others in turn.
	carried = 3
	// carriedRunes bounds each of them: the subject is named at the beginning.
	carriedRunes = 600
	// mostOwnToNarrow is how many words of its own a message after choices may
	// have to be about the same; with more it stands alone.
	mostOwnToNarrow = 2
)

// Follow is what a message means within its conversation.
type Follow struct {
	Kind triage.LeanKind // NoLean where it stands alone, or nothing went before
	Rule string
	Text string     // to search for
	Of   []convo.ID // the messages whose words Text carries, oldest first

	Earlier []string // their words, as they begin Text
}

// ruleNarrows names a follow-up that leans on nothing but is a few words after
// choices.
const ruleNarrows = "narrows"

// ReadFollow reads a message together with what was said before it, newest
// first: one that leans on that carries the customer's earlier words along,
// back to a message that stands alone. A new subject carries nothing.
func ReadFollow(r *triage.Reader, text string, past []convo.Message) Follow {
	alone := Follow{Text: text}
	lean := r.Lean(text)
	if lean.Kind == triage.NoLean && narrows(r, text, past) {
		lean = triage.Lean{Kind: triage.LeanOn, Rule: ruleNarrows}
	}
	if lean.Kind == triage.NoLean {
		return alone
	}
	f := Follow{Kind: lean.Kind, Rule: lean.Rule}
	var earlier []string
	cited := "" // by the reply to the message that comes next, going back
	said := before(past)
	for i, m := range said {
		if m.Author != convo.Customer {
			cited = citedTitle(m)
			continue
		}
		words, leans := subject(r, m, cited)
		leans = leans || narrows(r, m.Text, said[i+1:]) // it answered choices: "the S3"
		if words == "" {
			continue
		}
		earlier = append(earlier, words)
		if m.ID != (convo.ID{}) { // an article that it began from is no message
			f.Of = append(f.Of, m.ID)
		}
		if !leans || len(earlier) == carried {
			break
		}
	}
	if len(earlier) == 0 {
		return alone
	}
	slices.Reverse(earlier)
	slices.Reverse(f.Of)
	f.Earlier = earlier
	if lean.Kind != triage.LeanFail || !lean.Bare {
		earlier = append(slices.Clip(earlier), text) // its own words say something, too
	}
	f.Text = strings.Join(earlier, "\n")
	return f
}

// narrows says whether a message of a few words follows choices: then it says
// more about what was asked.
func narrows(r *triage.Reader, text string, past []convo.Message) bool {
	earlier := before(past)
	return len(earlier) > 0 && len(earlier[0].Choices) > 0 && len(r.Own(text)) <= mostOwnToNarrow
}

// before leaves out what belongs to the message itself: what the customer wrote
// since anybody answered is part of what is answered now.
func before(past []convo.Message) []convo.Message {
	for i, m := range past {
		if m.Author != convo.Customer {
			return past[i:]
		}
	}
	return nil
}

// subject is what an earlier message was about, and whether it leaned on others
// itself. A number that answered choices was about what it chose.
func subject(r *triage.Reader, m convo.Message, cited string) (words string, leans bool) {
	if m.Choice == nil {
		if p := r.Pick(m.Text); p.Kind != triage.NoPick {
			return cited, true
		}
		if s := r.Read(m.Text); s.WantsPerson || s.Small != triage.NoSmall {
			return "", true
		}
	}
	lean := r.Lean(m.Text)
	if lean.Kind == triage.LeanFail && lean.Bare {
		return "", true
	}
	words = m.Text
	if utf8.RuneCountInString(words) > carriedRunes {
		words = string([]rune(words)[:carriedRunes])
	}
	return words, lean.Kind != triage.NoLean || m.Choice != nil
}

func citedTitle(m convo.Message) string {
	if len(m.Citations) == 0 {
		return ""
	}
	return m.Citations[0].Title
}

// notShown leaves out the hits that were shown in the conversation before.
func notShown(past []convo.Message, hits []retrieval.Hit) []retrieval.Hit {
	var fresh []retrieval.Hit
	for _, h := range hits {
		if !shownBefore(past, h) {
			fresh = append(fresh, h)
		}
	}
	return fresh
}

// unsaid leaves out of the choices those that were offered in these words before:
// what did not help is not said again. Where none is left, nothing else is known.
func (p Plan) unsaid(past []convo.Message) Plan {
	p.Choices = slices.DeleteFunc(slices.Clone(p.Choices), func(c convo.Choice) bool {
		return slices.ContainsFunc(past, func(m convo.Message) bool {
			return slices.ContainsFunc(m.Choices, func(o convo.Choice) bool { return o.Article == c.Article && o.Quote == c.Quote })
		})
	})
	if len(p.Choices) > 0 || p.Action != ActClarify {
		return p
	}
	return Plan{Action: ActNone, Reason: ReasonUnhelped, Band: BandNo, Own: p.Own, P: p.P}
}

// notJustSaid leaves out what was quoted in the bot's last reply, where anything
// else is offered: who goes on has read it.
func notJustSaid(past []convo.Message, offers []retrieval.Hit) []retrieval.Hit {
	fresh := slices.DeleteFunc(slices.Clone(offers), func(h retrieval.Hit) bool { return shownLast(past, h) })
	if len(fresh) == 0 {
		return offers
	}
	return fresh
}

// answeredLast says whether the bot's last reply was an answer, which asks nothing
// back.
func answeredLast(past []convo.Message) bool {
	earlier := before(past)
	return len(earlier) > 0 && earlier[0].Author == convo.Bot && len(earlier[0].Citations) > 0 && len(earlier[0].Choices) == 0 && !earlier[0].OfferPerson
}

// shownLast says whether a passage was quoted in the bot's last reply.
func shownLast(past []convo.Message, h retrieval.Hit) bool {
	earlier := before(past)
	return len(earlier) > 0 && len(earlier[0].Choices) == 0 && shownBefore(earlier[:1], h)
}

// shownBefore says whether a passage's words, or its line, were shown in the
// conversation already.
func shownBefore(past []convo.Message, h retrieval.Hit) bool {
	for _, m := range past {
		for _, c := range m.Citations {
			if c.Article == h.ArticleID && repeats(h, c.Quote) {
				return true
			}
		}
		for _, c := range m.Choices {
			if c.Article == h.ArticleID && c.Quote != "" && strings.Contains(h.Text, c.Quote) {
				return true
			}
		}
	}
	return false
}

// repeats says whether quoting a hit would say again what was quoted before: its
// section, or most of its pieces.
func repeats(h retrieval.Hit, quoted string) bool {
	if strings.Contains(h.Text, quoted) || strings.Contains(quoted, h.Text) {
		return true
	}
	all, again := 0, 0
	for _, p := range h.Pieces {
		all += len(p.Text)
		if strings.Contains(p.Text, quoted) || strings.Contains(quoted, p.Text) {
			again += len(p.Text)
		}
	}
	return 2*again > all
}
