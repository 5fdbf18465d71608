package triage

import "fmt"

// plainVotes is the recipe without anything learned: labels of what stands near
// vote, and the search's own probability says whether anything does.
type plainVotes struct{}

func (plainVotes) weigh(c *circumstances) verdict {
	var v verdict
	say := func(format string, args ...any) {
		if c.reading.Message.Explain {
			v.moves = append(v.moves, fmt.Sprintf(format, args...))
		}
	}
	v.inScope = max(c.evidence.P, c.evidence.Near)
	say("in scope %.2f: what the search says of its first three", v.inScope)
	none := 0.02 + 0.33*(1-v.inScope)*(1-v.inScope)
	switch {
	case c.reading.Small != NoSmall:
		none, v.inScope = 0.98, 0.02
		say("it is small talk and nothing else")
	case !speaks(c.reading.Text):
		none, v.inScope = 0.9, 0.02
		say("it has no words")
	case c.reading.Wish.Outright && len(words(c.reading.Text)) <= longestBareWish:
		none = 0.85
		say("it asks for a person and hardly anything else")
	}
	v.desks = c.votes.desks.normal().times(1 - none)
	v.desks.None += none
	return v
}

// longestBareWish is how many words a message has at most that asks for a
// person and nothing else.
const longestBareWish = 8
