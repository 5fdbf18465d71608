package pgdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// A schedule is many customers, agents and bots at once over two processes,
// each doing what comes to mind. How it goes depends on the database's timing
// too: the seed says what they wanted, not what they got.
const (
	schedules       = 6
	scheduleWorkers = 6
	scheduleSteps   = 60 // of each worker: 2,160 in all each time the tests run
	scheduleTalks   = 4
)

// world is one schedule's: two processes on one database.
type world struct {
	t      *testing.T
	desks  [2]*Desk
	convs  [2]*pgconvo.Store
	site   int32
	keys   []convo.Key
	who    []convo.ID // visitors
	agents []handoff.Actor
	steps  atomic.Int64
}

func newWorld(t *testing.T, change func(*Desk, *Deps)) *world {
	t.Helper()
	dsn := pgtest.DSN(t)
	w := &world{t: t}
	texts, err := handoff.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.desks {
		pool, err := pg.Open(t.Context(), dsn, pg.PoolConfig{MaxConns: 6})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		if w.convs[i], err = pgconvo.New(pool); err != nil {
			t.Fatal(err)
		}
		if w.desks[i], err = New(pool, w.convs[i], nil, texts, time.Now, bot.NewID); err != nil {
			t.Fatal(err)
		}
		change(w.desks[i], &w.desks[i].Deps)
	}
	pool := w.desks[0].Pool
	if err := pool.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ('shop') RETURNING site_id`).Scan(&w.site); err != nil {
		t.Fatal(err)
	}
	for i := range scheduleTalks {
		key, visitor := convo.Key{Site: w.site, ID: bot.NewID()}, bot.NewID()
		if _, err := w.convs[0].Open(t.Context(), bot.Opening{Site: w.site, Conversation: key.ID, Visitor: visitor, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		w.keys, w.who = append(w.keys, key), append(w.who, visitor)
		role := handoff.RoleAgent
		if i == 0 {
			role = handoff.RoleLead
		}
		g, err := w.desks[0].AddAgent(t.Context(), handoff.System(w.site, "test"), handoff.Agent{Email: fmt.Sprintf("a%d@shop.example", i), Name: fmt.Sprintf("Agent%d", i), Role: role, Capacity: 100})
		if err != nil {
			t.Fatal(err)
		}
		w.agents = append(w.agents, handoff.Actor{Site: w.site, Agent: g.ID, Name: g.Name, Role: role})
	}
	if err := w.desks[0].SetRules(t.Context(), handoff.System(w.site, "test"), handoff.Rules{DefaultQueue: "service", MaxOpen: -1, MaxDay: -1, MaxMoves: -1}); err != nil {
		t.Fatal(err)
	}
	if err := w.desks[0].SetQueue(t.Context(), handoff.System(w.site, "test"), handoff.Queue{Queue: "sales", Name: "Sales", Distribution: handoff.ByPush, OfferS: 1}); err != nil {
		t.Fatal(err)
	}
	return w
}

// run lets everybody loose.
func (w *world) run(seed uint64) {
	var wg sync.WaitGroup
	for i := range scheduleWorkers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			for range scheduleSteps {
				w.step(r)
				w.steps.Add(1)
			}
		})
	}
	wg.Wait()
}

// step is one thing that somebody does. What is refused is fine; what breaks is not.
func (w *world) step(r *rand.Rand) {
	ctx := context.Background()
	i, p := r.IntN(len(w.keys)), r.IntN(2)
	key, visitor, d, a := w.keys[i], w.who[i], w.desks[p], w.agents[r.IntN(len(w.agents))]
	t := handoff.Target{Case: w.someCase(r, key)}
	var err error
	switch n := r.IntN(100); {
	case n < 12:
		req := handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked}
		if r.IntN(3) == 0 {
			req.Triage, req.Second = &handoff.Triage{Desk: "service"}, &handoff.Triage{Desk: "support"}
		}
		_, err = d.Open(ctx, req)
	case n < 37:
		_, err = d.Claim(ctx, a, t)
	case n < 42:
		_, _, err = d.ClaimNext(ctx, a)
	case n < 50:
		_, err = d.Reply(ctx, a, t, handoff.Reply{ClientMsgID: bot.NewID().String(), Text: "from " + a.Name})
	case n < 55:
		_, err = d.Release(ctx, a, t, "")
	case n < 61:
		_, err = d.Transfer(ctx, a, t, handoff.TransferTo{Queue: []string{"service", "support", "sales"}[r.IntN(3)]})
	case n < 64:
		_, err = d.Transfer(ctx, w.agents[0], t, handoff.TransferTo{Agent: a.Agent})
	case n < 67:
		_, err = d.Escalate(ctx, a, t, "", "")
	case n < 73:
		_, err = d.Close(ctx, a, t, handoff.WrapUp{})
	case n < 75:
		_, err = d.Reopen(ctx, a, t)
	case n < 83:
		_, err = d.Wait(ctx, handoff.WaitRequest{Key: key, Visitor: visitor, Action: []handoff.WaitAction{handoff.WaitCancel, handoff.WaitAssistant, handoff.WaitResume}[r.IntN(3)]})
	case n < 86:
		_, _, err = d.Retriage(ctx, key, handoff.Triage{Desk: "support"})
	case n < 94:
		err = w.rarer(ctx, r, d, a, t, key)
	default:
		err = w.turn(ctx, p, key, visitor, r)
	}
	f, ok := fault.As(err)
	if err != nil && (!ok || f.Kind == fault.Internal) || ok && f.Kind == fault.Unavailable {
		w.t.Errorf("broke: %v", err)
	}
}

// rarer is what is done less often than the rest.
func (w *world) rarer(ctx context.Context, r *rand.Rand, d *Desk, a handoff.Actor, t handoff.Target, key convo.Key) (err error) {
	switch r.IntN(7) {
	case 0:
		_, err = d.Merge(ctx, a, t, w.someCase(r, key))
	case 1:
		_, err = d.Snooze(ctx, a, t, time.Now().Add(time.Hour))
	case 2:
		_, err = d.SetPriority(ctx, a, t, handoff.Priority(r.IntN(4)-1))
	case 3:
		_, err = d.Note(ctx, a, t, "a note", nil)
	case 4:
		_, err = d.TakeOver(ctx, w.agents[0], t, "for a reason")
	case 5:
		_, err = d.Beat(ctx, a, handoff.Online)
	case 6:
		err = d.Distribute(ctx)
	}
	return err
}

// turn is a customer's message and the bot's answer to it, or its handoff.
func (w *world) turn(ctx context.Context, p int, key convo.Key, visitor convo.ID, r *rand.Rand) error {
	turn := bot.NewID()
	rec, err := w.convs[p].Record(ctx, bot.Record{
		Key: key, Visitor: visitor, Turn: turn, ClientMsgID: turn.String(), Instance: 1,
		Message: convo.Message{ID: bot.NewID(), Turn: &turn, Author: convo.Customer, Text: "question", At: time.Now()},
	})
	if err != nil || !rec.Open {
		return err
	}
	if r.IntN(3) == 0 {
		_, err = w.desks[p].Open(ctx, handoff.Request{Key: key, Turn: turn, Fence: rec.Fence, Reason: handoff.NoAnswer, Started: time.Now(), Trace: []byte("{}")})
	} else {
		_, err = w.convs[1-p].Finish(ctx, bot.End{
			Key: key, Turn: turn, Fence: rec.Fence, Outcome: convo.Answer, Trace: []byte("{}"), Started: time.Now(), At: time.Now(),
			Events: []convo.Draft{{Kind: convo.KindMessage, Body: convo.Message{ID: bot.NewID(), Author: convo.Bot, Text: "answer", At: time.Now()}}},
		})
	}
	return err
}

func (w *world) someCase(r *rand.Rand, key convo.Key) (id convo.ID) {
	rows, err := w.desks[0].Pool.Query(context.Background(), `SELECT case_id FROM cases WHERE conversation_id = $1 ORDER BY opened_at DESC LIMIT 3`, key.ID)
	if err == nil {
		var list []convo.ID
		if list, err = pgx.CollectRows(rows, pgx.RowTo[convo.ID]); err == nil && len(list) > 0 {
			return list[r.IntN(len(list))]
		}
	}
	return bot.NewID()
}

// check says what is wrong with how the world stands and how it came to that.
func (w *world) check() (wrong []string) {
	ctx := context.Background()
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	ask := func(what, sql string) {
		var n int
		if err := w.desks[0].Pool.QueryRow(ctx, sql).Scan(&n); err != nil {
			bad("%s: %v", what, err)
		} else if n > 0 {
			bad("%s: %d", what, n)
		}
	}
	ask("owner and case differ", `
SELECT count(*) FROM conversations k LEFT JOIN cases c ON c.conversation_id = k.conversation_id AND c.state <> 'closed' AND c.link <> 'second'
WHERE k.owner <> CASE WHEN c.case_id IS NULL THEN 'bot' WHEN c.state = 'claimed' THEN 'agent' WHEN c.aside THEN 'bot' ELSE 'queue' END
   OR k.owner = 'queue' AND k.queue <> c.queue`)
	ask("a second matter without a first", `
SELECT count(*) FROM cases s WHERE s.link = 'second' AND s.state <> 'closed'
AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.conversation_id = s.conversation_id AND c.state <> 'closed' AND c.link <> 'second')`)
	ask("numbers of a log with gaps", `
