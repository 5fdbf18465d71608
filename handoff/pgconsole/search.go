package pgconsole

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
)

// readMessages bounds how much of one conversation is read: its newest.
const readMessages = 400

const (
	// selectMessages reads what was said in conversations, by everybody.
	selectMessages = `
SELECT x.id, e.seq, e.at, e.body
FROM unnest($2::uuid[]) x (id)
CROSS JOIN LATERAL (
    SELECT seq, at, body FROM events
    WHERE site_id = $1 AND conversation_id = x.id AND kind = 'message'
    ORDER BY seq DESC
    LIMIT $3
) e
ORDER BY x.id, e.seq`

	selectNotes = `
SELECT case_id, n, at, actor, body
FROM case_events
WHERE site_id = $1 AND case_id = ANY ($2) AND kind = 'note'
ORDER BY case_id, n`

	// selectAbout reads what else a case is found by.
	selectAbout = `
SELECT c.case_id, c.conversation_id, c.opened_at, coalesce(c.closed_at, c.opened_at), k.last_seq, c.last_n, c.reference, c.note, c.contact, c.memo, v.name, v.email
FROM cases c
JOIN conversations k USING (site_id, conversation_id)
JOIN visitors v ON v.site_id = k.site_id AND v.visitor_id = k.visitor_id
WHERE c.site_id = $1 AND `
	aboutCases         = `c.case_id = ANY ($2)`
	aboutConversations = `c.conversation_id = ANY ($2)`
)

// searching is a search as SQL: conditions are constants, values parameters.
type searching struct {
	from  string // the tables, and by which of them the order goes
	by    string
	id    string // what is found, a column of that table
	where []string
	args  []any
}

func (q *searching) and(condition string, value any) {
	q.args = append(q.args, value)
	q.where = append(q.where, fmt.Sprintf(condition, len(q.args)))
}

const (
	fromCases = ` FROM cases c`
	fromWords = ` FROM case_words w JOIN cases c ON c.site_id = w.site_id AND c.case_id = w.case_id`
)

// searchSQL is what a search asks of cases c with their words w, for an actor.
// Without words the cases alone are read, in the order of their age: filters
// that fit few would else look up every case by its id.
func searchSQL(a handoff.Actor, s console.Search) *searching {
	q := &searching{from: fromCases, by: "c", id: "case_id"}
	words := tsquery(a.Site, s)
	if words != "" {
		q.from, q.by = fromWords, "w"
	}
	q.and(q.by+".site_id = $%d", a.Site)
	if words != "" {
		q.and("w.words @@ $%d::tsquery", words)
	}
	if a.Queues != nil {
		q.args = append(q.args, a.Queues, a.Agent)
		q.where = append(q.where, fmt.Sprintf("(c.queue = ANY ($%d) OR c.agent_id = $%d)", len(q.args)-1, len(q.args)))
	}
	for _, f := range []struct {
		column string
		values []string
	}{
		{"c.queue", s.Queues},
		{"c.desk", s.Desks},
		{"c.reason", s.Reasons},
		{"c.ended", s.Ended},
		{"lower(c.product)", s.Products},
		{"lower(CASE WHEN c.topic_final <> '' THEN c.topic_final ELSE c.topic END)", s.Topics},
		{"split_part(lower(c.language), '-', 1)", s.Languages},
	} {
		if f.values != nil {
			q.and(f.column+" = ANY ($%d)", f.values)
		}
	}
	if s.Agents != nil {
		q.and("c.agent_id = ANY ($%d)", s.Agents)
	}
	if s.Reference != "" {
		ref := s.Reference
		if len(ref) > 4 {
			ref = ref[:4] + "-" + ref[4:]
		}
		q.and("starts_with(c.reference, $%d)", ref)
	}
	if !s.Before.IsZero() {
		q.and(q.by+".opened_at < $%d", s.Before)
	}
	if !s.After.IsZero() {
		q.and(q.by+".opened_at >= $%d", s.After)
	}
	switch s.State {
	case "open":
		q.where = append(q.where, "c.closed_at IS NULL")
	case "late":
		q.where = append(q.where, "c.closed_at IS NULL")
		q.and("c.rank_at < $%d", s.Now)
	case "snoozed":
		q.where = append(q.where, "c.snoozed_until IS NOT NULL")
	case "waiting", "claimed", "closed":
		q.and("c.state = $%d", s.State)
	}
	for _, has := range s.Has {
		if has == "rating" {
			q.where = append(q.where, "EXISTS (SELECT 1 FROM case_ratings r WHERE r.site_id = c.site_id AND r.case_id = c.case_id AND r.rated_at IS NOT NULL)")
		}
	}
	return q
}

