package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// byPress is how a choice was answered with a button.
const byPress, byWords = "press", "words"

// pressed finds the choice that a message presses, before it is recorded: a
// press that names nothing is refused. nil where nothing was pressed.
func (e *Engine) pressed(ctx context.Context, s Say) (*convo.Choice, error) {
	if s.Choice == nil {
		return nil, nil //nolint:nilnil // nothing was pressed
	}
	offered, err := e.Store.Choices(ctx, s.Key, s.Visitor, s.Choice.Message)
	if err != nil {
		return nil, err
	}
	for i := range offered {
		if offered[i].Article == s.Choice.Article {
			return &offered[i], nil
		}
	}
	return nil, ErrNoChoice
}

// wordsMerged says whether the turn answers, beside a press, words that were
// written just before and not answered yet.
func (t *Turn) wordsMerged() bool {
	if t.rec.Merged == (convo.ID{}) {
		return false
	}
	for _, m := range t.rec.Past {
		if m.Author != convo.Customer {
			return false
		}
		if m.Choice == nil {
			return true
		}
	}
	return true
}

// answerChoices takes a message as the answer to choices that were offered,
// where it is one; decided is false where it is not.
func (t *Turn) answerChoices(ctx context.Context) (plan Plan, ev retrieval.Evidence, decided bool, err error) {
	if t.pressed != nil && !t.wordsMerged() {
		plan, ev, err = t.choose(ctx, *t.pressed, byPress)
		return plan, ev, true, err
	}
	offered, fresh := offeredLast(t.rec.Past)
	if len(offered) == 0 {
		return plan, ev, false, nil
	}
	pick := t.e.Triage.Pick(t.rec.Input)
	n := pick.N
	if n == triage.Last {
		n = len(offered)
	}
	switch {
	case pick.Kind == triage.PickOne && n >= 1 && n <= len(offered):
		plan, ev, err = t.choose(ctx, offered[n-1], pick.Rule)
		return plan, ev, true, err
	case pick.Kind == triage.PickOne && numberIn(n, offered) >= 0: // "the 60": the Mill 60
		plan, ev, err = t.choose(ctx, offered[numberIn(n, offered)], byWords)
		return plan, ev, true, err
	case !fresh: // what was offered a while ago is only meant where a number says so
		return plan, ev, false, nil
	case pick.Kind == triage.PickOne:
		return Plan{Action: ActClarify, Reason: ReasonOutOfRange, Choices: offered}, ev, true, nil
	case pick.Kind == triage.PickOther:
		return Plan{Action: ActNone, Reason: ReasonNoAnswer}, ev, true, nil
	case pick.Kind == triage.PickThat && len(offered) == 1:
		plan, ev, err = t.choose(ctx, offered[0], pick.Rule)
		return plan, ev, true, err
	case pick.Kind == triage.PickThat:
		return Plan{Action: ActClarify, Choices: offered}, ev, true, nil
	}
	if i := t.e.answersWhich(t.rec.Input, offered); i >= 0 && askedWhich(offered) {
		plan, ev, err = t.choose(ctx, offered[i], byWords)
		return plan, ev, true, err
	}
	if i := t.e.meant(t.rec.Input, offered); i >= 0 {
		plan, ev, err = t.choose(ctx, offered[i], byWords)
		return plan, ev, true, err
	}
	return plan, ev, false, nil
}

// numberIn is the one choice whose title holds a number; -1: none does, or several.
func numberIn(n int, offered []convo.Choice) int {
	at := -1
	for i, c := range offered {
		numbers := strings.FieldsFunc(c.Title, func(r rune) bool { return !unicode.IsDigit(r) })
		if !slices.Contains(numbers, strconv.Itoa(n)) {
			continue
		}
		if at >= 0 {
			return -1
		}
		at = i
	}
	return at
}

// openFor is how many replies leave choices open for a number to mean them.
const openFor = 2

// offeredLast is what was offered last, all lists of one reply in the order they
// stand in; fresh says that it was the last thing said. A choice made since
// leaves the others open: "and the second?"
func offeredLast(past []convo.Message) (offered []convo.Choice, fresh bool) {
	fresh = true
	said := 0
	for rest := past; len(rest) > 0; {
		if rest[0].Author == convo.Customer {
			rest = rest[1:]
			continue
		}
		reply := lastReply(rest)
		if offered = choicesOf(reply); len(offered) > 0 {
			return offered, fresh
		}
		fresh = false
		if said += len(reply); said > openFor {
			return nil, false
		}
		rest = rest[len(reply):]
	}
	return nil, false
}

// lastReply is what was said since the customer spoke, newest first as past is.
func lastReply(past []convo.Message) []convo.Message {
	if i := slices.IndexFunc(past, func(m convo.Message) bool { return m.Author == convo.Customer }); i >= 0 {
		return past[:i]
	}
	return past
}

