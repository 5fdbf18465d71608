package pgconvo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

const (
	insertConversation = `
INSERT INTO conversations (site_id, conversation_id, visitor_id, language, page, created_at, last_at)
VALUES ($1, $2, $3, $4, $5, $6, $6)`

	insertBoth = `
WITH v AS (
    INSERT INTO visitors (site_id, visitor_id, created_at) VALUES ($1, $3, $6)
)
` + insertConversation

	insertJTI = `
INSERT INTO identity_jtis (site_id, jti, expires_at) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING`

	// upsertSubject keeps the visitor of a subject that was here before. An
	// anonymous visitor is never turned into a subject: on a shared machine the
	// next customer would find what the last one wrote.
	upsertSubject = `
INSERT INTO visitors (site_id, visitor_id, subject, name, email, attributes, verified_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (site_id, subject) WHERE subject IS NOT NULL DO UPDATE
SET name = EXCLUDED.name, email = EXCLUDED.email, attributes = EXCLUDED.attributes, verified_at = EXCLUDED.verified_at
RETURNING visitor_id`
)

// Open starts a conversation and returns its visitor. Errors: bot.ErrVisitorGone,
// bot.ErrReplayed.
func (s *Store) Open(ctx context.Context, o bot.Opening) (convo.ID, error) {
	visitor := o.Visitor
	if o.Identity != nil {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
			visitor, err = identify(ctx, tx, o)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, insertConversation, o.Site, o.Conversation, visitor, o.Language, o.Page, o.At)
			return err
		})
		return visitor, wrap("open a conversation", err)
	}
	sql := insertBoth
	if o.Known {
		sql = insertConversation
	}
	_, err := s.pool.Exec(ctx, sql, o.Site, o.Conversation, visitor, o.Language, o.Page, o.At)
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "23503" {
		return visitor, fmt.Errorf("open a conversation: %w", bot.ErrVisitorGone)
	}
	return visitor, wrap("open a conversation", err)
}

func identify(ctx context.Context, tx pgx.Tx, o bot.Opening) (convo.ID, error) {
	tag, err := tx.Exec(ctx, insertJTI, o.Site, o.Identity.JTI, o.Identity.Expires)
	if err != nil {
		return convo.ID{}, err
	}
	if tag.RowsAffected() == 0 {
		return convo.ID{}, bot.ErrReplayed
	}
	id := o.Visitor
	if o.Known {
		id = bot.NewID() // a token's visitor is somebody else until the subject says otherwise
	}
	attributes := o.Identity.Attributes
	if attributes == nil {
		attributes = map[string]any{}
	}
	var visitor convo.ID
	err = tx.QueryRow(ctx, upsertSubject, o.Site, id, o.Identity.Subject, o.Identity.Name, o.Identity.Email, attributes, o.At).Scan(&visitor)
	return visitor, err
}

// VisitorExists says whether a token may be renewed.
func (s *Store) VisitorExists(ctx context.Context, site int32, visitor convo.ID) (ok bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM visitors WHERE site_id = $1 AND visitor_id = $2)`, site, visitor).Scan(&ok)
	return ok, wrap("look for a visitor", err)
}

// Conversation reads a visitor's own conversation. Error: bot.ErrNoConversation.
func (s *Store) Conversation(ctx context.Context, key convo.Key, visitor convo.ID) (st convo.State, err error) {
	var open *convo.ID
	err = s.pool.QueryRow(ctx, `
SELECT owner, owner_version, queue, language, last_seq, open_turn, visitor_id
FROM conversations
WHERE site_id = $1 AND conversation_id = $2 AND visitor_id = $3`, key.Site, [16]byte(key.ID), [16]byte(visitor)).
		Scan(&st.Owner, &st.Version, &st.Queue, &st.Language, &st.LastSeq, &open, &st.Visitor)
	if noRows(err) {
		return st, bot.ErrNoConversation
	}
	if open != nil {
		st.OpenTurn = *open
	}
	return st, wrap("read a conversation", err)
}

// Messages reads a page of a conversation's messages before an event number
// (0: the latest), oldest first; more says whether there are earlier ones.
func (s *Store) Messages(ctx context.Context, key convo.Key, before int64, limit int) (events []convo.Event, more bool, err error) {
	rows, err := s.pool.Query(ctx, `
SELECT seq, kind, turn_id, at, body
FROM events
WHERE site_id = $1 AND conversation_id = $2 AND kind = 'message' AND ($3 = 0 OR seq < $3)
ORDER BY seq DESC
LIMIT $4`, key.Site, key.ID, before, limit+1)
	if err != nil {
		return nil, false, wrap("read messages", err)
	}
	events, err = pgx.CollectRows(rows, scanEvent)
	if err != nil {
		return nil, false, wrap("read messages", err)
	}
	if len(events) > limit {
		events, more = events[:limit], true
	}
	for i, j := 0, len(events)-1; i < j; i, j = i+1, j-1 {
		events[i], events[j] = events[j], events[i]
	}
	return events, more, nil
}

// PutFeedback keeps a visitor's last word on a message that is not their own;
// quoted says that it was a quote the bot was sure of. Error: bot.ErrNoMessage.
func (s *Store) PutFeedback(ctx context.Context, f bot.Feedback) (quoted bool, err error) {
	err = s.pool.QueryRow(ctx, `
