package console

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

const (
	maxQuery = 500 // characters
	maxWords = 12  // that a search asks for; more only cost
)

// errQuery says in a sentence which part of a search is not understood.
func errQuery(words string, args ...any) error {
	return fault.New(fault.Invalid, "search", fmt.Sprintf(words, args...))
}

// SearchWord is something that has to be there: terms that stand side by side.
type SearchWord struct {
	Terms []string
	Whole bool // quoted: the last term has to end there, too
}

// Search is what is looked for. What is empty fits everything; of several
// values of one filter one is enough.
type Search struct {
	Words     []SearchWord
	Reference string // its beginning, upper case, without the dash
	Queues    []string
	Agents    []convo.ID
	Desks     []string
	Topics    []string // lower case, as the next three
	Products  []string
	Languages []string
	Reasons   []string
	Ended     []string
	State     string    // waiting, claimed, open, closed, late, snoozed; empty: any
	Only      string    // case, assistant; empty: cases and what the assistant handled alone
	Before    time.Time // opened before
	After     time.Time // opened at or after
	Has       []string  // file, note, rating
	Now       time.Time // from which late is counted
	Page      string    // as Found.Next gave it; empty: from the newest
	Limit     int
}

// Empty says that nothing is asked for.
func (s Search) Empty() bool {
	return len(s.Words)+len(s.Queues)+len(s.Agents)+len(s.Desks)+len(s.Topics)+len(s.Products)+len(s.Languages)+len(s.Reasons)+len(s.Ended)+len(s.Has) == 0 &&
		s.Reference == "" && s.State == "" && s.Only == "" && s.Before.IsZero() && s.After.IsZero()
}

// FitsCases says whether a case may be among what is looked for.
func (s Search) FitsCases() bool { return s.Only != onlyAssistant }

// FitsAlone says whether a conversation without a case may be, and the actor may
// read such: what only a case has, none of them has.
func (s Search) FitsAlone(a handoff.Actor) bool {
	ofCases := len(s.Queues)+len(s.Agents)+len(s.Desks)+len(s.Topics)+len(s.Products)+len(s.Reasons)+len(s.Ended) > 0 ||
		s.Reference != "" || s.State != "" || slices.Contains(s.Has, "note")
	return s.Only != onlyCase && !ofCases && a.SeesAlone()
}

// names are what a search's words may name: read when it is run, so that a
// saved one goes with the desk.
type names struct {
	me     handoff.Actor
	queues []handoff.Queue
	agents []handoff.Agent
	zone   *time.Location
	now    time.Time
}

// part is a piece of a search as it was typed.
type part struct {
	key, value string // key empty: words
	quoted     bool
}

// searchParts cuts what was typed: words, "several words", key:value and
// key:"a value". A colon makes a filter only behind a key that is known, so
// that 10:30 and https://… stay words.
func searchParts(q string) []part {
	var out []part
	for q = strings.TrimSpace(q); q != ""; q = strings.TrimLeftFunc(q, unicode.IsSpace) {
		var p part
		if key, rest, ok := strings.Cut(q, ":"); ok && slices.Contains(filterKeys, strings.ToLower(key)) {
			p.key, q = strings.ToLower(key), rest
		}
		switch {
		case strings.HasPrefix(q, `"`):
			value, rest, closed := strings.Cut(q[1:], `"`)
			if !closed {
				rest = ""
			}
			p.value, p.quoted, q = value, true, rest
		default:
			end := strings.IndexFunc(q, unicode.IsSpace)
			if end < 0 {
				end = len(q)
			}
			p.value, q = q[:end], q[end:]
		}
		if strings.TrimSpace(p.value) != "" || p.key != "" {
			out = append(out, p)
		}
	}
	return out
}

var filterKeys = []string{"queue", "agent", "desk", "topic", "product", "language", "reason", "before", "after", "is", "has", "ended", "ref"} //nolint:gochecknoglobals // a constant

var ( //nolint:gochecknoglobals // constants
	searchStates = []string{"open", "closed", "waiting", "claimed", "late", "snoozed"}
	searchOnly   = []string{onlyCase, onlyAssistant}
	searchHas    = []string{"file", "note", "rating"}
	searchDesks  = []string{"service", "support", "both", "none"}
)

// parseSearch reads a search. Error: Invalid, which says what of it is not
// understood.
func parseSearch(q string, n names) (Search, error) {
	s := Search{Now: n.now}
	if !keeps(q, maxQuery) {
		return s, errQuery("A search may have at most %d characters.", maxQuery)
	}
	for _, p := range searchParts(q) {
		if p.key == "" {
			s.words(p)
			continue
		}
		value := strings.TrimSpace(p.value)
		if value == "" {
			return s, errQuery("%s: says nothing. Write a value behind the colon.", p.key)
		}
		if err := s.filter(p.key, value, n); err != nil {
			return s, err
		}
	}
	return s, nil
}

