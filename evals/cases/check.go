package cases

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func actions() []string { return []string{"answer", "clarify", "none", "handoff", "relay"} }
func desks() []string   { return []string{"service", "support", "both", "none"} }
func reasons() []string {
	return []string{"asked", "angry", "repeated_failure", "no_answer", "sensitive", "identity", "policy", "both", "failure", "smalltalk", "own_data", "variant", "narrowed"}
}

// wrong lists what is wrong with a case by itself.
func (c Case) wrong() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if c.ID == "" || strings.ContainsAny(c.ID, " \t\r\n/\\") {
		add("needs an id without blanks and slashes")
	}
	if c.Suite == "" {
		add("needs a suite, its own or its file's")
	}
	if !slices.Contains([]string{Low, Normal, Severe}, c.Severity) {
		add("severity is low, normal or severe, not %q", c.Severity)
	}
	if len(c.Turns) == 0 || len(c.Turns) > mostTurns {
		add("needs from 1 to %d turns", mostTurns)
	}
	expects := false
	for i, t := range c.Turns {
		for _, w := range t.wrong(len(c.Turns)) {
			add("turn %d: %s", i+1, w)
		}
		expects = expects || !t.Expect.Empty()
	}
	if !expects {
		add("expects nothing; say under expect what a right reply does")
	}
	return out
}

func (t Turn) wrong(turns int) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if (t.Say == "") == (t.Press == "") {
		add("needs either say or press")
	}
	if t.Say != "" && strings.Trim(t.Say, " \t\r\n\f") == "" || strings.ContainsRune(t.Say, 0) {
		add("say is something that a customer can send: not only blanks, and no character 0")
	}
	if _, ok := t.Choice(); t.Press != "" && !ok && !slices.Contains([]string{PressHuman, PressHelped, PressNotQuite, PressClosed}, t.Press) {
		add("press is human, helped, not_quite, closed or choice:N, not %q", t.Press)
	}
	if t.Bubbles && len(t.Said()) < 2 {
		add("bubbles are several messages: say needs a line for each")
	}
	e := t.Expect
	for _, field := range []struct {
		name    string
		list    List
		allowed []string
	}{{"action", e.Action, actions()}, {"desk", e.Desk, desks()}, {"reason", e.Reason, reasons()}} {
		for _, s := range field.list {
			if !slices.Contains(field.allowed, s) {
				add("%s is one of %s, not %q", field.name, strings.Join(field.allowed, ", "), s)
			}
		}
	}
	for _, list := range []List{e.Topic, e.Articles, e.Top, e.Facts, e.Forbid, e.Queue, e.Personal} {
		if slices.Contains(list, "") {
			add("has an empty entry in a list")
		}
	}
	if n, by := e.By(); by && (n < 1 || n > turns) || !by && e.Handoff != "" && e.Handoff != Must && e.Handoff != MustNot {
		add("handoff is must, must_not or by:N with a turn of the case, not %q", e.Handoff)
	}
	if e.Latency != "" && Within(e.Latency) == 0 {
		add("latency is instant or normal, not %q", e.Latency)
	}
	if c := e.Cost; c != nil && (c.empty() || !countable(c.Searches) || !countable(c.Trips)) {
		add("cost is {searches: N, trips: N}, at least one of them, from 0 to %d", mostCost)
	}
	return append(out, e.contradicts()...)
}

// mostCost is far above what any reply asks for.
const mostCost = 1000

func countable(n *int) bool { return n == nil || *n >= 0 && *n <= mostCost }

// contradicts lists what cannot be kept together.
func (e Expect) contradicts() []string {
	var out []string
	for _, f := range e.Facts {
		for _, no := range e.Forbid {
			if strings.Contains(f, no) {
				out = append(out, fmt.Sprintf("wants %q and forbids %q", f, no))
			}
		}
	}
	for _, a := range e.Top {
		if len(e.Articles) > 0 && !e.Articles.Has(a) {
			out = append(out, fmt.Sprintf("wants %s first, which is not among its articles", a))
		}
	}
	only := func(a string) bool { return len(e.Action) == 1 && e.Action[0] == a }
	switch {
	case e.Handoff == Must && len(e.Action) > 0 && !e.Action.Has("handoff") && !e.Action.Has("relay"):
		out = append(out, "must hand off, and its action is another one")
	case e.Handoff == MustNot && only("handoff"):
		out = append(out, "must not hand off, and its only action is to")
	case e.Missing && only("answer"):
		out = append(out, "the knowledge has no answer, and its only action is to answer")
	}
	return out
}

// Said are the messages of the turn; none where something is pressed.
func (t Turn) Said() []string {
	if !t.Bubbles {
		return slices.DeleteFunc([]string{t.Say}, func(s string) bool { return s == "" })
	}
	var out []string
	for line := range strings.SplitSeq(t.Say, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Choice is the number of the choice that is pressed.
func (t Turn) Choice() (n int, ok bool) {
	s, is := strings.CutPrefix(t.Press, pressChoice)
	if !is {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1
}

// By is the turn of the conversation by which a handoff is expected.
func (e Expect) By() (turn int, ok bool) {
	s, is := strings.CutPrefix(e.Handoff, byPrefix)
	if !is {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
