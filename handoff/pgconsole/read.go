package pgconsole

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
)

const (
	selectPage = `
SELECT seq, kind, at, body
FROM events
WHERE site_id = $1 AND conversation_id = $2 AND kind IN ('message', 'owner') AND ($3::bigint = 0 OR seq < $3)
ORDER BY seq DESC
LIMIT $4`

	selectVisitor = `
SELECT v.visitor_id, v.name, v.email, v.verified_at, v.attributes, v.created_at, k.page
FROM conversations k
JOIN visitors v USING (site_id, visitor_id)
WHERE k.site_id = $1 AND k.conversation_id = $2`

	// selectEarlier reads the newest conversations of a visitor but one. What was
	// said first is the first event that is the customer's, among the first few:
	// the shop's greeting may come before it.
	selectEarlier = `
SELECT k.conversation_id, k.created_at, k.page,
  (SELECT count(*) FROM events e WHERE e.site_id = k.site_id AND e.conversation_id = k.conversation_id AND e.kind = 'message'),
  coalesce((SELECT left(e.body ->> 'text', 200) FROM events e
    WHERE e.site_id = k.site_id AND e.conversation_id = k.conversation_id AND e.seq <= 8 AND e.kind = 'message' AND e.body ->> 'author' = 'customer'
    ORDER BY e.seq LIMIT 1), ''),
  (SELECT f.helpful FROM feedback f WHERE f.site_id = k.site_id AND f.conversation_id = k.conversation_id ORDER BY f.at DESC LIMIT 1)
FROM conversations k
WHERE k.site_id = $1 AND k.visitor_id = $2 AND k.conversation_id <> $3 AND k.last_seq > 0
ORDER BY k.created_at DESC
LIMIT 20`

	selectVisitorRatings = `
SELECT c.reference, r.queue, r.agent_name, coalesce(r.satisfaction, 0), coalesce(r.ease, 0), r.comment, r.rated_at
FROM conversations k
JOIN case_ratings r USING (site_id, conversation_id)
JOIN cases c USING (site_id, case_id)
WHERE k.site_id = $1 AND k.visitor_id = $2 AND r.rated_at IS NOT NULL
ORDER BY r.rated_at DESC
LIMIT 10`

	selectInternal = `SELECT article FROM articles WHERE site_id = $1 AND generation = $2 AND article = ANY ($3) AND audience > 0`

	selectEarlierCases = `
SELECT conversation_id, case_id, reference, queue, state, ended, CASE WHEN topic_final <> '' THEN topic_final ELSE topic END, opened_at
FROM cases
WHERE site_id = $1 AND conversation_id = ANY ($2)
ORDER BY opened_at DESC`
)

// Internal says which of a generation's articles, by their numbers, are for
// agents only.
func (s *Store) Internal(ctx context.Context, site int32, generation int, articles []int) (map[int]bool, error) {
	rows, err := s.pool.Query(ctx, selectInternal, site, generation, articles)
	if err != nil {
		return nil, wrap("read whom articles are for", err)
	}
	out := map[int]bool{}
	var no int
	_, err = pgx.ForEachRow(rows, []any{&no}, func() error {
		out[no] = true
		return nil
	})
	return out, wrap("read whom articles are for", err)
}

// Page reads the newest events that people read before a number (0: the
// newest), oldest first.
func (s *Store) Page(ctx context.Context, key convo.Key, before int64, limit int) (events []convo.Event, more bool, err error) {
	rows, err := s.pool.Query(ctx, selectPage, key.Site, key.ID, before, limit+1)
	if err != nil {
		return nil, false, wrap("read a conversation", err)
	}
	events, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e convo.Event, err error) {
		err = row.Scan(&e.Seq, &e.Kind, &e.At, &e.Body)
		return e, err
	})
	if err != nil {
		return nil, false, wrap("read a conversation", err)
	}
	if len(events) > limit {
		events, more = events[:limit], true
	}
	slices.Reverse(events)
	return events, more, nil
}

// Visitor reads who a conversation's visitor is and what they did before.
// Error: handoff.ErrNoConversation.
func (s *Store) Visitor(ctx context.Context, key convo.Key) (v console.Visitor, err error) {
	rows, err := s.pool.Query(ctx, selectVisitor, key.Site, key.ID)
	if err != nil {
		return v, wrap("read a visitor", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v console.Visitor, err error) {
		var verified *time.Time
		err = row.Scan(&v.ID, &v.Name, &v.Email, &verified, &v.Attributes, &v.Since, &v.Page)
		if verified != nil {
			v.Verified = *verified
		}
		return v, err
	})
	switch {
	case err != nil:
		return v, wrap("read a visitor", err)
	case len(list) == 0:
		return v, wrap("read a visitor", handoff.ErrNoConversation)
	}
	v = list[0]
	if v.Confirmed, err = s.confirmed(ctx, key); err != nil {
		return v, wrap("read a visitor", err)
	}
	if v.Earlier, err = s.earlier(ctx, key, v.ID); err != nil {
		return v, wrap("read a visitor", err)
	}
	if v.Ratings, err = s.ratingsOf(ctx, key.Site, v.ID); err != nil {
		return v, wrap("read a visitor", err)
	}
	return v, nil
}

func (s *Store) ratingsOf(ctx context.Context, site int32, visitor convo.ID) ([]console.VisitorRating, error) {
	rows, err := s.pool.Query(ctx, selectVisitorRatings, site, visitor)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r console.VisitorRating, err error) {
		err = row.Scan(&r.Reference, &r.Queue, &r.AgentName, &r.Satisfaction, &r.Ease, &r.Comment, &r.At)
		r.At = r.At.UTC()
		return r, err
	})
}

func (s *Store) earlier(ctx context.Context, key convo.Key, visitor convo.ID) ([]console.Earlier, error) {
	rows, err := s.pool.Query(ctx, selectEarlier, key.Site, visitor, key.ID)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e console.Earlier, err error) {
		err = row.Scan(&e.Conversation, &e.At, &e.Page, &e.Messages, &e.First, &e.Helpful)
		return e, err
	})
	if err != nil {
		return nil, err
	}

	place := map[convo.ID]int{}
	ids := make([]convo.ID, len(list))
	for i, e := range list {
		place[e.Conversation], ids[i] = i, e.Conversation
	}
	cases, err := s.pool.Query(ctx, selectEarlierCases, key.Site, ids)
	if err != nil {
		return nil, err
	}
	var of convo.ID
	var c console.EarlierCase
	_, err = pgx.ForEachRow(cases, []any{&of, &c.ID, &c.Reference, &c.Queue, &c.State, &c.Ended, &c.Topic, &c.OpenedAt}, func() error {
		if i, ok := place[of]; ok {
			list[i].Cases = append(list[i].Cases, c)
		}
		return nil
	})
	return list, err
}
