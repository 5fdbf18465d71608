package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/fakemodel"
)

func TestServe_AnEmbedderThatMisbehavesHoldsNoTurnUp(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakemodel.Fault{
		"another number of vectors": fakemodel.Count(2), "no vector": fakemodel.Count(0), "other dimensions": fakemodel.Dims(7),
		"NaN": fakemodel.NaN(), "zeros": fakemodel.Scale(0), "500": fakemodel.Status(500, "broken", ""),
		"nothing": fakemodel.Body(200, "application/json", nil), "10 MB of text": fakemodel.Text(10 << 20),
		"10 MB of JSON": fakemodel.HugeJSON(10 << 20), "an answer after 30 s": fakemodel.Delay(30 * time.Second),
		"no answer": fakemodel.Hang(nil), "a reset connection": fakemodel.Reset(), "half an answer": fakemodel.Cut(100),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			p := s.serve(t)
			p.open(t)
			s.model.Always(fault)
			for i := range 5 { // the breaker opens after three
				status, body, err := p.say(fmt.Sprint(i), fmt.Sprintf("How many days do I have to send thing %d back?", i))
				if err != nil || status != 200 || !strings.Contains(body, "45 days") {
					t.Fatalf("by words alone: %d %s %v", status, body, err)
				}
			}
			var degraded, slowest int
			s.scan(t, `SELECT count(*) FILTER (WHERE trace::jsonb -> 'degraded' ? 'embedder'), max(extract(milliseconds FROM ended_at - started_at))::int FROM turns`, &degraded, &slowest)
			want := 5
			if name == "zeros" { // a text that has no direction; another may have one
				want = 0
			}
			if degraded != want {
				t.Errorf("%d of 5 turns say that the embedder took no part, want %d", degraded, want)
			}
			if budget := servedEmbedBudget + 4*time.Second; time.Duration(slowest)*time.Millisecond > budget {
				t.Errorf("a turn took %d ms: it waited for more than the budget", slowest)
			}
		})
	}
}

// Customers write while the process is killed and stopped again and again, at
// moments by chance: whatever stage a turn is in, its message is kept once, and it has one end.
func TestServe_StoppedAndKilledAtAnyMomentKeepsEveryMessageOnceAndEndsEveryTurn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.model.Always(fakemodel.Delay(3 * time.Millisecond)) // so that a search is a stage one can die in
	const customers, rounds = 4, 4
	p := s.serve(t)
	talks := make([]*process, customers)
	for i := range talks {
		p.open(t)
		talk := *p
		talks[i] = &talk
	}
	var mu sync.Mutex
	sent, heard := map[string]bool{}, map[string]string{} // by customer and id
	next := make([]int, customers)
	for round := range rounds + 1 {
		if round > 0 {
			p = s.serve(t)
		}
		var talking sync.WaitGroup
		stop := make(chan struct{})
		for i, talk := range talks {
			talk.base = p.base
			talking.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					name := fmt.Sprintf("c%d-%d", i, next[i])
					mu.Lock()
					sent[name] = true
					mu.Unlock()
					status, body, err := talk.say(name, fmt.Sprintf("How many days for thing %s?", name))
					switch {
					case err != nil: // it was killed: the same message is sent again to the next
						return
					case status == 503: // still being answered, or its part is away
						time.Sleep(20 * time.Millisecond) // what Retry-After is for, in small
					case status != 200:
						t.Errorf("%s: %d %s", name, status, body)
						return
					default:
						mu.Lock()
						heard[name] = body
						mu.Unlock()
						next[i]++
					}
					if round == rounds && n >= 60 {
						return
					}
				}
			})
		}
		if round == rounds {
			talking.Wait()
			close(stop)
			break
		}
		time.Sleep(100*time.Millisecond + rand.N(400*time.Millisecond)) // any moment at all
		how := syscall.SIGKILL
		if round%2 == 1 {
			how = syscall.SIGINT // Ctrl-C: what is under way comes to its end
		}
		if err := p.cmd.Process.Signal(how); err != nil {
			t.Fatal(err)
		}
		talking.Wait()
		close(stop)
		if err := p.cmd.Wait(); (err == nil) != (how == syscall.SIGINT) {
			t.Errorf("round %d, %v: it ended with %v", round, how, err)
		}
	}
	eventually(t, "no turn is open", func() bool {
		var open int
		s.scan(t, `SELECT count(*) FROM open_turns`, &open)
		return open == 0
	})
	var messages, names, turns, ended, ends int
	s.scan(t, `SELECT count(*), count(DISTINCT client_msg_id), count(DISTINCT turn_id) FROM events WHERE client_msg_id IS NOT NULL`, &messages, &names, &turns)
	s.scan(t, `SELECT count(*), count(DISTINCT turn_id) FROM events WHERE kind IN ('done', 'error')`, &ends, &ended)
	if messages != len(sent) || names != len(sent) || turns != len(sent) || ends != len(sent) || ended != len(sent) {
		t.Errorf("%d messages were sent: kept are %d of %d names in %d turns, with %d ends of %d turns", len(sent), messages, names, turns, ends, ended)
	}
	if len(heard) < len(sent)-customers || len(heard) < 20 {
		t.Errorf("%d of %d were answered", len(heard), len(sent))
	}
	// What a customer was told once is what stands there.
	for name, body := range heard {
		var m struct{ Turn string }
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		var outcome string
		s.scan(t, `SELECT outcome FROM turns JOIN events USING (site_id, conversation_id, turn_id) WHERE client_msg_id = '`+name+`'`, &outcome)
		if !strings.Contains(body, `"outcome":"`+outcome+`"`) {
			t.Errorf("%s: was told %s, kept is %s", name, body, outcome)
		}
	}
}
