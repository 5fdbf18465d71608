package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// How much there is to do at the desk of this benchmark.
const (
	deskSite   = "handoff"
	deskQueues = 50
	deskAgents = 1000 // over the queues
	deskRate   = 200  // handoffs a second
	talkRate   = 100  // messages a second
	liveTalks  = 2000
	claimers   = 200
	lineLength = 10_000
	deskProcs  = 2 // processes of the service on one database
)

// handoff measures the desk: two processes of the service on one database,
// agents with their streams, customers who press the button and write.
func (b *bench) handoff(ctx context.Context) error {
	s := b.report.section("Handoff", fmt.Sprintf("%d processes of `frontdesk serve` on one database, customers and agents over HTTP, each agent with an event stream and a presence that is renewed as a page does it; all of it, and the players, on the same cores. A press or a message counts from the moment it was due, so that a player that comes late makes it slower. What the desk is asked for directly, without HTTP, is said.", deskProcs))
	w, err := b.newDeskWorld(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	for _, step := range []struct {
		name string
		run  func(context.Context, *section, *deskWorld) error
	}{{"memory", b.agentMemory}, {"button", b.button}, {"exchange", b.exchange}, {"list", b.lines}, {"claims", b.claims}} {
		if b.o.desk != "" && !slices.Contains(strings.Split(b.o.desk, ","), step.name) {
			continue
		}
		if err := step.run(ctx, s, w); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// serveDesk starts the processes.
func (b *bench) serveDesk(ctx context.Context) (servers, error) {
	var list servers
	for range deskProcs {
		srv, err := b.prog.serve(ctx, serveArgs...)
		if err != nil {
			return nil, errors.Join(err, list.stop())
		}
		list = append(list, srv)
	}
	return list, nil
}

// servers are the processes of one service.
type servers []*server

func (s servers) stop() error {
	var errs []error
	for _, one := range s {
		errs = append(errs, one.stop())
	}
	return errors.Join(errs...)
}

func (s servers) base(i int) string { return s[i%len(s)].base }

// spent is the processor time of all of them.
func (s servers) spent() (d time.Duration, err error) {
	for _, one := range s {
		t, err := processorTime(one.pid)
		if err != nil {
			return 0, err
		}
		d += t
	}
	return d, nil
}

func (s servers) resident() (n int64, err error) {
	for _, one := range s {
		r, err := resident(one.pid)
		if err != nil {
			return 0, err
		}
		n += r
	}
	return n, nil
}

// meter is what was spent between two moments, by who spent it.
type meter struct {
	w      *deskWorld
	srv    servers
	before spent
	at     time.Time
}

// newMeter begins one; without servers what they spend counts as nothing.
func (w *deskWorld) newMeter(ctx context.Context, srv servers) (*meter, error) {
	m := &meter{w: w, srv: srv, at: time.Now()}
	var err error
	m.before, err = m.now(ctx)
	return m, err
}

func (m *meter) now(ctx context.Context) (spent, error) {
	s, err := measureSpent(ctx, m.w.conn, os.Getpid())
	if err != nil {
		return s, err
	}
	s.server, err = m.srv.spent()
	return s, err
}

// each is what n things cost since the meter began.
func (m *meter) each(ctx context.Context, n int) (string, error) {
	after, err := m.now(ctx)
	if err != nil || n == 0 {
		return "", err
	}
	busy := (after.server - m.before.server + after.postgres - m.before.postgres + after.self - m.before.self).Seconds() / time.Since(m.at).Seconds()
	return fmt.Sprintf("%s; %.2f cores busy with it", after.since(m.before, n), busy), nil
}
