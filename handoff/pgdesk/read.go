package pgdesk

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func noRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

const (
	selectCase = `SELECT ` + caseColumns + `, c.packet, k.last_seq` + caseFrom + `
JOIN conversations k ON k.site_id = c.site_id AND k.conversation_id = c.conversation_id
WHERE c.site_id = $1 AND `
	byID        = `c.case_id = $2`
	byReference = `c.reference = $2`

	keepPacket = `UPDATE cases SET packet = $3, packet_seq = $4, problem = $5 WHERE site_id = $1 AND case_id = $2 AND packet_seq < $4`

	// selectWaiting is who waits, of a site (empty: of all) for the terminal.
	selectWaiting = `
SELECT s.name, v.visitor_id, v.name, ` + caseColumns + caseFrom + `
JOIN sites s ON s.site_id = c.site_id
JOIN conversations k ON k.site_id = c.site_id AND k.conversation_id = c.conversation_id
JOIN visitors v ON v.site_id = k.site_id AND v.visitor_id = k.visitor_id
WHERE c.state = 'waiting' AND ($1 = '' OR s.name = $1)
ORDER BY s.name, c.queue, c.rank_at, c.case_id
LIMIT $2`

	selectLog = `
SELECT n, kind, agent_id, actor, body, at
FROM case_events
WHERE site_id = $1 AND case_id = $2 AND n > $3`
	// guardWhisper keeps whispers between leads and the one they are for.
	guardWhisper = ` AND (kind <> 'whisper' OR $5 OR agent_id = $6 OR body ->> 'agent' = $6::uuid::text)`
	logOrder     = `
ORDER BY n
LIMIT $4`
)

// Get reads a case: see handoff.Desk.
func (d *Desk) Get(ctx context.Context, a handoff.Actor, id convo.ID) (handoff.Case, error) {
	return d.get(ctx, a, byID, id)
}

// Find reads a case by its reference: see handoff.Desk.
func (d *Desk) Find(ctx context.Context, a handoff.Actor, reference string) (handoff.Case, error) {
	ref := strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, reference))
	if len(ref) != 8 {
		return handoff.Case{}, wrap("find a case", handoff.ErrNoCase)
	}
	return d.get(ctx, a, byReference, ref[:4]+"-"+ref[4:])
}

func (d *Desk) get(ctx context.Context, a handoff.Actor, by string, what any) (c handoff.Case, err error) {
	var packet []byte
	var last int64
	err = d.Pool.QueryRow(ctx, selectCase+by, a.Site, what).Scan(append(caseTargets(&c), &packet, &last)...)
	if noRows(err) || err == nil && !a.SeesCase(c) {
		return handoff.Case{}, wrap("read a case", handoff.ErrNoCase)
	}
	if err != nil {
		return handoff.Case{}, wrap("read a case", err)
	}
	c.Packet = packet
	if d.Packer != nil && (last > c.PacketSeq || packet == nil) {
		return d.repack(ctx, c)
	}
	return c, nil
}

// repack makes a packet anew whose conversation has gone on, and keeps it. What
// fails costs the newer packet, never the case.
func (d *Desk) repack(ctx context.Context, c handoff.Case) (handoff.Case, error) {
	var t *handoff.Triage
	err := d.Pool.QueryRow(ctx, selectOpenedWith, c.Conversation.Site, c.ID).Scan(&t)
	if err != nil && !noRows(err) {
		return c, wrap("read a case", err)
	}
	batch := &pgx.Batch{}
	m := queueMaterial(batch, c.Conversation, c.ID, c.OpenedAt)
	if err := d.Pool.SendBatch(ctx, batch).Close(); err != nil {
		return c, wrap("read a case", err)
	}
	packet, problem, seq, err := d.packed(d.packInput(ctx, m, c, t, d.moment(), true))
	if err != nil {
		d.Logger.Error("no packet", "case", c.ID, "cause", err.Error())
		return c, nil
	}
	c.Packet, c.Problem, c.PacketSeq = packet, problem, seq
	_, err = d.Pool.Exec(ctx, keepPacket, c.Conversation.Site, c.ID, packet, c.PacketSeq, problem)
	return c, wrap("read a case", err)
}

