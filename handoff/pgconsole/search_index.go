package pgconsole

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff/console"
)

const (
	indexBatch = 100 // rows that are taken at once
	// Bounds of a tsvector: 16,383 places of words, 256 of each; what comes
	// later is still found, but not as a neighbour.
	maxPlace  = 16_000
	maxPlaces = 200
	betweens  = 2 // places between two texts: their words are no neighbours

	// takeDue takes what is due and nobody else takes. It is one transaction
	// with the words themselves: a process that dies leaves them due.
	takeDue = `
DELETE FROM case_words_due d
USING (SELECT site_id, conversation_id, due_id FROM case_words_due ORDER BY due_id LIMIT $1 FOR UPDATE SKIP LOCKED) x
WHERE (d.site_id, d.conversation_id, d.due_id) = (x.site_id, x.conversation_id, x.due_id)
RETURNING d.site_id, d.conversation_id`

	// putWords never goes back: of two processes that read one conversation the
	// one that read less does not have the last word.
	putWords = `
INSERT INTO case_words AS w (site_id, case_id, conversation_id, opened_at, seq, n, words)
SELECT $1, x.case_id, x.conversation_id, c.opened_at, x.seq, x.n, x.words::tsvector
FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[]) x (case_id, conversation_id, seq, n, words)
JOIN cases c ON c.site_id = $1 AND c.case_id = x.case_id
ORDER BY x.case_id
ON CONFLICT (site_id, case_id) DO UPDATE
SET seq = excluded.seq, n = excluded.n, words = excluded.words
WHERE w.seq <= excluded.seq AND w.n <= excluded.n`
)

// IndexWords reads the words of conversations that are due, those of cases
// first, and returns how many rows of the lists it took.
func (s *Store) IndexWords(ctx context.Context) (taken int, err error) {
	cases, err := s.indexCases(ctx)
	if err != nil {
		return cases, err
	}
	alone, err := s.indexAlone(ctx)
	return cases + alone, err
}

func (s *Store) indexCases(ctx context.Context) (taken int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, takeDue, indexBatch)
		if err != nil {
			return err
		}
		due := map[int32][]convo.ID{}
		var site int32
		var id convo.ID
		if _, err = pgx.ForEachRow(rows, []any{&site, &id}, func() error {
			taken++
			due[site] = append(due[site], id)
			return nil
		}); err != nil {
			return err
		}
		for site, ids := range due {
			if err := indexConversations(ctx, tx, site, distinct(ids)); err != nil {
				return err
			}
		}
		return nil
	})
	return taken, wrap("read words for the search", err)
}

func indexConversations(ctx context.Context, tx pgx.Tx, site int32, conversations []convo.ID) error {
	cases, err := readAbout(ctx, tx, site, aboutConversations, conversations)
	if err != nil || len(cases) == 0 {
		return err
	}
	sayings, files, err := readSayings(ctx, tx, site, cases)
	if err != nil {
		return err
	}
	var ids, ofs []convo.ID
	var seqs, ns []int64
	var words []string
	for _, c := range cases {
		ids, ofs, seqs, ns = append(ids, c.id), append(ofs, c.conversation), append(seqs, c.seq), append(ns, c.n)
		list := sayings[c.id]
		list = append(list, console.Saying{Text: c.reference})
		var marks []string
		if slices.ContainsFunc(list, func(x console.Saying) bool { return x.By == "note" }) {
			marks = append(marks, "note")
		}
		if files[c.conversation] {
			marks = append(marks, "file")
		}
		words = append(words, tsvector(site, list, marks))
	}
	if _, err = tx.Exec(ctx, putWords, site, ids, ofs, seqs, ns, words); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, dropAlone, site, ofs)
	return err
}

// tsvector is the text form of words with their places, and of marks, which are
// words that nobody can write.
func tsvector(site int32, list []console.Saying, marks []string) string {
	places := map[string][]int{}
	at := 0
	for _, x := range list {
		for t := range console.SearchTerms(x.Text) {
			at = min(at+1, maxPlace)
			if p := places[t.Text]; len(p) == 0 || len(p) < maxPlaces && p[len(p)-1] != at {
				places[t.Text] = append(p, at)
			}
		}
		at = min(at+betweens, maxPlace)
	}
	for _, m := range marks {
		places[hasMark+m] = nil
	}
	var b strings.Builder
	prefix := strconv.Itoa(int(site)) + ":"
	for term, p := range places {
		b.WriteByte('\'')
		b.WriteString(prefix)
		b.WriteString(term)
		b.WriteByte('\'')
		for i, n := range p {
			b.WriteByte(":,"[min(i, 1)])
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteByte(' ')
	}
	return b.String()
}