// tsquery is what the words of a search ask of the index. A term is made of
// letters, digits and marks, so that nothing in it needs quoting. Files and
// notes are words that nobody can write.
func tsquery(site int32, s console.Search) string {
	var all []string
	for _, w := range s.Words {
		var terms []string
		for i, t := range w.Terms {
			q := "'" + lexeme(site, t) + "'"
			if i == len(w.Terms)-1 && !w.Whole {
				q += ":*"
			}
			terms = append(terms, q)
		}
		all = append(all, strings.Join(terms, " <-> "))
	}
	for _, has := range s.Has {
		if has == "file" || has == "note" {
			all = append(all, "'"+lexeme(site, hasMark+has)+"'")
		}
	}
	return strings.Join(all, " & ")
}

const hasMark = "#"

func lexeme(site int32, term string) string { return strconv.Itoa(int(site)) + ":" + term }

// Search lists the cases that fit and that the actor may read, and the
// conversations without one, the newest first: see console.Store. Each kind has
// its own tables with the same order, so that a page of both is the first of the
// one and the first of the other.
func (s *Store) Search(ctx context.Context, a handoff.Actor, ask console.Search) (out console.Found, err error) {
	var all []found
	for _, q := range searches(a, ask) {
		list, err := s.firstOf(ctx, q, ask)
		if err != nil {
			return out, wrap("search", err)
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(x, y found) int { return cmp.Or(y.at.Compare(x.at), bytes.Compare(y.id[:], x.id[:])) })
	if n := ask.Limit; len(all) > n {
		all = all[:n]
		last := all[n-1]
		out.Next = base64.RawURLEncoding.EncodeToString([]byte(last.at.UTC().Format(time.RFC3339Nano) + " " + last.id.String()))
	}
	for _, f := range all {
		if f.alone {
			out.Alone = append(out.Alone, f.id)
		} else {
			out.Cases = append(out.Cases, f.id)
		}
	}
	return out, nil
}

// found is a row of a search before its kinds are put together.
type found struct {
	id    convo.ID
	at    time.Time
	alone bool
}

// searches are what a search asks, a query for each kind that may fit.
func searches(a handoff.Actor, ask console.Search) []*searching {
	var list []*searching
	if ask.FitsCases() {
		list = append(list, searchSQL(a, ask))
	}
	if ask.FitsAlone(a) {
		list = append(list, aloneSQL(a, ask))
	}
	return list
}

// firstOf reads a page of one kind, and one row more.
func (s *Store) firstOf(ctx context.Context, q *searching, ask console.Search) (list []found, err error) {
	if ask.Page != "" {
		at, id, err := readPage(ask.Page)
		if err != nil {
			return nil, err
		}
		q.args = append(q.args, at, id)
		q.where = append(q.where, fmt.Sprintf("(%[1]s.opened_at, %[1]s.%[2]s) < ($%[3]d::timestamptz, $%[4]d::uuid)", q.by, q.id, len(q.args)-1, len(q.args)))
	}
	q.args = append(q.args, ask.Limit+1)
	sql := fmt.Sprintf("SELECT %[1]s.%[2]s, %[1]s.opened_at%[3]s WHERE %[4]s ORDER BY %[1]s.opened_at DESC, %[1]s.%[2]s DESC LIMIT $%[5]d", q.by, q.id, q.from, strings.Join(q.where, " AND "), len(q.args))
	f := found{alone: q.id == aloneID}
	err = s.planned(ctx, sql, q.args, []any{&f.id, &f.at}, func() error {
		list = append(list, f)
		return nil
	})
	return list, err
}

// SearchCount counts what a search finds, up to most.
func (s *Store) SearchCount(ctx context.Context, a handoff.Actor, ask console.Search, most int) (n int, err error) {
	for _, q := range searches(a, ask) {
		q.args = append(q.args, most-n)
		sql := fmt.Sprintf("SELECT count(*) FROM (SELECT 1%s WHERE %s LIMIT $%d) x", q.from, strings.Join(q.where, " AND "), len(q.args))
		var of int
		if err := s.planned(ctx, sql, q.args, []any{&of}, func() error { return nil }); err != nil {
			return 0, wrap("count what is found", err)
		}
		n += of
	}
	return n, nil
}

// planned runs a query whose plan depends on its values: how common a word is
// decides whether its index or the order of age is read. No plan is kept for it.
func (s *Store) planned(ctx context.Context, sql string, args, into []any, each func() error) error {
	rows, err := s.pool.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, into, each)
	return err
}

