package pgconvo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// A plan is a random history: customers write, write again, press for a
// person; searches answer early or late; instances die in the middle and new
// ones come up. Everything that is promised about conversations has to hold
// after every plan; and for each guard there is a test that cuts it out of the
// SQL and has to find a plan that breaks the promise.
type plan []step

type step struct {
	Do   string // say, release, human, kill, sweep
	Conv int    // which of two conversations
	Inst int    // which of two instances
	Msg  int    // which of four client_msg_ids: small, so that repeats happen
}

func plans() *rapid.Generator[plan] {
	one := rapid.Custom(func(t *rapid.T) step {
		return step{
			Do:   rapid.SampledFrom([]string{"say", "say", "say", "say", "release", "release", "human", "kill", "sweep"}).Draw(t, "do"),
			Conv: rapid.IntRange(0, 1).Draw(t, "conversation"),
			Inst: rapid.IntRange(0, 1).Draw(t, "instance"),
			Msg:  rapid.IntRange(0, 3).Draw(t, "message"),
		}
	})
	return rapid.Custom(func(t *rapid.T) plan { return rapid.SliceOfN(one, 4, 24).Draw(t, "steps") })
}

// answered is what one request came back with.
type answered struct {
	conv  int
	id    string
	turn  convo.ID
	reply bot.Reply
	err   error
	inst  *instance
}

