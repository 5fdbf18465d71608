package rerank

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// Config says where the server is.
type Config struct {
	BaseURL string // what stands before /rerank. Required
	Model   string // sent with every call; empty: the server's only one
	APIKey  string // sent as a bearer token; empty: none

	// BreakAfter is how many failures in a row close the way, and Pause for how
	// long. 0: 3, and 5 s.
	BreakAfter int
	Pause      time.Duration
}

// Deps are what a Client uses from outside.
type Deps struct {
	Transport http.RoundTripper // nil: the standard one
	Now       func() time.Time  // nil: time.Now
}

// Client is a retrieval.Reranker; safe for concurrent use.
type Client struct {
	cfg  Config
	url  string
	http *http.Client
	now  func() time.Time

	mu     sync.Mutex
	texts  bool // the server speaks of texts, not of documents
	failed int  // in a row
	until  time.Time
}

var _ retrieval.Reranker = (*Client)(nil)

// ErrAway is what is said while the way to the server is closed.
var ErrAway = fault.New(fault.Unavailable, "reranker_away", "The reranker does not answer.")

// maxAnswer bounds an answer: ten scores are a few hundred bytes, and servers
// that send the documents back a few thousand.
const maxAnswer = 1 << 20

// New returns a Client, or an error that names the wrong field.
func New(deps Deps, cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("rerank: BaseURL is no web address")
	}
	cfg.BreakAfter, cfg.Pause = cmp.Or(cfg.BreakAfter, 3), cmp.Or(cfg.Pause, 5*time.Second)
	c := &Client{cfg: cfg, url: strings.TrimRight(cfg.BaseURL, "/") + "/rerank", now: deps.Now}
	if c.now == nil {
		c.now = time.Now
	}
	c.http = &http.Client{
		Transport:     deps.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Rerank gives one score a passage. Errors are of kind Unavailable, Timeout or
// Internal (an answer that makes no sense).
func (c *Client) Rerank(ctx context.Context, question string, passages []string) ([]float64, error) {
	if c.closed() {
		return nil, ErrAway
	}
	scores, err := c.either(ctx, question, passages)
	c.note(err)
	return scores, err
}

// closed says whether nobody is to be asked now. When the pause is over, one
// caller goes ahead and the others wait for what becomes of it.
func (c *Client) closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed < c.cfg.BreakAfter {
		return false
	}
	now := c.now()
	if now.Before(c.until) {
		return true
	}
	c.until = now.Add(c.cfg.Pause)
	return false
}

func (c *Client) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.failed = 0
		return
	}
	if errors.Is(err, context.Canceled) {
		return // the caller left: that says nothing about the server
	}
	if c.failed++; c.failed == c.cfg.BreakAfter {
		c.until = c.now().Add(c.cfg.Pause)
	}
}

// errDialect: the server did not understand the request's fields.
var errDialect = errors.New("the server asks for other fields")

// either asks in the dialect that was understood last, and in the other one
// where it is not.
func (c *Client) either(ctx context.Context, question string, passages []string) ([]float64, error) {
	c.mu.Lock()
	texts := c.texts
	c.mu.Unlock()
	scores, err := c.ask(ctx, question, passages, texts)
	if !errors.Is(err, errDialect) {
		return scores, err
	}
	if scores, err = c.ask(ctx, question, passages, !texts); err == nil {
		c.mu.Lock()
		c.texts = !texts
		c.mu.Unlock()
	}
	return scores, err
}

// request is a call in either dialect.
type request struct {
	Model     string   `json:"model,omitempty"`
	Query     string   `json:"query"`
	Documents []string `json:"documents,omitempty"`
	Texts     []string `json:"texts,omitempty"`
}

func (c *Client) ask(ctx context.Context, question string, passages []string, texts bool) ([]float64, error) {
	body := request{Model: c.cfg.Model, Query: question, Documents: passages}
	if texts {
		body.Documents, body.Texts = nil, passages
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("rerank: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("rerank: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.cfg.APIKey != "" {
		req.Header.Set("Authorization", "Bearer "+c.cfg.APIKey)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, away(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, away(err)
	case resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusUnprocessableEntity:
		return nil, fmt.Errorf("rerank: status %d: %w", resp.StatusCode, errDialect)
	case resp.StatusCode != http.StatusOK:
		return nil, fault.Wrap(fmt.Errorf("status %d", resp.StatusCode), fault.Unavailable, ErrAway.Code, ErrAway.Public)
	case len(answer) > maxAnswer:
		return nil, fmt.Errorf("rerank: the answer is longer than %d bytes", maxAnswer)
	}
	return parse(answer, len(passages))
}

func away(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Timeout, "reranker_slow", "The reranker did not answer in time.")
	}
	return fault.Wrap(err, fault.Unavailable, ErrAway.Code, ErrAway.Public)
}

// result is one passage's, in either dialect.
type result struct {
	Index     *int     `json:"index"`
	Relevance *float64 `json:"relevance_score"`
	Score     *float64 `json:"score"`
}

// parse reads n scores out of an answer, each passage once.
func parse(answer []byte, n int) ([]float64, error) {
	var list []result
	if answer = bytes.TrimSpace(answer); bytes.HasPrefix(answer, []byte("[")) {
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, fmt.Errorf("rerank: the answer is no JSON: %w", err)
		}
	} else {
		var whole struct {
			Results []result `json:"results"`
		}
		if err := json.Unmarshal(answer, &whole); err != nil {
			return nil, fmt.Errorf("rerank: the answer is no JSON: %w", err)
		}
		list = whole.Results
	}
	if len(list) != n {
		return nil, fmt.Errorf("rerank: %d scores for %d passages", len(list), n)
	}
	scores, seen := make([]float64, n), make([]bool, n)
	for _, r := range list {
		score := cmp.Or(r.Relevance, r.Score)
		if r.Index == nil || *r.Index < 0 || *r.Index >= n || seen[*r.Index] {
			return nil, errors.New("rerank: an index is missing, out of range or there twice")
		}
		if score == nil || math.IsNaN(*score) || math.IsInf(*score, 0) {
			return nil, errors.New("rerank: a score is missing")
		}
		scores[*r.Index], seen[*r.Index] = *score, true
	}
	return scores, nil
}
