package loadgen

import (
	"fmt"
	"regexp"
	"sync"
	"time"
)

// Ledger is what the players were told, to be asked for at the end.
type Ledger struct {
	times *Times

	mu      sync.Mutex
	talks   []*Talk
	claims  []Claim
	replies []*Said
	cases   map[string]*caseNote // by id
	sent    map[string]time.Time // texts by name
	wrong   map[Promise][]string
	counts  map[string]int
}

// caseNote is when a case was asked for and when a desk's stream first showed it.
type caseNote struct {
	pressed, shown time.Time
}

// Said is one text that a player wrote.
type Said struct {
	Name  string // also its client_msg_id
	Text  string
	Talk  string // the conversation's id; of a reply: empty
	Case  string // of a reply: the case's id
	At    time.Time
	Taken bool // the service said that it has it
}

// Claim is one that the service confirmed.
type Claim struct {
	Case, Agent string
	Version     int64 // of the case afterwards
	At          time.Time
}

// Promise is a kind of what the service must keep.
type Promise string

// The kinds, as reports name them.
const (
	BrokenPromise Promise = "promises broken"            // told of a case that is not there, or is nowhere
	OwnedTwice    Promise = "cases owned twice"          // or confirmed to somebody who is not in its log
	LostMessage   Promise = "messages lost or repeated"  // or out of order
	ReaderGap     Promise = "events skipped or repeated" // by a reader of a conversation
	DeskGap       Promise = "changes a desk missed"
	BotSpoke      Promise = "assistant spoke over a person"
	TurnEnds      Promise = "turns without exactly one end"
	BadAnswer     Promise = "answers that nobody may get" // a refusal that cannot be
)

// kinds in the order of reports.
func kinds() []Promise {
	return []Promise{BrokenPromise, OwnedTwice, LostMessage, ReaderGap, DeskGap, BotSpoke, TurnEnds, BadAnswer}
}

func newLedger(t *Times) *Ledger {
	return &Ledger{times: t, cases: map[string]*caseNote{}, sent: map[string]time.Time{}, wrong: map[Promise][]string{}, counts: map[string]int{}}
}

// most bounds how many of one kind are described; all are counted.
const most = 20

func (l *Ledger) broken(kind Promise, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[string(kind)]++
	if len(l.wrong[kind]) < most {
		l.wrong[kind] = append(l.wrong[kind], fmt.Sprintf(format, args...))
	}
}

func (l *Ledger) count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[what]++
}

func (l *Ledger) begin(t *Talk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.talks = append(l.talks, t)
	l.counts["talks"]++
}

func (l *Ledger) writes(s *Said) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[s.Name] = s.At
	if s.Case != "" {
		l.replies = append(l.replies, s)
	}
}

// taken notes that the service has a reply.
func (l *Ledger) taken(s *Said) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Taken = true
}

// hears times the way of a text to a reader who was there before it was written.
func (l *Ledger) hears(way, name string, since time.Time) {
	l.mu.Lock()
	at, ok := l.sent[name]
	delete(l.sent, name)
	l.mu.Unlock()
	if ok && since.Before(at) {
		l.times.Add(way, time.Since(at))
	}
}

func (l *Ledger) note(id string) *caseNote {
	c := l.cases[id]
	if c == nil {
		c = &caseNote{}
		l.cases[id] = c
	}
	return c
}

// pressed notes which case a press has led to.
func (l *Ledger) pressed(id string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.note(id)
	if !c.pressed.IsZero() {
		return
	}
	c.pressed = at
	l.seen(c)
}

// shown notes that a stream of the desk showed a case.
func (l *Ledger) shown(id string) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.note(id)
	if !c.shown.IsZero() {
		return
	}
	c.shown = now
	l.seen(c)
}

func (l *Ledger) seen(c *caseNote) {
	if !c.pressed.IsZero() && c.shown.After(c.pressed) {
		l.times.Add(TookVisible, c.shown.Sub(c.pressed))
	}
}

func (l *Ledger) claimed(c Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claims = append(l.claims, c)
	l.counts["claims"]++
	l.note(c.Case)
}

// Talks are the conversations that were begun.
func (l *Ledger) Talks() []*Talk {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]*Talk(nil), l.talks...)
}

// Claims are those that were confirmed, in the order of their answers.
func (l *Ledger) Claims() []Claim {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Claim(nil), l.claims...)
}

// Replies are what agents wrote to customers.
func (l *Ledger) Replies() []Said {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Said, len(l.replies))
	for i, s := range l.replies {
		out[i] = *s
	}
	return out
}

// Cases are the ids of every case that a player was told of.
func (l *Ledger) Cases() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]string, 0, len(l.cases))
	for id := range l.cases {
		out = append(out, id)
	}
	return out
}

var (
	named     = regexp.MustCompile(`\[([ac][0-9.]+)\]$`)                                        //nolint:gochecknoglobals // a compiled constant
	reference = regexp.MustCompile(`\b[34679CDFGHJKMNPQRTWXY]{4}-[34679CDFGHJKMNPQRTWXY]{4}\b`) //nolint:gochecknoglobals // a compiled constant
)

// nameOf is the name that a player gave a text; empty: none of ours.
func nameOf(text string) string {
	m := named.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}
