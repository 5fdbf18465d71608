package pgconvo

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

func TestPersonal_NamesEveryTableThatLeadsToAPerson(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	rows, err := s.pool.Query(t.Context(), `
SELECT DISTINCT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name IN ('visitor_id', 'conversation_id')
ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		have = append(have, name)
	}
	var named []string
	for _, p := range personal {
		named = append(named, p.table)
	}
	slices.Sort(named)
	if !slices.Equal(have, named) {
		t.Errorf("the database has %v, export and erase know %v", have, named)
	}
}

func TestPerson_ExportShowsAndEraseRemovesEveryCopy(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site := newSite(t, s, "shop")
	key, visitor := newConversation(t, s, site)
	other, otherVisitor := newConversation(t, s, site)
	fill := func(key convo.Key, visitor convo.ID, mark string) {
		rec, err := s.Record(t.Context(), record(key, visitor, "1", mark))
		if err != nil {
			t.Fatal(err)
		}
		end := done(key, rec, mark)
		if _, err := s.Finish(t.Context(), end); err != nil {
			t.Fatal(err)
		}
		message := end.Events[0].Body.(convo.Message).ID
		if _, err := s.PutFeedback(t.Context(), bot.Feedback{Key: key, Visitor: visitor, Message: message, Comment: mark, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		caseID := bot.NewID()
		_, err = s.pool.Exec(t.Context(), `INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, note, opened_at) VALUES ($1, $2, $3, $4, 'main', 'asked', $5, now())`,
			key.Site, caseID, uuid.NewString(), key.ID, mark)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.pool.Exec(t.Context(), `INSERT INTO case_events (site_id, case_id, n, conversation_id, kind, actor, body, at) VALUES ($1, $2, 1, $3, 'note', 'Mara', json_build_object('text', $4::text), now())`,
			key.Site, caseID, key.ID, mark)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.pool.Exec(t.Context(), `INSERT INTO blocked_visitors (site_id, visitor_id, by_name, why, at) VALUES ($1, $2, 'Mara', $3, now())`, key.Site, visitor, mark)
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{
			`INSERT INTO mails (site_id, mail_id, case_id, conversation_id, kind, address, state, created_at) VALUES ($1, $2, $3, $4, 'reply', $5, 'queued', now())`,
			`INSERT INTO mail_codes (site_id, code_hash, purpose, case_id, conversation_id, address, expires_at) VALUES ($1, uuid_send($2::uuid), 'rating', $3, $4, $5, now())`,
			`INSERT INTO case_ratings (site_id, agent_id, case_id, conversation_id, queue, comment, asked_by, asked_at) VALUES ($1, $2, $3, $4, 'main', $5, 'page', now())`,
			`INSERT INTO case_words (site_id, case_id, conversation_id, opened_at, seq, n, words) SELECT $1, $3, $4, now(), 0, 0, array_to_tsvector(ARRAY[$5::text]) WHERE $2::uuid IS NOT NULL`,
			`INSERT INTO conversation_words (site_id, conversation_id, opened_at, seq, words) SELECT $1, $4, now(), 0, array_to_tsvector(ARRAY[$5::text]) WHERE $2::uuid <> $3::uuid`,
			`INSERT INTO files (site_id, file_id, conversation_id, by_agent, upload, state, total, name, created_at) SELECT $1, $2, $4, false, 'x', 'coming', 1, $5, now() WHERE $3::uuid IS NOT NULL`,
			`INSERT INTO file_pieces (site_id, file_id, part, n, conversation_id, bytes) SELECT site_id, file_id, 0, 0, conversation_id, convert_to($5, 'UTF8') FROM files WHERE site_id = $1 AND conversation_id = $4 AND $2::uuid <> $3::uuid`,
			`INSERT INTO confirmed_addresses (site_id, visitor_id, address, confirmed_at) SELECT site_id, visitor_id, $5, now() FROM conversations WHERE site_id = $1 AND conversation_id = $4 AND $2::uuid <> $3::uuid`,
		} {
			if _, err := s.pool.Exec(t.Context(), sql, key.Site, bot.NewID(), caseID, key.ID, mark); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.MarkRead(t.Context(), key, convo.Read{By: convo.Customer, Up: 1}, time.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Record(t.Context(), record(key, visitor, "2", mark)); err != nil { // and a turn that is open
			t.Fatal(err)
		}
	}
	fill(key, visitor, "sesame")
	fill(other, otherVisitor, "poppy")

	tables := map[string]int{}
	err := s.Export(t.Context(), site, visitor, func(table string, row json.RawMessage) error {
		tables[table]++
		if strings.Contains(string(row), "poppy") {
			t.Errorf("%s shows another's row: %s", table, row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range personal {
		if tables[p.table] == 0 {
			t.Errorf("the export has nothing of %s", p.table)
		}
	}
	if n, err := s.Erase(t.Context(), site, visitor); err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	left, err := dump(t, s, site)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(left, "sesame") || strings.Contains(left, visitor.String()) || strings.Contains(left, key.ID.String()) {
		t.Errorf("left: %s", left)
	}
	if !strings.Contains(left, "poppy") {
		t.Error("the other's rows went too")
	}
	if _, err := s.Erase(t.Context(), site, visitor); !errors.Is(err, ErrNoVisitor) {
		t.Errorf("again: %v", err)
	}
	if err := s.Export(t.Context(), site, visitor, nil); !errors.Is(err, ErrNoVisitor) {
		t.Errorf("export afterwards: %v", err)
	}
}

func TestErase_DuringATurnLeavesNothingToFinish(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site := newSite(t, s, "shop")
	key, visitor := newConversation(t, s, site)
	rec, err := s.Record(t.Context(), record(key, visitor, "1", "hi"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Erase(t.Context(), site, visitor); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finish(t.Context(), done(key, rec, "too late")); !errors.Is(err, bot.ErrFenced) {
		t.Errorf("finish: %v", err)
	}
	if _, err := s.Turn(t.Context(), key, rec.Turn); !errors.Is(err, bot.ErrNoConversation) {
		t.Errorf("turn: %v", err)
	}
}

func TestExpire_KeepsWhatIsYoungOrStillGoingOn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	settings, err := bot.ParseSettings([]byte(`{"retention_days":30}`))
	if err != nil {
		t.Fatal(err)
	}
	site := &bot.Site{ID: retrieval.SiteID(newSite(t, s, "shop")), Settings: settings}
	now := time.Now()
	make := func(created, last time.Duration) convo.Key {
		key, _ := newConversation(t, s, int32(site.ID))
		_, err := s.pool.Exec(t.Context(), `
WITH v AS (UPDATE visitors v SET created_at = $3 FROM conversations c WHERE c.conversation_id = $2 AND v.visitor_id = c.visitor_id)
UPDATE conversations SET created_at = $3, last_at = $4 WHERE site_id = $1 AND conversation_id = $2`, key.Site, key.ID, now.Add(-created), now.Add(-last))
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	const day = 24 * time.Hour
	old, active, young := make(40*day, 31*day), make(40*day, 29*day), make(day, day)
	if _, err := s.pool.Exec(t.Context(), `INSERT INTO identity_jtis VALUES ($1, 'old', $2), ($1, 'new', $3)`, int32(site.ID), now.Add(-time.Hour), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	n, err := s.Expire(t.Context(), site, now)
	if err != nil || n != (Expired{Conversations: 1, Visitors: 1, JTIs: 1}) {
		t.Errorf("%+v, %v", n, err)
	}
	left, err := dump(t, s, int32(site.ID))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(left, old.ID.String()) || !strings.Contains(left, active.ID.String()) || !strings.Contains(left, young.ID.String()) {
		t.Errorf("left: %s", left)
	}
}
