package pgconsole_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
	"frontdesk/handoff/pgconsole"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

var many = flag.Int("conversations", 100_000, "how many BenchmarkSearch looks through")

// vocabulary says words as often as people do: the second half as often as the
// first one, the tenth a tenth as often (Zipf).
type vocabulary struct {
	zipf  *rand.Zipf
	words []string
}

func newVocabulary(n int) *vocabulary {
	v := &vocabulary{words: make([]string, n)}
	for i := range v.words {
		v.words[i] = fmt.Sprintf("w%s", strings.ToLower(spell(i)))
	}
	v.zipf = rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.07, 4, uint64(n-1))
	return v
}

func spell(i int) string {
	out := ""
	for i++; i > 0; i /= 26 {
		out += string(rune('a' + i%26))
	}
	return out
}

func (v *vocabulary) text(words int) string {
	out := make([]string, words)
	for i := range out {
		out[i] = v.words[v.zipf.Uint64()]
	}
	return strings.Join(out, " ")
}

// fillSearch makes n closed and open cases of six queues with six messages of
// about fourteen words each, and reads their words.
func fillSearch(b *testing.B, n int) (*pgconsole.Store, handoff.Actor, func(sql string, args ...any)) {
	b.Helper()
	pool, err := pg.Open(b.Context(), pgtest.DSN(b), pg.PoolConfig{MaxConns: 8})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	exec := func(sql string, args ...any) {
		b.Helper()
		if _, err := pool.Exec(b.Context(), sql, args...); err != nil {
			b.Fatal(err)
		}
	}
	texts, err := handoff.LoadTexts()
	if err != nil {
		b.Fatal(err)
	}
	convs, err := pgconvo.New(pool)
	if err != nil {
		b.Fatal(err)
	}
	desk, err := pgdesk.NewDesk(pgdesk.Deps{Pool: pool, Conversations: convs, Texts: texts, Logger: slog.New(slog.DiscardHandler), Now: time.Now, NewID: bot.NewID}, pgdesk.Config{})
	if err != nil {
		b.Fatal(err)
	}
	store, err := pgconsole.New(pool, desk)
	if err != nil {
		b.Fatal(err)
	}
	exec(`INSERT INTO sites (name) VALUES ('shop')`)
	const site = 1
	mara, err := desk.AddAgent(b.Context(), handoff.System(site, "bench"), handoff.Agent{Email: "mara@shop.example", Name: "Mara", Role: handoff.RoleAgent})
	if err != nil {
		b.Fatal(err)
	}
	exec(`INSERT INTO visitors (site_id, visitor_id, created_at) SELECT 1, md5('v' || i)::uuid, now() FROM generate_series(1, $1::int) i`, n)
	exec(`INSERT INTO conversations (site_id, conversation_id, visitor_id, last_seq, created_at, last_at)
SELECT 1, md5('c' || i)::uuid, md5('v' || i)::uuid, 6, now(), now() FROM generate_series(1, $1::int) i`, n)
	exec(`INSERT INTO cases (site_id, case_id, reference, conversation_id, queue, reason, opened_at, state, closed_at, ended, agent_id, topic, product, language, triaged)
SELECT 1, md5('k' || i)::uuid, upper(substr(md5('r' || i), 1, 8)) || i, md5('c' || i)::uuid, (ARRAY['service', 'quick', 'support', 'support-2', 'sales', 'escalations'])[1 + i % 6], 'asked',
  now() - i * interval '5 min', CASE WHEN i < 500 THEN 'waiting' ELSE 'closed' END, CASE WHEN i < 500 THEN NULL ELSE now() - i * interval '4 min' END, CASE WHEN i < 500 THEN '' ELSE 'solved' END,
  CASE WHEN i > 500 AND i % 20 = 0 THEN $2::uuid END, (ARRAY['refunds', 'delivery', 'faults', 'login', 'buying'])[1 + i % 5], (ARRAY['kettle', 'grinder', ''])[1 + i % 3], (ARRAY['en', 'de'])[1 + i % 2], true
FROM generate_series(1, $1::int) i`, n, mara.ID)
	words, i := newVocabulary(40_000), 0
	rows, err := pool.Query(b.Context(), `SELECT conversation_id FROM conversations`)
	if err != nil {
		b.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[convo.ID])
	if err != nil {
		b.Fatal(err)
	}
	for end := 0; end < 6*n; { // a statement may not take longer than half a minute
		end = min(end+30_000, 6*n)
		copied := func() ([]any, error) {
			if i == end {
				return nil, nil
			}
			body, err := json.Marshal(convo.Message{Author: []convo.Author{convo.Customer, convo.Bot, convo.Agent}[i%3], Text: words.text(8 + i%13)})
			row := []any{int32(1), ids[i/6], int64(i%6 + 1), "message", json.RawMessage(body), time.Now()}
			i++
			return row, err
		}
		if _, err := pool.CopyFrom(b.Context(), pgx.Identifier{"events"}, []string{"site_id", "conversation_id", "seq", "kind", "body", "at"}, pgx.CopyFromFunc(copied)); err != nil {
			b.Fatal(err)
		}
	}
	began, rounds := time.Now(), 0
	for {
		taken, err := store.IndexWords(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if taken == 0 {
			break
		}
		rounds++
	}
	b.Logf("words of %d conversations were read in %v", n, time.Since(began).Round(time.Second))
	exec(`VACUUM ANALYZE case_words`)
	exec(`ANALYZE cases`)
	return store, handoff.Actor{Site: 1, Agent: mara.ID, Name: "Mara", Role: handoff.RoleAgent}, exec
}

// BenchmarkSearch looks for common and rare words, for several, with filters,
// and for an agent of one queue, and says how long the slowest one in a hundred
// took.
func BenchmarkSearch(b *testing.B) {
	store, mara, _ := fillSearch(b, *many)
	one := mara
	one.Queues = []string{"support-2"}
	words := newVocabulary(40_000).words
	w := func(n int) console.SearchWord { return console.SearchWord{Terms: []string{words[n]}} }
	now := time.Now()
	for _, c := range []struct {
		name string
		as   handoff.Actor
		ask  func(i int) console.Search
	}{
		{"common word", mara, func(i int) console.Search { return console.Search{Words: []console.SearchWord{w(i % 10)}} }},
		{"usual word", mara, func(i int) console.Search { return console.Search{Words: []console.SearchWord{w(100 + i%900)}} }},
		{"rare word", mara, func(i int) console.Search { return console.Search{Words: []console.SearchWord{w(5000 + i%20000)}} }},
		{"three words", mara, func(i int) console.Search {
			return console.Search{Words: []console.SearchWord{w(i % 50), w(100 + i%100), w(300 + i%300)}}
		}},
		{"side by side", mara, func(i int) console.Search {
			return console.Search{Words: []console.SearchWord{{Terms: []string{words[i%40], words[50+i%100]}}}}
		}},
		{"no such word", mara, func(i int) console.Search {
			return console.Search{Words: []console.SearchWord{{Terms: []string{fmt.Sprint("zz", i)}}}}
		}},
		{"common word, one queue", one, func(i int) console.Search { return console.Search{Words: []console.SearchWord{w(i % 10)}} }},
		{"usual word, four filters", one, func(i int) console.Search {
			return console.Search{Words: []console.SearchWord{w(100 + i%900)}, Topics: []string{"faults"}, Agents: []convo.ID{mara.Agent}, Before: now.AddDate(0, -2, 0), State: "closed"}
		}},
		{"filters that fit few", mara, func(int) console.Search {
			return console.Search{Topics: []string{"refunds"}, Products: []string{"kettle"}, Languages: []string{"de"}, Agents: []convo.ID{mara.Agent}}
		}},
		{"filters that fit none", mara, func(int) console.Search {
			return console.Search{Topics: []string{"nothing of the kind"}}
		}},
		{"what is open", mara, func(int) console.Search { return console.Search{State: "open"} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took, counts []time.Duration
			for i := 0; b.Loop(); i++ {
				s := c.ask(i)
				s.Limit, s.Now = 25, now
				began := time.Now()
				found, err := store.Search(b.Context(), c.as, s)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := store.Sayings(b.Context(), 1, found.Cases); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
				began = time.Now()
				if _, err := store.SearchCount(b.Context(), c.as, s, 100); err != nil {
					b.Fatal(err)
				}
				counts = append(counts, time.Since(began))
			}
			b.ReportMetric(0, "ns/op")
			for name, list := range map[string][]time.Duration{"search": took, "count": counts} {
				slices.Sort(list)
				b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, name+"-p50-ms")
				b.ReportMetric(float64(list[len(list)*99/100].Microseconds())/1000, name+"-p99-ms")
			}
		})
	}
}
