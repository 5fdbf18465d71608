package pgconsole

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff/console"
)

const (
	// selectWriting reads the drafts of those who have the cases: what somebody
	// else has begun to write there is nobody's business.
	selectWriting = `
SELECT d.case_id, d.agent_id, a.name, d.body, d.at
FROM desk_drafts d
JOIN cases c ON c.site_id = d.site_id AND c.case_id = d.case_id AND c.agent_id = d.agent_id AND c.state = 'claimed'
JOIN agents a ON a.site_id = d.site_id AND a.agent_id = d.agent_id
WHERE d.site_id = $1 AND d.case_id = ANY ($2) AND d.body <> ''`

	// selectCited looks for quotes, word for word, in articles for everybody as
	// they are published now. strpos counts characters, citations bytes.
	selectCited = `
SELECT q.n, a.title, a.url, s.published, octet_length(left(a.body, strpos(a.body, q.quote) - 1))
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS q (article, quote, n)
JOIN sites s ON s.site_id = $1
JOIN articles a ON a.site_id = s.site_id AND a.generation = s.published AND a.article_id = q.article AND a.audience = 0
WHERE strpos(a.body, q.quote) > 0
ORDER BY q.n`

	selectConfirmed = `
SELECT f.address FROM confirmed_addresses f
JOIN conversations k ON k.site_id = f.site_id AND k.visitor_id = f.visitor_id
WHERE k.site_id = $1 AND k.conversation_id = $2
ORDER BY f.confirmed_at DESC, f.address
LIMIT 5`
)

// Writing reads what those who have these cases are writing.
func (s *Store) Writing(ctx context.Context, site int32, ids []convo.ID) (map[convo.ID]console.Writing, error) {
	rows, err := s.pool.Query(ctx, selectWriting, site, ids)
	if err != nil {
		return nil, wrap("read what is being written", err)
	}
	out := map[convo.ID]console.Writing{}
	var id convo.ID
	var w console.Writing
	_, err = pgx.ForEachRow(rows, []any{&id, &w.Agent, &w.Name, &w.Text, &w.At}, func() error {
		w.At = w.At.UTC()
		out[id] = w
		return nil
	})
	return out, wrap("read what is being written", err)
}

// pieces stands between the pieces of one quote that are no neighbours.
const pieces = "\n…\n"

// Cited finds quotes in the articles as they are published now. A quote of
// several pieces is several citations.
func (s *Store) Cited(ctx context.Context, site int32, list []convo.Citation) ([]convo.Citation, error) {
	var articles, quotes []string
	for _, c := range list {
		for piece := range strings.SplitSeq(c.Quote, pieces) {
			if piece = strings.TrimSpace(piece); piece != "" && !strings.ContainsRune(piece+c.Article, 0) {
				articles, quotes = append(articles, strings.ToValidUTF8(c.Article, "")), append(quotes, strings.ToValidUTF8(piece, ""))
			}
		}
	}
	rows, err := s.pool.Query(ctx, selectCited, site, articles, quotes)
	if err != nil {
		return nil, wrap("look citations up", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c convo.Citation, err error) {
		var n int
		err = row.Scan(&n, &c.Title, &c.URL, &c.Generation, &c.From)
		if err == nil {
			c.Article, c.Quote = articles[n-1], quotes[n-1]
			c.To = c.From + len(c.Quote)
		}
		return c, err
	})
	return out, wrap("look citations up", err)
}

func (s *Store) confirmed(ctx context.Context, key convo.Key) ([]string, error) {
	rows, err := s.pool.Query(ctx, selectConfirmed, key.Site, key.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