// Log reads a case's own log: see handoff.Desk.
func (d *Desk) Log(ctx context.Context, a handoff.Actor, id convo.ID, after int64, limit int) ([]handoff.CaseEvent, error) {
	var c handoff.Case
	err := d.Pool.QueryRow(ctx, `SELECT `+caseColumns+caseFrom+` WHERE c.site_id = $1 AND c.case_id = $2`, a.Site, id).Scan(caseTargets(&c)...)
	if noRows(err) || err == nil && !a.SeesCase(c) {
		return nil, wrap("read a case's log", handoff.ErrNoCase)
	}
	if err != nil {
		return nil, wrap("read a case's log", err)
	}
	rows, err := d.Pool.Query(ctx, d.sql.log, a.Site, id, after, min(max(limit, 1), 500), a.Leads(), idOrNull(a.Agent))
	if err != nil {
		return nil, wrap("read a case's log", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e handoff.CaseEvent, err error) {
		e.Case = id
		err = row.Scan(&e.N, &e.Kind, nullID{&e.Agent}, &e.Actor, &e.Body, &e.At)
		return e, err
	})
	return list, wrap("read a case's log", err)
}

// Waiting lists who waits, due first within each site and queue; site is empty
// for all sites. It is for the terminal, where nobody is an actor.
func (d *Desk) Waiting(ctx context.Context, site string, limit int) ([]handoff.Entry, error) {
	rows, err := d.Pool.Query(ctx, selectWaiting, site, limit)
	if err != nil {
		return nil, wrap("list a queue", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e handoff.Entry, err error) {
		err = row.Scan(append([]any{&e.Site, &e.Visitor, &e.Name}, caseTargets(&e.Case)...)...)
		return e, err
	})
	return list, wrap("list a queue", err)
}

// listing builds a view's query: conditions and order are constants, values are
// parameters.
type listing struct {
	where []string
	args  []any
	key   string // the order's first column
	desc  bool
}

func (l *listing) and(condition string, value any) {
	l.args = append(l.args, value)
	l.where = append(l.where, fmt.Sprintf(condition, len(l.args)))
}

const maxPage, defaultPage = 200, 50

// List reads a page of a view: see handoff.Desk.
func (d *Desk) List(ctx context.Context, a handoff.Actor, v handoff.View, p handoff.Page) (out handoff.Listing, err error) {
	queues := v.Queues
	if len(queues) == 0 {
		queues = a.Queues
	}
	for _, q := range queues {
		if !a.Sees(q) {
			return out, wrap("list cases", handoff.ErrNoQueue)
		}
	}
	limit := p.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	l, err := d.view(a, v, queues)
	if err != nil {
		return out, wrap("list cases", err)
	}
	if err := l.after(p.After); err != nil {
		return out, wrap("list cases", err)
	}
	l.args = append(l.args, limit+1)
	rows, err := d.Pool.Query(ctx, l.sql(), l.args...)
	if err != nil {
		return out, wrap("list cases", err)
	}
	out.Cases, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e handoff.Entry, err error) {
		err = row.Scan(append([]any{&e.Site, &e.Visitor, &e.Name, &e.Order}, caseTargets(&e.Case)...)...)
		return e, err
	})
	if err != nil {
		return out, wrap("list cases", err)
	}
	if len(out.Cases) > limit {
		out.Cases = out.Cases[:limit]
		last := out.Cases[limit-1]
		out.Next = base64.RawURLEncoding.EncodeToString([]byte(last.Order + " " + last.ID.String()))
	}
	return out, nil
}