SELECT count(*) FROM cases c WHERE c.last_n <> (SELECT count(*) FROM case_events e WHERE e.case_id = c.case_id)`)
	ask("a case that waits outside every line", `SELECT count(*) FROM cases WHERE state = 'waiting' AND due_first IS NULL`)
	for _, key := range w.keys {
		w.talk(key, bad)
	}
	w.claims(bad)
	return wrong
}

// talk reads a conversation as its customer saw it.
func (w *world) talk(key convo.Key, bad func(string, ...any)) {
	events, err := w.convs[0].Events(context.Background(), key, 0, 10_000)
	if err != nil {
		bad("%v", err)
	}
	owner, name := convo.OwnerBot, ""
	for i, e := range events {
		if e.Seq != int64(i)+1 {
			bad("event %d has the number %d", i+1, e.Seq)
		}
		var o convo.OwnerChange
		var m convo.Message
		switch e.Kind {
		case convo.KindOwner:
			_ = json.Unmarshal(e.Body, &o)
			owner, name = o.Owner, o.Name
		case convo.KindMessage:
			_ = json.Unmarshal(e.Body, &m)
			switch {
			case m.Author == convo.Bot && owner != convo.OwnerBot:
				bad("the bot spoke while %s %s had the conversation", owner, name)
			case m.Author == convo.Agent && (owner != convo.OwnerAgent || m.Name != name || m.Text != "from "+name):
				bad("%s spoke while %s %s had the conversation", m.Name, owner, name)
			case m.Author == convo.System:
				w.reference(m.Text, bad)
			}
		}
	}
}

// reference holds what was promised against the cases.
func (w *world) reference(text string, bad func(string, ...any)) {
	_, rest, ok := strings.Cut(text, "Your reference is ")
	if !ok {
		return
	}
	ref, _, _ := strings.Cut(strings.TrimPrefix(rest, "still "), ".")
	var n int
	if err := w.desks[0].Pool.QueryRow(context.Background(), `SELECT count(*) FROM cases WHERE reference = $1`, ref).Scan(&n); err != nil || n != 1 {
		bad("connecting was said with %s: %d cases, %v", ref, n, err)
	}
}

// claims reads the cases' own logs: a case is claimed only when nobody has it.
func (w *world) claims(bad func(string, ...any)) {
	rows, err := w.desks[0].Pool.Query(context.Background(), `
