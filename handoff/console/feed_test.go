package console

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

// ledger is a desk's changes in memory: what is committed can be read from any
// cursor before it, and the newest state of each case.
type ledger struct {
	mu      sync.Mutex
	list    []handoff.Change
	rows    map[convo.ID]handoff.Entry
	onRead  func() // runs before a read of changes answers
	looking map[convo.ID][]Looker
	writing map[convo.ID]Writing
}

func newLedger() *ledger {
	return &ledger{rows: map[convo.ID]handoff.Entry{}, looking: map[convo.ID][]Looker{}, writing: map[convo.ID]Writing{}}
}

func caseNo(n int) (id convo.ID) { id[15] = byte(n); id[14] = 1; return id }

// commit writes a change of a case that is in a queue from now on.
func (l *ledger) commit(n int, queue string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := caseNo(n)
	e := l.rows[id]
	from := e.Queue
	if from == queue {
		from = ""
	}
	e.Case = handoff.Case{ID: id, Conversation: convo.Key{Site: 1}, Queue: queue, State: handoff.Waiting, Version: e.Version + 1}
	l.rows[id] = e
	l.list = append(l.list, handoff.Change{Case: id, Queue: queue, From: from, Kind: handoff.CaseTransferred})
}

func (l *ledger) Changes(_ context.Context, _ int32, cursor string) (handoff.Changes, error) {
	if l.onRead != nil {
		l.onRead()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	out := handoff.Changes{Cursor: strconv.Itoa(len(l.list))}
	if cursor == "" {
		return out, nil
	}
	at, err := strconv.Atoi(cursor)
	if err != nil || at > len(l.list) {
		return out, handoff.ErrCursor
	}
	out.List = append(out.List, l.list[at:]...)
	return out, nil
}

func (l *ledger) Rows(_ context.Context, _ int32, ids []convo.ID) ([]handoff.Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []handoff.Entry
	for _, id := range ids {
		if e, ok := l.rows[id]; ok {
			out = append(out, e)
		}
	}
	return out, nil
}

func (l *ledger) Looking(_ context.Context, _ int32, ids []convo.ID, _ time.Time) (map[convo.ID][]Looker, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[convo.ID][]Looker{}
	for _, id := range ids {
		out[id] = append([]Looker(nil), l.looking[id]...)
	}
	return out, nil
}

func (l *ledger) Writing(_ context.Context, _ int32, ids []convo.ID) (map[convo.ID]Writing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[convo.ID]Writing{}
	for _, id := range ids {
		if w, ok := l.writing[id]; ok {
			out[id] = w
		}
	}
	return out, nil
}

func testFeed(l *ledger, cfg Config) *feed {
	return newFeed(l, l, slog.New(slog.DiscardHandler), time.Now, cfg.withDefaults())
}

func testTab(f *feed, cursor string, queues ...string) *tab {
	return &tab{
		feed: f, site: 1, actor: handoff.Actor{Site: 1, Agent: caseNo(200), Role: handoff.RoleAgent, Queues: queues},
		wake: make(chan struct{}, 1), gone: make(chan struct{}), beat: time.Hour, now: time.Now, release: func() {}, cursor: cursor,
	}
}

// frameEvent is one event of a stream.
type frameEvent struct{ id, event, data string }

func frames(raw []byte) (out []frameEvent) {
	for block := range strings.SplitSeq(string(raw), "\n\n") {
		var e frameEvent
		for line := range strings.SplitSeq(block, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.event = value
			case "data":
				e.data = value
			}
		}
		if e.event != "" {
			out = append(out, e)
		}
	}
	return out
}

// page is what a desk's page knows: rows by case, and the cursor to go on from.
type page struct {
	cursor string
	rows   map[convo.ID]int64 // version
}

func (p *page) take(tb rapid.TB, raw []byte) {
	for _, e := range frames(raw) {
		if e.id != "" {
			p.cursor = e.id
		}
		if e.event == "reset" {
			tb.Fatalf("told to load everything, with next to nothing to read")
		}
		if e.event != "changes" {
			continue
		}
		var ev changesEvent
		if err := json.Unmarshal([]byte(e.data), &ev); err != nil {
			tb.Fatal(err)
		}
		for _, c := range ev.Cases {
			var r row
			if err := json.Unmarshal(c.Row, &r); err != nil {
				tb.Fatal(err)
			}
			if r.Queue != "support" {
				tb.Fatalf("a row of queue %q reached somebody who works in support alone", r.Queue)
			}
			p.rows[r.ID] = max(p.rows[r.ID], r.Version)
		}
		for _, id := range ev.Gone {
			delete(p.rows, id)
		}
	}
}