func readPage(cursor string) (at time.Time, id convo.ID, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	moment, name, ok := strings.Cut(string(raw), " ")
	if err != nil || !ok || id.UnmarshalText([]byte(name)) != nil {
		return at, id, handoff.ErrCursor
	}
	if at, err = time.Parse(time.RFC3339Nano, moment); err != nil {
		return at, id, handoff.ErrCursor
	}
	return at, id, nil
}

// about is a case with what it is found by beside its messages.
type about struct {
	id, conversation                            convo.ID
	opened, ended                               time.Time
	seq, n                                      int64
	reference, note, contact, memo, name, email string
}

// Sayings reads all that is said in and about cases: see console.Store.
func (s *Store) Sayings(ctx context.Context, site int32, ids []convo.ID) (map[convo.ID][]console.Saying, error) {
	cases, err := readAbout(ctx, s.pool, site, aboutCases, ids)
	if err != nil {
		return nil, wrap("read what was said", err)
	}
	out, _, err := readSayings(ctx, s.pool, site, cases)
	return out, wrap("read what was said", err)
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func readAbout(ctx context.Context, db querier, site int32, by string, ids []convo.ID) ([]about, error) {
	rows, err := db.Query(ctx, selectAbout+by+" ORDER BY c.case_id", site, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (x about, err error) {
		err = row.Scan(&x.id, &x.conversation, &x.opened, &x.ended, &x.seq, &x.n, &x.reference, &x.note, &x.contact, &x.memo, &x.name, &x.email)
		return x, err
	})
}

// said is a message as the search reads it.
type said struct {
	Author convo.Author      `json:"author"`
	Name   string            `json:"name"`
	Text   string            `json:"text"`
	Files  []json.RawMessage `json:"files"`
}

// readSayings reads the texts of cases; files says in which conversations there
// are some.
func readSayings(ctx context.Context, db querier, site int32, cases []about) (out map[convo.ID][]console.Saying, files map[convo.ID]bool, err error) {
	var ids, conversations []convo.ID
	for _, c := range cases {
		ids, conversations = append(ids, c.id), append(conversations, c.conversation)
	}
	messages, files, err := readMessagesOf(ctx, db, site, conversations)
	if err != nil {
		return nil, nil, err
	}
	out = make(map[convo.ID][]console.Saying, len(cases))
	for _, c := range cases {
		list := append([]console.Saying(nil), messages[c.conversation]...)
		for _, x := range []console.Saying{
			{By: "name", At: c.opened, Text: strings.TrimSpace(c.name + " " + c.email)},
			{By: "contact", At: c.opened, Text: c.contact},
			{By: "customer", At: c.opened, Text: c.note},
			{By: "memo", At: c.ended, Text: c.memo},
		} {
			if x.Text != "" {
				list = append(list, x)
			}
		}
		out[c.id] = list
	}
	rows, err := db.Query(ctx, selectNotes, site, ids)
	if err != nil {
		return nil, nil, err
	}
	var id convo.ID
	var x console.Saying
	var body handoff.EventBody
	_, err = pgx.ForEachRow(rows, []any{&id, &x.N, &x.At, &x.Name, &body}, func() error {
		x.By, x.Text = "note", body.Text
		out[id] = append(out[id], x)
		body = handoff.EventBody{}
		return nil
	})
	return out, files, err
}

func readMessagesOf(ctx context.Context, db querier, site int32, conversations []convo.ID) (map[convo.ID][]console.Saying, map[convo.ID]bool, error) {
	rows, err := db.Query(ctx, selectMessages, site, distinct(conversations), readMessages)
	if err != nil {
		return nil, nil, err
	}
	out, files := map[convo.ID][]console.Saying{}, map[convo.ID]bool{}
	var id convo.ID
	var seq int64
	var at time.Time
	var raw []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &seq, &at, &raw}, func() error {
		var m said
		_ = json.Unmarshal(raw, &m) // one of a newer version is not found, and nothing else is lost
		if len(m.Files) > 0 {
			files[id] = true
		}
		out[id] = append(out[id], console.Saying{By: string(m.Author), Name: m.Name, Seq: seq, At: at, Text: m.Text})
		return nil
	})
	return out, files, err
}

func distinct(ids []convo.ID) []convo.ID {
	seen := make(map[convo.ID]bool, len(ids))
	var out []convo.ID
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
