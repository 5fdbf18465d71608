package pgdesk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func TestTranscript_GoesToAnAddressThatIsKnownToBeTheCustomers(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	key, visitor := p.conversation(t, p.site)
	send := func(want string) {
		t.Helper()
		got, err := p.keeper.Transcript(t.Context(), key, visitor)
		if err != nil || got.State != want || (got.Address == "") != (want == handoff.TranscriptNoAddress) {
			t.Fatalf("%+v, %v: want %s", got, err, want)
		}
	}
	send(handoff.TranscriptNoAddress) // nobody was asked for: there is nothing that an address hangs on
	c := p.scene.opened(t, key, visitor, english, contact(ann)).Case
	send(handoff.TranscriptAsked)
	p.pass(t, time.Minute)
	confirm := p.post.last(t)
	if len(p.post.to(ann)) != 1 || !strings.Contains(confirm.Text, "/mail/") {
		t.Fatalf("%d mails: %s", len(p.post.to(ann)), confirm.Text)
	}
	send(handoff.TranscriptAsked) // asked twice, mailed once
	p.pass(t, time.Minute)
	if len(p.post.to(ann)) != 1 {
		t.Fatalf("%q", p.post.to(ann))
	}
	if err := p.promises.Confirm(t.Context(), code(t, confirm)); err != nil {
		t.Fatal(err)
	}
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "It ships <b>tomorrow</b>.")
	send(handoff.TranscriptSent)
	send(handoff.TranscriptSent) // nothing was said since: it goes out once
	p.pass(t, time.Minute)
	m := p.post.last(t)
	if !strings.HasPrefix(m.Subject, "Your conversation with") || !m.Automatic || !strings.Contains(m.Text, "> It ships <b>tomorrow</b>.") || !strings.Contains(m.Text, "Mara · 20") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	if strings.Contains(m.HTML, "<b>tomorrow") || !strings.Contains(m.HTML, "&lt;b&gt;tomorrow") {
		t.Error("words became markup")
	}
	if got := p.mails(t, c.ID); !slices.Equal(got, []string{"confirm sent", "transcript sent"}) {
		t.Errorf("%v", got)
	}
	for n := range transcriptsADay - 1 {
		p.reply(t, p.mara, c.ID, "More: "+strings.Repeat("x", n+1))
		send(handoff.TranscriptSent)
	}
	p.reply(t, p.mara, c.ID, "And more.")
	_, err := p.keeper.Transcript(t.Context(), key, visitor)
	wantErr(t, "more than a day's", err, handoff.ErrManyTranscripts)
	other := convo.ID{1}
	got, err := p.keeper.Transcript(t.Context(), key, other)
	if err != nil || got.State != handoff.TranscriptNoAddress {
		t.Errorf("another visitor: %+v, %v", got, err)
	}
}

func TestTranscript_ToASignedAddressAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	key, visitor := p.conversation(t, p.site)
	p.exec(t, `UPDATE visitors SET email = 'Ann@example.org', verified_at = now() WHERE visitor_id = $1`, visitor)
	c := p.scene.opened(t, key, visitor, english).Case
	if got, err := p.keeper.Transcript(t.Context(), key, visitor); err != nil || got.State != handoff.TranscriptSent || got.Address != ann {
		t.Fatalf("%+v, %v", got, err)
	}
	p.pass(t, time.Minute)
	if got := p.mails(t, c.ID); !slices.Equal(got, []string{"transcript sent"}) {
		t.Errorf("%v", got)
	}
	p.keep(t, KeeperConfig{})
	if got, err := p.keeper.Transcript(t.Context(), key, visitor); err != nil || got.State != handoff.TranscriptOff {
		t.Errorf("without a mail server: %+v, %v", got, err)
	}
}

func TestTranscript_OfAConversationThatNoPersonHad(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	key, visitor := p.conversation(t, p.site)
	send := func(want string) {
		t.Helper()
		if got, err := p.keeper.Transcript(t.Context(), key, visitor); err != nil || got.State != want {
			t.Fatalf("%+v, %v: want %s", got, err, want)
		}
	}
	p.exec(t, `UPDATE visitors SET email = 'Ann@example.org' WHERE visitor_id = $1`, visitor)
	send(handoff.TranscriptNoAddress) // they only say so
	p.exec(t, `UPDATE visitors SET verified_at = now() WHERE visitor_id = $1`, visitor)
	send(handoff.TranscriptSent)
	send(handoff.TranscriptSent) // nothing was said since: it goes out once
	p.pass(t, time.Minute)
	m := p.post.last(t)
	if len(p.post.to(ann)) != 1 || m.Subject != "Ihre Unterhaltung mit shop" || !strings.HasPrefix(m.InReplyTo, "conversation-"+key.ID.String()) {
		t.Fatalf("%d mails; %+v", len(p.post.to(ann)), m)
	}
	for range transcriptsADay - 1 {
		p.exec(t, `UPDATE conversations SET last_seq = last_seq + 1 WHERE conversation_id = $1`, key.ID)
		send(handoff.TranscriptSent)
	}
	p.exec(t, `UPDATE conversations SET last_seq = last_seq + 1 WHERE conversation_id = $1`, key.ID)
	_, err := p.keeper.Transcript(t.Context(), key, visitor)
	wantErr(t, "more than a day's", err, handoff.ErrManyTranscripts)
	p.pass(t, time.Minute)
	p.exec(t, `DELETE FROM conversations WHERE conversation_id = $1`, key.ID)
	if n := p.count(t, `SELECT count(*) FROM mails WHERE conversation_id = '`+key.ID.String()+`'`); n != 0 {
		t.Errorf("%d mails outlived their conversation", n)
	}
}
