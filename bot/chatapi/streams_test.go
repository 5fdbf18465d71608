package chatapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/internal/web"
)

func TestEvents_ResumeLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	const turns = 5
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range turns {
			v.sayAs(t, fmt.Sprint(i), "How long?")
		}
	}()
	var ids []string
	last := ""
	for len(ids) < 4*turns { // drop the connection after every third event
		s := v.watch(t, last)
		for range 3 {
			f, ok := s.next()
			if !ok {
				t.Fatal("the stream ended")
			}
			ids = append(ids, f.id)
			last = f.id
			if len(ids) == 4*turns {
				break
			}
		}
		s.close()
	}
	<-done
	for i, id := range ids {
		if id != fmt.Sprint(i+1) {
			t.Fatalf("ids %v", ids)
		}
	}
}

func TestEvents_LastEventIDOfNoEventIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	v.say(t, "How long?")
	for _, id := range []string{"x", "-1", "1.5", "99", "99999999999999999999", "1 2", "0x1"} {
		if r := v.do(t, "GET", "/events", nil, "Last-Event-ID", id); r.status != 400 || r.code() != "last_event_id" {
			t.Errorf("%q: %d %s", id, r.status, r.body)
		}
	}
}

func TestEvents_ShowTypingOwnerAndPeopleToEveryWatcher(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	one, two := v.watch(t, ""), v.watch(t, "")
	if r := v.do(t, "POST", "/typing", "{}"); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	r := v.do(t, "POST", "/human", `{"text":"it is urgent"}`)
	var c humanResponse
	r.json(t, &c)
	for _, s := range []*stream{one, two} {
		s.until(convo.KindTyping)
		var got []string
		for _, f := range []string{"message", "owner", "message"} {
			e, ok := s.next()
			if !ok || e.event != f {
				t.Fatalf("got %+v, want %s", e, f)
			}
			got = append(got, e.data)
		}
		if !strings.Contains(got[0], "it is urgent") || !strings.Contains(got[1], c.Reference) || !strings.Contains(got[2], c.Reference) {
			t.Errorf("got %v", got)
		}
	}
}

func TestEvents_ShowHowFarEachSideHasRead(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	site := b.site(t, "shop", "")
	two := start(t, options{dsnPool: b.pool})
	v := b.visitor(t, nil)
	v.say(t, "How long?")
	there := (&visitor{b: two, token: v.token, id: v.id}).watch(t, "4")
	here := v.watch(t, "4")
	read := func(up string, want int) {
		t.Helper()
		if r := v.do(t, "POST", "/read", `{"up":`+up+`}`); r.status != want {
			t.Fatalf("%s: %d %s", up, r.status, r.body)
		}
	}
	read("3", 204)
	there.until(convo.KindRead)
	read("3", 204) // again: nobody is told anything new
	read("2", 204) // back: neither
	for _, wrong := range []string{"0", "-1", "5", "99999999999"} {
		read(wrong, 400)
	}
	read("4", 204)
	e, ok := there.next()
	if !ok || e.event != "read" || e.data != `{"by":"customer","up":4}` || e.id != "" {
		t.Errorf("the other instance was told %+v", e)
	}
	for _, want := range []string{`{"by":"customer","up":3}`, `{"by":"customer","up":4}`} {
		if e, ok := here.next(); !ok || e.event != "read" || e.data != want {
			t.Errorf("this instance was told %+v, want %s", e, want)
		}
	}
	if err := bot.NewReads(b.store, b.hub, time.Now).Mark(t.Context(), convo.Key{Site: site, ID: mustID(t, v.id)}, convo.Read{By: convo.Agent, Up: 1}); err != nil {
		t.Fatal(err)
	}
	later := v.watch(t, "4") // a page that is loaded again
	var marks []string
	for range 2 {
		e, ok := later.next()
		if !ok {
			t.Fatal("the stream ended")
		}
		marks = append(marks, e.event+e.data)
	}
	if want := []string{`read{"by":"agent","up":1}`, `read{"by":"customer","up":4}`}; !slices.Equal(marks, want) {
		t.Errorf("got %v", marks)
	}
	other := b.visitor(t, nil)
	if r := (&visitor{b: b, token: other.token, id: v.id}).do(t, "POST", "/read", `{"up":1}`); r.status != 404 {
		t.Errorf("another visitor: %d %s", r.status, r.body)
	}
}

func TestEvents_AnotherInstanceHearsOfThem(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	two := start(t, options{dsnPool: b.pool})
	v := b.visitor(t, nil)
	there := &visitor{b: two, token: v.token, id: v.id}
	s := there.watch(t, "")
	v.say(t, "How long?")
	events := s.until(convo.KindDone)
	if len(events) != 4 {
		t.Errorf("got %v", events)
	}
	if r := v.do(t, "POST", "/typing", nil); r.status != 204 {
		t.Fatalf("%d", r.status)
	}
	s.until(convo.KindTyping)
	m := there.sayAs(t, "other", "And how much?")
	if m.Outcome != convo.Answer {
		t.Errorf("the other instance answers %+v", m)
	}
}

