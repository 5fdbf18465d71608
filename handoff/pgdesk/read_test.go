package pgdesk

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func refs(l handoff.Listing) (out []string) {
	for _, c := range l.Cases {
		out = append(out, c.Reference)
	}
	return out
}

func TestList_PagesReachEveryCaseOnceInOrder(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	var want []string
	for range 7 {
		want = append(want, s.waiting(t).Reference)
		s.clock.pass(time.Second)
	}
	var got []string
	page := handoff.Page{Limit: 3}
	for range 4 {
		l, err := s.desk.List(t.Context(), s.mara, handoff.View{Kind: handoff.ViewWaiting, Queues: []string{"service"}}, page)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, refs(l)...)
		if page.After = l.Next; l.Next == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, cursor := range []string{"x", "eA", "MjAyNiBhYmM"} {
		_, err := s.desk.List(t.Context(), s.mara, handoff.View{Kind: handoff.ViewWaiting}, handoff.Page{After: cursor})
		wantErr(t, cursor, err, handoff.ErrCursor)
	}
	_, err := s.desk.List(t.Context(), s.mara, handoff.View{Kind: "all"}, handoff.Page{})
	wantErr(t, "no such view", err, handoff.ErrView)
}

func TestList_EachViewShowsWhatItSays(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	waits := s.waiting(t)
	mine := s.held(t, s.mara)
	sleeps := s.held(t, s.mara)
	theirs := s.held(t, s.omar, seen(handoff.Triage{Desk: "support", Product: "kettle", Language: "pl"}))
	done := s.held(t, s.omar)
	for _, err := range []error{
		third(s.desk.Snooze(t.Context(), s.mara, handoff.Target{Case: sleeps.ID}, s.clock.now().Add(time.Hour))),
		third(s.desk.Close(t.Context(), s.omar, handoff.Target{Case: done.ID}, handoff.WrapUp{})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	scoped := s.mara
	scoped.Queues = []string{"service"}
	list := func(a handoff.Actor, v handoff.View, want ...handoff.Case) {
		t.Helper()
		l, err := s.desk.List(t.Context(), a, v, handoff.Page{})
		if err != nil {
			t.Fatal(err)
		}
		got, ids := map[convo.ID]bool{}, map[convo.ID]bool{}
		for _, c := range l.Cases {
			got[c.ID] = true
		}
		for _, c := range want {
			ids[c.ID] = true
		}
		if fmt.Sprint(got) != fmt.Sprint(ids) {
			t.Errorf("%+v: got %v, want %v", v, refs(l), want)
		}
	}
	list(s.mara, handoff.View{Kind: handoff.ViewWaiting}, waits)
	list(s.mara, handoff.View{Kind: handoff.ViewMine}, mine)
	list(s.mara, handoff.View{Kind: handoff.ViewSnoozed}, sleeps)
	list(s.mara, handoff.View{Kind: handoff.ViewOpen}, waits, mine, sleeps, theirs)
	list(s.mara, handoff.View{Kind: handoff.ViewClaimed}, mine, sleeps, theirs)
	list(s.mara, handoff.View{Kind: handoff.ViewClosed}, done)
	list(s.mara, handoff.View{Kind: handoff.ViewOpen, Language: "pl"}, theirs)
	list(s.mara, handoff.View{Kind: handoff.ViewOpen, Product: "kettle"}, theirs)
	list(s.mara, handoff.View{Kind: handoff.ViewOpen, Visitor: s.visitorOf(t, waits.Conversation)}, waits)
	list(scoped, handoff.View{Kind: handoff.ViewOpen}, waits, mine, sleeps)
	list(s.lea, handoff.View{Kind: handoff.ViewMine, Agent: s.omar.Agent}, theirs)
	list(s.mara, handoff.View{Kind: handoff.ViewLate})
	s.clock.pass(11 * time.Minute)
	list(s.mara, handoff.View{Kind: handoff.ViewLate}, waits, mine, sleeps)
	none := s.mara
	none.Queues = []string{}
	list(none, handoff.View{Kind: handoff.ViewWaiting})
	_, err := s.desk.List(t.Context(), s.mara, handoff.View{Kind: handoff.ViewMine, Agent: s.omar.Agent}, handoff.Page{})
	wantErr(t, "another's list", err, handoff.ErrForbidden)
	_, err = s.desk.List(t.Context(), scoped, handoff.View{Kind: handoff.ViewWaiting, Queues: []string{"support"}}, handoff.Page{})
	wantErr(t, "another queue", err, handoff.ErrNoQueue)
	_, err = s.desk.Get(t.Context(), scoped, theirs.ID)
	wantErr(t, "another queue's case", err, handoff.ErrNoCase)
	_, err = s.desk.Log(t.Context(), scoped, theirs.ID, 0, 10)
	wantErr(t, "its log", err, handoff.ErrNoCase)
	other := s.mara
	other.Site = s.addSite(t, "other")
	_, err = s.desk.Get(t.Context(), other, waits.ID)
	wantErr(t, "another site's", err, handoff.ErrNoCase)
}

func third(_ handoff.Case, err error) error { return err }

func TestFind_ByReferenceAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.waiting(t)
	for _, ref := range []string{c.Reference, c.Reference[:4] + c.Reference[5:], " " + c.Reference[:4] + " " + c.Reference[5:]} {
		if got, err := s.desk.Find(t.Context(), s.mara, ref); err != nil || got.ID != c.ID {
			t.Errorf("%q: %v", ref, err)
		}
	}
	_, err := s.desk.Find(t.Context(), s.mara, "nope")
	wantErr(t, "none", err, handoff.ErrNoCase)
}

func TestWall_CountsWhatWaitsAndWhoIsFree(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	s.online(t, s.mara, s.lea)
	s.exec(t, `INSERT INTO agent_queues (site_id, agent_id, queues) VALUES ($1, $2, '{sales}')`, s.site, s.lea.Agent)
	first := s.waiting(t)
	s.waiting(t)
	s.held(t, s.mara)
	s.clock.pass(20 * time.Second)
	wall, err := s.desk.Wall(t.Context(), s.mara)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range wall {
		switch q.Queue.Queue {
		case "service":
			if q.Waiting != 2 || q.Claimed != 1 || q.Late != 0 || !q.Oldest.Equal(first.WaitsSince) && q.Oldest.IsZero() || q.Online != 1 || q.Free != 4 {
				t.Errorf("%+v", q)
			}
		case "sales":
			if q.Waiting != 0 || q.Online != 2 {
				t.Errorf("%+v", q)
			}
		}
	}
}

// collect reads all changes from a cursor on.
func collect(t *testing.T, d *Desk, site int32, cursor *string) (kinds []handoff.CaseEventKind) {
	t.Helper()
	ch, err := d.Changes(t.Context(), site, *cursor)
	if err != nil || ch.Reset {
		t.Fatalf("%v, reset %v", err, ch.Reset)
	}
	*cursor = ch.Cursor
	for _, c := range ch.List {
		kinds = append(kinds, c.Kind)
	}
	return kinds
}

func TestChanges_ALateCommitIsNotLeftOut(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	c := s.waiting(t)
	cursor := ""
	if got := collect(t, s.desk, s.site, &cursor); got != nil {
		t.Errorf("from now on: %v", got)
	}
	// A transaction writes early and commits late, behind one that wrote later.
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	batch := &pgx.Batch{}
	queueChanges(batch, s.site, s.clock.now(), []handoff.Change{{Case: bot.NewID(), Kind: handoff.CaseNoted}})
	if err := tx.SendBatch(t.Context(), batch).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: c.ID}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(collect(t, s.desk, s.site, &cursor)); got != "[claimed]" {
		t.Errorf("got %s", got)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(collect(t, s.desk, s.site, &cursor)); got != "[note]" {
		t.Errorf("the late one: %s", got)
	}
	if got := collect(t, s.desk, s.site, &cursor); got != nil {
		t.Errorf("again: %v", got)
	}
	s.writes(t, c.Conversation, "hello")
	if got := fmt.Sprint(collect(t, s.desk, s.site, &cursor)); got != "[message]" {
		t.Errorf("the customer wrote: %s", got)
	}
	if got := fmt.Sprint(collect(t, s.desk, s.addSite(t, "other"), &cursor)); got != "[]" {
		t.Errorf("another site: %s", got)
	}
}

// bySequence is what a reader would do who trusts a sequence: the guard of the
// test above, taken out.
const bySequence = `
SELECT case_id, queue, from_queue, agent_id, kind, at, change_id
FROM desk_changes
WHERE site_id = $1 AND $4::bigint IS NOT NULL AND $5::text IS NOT NULL AND change_id > (SELECT coalesce(max(change_id), 0) FROM desk_changes WHERE xid < pg_snapshot_xmax($2::pg_snapshot) AND pg_visible_in_snapshot(xid, $2::pg_snapshot))
ORDER BY change_id
LIMIT $3`

func TestChanges_EachOnceWhateverTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	lost := func(sql string) (lost, twice int) {
		s := scenery(t)
		s.desk.sql.unseen = sql
		cursor := ""
		collect(t, s.desk, s.site, &cursor)
		const writers, each = 8, 25
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for i := range each {
					err := pgx.BeginFunc(context.Background(), s.pool, func(tx pgx.Tx) error {
						batch := &pgx.Batch{}
						queueChanges(batch, s.site, s.clock.now(), []handoff.Change{{Case: bot.NewID(), Kind: handoff.CaseNoted}})
						if i%3 == 0 { // holds on for a while, so that others overtake it
							batch.Queue(`SELECT pg_sleep(0.01)`)
						}
						return tx.SendBatch(context.Background(), batch).Close()
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		seen := map[convo.ID]int{}
		read := func() {
			ch, err := s.desk.Changes(context.Background(), s.site, cursor)
			if err != nil {
				t.Error(err)
				return
			}
			cursor = ch.Cursor
			for _, c := range ch.List {
				seen[c.Case]++
			}
		}
		for over := false; !over; {
			select {
			case <-done:
				over = true
			default:
			}
			read()
		}
		for _, n := range seen {
			if n > 1 {
				twice++
			}
		}
		return writers*each - len(seen), twice
	}
	if l, twice := lost(selectUnseen); l != 0 || twice != 0 {
		t.Errorf("%d left out, %d given twice", l, twice)
	}
	if l, _ := lost(bySequence); l == 0 {
		t.Error("a reader by sequence leaves nothing out: the test proves nothing")
	}
}

// bySnapshot is what a reader would do who trusts numbers of transactions never
// to come again: the other guard, taken out.
const bySnapshot = `
SELECT case_id, queue, from_queue, agent_id, kind, at, change_id
FROM desk_changes
WHERE site_id = $1 AND $4::bigint IS NOT NULL AND xid >= $5::text::xid8 AND NOT pg_visible_in_snapshot(xid, $2::pg_snapshot)
ORDER BY xid, change_id
LIMIT $3`

// A Postgres that was killed gives out again the numbers of transactions that
// were rolled back just before, which a reader's snapshot takes for over.
func TestChanges_ANumberThatIsGivenOutAgainAfterACrash(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{selectUnseen: "[note]", bySnapshot: "[]"} {
		s := scenery(t)
		s.desk.sql.unseen = sql
		s.exec(t, `INSERT INTO desk_changes (site_id, kind, at) VALUES ($1, 'opened', now())`, s.site)
		tx, err := s.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var lost string
		if err := tx.QueryRow(t.Context(), `SELECT pg_current_xact_id()::text`).Scan(&lost); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		cursor := ""
		collect(t, s.desk, s.site, &cursor)
		s.exec(t, `INSERT INTO desk_changes (site_id, xid, kind, at) VALUES ($1, $2::text::xid8, 'note', now())`, s.site, lost)
		if got := fmt.Sprint(collect(t, s.desk, s.site, &cursor)); got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
		if got := collect(t, s.desk, s.site, &cursor); got != nil {
			t.Errorf("again: %v", got)
		}
	}
}

func TestChanges_FromTooLongAgoOrTooManyBeginAnew(t *testing.T) {
	t.Parallel()
	s := scenery(t)
	first, err := s.desk.Changes(t.Context(), s.site, "")
	if err != nil {
		t.Fatal(err)
	}
	s.exec(t, `INSERT INTO desk_changes (site_id, kind, at) SELECT $1, 'note', now() FROM generate_series(1, $2)`, s.site, maxChanges+1)
	if ch, err := s.desk.Changes(t.Context(), s.site, first.Cursor); err != nil || !ch.Reset || len(ch.List) != 0 {
		t.Errorf("%d, reset %v, %v", len(ch.List), ch.Reset, err)
	}
	s.clock.pass(23 * time.Hour)
	if ch, err := s.desk.Changes(t.Context(), s.site, first.Cursor); err != nil || !ch.Reset {
		t.Errorf("reset %v, %v", ch.Reset, err)
	}
	for _, bad := range []string{"x", "1.2.3", "1.5:4:", "1.1:2:9", "1.a:b:", "1.3:9:5,4"} {
		_, err := s.desk.Changes(t.Context(), s.site, bad)
		wantErr(t, bad, err, handoff.ErrCursor)
	}
}

func FuzzReadCursor(f *testing.F) {
	for _, s := range []string{"1790000000000.795:799:795,797", "1.1:1:", "", ".", "1.::", "9.18446744073709551615:1:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := readCursor(s); ok && len(p.snapshot) == 0 {
			t.Errorf("%q is a cursor without a snapshot", s)
		}
	})
}
