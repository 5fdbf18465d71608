package pgconvo

import (
	"context"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

func newSite(tb testing.TB, s *Store, name string) int32 {
	tb.Helper()
	var id int32
	if err := s.pool.QueryRow(tb.Context(), `INSERT INTO sites (name) VALUES ($1) RETURNING site_id`, name).Scan(&id); err != nil {
		tb.Fatal(err)
	}
	return id
}

func newConversation(tb testing.TB, s *Store, site int32) (convo.Key, convo.ID) {
	tb.Helper()
	key, visitor := convo.Key{Site: site, ID: bot.NewID()}, bot.NewID()
	// Its own context: benchmarks make conversations after a test's is over.
	_, err := s.Open(context.Background(), bot.Opening{Site: site, Conversation: key.ID, Visitor: visitor, At: time.Now().UTC()})
	if err != nil {
		tb.Fatal(err)
	}
	return key, visitor
}
