package soak

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff/loadgen"
)

// rule is something that must be nowhere in the tables: each row that it gives
// says what is wrong.
type rule struct {
	name string
	// soon is for what the service puts right by itself within moments.
	soon bool
	sql  string
}

func rules() []rule {
	return []rule{
		{"a customer message is there twice", false, `
SELECT conversation_id || ' ' || client_msg_id || ': ' || count(*) FROM events WHERE client_msg_id IS NOT NULL
GROUP BY conversation_id, client_msg_id HAVING count(*) > 1`},
		{"an agent's reply is there twice", false, `
SELECT conversation_id || ' ' || substring(body ->> 'text' FROM '\[(a[0-9.]+)\]$') || ': ' || count(*) FROM events
WHERE kind = 'message' AND body ->> 'author' = 'agent' GROUP BY conversation_id, substring(body ->> 'text' FROM '\[(a[0-9.]+)\]$') HAVING count(*) > 1`},
		{"events are not numbered one by one", false, `
SELECT conversation_id || ': ' || count(*) || ' events, the last ' || max(seq) || ', said ' || max(k.last_seq)
FROM events JOIN conversations k USING (site_id, conversation_id) GROUP BY conversation_id HAVING count(*) <> max(seq) OR max(seq) <> max(k.last_seq)`},
		{"a case that nobody was told of", false, `
SELECT c.reference FROM cases c WHERE c.link <> 'second' AND NOT EXISTS (SELECT 1 FROM events e
WHERE e.site_id = c.site_id AND e.conversation_id = c.conversation_id AND e.kind = 'message' AND e.body ->> 'author' = 'system' AND e.body ->> 'text' LIKE '%' || c.reference || '%')`},
		{"words about a case that is not there", false, `
SELECT e.conversation_id || ': ' || r[1] FROM events e, regexp_matches(e.body ->> 'text', '\m([34679CDFGHJKMNPQRTWXY]{4}-[34679CDFGHJKMNPQRTWXY]{4})\M', 'g') r
WHERE e.kind = 'message' AND e.body ->> 'author' = 'system' AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.site_id = e.site_id AND c.conversation_id = e.conversation_id AND c.reference = r[1])`},
		{"an owner that does not go with the case", false, `
SELECT k.conversation_id || ': ' || k.owner || ', case ' || coalesce(c.state || CASE WHEN c.aside THEN ' aside' ELSE '' END, 'none')
FROM conversations k LEFT JOIN cases c ON c.site_id = k.site_id AND c.conversation_id = k.conversation_id AND c.state <> 'closed' AND c.link <> 'second'
WHERE (k.owner = 'queue') <> coalesce(c.state = 'waiting' AND NOT c.aside, false) OR (k.owner = 'agent') <> coalesce(c.state = 'claimed', false)`},
		{"a case that is nowhere", false, `
SELECT reference || ': ' || state FROM cases
WHERE state = 'claimed' AND agent_id IS NULL OR state = 'waiting' AND (agent_id IS NOT NULL OR queue = '') OR state NOT IN ('waiting', 'claimed', 'closed') OR (state = 'closed') <> (closed_at IS NOT NULL)`},
		{"a case that is taken while somebody has it", false, `
SELECT case_id || ' at ' || n FROM (
  SELECT case_id, n, kind, lag(kind) OVER (PARTITION BY case_id ORDER BY n) AS before
  FROM case_events WHERE kind IN ('claimed', 'released', 'transferred', 'escalated', 'closed', 'merged', 'reopened')
) s WHERE kind = 'claimed' AND before = 'claimed'`},
		{"a case that waits without its ladder", true, `
SELECT c.reference FROM cases c WHERE c.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM river_job j
WHERE j.kind = 'case_step' AND j.args ->> 'what' = 'ladder' AND j.args ->> 'case' = c.case_id::text AND j.state IN ('available', 'pending', 'retryable', 'running', 'scheduled'))`},
		{"the assistant speaks after somebody took over", false, `
SELECT conversation_id || ' at ' || seq || ', owner ' || owner FROM (
  SELECT conversation_id, seq, kind, body, (array_remove(array_agg(CASE WHEN kind = 'owner' THEN body ->> 'owner' END) OVER (PARTITION BY conversation_id ORDER BY seq), NULL)) AS owners
  FROM events
) s, LATERAL (SELECT coalesce(owners[cardinality(owners)], 'bot') AS owner) o
WHERE kind = 'message' AND body ->> 'author' = 'bot' AND owner IN ('queue', 'agent')`},
		{"a turn without exactly one end", true, `
SELECT m.conversation_id || ' ' || m.turn_id || ': ' || (SELECT count(*) FROM events e WHERE e.site_id = m.site_id AND e.conversation_id = m.conversation_id AND e.turn_id = m.turn_id AND e.kind IN ('done', 'error'))
FROM events m WHERE m.client_msg_id IS NOT NULL AND m.turn_id IS NOT NULL AND m.kind = 'message' AND m.body ->> 'author' = 'customer'
AND 1 <> (SELECT count(*) FROM events e WHERE e.site_id = m.site_id AND e.conversation_id = m.conversation_id AND e.turn_id = m.turn_id AND e.kind IN ('done', 'error'))`},
		{"a turn that is still open", true, `SELECT conversation_id || ' ' || turn_id FROM open_turns`},
	}
}

