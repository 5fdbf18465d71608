package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// customer is one visitor with a conversation, as the widget would be.
type customer struct {
	http         *http.Client
	base         string
	site         string // empty: the default one
	conversation string
	token        string
}

// newHTTPClient keeps one connection per customer alive and never waits for
// ever; a turn ends within its budget of ten seconds.
func newHTTPClient(conns int) *http.Client {
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			MaxIdleConns:        conns,
			MaxIdleConnsPerHost: conns,
			DisableCompression:  true,
		},
	}
}

// start opens a conversation on the default site.
func start(ctx context.Context, client *http.Client, base string) (*customer, error) {
	return startAt(ctx, client, base, "")
}

func startAt(ctx context.Context, client *http.Client, base, site string) (*customer, error) {
	c := &customer{http: client, base: base, site: site}
	return c, c.open(ctx)
}

// goOn opens another conversation where the last one went to a person: the bot
// says nothing there any more, and that is no turn to measure.
func (c *customer) goOn(ctx context.Context, outcome string) error {
	if outcome != "queued" {
		return nil
	}
	return c.open(ctx)
}

func (c *customer) open(ctx context.Context) error {
	var out struct {
		Conversation string `json:"conversation"`
		Token        string `json:"token"`
	}
	body := map[string]any{}
	if c.site != "" {
		body["site"] = c.site
	}
	if err := c.post(ctx, "/v1/conversations", body, &out); err != nil {
		return fmt.Errorf("starting a conversation: %w", err)
	}
	c.conversation, c.token = out.Conversation, out.Token
	return nil
}

func (c *customer) request(ctx context.Context, path string, body any) (*http.Request, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req, nil
}

func (c *customer) post(ctx context.Context, path string, body, out any) error {
	req, err := c.request(ctx, path, body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %s: %s", path, resp.Status, bytes.TrimSpace(b))
	}
	return json.Unmarshal(b, out)
}

// ask says one message and returns how the turn ended.
func (c *customer) ask(ctx context.Context, id, text string) (outcome string, err error) {
	var out struct {
		Outcome string `json:"outcome"`
	}
	err = c.post(ctx, "/v1/conversations/"+c.conversation+"/messages", map[string]any{"client_msg_id": id, "text": text}, &out)
	return out.Outcome, err
}

// askStream says one message as an event stream; firstByte is when the first
// byte of the reply's own message had arrived.
func (c *customer) askStream(ctx context.Context, id, text string) (firstByte time.Duration, outcome string, err error) {
	req, err := c.request(ctx, "/v1/conversations/"+c.conversation+"/messages", map[string]any{"client_msg_id": id, "text": text})
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Accept", "text/event-stream")
	begin := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("message: %s", resp.Status)
	}
	event := ""
	sc := bufio.NewScanner(resp.Body)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		line := sc.Text()
		if name, ok := strings.CutPrefix(line, "event:"); ok {
			event = strings.TrimSpace(name)
			continue
		}
		data, ok := strings.CutPrefix(line, "data:")
		if !ok {
			continue
		}
		switch event {
		case "message", "delta":
			if firstByte == 0 && !strings.Contains(data, `"author":"customer"`) {
				firstByte = time.Since(begin)
			}
		case "done", "error":
			var d struct {
				Outcome string `json:"outcome"`
			}
			if err := json.Unmarshal([]byte(data), &d); err != nil {
				return 0, "", fmt.Errorf("terminal event: %w", err)
			}
			return firstByte, d.Outcome, nil
		}
	}
	return 0, "", fmt.Errorf("stream ended without a terminal event: %w", cmp.Or(sc.Err(), io.ErrUnexpectedEOF))
}
