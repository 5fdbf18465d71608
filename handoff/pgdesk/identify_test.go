package pgdesk

import (
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
)

// who keeps whom packets were made for.
type who struct{ made []packet.Input }

func (w *who) Make(in packet.Input) packet.Packet {
	w.made = append(w.made, in)
	return packet.Packet{Version: packet.Version}
}

func TestIdentify_EveryOpenCaseSeesWhoItIs(t *testing.T) {
	t.Parallel()
	s, p := scenery(t), &who{}
	s.desk = s.another(t, func(d *Deps) { d.Packer = p })
	key, visitor := s.conversation(t, s.site)
	both := s.opened(t, key, visitor, seen(handoff.Triage{Desk: "service"}), func(r *handoff.Request) { r.Second = &handoff.Triage{Desk: "support"} })
	if both.Second == nil {
		t.Fatal("no case of the second matter")
	}
	first := both.Case
	c, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: first.ID})
	if err != nil {
		t.Fatal(err)
	}
	var cursor string
	collect(t, s.desk, s.site, &cursor)
	p.made = nil

	ada := convo.Claim{Visitor: visitor, Identity: convo.Identity{Subject: "customer-7", Name: "Ada", Email: "ada@example.org", JTI: "1", Expires: s.clock.now().Add(time.Minute)}}
	now, err := s.desk.Identify(t.Context(), key, ada, "en")
	if err != nil || now == visitor || now != s.visitorOf(t, key) {
		t.Fatalf("%v: %s is %s now", err, visitor, now)
	}
	if len(p.made) != 2 {
		t.Fatalf("%d packets were made anew", len(p.made))
	}
	for _, in := range p.made {
		if in.Identity == nil || !in.Identity.Signed || in.Identity.Name != "Ada" || in.Identity.Visitor != now {
			t.Errorf("the packet says %+v", in.Identity)
		}
	}
	for _, id := range []convo.ID{first.ID, both.Second.ID} {
		kinds := s.kinds(t, id)
		if kinds[len(kinds)-1] != handoff.CaseIdentified {
			t.Errorf("the log of %s has %v", id, kinds)
		}
	}
	if told := collect(t, s.desk, s.site, &cursor); len(told) != 2 || told[0] != handoff.CaseIdentified {
		t.Errorf("the consoles are told %v", told)
	}
	// Nothing else of the case has moved: who works on it goes on.
	after := s.read(t, c.ID)
	if after.Version != c.Version || after.State != handoff.Claimed || s.owner(t, key) != convo.OwnerAgent {
		t.Errorf("%+v", after)
	}

	bo := ada
	bo.Visitor, bo.Identity.Subject, bo.Identity.JTI = now, "customer-8", "2"
	if _, err := s.desk.Identify(t.Context(), key, bo, "en"); err == nil || s.visitorOf(t, key) != now {
		t.Errorf("%v: another customer has it", err)
	}
	if _, err := s.desk.Identify(t.Context(), convo.Key{Site: s.site, ID: bot.NewID()}, bo, "en"); err == nil {
		t.Error("a conversation that is not there")
	}
}
