package pgdesk

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// victim is a process of the desk that works until it is killed. What it is
// about to do it says before ("try"), what was committed after ("done"): who
// kills it knows from that what has to be there.
type victim struct {
	desk   *Desk
	convs  *pgconvo.Store
	site   int32
	talks  []victimTalk
	agents []handoff.Actor

	mu  sync.Mutex
	out io.Writer
}

type victimTalk struct {
	key     convo.Key
	visitor convo.ID
}

const (
	victimName  = "frontdesk victim"
	victimHands = 6 // that work at once in each process
)

// torn commits a conversation's words before the rest of what they say: the
// guard that one transaction is, taken out.
type torn struct{ *pgconvo.Store }

func (c torn) Append(batch *pgx.Batch, key convo.Key, st convo.State, a convo.Append) ([]convo.Event, error) {
	events, err := c.Store.Append(batch, key, st, a)
	batch.Queue("COMMIT")
	batch.Queue("BEGIN")
	return events, err
}

// workUntilKilled ends only by what breaks.
func workUntilKilled(dsn string, tear bool, out io.Writer) error {
	ctx := context.Background()
	pool, err := pg.Open(ctx, dsn, pg.PoolConfig{Name: victimName, MaxConns: victimHands + 2})
	if err != nil {
		return err
	}
	v := &victim{out: out}
	if v.convs, err = pgconvo.New(pool); err != nil {
		return err
	}
	texts, err := handoff.LoadTexts()
	if err != nil {
		return err
	}
	var convs Conversations = v.convs
	if tear {
		convs = torn{v.convs}
	}
	if v.desk, err = New(pool, convs, nil, texts, time.Now, bot.NewID); err != nil {
		return err
	}
	v.desk.Promiser = &recorder{}
	if err := v.look(ctx); err != nil {
		return err
	}
	broke := make(chan error)
	for range victimHands {
		go func() {
			for {
				if err := v.step(ctx); err != nil {
					broke <- err
				}
			}
		}()
	}
	return <-broke
}

// look finds the site and who is there.
func (v *victim) look(ctx context.Context) error {
	rows, err := v.desk.Pool.Query(ctx, `SELECT site_id, conversation_id, visitor_id FROM conversations`)
	if err != nil {
		return err
	}
	v.talks, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t victimTalk, err error) {
		err = row.Scan(&t.key.Site, &t.key.ID, &t.visitor)
		return t, err
	})
	if err != nil {
		return err
	}
	v.site = v.talks[0].key.Site
	list, err := v.desk.Agents(ctx, handoff.System(v.site, "test"))
	for _, g := range list {
		v.agents = append(v.agents, handoff.Actor{Site: v.site, Agent: g.ID, Name: g.Name, Role: g.Role})
	}
	return err
}

func (v *victim) say(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintf(v.out, format+"\n", args...)
}

// step does one thing. What is refused is fine.
func (v *victim) step(ctx context.Context) error {
	t, a := v.talks[rand.IntN(len(v.talks))], v.agents[rand.IntN(len(v.agents))]
	target := handoff.Target{Case: v.caseOf(ctx, t.key)}
	var err error
	switch n := rand.IntN(100); {
	case n < 30:
		err = v.message(ctx, t)
	case n < 50:
		var o handoff.Opened
		if o, err = v.desk.Open(ctx, handoff.Request{Key: t.key, Visitor: t.visitor, Reason: handoff.Asked}); err == nil {
			v.say("done open %s", o.Case.Reference)
		}
	case n < 70:
		if _, err = v.desk.Claim(ctx, a, target); err == nil {
			v.say("done claimed %s", target.Case)
		}
	case n < 80:
		id := bot.NewID().String()
		if _, err = v.desk.Reply(ctx, a, target, handoff.Reply{ClientMsgID: id, Text: "from " + a.Name}); err == nil {
			v.say("done replied %s", id)
		}
	case n < 85:
		_, err = v.desk.Release(ctx, a, target, "")
	default:
		if _, err = v.desk.Close(ctx, a, target, handoff.WrapUp{Memo: "Done."}); err == nil {
			v.say("done closed %s", target.Case)
		}
	}
	if f, ok := fault.As(err); err != nil && (!ok || f.Kind == fault.Internal) {
		return err
	}
	return nil
}

// message is a customer's, with the bot's answer where the bot has the
// conversation.
func (v *victim) message(ctx context.Context, t victimTalk) error {
	turn, id := bot.NewID(), bot.NewID().String()
	v.say("try message %s %s", t.key.ID, id)
	rec, err := v.convs.Record(ctx, killedMessage(t, turn, id))
	if err != nil {
		return err
	}
	v.say("done message %s", id)
	if !rec.Open {
		return nil
	}
	_, err = v.convs.Finish(ctx, bot.End{
		Key: t.key, Turn: turn, Fence: rec.Fence, Outcome: convo.Answer, Trace: []byte("{}"), Started: time.Now(), At: time.Now(),
		Events: []convo.Draft{{Kind: convo.KindMessage, Body: convo.Message{ID: bot.NewID(), Author: convo.Bot, Text: "answer", At: time.Now()}}},
	})
	return err
}

func killedMessage(t victimTalk, turn convo.ID, id string) bot.Record {
	return bot.Record{
		Key: t.key, Visitor: t.visitor, Turn: turn, ClientMsgID: id, Instance: 1,
		Message: convo.Message{ID: bot.NewID(), Turn: &turn, Author: convo.Customer, Text: "question", At: time.Now()},
	}
}

// caseOf is the conversation's newest case; one that is not there where it has none.
func (v *victim) caseOf(ctx context.Context, key convo.Key) (id convo.ID) {
	if v.desk.Pool.QueryRow(ctx, `SELECT case_id FROM cases WHERE conversation_id = $1 ORDER BY opened_at DESC LIMIT 1`, key.ID).Scan(&id) != nil {
		return bot.NewID()
	}
	return id
}
