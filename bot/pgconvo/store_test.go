package pgconvo

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
	"frontdesk/internal/pgtest"
)

func newStore(tb testing.TB) *Store {
	tb.Helper()
	s, err := New(pgtest.New(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func record(key convo.Key, visitor convo.ID, id, text string) bot.Record {
	turn := bot.NewID()
	return bot.Record{
		Key: key, Visitor: visitor, Turn: turn, ClientMsgID: id, Instance: 1,
		Message: convo.Message{ID: bot.NewID(), Turn: &turn, ClientMsgID: id, Author: convo.Customer, Text: text, At: time.Now().UTC()},
	}
}

func done(key convo.Key, rec bot.Recorded, text string) bot.End {
	now := time.Now().UTC()
	return bot.End{
		Key: key, Turn: rec.Turn, Fence: rec.Fence, Outcome: convo.Answer, Language: "en", Trace: json.RawMessage(`{}`), Started: now, At: now,
		Events: []convo.Draft{
			{Kind: convo.KindMessage, Turn: rec.Turn, Body: convo.Message{ID: bot.NewID(), Turn: &rec.Turn, Author: convo.Bot, Text: text, At: now}},
			{Kind: convo.KindDone, Turn: rec.Turn, Body: convo.Done{Turn: rec.Turn, Outcome: convo.Answer}},
		},
	}
}

func TestStatements_ArePreparedByPostgres(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	conn, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for name, sql := range map[string]string{
		"recordQuick": recordQuick, "lockRow": lockRow, "recordTurn": recordTurn, "recordEnd": recordEnd, "finish": finish, "finishAny": finishAny,
		"selectPast": selectPast, "selectTalks": selectTalks, "selectSettled": selectSettled, "selectChoices": selectChoices, "selectSections": selectSections, "insertEvents": insertEvents, "insertTurn": insertTurn, "deleteOpen": deleteOpen, "selectRepeat": selectRepeat, "selectEvents": selectEvents,
		"selectTurnEvents": selectTurnEvents, "selectAbandoned": selectAbandoned, "moveOn": moveOn, "insertConversation": insertConversation,
		"insertBoth": insertBoth, "insertJTI": insertJTI, "upsertSubject": upsertSubject, "expireConversations": expireConversations,
		"expireVisitors": expireVisitors, "expireJTIs": expireJTIs, "expireInstances": expireInstances,
	} {
		if _, err := conn.Conn().Prepare(t.Context(), name, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// A statement of one site's rows says so.
		if strings.Contains(sql, "conversation") && !strings.Contains(sql, "site_id") {
			t.Errorf("%s names no site", name)
		}
	}
}

func TestRecord_OnlyTheVisitorsOwnConversation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site := newSite(t, s, "shop")
	key, visitor := newConversation(t, s, site)
	for name, r := range map[string]bot.Record{
		"another visitor":      record(key, bot.NewID(), "1", "hi"),
		"another site":         record(convo.Key{Site: site + 1, ID: key.ID}, visitor, "1", "hi"),
		"another conversation": record(convo.Key{Site: site, ID: bot.NewID()}, visitor, "1", "hi"),
	} {
		if _, err := s.Record(t.Context(), r); !errors.Is(err, bot.ErrNoConversation) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRecord_RepeatOfAnotherVisitorIsNotThere(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site := newSite(t, s, "shop")
	key, visitor := newConversation(t, s, site)
	if _, err := s.Record(t.Context(), record(key, visitor, "1", "hi")); err != nil {
		t.Fatal(err)
	}
	if rec, err := s.Record(t.Context(), record(key, visitor, "1", "hi")); err != nil || !rec.Repeat {
		t.Errorf("%+v, %v", rec, err)
	}
	if _, err := s.Record(t.Context(), record(key, visitor, "1", "ho")); !errors.Is(err, bot.ErrReused) {
		t.Errorf("other words: %v", err)
	}
	if _, err := s.Record(t.Context(), record(key, bot.NewID(), "1", "hi")); !errors.Is(err, bot.ErrNoConversation) {
		t.Errorf("another visitor: %v", err)
	}
}

// Two sites hold conversations, visitors and messages under the same ids,
// shuffled; whatever is asked of one shows and changes nothing of the other.
func TestSites_NothingEverCrosses(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		if err := crossing(t, s, fmt.Sprint(n), rapid.Permutation([]int{0, 1, 2}).Draw(rt, "conversations"), rapid.Permutation([]int{0, 1, 2}).Draw(rt, "visitors")); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestSites_FailWithoutTheSiteFilter(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.sql.finish = strings.Replace(s.sql.finish, "WHERE site_id = $1 AND conversation_id = $2", "WHERE conversation_id = $2", 1)
	if err := crossing(t, s, "cut", []int{0, 1, 2}, []int{0, 1, 2}); err == nil {
		t.Fatal("nothing shows that the filter is needed")
	} else {
		t.Log(err)
	}
}

func crossing(t *testing.T, s *Store, name string, convs, visitors []int) error {
	t.Helper()
	ctx := t.Context()
	ids, people := [3]convo.ID{bot.NewID(), bot.NewID(), bot.NewID()}, [3]convo.ID{bot.NewID(), bot.NewID(), bot.NewID()}
	a, b := newSite(t, s, "a"+name), newSite(t, s, "b"+name)
	open := func(site int32, c, v int) error {
		_, err := s.Open(ctx, bot.Opening{Site: site, Conversation: ids[c], Visitor: people[v], At: time.Now()})
		return err
	}
	for i := range 3 {
		if err := errors.Join(open(a, i, i), open(b, convs[i], visitors[i])); err != nil {
			return err
		}
	}
	// Everything happens on site a, in the conversation 0 that site b has too.
	key, there := convo.Key{Site: a, ID: ids[0]}, convo.Key{Site: b, ID: ids[0]}
	rec, err := s.Record(ctx, record(key, people[0], "1", "of site a"))
	if err != nil {
		return err
	}
	// The same turn of the same conversation is open on b: as if ids were shared.
	if _, err := s.pool.Exec(ctx, `UPDATE conversations SET open_turn = $3 WHERE site_id = $1 AND conversation_id = $2`, b, ids[0], rec.Turn); err != nil {
		return err
	}
	before, err := dump(t, s, b)
	if err != nil {
		return err
	}
	if _, err := s.Finish(ctx, done(key, rec, "reply of site a")); err != nil {
		return err
	}
	if _, err := s.Record(ctx, record(key, people[0], "2", "again of site a")); err != nil {
		return err
	}
	if events, err := s.Events(ctx, there, 0, 100); err != nil || len(events) != 0 {
		return fmt.Errorf("site b reads %d events of site a (%w)", len(events), err)
	}
	if log, err := s.Turn(ctx, there, rec.Turn); err != nil || len(log.Events) != 0 {
		return fmt.Errorf("site b reads a turn of site a (%w)", err)
	}
	if _, err := s.Trace(ctx, there, rec.Turn); !errors.Is(err, bot.ErrNoConversation) {
		return fmt.Errorf("site b reads a trace of site a (%w)", err)
	}
	if msgs, _, err := s.Messages(ctx, there, 0, 10); err != nil || len(msgs) != 0 {
		return fmt.Errorf("site b reads messages of site a (%w)", err)
	}
	if _, err := s.Erase(ctx, a, people[1]); err != nil {
		return err
	}
	after, err := dump(t, s, b)
	if err != nil {
		return err
	}
	if before != after {
		return fmt.Errorf("site b was changed:\n%s\n%s", before, after)
	}
	return nil
}

// dump is everything that one site keeps about people.
func dump(t *testing.T, s *Store, site int32) (string, error) {
	t.Helper()
	var all []string
	for _, p := range personal {
		rows, err := s.pool.Query(t.Context(), fmt.Sprintf("SELECT row_to_json(t)::text FROM %s t WHERE site_id = $1 ORDER BY 1", p.table), site)
		if err != nil {
			return "", err
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				return "", err
			}
			all = append(all, p.table+row)
		}
		if rows.Err() != nil {
			return "", rows.Err()
		}
	}
	return strings.Join(all, "\n"), nil
}

func TestSecret_IsTheSameForEverybody(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	got := make(chan string, 8)
	for i := range 8 {
		go func() {
			secret, err := s.Secret(t.Context(), "x", []byte(fmt.Sprint(i)))
			if err != nil {
				t.Error(err)
			}
			got <- string(secret)
		}()
	}
	first := <-got
	for range 7 {
		if again := <-got; again != first {
			t.Errorf("%q and %q", first, again)
		}
	}
}

func TestStore_WithoutADatabaseSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	key, visitor := newConversation(t, s, newSite(t, s, "shop"))
	s.pool.Close()
	_, err := s.Record(t.Context(), record(key, visitor, "1", "hi"))
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Unavailable || f.RetryAfter == 0 || f.Code != "database_unavailable" {
		t.Errorf("got %v", err)
	}
}
