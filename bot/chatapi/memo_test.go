package chatapi

import (
	"strings"
	"testing"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
	"frontdesk/retrieval"
)

// helped has somebody of the desk close the visitor's case with a memo.
func (b *bench) helped(t *testing.T, site int32, v *visitor, memo string) handoff.Case {
	t.Helper()
	words, err := handoff.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	desk, err := pgdesk.New(b.pool, b.store, b.hub, words, b.api.Now, bot.NewID)
	if err != nil {
		t.Fatal(err)
	}
	g, err := desk.AddAgent(t.Context(), handoff.System(site, "test"), handoff.Agent{Email: "mara@shop.example", Name: "Mara", Role: handoff.RoleAgent, Capacity: 5})
	if err != nil {
		t.Fatal(err)
	}
	mara := handoff.Actor{Site: site, Agent: g.ID, Name: "Mara", Role: handoff.RoleAgent}
	c, found, err := desk.ClaimNext(t.Context(), mara)
	if err != nil || !found {
		t.Fatalf("nobody waits: %v", err)
	}
	if _, err := desk.Reply(t.Context(), mara, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: "1", Text: "I see to it."}); err != nil {
		t.Fatal(err)
	}
	if c, err = desk.Close(t.Context(), mara, handoff.Target{Case: c.ID}, handoff.WrapUp{Memo: memo}); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMemo_TheAssistantSaysWhatPeopleDidAndNoMore(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	site := b.site(t, "shop", "")
	v := b.visitor(t, nil)
	v.say(t, "My address on order 12345 is wrong")
	v.do(t, "POST", "/human", nil)
	c := b.helped(t, site, v, "Changed the delivery address to Harbour Street 4.")

	// What is no question about it is answered from the knowledge, by itself: what
	// was said before the case is not looked back on.
	if m := v.say(t, "and how long do I have?"); m.Outcome != convo.Answer || len(m.Messages[0].Citations) == 0 {
		t.Errorf("%+v", m)
	}
	if q := b.finder.questions(); strings.Contains(q[len(q)-1], "12345") {
		t.Errorf("searched for %q", q[len(q)-1])
	}
	searched := len(b.finder.questions())
	for _, text := range []string{"What happened with my address?", "did you change it?", "What did Mara do?"} {
		m := v.say(t, text)
		if m.Outcome != convo.Answer || len(m.Messages) != 1 {
			t.Fatalf("%s: %+v", text, m)
		}
		said := m.Messages[0]
		for _, part := range []string{"Mara", "“Changed the delivery address to Harbour Street 4.”", c.Reference} {
			if !strings.Contains(said.Text, part) {
				t.Errorf("%s: %q is not in %q", text, part, said.Text)
			}
		}
		if said.Author != convo.System || !said.OfferPerson || len(said.Citations) != 0 {
			t.Errorf("%s: %+v", text, said)
		}
	}
	if n := len(b.finder.questions()); n != searched {
		t.Errorf("%d searches for what is known", n-searched)
	}
	// A person is there at once, and it is the same case.
	m := v.say(t, "I want to talk to a person")
	if m.Outcome != convo.Queued {
		t.Fatalf("%+v", m)
	}
	var view conversationView
	v.do(t, "GET", "", nil).json(t, &view)
	if view.Owner != convo.OwnerQueue {
		t.Errorf("%+v", view)
	}
	var state string
	var n int
	if err := b.pool.QueryRow(t.Context(), `SELECT (SELECT state FROM cases WHERE case_id = $1), (SELECT count(*) FROM cases)`, c.ID).Scan(&state, &n); err != nil || state != "waiting" || n != 1 {
		t.Errorf("%v: %s of %d cases", err, state, n)
	}
}

func TestMemo_AYesToTheOfferIsAPerson(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	site := b.site(t, "shop", "")
	v := b.visitor(t, nil)
	v.say(t, "My address on order 12345 is wrong")
	v.do(t, "POST", "/human", nil)
	b.helped(t, site, v, "Changed the delivery address.")
	v.say(t, "what was done?")
	if m := v.say(t, "yes please"); m.Outcome != convo.Queued {
		t.Errorf("%+v", m)
	}
}

// TestMemo_TheOldReasonIsDoneWith: what made the conversation a person's before
// (a must-go matter, a yes to the offer of a person, words that failed) does not
// make it one again after the case was closed.
func TestMemo_TheOldReasonIsDoneWith(t *testing.T) {
	t.Parallel()
	b := start(t, options{decider: builtIn(t)})
	site := b.site(t, "shop", "")
	v := b.visitor(t, nil)
	if m := v.say(t, "My kettle is on fire, there is smoke in the kitchen"); m.Outcome != convo.Queued {
		t.Fatalf("no must-go matter: %+v", m)
	}
	b.helped(t, site, v, "Unplugged it with her; collected the kettle and refunded it.")
	for _, text := range []string{"Thank you", "and how long do I have to send it back?", "yes", "that didn't help", "what about the other one?"} {
		if m := v.say(t, text); m.Outcome == convo.Queued || m.Outcome == convo.Relayed {
			t.Errorf("%q is a person's again: %+v", text, m)
		}
	}
	if m := v.say(t, "Did you refund it?"); m.Outcome != convo.Answer || !strings.Contains(m.Messages[0].Text, "refunded it") {
		t.Errorf("%+v", m)
	}
	// What is said now still decides.
	if m := v.say(t, "It is on fire again, there is smoke everywhere"); m.Outcome != convo.Queued {
		t.Errorf("a new danger stays with the assistant: %+v", m)
	}
}

// TestMemo_AnOfferOfBeforeIsNotAccepted: a "yes" right after a case was closed
// does not mean the offer of a person that stood there before it was opened.
func TestMemo_AnOfferOfBeforeIsNotAccepted(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) { return retrieval.Evidence{}, nil })
	site := b.site(t, "shop", "")
	v := b.visitor(t, nil)
	if m := v.say(t, "My address on order 12345 is wrong"); m.Outcome != convo.None || !m.Messages[0].OfferPerson {
		t.Fatalf("%+v", m)
	}
	v.do(t, "POST", "/human", nil)
	b.helped(t, site, v, "Changed the delivery address.")
	if m := v.say(t, "yes"); m.Outcome == convo.Queued {
		t.Errorf("%+v", m)
	}
}

// TestMemo_AnotherConversationKnowsNothing: a memo stays where it was written.
func TestMemo_AnotherConversationKnowsNothing(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) { return retrieval.Evidence{}, nil })
	site := b.site(t, "shop", "")
	v, other := b.visitor(t, nil), b.visitor(t, nil)
	v.do(t, "POST", "/human", nil)
	b.helped(t, site, v, "SECRET of the first one")
	for _, text := range []string{"what was done?", "What did Mara do?"} {
		if m := other.say(t, text); m.Outcome != convo.None || strings.Contains(m.Messages[0].Text, "SECRET") {
			t.Errorf("%+v", m)
		}
	}
}