// words adds what has to be there: side by side where it was quoted, or was
// written as one.
func (s *Search) words(p part) {
	var w SearchWord
	add := func() {
		if len(w.Terms) > 0 && len(s.Words) < maxWords {
			s.Words = append(s.Words, w.settled())
		}
		w = SearchWord{}
	}
	for t := range SearchTerms(p.value) {
		if !p.quoted && !t.Joined {
			add()
		}
		w.Terms = append(w.Terms, t.Text)
		w.Whole = p.quoted
	}
	add()
}

// settled is the word as it is looked for. The last character of a run without
// spaces stands in its pair already; a single letter is no beginning of a word.
func (w SearchWord) settled() SearchWord {
	n := len(w.Terms)
	last := []rune(w.Terms[n-1])
	switch {
	case len(last) == 1 && !unspaced(last[0]):
		w.Whole = true
	case n > 1 && unspaced(last[0]) && strings.HasSuffix(w.Terms[n-2], w.Terms[n-1]):
		w.Terms, w.Whole = w.Terms[:n-1], true
	}
	return w
}

func (s *Search) filter(key, value string, n names) (err error) {
	lower := strings.ToLower(value)
	oneOf := func(to *[]string, list []string) error {
		if !slices.Contains(list, lower) {
			return errQuery("%s: has to be one of %s.", key, strings.Join(list, ", "))
		}
		*to = append(*to, lower)
		return nil
	}
	switch key {
	case "queue":
		return s.queue(value, n)
	case "agent":
		return s.agent(value, n)
	case "desk":
		return oneOf(&s.Desks, searchDesks)
	case "has":
		return oneOf(&s.Has, searchHas)
	case "topic":
		s.Topics = append(s.Topics, lower)
	case "product":
		s.Products = append(s.Products, lower)
	case "language":
		primary, _, _ := strings.Cut(lower, "-")
		s.Languages = append(s.Languages, primary)
	case "reason":
		s.Reasons = append(s.Reasons, lower)
	case "ended":
		s.Ended = append(s.Ended, lower)
	case "is":
		switch {
		case slices.Contains(searchStates, lower):
			s.State = lower
		case slices.Contains(searchOnly, lower):
			s.Only = lower
		default:
			return errQuery("is: has to be one of %s, %s.", strings.Join(searchStates, ", "), strings.Join(searchOnly, ", "))
		}
	case "before":
		s.Before, err = searchDay(key, value, n.zone)
	case "after":
		s.After, err = searchDay(key, value, n.zone)
	case "ref":
		s.Reference = strings.ToUpper(strings.Map(func(r rune) rune {
			if r < utf8Max && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
				return r
			}
			return -1
		}, value))
		if s.Reference == "" || len(s.Reference) > 8 {
			return errQuery("ref: has to be the beginning of a reference, such as TR4W.")
		}
	}
	return err
}

// What is: looks for beside a case's state.
const (
	onlyCase      = "case"
	onlyAssistant = "assistant"
)

const utf8Max = 0x80 // references are plain letters and digits

func searchDay(key, value string, zone *time.Location) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, value, zone)
	if err != nil {
		return day, errQuery("%s: has to be a day such as 2026-11-01.", key)
	}
	return day, nil
}

func (s *Search) queue(value string, n names) error {
	for _, q := range n.queues {
		if n.me.Sees(q.Queue) && (strings.EqualFold(q.Queue, value) || strings.EqualFold(q.Name, value)) {
			s.Queues = append(s.Queues, q.Queue)
			return nil
		}
	}
	return errQuery("queue: there is no queue %q that you work in.", value)
}

// agent takes everybody whose name or address begins so: of two Maras both.
func (s *Search) agent(value string, n names) error {
	if strings.EqualFold(value, "me") {
		s.Agents = append(s.Agents, n.me.Agent)
		return nil
	}
	want, found := fold(value), false
	for _, g := range n.agents {
		for part := range SearchTerms(g.Name) {
			if strings.HasPrefix(part.Text, want) || strings.EqualFold(g.Name, value) || n.me.Leads() && strings.EqualFold(g.Email, value) {
				s.Agents, found = append(s.Agents, g.ID), true
				break
			}
		}
	}
	if !found {
		return errQuery("agent: nobody at the desk is called %q.", value)
	}
	return nil
}