// TestTab_MissesNothing lets cases change while a page comes, goes and comes
// back with its cursor: in the end it knows exactly what it may know.
func TestTab_MissesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := newLedger()
		f := testFeed(l, Config{Poll: time.Hour, LookPoll: time.Hour})
		defer func() { f.close(); f.work.Wait() }()
		p := &page{cursor: "0", rows: map[convo.ID]int64{}}
		queues := []string{"support", "sales"}
		change := func() {
			l.commit(rapid.IntRange(1, 5).Draw(rt, "case"), rapid.SampledFrom(queues).Draw(rt, "queue"))
		}
		var at *tab
		var s *siteFeed
		read := func() {
			if s != nil {
				f.read(s)
			}
		}
		join := func() {
			at = testTab(f, p.cursor, "support")
			if err := f.join(context.Background(), at); err != nil {
				rt.Fatal(err)
			}
			f.mu.Lock()
			s = f.sites[1]
			f.mu.Unlock()
			// Changes that are committed between joining and catching up are the
			// ones that could get lost.
			for range rapid.IntRange(0, 2).Draw(rt, "between") {
				change()
				if rapid.Bool().Draw(rt, "read") {
					read()
				}
			}
			raw, err := at.Next()
			if err != nil {
				rt.Fatal(err)
			}
			p.take(rt, raw)
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"change", "change", "read", "take", "join", "leave"}).Draw(rt, "step") {
			case "change":
				change()
			case "read":
				read()
			case "take":
				if at != nil {
					p.take(rt, at.take())
				}
			case "join":
				if at == nil {
					join()
				}
			case "leave": // what waits in memory is lost with it
				if at != nil {
					at.Close()
					at = nil
				}
			}
		}
		if at == nil {
			join()
		}
		read()
		p.take(rt, at.take())
		for id, e := range l.rows {
			if got := p.rows[id]; e.Queue == "support" && got != e.Version {
				rt.Fatalf("case %d is at version %d, the page knows %d", id[15], e.Version, got)
			} else if e.Queue != "support" && got != 0 {
				rt.Fatalf("case %d left for %s, the page still has it", id[15], e.Queue)
			}
		}
	})
}

func TestTab_WhatIsTooMuchBecomesAReset(t *testing.T) {
	t.Parallel()
	l := newLedger()
	f := testFeed(l, Config{})
	at := testTab(f, "", "support")
	big := frame("", "said", []byte(`"`+strings.Repeat("x", 60<<10)+`"`))
	for range 10 {
		at.push(big)
	}
	got := frames(at.take())
	if len(got) != 1 || got[0].event != "reset" {
		t.Fatalf("%d events, want one reset", len(got))
	}
	at.push(big)
	if got := frames(at.take()); len(got) != 1 || got[0].event != "said" {
		t.Fatal("it does not go on after the reset")
	}
}

func TestTab_ACursorOfAnotherTimeBecomesAReset(t *testing.T) {
	t.Parallel()
	f := testFeed(newLedger(), Config{})
	got := frames(testTab(f, "999", "support").catchUp())
	if len(got) != 2 || got[0].event != "hello" || got[1].event != "reset" {
		t.Fatalf("%v", got)
	}
}

func TestTab_ASessionThatIsOverEndsIt(t *testing.T) {
	t.Parallel()
	f := testFeed(newLedger(), Config{})
	at := testTab(f, "", "support")
	at.begun, at.beat = true, time.Millisecond
	answer := handoff.Actor{Site: 1, Agent: caseNo(200), Role: handoff.RoleAgent, Queues: []string{"support"}}
	var err error
	at.again = func(context.Context) (handoff.Actor, error) { return answer, err }
	next := func() string {
		t.Helper()
		raw, err := at.Next()
		if err != nil {
			return err.Error()
		}
		return frames(raw)[0].event
	}
	var seen []string
	for range 3 {
		seen = append(seen, next())
	}
	answer.Queues = []string{"sales"}
	for range 3 {
		seen = append(seen, next())
	}
	err = fault.New(fault.Unavailable, "away", "away")
	for range 3 {
		seen = append(seen, next())
	}
	err = fault.New(fault.Unauthorized, "over", "over")
	for range 4 {
		seen = append(seen, next())
	}
	want := "beat beat beat beat beat reset beat beat beat beat beat over EOF"
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestTab_BeatsHoweverMuchThereIsToTell has a tab of a busy queue: something new
// each second. Its page renews the presence when the stream beats, and its session
// is looked at again with every third one.
func TestTab_BeatsHoweverMuchThereIsToTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := testTab(testFeed(newLedger(), Config{}), "", "support")
		at.beat = 10 * time.Second
		looked := 0
		at.again = func(context.Context) (handoff.Actor, error) { looked++; return at.who(), nil }
		defer at.Close()
		seen := map[string]int{}
		for begin := time.Now(); time.Since(begin) < 65*time.Second; {
			raw, err := at.Next()
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range frames(raw) {
				seen[e.event]++
				if e.event != "beat" { // the next one, a second later
					time.AfterFunc(time.Second, func() { at.push(frame("", "changes", []byte("{}"))) })
				}
			}
		}
		if seen["beat"] != 6 || looked != 2 || seen["changes"] < 60 {
			t.Errorf("in 65 s: %v, looked at the session %d times; want 6 beats and 2", seen, looked)
		}
	})
}

