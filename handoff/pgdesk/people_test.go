package pgdesk

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

func TestPresence_IsALeaseThatEndsByItself(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.online(t, s.mara)
	began := s.clock.now()
	cursor := ""
	collect(t, s.desk, s.site, &cursor)
	for range 20 { // a page that beats each second, and one that reloads
		s.clock.pass(time.Second)
		if _, err := s.desk.Beat(t.Context(), s.mara, ""); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.desk.Present(t.Context(), s.site)
	if err != nil || len(list) != 1 || list[0].Name != "Mara" || list[0].Status != handoff.Online || !list[0].Since.Equal(began) {
		t.Errorf("%+v, %v", list, err)
	}
	if got := collect(t, s.desk, s.site, &cursor); got != nil {
		t.Errorf("beats are no news: %v", got)
	}
	s.clock.pass(31 * time.Second)
	if list, err := s.desk.Present(t.Context(), s.site); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if p, err := s.desk.Beat(t.Context(), s.mara, handoff.Break); err != nil || p.Status != handoff.Break {
		t.Errorf("%+v, %v", p, err)
	}
	if err := s.desk.Leave(t.Context(), s.mara); err != nil {
		t.Fatal(err)
	}
	if list, err := s.desk.Present(t.Context(), s.site); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if got := fmt.Sprint(collect(t, s.desk, s.site, &cursor)); got != "[presence presence]" {
		t.Errorf("news %s", got)
	}
	_, err = s.desk.Beat(t.Context(), s.mara, "dancing")
	wantErr(t, "no such status", err, handoff.ErrStatus)
	_, err = s.desk.Beat(t.Context(), handoff.Actor{Site: s.site, Agent: bot.NewID()}, "")
	wantErr(t, "nobody", err, handoff.ErrNoAgent)
}

func TestSetAgent_WhoLeavesLeavesTheirCases(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	first, second := s.held(t, s.mara), s.held(t, s.mara)
	_, err := s.desk.SetAgent(t.Context(), s.lea, handoff.Agent{ID: s.mara.Agent, Email: "mara@shop.example", Name: "Mara", Role: handoff.RoleAgent})
	wantErr(t, "a lead", err, handoff.ErrForbidden)
	g, err := s.desk.SetAgent(t.Context(), s.root, handoff.Agent{ID: s.mara.Agent, Email: "Mara@shop.example", Name: "Mara", Role: handoff.RoleAgent, Disabled: true})
	if err != nil || !g.Disabled || g.Email != "mara@shop.example" || g.Cases != 0 {
		t.Fatalf("%+v, %v", g, err)
	}
	for _, c := range []handoff.Case{first, second} {
		if got := s.read(t, c.ID); got.State != handoff.Waiting || s.owner(t, c.Conversation) != convo.OwnerQueue {
			t.Errorf("%+v", got)
		}
	}
	_, err = s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: first.ID})
	wantErr(t, "a disabled one claims", err, handoff.ErrForbidden)
	_, err = s.desk.AddAgent(t.Context(), s.root, handoff.Agent{Email: "OMAR@shop.example", Name: "Another", Role: handoff.RoleAgent})
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("an address twice: %v", err)
	}
	for _, g := range []handoff.Agent{{Email: "x", Name: "X", Role: handoff.RoleAgent}, {Email: "x@y.example", Role: handoff.RoleAgent}, {Email: "x@y.example", Name: "X", Role: "king"}, {Email: "x@y.example", Name: "X", Role: handoff.RoleAgent, Capacity: -1}} {
		if _, err := s.desk.AddAgent(t.Context(), s.root, g); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", g, err)
		}
	}
}

