package pgdesk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// closed is a case that Mara closed; customer is where its conversation is.
func (p *play) closed(t *testing.T, change ...func(*handoff.Request)) handoff.Case {
	t.Helper()
	c := p.waiting(t, change...)
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Done.")
	p.finish(t, c)
	return c
}

func (p *play) finish(t *testing.T, c handoff.Case) {
	t.Helper()
	if _, err := p.desk.Close(t.Context(), p.mara, handoff.Target{Case: c.ID}, handoff.WrapUp{Topic: "delivery"}); err != nil {
		t.Fatal(err)
	}
}

func (p *play) rate(t *testing.T, c handoff.Case, r handoff.Rating) error {
	t.Helper()
	return p.promises.Rate(t.Context(), c.Conversation, p.visitorOf(t, c.Conversation), convo.ID{}, r)
}

func TestRating_IsAskedOnceOnThePage(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.closed(t)
	wantErr(t, "before it is asked", p.rate(t, c, handoff.Rating{Satisfaction: 5}), handoff.ErrNotAsked)
	p.pass(t, time.Hour)
	if got := p.system(t, c.Conversation); has(got, "How was it?") != 1 {
		t.Fatalf("%q", got)
	}
	for _, bad := range []handoff.Rating{{}, {Satisfaction: 6}, {Ease: -1}, {Comment: strings.Repeat("x", 2001)}} {
		if err := p.rate(t, c, bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	// One press, and later a word about it.
	for _, r := range []handoff.Rating{{Satisfaction: 4}, {Ease: 5, Comment: "quick"}} {
		if err := p.rate(t, c, r); err != nil {
			t.Fatal(err)
		}
	}
	since := p.clock.now().Add(-24 * time.Hour)
	list, err := p.promises.Ratings(t.Context(), p.root, since, 10)
	if err != nil || len(list) != 1 || list[0].Satisfaction != 4 || list[0].Ease != 5 || list[0].Comment != "quick" || list[0].AgentName != "Mara" || list[0].Topic != "delivery" {
		t.Errorf("%+v, %v", list, err)
	}
	for by, name := range map[RatingsBy]string{ByQueue: "service", ByAgent: "Mara", ByTopic: "delivery"} {
		sums, err := p.promises.RatingSums(t.Context(), p.root, since, by)
		if err != nil || !slices.Equal(sums, []handoff.RatingSum{{Name: name, Asked: 1, Rated: 1, Happy: 1, Satisfaction: 4, Ease: 5}}) {
			t.Errorf("by %s: %+v, %v", by, sums, err)
		}
	}
	other := handoff.Actor{Site: p.site, Role: handoff.RoleAgent, Queues: []string{"sales"}}
	if list, err := p.promises.Ratings(t.Context(), other, since, 10); err != nil || len(list) != 0 {
		t.Errorf("an agent of another queue sees %+v, %v", list, err)
	}
	// It is somebody else's to rate, and two weeks later nobody's.
	wantErr(t, "a stranger", p.promises.Rate(t.Context(), c.Conversation, p.mara.Agent, convo.ID{}, handoff.Rating{Satisfaction: 1}), handoff.ErrNotAsked)
	// Opened again and closed again: asked once is enough.
	p.scene.opened(t, c.Conversation, p.visitorOf(t, c.Conversation), english)
	wantErr(t, "while they wait again", p.rate(t, c, handoff.Rating{Satisfaction: 1}), handoff.ErrNotAsked)
	p.online(t, p.mara)
	p.claim(t, p.mara, c.ID)
	p.finish(t, c)
	p.pass(t, time.Hour)
	if got := p.system(t, c.Conversation); has(got, "How was it?") != 1 {
		t.Errorf("%q", got)
	}
	p.clock.pass(ratingOpen)
	wantErr(t, "too late", p.rate(t, c, handoff.Rating{Satisfaction: 1}), handoff.ErrNotAsked)
}

func TestRating_IsNotAskedOfWhoWaitsAgain(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.closed(t)
	p.scene.opened(t, c.Conversation, p.visitorOf(t, c.Conversation), english)
	p.pass(t, time.Hour)
	d := p.closed(t)
	p.queue(t, "service", func(q *handoff.Queue) { q.Notify = []byte(`{"no_rate": true}`) })
	p.pass(t, time.Hour)
	for _, x := range []handoff.Case{c, d} {
		if got := p.system(t, x.Conversation); has(got, "How was it?") != 0 {
			t.Errorf("%q", got)
		}
	}
}

func TestRating_ByMailWhereTheAnswerWentByMail(t *testing.T) {
	t.Parallel()
	p := newPlay(t)
	p.online(t, p.mara)
	c := p.waiting(t, contact(ann))
	p.pass(t, time.Minute)
	confirm := code(t, p.post.last(t))
	if err := p.promises.Confirm(t.Context(), confirm); err != nil {
		t.Fatal(err)
	}
	p.claim(t, p.mara, c.ID)
	p.reply(t, p.mara, c.ID, "Done.")
	p.pass(t, 10*time.Minute)
	p.online(t, p.mara)
	p.finish(t, c)
	p.pass(t, 10*time.Minute)
	m := p.post.last(t)
	if got := p.system(t, c.Conversation); has(got, "How was it?") != 0 || !strings.Contains(m.Subject, "How was it?") {
		t.Fatalf("%q, %s", got, m.Subject)
	}
	key := code(t, m)
	// A link is for one purpose, and opening it changes nothing.
	wantErr(t, "confirming with a rating's code", p.promises.Confirm(t.Context(), key), handoff.ErrLink)
	wantErr(t, "rating with a confirmation's code", p.promises.RateByLink(t.Context(), confirm, handoff.Rating{Satisfaction: 5}), handoff.ErrLink)
	for range 3 {
		if l, err := p.promises.Link(t.Context(), key); err != nil || l.Purpose != handoff.MailRating {
			t.Fatalf("%+v, %v", l, err)
		}
	}
	if list, err := p.promises.Ratings(t.Context(), p.root, time.Time{}, 10); err != nil || len(list) != 0 {
		t.Fatalf("opening rated: %+v, %v", list, err)
	}
	if err := p.promises.RateByLink(t.Context(), key, handoff.Rating{Satisfaction: 2, Comment: "slow"}); err != nil {
		t.Fatal(err)
	}
	list, err := p.promises.Ratings(t.Context(), p.root, time.Time{}, 10)
	if err != nil || len(list) != 1 || list[0].Satisfaction != 2 || list[0].AskedBy != "mail" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, bad := range []string{"", ".", "1.x", key[:len(key)-2], "zzzzzz." + strings.SplitN(key, ".", 2)[1], "-1." + strings.SplitN(key, ".", 2)[1]} {
		_, err := p.promises.Link(t.Context(), bad)
		wantErr(t, bad, err, handoff.ErrLink)
	}
	p.clock.pass(ratingOpen + time.Hour)
	wantErr(t, "run out", p.promises.RateByLink(t.Context(), key, handoff.Rating{Satisfaction: 5}), handoff.ErrLink)
	if err := p.keeper.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	var hashes int
	if err := p.pool.QueryRow(t.Context(), `SELECT count(*) FROM mail_codes`).Scan(&hashes); err != nil || hashes > 1 {
		t.Errorf("%d codes are left, %v", hashes, err)
	}
}
