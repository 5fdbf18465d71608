package pgconsole

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
)

const (
	aloneID   = "conversation_id"
	fromAlone = ` FROM conversation_words w`

	// notACase is asked of each row: one that a person got a moment ago has its
	// row here still.
	notACase = `NOT EXISTS (SELECT 1 FROM cases c WHERE c.site_id = w.site_id AND c.conversation_id = w.conversation_id)`

	// takeAlone holds a conversation before what is due of it, and waits for
	// neither: whoever erases conversations, which takes both in the same order,
	// waits for this and never this for them.
	takeAlone = `
SELECT d.site_id, d.conversation_id, d.due_id, d.seq, k.last_seq,
  k.last_at < now() - interval '1 day',
  EXISTS (SELECT 1 FROM cases c WHERE c.site_id = d.site_id AND c.conversation_id = d.conversation_id)
FROM conversation_words_due d
JOIN conversations k USING (site_id, conversation_id)
WHERE d.due_at <= now()
ORDER BY d.due_at
LIMIT $1
FOR KEY SHARE OF k SKIP LOCKED
FOR UPDATE OF d SKIP LOCKED`

	selectAloneAbout = `
SELECT k.conversation_id, k.created_at, k.language, v.name, v.email
FROM conversations k
JOIN visitors v USING (site_id, visitor_id)
WHERE k.site_id = $1 AND k.conversation_id = ANY ($2)
ORDER BY k.conversation_id`

	// putAlone never goes back: see putWords.
	putAlone = `
INSERT INTO conversation_words AS w (site_id, conversation_id, opened_at, seq, words)
SELECT $1, x.conversation_id, x.opened_at, x.seq, x.words::tsvector
FROM unnest($2::uuid[], $3::timestamptz[], $4::bigint[], $5::text[]) x (conversation_id, opened_at, seq, words)
ON CONFLICT (site_id, conversation_id) DO UPDATE SET seq = excluded.seq, words = excluded.words
WHERE w.seq <= excluded.seq`

	dropAlone = `DELETE FROM conversation_words WHERE site_id = $1 AND conversation_id = ANY ($2)`

	// waitAlone says when each is looked at again: soon where something was said,
	// else after twice the pause.
	waitAlone = `
UPDATE conversation_words_due d
SET seq = x.seq, pause = CASE WHEN x.seq > d.seq THEN interval '30 seconds' ELSE d.pause * 2 END,
  due_at = now() + CASE WHEN x.seq > d.seq THEN interval '30 seconds' ELSE d.pause * 2 END
FROM unnest($1::int[], $2::uuid[], $3::bigint[], $4::bigint[]) x (site_id, conversation_id, due_id, seq)
WHERE d.site_id = x.site_id AND d.conversation_id = x.conversation_id AND d.due_id = x.due_id`

	// leaveAlone lets go what is read and has been quiet through a pause of half an
	// hour, far longer than the one after which a message is due by itself.
	leaveAlone = `
DELETE FROM conversation_words_due d
USING unnest($1::int[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bool[]) x (site_id, conversation_id, due_id, seq, over)
WHERE d.site_id = x.site_id AND d.conversation_id = x.conversation_id AND d.due_id = x.due_id
  AND (x.over OR d.seq = x.seq AND d.pause > interval '30 minutes')`

	hastenAlone = `
UPDATE conversation_words_due d SET due_at = now()
FROM conversations k
WHERE k.site_id = d.site_id AND k.conversation_id = d.conversation_id AND k.last_seq > d.seq AND d.due_at > now()`

	selectAlone = `
SELECT k.conversation_id, k.visitor_id, v.name, k.language, k.created_at, k.last_at,
  (SELECT count(*) FROM events e WHERE e.site_id = k.site_id AND e.conversation_id = k.conversation_id AND e.kind = 'message'),
  coalesce((SELECT left(e.body ->> 'text', 200) FROM events e
    WHERE e.site_id = k.site_id AND e.conversation_id = k.conversation_id AND e.seq <= 20 AND e.kind = 'message'
      AND e.body ->> 'author' = 'customer' AND e.body ->> 'text' <> ''
    ORDER BY e.seq LIMIT 1), ''),
  (SELECT f.helpful FROM feedback f WHERE f.site_id = k.site_id AND f.conversation_id = k.conversation_id ORDER BY f.at DESC LIMIT 1),
  (SELECT c.case_id FROM cases c WHERE c.site_id = k.site_id AND c.conversation_id = k.conversation_id ORDER BY c.opened_at DESC LIMIT 1)
FROM conversations k
JOIN visitors v USING (site_id, visitor_id)
WHERE k.site_id = $1 AND k.conversation_id = ANY ($2)`
)

