package embed

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/fault"
)

// Config says where the embeddings server is and how long to wait for it.
type Config struct {
	// BaseURL is what stands before /embeddings; "/v1" is added to a URL
	// without a path. Required.
	BaseURL string
	// Model is the name sent with every call. Empty: the server is asked which
	// model it has, before the first call.
	Model string
	// APIKey is sent as a bearer token. Empty: none.
	APIKey string

	// Name and Revision make the identity kept with every vector:
	// Name[/Revision]/width. Name empty: Model.
	Name, Revision string
	// Dims is the width expected, and asked for where the model has several.
	// 0: what is known about the model, else the first answer's, then held.
	Dims int

	// QueryTimeout bounds one Embed of queries, retries included. 0: 2 s,
	// under what a turn may take and above what a healthy remote needs.
	QueryTimeout time.Duration
	// QueryTokens is what is sent of a longer question, its beginning and its
	// end. 0: 256 (about 180 words; half a second of the private embedder).
	QueryTokens int
	// QueryInFlight bounds calls with questions; more wait here, where waiting
	// can be given up. 0: what is known about the model, else 64.
	QueryInFlight int

	// PassageTimeout bounds one call with passages. 0: 60 s.
	PassageTimeout time.Duration
	// PassageWait is how long an Embed of passages goes on while the server is
	// away or overloaded, before it says so. 0: 10 s.
	PassageWait time.Duration
	// PassageInFlight bounds calls with passages. 0: 1, or 4 where the model is
	// known to be served in parallel. A process of its own for ingest can
	// take 2, so that its embedder always has the next call at hand.
	PassageInFlight int

	// BreakAfter is how many failures in a row close the way to the server
	// until a probe gets through. 0: 3.
	BreakAfter int
	// ProbeMin and ProbeMax are the pauses between probes, doubling.
	// 0: 250 ms and 10 s.
	ProbeMin, ProbeMax time.Duration
}

// Deps are what a Client uses from outside.
type Deps struct {
	// Log gets changes of state: codes and durations. Nil: discarded.
	Log *slog.Logger
	// Transport makes the calls. Nil: one of its own, with time limits.
	Transport http.RoundTripper
}

// PrivateModel is the name of the private embedder's model as its server says it.
const PrivateModel = "multilingual-e5-small-local+tokens"

// PrivateEnglish is the one beside it, which knows English better.
const PrivateEnglish = "all-minilm-l6-v2-local+tokens"

// privateRevision changes with the vectors of the same text: with the weights,
// with how they are rounded, with the tokens. A machine whose processor has to
// multiply otherwise makes vectors so near (cosine .98 and more) that they
// compare, and keeps the name.
const privateRevision = "int8-2"

// Private is the Config of one of the private embedder's models (`frontdesk
// encode`) on a base URL with /v1.
func Private(baseURL, model string) Config {
	return Config{
		BaseURL:  baseURL,
		Model:    model,
		Name:     strings.TrimSuffix(strings.TrimSuffix(model, "+tokens"), "-local"),
		Revision: privateRevision,
	}
}

// EnglishOnly is the languages of PrivateEnglish: texts of others are nothing
// but noise to it (R@1 .105 where the other model has .315).
func EnglishOnly() []string { return []string{"en"} }

func (c Config) withDefaults() Config {
	c.QueryTimeout = cmp.Or(c.QueryTimeout, 2*time.Second)
	c.QueryTokens = cmp.Or(c.QueryTokens, 256)
	c.PassageTimeout = cmp.Or(c.PassageTimeout, time.Minute)
	c.PassageWait = cmp.Or(c.PassageWait, 10*time.Second)
	c.BreakAfter = cmp.Or(c.BreakAfter, 3)
	c.ProbeMin = cmp.Or(c.ProbeMin, 250*time.Millisecond)
	c.ProbeMax = max(cmp.Or(c.ProbeMax, 10*time.Second), c.ProbeMin)
	return c
}

// baseURL checks the URL and completes it.
func (c Config) baseURL() (string, error) {
	u, err := url.Parse(strings.TrimSpace(c.BaseURL))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		// The parser's own words would repeat the URL, which may hold a password.
		return "", fault.New(fault.Invalid, CodeURL,
			"The embeddings server's address is not a URL. Set EMBEDDINGS_BASE_URL to something like http://127.0.0.1:8000/v1.")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1"
	}
	u.RawQuery, u.Fragment = "", ""
	return u.String(), nil
}

func (c Config) validate() error {
	for _, f := range []struct {
		name string
		bad  bool
	}{
		{"Dims", c.Dims < 0 || c.Dims > maxDims},
		{"QueryTimeout", c.QueryTimeout < 0},
		{"QueryTokens", c.QueryTokens < 8},
		{"QueryInFlight", c.QueryInFlight < 0},
		{"PassageTimeout", c.PassageTimeout < 0},
		{"PassageWait", c.PassageWait < 0},
		{"PassageInFlight", c.PassageInFlight < 0},
		{"BreakAfter", c.BreakAfter < 0},
		{"ProbeMin", c.ProbeMin < 0},
	} {
		if f.bad {
			return fault.New(fault.Invalid, CodeConfig, "embed: the setting "+f.name+" is out of range.")
		}
	}
	return nil
}

// identity is the name kept with every vector.
func (c Config) identity(r *route, dims int) string {
	parts := []string{cmp.Or(c.Name, r.model)}
	for _, p := range []string{c.Revision, r.facts.Rev} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(append(parts, strconv.Itoa(dims)), "/")
}
