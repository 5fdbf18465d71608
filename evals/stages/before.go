package stages

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"frontdesk/evals/grade"
)

// What is known of a case from when it passed: what is as it was then did not lose
// it, and what became otherwise first did.

// masks stand for what is hidden of a number.
const masks = "••••"

// misheard is the stage at which the customer's words became others than when the
// case passed, or the reply's last messages were lost; empty: neither, or it is not
// known.
func (x *lost) misheard() (Stage, string) {
	for i := 0; x.was != nil && i <= x.turn && i < len(x.was.Replies) && i < len(x.out.Replies); i++ {
		was, is := x.was.Replies[i], x.out.Replies[i]
		switch {
		case was.Messages == 0: // kept before this was
		case strings.Contains(was.Heard, masks) && !strings.Contains(is.Heard, masks):
			return Safety, "words were not hidden that had been" + at(i, x.turn)
		case was.Heard != is.Heard && strings.Contains(is.Heard, masks):
			return Triage, "words were hidden that had not been" + at(i, x.turn)
		case was.Heard != is.Heard:
			return Policy, "other words were answered than before" + at(i, x.turn)
		case was.Lang != "" && is.Lang != "" && was.Lang != is.Lang:
			return Triage, "it was taken for " + is.Lang + " where it was for " + was.Lang + at(i, x.turn)
		case is.Messages > 0 && is.Messages < was.Messages && strings.HasPrefix(was.Text, is.Text):
			return Policy, "a part of the reply was not said" + at(i, x.turn)
		}
	}
	return "", ""
}

// sameEvidence says whether all that was found is as it was when the case passed.
func (x *lost) sameEvidence() bool {
	return x.sameAs(func(was, is grade.Reply) bool {
		return math.Abs(was.P-is.P) < certainly && !nearMoved(was, is) && slices.Equal(was.Hits, is.Hits)
	})
}

func (x *lost) sameThresholds() bool {
	return x.sameEvidence() && x.sameBounds()
}

func (x *lost) sameBounds() bool {
	return x.sameAs(func(was, is grade.Reply) bool { return was.Sure == is.Sure && was.Maybe == is.Maybe })
}

func (x *lost) sameAs(same func(was, is grade.Reply) bool) bool {
	if x.was == nil {
		return false
	}
	for i := range x.c.Turns {
		if i >= len(x.was.Replies) || i >= len(x.out.Replies) {
			return i < len(x.was.Replies) == (i < len(x.out.Replies))
		}
		if !same(x.was.Replies[i], x.out.Replies[i]) {
			return false
		}
	}
	return true
}

// changed is the stage at which something became otherwise since the case
// passed, in the first turn where that is so. Empty: nowhere, or it is not known.
func (x *lost) changed() (Stage, string) {
	if x.was == nil {
		return "", ""
	}
	for i := 0; i <= x.turn && i < len(x.was.Replies) && i < len(x.out.Replies); i++ {
		was, is := x.was.Replies[i], x.out.Replies[i]
		if s, why := differ(was, is); s != "" {
			return s, why + at(i, x.turn)
		}
		if was.Action != is.Action || was.Reason != is.Reason {
			break // what comes later may come of that
		}
	}
	return "", ""
}

// armsMoved is by how much what the arms make of an article differs where they
// do: their numbers are kept with four digits.
const armsMoved = 0.002

// differ says what is otherwise in a reply than in the one before, in the order
// of a turn.
func differ(was, is grade.Reply) (Stage, string) {
	if len(was.Hits) == 0 || len(is.Hits) == 0 || len(was.Arms) != len(was.Hits) || len(is.Arms) != len(is.Hits) {
		return "", "" // nothing was looked up, or nothing is kept of it
	}
	if was.Query != is.Query {
		return Policy, "something else was looked up than before"
	}
	both := false
	for i, a := range is.Hits {
		k := slices.Index(was.Hits, a)
		both = both || k >= 0
		if k >= 0 && math.Abs(was.Arms[k]-is.Arms[i]) > armsMoved {
			return Retrieval, "vectors or words make something else of " + a + " than before"
		}
	}
	switch {
	case !both:
		return Retrieval, "other articles were found than before"
	case !slices.Equal(was.Hits, is.Hits):
		return Ranking, "what was found stands in another order than before: " + is.Hits[0] + " first"
	case !slices.Equal(was.Quoted, is.Quoted):
		return Span, "other words would be quoted than before"
	case was.Action == "handoff" || is.Action == "handoff":
		return "", "" // what is handed over is not weighed
	case math.Abs(was.P-is.P) > certainly:
		return Threshold, fmt.Sprintf("the evidence for the same is %.2f where it was %.2f", is.P, was.P)
	case nearMoved(was, is):
		return Threshold, fmt.Sprintf("that one of the best three answers is %.2f where it was %.2f", is.Near, was.Near)
	case was.Sure != is.Sure || was.Maybe != is.Maybe:
		return Threshold, fmt.Sprintf("an answer begins at %.2f where it was %.2f, choices at %.2f where it was %.2f", is.Sure, was.Sure, is.Maybe, was.Maybe)
	}
	return "", ""
}

// nearMoved says whether choices go by another probability than before; where it
// was not kept, that is not known.
func nearMoved(was, is grade.Reply) bool {
	return was.Near > 0 && is.Near > 0 && math.Abs(was.Near-is.Near) > certainly
}

// certainly is by how much two probabilities differ that are not the same.
const certainly = 1e-6

func at(turn, failed int) string {
	if turn == failed {
		return ""
	}
	return fmt.Sprintf(" in turn %d", turn+1)
}

// lookedUpOtherwise says whether something is looked up for the turn where nothing
// was when the case passed, or the other way round.
func (x *lost) lookedUpOtherwise() bool {
	if x.was == nil || x.turn >= len(x.was.Replies) {
		return false
	}
	return (len(x.was.Replies[x.turn].Hits) == 0) != (len(x.reply().Hits) == 0)
}
