package chatapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/internal/web"
)

type response struct {
	status int
	header http.Header
	body   []byte
}

func (r response) json(tb testing.TB, v any) {
	tb.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		tb.Fatalf("%v in %s", err, r.body)
	}
}

func (r response) code() string {
	var p web.Problem
	_ = json.Unmarshal(r.body, &p)
	return p.Code
}

// do sends a request whose body is marshalled unless it is a string; headers
// come in pairs.
func (b *bench) do(tb testing.TB, method, path string, body any, headers ...string) response {
	tb.Helper()
	r, err := b.try(tb.Context(), method, path, body, headers...)
	if err != nil {
		tb.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

// client keeps no connection, so that each test's requests are its own.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}

func (b *bench) try(ctx context.Context, method, path string, body any, headers ...string) (response, error) {
	req, err := b.request(ctx, method, path, body, headers...)
	if err != nil {
		return response{}, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return response{}, err
	}
	return response{resp.StatusCode, resp.Header, raw}, b.contract.check(method, path, resp, raw)
}

func (b *bench) request(ctx context.Context, method, path string, body any, headers ...string) (*http.Request, error) {
	var raw []byte
	switch v := body.(type) {
	case nil:
	case string:
		raw = []byte(v)
	case []byte: // of a file
		raw = v
	default:
		var err error
		if raw, err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if _, file := body.([]byte); body != nil && !file {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req, nil
}

// visitor is a widget with its token and conversation.
type visitor struct {
	b     *bench
	token string
	id    string // of the conversation
	n     int
}

func (b *bench) visitor(tb testing.TB, body any) *visitor {
	tb.Helper()
	r := b.do(tb, "POST", "/v1/conversations", body)
	if r.status != 201 {
		tb.Fatalf("no conversation: %d %s", r.status, r.body)
	}
	var c conversationResponse
	r.json(tb, &c)
	return &visitor{b: b, token: c.Token, id: c.Conversation.String()}
}

func (v *visitor) path(rest string) string { return "/v1/conversations/" + v.id + rest }

func (v *visitor) auth() []string { return []string{"Authorization", "Bearer " + v.token} }

func (v *visitor) do(tb testing.TB, method, rest string, body any, headers ...string) response {
	tb.Helper()
	return v.b.do(tb, method, v.path(rest), body, append(v.auth(), headers...)...)
}

func (v *visitor) say(tb testing.TB, text string) messageResponse {
	tb.Helper()
	v.n++
	return v.sayAs(tb, fmt.Sprintf("m%d", v.n), text)
}

func (v *visitor) sayAs(tb testing.TB, id, text string) messageResponse {
	tb.Helper()
	r := v.do(tb, "POST", "/messages", messageRequest{ClientMsgID: id, Text: text})
	if r.status != 200 {
		tb.Fatalf("said %q: %d %s", text, r.status, r.body)
	}
	var m messageResponse
	r.json(tb, &m)
	return m
}

// stream is an open event stream; frames are held against the description as
// they come.
type stream struct {
	t      testing.TB
	resp   *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
	events map[string]any
	c      *contract
	where  string
}

func (v *visitor) watch(tb testing.TB, lastEventID string) *stream {
	tb.Helper()
	var h []string
	if lastEventID != "" {
		h = []string{"Last-Event-ID", lastEventID}
	}
	return v.b.open(tb, "GET", v.path("/events"), nil, append(v.auth(), h...)...)
}

func (b *bench) open(tb testing.TB, method, path string, body any, headers ...string) *stream {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	tb.Cleanup(cancel)
	req, err := b.request(ctx, method, path, body, headers...)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != 200 {
		raw, _ := io.ReadAll(resp.Body)
		tb.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
	}
	template, op, ok := b.contract.operation(method, path)
	if !ok {
		tb.Fatalf("%s %s is not described", method, path)
	}
	media := op["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)["text/event-stream"].(map[string]any)
	return &stream{
		t: tb, resp: resp, lines: bufio.NewScanner(resp.Body), cancel: cancel, c: b.contract,
		events: media["x-events"].(map[string]any),
		where:  "#/paths/" + escapePointer(template) + "/" + strings.ToLower(method) + "/responses/200/content/text~1event-stream/x-events/",
	}
}

// next returns the next event, leaving comments out; ok is false at the end.
func (s *stream) next() (f sseFrame, ok bool) {
	s.t.Helper()
	for {
		var block []string
		for s.lines.Scan() && s.lines.Text() != "" {
			block = append(block, s.lines.Text())
		}
		if len(block) == 0 && s.lines.Err() == nil {
			if !s.lines.Scan() {
				return f, false
			}
			block = append(block, s.lines.Text())
		}
		if s.lines.Err() != nil {
			return f, false
		}
		frames := parseFrames(strings.Join(block, "\n"))
		if len(frames) == 0 || frames[0].event == "" {
			continue
		}
		f = frames[0]
		if _, known := s.events[f.event]; !known {
			s.t.Errorf("event %q is not described", f.event)
		} else if err := s.c.checkBody(s.where+f.event, []byte(f.data), "event "+f.event); err != nil {
			s.t.Error(err)
		}
		return f, true
	}
}

// until reads events up to the first of a kind.
func (s *stream) until(kind convo.EventKind) []sseFrame {
	s.t.Helper()
	var got []sseFrame
	for {
		f, ok := s.next()
		if !ok {
			s.t.Fatalf("the stream ended before %s; it had %v", kind, got)
		}
		got = append(got, f)
		if f.event == string(kind) {
			return got
		}
	}
}

func (s *stream) close() {
	s.cancel()
	_ = s.resp.Body.Close()
}

// eventually polls until ok; the deadline is far beyond what a busy machine needs.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			tb.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