// choicesOf are the choices of a reply's messages, the oldest one's first: the
// order they are numbered in.
func choicesOf(reply []convo.Message) []convo.Choice {
	var out []convo.Choice
	for _, m := range slices.Backward(reply) {
		out = append(out, m.Choices...)
	}
	return out
}

// mostWords is how many words of its own a message has that names a choice;
// one with more asks something.
const mostWords = 5

// personOffered is what offered a person since the customer last spoke, by a
// question that "yes" answers.
func personOffered(past []convo.Message) (offer convo.Message, ok bool) {
	for _, m := range before(past) {
		if m.Author == convo.Customer {
			break
		}
		if m.OfferPerson && len(m.Choices) == 0 {
			return m, true
		}
	}
	return convo.Message{}, false
}

// meant is which choice a message's words single out: all words of its own
// stand in that one's title or line, one of them in the title, and in no other's;
// -1 where that is none. A line alone may name what its article is not about.
func (e *Engine) meant(text string, offered []convo.Choice) int {
	own := e.Triage.Own(text)
	if len(own) == 0 || len(own) > mostWords {
		return -1
	}
	asked := e.Terms(strings.Join(own, " "), "")
	best := -1
	for i, c := range offered {
		title, held := e.Terms(c.Title, ""), e.Terms(c.Title+"\n"+c.Quote, "")
		if slices.ContainsFunc(asked, func(t string) bool { return !slices.Contains(held, t) }) ||
			!slices.ContainsFunc(asked, func(t string) bool { return slices.Contains(title, t) }) {
			continue
		}
		if best >= 0 {
			return -1 // they fit more than one
		}
		best = i
	}
	return best
}

// choose quotes what was chosen, as it is published now: the pieces of it that
// answered the question, or else the section that the choice's line stands in.
// What was taken down, or is replaced by now, is not quoted.
func (t *Turn) choose(ctx context.Context, c convo.Choice, by string) (Plan, retrieval.Evidence, error) {
	t.trace.Chosen = &TraceChosen{Article: c.Article, By: by}
	generation, sections, err := t.e.Store.Sections(ctx, t.Key.Site, c.Article)
	if err != nil {
		return Plan{}, retrieval.Evidence{}, err
	}
	t.trace.Generation = generation
	ev := retrieval.Evidence{Generation: generation}
	if len(sections) == 0 || sections[0].Superseded != "" {
		return Plan{Action: ActNone, Reason: ReasonGone}, ev, nil
	}
	hit := retrieval.Hit{Passage: t.e.sectionOf(c, generation, sections)}
	if generation == c.Generation {
		hit.Pieces = readPieces(c.Pieces, sections)
	}
	return Plan{Action: ActAnswer, Reason: ReasonChosen, Hit: &hit}, ev, nil
}

// sectionOf is the section a choice's line stands in; where the article has
// changed since and holds it no longer, the one that has most of its words.
func (e *Engine) sectionOf(c convo.Choice, generation int, sections []retrieval.Passage) retrieval.Passage {
	for _, s := range sections {
		if generation == c.Generation && s.From <= c.From && c.To <= s.To {
			return s
		}
	}
	best, most := sections[0], 0
	line := e.Terms(c.Quote+"\n"+c.Header, best.Lang)
	for _, s := range sections {
		if c.Quote != "" && strings.Contains(s.Text, c.Quote) {
			return s
		}
		held := e.Terms(s.Text, s.Lang)
		n := 0
		for _, t := range line {
			if slices.Contains(held, t) {
				n++
			}
		}
		if n > most {
			best, most = s, n
		}
	}
	return best
}

// choicesOf are a plan's offers as choices: names where it asks which, or else
// articles with their lines.
func (e *Engine) choicesOf(p Plan, question string, ev retrieval.Evidence) []convo.Choice {
	if p.Reason == ReasonVariant {
		return variantChoices(ev, p.Offers)
	}
	return e.choices(question, ev, p.Offers)
}

// choices makes choices of hits, each with the line that answers best: the one
// that the search knows, or else one by its words.
func (e *Engine) choices(question string, ev retrieval.Evidence, offers []retrieval.Hit) []convo.Choice {
	passages := make([]retrieval.Passage, len(offers))
	for i, h := range offers {
		passages[i] = h.Passage
	}
	lines := e.Lines(question, ev.Lang, passages)
	out := make([]convo.Choice, len(offers))
	for i, p := range passages {
		l := lines[i]
		out[i] = convo.Choice{
			Article: p.ArticleID, Title: p.Title, Quote: p.Text[l.From:l.To], Header: l.Header,
			Generation: ev.Generation, From: p.From + l.From, To: p.From + l.To,
			Pieces: writePieces(offers[i].Pieces),
		}
		switch b := offers[i].Line; {
		case b != nil:
			out[i].Quote, out[i].Header, out[i].From, out[i].To = b.Text, b.Header, b.From, b.To
		case len(offers[i].Pieces) > 0: // a press shows what it promised: the section of its line
			out[i].Pieces = ""
		}
	}
	return out
}
