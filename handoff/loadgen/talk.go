package loadgen

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"
)

// Talk is one conversation as its customer knows it.
type Talk struct {
	ledger *Ledger

	mu     sync.Mutex
	id     string
	token  string
	said   []*Said
	told   map[string]bool // references
	owner  string          // as the last owner event said
	last   int64           // number of the last event that was read
	turns  map[string]int  // ends that were read of each turn
	heard  map[string]int  // our texts that were read, by name
	agents int             // texts of agents that were read
	moved  chan struct{}   // closed and replaced when an agent wrote or the owner changed
}

func newTalk(l *Ledger, id, token string) *Talk {
	return &Talk{
		ledger: l, id: id, token: token, owner: "bot", told: map[string]bool{}, turns: map[string]int{}, heard: map[string]int{}, moved: make(chan struct{}),
	}
}

// Said is what its customer wrote, in order.
func (t *Talk) Said() []Said {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Said, len(t.said))
	for i, s := range t.said {
		out[i] = *s
	}
	return out
}

// Told are the references that its customer was told.
func (t *Talk) Told() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]string, 0, len(t.told))
	for r := range t.told {
		out = append(out, r)
	}
	return out
}

// Last is the number of the last event that a reader of it got.
func (t *Talk) Last() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// writes notes a text before it is sent.
func (t *Talk) writes(s *Said) {
	t.mu.Lock()
	t.said = append(t.said, s)
	t.mu.Unlock()
	t.ledger.writes(s)
}

// taken notes that the service has a text.
func (t *Talk) taken(s *Said) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Taken = true
}

func (t *Talk) as() who {
	t.mu.Lock()
	defer t.mu.Unlock()
	return who{bearer: t.token}
}

func (t *Talk) renewed(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token = token
}

func (t *Talk) state() (owner string, agents int, moved <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.owner, t.agents, t.moved
}

func (t *Talk) tellReference(ref string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.told[ref] = true
}

// follow reads the conversation until ctx ends, coming back where it left off.
func (t *Talk) follow(ctx context.Context, d *door) {
	var lost time.Time
	for ctx.Err() == nil {
		lastID := ""
		if n := t.Last(); n > 0 {
			lastID = strconv.FormatInt(n, 10)
		}
		s, err := d.c.open(ctx, d.base(), t.as(), "/v1/conversations/"+t.id+"/events", lastID)
		if err != nil {
			if r := refused(err); r != nil && r.Status == 401 {
				t.renew(ctx, d)
			} else if r != nil && !passing(err) {
				t.ledger.broken(BadAnswer, "the stream of %s after %q: %v", t.id, lastID, err)
				return
			}
			if !d.failed(ctx) {
				return
			}
			continue
		}
		d.wait = 0
		if !lost.IsZero() {
			t.ledger.times.Add(TookBack, time.Since(lost))
		}
		t.read(s)
		s.close()
		lost = time.Now()
		if ctx.Err() == nil {
			t.ledger.count("customers' streams broken")
		}
	}
}

// read takes events until the stream ends.
func (t *Talk) read(s *events) {
	since := time.Now()
	for {
		e, err := s.read()
		if err != nil {
			return
		}
		t.take(e, since)
	}
}

// renew asks for another token; where that fails the next request says so.
func (t *Talk) renew(ctx context.Context, d *door) {
	var out struct {
		Token string `json:"token"`
	}
	if _, err := d.c.call(ctx, d.base(), t.as(), "POST", "/v1/token", struct{}{}, &out); err == nil {
		t.renewed(out.Token)
	}
}

// message is one as the service sends it.
type message struct {
	ClientMsgID string `json:"client_msg_id"`
	Author      string `json:"author"`
	Text        string `json:"text"`
}

// take notes an event that was read.
func (t *Talk) take(e event, since time.Time) {
	if e.id == "" {
		return // a beat, or typing
	}
	seq, err := strconv.ParseInt(e.id, 10, 64)
	if err != nil {
		t.ledger.broken(ReaderGap, "%s: an event's id is %q", t.id, e.id)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case seq <= t.last:
		t.ledger.broken(ReaderGap, "%s: event %d comes again after %d", t.id, seq, t.last)
		return
	case seq != t.last+1:
		t.ledger.broken(ReaderGap, "%s: event %d comes after %d", t.id, seq, t.last)
	}
	t.last = seq
	t.ledger.count("events read")
	var err2 error
	switch e.name {
	case "message":
		err2 = t.takeMessage(e, since)
	case "owner":
		err2 = t.takeOwner(e)
	case "done", "error":
		var d struct {
			Turn string `json:"turn"`
		}
		err2 = json.Unmarshal(e.data, &d)
		if t.turns[d.Turn]++; t.turns[d.Turn] == 2 {
			t.ledger.broken(TurnEnds, "%s: turn %s ends twice", t.id, d.Turn)
		}
	}
	if err2 != nil {
		t.ledger.broken(BadAnswer, "%s: event %d cannot be read: %v", t.id, seq, err2)
	}
}

func (t *Talk) takeMessage(e event, since time.Time) error {
	var m message
	if err := json.Unmarshal(e.data, &m); err != nil {
		return err
	}
	name := nameOf(m.Text)
	switch m.Author {
	case "bot":
		if t.owner == "queue" || t.owner == "agent" {
			t.ledger.broken(BotSpoke, "%s: the assistant's message %s comes while the owner is %s", t.id, e.id, t.owner)
		}
	case "system":
		for _, ref := range reference.FindAllString(m.Text, -1) {
			t.told[ref] = true
		}
	case "agent":
		t.agents++
		t.stir()
		t.ledger.hears(TookToThem, name, since)
	}
	if name == "" {
		return nil
	}
	if t.heard[name]++; t.heard[name] == 2 {
		t.ledger.broken(LostMessage, "%s: the text %s is read twice", t.id, name)
	}
	return nil
}

func (t *Talk) takeOwner(e event) error {
	var o struct {
		Owner     string `json:"owner"`
		Reference string `json:"reference"`
	}
	if err := json.Unmarshal(e.data, &o); err != nil {
		return err
	}
	if o.Owner == "" {
		return errors.New("no owner")
	}
	t.owner = o.Owner
	if o.Reference != "" {
		t.told[o.Reference] = true
	}
	t.stir()
	return nil
}

// stir wakes whoever waits for the talk to move on.
func (t *Talk) stir() {
	close(t.moved)
	t.moved = make(chan struct{})
}