// aloneSQL is what a search asks of the conversations that the assistant had
// alone. Without words they are read in the order of their age.
func aloneSQL(a handoff.Actor, s console.Search) *searching {
	q := &searching{from: fromAlone, by: "w", id: aloneID}
	q.and("w.site_id = $%d", a.Site)
	q.where = append(q.where, notACase)
	if words := tsquery(a.Site, s); words != "" {
		q.and("w.words @@ $%d::tsquery", words)
	}
	if s.Languages != nil {
		q.and("w.words @@ $%d::tsquery", languagesQuery(a.Site, s.Languages))
	}
	if !s.Before.IsZero() {
		q.and("w.opened_at < $%d", s.Before)
	}
	if !s.After.IsZero() {
		q.and("w.opened_at >= $%d", s.After)
	}
	if slices.Contains(s.Has, "rating") {
		q.where = append(q.where, "EXISTS (SELECT 1 FROM feedback f WHERE f.site_id = w.site_id AND f.conversation_id = w.conversation_id)")
	}
	return q
}

// languagesQuery asks the index for one of several languages; what is none has
// no word.
func languagesQuery(site int32, languages []string) string {
	var one []string
	for _, l := range languages {
		if m := languageMark(l); m != "" {
			one = append(one, "'"+lexeme(site, hasMark+m)+"'")
		}
	}
	return strings.Join(one, " | ")
}

// Alone reads conversations that the assistant had alone, and those that are a
// case by now, which say so: see console.Store.
func (s *Store) Alone(ctx context.Context, site int32, ids []convo.ID) ([]console.Alone, error) {
	rows, err := s.pool.Query(ctx, selectAlone, site, ids)
	if err != nil {
		return nil, wrap("read conversations", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x console.Alone, err error) {
		var asCase *convo.ID
		err = row.Scan(&x.ID, &x.Visitor, &x.Name, &x.Language, &x.OpenedAt, &x.LastAt, &x.Messages, &x.First, &x.Helpful, &asCase)
		if asCase != nil {
			x.Case = *asCase
		}
		return x, err
	})
	return list, wrap("read conversations", err)
}

// AloneSayings reads all that is said in conversations that the assistant had
// alone: see console.Store.
func (s *Store) AloneSayings(ctx context.Context, site int32, ids []convo.ID) (map[convo.ID][]console.Saying, error) {
	list, _, err := readAlone(ctx, s.pool, site, ids)
	if err != nil {
		return nil, wrap("read what was said", err)
	}
	out := make(map[convo.ID][]console.Saying, len(list))
	for _, x := range list {
		out[x.id] = x.said
	}
	return out, nil
}

// told is a conversation with what it is found by.
type told struct {
	id       convo.ID
	opened   time.Time
	language string
	said     []console.Saying
}

