package loadgen

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// customer is a player who has one talk after another, as a visitor of their own
// each time.
type customer struct {
	load *Load
	no   int
	rng  *rand.Rand
	door *door // of requests; a reader has its own
	talk int
	text int
}

// play has talks until ctx ends, and then finishes the one that is under way.
func (p *customer) play(ctx, patience context.Context) {
	// Not all at once: within one thought of the beginning.
	if !pause(ctx, time.Duration(p.rng.Int64N(int64(p.load.think)+1))) {
		return
	}
	for ctx.Err() == nil {
		p.talk++
		p.one(ctx, patience)
	}
}

// one is one talk. What was begun when ctx ends is brought to its answer within
// patience.
func (p *customer) one(ctx, patience context.Context) {
	t := p.open(patience)
	if t == nil {
		return
	}
	var reading sync.WaitGroup
	leave := func() {}
	come := func() {
		ctx, cancel := context.WithCancel(patience)
		reading.Go(func() { t.follow(ctx, &door{c: p.load.client, at: p.rng.IntN(len(p.load.cfg.URLs))}) })
		leave = func() { cancel(); reading.Wait() }
	}
	come()
	defer func() { leave() }()
	p.script(ctx, patience, t, func() { leave() }, come)
	p.catchUp(patience, t)
}

// catchUp stays until its reader has what the conversation has.
func (p *customer) catchUp(ctx context.Context, t *Talk) {
	var v view
	if _, err := p.door.insist(ctx, t.as, "GET", "/v1/conversations/"+t.id+"?limit=1", nil, &v); err != nil {
		return // asked for again at the end
	}
	deadline := time.Now().Add(p.load.cfg.Patience)
	for t.Last() < v.LastEvent && time.Now().Before(deadline) {
		if !pause(ctx, 10*time.Millisecond) {
			return
		}
	}
	if last := t.Last(); last < v.LastEvent && ctx.Err() == nil {
		p.load.ledger.broken(ReaderGap, "%s: its reader has %d of %d events after %s", t.id, last, v.LastEvent, p.load.cfg.Patience)
	}
}

// think is a while that follows from the seed; false: ctx ended.
func (p *customer) think(ctx context.Context) bool {
	return pause(ctx, time.Duration(p.rng.ExpFloat64()*float64(p.load.think)))
}

// chance is true so often, of 100.
func (p *customer) chance(percent int) bool { return p.rng.IntN(100) < percent }

// script is what a customer does in one talk.
func (p *customer) script(ctx, patience context.Context, t *Talk, leave, come func()) {
	mix := p.load.cfg.Mix
	for range 1 + p.rng.IntN(2) {
		p.write(patience, t, questions)
		if !p.think(ctx) {
			return
		}
	}
	if !p.chance(mix.Press) {
		return
	}
	if p.chance(mix.Hasty) { // presses while the assistant is at work
		var asking sync.WaitGroup
		s := p.say(t, questions)
		d := *p.door
		asking.Go(func() { p.send(patience, t, &d, s) })
		_ = pause(ctx, time.Duration(p.rng.Int64N(int64(20*time.Millisecond))))
		p.press(patience, t)
		asking.Wait()
	} else {
		p.press(patience, t)
	}
	for range p.rng.IntN(3) {
		if !p.think(ctx) {
			return
		}
		p.write(patience, t, waiting)
	}
	if p.chance(mix.Leave) {
		leave()
		if !p.think(ctx) {
			come()
			return
		}
		come()
	}
	p.withPerson(ctx, patience, t)
}

// withPerson waits for somebody, and answers them a few times.
func (p *customer) withPerson(ctx, patience context.Context, t *Talk) {
	waits, cancel := context.WithTimeout(ctx, time.Duration(p.load.cfg.Mix.Waits)*p.load.think)
	defer cancel()
	for n := range 1 + p.rng.IntN(3) {
		for {
			owner, agents, moved := t.state()
			if agents > n {
				break
			}
			if owner == "bot" && n > 0 { // it is closed
				return
			}
			select {
			case <-moved:
			case <-waits.Done():
				return
			}
		}
		p.write(patience, t, answers)
		if !p.think(ctx) {
			return
		}
	}
}