func TestEvents_AStopEndsStreamsProperly(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	s := v.watch(t, "")
	hold := make(chan struct{})
	b.finder.set(hold, nil)
	turn := make(chan messageResponse, 1)
	go func() { turn <- v.sayAs(t, "1", "How long?") }()
	s.until(convo.KindMessage)
	stopped := make(chan struct{})
	go func() {
		b.stop() // lets the search go, as an embedder would that answers
		close(stopped)
	}()
	if _, more := s.next(); more {
		for more { // what the turn still said may come; then the end
			_, more = s.next()
		}
	}
	if err := s.lines.Err(); err != nil {
		t.Errorf("the stream was cut: %v", err)
	}
	close(hold)
	if m := <-turn; m.Outcome != convo.Answer {
		t.Errorf("the running turn: %+v", m)
	}
	<-stopped
	if n := b.app.Streams(); n != 0 {
		t.Errorf("%d streams left", n)
	}
}

func TestEvents_AClientThatNeverReadsIsDropped(t *testing.T) {
	t.Parallel()
	b := start(t, options{web: web.Config{WriteTimeout: 200 * time.Millisecond}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	u, err := url.Parse(b.base)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", v.path("/events"), v.token)
	eventually(t, "the stream is open", func() bool { return b.app.Streams() == 1 })
	key, err := parseKey(b, v)
	if err != nil {
		t.Fatal(err)
	}
	// More than socket buffers hold, in events that nobody stores.
	big := convo.Author(strings.Repeat("x", 64<<10))
	eventually(t, "it is dropped", func() bool {
		b.hub.PassTyping(key, big)
		return b.app.Streams() == 0
	})
	if m := v.say(t, "How long?"); m.Outcome != convo.Answer {
		t.Errorf("others are held up: %+v", m)
	}
}

func parseKey(b *bench, v *visitor) (convo.Key, error) {
	who, err := b.api.tokens.read(v.token, false)
	if err != nil {
		return convo.Key{}, err
	}
	key := convo.Key{Site: who.site}
	return key, key.ID.UnmarshalText([]byte(v.id))
}

func TestEvents_AClientThatLeavesIsNoticed(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	s := v.watch(t, "")
	eventually(t, "the stream is open", func() bool { return b.app.Streams() == 1 })
	s.close()
	key, err := parseKey(b, v)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is noticed", func() bool {
		b.hub.PassTyping(key, convo.Customer)
		return b.app.Streams() == 0
	})
}

func TestEvents_TooManyOfOneVisitorAreRefused(t *testing.T) {
	t.Parallel()
	b := start(t, options{cfg: Config{StreamsPerVisitor: 2}})
	b.site(t, "shop", "")
	v, other := b.visitor(t, nil), b.visitor(t, nil)
	s := v.watch(t, "")
	v.watch(t, "")
	r := v.do(t, "GET", "/events", nil)
	if r.status != 429 || r.code() != "too_many_streams" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	other.watch(t, "")
	s.close()
	key, err := parseKey(b, v)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "a place is free again", func() bool {
		b.hub.PassTyping(key, convo.Customer)
		return b.app.Streams() == 2
	})
	v.watch(t, "")
}

func TestTurnStream_BeatsWhileATurnRuns(t *testing.T) {
	t.Parallel()
	b := start(t, options{cfg: Config{TurnBeat: 10 * time.Millisecond}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	hold := make(chan struct{})
	b.finder.set(hold, nil)
	s := b.open(t, "POST", v.path("/messages"), messageRequest{ClientMsgID: "1", Text: "How long?"}, append(v.auth(), "Accept", "text/event-stream")...)
	beats := 0
	for beats < 3 && s.lines.Scan() {
		if s.lines.Text() == ":" {
			beats++
		}
	}
	close(hold)
	s.until(convo.KindDone)
}

func TestServer_AThousandSilentConnectionsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	b := start(t, options{web: web.Config{ReadTimeout: 300 * time.Millisecond}})
	b.site(t, "shop", "")
	u, err := url.Parse(b.base)
	if err != nil {
		t.Fatal(err)
	}
	conns := make([]net.Conn, 0, 1000)
	for range 1000 {
		c, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	v := b.visitor(t, nil)
	if m := v.say(t, "How long?"); m.Outcome != convo.Answer {
		t.Errorf("got %+v", m)
	}
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() {
			_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
			_, err := io.Copy(io.Discard, c) // until the server closes it
			if err != nil && !strings.Contains(err.Error(), "reset") {
				t.Errorf("not closed: %v", err)
			}
			_ = c.Close()
		})
	}
	wg.Wait()
}

func TestServer_SlowHeadersAreCut(t *testing.T) {
	t.Parallel()
	b := start(t, options{web: web.Config{ReadTimeout: 100 * time.Millisecond}})
	u, err := url.Parse(b.base)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	answer, err := io.ReadAll(c)
	if err != nil || !strings.Contains(string(answer), "request_timeout") || !strings.HasPrefix(string(answer), "HTTP/1.1 408") {
		t.Errorf("%v %s", err, answer)
	}
}

func TestServer_HeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	for _, path := range []string{"/healthz", "/nowhere", "/v1/token"} {
		req, err := http.NewRequestWithContext(context.Background(), "POST", b.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Request-Id", "from-a-proxy-1")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Request-Id": "from-a-proxy-1", "Cache-Control": "no-store"} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if resp.Header.Get("Server") != "" {
			t.Errorf("%s names its server", path)
		}
	}
}