func (d *Desk) view(a handoff.Actor, v handoff.View, queues []string) (*listing, error) {
	l := &listing{key: "c.rank_at"}
	l.and("c.site_id = $%d", a.Site)
	who := a.Agent
	if v.Agent != (convo.ID{}) && v.Agent != a.Agent {
		if !a.Leads() {
			return nil, handoff.ErrForbidden
		}
		who = v.Agent
	}
	mine := false
	switch v.Kind {
	case handoff.ViewWaiting:
		l.where = append(l.where, "c.state = 'waiting'")
	case handoff.ViewMine:
		l.where = append(l.where, "c.state = 'claimed'", "c.snoozed_until IS NULL")
		mine = true
	case handoff.ViewSnoozed:
		l.where = append(l.where, "c.state = 'claimed'", "c.snoozed_until IS NOT NULL")
		mine = true
	case handoff.ViewOpen:
		l.where = append(l.where, "c.closed_at IS NULL")
	case handoff.ViewClaimed:
		l.where = append(l.where, "c.state = 'claimed'")
	case handoff.ViewLate:
		l.where = append(l.where, "c.closed_at IS NULL")
		l.and("c.rank_at < $%d", d.moment())
	case handoff.ViewMentions:
		l.where = append(l.where, "c.closed_at IS NULL")
		l.and("EXISTS (SELECT 1 FROM case_mentions m WHERE m.site_id = c.site_id AND m.case_id = c.case_id AND m.agent_id = $%d)", who)
	case handoff.ViewClosed:
		l.where = append(l.where, "c.state = 'closed'")
		l.key, l.desc = "c.closed_at", true
	default:
		return nil, handoff.ErrView
	}
	switch {
	case mine:
		l.and("c.agent_id = $%d", who)
	case len(queues) == 1: // so that its line is one scan of the index
		l.and("c.queue = $%d", queues[0])
	case queues != nil:
		l.and("c.queue = ANY ($%d)", queues)
	}
	if v.Visitor != (convo.ID{}) {
		l.and("k.visitor_id = $%d", v.Visitor)
	}
	if v.Language != "" {
		l.and("split_part(lower(c.language), '-', 1) = lower($%d)", v.Language)
	}
	if v.Product != "" {
		l.and("c.product = $%d", v.Product)
	}
	return l, nil
}

// after goes on behind a row that was shown.
func (l *listing) after(cursor string) error {
	if cursor == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	order, id, ok := strings.Cut(string(raw), " ")
	if err != nil || !ok {
		return handoff.ErrCursor
	}
	var last convo.ID
	if last.UnmarshalText([]byte(id)) != nil {
		return handoff.ErrCursor
	}
	if order != "infinity" {
		if _, err := time.Parse(orderFormat, order); err != nil {
			return handoff.ErrCursor
		}
	}
	than := ">"
	if l.desc {
		than = "<"
	}
	l.args = append(l.args, order, last)
	l.where = append(l.where, fmt.Sprintf("(%s, c.case_id) %s ($%d::text::timestamptz, $%d::uuid)", l.key, than, len(l.args)-1, len(l.args)))
	return nil
}

// orderFormat is how the order's moment stands in a cursor.
const orderFormat = "2006-01-02T15:04:05.999999Z"

func (l *listing) sql() string {
	way := ""
	if l.desc {
		way = " DESC"
	}
	return fmt.Sprintf(`
SELECT s.name, k.visitor_id, v.name,
  CASE WHEN isfinite(%[1]s) THEN to_char(%[1]s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ELSE 'infinity' END,
  %[2]s
FROM cases c
JOIN sites s ON s.site_id = c.site_id
JOIN conversations k ON k.site_id = c.site_id AND k.conversation_id = c.conversation_id
JOIN visitors v ON v.site_id = k.site_id AND v.visitor_id = k.visitor_id
LEFT JOIN agents a ON a.site_id = c.site_id AND a.agent_id = c.agent_id
WHERE %[3]s
ORDER BY %[1]s%[4]s, c.case_id%[4]s
LIMIT $%[5]d`, l.key, caseColumns, strings.Join(l.where, " AND "), way, len(l.args))
}

// selectUnseenCases is asked every second by every process, with everybody in it
// who pressed the button and said nothing, for as long as they wait: that a
// customer has said something shows in the case's own row, or in an index that
// holds customers' messages alone. OFFSET 0: see selectMayHaveSaid.
const selectUnseenCases = `
SELECT c.site_id, c.conversation_id
FROM cases c
WHERE c.state = 'waiting' AND NOT c.triaged AND c.link <> 'second'
  AND (c.note <> '' OR c.customer_at <> c.opened_at OR EXISTS (
    SELECT FROM events e WHERE e.site_id = c.site_id AND e.conversation_id = c.conversation_id AND e.client_msg_id IS NOT NULL OFFSET 0))
ORDER BY c.site_id, c.opened_at
LIMIT $1`

// Unseen lists conversations whose case waits and was opened before triage had
// seen the matter, if the customer has said anything that it could see.
func (d *Desk) Unseen(ctx context.Context, limit int) ([]convo.Key, error) {
	rows, err := d.Pool.Query(ctx, selectUnseenCases, limit)
	if err != nil {
		return nil, wrap("list unseen cases", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[convo.Key])
	return list, wrap("list unseen cases", err)
}
