package pgconvo

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

// Whatever wrote to a conversation meanwhile, here or elsewhere, a message is
// recorded with what the log holds before it.
func TestRecord_WhatIsKeptInMemoryIsWhatTheLogHolds(t *testing.T) {
	t.Parallel()
	here := newStore(t)
	elsewhere, err := New(here.pool)
	if err != nil {
		t.Fatal(err)
	}
	processes := []*Store{here, here, elsewhere}
	site, n, kept := newSite(t, here, "shop"), 0, 0
	rapid.Check(t, func(r *rapid.T) {
		key, visitor := newConversation(t, here, site)
		say := func(s *Store) bot.Recorded {
			n++
			if s.lately.reaches(key) > 0 {
				kept++
			}
			rec, err := s.Record(t.Context(), record(key, visitor, fmt.Sprint("m", n), fmt.Sprint("words ", n)))
			if err != nil {
				r.Fatal(err)
			}
			if rec.Merged != (convo.ID{}) {
				return rec // under the lock, without what is kept
			}
			want, err := s.past(t.Context(), s.pool, key, rec.Seq, rec.Settled)
			if err != nil {
				r.Fatal(err)
			}
			if len(rec.Past)+len(want) > 0 && !reflect.DeepEqual(rec.Past, want) {
				r.Fatalf("before event %d:\n%+v\nthe log holds\n%+v", rec.Seq, rec.Past, want)
			}
			return rec
		}
		for range rapid.IntRange(2, 9).Draw(r, "steps") {
			s := processes[rapid.IntRange(0, 2).Draw(r, "process")]
			rec := say(s)
			switch rapid.IntRange(0, 6).Draw(r, "then") {
			case 0: // it is typed on before the answer
				rec = say(processes[rapid.IntRange(1, 2).Draw(r, "again")])
			case 1: // the desk writes, a few words or many
				beside(t, s, key, rapid.SampledFrom([]int{1, 3, 80}).Draw(r, "events"), false)
			case 2:
				s.lately.turnOver()
			case 3:
				s.lately.turnOver()
				s.lately.turnOver()
			}
			if _, err := s.Finish(t.Context(), done(key, rec, fmt.Sprint("answer ", n))); err != nil {
				r.Fatal(err)
			}
			if rapid.IntRange(0, 5).Draw(r, "settled") == 0 {
				beside(t, s, key, 1, true)
			}
		}
	})
	if kept == 0 {
		t.Error("nothing was ever kept")
	}
}

// beside writes events as another part does: under the conversation's row.
func beside(t *testing.T, s *Store, key convo.Key, n int, settles bool) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `
WITH c AS (
    UPDATE conversations SET last_seq = last_seq + $3, settled_seq = CASE WHEN $4 THEN last_seq + $3 ELSE settled_seq END
    WHERE site_id = $1 AND conversation_id = $2 RETURNING last_seq
)
INSERT INTO events (site_id, conversation_id, seq, kind, body, at)
SELECT $1, $2, last_seq - i, CASE WHEN i % 7 = 0 THEN 'message' ELSE 'owner' END, '{"author":"agent","text":"of the desk"}', now() FROM c, generate_series(0, $3 - 1) i`,
		key.Site, key.ID, n, settles)
	if err != nil {
		t.Fatal(err)
	}
}

func TestLately_ForgetsInTimeAndForWantOfRoom(t *testing.T) {
	t.Parallel()
	l := newLately()
	key := func(i int) convo.Key { return convo.Key{Site: 1, ID: convo.ID{byte(i), byte(i >> 8)}} }
	body, err := json.Marshal(convo.Message{Author: convo.Bot, Text: strings.Repeat("x", 10_000), At: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	said := func(i int) { l.follow(key(i), 0, []convo.Event{{Seq: 1, Kind: convo.KindMessage, Body: body}}) }
	said(0)
	l.turnOver()
	if l.reaches(key(0)) != 1 {
		t.Error("forgotten after one turn")
	}
	l.turnOver()
	if l.reaches(key(0)) != 0 || len(l.young)+len(l.old) != 0 || l.turning {
		t.Error("still there after two turns")
	}
	for i := range 1000 {
		said(i)
	}
	if n := len(l.young) + len(l.old); n > 2*latelyBytes/len(body)+2 || n < latelyBytes/len(body) {
		t.Errorf("%d conversations of 10 kB are kept", n)
	}
	if l.reaches(key(999)) != 1 || l.reaches(key(1)) != 0 {
		t.Error("the newest is to stay and the oldest to go")
	}
}
