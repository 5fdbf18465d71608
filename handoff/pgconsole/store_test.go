package pgconsole_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
	"frontdesk/handoff/pgconsole"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/fault"
	"frontdesk/internal/pgtest"
)

type bench struct {
	pool  *pgxpool.Pool
	desk  *pgdesk.Desk
	convs *pgconvo.Store
	store *pgconsole.Store
	now   time.Time
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{pool: pgtest.New(t), now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	texts, err := handoff.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	if b.convs, err = pgconvo.New(b.pool); err != nil {
		t.Fatal(err)
	}
	b.desk, err = pgdesk.NewDesk(pgdesk.Deps{
		Pool: b.pool, Conversations: b.convs, Texts: texts, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return b.now }, NewID: bot.NewID,
	}, pgdesk.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if b.store, err = pgconsole.New(b.pool, b.desk); err != nil {
		t.Fatal(err)
	}
	return b
}

// site makes one with an agent and a case.
func (b *bench) site(t *testing.T, name string) (a handoff.Actor, c handoff.Case) {
	t.Helper()
	var site int32
	if err := b.pool.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ($1) RETURNING site_id`, name).Scan(&site); err != nil {
		t.Fatal(err)
	}
	g, err := b.desk.AddAgent(t.Context(), handoff.System(site, "test"), handoff.Agent{Email: "mara@shop.example", Name: "Mara", Role: handoff.RoleAgent, Capacity: 5})
	if err != nil {
		t.Fatal(err)
	}
	key, visitor := convo.Key{Site: site, ID: bot.NewID()}, bot.NewID()
	if _, err := b.convs.Open(t.Context(), bot.Opening{Site: site, Conversation: key.ID, Visitor: visitor, At: b.now}); err != nil {
		t.Fatal(err)
	}
	o, err := b.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked})
	if err != nil {
		t.Fatal(err)
	}
	return handoff.Actor{Site: site, Agent: g.ID, Name: "Mara", Role: handoff.RoleAgent}, o.Case
}

func TestStore_ADraftIsTheLatestOfItsAgent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	put := func(text string, at time.Duration) {
		t.Helper()
		if err := b.store.PutDraft(t.Context(), mara, c.ID, console.Draft{Text: text, At: b.now.Add(at)}); err != nil {
			t.Fatal(err)
		}
	}
	put("one", 1)
	put("two", time.Second)
	put("late arrival of an older one", time.Millisecond)
	d, err := b.store.Draft(t.Context(), mara, c.ID)
	if err != nil || d.Text != "two" {
		t.Errorf("%+v %v", d, err)
	}
	put("", 2*time.Second)
	if d, err = b.store.Draft(t.Context(), mara, c.ID); err != nil || d.Text != "" || !d.At.IsZero() {
		t.Errorf("an empty one is kept: %+v %v", d, err)
	}
	err = b.store.PutDraft(t.Context(), mara, bot.NewID(), console.Draft{Text: "x", At: b.now})
	if f, ok := fault.As(err); !ok || f.Kind != fault.NotFound {
		t.Errorf("a draft of no case: %v", err)
	}
}

func TestStore_NothingCrossesSites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	omar, other := b.site(t, "other")
	text := console.Canned{ID: bot.NewID(), Short: "hi", Title: "Hello", Text: "Hello", By: "Mara", At: b.now}
	if err := b.store.PutCanned(t.Context(), mara.Site, text); err != nil {
		t.Fatal(err)
	}
	if err := b.store.PutCanned(t.Context(), omar.Site, text); err != nil {
		t.Errorf("the same name at another site: %v", err)
	}
	if err := b.store.RemoveCanned(t.Context(), omar.Site, text.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := b.store.Canned(t.Context(), mara.Site); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
	if err := b.store.Look(t.Context(), mara, c.ID, b.now.Add(time.Minute), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if m, err := b.store.Looking(t.Context(), omar.Site, []convo.ID{c.ID, other.ID}, b.now); err != nil || len(m) != 0 {
		t.Errorf("%v %v", m, err)
	}
	if rows, err := b.store.Rows(t.Context(), omar.Site, []convo.ID{c.ID, other.ID, bot.NewID()}); err != nil || len(rows) != 1 || rows[0].ID != other.ID {
		t.Errorf("%v %v", rows, err)
	}
	if _, err := b.store.Visitor(t.Context(), convo.Key{Site: omar.Site, ID: c.Conversation.ID}); err == nil {
		t.Error("another site's visitor")
	}
	if d, err := b.store.Draft(t.Context(), handoff.Actor{Site: omar.Site, Agent: mara.Agent}, c.ID); err != nil || d.Text != "" {
		t.Errorf("%+v %v", d, err)
	}
}

func TestStore_LookingEndsByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	look := func(until, typing time.Duration) {
		t.Helper()
		end := time.Time{}
		if typing > 0 {
			end = b.now.Add(typing)
		}
		if err := b.store.Look(t.Context(), mara, c.ID, b.now.Add(until), end); err != nil {
			t.Fatal(err)
		}
	}
	at := func(d time.Duration) string {
		t.Helper()
		m, err := b.store.Looking(t.Context(), mara.Site, []convo.ID{c.ID}, b.now.Add(d))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(len(m[c.ID]), len(m[c.ID]) > 0 && m[c.ID][0].Typing)
	}
	look(20*time.Second, 6*time.Second)
	look(10*time.Second, 0) // another tab, which says less
	for d, want := range map[time.Duration]string{time.Second: "1 true", 7 * time.Second: "1 false", 19 * time.Second: "1 false", 21 * time.Second: "0 false"} {
		if got := at(d); got != want {
			t.Errorf("after %s: %s, want %s", d, got, want)
		}
	}
	if err := b.store.ForgetLooks(t.Context(), b.now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := at(time.Second); got != "0 false" {
		t.Errorf("forgotten, and there: %s", got)
	}
}

func TestStore_PagesGoUpwardsWithoutGapsOrRepeats(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	if _, err := b.desk.Claim(t.Context(), mara, handoff.Target{Case: c.ID}); err != nil {
		t.Fatal(err)
	}
	for i := range 23 {
		if _, err := b.desk.Reply(t.Context(), mara, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: fmt.Sprint(i), Text: fmt.Sprintf("message %d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	var seqs []int64
	before, more := int64(0), true
	for more {
		events, m, err := b.store.Page(t.Context(), c.Conversation, before, 7)
		if err != nil || len(events) == 0 {
			t.Fatal(len(events), err)
		}
		page := make([]int64, 0, len(events))
		for _, e := range events {
			page = append(page, e.Seq)
		}
		seqs = append(page, seqs...)
		before, more = events[0].Seq, m
	}
	if len(seqs) < 25 {
		t.Fatalf("%d events", len(seqs))
	}
	for i := 1; i < len(seqs); i++ {
		if seqs[i] <= seqs[i-1] {
			t.Fatalf("out of order, or twice: %v", seqs)
		}
	}
	all, _, err := b.store.Page(t.Context(), c.Conversation, 0, 1000)
	if err != nil || len(all) != len(seqs) {
		t.Errorf("%d in one page, %d in several, %v", len(all), len(seqs), err)
	}
}