SELECT e.case_id, e.kind, e.body ->> 'agent' IS NOT NULL, e.kind = 'merged' AND c.linked_to IS NOT DISTINCT FROM (e.body ->> 'case')::uuid
FROM case_events e JOIN cases c USING (site_id, case_id) ORDER BY e.case_id, e.n`)
	if err != nil {
		bad("%v", err)
		return
	}
	var id, last convo.ID
	var kind handoff.CaseEventKind
	var to, held, gone bool // gone: merged into another, and not another into it
	_, err = pgx.ForEachRow(rows, []any{&id, &kind, &to, &gone}, func() error {
		if id != last {
			last, held = id, false
		}
		switch kind {
		case handoff.CaseClaimed:
			if held {
				bad("case %s was claimed while somebody had it", id)
			}
			held = true
		case handoff.CaseTransferred:
			held = to
		case handoff.CaseReleased, handoff.CaseEscalated, handoff.CaseClosed, handoff.CaseReopened:
			held = false
		case handoff.CaseMerged:
			held = held && !gone
		}
		return nil
	})
	if err != nil {
		bad("%v", err)
	}
}

func TestSchedules_NeverTwoOwnersAndNoCaseLost(t *testing.T) {
	t.Parallel()
	for seed := range uint64(schedules) {
		w := newWorld(t, func(*Desk, *Deps) {})
		w.run(seed)
		for _, wrong := range w.check() {
			t.Errorf("seed %d: %s", seed, wrong)
		}
		if n := w.steps.Load(); n != scheduleWorkers*scheduleSteps {
			t.Errorf("%d steps", n)
		}
	}
}

// unlocked reads a conversation without taking its row.
type unlocked struct {
	Conversations
}

func (u unlocked) Lock(batch *pgx.Batch, key convo.Key, st *convo.State, found *bool) {
	batch.Queue(`SELECT owner, owner_version, queue, language, last_seq, visitor_id FROM conversations WHERE site_id = $1 AND conversation_id = $2`, key.Site, key.ID).
		QueryRow(func(row pgx.Row) error {
			err := row.Scan(&st.Owner, &st.Version, &st.Queue, &st.Language, &st.LastSeq, &st.Visitor)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			*found = err == nil
			return err
		})
}

// fails says whether some schedule goes wrong; what breaks on the way counts too.
func fails(t *testing.T, change func(*Desk, *Deps)) bool {
	t.Helper()
	for seed := range uint64(12) {
		w := newWorld(t, change)
		w.t = &testing.T{} // what breaks is expected here
		w.run(seed)
		if w.t.Failed() || len(w.check()) > 0 {
			return true
		}
	}
	return false
}

func TestSchedules_FailWithTheirGuardsTakenOut(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Desk, *Deps){
		"a claim that does not look who has it": func(d *Desk, _ *Deps) {
			d.sql.claim = strings.NewReplacer("s.state = 'waiting'", "s.state <> 'closed'", "c.state = 'waiting'", "c.state <> 'closed'",
				"CASE WHEN s.aside THEN 'bot' ELSE 'queue' END", "k.owner", "k.owner IN ('queue', 'bot')", "true").Replace(d.sql.claim)
		},
		"no lock on the conversation": func(_ *Desk, deps *Deps) {
			deps.Conversations = unlocked{Conversations: deps.Conversations}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !fails(t, change) {
				t.Error("nothing went wrong: the schedules prove nothing")
			}
		})
	}
}
