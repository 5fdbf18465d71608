package stages

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

// Played is what came back when a case was played again, and which articles the
// search had among its candidates and found first, before gold was in place.
type Played struct {
	Output grade.Output
	Found  [][]string // by turn
	First  []string
}

// Seen is what the last case that was played came by.
func (g *Gold) Seen() (found [][]string, first []string) { return g.found, g.first }

// Replay plays a case with gold in place up to a stage.
type Replay func(ctx context.Context, c cases.Case, upto Stage) (Played, error)

// Locator finds out where cases were lost.
type Locator struct {
	Replay    Replay
	Published Published
}

// lost is a case on its way to its stage.
type lost struct {
	Locator
	c      cases.Case // as far as the turn that failed first
	out    grade.Output
	was    *grade.Output // when it passed; nil: not known
	turn   int           // from 0
	failed []grade.Check // of that turn
}

// Locate says where a case was lost. was is what came back when it passed, where
// that is known: what is as it was then did not lose it. ok is false where the
// case passes.
func (l Locator) Locate(ctx context.Context, c cases.Case, out grade.Output, was *grade.Output) (at Lost, ok bool, err error) {
	failed := grade.Of(c, out).Failed()
	if len(failed) == 0 {
		return at, false, nil
	}
	turn := slices.MinFunc(failed, func(a, b grade.Check) int { return a.Turn - b.Turn }).Turn
	x := lost{Locator: l, c: c, out: out, was: was, turn: turn - 1}
	for _, f := range failed {
		if f.Turn == turn {
			x.failed = append(x.failed, f)
		}
	}
	x.c.Turns = slices.Clone(c.Turns[:turn])
	at.Case = c.ID
	if at.Stage, at.Why, err = x.stage(ctx); err != nil {
		return at, false, fmt.Errorf("where case %s was lost: %w", c.ID, err)
	}
	return at, true, nil
}

func (x *lost) has(kinds ...string) bool {
	return slices.ContainsFunc(x.failed, func(c grade.Check) bool { return slices.Contains(kinds, c.Kind) })
}

func (x *lost) only(kinds ...string) bool {
	return !slices.ContainsFunc(x.failed, func(c grade.Check) bool { return !slices.Contains(kinds, c.Kind) })
}

func (x *lost) stage(ctx context.Context) (Stage, string, error) {
	if s, why := x.misheard(); s != "" {
		return s, why, nil
	}
	if s, why, ok := x.standing(); ok {
		return s, why, nil
	}
	if x.only(grade.Cost) {
		return Policy, "the reply is right, and more was asked for than it needs: " + x.failed[0].Got, nil
	}
	if why, is, err := x.unpublished(ctx); is || err != nil {
		return Knowledge, why, err
	}
	if x.only(grade.Packet) {
		return x.rest()
	}
	for _, rung := range []Stage{Ranking, Span, Threshold, Triage} {
		if !x.worth(rung) {
			continue
		}
		p, err := x.Replay(ctx, x.c, rung)
		if err != nil {
			return "", "", err
		}
		if held, ok := x.repaired(p); ok {
			s, why := x.named(rung, p, held)
			return s, why, nil
		}
	}
	return x.rest()
}

// standing tells by checks that hold of every reply.
func (x *lost) standing() (Stage, string, bool) {
	r := x.reply()
	for _, f := range x.failed {
		switch f.Kind {
		case grade.Readable:
			return Knowledge, "what is published has run together: " + f.Got, true
		case grade.Masked:
			return Safety, f.Got, true
		case grade.Silent:
			return Policy, "the bot spoke where a person has the conversation", true
		case grade.First:
			return Wording, "what is said first for a danger was not said", true
		case grade.Grounded:
			switch {
			case strings.Contains(f.Got, NoCase):
				return Policy, f.Got, true
			case strings.Contains(f.Got, Replaced):
				return Ranking, f.Got, true
			case strings.Contains(f.Got, OldWords):
				return Knowledge, f.Got, true
			case strings.Contains(f.Got, NotPublished), strings.Contains(f.Got, NoSource):
				return Safety, f.Got, true
			case len(r.Citations)+len(r.Choices) > 0:
				return Span, f.Got, true
			}
			return Wording, f.Got, true
		}
	}
	return "", "", false
}

// What players say of words that are shown without standing anywhere, and of
// persons that are promised.
const (
	NotPublished = "is not published for customers"
	NotItsWords  = "does not have these words there"
	OldWords     = "is quoted from another generation"
	NoSource     = "words without a source"
	OutOfOrder   = "is quoted out of its order"
	Replaced     = "is replaced by another article"
	NoCase       = "a person was promised and there is no case"
)

func (x *lost) reply() grade.Reply {
	if x.turn < len(x.out.Replies) {
		return x.out.Replies[x.turn]
	}
	return grade.Reply{}
}

