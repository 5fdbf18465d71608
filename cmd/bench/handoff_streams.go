package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// deskStreams are event streams that are held open.
type deskStreams struct {
	hc     *http.Client
	cancel context.CancelFunc
	ctx    context.Context
	open   sync.WaitGroup
	broken atomic.Int64
	beats  atomic.Int64
}

func newDeskStreams(ctx context.Context) *deskStreams {
	s := &deskStreams{hc: &http.Client{Transport: &http.Transport{
		DialContext:        (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		DisableCompression: true, MaxIdleConnsPerHost: 256, ReadBufferSize: 2 << 10, WriteBufferSize: 1 << 10,
	}}}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

// close ends them all.
func (s *deskStreams) close() {
	s.cancel()
	s.open.Wait()
	s.hc.CloseIdleConnections()
}

// hold opens a stream and reads it in a goroutine until all are closed; heard
// gets each event's data, and must not keep it.
func (s *deskStreams) hold(base, path string, header http.Header, heard func(event, data []byte)) error {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return err
	}
	req.Header = header
	resp, err := s.hc.Do(req)
	if err != nil {
		return fmt.Errorf("a stream: %w", err)
	}
	in := bufio.NewReaderSize(resp.Body, 4<<10)
	if _, err := in.Peek(1); err != nil || resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return fmt.Errorf("a stream: %s: %w", resp.Status, err)
	}
	s.open.Go(func() {
		defer resp.Body.Close()
		readEvents(in, heard)
		if s.ctx.Err() == nil {
			s.broken.Add(1)
		}
	})
	return nil
}

// readEvents reads until the stream ends.
func readEvents(in *bufio.Reader, heard func(event, data []byte)) {
	var event []byte
	for {
		line, err := in.ReadSlice('\n')
		var long []byte
		for err == bufio.ErrBufferFull { //nolint:errorlint // the reader's own, never wrapped
			long = append(long, line...)
			line, err = in.ReadSlice('\n')
		}
		if err != nil {
			return
		}
		if long != nil {
			line = append(long, line...)
		}
		line = bytes.TrimRight(line, "\n")
		if name, ok := bytes.CutPrefix(line, []byte("event: ")); ok {
			event = append(event[:0], name...)
		} else if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok && heard != nil {
			heard(event, data)
		}
	}
}

// sit opens the desk of an agent and keeps the presence as a page does it: when
// the stream beats. with is added to the stream's address.
func (s *deskStreams) sit(a deskAgent, base, with string, heard func(event, data []byte)) error {
	header := http.Header{"Cookie": {a.cookie}, "Accept": {"text/event-stream"}}
	if err := s.present(a, base); err != nil {
		return err
	}
	return s.hold(base, "/desk/api/v1/stream?tab=bench"+with, header, func(event, data []byte) {
		if string(event) == "beat" {
			s.beats.Add(1)
			go func() { _ = s.present(a, base) }() // where it fails the next beat does
			return
		}
		if heard != nil {
			heard(event, data)
		}
	})
}

func (s *deskStreams) present(a deskAgent, base string) error {
	_, err := deskCall(s.ctx, s.hc, a, http.MethodPost, base, "/presence", `{"status":"online"}`)
	return err
}

// deskCall asks the desk for something as somebody.
func deskCall(ctx context.Context, hc *http.Client, a deskAgent, method, base, path, body string) ([]byte, error) {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+"/desk/api/v1"+path, in)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Cookie", a.cookie)
	req.Header.Set("Origin", base)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := hc.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return b, fmt.Errorf("%s: %s: %s", path, resp.Status, bytes.TrimSpace(b))
	}
	return b, nil
}