// TestTab_WhatWaitsIsDroppedWithTheRightToIt has rows waiting for a tab whose
// agent works elsewhere by the next look.
func TestTab_WhatWaitsIsDroppedWithTheRightToIt(t *testing.T) {
	t.Parallel()
	at := testTab(testFeed(newLedger(), Config{}), "", "support")
	at.begun, at.beat, at.beats = true, time.Nanosecond, againEvery-1
	at.again = func(context.Context) (handoff.Actor, error) {
		moved := at.who()
		moved.Queues = []string{"sales"}
		at.push(frame("", "changes", []byte("{}"))) // of the queue that they worked in
		return moved, nil
	}
	var seen []string
	for len(seen) == 0 || seen[len(seen)-1] != "beat" {
		raw, err := at.Next()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range frames(raw) {
			seen = append(seen, e.event)
		}
	}
	if got := strings.Join(seen, " "); got != "reset beat" {
		t.Errorf("%s, want reset beat", got)
	}
}

func TestFeed_TellsWhoLooksOnceAndNewcomersToo(t *testing.T) {
	t.Parallel()
	l := newLedger()
	l.looking[caseNo(1)] = []Looker{{Agent: caseNo(9), Name: "Omar", Typing: true}}
	f := testFeed(l, Config{Poll: time.Hour, LookPoll: time.Hour})
	defer func() { f.close(); f.work.Wait() }()
	first := testTab(f, "", "support")
	first.open = caseNo(1)
	if err := f.join(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	s := f.sites[1]
	f.mu.Unlock()
	f.tellLooking(s)
	f.tellLooking(s)
	if got := frames(waitFor(t, first)); len(got) != 1 || !strings.Contains(got[0].data, `"Omar","typing":true`) {
		t.Fatalf("%v", got)
	}
	second := testTab(f, "", "support")
	second.open = caseNo(1)
	if err := f.join(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if got := frames(waitFor(t, second)); len(got) != 1 {
		t.Fatalf("a newcomer is told %v", got)
	}
}

// waitFor takes what comes to a tab, with a limit.
func waitFor(t *testing.T, at *tab) []byte {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		if b := at.take(); len(b) > 0 {
			return b
		}
		select {
		case <-at.wake:
		case <-limit:
			t.Fatal("nothing came")
		}
	}
}

func TestFeed_ASiteThatNobodyWatchesIsForgotten(t *testing.T) {
	t.Parallel()
	l := newLedger()
	f := testFeed(l, Config{Poll: time.Millisecond, LookPoll: time.Hour})
	at := testTab(f, "", "support")
	if err := f.join(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	at.Close()
	f.work.Wait() // its reader ends by itself
	f.mu.Lock()
	left := len(f.sites)
	f.mu.Unlock()
	if left != 0 {
		t.Errorf("%d sites are still read", left)
	}
	again := testTab(f, "", "support")
	if err := f.join(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	l.commit(1, "support")
	if got := frames(waitFor(t, again)); len(got) != 1 || got[0].event != "changes" {
		t.Fatalf("%v", got)
	}
	f.close()
	f.work.Wait()
	if err := f.join(t.Context(), testTab(f, "", "support")); err == nil {
		t.Error("a closed feed takes a tab")
	}
}

func BenchmarkTab_Frame(b *testing.B) {
	l := newLedger()
	f := testFeed(l, Config{})
	l.commit(1, "support")
	read, err := f.batch(1, "0")
	if err != nil {
		b.Fatal(err)
	}
	at := testTab(f, "", "support")
	for b.Loop() {
		if len(at.frameOf(read)) == 0 {
			b.Fatal("nothing")
		}
	}
}
