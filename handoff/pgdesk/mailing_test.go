package pgdesk

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/mail"
)

const ann = "ann@example.org"

func TestMail_AnAddressThatWasTypedIsAskedFirst(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, contact("please to Ann@Example.org"), func(r *handoff.Request) { r.Note = "BUY CHEAP PILLS" })
	p.pass(t, time.Minute)
	if got := p.post.to(ann); len(got) != 1 {
		t.Fatalf("%q", got)
	}
	m := p.post.last(t)
	if all := m.Subject + m.Text + m.HTML; strings.Contains(all, "PILLS") || !strings.Contains(all, c.Reference) || !m.Automatic {
		t.Errorf("the confirmation says %s", m.Text)
	}
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "It ships tomorrow.")
	p.pass(t, 10*time.Minute)
	if got := p.post.to(ann); len(got) != 1 || !slices.Contains(p.mails(t, c.ID), "reply held") || !slices.Contains(p.kinds(t, c.ID), CaseMailHeld) {
		t.Fatalf("before it is confirmed: %q, %v", got, p.mails(t, c.ID))
	}
	link, err := p.promises.Link(t.Context(), code(t, m))
	if err != nil || link.Purpose != handoff.MailConfirm || link.Address != ann || link.Reference != c.Reference {
		t.Fatalf("%+v, %v", link, err)
	}
	p.pass(t, 10*time.Minute)
	if got := p.post.to(ann); len(got) != 1 {
		t.Fatalf("opening the link changed something: %q", got)
	}
	if err := p.promises.Confirm(t.Context(), code(t, m)); err != nil {
		t.Fatal(err)
	}
	p.pass(t, time.Minute)
	r := p.post.last(t)
	if !strings.Contains(r.Text, "> It ships tomorrow.") || r.Automatic || r.InReplyTo != m.ID || !slices.Equal(r.References, []string{"case-" + c.ID.String() + "@shop.example", m.ID}) {
		t.Errorf("%+v", r)
	}
	// From now on it is theirs: the next answer goes at once, in the same thread.
	p.reply(t, p.mara, c.ID, "It has shipped.")
	p.reply(t, p.mara, c.ID, "Number 12.")
	p.pass(t, 10*time.Minute)
	next := p.post.last(t)
	if len(p.post.to(ann)) != 3 || !strings.Contains(next.Text, "> It has shipped.\n\n> Number 12.") || strings.Contains(next.Text, "tomorrow") || next.InReplyTo != r.ID {
		t.Errorf("%d mails, %s, in reply to %s", len(p.post.to(ann)), next.Text, next.InReplyTo)
	}
	wantErr(t, "used twice", p.promises.Confirm(t.Context(), code(t, m)), handoff.ErrLink)
	if !slices.Contains(p.kinds(t, c.ID), CaseMailed) {
		t.Errorf("%v", p.kinds(t, c.ID))
	}
}

func TestMail_AConfirmedAddressIsOnlyThatVisitors(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, contact(ann))
	p.pass(t, time.Minute)
	if err := p.promises.Confirm(t.Context(), code(t, p.post.last(t))); err != nil {
		t.Fatal(err)
	}
	other := p.waiting(t, contact(ann)) // somebody else types it
	p.claim(t, p.mara, other.ID)
	p.reply(t, p.mara, other.ID, "Hello stranger.")
	p.pass(t, 10*time.Minute)
	if got := p.mails(t, other.ID); !slices.Equal(got, []string{"confirm sent", "reply held"}) {
		t.Errorf("%v", got)
	}
	_ = c
}

func TestMail_ConfirmationsAreFew(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	for range 10 { // ten strangers type one address
		p.waiting(t, contact(ann))
	}
	p.pass(t, time.Hour)
	if got := p.post.to(ann); len(got) != askedPerAddress {
		t.Errorf("%d confirmations", len(got))
	}
}

func TestMail_TheAddressOfASignedIdentityIsTheirs(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	key, visitor := p.conversation(t, p.site)
	p.exec(t, `UPDATE visitors SET email = 'Ann@example.org', verified_at = now() WHERE visitor_id = $1`, visitor)
	c := p.scene.opened(t, key, visitor, english, contact("by e-mail please")).Case
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Done.")
	p.pass(t, 10*time.Minute)
	if got := p.mails(t, c.ID); !slices.Equal(got, []string{"reply sent"}) {
		t.Errorf("%v", got)
	}
}

