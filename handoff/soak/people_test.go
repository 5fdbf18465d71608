package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff/loadgen"
)

// caller asks over HTTP, once.
type caller struct{ http *http.Client }

func newCaller() *caller {
	return &caller{&http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}}
}

// call sends in as JSON and reads the answer into out; both may be nil.
func (c *caller) call(ctx context.Context, method, at string, header http.Header, in, out any) ([]*http.Cookie, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, at, body)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%s %s: %d %s", method, req.URL.Path, resp.StatusCode, b[:min(len(b), 300)])
	}
	if out == nil || len(b) == 0 {
		return resp.Cookies(), nil
	}
	return resp.Cookies(), json.Unmarshal(b, out)
}

// person is somebody at the desk.
type person struct {
	h      *house
	login  loadgen.Login
	web    *caller
	base   string
	cookie string
}

const (
	deskAPI = "/desk/api/v1"
	// beatEvery is less than half of presence's lease.
	beatEvery = 10 * time.Second
)

// staff are the house's people, signed in and there until ctx ends.
func (h *house) staff(ctx context.Context) (all []*person) {
	h.t.Helper()
	web := newCaller()
	for i, l := range h.logins {
		p := &person{h: h, login: l, web: web, base: "http://" + h.doors[i%len(h.doors)].addr}
		cookies, err := web.call(h.t.Context(), http.MethodPost, p.base+deskAPI+"/login", http.Header{"Origin": {p.base}},
			map[string]string{"email": l.Email, "password": l.Password}, nil)
		if err != nil {
			h.t.Fatal(err)
		}
		var parts []string
		for _, c := range cookies {
			parts = append(parts, c.Name+"="+c.Value)
		}
		p.cookie = strings.Join(parts, "; ")
		p.ask(http.MethodPost, "/presence", map[string]string{"status": "online"}, nil)
		h.stopped.Go(func() { p.stay(ctx) })
		all = append(all, p)
	}
	return all
}

// stay says again and again that they are there.
func (p *person) stay(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = p.try(http.MethodPost, "/presence", map[string]string{}, nil) // the next one says it
		}
	}
}

func (p *person) try(method, path string, in, out any) error {
	_, err := p.web.call(p.h.t.Context(), method, p.base+deskAPI+path, http.Header{"Cookie": {p.cookie}, "Origin": {p.base}}, in, out)
	return err
}

// ask wants an answer.
func (p *person) ask(method, path string, in, out any) {
	p.h.t.Helper()
	if err := p.try(method, path, in, out); err != nil {
		p.h.t.Fatalf("%s: %v", p.login.Email, err)
	}
}

// act changes a case.
func (p *person) act(id, what string, in map[string]any) {
	p.h.t.Helper()
	p.ask(http.MethodPost, "/cases/"+id+"/"+what, in, nil)
}

// counted is how many wait in a queue, as the wall says it.
func (p *person) counted(queue string) int {
	p.h.t.Helper()
	var out struct {
		Queues []struct {
			Queue   string `json:"queue"`
			Waiting int    `json:"waiting"`
		} `json:"queues"`
	}
	p.ask(http.MethodGet, "/queues", nil, &out)
	for _, q := range out.Queues {
		if q.Queue == queue {
			return q.Waiting
		}
	}
	return -1
}

// longest is the transaction that took the most time, of those that were seen.
type longest struct {
	took time.Duration
	what string // whose it was, and its last statement
}

func (l longest) String() string {
	return fmt.Sprintf("%v, %s", l.took.Round(time.Millisecond), l.what)
}

// watch finds out what the longest transaction is, until ctx ends.
func (h *house) watch(ctx context.Context) <-chan longest {
	h.t.Helper()
	conn, err := pgx.Connect(ctx, h.dsn)
	if err != nil {
		h.t.Fatal(err)
	}
	found := make(chan longest, 1)
	h.stopped.Go(func() {
		defer conn.Close(context.Background())
		var most longest
		defer func() { found <- most }()
		for ctx.Err() == nil {
			var ms float64
			var what string
			err := conn.QueryRow(ctx, `
SELECT extract(epoch FROM clock_timestamp() - xact_start)::float8 * 1000, backend_type || ' ' || application_name || ', ' || coalesce(state, '') || ': ' || regexp_replace(left(query, 200), '\s+', ' ', 'g')
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 1`).Scan(&ms, &what)
			if took := time.Duration(ms * float64(time.Millisecond)); err == nil && took > most.took {
				most = longest{took, what}
			}
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return found
}