INSERT INTO feedback (site_id, conversation_id, message_id, helpful, comment, at, p, models, article_id, content_hash)
SELECT e.site_id, e.conversation_id, $4, $5, $6, $7, (t.trace ->> 'p')::float8,
    CASE WHEN t.turn_id IS NOT NULL THEN ARRAY(SELECT json_array_elements_text(t.trace -> 'models')) END, a.article_id, a.content_hash
FROM events e
JOIN conversations c USING (site_id, conversation_id)
LEFT JOIN turns t ON t.site_id = e.site_id AND t.conversation_id = e.conversation_id AND t.turn_id = e.turn_id
    AND t.trace ->> 'band' = '`+string(bot.BandSure)+`'
LEFT JOIN articles a ON a.site_id = t.site_id AND a.generation = (t.trace ->> 'generation')::int
    AND a.article_id = t.trace -> 'passages' -> 0 ->> 'article'
WHERE e.site_id = $1 AND e.conversation_id = $2 AND c.visitor_id = $3
  AND e.kind = 'message' AND e.body ->> 'id' = $4::uuid::text AND e.body ->> 'author' <> 'customer'
ON CONFLICT (site_id, conversation_id, message_id) DO UPDATE
SET helpful = EXCLUDED.helpful, comment = EXCLUDED.comment, at = EXCLUDED.at
RETURNING p IS NOT NULL`,
		f.Key.Site, f.Key.ID, f.Visitor, f.Message, f.Helpful, f.Comment, f.At).Scan(&quoted)
	if noRows(err) {
		return false, bot.ErrNoMessage
	}
	return quoted, wrap("keep feedback", err)
}

// Ratings are the site's latest 500 of the last 90 days, at most one a
// conversation: of quotes from articles that still read as they did, found by
// models that the published knowledge still has vectors of. Others speak of
// knowledge and a ranking that have changed.
func (s *Store) Ratings(ctx context.Context, site retrieval.SiteID) ([]bot.Rating, error) {
	rows, err := s.pool.Query(ctx, `
SELECT p, helpful
FROM (
    SELECT DISTINCT ON (conversation_id) p, helpful, at
    FROM (
        SELECT f.conversation_id, f.p, f.helpful, f.at
        FROM feedback f
        JOIN sites s USING (site_id)
        JOIN generations g ON g.site_id = s.site_id AND g.generation = s.published
        JOIN articles a ON a.site_id = g.site_id AND a.generation = g.generation
            AND a.article_id = f.article_id AND a.content_hash = f.content_hash
        WHERE f.site_id = $1 AND f.p IS NOT NULL AND f.at > now() - interval '90 days'
          AND f.models <@ ARRAY(SELECT jsonb_array_elements_text(g.stats -> 'models'))
        ORDER BY f.at DESC LIMIT 2000
    ) latest
    ORDER BY conversation_id, at DESC
) one
ORDER BY at DESC, p
LIMIT 500`, site)
	if err != nil {
		return nil, wrap("read ratings", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[bot.Rating])
	return list, wrap("read ratings", err)
}

// PutLearned keeps what a site's ratings said.
func (s *Store) PutLearned(ctx context.Context, site retrieval.SiteID, l bot.Learned) error {
	_, err := s.pool.Exec(ctx, `UPDATE sites SET learned_shift = $2, learned_ratings = $3 WHERE site_id = $1`, site, l.Shift, l.Ratings)
	return wrap("keep what ratings said", err)
}

// Sites reads all sites with their settings.
func (s *Store) Sites(ctx context.Context) ([]bot.Site, error) {
	rows, err := s.pool.Query(ctx, `SELECT site_id, name, is_default, settings, learned_shift, learned_ratings FROM sites ORDER BY site_id`)
	if err != nil {
		return nil, wrap("read sites", err)
	}
	sites, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (site bot.Site, err error) {
		var raw json.RawMessage
		if err := row.Scan(&site.ID, &site.Name, &site.Default, &raw, &site.Learned.Shift, &site.Learned.Ratings); err != nil {
			return site, err
		}
		site.Settings, err = bot.ParseSettings(raw)
		return site, err
	})
	return sites, wrap("read sites", err)
}

// Secret returns the installation's secret of that name, 32 random bytes made
// when it is first asked for; all instances get the same.
func (s *Store) Secret(ctx context.Context, name string, fresh []byte) (secret []byte, err error) {
	err = s.pool.QueryRow(ctx, `
WITH made AS (
    INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING value
)
SELECT value FROM made
UNION ALL
SELECT value FROM installation WHERE name = $1
LIMIT 1`, name, fresh).Scan(&secret)
	if noRows(err) { // another instance made it while this statement ran
		err = s.pool.QueryRow(ctx, `SELECT value FROM installation WHERE name = $1`, name).Scan(&secret)
	}
	return secret, wrap("read a secret", err)
}

// Check says whether the database answers.
func (s *Store) Check(ctx context.Context) error {
	var one int
	return wrap("ask the database", s.pool.QueryRow(ctx, `SELECT 1`).Scan(&one))
}
