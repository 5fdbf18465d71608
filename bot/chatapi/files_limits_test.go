package chatapi

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/files"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
)

func TestFiles_HaveTheirLimits(t *testing.T) {
	t.Parallel()
	b := start(t, options{files: files.Config{Files: 3, Bytes: 1 << 20, DayFiles: 4}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	for i := range 3 {
		v.sent(t, "a.png", drawn(t, 5+i, 5))
	}
	if r := v.send(t, "a.png", drawn(t, 50, 5)); r.code() != "files_full" || r.status != 409 {
		t.Errorf("the fourth: %d %s", r.status, r.body)
	}
	var c conversationResponse
	b.do(t, "POST", "/v1/conversations", nil, v.auth()...).json(t, &c)
	other := &visitor{b: b, token: v.token, id: c.Conversation.String()}
	// What is announced counts, before it is there.
	if r := other.do(t, "POST", "/files", []byte("hello"), "X-File-Upload", "a", "Content-Range", "bytes 0-4/1048577"); r.code() != "files_full" {
		t.Errorf("%d %s", r.status, r.body)
	}
	other.sent(t, "a.png", drawn(t, 5, 5))
	if r := other.send(t, "b.png", drawn(t, 50, 6)); r.code() != "files_today" || r.header.Get("Retry-After") == "" {
		t.Errorf("the fifth of the day: %d %s", r.status, r.body)
	}
	if r := b.visitor(t, nil).send(t, "b.png", drawn(t, 50, 6)); r.status != 201 {
		t.Errorf("somebody else's: %d %s", r.status, r.body)
	}
}

func TestFiles_WhoIsBlockedSendsNone(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	site := b.site(t, "shop", "")
	v := b.visitor(t, nil)
	half := func() response {
		return v.do(t, "POST", "/files", []byte("hello"), "X-File-Upload", "a", "Content-Range", "bytes 0-4/10")
	}
	if r := half(); r.status != 202 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	_, err := b.pool.Exec(t.Context(), `INSERT INTO blocked_visitors (site_id, visitor_id, by_name, why, at)
SELECT $1, visitor_id, 'lea', '', now() FROM visitors WHERE site_id = $1`, site)
	if err != nil {
		t.Fatal(err)
	}
	if r := half(); r.code() != "blocked" || r.status != 403 {
		t.Errorf("in the middle of one: %d %s", r.status, r.body)
	}
	if r := v.send(t, "a.png", drawn(t, 5, 5)); r.code() != "blocked" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestFiles_TwoInstancesAreOne sends pieces of a file to two processes in turn.
func TestFiles_TwoInstancesAreOne(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	other := start(t, options{dsnPool: b.pool})
	v := b.visitor(t, nil)
	raw := []byte(strings.Repeat("order;amount\n4711;3\n", 400))
	half := len(raw) / 2
	head := []string{"X-File-Name", "orders.csv", "X-File-Upload", "x"}
	v.do(t, "POST", "/files", raw[:half], append(head, "Content-Range", fmt.Sprintf("bytes 0-%d/%d", half-1, len(raw)))...)
	r := other.do(t, "POST", v.path("/files"), raw[half:], append(append(v.auth(), head...), "Content-Range", fmt.Sprintf("bytes %d-%d/%d", half, len(raw)-1, len(raw)))...)
	var f convo.File
	r.json(t, &f)
	if r.status != 201 || f.Type != "text/csv" || f.Name != "orders.csv" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if got := v.do(t, "GET", "/files/"+f.ID.String(), nil); !bytes.Equal(got.body, raw) || got.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%d %s", got.status, got.header.Get("Content-Type"))
	}
}

// TestFiles_AWriteDeadlineDoesNotOutliveItsAnswer reads a file, or a turn's
// events, and then something else over the same connection, after the time that a
// write may take.
func TestFiles_AWriteDeadlineDoesNotOutliveItsAnswer(t *testing.T) {
	t.Parallel()
	const wait = 150 * time.Millisecond
	b := start(t, options{web: web.Config{WriteTimeout: wait}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	f := v.sent(t, "a.png", drawn(t, 9, 9))
	for name, first := range map[string]func(ask func(method, path string, body any, headers ...string)){
		"a file": func(ask func(string, string, any, ...string)) { ask("GET", f.URL, nil) },
		"a turn": func(ask func(string, string, any, ...string)) {
			ask("POST", v.path("/messages"), messageRequest{ClientMsgID: "1", Text: "hello"}, "Accept", "text/event-stream")
		},
	} {
		var dials atomic.Int32 // a client tries once more over a new connection where an old one breaks
		keeps := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			dials.Add(1)
			return new(net.Dialer).DialContext(ctx, network, addr)
		}}}
		ask := func(method, path string, body any, headers ...string) {
			req, err := b.request(t.Context(), method, path, body, append(v.auth(), headers...)...)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := keeps.Do(req)
			if err != nil {
				t.Fatalf("after %s: %v", name, err)
			}
			defer resp.Body.Close()
			if _, err := new(bytes.Buffer).ReadFrom(resp.Body); err != nil {
				t.Fatalf("after %s: %v", name, err)
			}
		}
		first(ask)
		for end := time.Now().Add(2 * wait); time.Now().Before(end); {
			ask("GET", v.path(""), nil)
		}
		if n := dials.Load(); n != 1 {
			t.Errorf("after %s: %d connections: the first one broke", name, n)
		}
		keeps.CloseIdleConnections()
	}
}

func TestFiles_LooseOnesGoAfterADay(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	site := b.site(t, "shop", "")
	v := b.visitor(t, nil)
	sent, loose := v.sent(t, "a.png", drawn(t, 9, 9)), v.sent(t, "b.png", drawn(t, 8, 9))
	if r := v.do(t, "POST", "/files", []byte("hello"), "X-File-Upload", "half", "Content-Range", "bytes 0-4/10"); r.status != 202 {
		t.Fatalf("%d", r.status)
	}
	v.do(t, "POST", "/messages", map[string]any{"client_msg_id": "1", "text": "", "files": []string{sent.ID.String()}})
	s := bot.Site{ID: retrieval.SiteID(site), Settings: bot.Settings{RetentionDays: 180}}
	if n, err := b.store.Expire(t.Context(), &s, time.Now().Add(23*time.Hour)); err != nil || n.Files != 0 {
		t.Fatalf("%+v %v", n, err)
	}
	n, err := b.store.Expire(t.Context(), &s, time.Now().Add(25*time.Hour))
	if err != nil || n.Files != 2 {
		t.Fatalf("%+v %v", n, err)
	}
	if r := v.do(t, "GET", "/files/"+sent.ID.String(), nil); r.status != 200 {
		t.Errorf("one that was sent: %d", r.status)
	}
	if r := v.do(t, "POST", "/messages", map[string]any{"client_msg_id": "2", "text": "", "files": []string{loose.ID.String()}}); r.code() != "no_such_file" {
		t.Errorf("one that was not: %d %s", r.status, r.body)
	}
	if left := b.count(t, `SELECT count(DISTINCT file_id) FROM file_pieces`); left != 1 {
		t.Errorf("pieces of %d files are left", left)
	}
}

// TestFiles_AreCountedOneAfterTheOther begins many at once where few may be.
func TestFiles_AreCountedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	b := start(t, options{files: files.Config{Files: 100, DayFiles: 3}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	// A second conversation of the same visitor: each side of one counts for itself,
	// the day for the visitor.
	var c conversationResponse
	b.do(t, "POST", "/v1/conversations", nil, v.auth()...).json(t, &c)
	both := []*visitor{v, {b: b, token: v.token, id: c.Conversation.String()}}
	var wg sync.WaitGroup
	var kept, refused atomic.Int32
	for i := range 12 {
		wg.Go(func() {
			r, err := b.try(t.Context(), "POST", both[i%2].path("/files"), []byte(fmt.Sprintf("file %d", i)), v.auth()...)
			switch {
			case err != nil:
				t.Error(err)
			case r.status == 201:
				kept.Add(1)
			case r.code() == "files_today":
				refused.Add(1)
			default:
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	wg.Wait()
	if kept.Load() != 3 || refused.Load() != 9 {
		t.Errorf("%d kept, %d refused", kept.Load(), refused.Load())
	}
}

// TestFiles_APieceThatComesTwiceAtOnceCountsOnce sends every piece several times
// at once, as a page does that lost its patience.
func TestFiles_APieceThatComesTwiceAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	raw := []byte(strings.Repeat("0123456789", 300))
	var kept sync.Map
	for at := 0; at < len(raw); at += 100 {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				r, err := b.try(t.Context(), "POST", v.path("/files"), raw[at:at+100], append(v.auth(),
					"X-File-Upload", "x", "X-File-Name", "a.txt", "Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, at+99, len(raw)))...)
				switch {
				case err != nil || r.status > 202:
					t.Errorf("%v %d %s", err, r.status, r.body)
				case r.status < 202:
					var f convo.File
					r.json(t, &f)
					kept.Store(f.ID, f.URL)
				}
			})
		}
		wg.Wait()
	}
	n := 0
	kept.Range(func(_, url any) bool {
		n++
		if got := b.do(t, "GET", url.(string), nil, v.auth()...); !bytes.Equal(got.body, raw) {
			t.Errorf("it is another one now: %d bytes", len(got.body))
		}
		return true
	})
	if n != 1 {
		t.Errorf("%d files", n)
	}
}