// languageMark is a language as a mark among the words: looked for there it
// costs what a word does, and needs no row of the conversation itself. Empty: it
// is none.
func languageMark(language string) string {
	primary, _, _ := strings.Cut(strings.ToLower(language), "-")
	if primary == "" || strings.Trim(primary, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return "language-" + primary
}

func readAlone(ctx context.Context, db querier, site int32, ids []convo.ID) (list []told, files map[convo.ID]bool, err error) {
	messages, files, err := readMessagesOf(ctx, db, site, ids)
	if err != nil {
		return nil, nil, err
	}
	rows, err := db.Query(ctx, selectAloneAbout, site, ids)
	if err != nil {
		return nil, nil, err
	}
	var x told
	var name, email string
	_, err = pgx.ForEachRow(rows, []any{&x.id, &x.opened, &x.language, &name, &email}, func() error {
		x.said = messages[x.id]
		if who := strings.TrimSpace(name + " " + email); who != "" {
			x.said = append(slices.Clip(x.said), console.Saying{By: "name", At: x.opened, Text: who})
		}
		list = append(list, x)
		return nil
	})
	return list, files, err
}

// due is a row of the list of conversations that go on.
type due struct {
	site         int32
	id           convo.ID
	n            int64
	seq, last    int64 // what was read, what there is
	long, asCase bool  // nothing was said for a day; a person has it
}

// indexAlone reads the words of conversations without a case that are due. A
// process that dies in it leaves them due.
func (s *Store) indexAlone(ctx context.Context) (taken int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		list, err := takenAlone(ctx, tx)
		if err != nil || len(list) == 0 {
			return err
		}
		taken = len(list)
		fresh, cases := map[int32][]convo.ID{}, map[int32][]convo.ID{}
		last := map[convo.ID]int64{}
		for _, d := range list {
			switch {
			case d.asCase:
				cases[d.site] = append(cases[d.site], d.id)
			case d.last > d.seq:
				fresh[d.site] = append(fresh[d.site], d.id)
				last[d.id] = d.last
			}
		}
		for site, ids := range fresh {
			if err := putAloneWords(ctx, tx, site, distinct(ids), last); err != nil {
				return err
			}
		}
		for site, ids := range cases {
			if _, err := tx.Exec(ctx, dropAlone, site, ids); err != nil {
				return err
			}
		}
		return lookAgain(ctx, tx, list)
	})
	if err != nil {
		taken = 0
	}
	return taken, wrap("read words for the search", err)
}

func takenAlone(ctx context.Context, tx pgx.Tx) ([]due, error) {
	rows, err := tx.Query(ctx, takeAlone, indexBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d due, err error) {
		err = row.Scan(&d.site, &d.id, &d.n, &d.seq, &d.last, &d.long, &d.asCase)
		return d, err
	})
}

// putAloneWords keeps the words of conversations in which a customer said
// something.
func putAloneWords(ctx context.Context, tx pgx.Tx, site int32, ids []convo.ID, last map[convo.ID]int64) error {
	list, files, err := readAlone(ctx, tx, site, ids)
	if err != nil {
		return err
	}
	var of []convo.ID
	var opened []time.Time
	var seqs []int64
	var words []string
	for _, x := range list {
		if !slices.ContainsFunc(x.said, func(m console.Saying) bool { return m.By == string(convo.Customer) }) {
			continue
		}
		of, opened, seqs = append(of, x.id), append(opened, x.opened), append(seqs, last[x.id])
		var marks []string
		if files[x.id] {
			marks = append(marks, "file")
		}
		if m := languageMark(x.language); m != "" {
			marks = append(marks, m)
		}
		words = append(words, tsvector(site, x.said, marks))
	}
	_, err = tx.Exec(ctx, putAlone, site, of, opened, seqs, words)
	return err
}

// lookAgain says of each row when it is due again, or lets it go.
func lookAgain(ctx context.Context, tx pgx.Tx, list []due) error {
	var sites []int32
	var ids []convo.ID
	var ns, seqs []int64
	var over []bool
	for _, d := range list {
		sites, ids, ns, seqs = append(sites, d.site), append(ids, d.id), append(ns, d.n), append(seqs, d.last)
		over = append(over, d.long || d.asCase)
	}
	if _, err := tx.Exec(ctx, leaveAlone, sites, ids, ns, seqs, over); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, waitAlone, sites, ids, ns, seqs)
	return err
}

// Hasten makes due now whatever was said in conversations without a case and is
// not read yet: see console.Store.
func (s *Store) Hasten(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, hastenAlone)
	return wrap("read words for the search", err)
}
