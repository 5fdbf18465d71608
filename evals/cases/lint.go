package cases

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Article is what a lint needs of the knowledge.
type Article struct {
	ID     string
	Public bool
	Text   string // as it is stored: title, headings, body
}

// Finding is something that is wrong with cases that can be read.
type Finding struct {
	File string
	Line int
	Case string
	Text string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: case %s: %s", f.File, f.Line, f.Case, f.Text)
}

// Lint holds cases against the knowledge they are about and against each other:
// articles that do not exist or that customers may not see, facts that no named
// article has, the same words twice, and the same words with expectations that
// exclude each other.
func Lint(list []Case, knowledge []Article) []Finding {
	known := map[string]Article{}
	for _, a := range knowledge {
		known[a.ID] = a
	}
	var out []Finding
	first := map[string]Case{}
	for _, c := range list {
		add := func(format string, args ...any) {
			out = append(out, Finding{c.File, c.Line, c.ID, fmt.Sprintf(format, args...)})
		}
		for i, t := range c.Turns {
			for _, w := range t.Expect.lint(known) {
				add("turn %d: %s", i+1, w)
			}
		}
		key := c.said()
		if other, twice := first[key]; twice {
			if c.excludes(other) {
				add("says the same as %s (%s:%d) and expects something else", other.ID, other.File, other.Line)
			} else {
				add("says the same as %s (%s:%d)", other.ID, other.File, other.Line)
			}
			continue
		}
		first[key] = c
	}
	return out
}

// Unjudged says that nothing says what has to come: facts are held against what
// is quoted, a queue and a packet against a handoff. Of such a turn articles are
// judged whatever comes.
func (e Expect) Unjudged() bool {
	asks := len(e.Articles)+len(e.Top)+len(e.Facts)+len(e.Queue)+len(e.Packet) > 0
	others := len(e.Action)+len(e.Desk)+len(e.Topic)+len(e.Forbid)+len(e.Reason)+len(e.Personal) > 0
	return asks && !others && !e.Missing && e.Handoff == ""
}

func (e Expect) lint(known map[string]Article) []string {
	var out []string
	gold := slices.Concat(e.Articles, e.Top)
	var texts []string
	for _, id := range gold {
		a, ok := known[id]
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("there is no article %s", id))
		case !a.Public:
			out = append(out, fmt.Sprintf("article %s is for agents only: no customer is ever shown it", id))
		}
		texts = append(texts, a.Text)
	}
	if len(gold) == 0 {
		return out
	}
	for _, f := range e.Facts {
		if !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, f) }) {
			out = append(out, fmt.Sprintf("the fact %q stands in none of its articles", f))
		}
	}
	return out
}

// said is all that the customer does, as texts are compared.
func (c Case) said() string {
	var b strings.Builder
	for _, t := range c.Turns {
		for _, r := range strings.ToLower(t.Say) {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.WriteRune(r)
			}
		}
		b.WriteString("\n" + t.Press + "\n")
	}
	return b.String()
}

// excludes says whether no reply could be right for both.
func (c Case) excludes(o Case) bool {
	for i := range c.Turns {
		a, b := c.Turns[i].Expect, o.Turns[i].Expect
		for _, pair := range [][2]List{{a.Action, b.Action}, {a.Desk, b.Desk}, {a.Topic, b.Topic}, {a.Top, b.Top}} {
			if len(pair[0]) > 0 && len(pair[1]) > 0 && !slices.ContainsFunc(pair[0], pair[1].Has) {
				return true
			}
		}
		if a.Handoff == Must && b.Handoff == MustNot || a.Handoff == MustNot && b.Handoff == Must {
			return true
		}
	}
	return false
}
