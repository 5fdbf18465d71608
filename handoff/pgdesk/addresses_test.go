package pgdesk

import (
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Who is asked for an address in the conversation answers there.
func TestTakeAddresses_OneThatIsWrittenIntoTheConversation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, says string
		asked      bool
		want       string
	}{
		{"the address alone", "Ann@Example.org", true, ann},
		{"in a sentence", "Sure, it is ann@example.org, thanks!", true, ann},
		{"no address", "I will come back tomorrow", true, ""},
		{"not asked for", "ann@example.org", false, ""},
		{"part of another matter", "My account is ann@example.org " + strings.Repeat("and it says something that I do not understand ", 5), true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlay(t)
			if !c.asked {
				p.online(t, p.mara)
			}
			w := p.waiting(t)
			p.clock.pass(time.Minute)
			p.writes(t, w.Conversation, c.says)
			for range 2 {
				if err := p.desk.TakeAddresses(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			p.pass(t, time.Minute)
			got := p.system(t, w.Conversation)
			if now := p.read(t, w.ID); now.Contact != c.want || len(p.post.to(ann)) != len(c.want)/len(ann) || has(got, "press") != len(c.want)/len(ann) {
				t.Errorf("%q, %d mails, %q", now.Contact, len(p.post.to(ann)), got)
			}
		})
	}
}

// One that was not taken before somebody answered is where the answer goes.
func TestReply_GoesToTheAddressThatWasWritten(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	c := p.waiting(t)
	p.clock.pass(time.Minute)
	p.writes(t, c.Conversation, ann)
	p.clock.pass(8 * time.Hour)
	p.online(t, p.mara)
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "It ships tomorrow.")
	p.pass(t, 10*time.Minute)
	m := p.post.last(t)
	if err := p.promises.Confirm(t.Context(), code(t, m)); err != nil {
		t.Fatal(err)
	}
	p.pass(t, time.Minute)
	if m := p.post.last(t); m.To != ann || !strings.Contains(m.Text, "> It ships tomorrow.") {
		t.Errorf("%s: %s", m.To, m.Text)
	}
}

// Nothing is said to go out by mail from where none goes out.
func TestNoMail_IsNotPromised(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.desk.cfg.NoMail = true
	p.keep(t, KeeperConfig{})
	c := p.waiting(t, seen(support))
	wait := func(contact string) {
		t.Helper()
		if _, err := p.desk.Wait(t.Context(), handoff.WaitRequest{Key: c.Conversation, Visitor: p.visitorOf(t, c.Conversation), Contact: contact, Fallback: "en"}); err != nil {
			t.Fatal(err)
		}
	}
	wait("my neighbour")
	wait(ann)
	p.pass(t, 3*time.Hour)
	got := p.system(t, c.Conversation)
	if has(got, "reach you") != 0 || has(got, "e-mail") != 0 || has(got, "the answer will stand here") != 1 || has(got, "We have noted ann@example.org") != 1 || has(got, "We have noted my neighbour") != 1 {
		t.Errorf("%q", got)
	}
	if has(got, "has not been forgotten") == 0 {
		t.Errorf("nothing is said of the wait: %q", got)
	}
}

// What comes of an address is said as it is.
func TestWait_SaysWhatComesOfAnAddress(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	c := p.waiting(t)
	for _, x := range []struct{ contact, says string }{
		{"+49 30 123456", "We have noted +49 30 123456"},
		{ann, "Once you have pressed the button in our e-mail to ann@example.org"},
		{"bob@example.org", "Once you have pressed the button in our e-mail to bob@example.org"},
		{ann, "The answer will also reach you at ann@example.org"}, // confirmed meanwhile
	} {
		if strings.HasPrefix(x.says, "The answer") {
			p.exec(t, `INSERT INTO confirmed_addresses (site_id, visitor_id, address, confirmed_at) VALUES ($1, $2, $3, now())`, p.site, p.visitorOf(t, c.Conversation), ann)
		}
		if _, err := p.desk.Wait(t.Context(), handoff.WaitRequest{Key: c.Conversation, Visitor: p.visitorOf(t, c.Conversation), Contact: x.contact, Fallback: "en"}); err != nil {
			t.Fatal(err)
		}
		if got := p.system(t, c.Conversation); has(got[len(got)-1:], x.says) != 1 {
			t.Errorf("%s: %q", x.contact, got[len(got)-1])
		}
	}
}

// Who presses the button again, with words or an address, is heard: once.
func TestOpen_WhatIsSaidWithAnotherPressIsKept(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	key, visitor := p.conversation(t, p.site)
	press := func(note, address string) handoff.Opened {
		t.Helper()
		return p.scene.opened(t, key, visitor, english, contact(address), func(r *handoff.Request) { r.Note = note })
	}
	first := press("My kettle leaks", "")
	press("My kettle leaks", "") // sent again
	again := press("And the lid is loose", ann)
	press("And the lid is loose", ann)
	said := p.said(t, key)
	if !again.Repeat || again.Case.ID != first.Case.ID || has(said, "customer: My kettle leaks") != 1 || has(said, "customer: And the lid is loose") != 1 {
		t.Errorf("%+v, %q", again, said)
	}
	if now := p.read(t, first.Case.ID); now.Contact != ann || !now.WaitsSince.Equal(first.Case.WaitsSince) || has(said, "our e-mail to "+ann) != 1 {
		t.Errorf("%q, %q", now.Contact, said)
	}
	// Somebody has it, has answered, and lets it sleep: what the customer says wakes it.
	p.claim(t, p.mara, first.Case.ID)
	p.reply(t, p.mara, first.Case.ID, "I am looking.")
	if _, err := p.desk.Snooze(t.Context(), p.mara, handoff.Target{Case: first.Case.ID}, p.clock.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	p.clock.pass(time.Minute)
	press("It is worse now", "")
	if now := p.read(t, first.Case.ID); !now.SnoozedUntil.IsZero() || !now.WaitsSince.Equal(p.clock.now()) || now.Agent != p.mara.Agent || p.owner(t, key) != convo.OwnerAgent {
		t.Errorf("%+v", now)
	}
}