// unpublished says whether the turn's right articles, or its facts, are not
// published at all.
func (x *lost) unpublished(ctx context.Context) (why string, is bool, err error) {
	e := x.c.Turns[x.turn].Expect
	gold := slices.Concat(e.Top, e.Articles)
	if len(gold) == 0 {
		return "", false, nil
	}
	var texts []string
	for _, id := range gold {
		list, err := x.Published(ctx, id)
		if err != nil {
			return "", false, err
		}
		for _, s := range list {
			texts = append(texts, s.Text)
		}
	}
	if len(texts) == 0 {
		return "no right article is published: " + strings.Join(gold, ", "), true, nil
	}
	for _, f := range e.Facts {
		if !slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, f) }) {
			return "the right article does not say " + f, true, nil
		}
	}
	return "", false, nil
}

// worth says whether playing with gold up to a stage can tell anything.
func (x *lost) worth(rung Stage) bool {
	switch rung {
	case Ranking:
		return x.misranked() >= 0 && !x.sameEvidence()
	case Span:
		return x.has(grade.Facts) || x.has(grade.Forbid) && len(x.c.Turns[x.turn].Expect.Facts) > 0
	case Threshold:
		return x.has(grade.Action, grade.Articles, grade.Top, grade.Missing, grade.Handoff, grade.Reached, grade.Facts, grade.Forbid) && !x.sameThresholds()
	default:
		return true
	}
}

// misranked is the first turn whose right article did not stand first, of those
// that were searched for; -1: there is none.
func (x *lost) misranked() int {
	for i, t := range x.c.Turns {
		gold := goldOf(t.Expect)
		if len(gold) == 0 || i >= len(x.out.Replies) || t.Say == "" {
			continue
		}
		if hits := x.out.Replies[i].Hits; len(hits) == 0 || !gold.Has(hits[0]) {
			return i
		}
	}
	return -1
}

// repaired says which of the checks that failed holds now.
func (x *lost) repaired(p Played) (held string, ok bool) {
	for _, now := range grade.Of(x.c, p.Output).Checks {
		if now.OK && slices.ContainsFunc(x.failed, func(f grade.Check) bool { return f.Turn == now.Turn && f.Kind == now.Kind }) {
			return now.Kind, true
		}
	}
	if x.has(grade.Reached) && len(p.Output.Replies) > x.turn {
		return grade.Reached, true
	}
	return "", false
}

// named is the stage that a rung repaired. Where it is known what came back when
// the case passed, what became otherwise first goes before.
func (x *lost) named(rung Stage, p Played, held string) (Stage, string) {
	if s, why := x.changed(); s != "" {
		return s, why
	}
	switch rung {
	case Ranking:
		i := x.misranked()
		gold := goldOf(x.c.Turns[i].Expect)
		if i < len(p.Found) && !slices.ContainsFunc(p.Found[i], gold.Has) {
			return Retrieval, "the search did not find " + strings.Join(gold, " or ") + at(i, x.turn)
		}
		first := "nothing"
		if i < len(p.First) && p.First[i] != "" {
			first = p.First[i]
		}
		return Ranking, strings.Join(gold, " or ") + " was found, and " + first + " stood first" + at(i, x.turn)
	case Span:
		return Span, "the right article has the words, and others of it were quoted"
	case Threshold:
		r := x.reply()
		return Threshold, fmt.Sprintf("the evidence is %.2f, an answer begins at %.2f", r.P, r.Sure)
	}
	return rung, "with the right desk, topic and wish the " + held + " is right"
}

// rest tells by the kind of what failed, where no rung repaired anything.
func (x *lost) rest() (Stage, string, error) {
	e, r := x.c.Turns[x.turn].Expect, x.reply()
	switch {
	case x.has(grade.Queue) || x.only(grade.Packet) && x.prioritised():
		return Routing, "the case's matter is right, and it went elsewhere", nil
	case x.only(grade.Packet):
		return Packet, "the case is right, and its packet is not", nil
	case x.has(grade.Forbid) && x.lookedUpOtherwise():
		return Policy, "it was answered by what was said before, or no longer is", nil
	case x.has(grade.Forbid):
		for _, c := range quotes(r) {
			if contains(c, e.Forbid) {
				return Span, "what must not be said stands in a quote", nil
			}
		}
		return Wording, "what must not be said stands in the service's own words", nil
	case x.only(grade.Facts):
		return Span, "the right words are not quoted, whatever is put in place", nil
	case x.only(grade.Personal):
		return Triage, "other words are taken for personal data", nil
	case x.only(grade.Desk, grade.Topic):
		return Triage, "desk or topic is another one, whatever is put in place", nil
	}
	return Policy, "everything before is right, and something else was done", nil
}

// prioritised says whether what lacks in the packet is the case's place in line.
func (x *lost) prioritised() bool {
	return slices.ContainsFunc(x.failed, func(c grade.Check) bool { return strings.Contains(c.Got, grade.Priority) })
}

func quotes(r grade.Reply) []string {
	var out []string
	for _, c := range r.Citations {
		out = append(out, c.Quote)
	}
	for _, c := range r.Choices {
		out = append(out, c.Quote)
	}
	return out
}

func contains(text string, list cases.List) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(s)) })
}
