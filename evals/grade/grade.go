package grade

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/evals/cases"
)

// Version of what grades mean.
const Version = 3

// Kinds of checks.
const (
	Action   = "action"
	Desk     = "desk"
	Topic    = "topic"
	Articles = "articles"
	Top      = "top"
	Facts    = "facts"
	Forbid   = "forbid"
	Reason   = "reason"
	Queue    = "queue"
	Packet   = "packet"
	Personal = "personal"
	Missing  = "missing"
	Handoff  = "handoff"
	Reached  = "reached"
	Cost     = "cost"

	// Of every reply, whatever a case expects; there is one only where it fails.
	Grounded = "grounded" // what is quoted stands in what is published, letter by letter
	Silent   = "silent"   // nobody but people speaks once they have the conversation
	Masked   = "masked"   // no whole card number is kept
	First    = "first"    // what must be said first for a danger is
	Readable = "readable" // tables and steps stand on lines of their own
)

// Priority is the label under which a packet's facts have the case's place in
// its line.
const Priority = "priority"

// Check is one expectation and whether it held.
type Check struct {
	Turn int    `json:"turn"` // from 1
	Kind string `json:"kind"`
	OK   bool   `json:"ok"`
	Want string `json:"want"`
	Got  string `json:"got,omitempty"`
}

// Grade is a case's checks.
type Grade struct {
	Case     string   `json:"case"`
	Suite    string   `json:"suite"`
	Severity string   `json:"severity"`
	Tags     []string `json:"tags,omitempty"`
	Lang     string   `json:"lang,omitempty"`
	Pass     bool     `json:"pass"`
	Checks   []Check  `json:"checks"`
}

// Failed are the checks that did not hold.
func (g Grade) Failed() []Check {
	return slices.DeleteFunc(slices.Clone(g.Checks), func(c Check) bool { return c.OK })
}

// Of grades an output.
func Of(c cases.Case, o Output) Grade {
	g := Grade{Case: c.ID, Suite: c.Suite, Severity: c.Severity, Tags: c.Tags, Lang: c.Lang, Pass: true}
	handed := handedAt(o)
	for i, t := range c.Turns {
		if i >= len(o.Replies) {
			if !t.Expect.Empty() {
				g.add(Check{Turn: i + 1, Kind: Reached, Want: "a reply", Got: "the conversation ended before"})
			}
			continue
		}
		for _, check := range turn(i+1, t.Expect, o.Replies[i], handed) {
			g.add(check)
		}
		for _, check := range standing(i+1, o) {
			g.add(check)
		}
	}
	return g
}

// standing checks what holds of every reply.
func standing(n int, o Output) []Check {
	r := o.Replies[n-1]
	var out []Check
	if len(r.Unfounded) > 0 {
		out = append(out, Check{n, Grounded, false, "only what is published, letter by letter", strings.Join(r.Unfounded, " | ")})
	}
	if theirs(o.Replies[:n-1]) && (r.Action == "answer" || r.Action == "clarify" || r.Action == "none") {
		out = append(out, Check{n, Silent, false, "nothing from the bot, since a person has it", r.Action})
	}
	if len(r.Exposed) > 0 {
		out = append(out, Check{n, Masked, false, "no whole card number kept", strings.Join(r.Exposed, " | ")})
	}
	if len(r.Garbled) > 0 {
		out = append(out, Check{n, Readable, false, "rows and steps on lines of their own", strings.Join(r.Garbled, " | ")})
	}
	if r.Unsaid != "" {
		out = append(out, Check{n, First, false, r.Unsaid, r.Text})
	}
	return out
}

// theirs says whether people have the conversation after these replies.
func theirs(past []Reply) bool {
	for _, r := range slices.Backward(past) {
		switch r.Action {
		case "handoff", "relay":
			return true
		case Closed:
			return false
		}
	}
	return false
}

func (g *Grade) add(c Check) {
	g.Pass = g.Pass && c.OK
	g.Checks = append(g.Checks, c)
}

// handedAt is the turn in which a person got the conversation; 0: none did.
func handedAt(o Output) int {
	return 1 + slices.IndexFunc(o.Replies, func(r Reply) bool { return r.Action == "handoff" || r.Action == "relay" })
}

