package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// event is one server-sent event. A comment is an event without name and data.
type event struct {
	id, name string
	data     []byte
}

// events reads server-sent events, as far as the service writes them: one data
// line each.
type events struct {
	body io.ReadCloser
	in   *bufio.Reader
}

// silence is how long a stream may say nothing: the service beats every fifteen
// seconds at most.
const silence = 40 * time.Second

// open begins a stream at one address; lastID is sent as Last-Event-ID.
func (c *client) open(ctx context.Context, base string, w who, path, lastID string) (*events, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("write a request: %w", err)
	}
	req.Header.Set("Accept", "text/event-stream")
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	w.sign(req, base)
	resp, err := c.http.Do(req)
	if err != nil {
		c.broken.Add(1)
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		_ = resp.Body.Close()
		return nil, c.refusalOf(resp.StatusCode, b)
	}
	return &events{body: resp.Body, in: bufio.NewReaderSize(resp.Body, 1<<10)}, nil
}

// read gives the next event, or what ended the stream. Half an event at the end
// of a connection is none.
func (s *events) read() (e event, err error) {
	watch := time.AfterFunc(silence, func() { _ = s.body.Close() })
	defer watch.Stop()
	for begun := false; ; {
		line, err := s.in.ReadBytes('\n')
		if err != nil {
			return event{}, err
		}
		line = bytes.TrimRight(line, "\r\n")
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case len(line) == 0:
			if begun {
				return e, nil
			}
		case len(name) == 0: // a comment
			begun = true
		default:
			begun = true
			switch string(name) {
			case "id":
				e.id = string(value)
			case "event":
				e.name = string(value)
			case "data":
				e.data = bytes.Clone(value)
			}
		}
	}
}

func (s *events) close() { _ = s.body.Close() }
