package handoff

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
)

func TestCase_MovesAndRefuses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	mara, omar := uuid.New(), uuid.New()
	states := map[string]Case{
		"waiting": {State: Waiting, Version: 1, DueFirst: now},
		"offered": {State: Waiting, Version: 1, DueFirst: now, OfferedTo: omar, OfferedUntil: now.Add(time.Second)},
		"mara's":  {State: Claimed, Version: 1, Agent: mara, AgentName: "Mara"},
		"closed":  {State: Closed, Version: 1, Ended: Solved, ClosedAt: now},
	}
	moves := map[string]func(c *Case) error{
		"take":    func(c *Case) error { _, err := c.Take(mara, "Mara", false, now); return err },
		"take it": func(c *Case) error { _, err := c.Take(omar, "Omar", false, now); return err },
		"lead":    func(c *Case) error { _, err := c.Take(mara, "Mara", true, now); return err },
		"drop":    func(c *Case) error { return c.Drop("sales", now) },
		"pass":    func(c *Case) error { return c.Pass(omar, "Omar", now) },
		"to self": func(c *Case) error { return c.Pass(mara, "Mara", now) },
		"sleep":   func(c *Case) error { return c.Sleep(now.Add(time.Hour), now) },
		"end":     func(c *Case) error { return c.End(Solved, now) },
		"resume":  func(c *Case) error { return c.Resume(now, now) },
	}
	for _, x := range []struct {
		state, move string
		err         error
		to          State
		version     int64
	}{
		{"waiting", "take", nil, Claimed, 2},
		{"waiting", "drop", nil, Waiting, 2},
		{"waiting", "pass", nil, Claimed, 2},
		{"waiting", "sleep", ErrNotHeld, Waiting, 1},
		{"waiting", "end", nil, Closed, 2},
		{"waiting", "resume", ErrOpen, Waiting, 1},
		{"offered", "take", ErrOffered, Waiting, 1},
		{"offered", "take it", nil, Claimed, 2},
		{"offered", "lead", nil, Claimed, 2},
		{"mara's", "take", nil, Claimed, 1},
		{"mara's", "take it", ErrTaken, Claimed, 1},
		{"mara's", "drop", nil, Waiting, 2},
		{"mara's", "pass", nil, Claimed, 2},
		{"mara's", "to self", ErrSelf, Claimed, 1},
		{"mara's", "sleep", nil, Claimed, 2},
		{"mara's", "end", nil, Closed, 2},
		{"mara's", "resume", ErrOpen, Claimed, 1},
		{"closed", "take", ErrClosed, Closed, 1},
		{"closed", "drop", ErrClosed, Closed, 1},
		{"closed", "pass", ErrClosed, Closed, 1},
		{"closed", "sleep", ErrClosed, Closed, 1},
		{"closed", "end", ErrClosed, Closed, 1},
		{"closed", "resume", nil, Waiting, 2},
	} {
		c := states[x.state]
		if err := moves[x.move](&c); !errors.Is(err, x.err) || c.State != x.to || c.Version != x.version {
			t.Errorf("%s, %s: %v, %s, version %d", x.state, x.move, err, c.State, c.Version)
		}
		if (c.State == Claimed) != (c.Agent != convo.ID{}) && c.State != Closed {
			t.Errorf("%s, %s: %s with agent %s", x.state, x.move, c.State, c.Agent)
		}
	}
}

func TestCase_ComesBackWithinItsTime(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, x := range map[string]struct {
		c    Case
		q    Queue
		want bool
	}{
		"yesterday":       {Case{State: Closed, Ended: Solved, ClosedAt: now.Add(-24 * time.Hour)}, Queue{}, true},
		"last week":       {Case{State: Closed, Ended: Solved, ClosedAt: now.Add(-7 * 24 * time.Hour)}, Queue{}, false},
		"a longer time":   {Case{State: Closed, Ended: Solved, ClosedAt: now.Add(-7 * 24 * time.Hour)}, Queue{ReopenS: 30 * 86400}, true},
		"never":           {Case{State: Closed, Ended: Solved, ClosedAt: now.Add(-time.Second)}, Queue{ReopenS: -1}, false},
		"spam":            {Case{State: Closed, Ended: Spam, ClosedAt: now}, Queue{}, false},
		"cancelled":       {Case{State: Closed, Ended: Cancelled, ClosedAt: now}, Queue{}, false},
		"merged":          {Case{State: Closed, Ended: MergedInto, Link: Merged, ClosedAt: now}, Queue{}, false},
		"not closed":      {Case{State: Waiting}, Queue{}, false},
		"there was none":  {Case{}, Queue{}, false},
		"silent customer": {Case{State: Closed, Ended: NoReply, ClosedAt: now}, Queue{}, true},
	} {
		if got := x.c.Within(x.q, now); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPriority_PutsNobodyOffForEver(t *testing.T) {
	t.Parallel()
	const target = 10 * time.Minute
	if Urgent.Within(target) >= High.Within(target) || High.Within(target) >= Normal.Within(target) || Normal.Within(target) >= Low.Within(target) {
		t.Error("not in order")
	}
	for _, p := range []Priority{Low, Normal, High, Urgent} {
		b, err := p.MarshalText()
		var got Priority
		if err != nil || got.UnmarshalText(b) != nil || got != p {
			t.Errorf("%v is written %q and read %v", p, b, got)
		}
	}
	if _, err := ParsePriority("now"); !errors.Is(err, ErrPriority) {
		t.Errorf("got %v", err)
	}
}
