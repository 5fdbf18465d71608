package embed

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// dialTimeout: a live host answers a SYN in well under a second, also
	// across an ocean; a dead one costs a customer no more than this.
	dialTimeout = 1500 * time.Millisecond
	tlsTimeout  = 3 * time.Second

	maxIdle = 64
)

var errTooLarge = errors.New("more bytes than vectors can need")

// exchange is what the transport saw of one call. The library above returns
// too little of it: no headers with an error, and the body inside its text.
type exchange struct {
	limit       int64 // of the answer's body in bytes; the rest of an error is left unread
	status      int   // 0: no answer
	retryAfter  string
	contentType string
	size        int64
	readErr     error // the answer began and did not end well
}

type exchangeKey struct{}

// recorder reads each answer whole, up to its limit, before it hands it on: a
// connection is then always read to its end and reused, a cut answer is told
// from a malformed one, and nothing reads without bound.
type recorder struct{ next http.RoundTripper }

func (t recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	ex, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if err != nil || !ok {
		return resp, err
	}
	defer resp.Body.Close()
	*ex = exchange{limit: ex.limit}
	ex.status = resp.StatusCode
	ex.retryAfter = resp.Header.Get("Retry-After")
	ex.contentType = resp.Header.Get("Content-Type")
	body, err := io.ReadAll(io.LimitReader(resp.Body, ex.limit+1))
	ex.size = int64(len(body))
	if err != nil {
		ex.readErr = err
		return nil, err
	}
	if ex.size > ex.limit && resp.StatusCode < 300 {
		ex.readErr = errTooLarge
		return nil, errTooLarge
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// newTransport makes connections with limits of their own. The environment's
// proxy is used as every Go program uses it: never for this machine.
func newTransport(header time.Duration, twoPieces bool) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return quickAck(c), nil
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dial,
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: header,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          maxIdle,
		MaxIdleConnsPerHost:   maxIdle,
		IdleConnTimeout:       60 * time.Second,
		DisableKeepAlives:     twoPieces && !canQuickAck,
	}
}

// newHTTPClient follows no redirect: an embeddings server that moves its
// callers elsewhere is a wrong address, and the key must not go with them.
func newHTTPClient(rt http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     recorder{next: rt},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func withExchange(ctx context.Context, limit int64) (context.Context, *exchange) {
	ex := &exchange{limit: limit}
	return context.WithValue(ctx, exchangeKey{}, ex), ex
}