// run plays a plan on conversations of its own and returns what it broke.
func (w *world) run(p plan) error {
	keys, visitors := [2]convo.Key{}, [2]convo.ID{}
	var watchers [2]*watcher
	for c := range keys {
		keys[c], visitors[c] = newConversation(w.t, w.inst[0].Store, int32(w.site.ID))
	}
	reader := bot.NewHub(w.inst[0].Store, nil)
	defer reader.Close()
	for c := range watchers {
		watchers[c] = watch(reader, keys[c])
		defer watchers[c].stop()
	}
	var mu sync.Mutex
	var got []answered
	var wg sync.WaitGroup
	for _, s := range p {
		i := w.inst[s.Inst]
		switch s.Do {
		case "say":
			wg.Go(func() {
				a := w.say(i, keys[s.Conv], visitors[s.Conv], s)
				mu.Lock()
				got = append(got, a)
				mu.Unlock()
			})
		case "release":
			w.gate.release()
		case "human":
			_, _ = i.desk.Open(context.Background(), handoff.Request{Key: keys[s.Conv], Visitor: visitors[s.Conv], Queue: "main", Reason: handoff.Asked})
		case "kill":
			i.kill()
			w.inst[s.Inst] = w.start()
		case "sweep":
			if _, err := i.engine.SweepOnce(context.Background()); err != nil {
				return fmt.Errorf("sweep: %w", err)
			}
		}
		time.Sleep(time.Duration(s.Msg) * time.Millisecond) // let some of it overlap, in ways the plan chose
	}
	if err := w.settle(&wg); err != nil {
		return err
	}
	for c, key := range keys {
		if err := w.check(key, c, got, watchers[c]); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) say(i *instance, key convo.Key, visitor convo.ID, s step) answered {
	a := answered{conv: s.Conv, id: fmt.Sprintf("m%d", s.Msg), inst: i}
	t, err := i.engine.Say(context.Background(), bot.Say{Site: w.site, Key: key, Visitor: visitor, ClientMsgID: a.id, Text: "what about " + a.id})
	if err != nil {
		a.err = err
		return a
	}
	a.turn = t.ID
	a.reply, a.err = t.Run()
	return a
}

// settle lets everything come to its end: searches answer, and what the dead
// left open is swept up.
func (w *world) settle(wg *sync.WaitGroup) error {
	over := make(chan struct{})
	go func() {
		wg.Wait()
		close(over)
	}()
	deadline := time.After(30 * time.Second)
	for {
		w.gate.release()
		if _, err := w.inst[0].engine.SweepOnce(context.Background()); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		select {
		case <-over:
			_, err := w.inst[0].engine.SweepOnce(context.Background())
			return err
		case <-deadline:
			return errors.New("some requests never came back")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// check holds what is in the database, what requests were told and what a
// watcher saw against everything that is promised.
func (w *world) check(key convo.Key, conv int, got []answered, seen *watcher) error {
	ctx := context.Background()
	events, err := w.inst[0].Events(ctx, key, 0, 10_000)
	if err != nil {
		return err
	}
	var last int64
	var open *convo.ID
	if err := w.pool.QueryRow(ctx, `SELECT last_seq, open_turn FROM conversations WHERE conversation_id = $1`, key.ID).Scan(&last, &open); err != nil {
		return err
	}
	var left, ended int
	err = w.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM open_turns WHERE conversation_id = $1), (SELECT count(*) FROM turns WHERE conversation_id = $1)`, key.ID).Scan(&left, &ended)
	if err != nil {
		return err
	}
	if open != nil || left != 0 {
		return fmt.Errorf("a turn is left open: %v, %d rows", open, left)
	}
	if int64(len(events)) != last {
		return fmt.Errorf("last_seq is %d after %d events", last, len(events))
	}
	asked, terminal := map[convo.ID]int{}, map[convo.ID]int{}
	person := false
	for n, e := range events {
		if e.Seq != int64(n)+1 {
			return fmt.Errorf("event %d has number %d", n+1, e.Seq)
		}
		body := string(e.Body)
		switch {
		case e.Kind == convo.KindMessage && strings.Contains(body, `"author":"customer"`):
			asked[e.Turn]++
		case e.Kind == convo.KindMessage && strings.Contains(body, `"author":"bot"`) && person:
			return fmt.Errorf("the bot spoke after a person took over: event %d", e.Seq)
		case e.Kind == convo.KindOwner:
			person = true
		case e.Kind.Terminal():
			if asked[e.Turn] == 0 {
				return fmt.Errorf("turn %s ended before it was asked", e.Turn)
			}
			terminal[e.Turn]++
		}
	}
	for turn := range asked {
		if asked[turn] != 1 || terminal[turn] != 1 {
			return fmt.Errorf("turn %s: %d messages, %d ends", turn, asked[turn], terminal[turn])
		}
	}
	if len(terminal) != len(asked) || ended != len(asked) {
		return fmt.Errorf("%d turns asked, %d ended, %d rows", len(asked), len(terminal), ended)
	}
	if err := checkAnswers(conv, got, events); err != nil {
		return err
	}
	return seen.matches(events)
}

// checkAnswers: one client_msg_id is one turn, whoever asked and whenever; what
// a request was told is what the log says; nothing fails but in a process that
// died, and no live turn is taken for a dead one's.
func checkAnswers(conv int, got []answered, events []convo.Event) error {
	turnOf, interrupted, killed := map[string]convo.ID{}, map[convo.ID]bool{}, map[convo.ID]bool{}
	for _, e := range events {
		if e.Kind == convo.KindError && strings.Contains(string(e.Body), "interrupted") {
			interrupted[e.Turn] = true
		}
	}
	for _, a := range got {
		if a.conv != conv {
			continue
		}
		if a.inst.dead.Load() {
			killed[a.turn] = true
			continue
		}
		if a.err != nil {
			return fmt.Errorf("%s: %w", a.id, a.err)
		}
		if other, ok := turnOf[a.id]; ok && other != a.turn {
			return fmt.Errorf("%s became two turns", a.id)
		}
		turnOf[a.id] = a.turn
		log := bot.TurnLog{}
		for _, e := range events {
			if e.Turn == a.turn {
				log.Events = append(log.Events, e)
			}
		}
		if told, _ := log.Outcome(); told != a.reply.Outcome {
			return fmt.Errorf("%s was told %s, the log says %s", a.id, a.reply.Outcome, told)
		}
	}
	for turn := range interrupted {
		if !killed[turn] {
			return fmt.Errorf("turn %s of a live process was ended as a dead one's", turn)
		}
	}
	return nil
}

func TestConversations_KeepEveryPromise(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, "")
	rapid.Check(t, func(rt *rapid.T) {
		if err := w.run(plans().Draw(rt, "plan")); err != nil {
			rt.Fatal(err)
		}
	})
}

// breaks runs random plans on a store with a guard cut out until one of them
// shows it.
func breaks(t *testing.T, change func(*statements), ddl string) {
	t.Helper()
	w := newWorld(t, change, ddl)
	for seed := range 400 {
		if err := w.run(plans().Example(seed)); err != nil {
			t.Logf("plan %d: %v", seed, err)
			return
		}
	}
	t.Fatal("no plan shows that this guard is needed")
}

// cut removes a piece of a statement, which has to be there.
func cut(t *testing.T, sql, piece, with string) string {
	t.Helper()
	if !strings.Contains(sql, piece) {
		t.Fatalf("the statement has no %q to cut out", piece)
	}
	return strings.Replace(sql, piece, with, 1)
}

func TestFence_FailsWithoutTheOwnersVersion(t *testing.T) {
	t.Parallel()
	breaks(t, func(s *statements) {
		s.finish = cut(t, s.finish, guardFence, "AND $11::bigint IS NOT NULL")
	}, "")
}

func TestOneEnd_FailsWithoutTheOpenTurn(t *testing.T) {
	t.Parallel()
	breaks(t, func(s *statements) {
		s.finish = cut(t, s.finish, guardTurn, "AND $3::uuid IS NOT NULL")
		s.finishAny = cut(t, s.finishAny, guardTurn, "AND $3::uuid IS NOT NULL")
	}, "")
}

func TestExactlyOnce_FailsWithoutTheUniqueName(t *testing.T) {
	t.Parallel()
	breaks(t, nil, `DROP INDEX events_client_msg_id`)
}

func TestNumbers_FailWithoutTheRowsLock(t *testing.T) {
	t.Parallel()
	breaks(t, func(s *statements) { s.lock = cut(t, s.lock, "FOR UPDATE", "") }, "")
}

func TestSweep_FailsWithoutTheLivesLock(t *testing.T) {
	t.Parallel()
	breaks(t, func(s *statements) { s.abandoned = cut(t, s.abandoned, guardAlive, "OR $2::oid IS NOT NULL") }, "")
}