// open begins a conversation.
func (p *customer) open(ctx context.Context) *Talk {
	var out struct {
		Conversation string `json:"conversation"`
		Token        string `json:"token"`
	}
	in := map[string]string{}
	if p.load.cfg.Site != "" {
		in["site"] = p.load.cfg.Site
	}
	if _, err := p.door.insist(ctx, func() who { return who{} }, "POST", "/v1/conversations", in, &out); err != nil {
		p.load.refusal("begin a conversation", err)
		return nil
	}
	t := newTalk(p.load.ledger, out.Conversation, out.Token)
	p.load.ledger.begin(t)
	p.text = 0
	return t
}

// say makes a text of the talk and notes it.
func (p *customer) say(t *Talk, from []string) *Said {
	p.text++
	name := fmt.Sprintf("c%d.%d.%d", p.no, p.talk, p.text)
	s := &Said{Name: name, Text: from[p.rng.IntN(len(from))] + " [" + name + "]", Talk: t.id, At: time.Now()}
	t.writes(s)
	return s
}

func (p *customer) write(ctx context.Context, t *Talk, from []string) {
	s := p.say(t, from)
	if !p.chance(p.load.cfg.Mix.Twice) {
		p.send(ctx, t, p.door, s)
		return
	}
	// A hasty finger, or a page that was not sure: the same message twice.
	var other sync.WaitGroup
	d := *p.door
	d.at++
	other.Go(func() { p.send(ctx, t, &d, s) })
	p.send(ctx, t, p.door, s)
	other.Wait()
}

// send sends a text until it is answered.
func (p *customer) send(ctx context.Context, t *Talk, d *door, s *Said) {
	var out struct {
		Turn    string `json:"turn"`
		Outcome string `json:"outcome"`
	}
	began := time.Now()
	err := p.insist(ctx, t, d, "/messages", map[string]string{"client_msg_id": s.Name, "text": s.Text}, &out)
	if err != nil {
		p.load.refusal("write a message", err)
		return
	}
	t.taken(s)
	p.load.ledger.count("turns: " + out.Outcome)
	if out.Outcome == "relayed" {
		p.load.ledger.times.Add(TookRelay, time.Since(began))
	} else {
		p.load.ledger.times.Add(TookAnswer, time.Since(began))
	}
}

// press is the button.
func (p *customer) press(ctx context.Context, t *Talk) {
	var out struct {
		Case      string `json:"case"`
		Reference string `json:"reference"`
	}
	began := time.Now()
	if err := p.insist(ctx, t, p.door, "/human", map[string]string{"reason": "asked"}, &out); err != nil {
		p.load.refusal("press the button", err)
		return
	}
	p.load.ledger.times.Add(TookButton, time.Since(began))
	p.load.ledger.count("presses")
	t.tellReference(out.Reference)
	p.load.ledger.pressed(out.Case, began)
}

// insist is door.insist with a token that is renewed where it ran out.
func (p *customer) insist(ctx context.Context, t *Talk, d *door, what string, in, out any) error {
	for range 2 {
		_, err := d.insist(ctx, t.as, "POST", "/v1/conversations/"+t.id+what, in, out)
		if r := refused(err); r == nil || r.Status != 401 {
			return err
		}
		t.renew(ctx, d)
	}
	_, err := d.insist(ctx, t.as, "POST", "/v1/conversations/"+t.id+what, in, out)
	return err
}

// view is a conversation as its customer asks for it.
type view struct {
	Owner     string    `json:"owner"`
	Queue     string    `json:"queue"`
	LastEvent int64     `json:"last_event"`
	Messages  []message `json:"messages"`
	Earlier   string    `json:"earlier"`
}
