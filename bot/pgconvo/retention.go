package pgconvo

import (
	"context"
	"log/slog"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/files"
)

const (
	expireEvery = 10 * time.Minute
	// expireBatch conversations go in one statement, with a pause after each:
	// customers' turns come first.
	expireBatch = 100
	expirePause = 100 * time.Millisecond
)

// Rows that belong to a conversation go with it: every foreign key cascades, and
// a trigger takes the log and the turns, which have none.
const (
	expireConversations = `
DELETE FROM conversations
WHERE site_id = $1 AND conversation_id IN (
    SELECT conversation_id FROM conversations
    WHERE site_id = $1 AND created_at < $2 AND last_at < $2 AND open_turn IS NULL
    LIMIT $3
    FOR UPDATE SKIP LOCKED)`

	// A visitor may be made a moment before their first conversation; a day is
	// more than enough for that, and their token has run out by then.
	expireVisitors = `
DELETE FROM visitors
WHERE site_id = $1 AND visitor_id IN (
    SELECT v.visitor_id FROM visitors v
    WHERE v.site_id = $1 AND v.created_at < $2
      AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.site_id = v.site_id AND c.visitor_id = v.visitor_id)
    LIMIT $3)`

	expireJTIs = `
DELETE FROM identity_jtis
WHERE site_id = $1 AND jti IN (SELECT jti FROM identity_jtis WHERE site_id = $1 AND expires_at < $2 LIMIT $3)`

	// What readers of the help pages wrote and did is nobody's in particular, and
	// goes at the same age all the same.
	expireRatings = `
DELETE FROM article_ratings
WHERE site_id = $1 AND rating_id IN (SELECT rating_id FROM article_ratings WHERE site_id = $1 AND at < $2 LIMIT $3)`

	expireGaps = `
DELETE FROM help_gaps
WHERE site_id = $1 AND asked_key IN (SELECT asked_key FROM help_gaps WHERE site_id = $1 AND last_at < $2 LIMIT $3)`

	expireOpened = `
DELETE FROM article_counts
WHERE site_id = $1 AND (day, article_id) IN (SELECT day, article_id FROM article_counts WHERE site_id = $1 AND day < $2::timestamptz::date LIMIT $3)`

	// Instances of an hour ago and more that hold no lock and left no turn.
	expireInstances = `
DELETE FROM instances i
WHERE started_at < now() - interval '1 hour'
  AND NOT EXISTS (SELECT 1 FROM open_turns o WHERE o.instance_id = i.instance_id)
  AND NOT EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = $1 AND l.objid::bigint = i.instance_id AND l.objsubid = 2)`
)

// Expired counts what a round of Expire erased.
type Expired struct{ Conversations, Visitors, JTIs, Files, Readers int64 }

// Expire erases what outlived its site's retention: conversations by their
// last event, then visitors who have none left, used-up identities, files
// that no message went with, and what readers of the help pages wrote.
func (s *Store) Expire(ctx context.Context, site *bot.Site, now time.Time) (n Expired, err error) {
	cutoff := now.Add(-site.Settings.Retention())
	for _, step := range []struct {
		sql    string
		before time.Time
		count  *int64
	}{
		{expireConversations, cutoff, &n.Conversations},
		{expireVisitors, cutoff, &n.Visitors},
		{expireJTIs, now, &n.JTIs},
		{expireFiles, now.Add(-files.Loose), &n.Files},
		{expireRatings, cutoff, &n.Readers},
		{expireGaps, cutoff, &n.Readers},
		{expireOpened, cutoff, &n.Readers},
	} {
		for {
			tag, err := s.pool.Exec(ctx, step.sql, int32(site.ID), step.before, expireBatch)
			if err != nil {
				return n, wrap("expire", err)
			}
			*step.count += tag.RowsAffected()
			if tag.RowsAffected() < expireBatch {
				break
			}
			if !sleep(ctx, expirePause) {
				return n, ctx.Err()
			}
		}
	}
	return n, nil
}

// KeepHouse expires every site's old rows, and instances long gone, until ctx
// ends. Several instances may do so at once.
func (s *Store) KeepHouse(ctx context.Context, sites *bot.Sites, now func() time.Time, log *slog.Logger) {
	for {
		s.keepHouseOnce(ctx, sites, now(), log)
		if !sleep(ctx, expireEvery) {
			return
		}
	}
}

func (s *Store) keepHouseOnce(ctx context.Context, sites *bot.Sites, now time.Time, log *slog.Logger) {
	all, err := sites.All(ctx)
	if err == nil {
		_, err = s.pool.Exec(ctx, expireInstances, lockClass)
	}
	if err != nil {
		log.Warn("old rows were not looked for", "cause", err.Error())
		return
	}
	for _, site := range all {
		n, err := s.Expire(ctx, site, now)
		if err != nil && ctx.Err() == nil {
			log.Warn("old rows were not erased", "site", site.ID, "cause", err.Error())
		}
		if n != (Expired{}) {
			log.Info("old rows erased", "site", site.ID, "conversations", n.Conversations, "visitors", n.Visitors, "identities", n.JTIs, "files", n.Files, "readers", n.Readers)
		}
	}
}