func TestForsaken_GoesBackWhenItsCustomerWaits(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.online(t, s.mara)
	waits, quiet := s.held(t, s.mara), s.held(t, s.mara)
	if _, err := s.desk.Reply(t.Context(), s.mara, handoff.Target{Case: quiet.ID}, handoff.Reply{ClientMsgID: "1", Text: "Done"}); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(5*time.Minute + 29*time.Second)
	if err := s.desk.GiveBackForsaken(t.Context()); err != nil || s.read(t, waits.ID).State != handoff.Claimed {
		t.Errorf("too early: %v", err)
	}
	s.clock.pass(2 * time.Second)
	if err := s.desk.GiveBackForsaken(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.read(t, waits.ID); got.State != handoff.Waiting || !got.WaitsSince.Equal(waits.WaitsSince) {
		t.Errorf("%+v", got)
	}
	if got := s.read(t, quiet.ID); got.State != handoff.Claimed {
		t.Errorf("nobody waits there: %+v", got)
	}
	s.writes(t, quiet.Conversation, "Are you sure?")
	s.clock.pass(6 * time.Minute)
	if err := s.desk.GiveBackForsaken(t.Context()); err != nil || s.read(t, quiet.ID).State != handoff.Waiting {
		t.Errorf("the customer waits by now: %v", err)
	}
}

func TestDistribute_AsksTheBestAndMovesOn(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	other := s.another(t, func(*Deps) {})
	push := handoff.Queue{Queue: "service", Name: "Service", Distribution: handoff.ByPush, Skills: []string{"returns"}}
	if err := s.desk.SetQueue(t.Context(), s.lea, push); err != nil {
		t.Fatal(err)
	}
	tara, err := s.desk.AddAgent(t.Context(), s.root, handoff.Agent{Email: "tara@shop.example", Name: "Tara", Role: handoff.RoleAgent, Capacity: 5, Skills: []string{"returns"}, Languages: []string{"de", "en"}})
	if err != nil {
		t.Fatal(err)
	}
	skilled := handoff.Actor{Site: s.site, Agent: tara.ID, Name: "Tara", Role: handoff.RoleAgent}
	c := s.waiting(t)
	step := func() handoff.Case {
		t.Helper()
		for _, d := range []*Desk{s.desk, other} {
			if err := d.Distribute(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return s.read(t, c.ID)
	}
	if got := step(); got.OfferedTo != (convo.ID{}) {
		t.Errorf("nobody is there, and %s is asked", got.OfferedTo)
	}
	s.online(t, s.mara, s.omar, skilled)
	if _, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: s.waiting(t).ID}); err != nil { // Mara is busier than Omar
		t.Fatal(err)
	}
	if got := step(); got.OfferedTo != tara.ID || !got.OfferedUntil.Equal(s.clock.now().Add(30*time.Second)) || got.Version != c.Version {
		t.Errorf("the one with the skill: %+v", got)
	}
	_, err = s.desk.Claim(t.Context(), s.omar, handoff.Target{Case: c.ID})
	wantErr(t, "not asked", err, handoff.ErrOffered)
	if got := step(); got.OfferedTo != tara.ID {
		t.Error("it moved on before its time")
	}
	s.clock.pass(20 * time.Second)
	s.online(t, s.mara, s.omar, skilled)
	s.clock.pass(10 * time.Second)
	if got := step(); got.OfferedTo != s.omar.Agent {
		t.Errorf("then the one with more room: %v", got.OfferedTo)
	}
	s.clock.pass(15 * time.Second)
	s.online(t, s.mara, s.omar, skilled)
	s.clock.pass(15 * time.Second)
	if got := step(); got.OfferedTo != s.mara.Agent {
		t.Errorf("then the last: %v", got.OfferedTo)
	}
	s.clock.pass(15 * time.Second)
	s.online(t, s.mara, s.omar, skilled)
	s.clock.pass(15 * time.Second)
	if got := step(); got.OfferedTo != tara.ID {
		t.Errorf("and round again: %v", got.OfferedTo)
	}
	if got, err := s.desk.Claim(t.Context(), skilled, handoff.Target{Case: c.ID}); err != nil || got.OfferedTo != (convo.ID{}) {
		t.Errorf("%+v, %v", got, err)
	}
	want := "[opened offered passed offered passed offered passed offered claimed]"
	if got := fmt.Sprint(s.kinds(t, c.ID)); got != want {
		t.Errorf("log %s", got)
	}
}

func TestChoose_SkillThenLoadThenWhoSpokeLast(t *testing.T) {
	t.Parallel()
	who := func(name byte, load, capacity int, skills ...string) *candidate {
		g := handoff.Agent{ID: convo.ID{name}, Load: load, Capacity: capacity, Skills: skills, Status: handoff.Online}
		return &candidate{Agent: g, free: g.Free()}
	}
	q, c := handoff.Queue{Queue: "support", Skills: []string{"pumps"}}, handoff.Case{Queue: "support", Language: "de"}
	for _, x := range []struct {
		name   string
		people []*candidate
		passed []convo.ID
		spoke  byte
		want   byte
	}{
		{"nobody", nil, nil, 0, 0},
		{"skill before load", []*candidate{who(1, 0, 5), who(2, 4, 5, "Pumps")}, nil, 1, 2},
		{"load by capacity", []*candidate{who(1, 2, 4), who(2, 3, 10)}, nil, 1, 2},
		{"who spoke last", []*candidate{who(1, 1, 5), who(2, 1, 5)}, nil, 2, 2},
		{"not who passed", []*candidate{who(1, 0, 5), who(2, 1, 5)}, []convo.ID{{1}}, 1, 2},
		{"no room", []*candidate{who(1, 5, 5), who(2, 0, 0)}, nil, 0, 0},
		{"everything equal", []*candidate{who(2, 1, 5), who(1, 1, 5)}, nil, 0, 1},
	} {
		got := byte(0)
		if best := choose(q, c, x.people, x.passed, convo.ID{x.spoke}); best != nil {
			got = best.ID[0]
		}
		if got != x.want {
			t.Errorf("%s: %d, want %d", x.name, got, x.want)
		}
	}
	pl := who(2, 0, 5)
	pl.Languages = []string{"pl"}
	if got := choose(q, c, []*candidate{pl, who(3, 4, 5)}, nil, convo.ID{}); got.ID[0] != 3 {
		t.Error("somebody without the language goes first")
	}
}

func TestQueues_AreChangedAndRemovedSanely(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	other := s.another(t, func(*Deps) {})
	c := s.waiting(t, seen(handoff.Triage{Desk: "both"})) // sales
	held := s.held(t, s.mara, seen(handoff.Triage{Desk: "both"}))
	if err := s.desk.SetQueue(t.Context(), s.mara, handoff.Queue{Queue: "vip", Name: "VIP"}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an agent: %v", err)
	}
	for _, q := range []handoff.Queue{
		{Queue: "Bad Name", Name: "x"},
		{Queue: "a"},
		{Queue: "a", Name: "A", Desk: "none"},
		{Queue: "a", Name: "A", Overflow: []string{"nowhere"}},
		{Queue: "a", Name: "A", Overflow: []string{"a"}},
		{Queue: "a", Name: "A", FirstReplyS: -1},
		{Queue: "a", Name: "A", Distribution: "lottery"},
		{Queue: "a", Name: "A", Hours: []byte(`{"week":{"someday":["09:00-10:00"]}}`)},
		{Queue: "service", Name: "Service", Closed: true},
	} {
		if err := s.desk.SetQueue(t.Context(), s.lea, q); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if err := s.desk.SetQueue(t.Context(), s.lea, handoff.Queue{Queue: "vip", Name: "VIP", FirstReplyS: 60, Hours: []byte(`{"never":true}`)}); err != nil {
		t.Fatal(err)
	}
	routes := []handoff.Route{{Group: []string{"gold"}, Queue: "vip", Priority: handoff.High}}
	if err := s.desk.SetRoutes(t.Context(), s.lea, append(routes, handoff.Route{Queue: "nowhere"})); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a route to nowhere: %v", err)
	}
	if err := s.desk.SetRoutes(t.Context(), s.lea, routes); err != nil {
		t.Fatal(err)
	}
	key, visitor := s.conversation(t, s.site)
	s.exec(t, `UPDATE visitors SET attributes = '{"group":"gold"}' WHERE visitor_id = $1`, visitor)
	o, err := other.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked})
	if err != nil || o.Case.Queue != "vip" || o.Case.Priority != handoff.High || !o.Case.DueFirst.Equal(s.clock.now().Add(30*time.Second)) {
		t.Errorf("another process, hours that never open: %+v, %v", o.Case, err)
	}
	if err := s.desk.RemoveQueue(t.Context(), s.lea, "vip", ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a route leads there: %v", err)
	}
	if err := s.desk.RemoveQueue(t.Context(), s.lea, "service", "sales"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the default: %v", err)
	}
	if err := s.desk.RemoveQueue(t.Context(), s.lea, "sales", "quick"); err != nil {
		t.Fatal(err)
	}
	if a, b := s.read(t, c.ID), s.read(t, held.ID); a.Queue != "quick" || a.State != handoff.Waiting || b.Queue != "quick" || b.Agent != s.mara.Agent {
		t.Errorf("%+v, %+v", a, b)
	}
	runs, err := s.desk.DryRun(t.Context(), s.lea, []handoff.Route{{Desk: []string{"both"}, Queue: "support"}}, 100)
	if err != nil || len(runs) != 3 {
		t.Fatalf("%+v, %v", runs, err)
	}
	for _, r := range runs {
		if want := map[bool]string{true: "service", false: "support"}[r.Case == o.Case.ID]; r.Would != want {
			t.Errorf("%+v", r)
		}
	}
}

