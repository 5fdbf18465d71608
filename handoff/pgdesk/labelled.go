package pgdesk

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	// labelledAtATime is how many cases are in memory at once.
	labelledAtATime = 100
	// saidBefore is how many messages before a case was opened come along.
	saidBefore = 24

	// selectLabelled reads closed cases in the order of their closing, but for
	// those that say nothing of a matter.
	selectLabelled = `
SELECT c.case_id, c.conversation_id, c.reference, c.closed_at, c.ended, c.language, v.name, v.email, c.desk, c.topic, c.product, c.topic_final,
    c.queue, coalesce(q.desk, ''), coalesce(q.product, ''), c.note, c.opened_at, coalesce(c.packet #>> '{problem,from,0,id}', '')
FROM cases c
JOIN conversations k USING (site_id, conversation_id)
JOIN visitors v USING (site_id, visitor_id)
LEFT JOIN queues q ON q.site_id = c.site_id AND q.queue = c.queue
WHERE c.site_id = $1 AND c.state = 'closed' AND c.ended NOT IN ('spam', 'merged', 'cancelled', 'duplicate')
  AND (c.closed_at, c.case_id) > ($2, $3)
ORDER BY c.closed_at, c.case_id
LIMIT $4`
	selectDecided = `
SELECT kind, agent_id IS NOT NULL OR actor = 'terminal', body
FROM case_events
WHERE site_id = $1 AND case_id = $2 AND kind IN ('opened', 'routed', 'transferred', 'escalated', 'replied', 'unused', 'closed')
ORDER BY n`
	selectSaidBefore = `
SELECT body FROM (
    SELECT e.seq, e.body FROM events e
    WHERE e.site_id = $1 AND e.conversation_id = $2 AND e.kind = 'message' AND e.at <= $3
    ORDER BY e.seq DESC LIMIT $4
) e ORDER BY e.seq`
)

// Labelled gives each of a site's cases that were closed at a moment or after it,
// and that people decided something about, to f, in the order of their closing. It
// is for the terminal.
func (d *Desk) Labelled(ctx context.Context, a handoff.Actor, since time.Time, f func(handoff.Labelled) error) error {
	const op = "read what the desk decided"
	if !a.Leads() || a.Queues != nil {
		return wrap(op, handoff.ErrForbidden)
	}
	at, id := since, convo.ID{}
	for {
		list, err := d.labelled(ctx, a.Site, at, id)
		if err != nil {
			return wrap(op, err)
		}
		for _, l := range list {
			at, id = l.ClosedAt, l.id
			if err := d.decided(ctx, a.Site, &l); err != nil {
				return wrap(op, err)
			}
			if !l.Chosen() {
				continue
			}
			if err := f(l.Labelled); err != nil {
				return err
			}
		}
		if len(list) < labelledAtATime {
			return nil
		}
	}
}

// labelled is a case on its way to be one.
type labelled struct {
	handoff.Labelled
	id, conversation convo.ID
	opened           time.Time
	queueDesk        string
	queueProduct     string
	final            string // topic
}

func (d *Desk) labelled(ctx context.Context, site int32, at time.Time, id convo.ID) ([]labelled, error) {
	rows, err := d.Pool.Query(ctx, selectLabelled, site, at, id, labelledAtATime)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l labelled, err error) {
		var problem string
		err = row.Scan(&l.id, &l.conversation, &l.Reference, &l.ClosedAt, &l.Ended, &l.Language, &l.Name, &l.Email, &l.Desk, &l.Topic, &l.Product, &l.final,
			&l.To, &l.queueDesk, &l.queueProduct, &l.Note, &l.opened, &problem)
		l.ClosedAt = l.ClosedAt.UTC()
		if parsed := l.Problem.UnmarshalText([]byte(problem)); parsed != nil {
			l.Problem = convo.ID{} // the problem is from a note, or there is none
		}
		return l, err
	})
}

// decided reads what was decided about a case, and what was said before it.
func (d *Desk) decided(ctx context.Context, site int32, l *labelled) error {
	rows, err := d.Pool.Query(ctx, selectDecided, site, l.id)
	if err != nil {
		return err
	}
	var kind handoff.CaseEventKind
	var people bool
	var raw []byte
	_, err = pgx.ForEachRow(rows, []any{&kind, &people, &raw}, func() error {
		var b handoff.EventBody
		if err := json.Unmarshal(raw, &b); err != nil {
			return err
		}
		l.take(kind, people, b)
		return nil
	})
	if err != nil {
		return err
	}
	l.settle()
	said, err := d.Pool.Query(ctx, selectSaidBefore, site, l.conversation, l.opened, saidBefore)
	if err != nil {
		return err
	}
	l.Messages, err = pgx.CollectRows(said, func(row pgx.CollectableRow) (m convo.Message, err error) {
		var body []byte
		if err := row.Scan(&body); err != nil {
			return m, err
		}
		return m, json.Unmarshal(body, &m)
	})
	return err
}

func (l *labelled) take(kind handoff.CaseEventKind, people bool, b handoff.EventBody) {
	switch kind { //nolint:exhaustive // the others say nothing of the matter
	case handoff.CaseOpened, handoff.CaseRouted:
		l.From = b.To
		if b.Triage != nil {
			l.Was = *b.Triage
		}
	case handoff.CaseTransferred, handoff.CaseEscalated:
		if people && b.From != b.To && b.To != "" {
			l.Moved = true
			if b.Why != "" {
				l.Why = append(l.Why, b.Why)
			}
		}
	case handoff.CaseReplied:
		if b.Edited != nil && b.Article != "" && (l.Article == "" || *b.Edited < l.Edited) {
			l.Article, l.Edited = b.Article, *b.Edited
		}
	case handoff.CaseUnused:
		l.Unused = append(l.Unused, b.Article)
	case handoff.CaseClosed:
		l.Lined = b.Product != ""
	}
}

// settle says what the case was in the end.
func (l *labelled) settle() {
	if l.Moved && l.From == l.To { // and back again
		l.Moved = false
	}
	if l.Moved && l.queueDesk != "" {
		if l.queueDesk != l.Desk {
			l.Topic = "" // triage's topic is of the other desk
		}
		l.Desk = l.queueDesk
	}
	if l.final != "" {
		l.Topical, l.Topic = true, l.final
	}
	if l.Moved && l.queueProduct != "" && !l.Lined {
		l.Product = l.queueProduct
	}
}