// turn checks one reply.
func turn(n int, e cases.Expect, r Reply, handed int) []Check {
	var out []Check
	check := func(kind string, ok bool, want, got string) {
		out = append(out, Check{Turn: n, Kind: kind, OK: ok, Want: want, Got: got})
	}
	one := func(kind string, want cases.List, got string) {
		if len(want) > 0 {
			check(kind, want.Has(got), strings.Join(want, " or "), got)
		}
	}
	one(Action, e.Action, r.Action)
	// Who has the conversation decides nothing about desks any more.
	if r.Action != "relay" {
		one(Desk, e.Desk, r.Desk)
		one(Topic, e.Topic, r.Topic)
	}
	out = append(out, shown(n, e, r)...)
	if len(e.Forbid) > 0 {
		found := slices.DeleteFunc(slices.Clone(e.Forbid), func(s string) bool {
			return !slices.ContainsFunc(r.says(), func(t string) bool { return strings.Contains(strings.ToLower(t), strings.ToLower(s)) })
		})
		check(Forbid, len(found) == 0, "none of "+strings.Join(e.Forbid, " | "), strings.Join(found, " | "))
	}
	if r.Action == "handoff" {
		one(Queue, e.Queue, r.Queue)
	}
	if r.Action != "relay" {
		one(Reason, e.Reason, r.Reason)
	}
	if e.Missing {
		check(Missing, r.Action != "answer" || r.Reason == "smalltalk", "no answer, since there is none", r.Action)
	}
	if len(e.Personal) > 0 {
		lacks := slices.DeleteFunc(slices.Clone(e.Personal), func(s string) bool { return slices.Contains(r.Personal, s) })
		check(Personal, len(lacks) == 0, strings.Join(e.Personal, " | "), strings.Join(r.Personal, " | "))
	}
	out = append(out, cost(n, e.Cost, r.Spent)...)
	out = append(out, packet(n, e, r)...)
	return append(out, handoff(n, e, r, handed)...)
}

// cost checks what a reply asked for.
func cost(n int, most *cases.Cost, spent *Spent) []Check {
	if most == nil {
		return nil
	}
	var want, got []string
	ok := spent != nil
	count := func(what string, most *int, is func(Spent) int) {
		if most == nil {
			return
		}
		want = append(want, fmt.Sprintf("at most %d %s", *most, what))
		if spent != nil {
			got = append(got, fmt.Sprintf("%d %s", is(*spent), what))
			ok = ok && is(*spent) <= *most
		}
	}
	count("searches", most.Searches, func(s Spent) int { return s.Searches })
	count("trips to the database", most.Trips, func(s Spent) int { return s.Trips })
	if spent == nil {
		got = []string{"not counted when this was played"}
	}
	return []Check{{n, Cost, ok, strings.Join(want, ", "), strings.Join(got, ", ")}}
}

// shown checks what was quoted or offered. Where nothing is, the action is judged
// instead; articles are where nothing says which action is right.
func shown(n int, e cases.Expect, r Reply) []Check {
	var out []Check
	got := r.shown()
	judged := r.Action == "answer" || r.Action == "clarify" || e.Unjudged()
	if judged && len(e.Articles) > 0 {
		ok := slices.ContainsFunc(got, e.Articles.Has)
		out = append(out, Check{n, Articles, ok, strings.Join(e.Articles, " or "), strings.Join(got, ", ")})
	}
	if judged && len(e.Top) > 0 {
		ok := len(got) > 0 && e.Top.Has(got[0])
		out = append(out, Check{n, Top, ok, strings.Join(e.Top, " or ") + " first", strings.Join(got, ", ")})
	}
	if r.Action == "answer" && len(e.Facts) > 0 {
		says := strings.Join(r.says(), "\n")
		lacks := slices.DeleteFunc(slices.Clone(e.Facts), func(f string) bool { return strings.Contains(says, f) })
		got := ""
		if len(lacks) > 0 {
			got = "without " + strings.Join(lacks, " | ")
		}
		out = append(out, Check{n, Facts, len(lacks) == 0, strings.Join(e.Facts, " | "), got})
	}
	return out
}

// packet checks the facts of the case that was opened; a handoff that was
// expected and did not come fails as handoff, not here.
func packet(n int, e cases.Expect, r Reply) []Check {
	if len(e.Packet) == 0 || r.Action != "handoff" && r.Action != "relay" {
		return nil
	}
	var want, lacks []string
	for _, label := range slices.Sorted(maps.Keys(e.Packet)) {
		value := e.Packet[label]
		want = append(want, label+" "+value)
		if !slices.ContainsFunc(r.Packet, func(f Fact) bool { return same(f.Value, value) }) {
			lacks = append(lacks, label+" "+value)
		}
	}
	got := ""
	if len(lacks) > 0 {
		got = "without " + strings.Join(lacks, ", ")
	}
	out := []Check{{n, Packet, len(lacks) == 0, strings.Join(want, ", "), got}}
	if len(r.Invented) > 0 {
		out = append(out, Check{n, Packet, false, "nothing that nobody said", strings.Join(r.Invented, ", ")})
	}
	return out
}

// same compares values of facts as people do: by letters and digits.
func same(a, b string) bool {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" -–—.,;:()", r) {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	a, b = plain(a), plain(b)
	return a == b || len(b) >= 4 && strings.Contains(a, b)
}

func handoff(n int, e cases.Expect, r Reply, handed int) []Check {
	did := r.Action == "handoff" || r.Action == "relay"
	got := "not handed over"
	if handed > 0 {
		got = fmt.Sprintf("handed over in turn %d", handed)
	}
	by, isBy := e.By()
	switch {
	case e.Handoff == cases.Must:
		return []Check{{n, Handoff, did, "a person", got}}
	case e.Handoff == cases.MustNot:
		return []Check{{n, Handoff, !did, "no person yet", got}}
	case isBy:
		return []Check{{n, Handoff, handed > 0 && handed <= by, fmt.Sprintf("a person by turn %d", by), got}}
	}
	return nil
}
