package customers

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

// customer is a script in a conversation.
type customer struct {
	s      Script
	rng    *rand.Rand
	next   int          // wording
	told   map[int]bool // of Tells
	misses int
	ending string // empty: still at it
	rated  bool   // the last thing was a press, and the wording is still to come
}

func newCustomer(s Script, seed uint64) *customer {
	h := fnv.New64a()
	h.Write([]byte(s.ID))
	return &customer{s: s, rng: rand.New(rand.NewPCG(seed, h.Sum64())), told: map[int]bool{}}
}

// first is what they open with.
func (c *customer) first() cases.Turn {
	turn, _ := c.wording()
	return turn
}

// wording is the next way to say it; ok is false where they have none left.
func (c *customer) wording() (t cases.Turn, ok bool) {
	if c.next == len(c.s.Says) {
		return t, false
	}
	c.next++
	return cases.Turn{Say: c.typed(c.s.Says[c.next-1])}, true
}

// answer is what they do after a reply; ok is false where they are done, and the
// ending says how.
func (c *customer) answer(r grade.Reply) (t cases.Turn, ok bool) {
	if c.rated { // "Not quite", and now once more in other words
		c.rated = false
		return c.again()
	}
	switch r.Action {
	case "handoff", "relay":
		c.ending = Person
		return t, false
	case "answer":
		if c.reached(r) {
			c.ending = Answered
			return t, false
		}
		if len(r.Citations) == 0 { // small talk: they come to the point
			return c.again()
		}
		c.misses++
		if c.s.Mood == Cross && c.misses <= c.s.Patience {
			c.rated = true
			return cases.Turn{Press: cases.PressNotQuite}, true
		}
		return c.again()
	case "clarify":
		if n := c.choice(r); n > 0 {
			return cases.Turn{Press: fmt.Sprintf("choice:%d", n)}, true
		}
		if i := c.asked(r); i >= 0 {
			c.told[i] = true
			return cases.Turn{Say: c.typed(c.s.Tells[i].Say)}, true
		}
	}
	c.misses++
	return c.again()
}

// again says it in other words, or ends it where patience or words are out.
func (c *customer) again() (t cases.Turn, ok bool) {
	if c.misses <= c.s.Patience {
		if t, ok := c.wording(); ok {
			return t, true
		}
	}
	if c.s.Then == "leave" {
		c.ending = Left
		return t, false
	}
	return cases.Turn{Press: cases.PressHuman}, true
}

// reached says whether a reply quotes what they came for.
func (c *customer) reached(r grade.Reply) bool {
	g := c.s.Goal
	if g.Person || len(r.Citations) == 0 {
		return false
	}
	var text strings.Builder
	found := len(g.Articles) == 0
	for _, q := range r.Citations {
		found = found || g.Articles.Has(q.Article)
		text.WriteString(q.Quote + "\n")
	}
	says := text.String() + r.Text
	return found && !slices.ContainsFunc(g.Facts, func(f string) bool { return !strings.Contains(says, f) })
}

// choice is the number of the choice they press: the first that is one of their
// goal's articles; 0: none.
func (c *customer) choice(r grade.Reply) int {
	return 1 + slices.IndexFunc(r.Choices, func(x grade.Choice) bool { return c.s.Goal.Articles.Has(x.Article) })
}

// asked is the first thing they know that a reply asks for; -1: nothing.
func (c *customer) asked(r grade.Reply) int {
	text := strings.ToLower(r.Text)
	return slices.IndexFunc(c.s.Tells, func(t Told) bool {
		return !c.told[slices.IndexFunc(c.s.Tells, func(x Told) bool { return x.Say == t.Say })] &&
			slices.ContainsFunc(t.Asked, func(w string) bool { return strings.Contains(text, strings.ToLower(w)) })
	})
}