// patience is how long what the service puts right by itself may take: turns of
// a process that died are swept, jobs of one are taken up again.
const patience = 90 * time.Second

// tables says what is wrong in the database, and how much there is in it.
func (h *house) tables(l *loadgen.Ledger) (wrong []string, figures string) {
	h.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, h.dsn)
	if err != nil {
		return []string{err.Error()}, ""
	}
	defer conn.Close(ctx)
	wrong = append(held(ctx, conn), h.kept(ctx, conn, l)...)
	var messages, cases, waiting, claimed, closed, jobs int
	h.scan(`SELECT (SELECT count(*) FROM events WHERE kind = 'message'), count(*), count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'claimed'),
count(*) FILTER (WHERE state = 'closed'), (SELECT count(*) FROM river_job WHERE kind = 'case_step') FROM cases`, &messages, &cases, &waiting, &claimed, &closed, &jobs)
	return wrong, fmt.Sprintf("in the tables  %d messages, %d cases (%d wait, %d claimed, %d closed), %d jobs\n", messages, cases, waiting, claimed, closed, jobs)
}

// held says which rules do not hold.
func held(ctx context.Context, conn *pgx.Conn) (wrong []string) {
	deadline := time.Now().Add(patience)
	for _, r := range rules() {
		for {
			rows, err := conn.Query(ctx, r.sql)
			var bad []string
			if err == nil {
				bad, err = pgx.CollectRows(rows, pgx.RowTo[string])
			}
			if err != nil {
				wrong = append(wrong, r.name+": "+err.Error())
				break
			}
			if len(bad) == 0 {
				break
			}
			if !r.soon || time.Now().After(deadline) {
				wrong = append(wrong, fmt.Sprintf("%s: %d, %s", r.name, len(bad), strings.Join(bad[:min(len(bad), 5)], "; ")))
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	return wrong
}

// kept looks for everything that players were told is there.
func (h *house) kept(ctx context.Context, conn *pgx.Conn, l *loadgen.Ledger) (wrong []string) {
	missing := func(what, sql string, want any) {
		rows, err := conn.Query(ctx, sql, want)
		var bad []string
		if err == nil {
			bad, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		if err != nil {
			bad = append(bad, err.Error())
		}
		if len(bad) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d, %s", what, len(bad), strings.Join(bad[:min(len(bad), 5)], "; ")))
		}
	}
	var said, told, replied []string
	for _, t := range l.Talks() {
		told = append(told, t.Told()...)
		for _, s := range t.Said() {
			if s.Taken {
				said = append(said, s.Talk+" "+s.Name)
			}
		}
	}
	for _, s := range l.Replies() {
		if s.Taken {
			replied = append(replied, s.Case+" "+s.Name)
		}
	}
	claimed := make([]string, 0, len(l.Claims()))
	for _, c := range l.Claims() {
		claimed = append(claimed, c.Case+" "+c.Agent)
	}
	missing("messages that were taken and are lost", `
SELECT w FROM unnest($1::text[]) w WHERE 1 <> (SELECT count(*) FROM events e
WHERE e.conversation_id = split_part(w, ' ', 1)::uuid AND e.client_msg_id = split_part(w, ' ', 2))`, said)
	missing("references that were told and have no case", `SELECT w FROM unnest($1::text[]) w WHERE 1 <> (SELECT count(*) FROM cases WHERE reference = w)`, told)
	missing("replies that were taken and are lost", `
SELECT w FROM unnest($1::text[]) w WHERE 1 <> (SELECT count(*) FROM case_events e JOIN events m USING (site_id, conversation_id)
WHERE e.case_id = split_part(w, ' ', 1)::uuid AND e.client_msg_id = split_part(w, ' ', 2) AND m.seq = (e.body ->> 'seq')::bigint AND m.body ->> 'author' = 'agent'
  AND m.body ->> 'text' LIKE '%[' || split_part(w, ' ', 2) || ']')`, replied)
	missing("claims that were confirmed and stand in no log", `
SELECT w FROM unnest($1::text[]) w WHERE NOT EXISTS (SELECT 1 FROM case_events
WHERE case_id = split_part(w, ' ', 1)::uuid AND kind = 'claimed' AND agent_id = split_part(w, ' ', 2)::uuid)`, claimed)
	return wrong
}
