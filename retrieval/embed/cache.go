package embed

import (
	"cmp"
	"container/list"
	"context"
	"crypto/sha256"
	"slices"
	"sync"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// CacheConfig sizes a Cache.
type CacheConfig struct {
	// Entries is how many questions are kept. 0: 1,024, which with vectors of
	// 384 numbers is about 1.8 MB, and with 1,536 about 6.5 MB; the tokens of
	// a question of 12 words add 1 kB to each, an inner layer 1.5 kB. What a turn asks for twice it asks
	// for within a second; what many customers ask in the same words is few.
	Entries int
}

// entryOverhead is what an entry takes beside its vector: key, list element,
// slice header and its share of the map (measured: 215 bytes).
const entryOverhead = 215

// Cache is an Embedder that remembers the vectors of questions, least recently
// used out first, and makes one call for equal questions asked at once.
// Passages go past it: each is embedded once anyway.
//
// Vectors are shared between callers, who must not change them. Only hashes of
// the questions are kept.
type Cache struct {
	next    retrieval.Embedder
	entries int

	mu      sync.Mutex
	order   *list.List // of *entry, last used first
	byKey   map[key]*list.Element
	flights map[key]*flight
	bytes   int64
	stats   CacheStats
}

var _ retrieval.TokenEmbedder = (*Cache)(nil)

type key [sha256.Size]byte

type entry struct {
	key key
	enc retrieval.Encoded
}

// flight is one call under way and those who wait for it.
type flight struct {
	done    chan struct{} // closed when enc and err are set
	enc     retrieval.Encoded
	err     error
	waiting int
	cancel  context.CancelCauseFunc
}

// CacheStats is what a Cache did since it was made.
type CacheStats struct {
	Hits    int64 // answered from memory
	Shared  int64 // waited for somebody else's equal question
	Misses  int64 // calls made
	Entries int
	Bytes   int64 // of memory, about
}

// NewCache puts a cache before an Embedder.
func NewCache(next retrieval.Embedder, cfg CacheConfig) (*Cache, error) {
	cfg.Entries = cmp.Or(cfg.Entries, 1024)
	if cfg.Entries < 0 {
		return nil, fault.New(fault.Invalid, CodeConfig, "embed: the setting Entries is out of range.")
	}
	return &Cache{
		next: next, entries: cfg.Entries,
		order: list.New(), byKey: make(map[key]*list.Element), flights: make(map[key]*flight),
	}, nil
}

// Model is the next Embedder's.
func (c *Cache) Model() retrieval.Model { return c.next.Model() }

// Embed returns vectors from memory where it can. A caller who gives up leaves
// the call to the others who wait for it; with the last one it ends.
func (c *Cache) Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	if kind != retrieval.EmbedQuery {
		return c.next.Embed(ctx, kind, texts)
	}
	list, err := c.remember(ctx, texts)
	if err != nil {
		return nil, err
	}
	return retrieval.Pooled(list), nil
}

// TokenDims is the next Embedder's.
func (c *Cache) TokenDims() int { return retrieval.TokenDims(c.next) }

// DepthDims is the next Embedder's.
func (c *Cache) DepthDims() int { return retrieval.DepthDims(c.next) }

// EmbedTokens is Embed with tokens, which are remembered with the vectors.
func (c *Cache) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	if kind != retrieval.EmbedQuery {
		return retrieval.Encode(ctx, c.next, kind, texts)
	}
	return c.remember(ctx, texts)
}

// remember answers questions from memory, or asks.
func (c *Cache) remember(ctx context.Context, texts []string) ([]retrieval.Encoded, error) {
	out := make([]retrieval.Encoded, len(texts))
	flights := make(map[int]*flight)
	keys := make([]key, len(texts))
	for i, text := range texts {
		keys[i] = sha256.Sum256([]byte(text))
		enc, f := c.lookUp(ctx, keys[i], text)
		out[i] = enc
		if f != nil {
			flights[i] = f
		}
	}
	var first error
	for i := range texts {
		f, ok := flights[i]
		if !ok {
			continue
		}
		enc, err := c.wait(ctx, keys[i], f)
		if err != nil && first == nil {
			first = place(err, i)
		}
		out[i] = enc
	}
	if first != nil {
		return nil, first
	}
	return out, nil
}

// place gives a TextError, which a flight of one text counts as 0, its index.
func place(err error, i int) error {
	if t, ok := err.(*TextError); ok { //nolint:errorlint // only our own outermost one
		return &TextError{Index: i, Err: t.Err}
	}
	return err
}

// lookUp finds a vector, or the flight that will bring it.
func (c *Cache) lookUp(ctx context.Context, k key, text string) (retrieval.Encoded, *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[k]; ok {
		c.order.MoveToFront(e)
		c.stats.Hits++
		return e.Value.(*entry).enc, nil
	}
	if f, ok := c.flights[k]; ok {
		f.waiting++
		c.stats.Shared++
		return retrieval.Encoded{}, f
	}
	c.stats.Misses++
	// The flight outlives whoever started it while others wait.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), waiting: 1, cancel: cancel}
	c.flights[k] = f
	go c.fly(ctx, k, text, f)
	return retrieval.Encoded{}, f
}

func (c *Cache) fly(ctx context.Context, k key, text string, f *flight) {
	defer f.cancel(nil)
	list, err := retrieval.Encode(ctx, c.next, retrieval.EmbedQuery, []string{text})
	if err == nil && len(list) != 1 {
		err = wrongAnswer(CodeCount, "another number of vectors than of texts").Unwrap()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		f.err = err
	} else {
		f.enc = list[0]
		if cap(f.enc.Vec) > len(f.enc.Vec) {
			f.enc.Vec = slices.Clone(f.enc.Vec) // what lies behind it would stay in memory
		}
		c.keep(k, f.enc)
	}
	if c.flights[k] == f {
		delete(c.flights, k)
	}
	close(f.done)
}

// wait returns the flight's result, or leaves it when ctx ends.
func (c *Cache) wait(ctx context.Context, k key, f *flight) (retrieval.Encoded, error) {
	select {
	case <-f.done:
		return f.enc, f.err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-f.done: // it came in the same moment
		return f.enc, f.err
	default:
	}
	if f.waiting--; f.waiting == 0 {
		// With the reason: a server too slow for its last caller is slow, and
		// the breaker must hear of it.
		f.cancel(context.Cause(ctx))
		delete(c.flights, k) // whoever comes now starts afresh
	}
	return retrieval.Encoded{}, ended(ctx).Unwrap()
}

// keep stores a vector and drops the least recently used; the caller holds the
// lock.
func (c *Cache) keep(k key, enc retrieval.Encoded) {
	if _, ok := c.byKey[k]; ok {
		return
	}
	c.byKey[k] = c.order.PushFront(&entry{key: k, enc: enc})
	c.bytes += size(enc)
	for c.order.Len() > c.entries {
		last := c.order.Back()
		e := c.order.Remove(last).(*entry)
		delete(c.byKey, e.key)
		c.bytes -= size(e.enc)
	}
}

func size(e retrieval.Encoded) int64 {
	return int64(4*len(e.Vec) + 4*len(e.Depths) + 4*len(e.Tokens) + len(e.Rows) + entryOverhead)
}

// Stats returns a snapshot.
func (c *Cache) Stats() CacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Entries, s.Bytes = c.order.Len(), c.bytes
	return s
}