func TestCountHours_PutsTheClockRight(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	hours := []byte(`{"zone":"Europe/Berlin","week":{"mon-fri":["09:00-17:00"]}}`)
	if err := s.desk.SetQueue(t.Context(), s.lea, handoff.Queue{Queue: "service", Name: "Service", FirstReplyS: 3600, Hours: hours}); err != nil {
		t.Fatal(err)
	}
	c := s.held(t, s.mara)
	if _, err := s.desk.Reply(t.Context(), s.mara, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: "1", Text: "Hello"}); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(5*time.Hour + 30*time.Minute) // 16:30 in Berlin: half an hour today, half tomorrow
	s.writes(t, c.Conversation, "And now?")
	if err := s.desk.CountHours(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.read(t, c.ID); !got.DueFirst.Equal(time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)) || !got.WaitsSince.Equal(s.clock.now()) {
		t.Errorf("due %v", got.DueFirst)
	}
}

func TestSetAgent_TheLastAdminWhoCanSignInStays(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	ada := s.agent(t, "Ada", handoff.RoleAdmin, 5)
	s.exec(t, `INSERT INTO agent_passwords (site_id, agent_id, hash, set_at) VALUES ($1, $2, 'x', now())`, s.site, ada.Agent)
	for what, g := range map[string]handoff.Agent{
		"disabled":  {Role: handoff.RoleAdmin, Disabled: true},
		"made less": {Role: handoff.RoleLead},
	} {
		g.ID, g.Email, g.Name = ada.Agent, "ada@shop.example", "Ada"
		_, err := s.desk.SetAgent(t.Context(), s.root, g)
		wantErr(t, what, err, handoff.ErrLastAdmin)
	}
}
