package loadgen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// refusal is an answer that is an error: a problem document, or a status alone.
type refusal struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s %s", r.Status, r.Code, r.Detail) }

// refused is the refusal in an error; nil: it is none.
func refused(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// passing says whether what failed may go well a moment later.
func passing(err error) bool {
	r := refused(err)
	return r == nil || r.Status >= 500 || r.Status == http.StatusTooManyRequests || r.Status == http.StatusRequestTimeout
}

// client speaks JSON with the instances of one service.
type client struct {
	http   *http.Client
	bases  []string
	broken atomic.Int64 // requests that got no answer
	away   atomic.Int64 // answers that said: not now
}

// answerTime bounds one request; a turn ends within ten seconds.
const answerTime = 15 * time.Second

func newClient(bases []string, conns int) *client {
	return &client{
		bases: bases,
		http: &http.Client{Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			ResponseHeaderTimeout: answerTime,
			MaxIdleConns:          conns,
			MaxIdleConnsPerHost:   conns,
			IdleConnTimeout:       time.Minute,
			DisableCompression:    true,
		}},
	}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// who asks: what goes with each of somebody's requests.
type who struct {
	bearer string // of a customer
	cookie string // of an agent
	desk   bool   // changes at the desk say which page they come from
}

func (w who) sign(req *http.Request, base string) {
	if w.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+w.bearer)
	}
	if w.cookie != "" {
		req.Header.Set("Cookie", w.cookie)
	}
	if w.desk {
		req.Header.Set("Origin", base)
	}
}

// call asks once. in and out may be nil.
func (c *client) call(ctx context.Context, base string, w who, method, path string, in, out any) ([]*http.Cookie, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("write a request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, base+path, body)
	if err != nil {
		return nil, fmt.Errorf("write a request: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	w.sign(req, base)
	resp, err := c.http.Do(req)
	if err != nil {
		c.broken.Add(1)
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		c.broken.Add(1)
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, c.refusalOf(resp.StatusCode, b)
	}
	if out == nil || len(b) == 0 {
		return resp.Cookies(), nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return nil, fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return resp.Cookies(), nil
}

func (c *client) refusalOf(status int, body []byte) error {
	r := &refusal{}
	if json.Unmarshal(body, r) != nil {
		r.Detail = strings.TrimSpace(string(body[:min(len(body), 200)]))
	}
	r.Status = status
	if passing(r) {
		c.away.Add(1)
	}
	return r
}

// door is how one player comes in: it keeps to an address until that fails.
type door struct {
	c    *client
	at   int
	wait time.Duration
}

func (d *door) base() string { return d.c.bases[d.at%len(d.c.bases)] }

const (
	firstPause = 50 * time.Millisecond
	longPause  = time.Second
)

// failed goes on to the next address and waits a little; false: ctx ended.
func (d *door) failed(ctx context.Context) bool {
	d.at++
	d.wait = min(max(2*d.wait, firstPause), longPause)
	return pause(ctx, d.wait)
}

// insist asks until there is an answer that will stay the same, or ctx ends.
func (d *door) insist(ctx context.Context, w func() who, method, path string, in, out any) ([]*http.Cookie, error) {
	for {
		cookies, err := d.c.call(ctx, d.base(), w(), method, path, in, out)
		if err == nil || !passing(err) {
			d.wait = 0
			return cookies, err
		}
		if !d.failed(ctx) {
			return nil, err
		}
	}
}

// pause is false where ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
