package pgdesk

import (
	"testing"
	"time"

	"frontdesk/handoff"
)

func TestReturns_OfACaseThatWasClosedAsSilent(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	returns := func(c handoff.Case, want bool, when string) {
		t.Helper()
		if got, err := p.desk.Returns(t.Context(), c.Conversation); err != nil || got != want {
			t.Errorf("%s: %v, %v", when, got, err)
		}
	}
	c := p.waiting(t)
	returns(c, false, "waiting")
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Which colour is the light?")
	p.pass(t, 73*time.Hour)
	if now := p.read(t, c.ID); now.Ended != handoff.NoReply {
		t.Fatalf("%s", now.Ended)
	}
	returns(c, true, "closed as silent")
	p.pass(t, 73*time.Hour)
	returns(c, false, "too long ago")
	d := p.closed(t)
	returns(d, false, "solved")
}
