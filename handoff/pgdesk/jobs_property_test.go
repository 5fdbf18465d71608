package pgdesk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

// schedule plays a desk at random: customers come, write, wait aside, go;
// agents claim, answer, give back, pass on, sleep, close; time goes by; and one
// job in five dies before it commits, one in five is done twice.
type schedule struct {
	*play
	r     *rand.Rand
	cases []handoff.Case
}

func newSchedule(t *testing.T, seed uint64) *schedule {
	t.Helper()
	s := &schedule{play: newPlay(t), r: rand.New(rand.NewPCG(seed, 11))}
	s.crash = func() bool { return s.r.IntN(5) == 0 }
	s.twice = func() bool { return s.r.IntN(5) == 0 }
	s.post.fail = nil
	return s
}

func (s *schedule) step(t *testing.T) {
	t.Helper()
	agents := []handoff.Actor{s.mara, s.omar, s.lea}
	a := agents[s.r.IntN(len(agents))]
	if len(s.cases) < 3 || len(s.cases) < 14 && s.r.IntN(6) == 0 {
		tr := support
		if s.r.IntN(2) == 0 {
			tr = handoff.Triage{Desk: "service", Topic: "hours"}
		}
		s.cases = append(s.cases, s.waiting(t, seen(tr)))
		return
	}
	c := s.cases[s.r.IntN(len(s.cases))]
	target := handoff.Target{Case: c.ID}
	ctx := t.Context()
	var err error
	switch s.r.IntN(11) {
	case 0, 1:
		_, err = s.desk.Claim(ctx, a, target)
	case 2:
		_, err = s.desk.Release(ctx, a, target, "")
	case 3:
		_, err = s.desk.Transfer(ctx, a, target, handoff.TransferTo{Queue: []string{"service", "support", "sales"}[s.r.IntN(3)]})
	case 4:
		_, err = s.desk.Reply(ctx, a, target, handoff.Reply{ClientMsgID: s.desk.NewID().String(), Text: "Hello"})
	case 5:
		_, err = s.desk.Close(ctx, a, target, handoff.WrapUp{})
	case 6:
		s.writes(t, c.Conversation, "and?")
	case 7:
		_, err = s.desk.Snooze(ctx, a, target, s.clock.now().Add(time.Duration(1+s.r.IntN(200))*time.Minute))
	case 8:
		action := []handoff.WaitAction{handoff.WaitAssistant, handoff.WaitResume}[s.r.IntN(2)]
		_, err = s.desk.Wait(ctx, handoff.WaitRequest{Key: c.Conversation, Visitor: s.visitorOf(t, c.Conversation), Action: action})
	case 9:
		_, err = s.desk.SetPriority(ctx, a, target, handoff.Priority(s.r.IntN(4)-1))
	case 10:
		s.scene.opened(t, c.Conversation, s.visitorOf(t, c.Conversation), english)
	}
	if _, known := fault.As(err); err != nil && !known {
		t.Fatal(err)
	}
	s.online(t, agents[s.r.IntN(len(agents))])
	if s.r.IntN(3) == 0 {
		s.pass(t, time.Duration(s.r.IntN(3600))*time.Second)
	}
}

// problems holds the scene against what is promised.
func (s *schedule) problems(t *testing.T) (out []string) {
	t.Helper()
	for name, sql := range map[string]string{
		"waits with nobody looking after it": `
SELECT c.case_id::text FROM cases c
WHERE c.state = 'waiting' AND NOT EXISTS (
    SELECT FROM case_ladders l JOIN river_job j ON j.kind = 'case_step' AND j.state IN ('scheduled', 'available', 'retryable')
      AND j.args ->> 'what' = 'ladder' AND (j.args ->> 'case')::uuid = l.case_id AND (j.args ->> 'version')::bigint = l.version
    WHERE l.case_id = c.case_id)`,
		"was told twice that it takes longer": `
SELECT e.conversation_id::text || ' ' || count(*) FROM events e
WHERE e.kind = 'message' AND e.body ->> 'text' LIKE '%You need not wait here%'
GROUP BY e.conversation_id
HAVING count(*) > 1 + (SELECT count(*) FROM case_events x WHERE x.conversation_id = e.conversation_id AND x.kind IN ('replied', 'closed', 'reopened', 'claimed'))`,
		"was reminded twice of one answer": `
SELECT case_id::text FROM case_events WHERE kind = 'reminded' GROUP BY case_id
HAVING count(*) > (SELECT count(*) FROM case_events r WHERE r.case_id = case_events.case_id AND r.kind = 'replied')`,
	} {
		rows, err := s.pool.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			out = append(out, name+": "+l)
		}
	}
	return out
}

// idle lets everybody go home: what waits then climbs to the end.
func (s *schedule) idle(t *testing.T) (problems []string) {
	t.Helper()
	s.crash, s.twice = nil, nil
	s.pass(t, 30*time.Hour)
	for _, c := range s.cases {
		now := s.read(t, c.ID)
		if now.State == handoff.Waiting && !slices.Contains(s.kinds(t, c.ID), CaseAlarm) {
			problems = append(problems, "nobody was told of one that nobody takes: "+c.ID.String())
		}
	}
	return slices.Concat(problems, s.chains(t), s.problems(t))
}

func TestPromises_RandomSchedulesWithDyingJobs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := newSchedule(t, seed)
			for n := range 150 {
				s.step(t)
				if n%25 == 24 {
					if p := s.problems(t); len(p) > 0 {
						t.Fatalf("after %d steps: %s", n, strings.Join(p, "\n"))
					}
				}
			}
			if p := s.idle(t); len(p) > 0 {
				t.Fatal(strings.Join(p, "\n"))
			}
		})
	}
}

// Each guard is needed: without it the property above fails.
func TestPromises_EachGuardIsNeeded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		cut  func(p *Promises)
		says string
	}{
		{"one job is the next step", func(p *Promises) {
			p.sql.selectLadder = strings.Replace(p.sql.selectLadder, "l.version = $3 AND l.next_at = $4", "$3::bigint > 0 AND $4::timestamptz IS NOT NULL", 1)
		}, "several chains"},
		{"what was done stands in the row", func(p *Promises) {
			p.sql.saveLadder = strings.Replace(p.sql.saveLadder, "called_back = $6", "called_back = $6 AND false", 1)
		}, "told twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSchedule(t, 1)
			c.cut(s.promises)
			for range 6 {
				s.cases = append(s.cases, s.waiting(t, seen(support)))
			}
			for _, w := range s.cases[:3] { // a further chain in the same wait
				s.claim(t, s.mara, w.ID)
				if _, err := s.desk.Release(t.Context(), s.mara, handoff.Target{Case: w.ID}, ""); err != nil {
					t.Fatal(err)
				}
			}
			s.queue(t, "support", func(q *handoff.Queue) { q.Overflow = nil })
			s.crash, s.twice = nil, nil
			s.pass(t, 31*time.Minute)
			all := append(s.problems(t), s.chains(t)...)
			if !strings.Contains(strings.Join(all, "\n"), c.says) {
				t.Errorf("nothing noticed: %q", all)
			}
		})
	}
}

// chains are the cases that more than one live chain of jobs climbs for.
func (s *schedule) chains(t *testing.T) (out []string) {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), `
SELECT 'several chains of jobs climb for one case: ' || (args ->> 'case') FROM river_job
WHERE kind = 'case_step' AND args ->> 'what' = 'ladder' AND state IN ('scheduled', 'available', 'retryable')
GROUP BY args ->> 'case' HAVING count(*) > 1`)
	if err != nil {
		t.Fatal(err)
	}
	out, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}
