package pgdesk

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

const (
	kills        = 24 // of two processes in turn, while the other goes on
	killsTalks   = 8  // more than scheduleTalks
	mostUntilIts = 60 // things it says before it is killed, at most
)

// killing is a world whose processes are killed with what they said they did.
type killing struct {
	*world
	dsn string

	mu    sync.Mutex
	tried map[string]string // customers' messages by id: their conversation
	done  [][2]string       // what was committed: the kind, and of what
}

func newKilling(t *testing.T) *killing {
	t.Helper()
	w := newWorld(t, func(d *Desk, _ *Deps) { d.Promiser = &recorder{} })
	k := &killing{world: w, dsn: w.desks[0].Pool.Config().ConnString(), tried: map[string]string{}}
	if _, err := w.desks[0].Pool.Exec(t.Context(), `CREATE TABLE test_promises (case_id uuid, kind text, version bigint, at timestamptz)`); err != nil {
		t.Fatal(err)
	}
	for len(w.keys) < killsTalks {
		key, visitor := convo.Key{Site: w.site, ID: bot.NewID()}, bot.NewID()
		if _, err := w.convs[0].Open(t.Context(), bot.Opening{Site: w.site, Conversation: key.ID, Visitor: visitor, At: w.desks[0].moment()}); err != nil {
			t.Fatal(err)
		}
		w.keys, w.who = append(w.keys, key), append(w.who, visitor)
	}
	return k
}

// one runs a process and kills it once it has said so many things; wrong is
// what it ended of where it did not live to be killed.
func (k *killing) one(things int, tear bool) (wrong string) {
	self, err := os.Executable()
	if err != nil {
		return err.Error()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), deskDSN+"="+k.dsn)
	if tear {
		cmd.Env = append(cmd.Env, deskTorn+"=1")
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err.Error()
	}
	if err := cmd.Start(); err != nil {
		return err.Error()
	}
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if !k.heard(strings.Fields(lines.Text())) {
			continue // it was killed in the middle of a line
		}
		if n++; n == things {
			_ = cmd.Process.Kill() // what it has said by now is read to the end
		}
	}
	if n < things && ctx.Err() != nil {
		wrong = fmt.Sprintf("after %d of %d things it did no more", n, things)
	}
	err = cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		return fmt.Sprintf("it ended by itself: %v %s", err, errs.String())
	}
	return wrong
}

// heard keeps what a process said.
func (k *killing) heard(words []string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case len(words) == 4 && words[0] == "try" && len(words[3]) == 36:
		k.tried[words[3]] = words[2]
	case len(words) == 3 && words[0] == "done" && (len(words[2]) == 36 || words[1] == "open" && len(words[2]) == 9):
		k.done = append(k.done, [2]string{words[1], words[2]})
	default:
		return false
	}
	return true
}

// run kills processes, two of which live at a time.
func (k *killing) run(tear bool) (wrong []string) {
	var both sync.WaitGroup
	var mu sync.Mutex
	for range 2 {
		both.Go(func() {
			for range kills / 2 {
				if w := k.one(1+rand.IntN(mostUntilIts), tear); w != "" {
					mu.Lock()
					wrong = append(wrong, w)
					mu.Unlock()
				}
			}
		})
	}
	both.Wait()
	return append(wrong, k.settled()...)
}

// settled waits until the database has noticed that they are gone: what one sent
// last may still be under way.
func (k *killing) settled() []string {
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var left int
		err := k.desks[0].Pool.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`, victimName).Scan(&left)
		switch {
		case err != nil:
			return []string{err.Error()}
		case left == 0:
			return nil
		case time.Now().After(deadline):
			return []string{fmt.Sprintf("%d connections of killed processes are left", left)}
		}
	}
}

// after sends again what no process said was kept, as a customer's browser
// does, and says what is wrong.
func (k *killing) after() (wrong []string) {
	ctx := context.Background()
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	visitors := map[string]victimTalk{}
	for i, key := range k.keys {
		visitors[key.ID.String()] = victimTalk{key: key, visitor: k.who[i]}
	}
	for id, talk := range k.tried {
		if _, err := k.convs[0].Record(ctx, killedMessage(visitors[talk], bot.NewID(), id)); err != nil {
			bad("message %s sent again: %v", id, err)
		}
	}
	count := func(sql string, args ...any) (n int) {
		if err := k.desks[0].Pool.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
			bad("%s: %v", sql, err)
		}
		return n
	}
	for id := range k.tried {
		if n := count(`SELECT count(*) FROM events WHERE kind = 'message' AND client_msg_id = $1`, id); n != 1 {
			bad("message %s is there %d times", id, n)
		}
	}
	for _, d := range k.done {
		var n int
		switch kind, what := d[0], d[1]; kind {
		case "message": // among those tried
			n = 1
		case "open":
			n = count(`SELECT count(*) FROM cases WHERE reference = $1`, what)
		case "replied":
			n = count(`SELECT count(*) FROM case_events e JOIN events m USING (site_id, conversation_id)
				WHERE e.client_msg_id = $1 AND m.seq = (e.body ->> 'seq')::bigint AND m.body ->> 'author' = 'agent' AND m.body ->> 'client_msg_id' = $1`, what)
		default:
			n = min(1, count(`SELECT count(*) FROM case_events WHERE case_id = $1 AND kind = $2`, uuid.MustParse(what), kind))
		}
		if n != 1 {
			bad("%s %s was done, and is there %d times", d[0], d[1], n)
		}
	}
	if n := count(`SELECT count(*) FROM cases c WHERE NOT EXISTS (SELECT 1 FROM events e
		WHERE e.conversation_id = c.conversation_id AND e.kind = 'message' AND e.body ->> 'author' = 'system' AND e.body ->> 'text' LIKE '%' || c.reference || '%')`); n > 0 {
		bad("%d cases that nobody was told of", n)
	}
	if n := count(`SELECT count(*) FROM cases c WHERE NOT EXISTS (SELECT 1 FROM test_promises p WHERE p.case_id = c.case_id AND p.kind = 'ladder')
		OR state = 'closed' AND ended = 'solved' AND NOT EXISTS (SELECT 1 FROM test_promises p WHERE p.case_id = c.case_id AND p.kind = 'rating')`); n > 0 {
		bad("%d cases without what was promised", n)
	}
	if n := count(`SELECT count(*) FROM test_promises p WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.case_id = p.case_id)`); n > 0 {
		bad("%d promises without a case", n)
	}
	return append(wrong, k.check()...)
}

// Two processes on one database, killed with -9 under load two dozen times: what
// either said was done is there, once, and nothing is half done.
func TestKilled_NothingIsHalfDone(t *testing.T) {
	t.Parallel()
	k := newKilling(t)
	wrong := k.run(false)
	for _, w := range append(wrong, k.after()...) {
		t.Error(w)
	}
	kinds := map[string]int{}
	for _, d := range k.done {
		kinds[d[0]]++
	}
	t.Logf("%d messages tried, done: %v", len(k.tried), kinds)
	for _, kind := range []string{"message", "open", "claimed", "replied", "closed"} {
		if kinds[kind] == 0 {
			t.Errorf("nothing was %s: this proves nothing", kind)
		}
	}
}

func TestKilled_FailsWhereTheWordsAreCommittedBefore(t *testing.T) {
	t.Parallel()
	for range 3 {
		k := newKilling(t)
		_ = k.run(true) // they break, too: what they do is no longer one thing
		if wrong := k.after(); len(wrong) > 0 {
			t.Logf("as it should: %s", wrong)
			return
		}
	}
	t.Error("nothing went wrong: the kills prove nothing")
}
