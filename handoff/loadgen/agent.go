package loadgen

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// Login lets one agent in.
type Login struct{ Email, Password string }

// agent is a player who works at the desk: takes a case, answers, passes it on
// or closes it, and takes the next one.
type agent struct {
	load  *Load
	no    int
	rng   *rand.Rand
	login Login
	door  *door
	text  int

	mu     sync.Mutex
	cookie string
	desk   *desk
}

func (p *agent) as() who {
	p.mu.Lock()
	defer p.mu.Unlock()
	return who{cookie: p.cookie, desk: true}
}

// signIn comes in, however long that takes.
func (p *agent) signIn(ctx context.Context) error {
	in := map[string]string{"email": p.login.Email, "password": p.login.Password}
	if p.load.cfg.Site != "" {
		in["site"] = p.load.cfg.Site
	}
	cookies, err := p.door.insist(ctx, func() who { return who{desk: true} }, "POST", deskPath+"/login", in, nil)
	if err != nil {
		return fmt.Errorf("agent %d signs in: %w", p.no+1, err)
	}
	var parts []string
	for _, c := range cookies {
		parts = append(parts, c.Name+"="+c.Value)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cookie = strings.Join(parts, "; ")
	return nil
}

// sit opens the desk's page.
func (p *agent) sit(ctx context.Context) error {
	if err := p.signIn(ctx); err != nil {
		return err
	}
	d := newDesk(p.load, p.no, p.as, &door{c: p.load.client, at: p.door.at})
	if err := d.start(ctx); err != nil {
		return fmt.Errorf("agent %d opens the desk: %w", p.no+1, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.desk = d
	return nil
}

// follow reads the desk's stream until ctx ends, and signs in again where the
// session ended.
func (p *agent) follow(ctx context.Context) {
	for ctx.Err() == nil {
		p.desk.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		p.load.ledger.count("sessions over")
		if p.signIn(ctx) != nil {
			return
		}
	}
}

// play works until ctx ends; the last answer is waited for within patience.
func (p *agent) play(ctx, patience context.Context) {
	for ctx.Err() == nil {
		id, own, changed := p.desk.next()
		switch {
		case own:
			p.work(ctx, patience, id)
		case id != "":
			if p.claim(patience, id) {
				p.work(ctx, patience, id)
			}
		default:
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
	}
}

// change asks for a change of a case; ok: it is done.
func (p *agent) change(ctx context.Context, id, what string, in map[string]any) (r row, err error) {
	if in == nil {
		in = map[string]any{}
	}
	var out struct {
		Case row `json:"case"`
	}
	_, err = p.door.insist(ctx, p.as, "POST", deskPath+"/cases/"+id+"/"+what, in, &out)
	if refused(err) != nil && refused(err).Status == 401 {
		_ = p.signIn(ctx) // the next thing goes well
	}
	if err == nil && out.Case.ID != "" {
		p.desk.mu.Lock()
		p.desk.put(out.Case)
		p.desk.mu.Unlock()
	}
	return out.Case, err
}

// claim wants a case, as everybody does who is free.
func (p *agent) claim(ctx context.Context, id string) bool {
	began := time.Now()
	r, err := p.change(ctx, id, "claim", nil)
	if err != nil {
		p.load.refusal("claim", err)
		p.desk.forget(id)
		return false
	}
	p.load.ledger.times.Add(TookClaim, time.Since(began))
	p.desk.mu.Lock()
	me := p.desk.me
	p.desk.mu.Unlock()
	p.load.ledger.claimed(Claim{Case: id, Agent: me, Version: r.Version, At: time.Now()})
	return true
}

func (p *agent) chance(percent int) bool { return p.rng.IntN(100) < percent }

// work is one case from reading it to what becomes of it.
func (p *agent) work(ctx, patience context.Context, id string) {
	if err := p.desk.openUp(patience, p.door, id); err != nil {
		p.load.refusal("open a case", err)
		p.lost(id)
		return
	}
	defer p.desk.leaveCase()
	for n := range 1 + p.rng.IntN(3) {
		if !p.think(ctx) {
			return
		}
		if err := p.reply(patience, id); err != nil {
			if r := refused(err); r != nil && r.Code == "case_second" {
				break // its customer is being helped with the other matter
			}
			p.lost(id)
			return
		}
		waits, cancel := context.WithTimeout(ctx, 2*p.load.think)
		heard := p.desk.heardOf(waits, n)
		cancel()
		if !heard {
			break
		}
	}
	p.desk.checkOpen(patience, p.door)
	if ctx.Err() == nil {
		p.finish(patience, id)
	}
}

// lost reads anew what became of a case that is not theirs after all.
func (p *agent) lost(id string) {
	p.desk.mu.Lock()
	defer p.desk.mu.Unlock()
	if r, ok := p.desk.rows[id]; ok && r.Agent == p.desk.me {
		r.Agent = "" // until the stream says whose it is
		p.desk.rows[id] = r
	}
}

func (p *agent) think(ctx context.Context) bool {
	return pause(ctx, time.Duration(p.rng.ExpFloat64()*float64(p.load.think)/4))
}

// reply says something to the customer.
func (p *agent) reply(ctx context.Context, id string) error {
	p.text++
	name := fmt.Sprintf("a%d.%d", p.no, p.text)
	s := &Said{Name: name, Text: replies[p.rng.IntN(len(replies))] + " [" + name + "]", Case: id, At: time.Now()}
	p.load.ledger.writes(s)
	in := map[string]any{"client_msg_id": name, "text": s.Text}
	began := time.Now()
	_, err := p.door.insist(ctx, p.as, "POST", deskPath+"/cases/"+id+"/replies", in, nil)
	if err != nil {
		p.load.refusal("reply", err)
		return err
	}
	p.load.ledger.taken(s)
	p.load.ledger.times.Add(TookReply, time.Since(began))
	p.load.ledger.count("replies")
	if p.chance(p.load.cfg.Mix.Twice) { // a page that was not sure
		_, err = p.door.insist(ctx, p.as, "POST", deskPath+"/cases/"+id+"/replies", in, nil)
		p.load.refusal("reply again", err)
	}
	return nil
}

// finish is what becomes of a case.
func (p *agent) finish(ctx context.Context, id string) {
	mix := p.load.cfg.Mix
	why := reasons[p.rng.IntN(len(reasons))]
	what, in := "close", map[string]any{"ended": "solved", "memo": "Dealt with."}
	switch n := p.rng.IntN(100); {
	case n < mix.Transfer:
		p.desk.mu.Lock()
		to := p.desk.queues[p.rng.IntN(len(p.desk.queues))]
		p.desk.mu.Unlock()
		what, in = "transfer", map[string]any{"queue": to, "why": why}
	case n < mix.Transfer+mix.Release:
		what, in = "release", map[string]any{"why": why}
	case n < mix.Transfer+mix.Release+mix.Escalate:
		what, in = "escalate", map[string]any{"why": why}
	}
	_, err := p.change(ctx, id, what, in)
	if err != nil && what != "close" { // nobody works there, or it is at the top
		p.load.refusal(what, err)
		what = "close"
		_, err = p.change(ctx, id, what, map[string]any{"ended": "workaround"})
	}
	if err != nil {
		p.load.refusal(what, err)
		p.lost(id)
		return
	}
	p.load.ledger.count("cases: " + what)
}
