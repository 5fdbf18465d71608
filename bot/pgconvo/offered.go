package pgconvo

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

// Choices reads what a message of the bot's offered: see bot.store.
func (s *Store) Choices(ctx context.Context, key convo.Key, visitor, message convo.ID) ([]convo.Choice, error) {
	var body []byte
	err := s.pool.QueryRow(ctx, selectChoices, key.Site, [16]byte(key.ID), [16]byte(visitor), [16]byte(message)).Scan(&body)
	if noRows(err) {
		return nil, bot.ErrNoChoice
	}
	if err != nil {
		return nil, wrap("read choices", err)
	}
	var m convo.Message
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, wrap("read choices", err)
	}
	if len(m.Choices) == 0 {
		return nil, bot.ErrNoChoice
	}
	return m.Choices, nil
}

// Sections reads a public article as it is published now: see bot.store.
func (s *Store) Sections(ctx context.Context, site int32, article string) (generation int, sections []retrieval.Passage, err error) {
	rows, err := s.pool.Query(ctx, selectSections, site, article)
	if err != nil {
		return 0, nil, wrap("read an article", err)
	}
	sections, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p retrieval.Passage, err error) {
		err = row.Scan(&generation, &p.ArticleNo, &p.ArticleID, &p.Title, &p.URL, &p.Desk, &p.Topic, &p.Product, &p.Lang, &p.Superseded,
			&p.Chunk, &p.Heading, &p.From, &p.To, &p.Text)
		return p, err
	})
	return generation, sections, wrap("read an article", err)
}