func TestMail_NotToWhoAnsweredOnThePage(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, contact(ann))
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Hello!")
	p.clock.pass(30 * time.Second)
	p.writes(t, c.Conversation, "Hi Mara.")
	p.pass(t, 10*time.Minute)
	if got := p.mails(t, c.ID); !slices.Equal(got, []string{"confirm sent"}) {
		t.Errorf("%v", got)
	}
}

func TestMail_AServerThatIsAwayIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	away := true
	p.post.fail = func(mail.Message) error {
		if away {
			return &mail.Error{Stage: "dial", Err: errors.New("connection refused")}
		}
		return nil
	}
	c := p.waiting(t, contact(ann))
	p.pass(t, 15*time.Minute)
	if got := p.mails(t, c.ID); !slices.Equal(got, []string{"confirm queued"}) {
		t.Fatalf("%v", got)
	}
	kinds := p.kinds(t, c.ID)
	if n := len(slices.DeleteFunc(kinds, func(k handoff.CaseEventKind) bool { return k != CaseMailDelayed })); n != 1 {
		t.Errorf("the case says it %d times", n)
	}
	list, err := p.promises.Mails(t.Context(), p.site, c.ID)
	if err != nil || list[0].Tries < 4 || !strings.Contains(list[0].Reason, "could not be reached") || strings.Contains(list[0].Reason, "connection refused") {
		t.Errorf("%+v, %v", list, err)
	}
	away = false
	p.pass(t, 5*time.Hour)
	if got := p.mails(t, c.ID); got[0] != "confirm sent" {
		t.Errorf("%v", got)
	}
	// And one that stays away is given up, visibly.
	away = true
	d := p.waiting(t, contact("bob@example.org"))
	p.pass(t, 80*time.Hour)
	if got := p.mails(t, d.ID); !slices.Contains(got, "confirm failed") || !slices.Contains(p.kinds(t, d.ID), CaseMailFailed) {
		t.Errorf("%v", got)
	}
}

func TestMail_ARefusalIsSaidAtTheCase(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.post.fail = func(mail.Message) error {
		return &mail.Error{Stage: "recipient", Code: 550, Refused: true, Err: errors.New("no such box ann@example.org")}
	}
	c := p.waiting(t, contact(ann))
	p.pass(t, 15*time.Minute)
	list, err := p.promises.Mails(t.Context(), p.site, c.ID)
	if err != nil || len(list) != 1 || list[0].State != "failed" || list[0].Tries != 1 || list[0].Reason != "the mail server answered 550 at recipient" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestMail_WithoutAServerItIsKeptAndSaid(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.keep(t, KeeperConfig{})
	p.online(t, p.mara)
	c := p.waiting(t, contact(ann))
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Done.")
	p.pass(t, time.Hour)
	list, err := p.promises.Mails(t.Context(), p.site, c.ID)
	if err != nil || len(list) == 0 || !slices.Contains(p.kinds(t, c.ID), CaseMailNotSent) {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, m := range list {
		if m.State != "not_sent" || !strings.Contains(m.Reason, "SMTP_URL") {
			t.Errorf("%+v", m)
		}
	}
}

func TestMail_TellsWhoIsMentionedAndAway(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t)
	p.claim(t, p.mara, c.ID)
	if _, err := p.desk.Note(t.Context(), p.mara, handoff.Target{Case: c.ID}, "SECRET", []convo.ID{p.omar.Agent, p.lea.Agent}); err != nil {
		t.Fatal(err)
	}
	p.online(t, p.lea)
	p.pass(t, 20*time.Second)
	m := p.post.last(t)
	if len(p.post.to("omar@shop.example")) != 1 || len(p.post.to("lea@shop.example")) != 0 || strings.Contains(m.Text, "SECRET") || !strings.Contains(m.Text, "Mara mentioned you") ||
		!strings.Contains(m.Text, "/desk#/case/"+c.ID.String()+"/note/last") {
		t.Errorf("%s", m.Text)
	}
}

func TestMail_GoesWithItsCustomer(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, contact(ann))
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Done.")
	if _, err := p.convs.Erase(t.Context(), p.site, p.visitorOf(t, c.Conversation)); err != nil {
		t.Fatal(err)
	}
	p.pass(t, 100*time.Hour)
	if len(p.post.sent) != 0 {
		t.Errorf("%d mails to somebody who was erased", len(p.post.sent))
	}
	var left int
	err := p.pool.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE state <> 'completed'`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d jobs are left, %v", left, err)
	}
}
