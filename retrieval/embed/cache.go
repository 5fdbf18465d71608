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
	// Entries is how many questions are kept. 0: 4,096, which with vectors of
	// 384 numbers is about 7.2 MB, and with 1,536 about 26 MB.
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

var _ retrieval.Embedder = (*Cache)(nil)

type key [sha256.Size]byte

type entry struct {
	key key
	vec []float32
}

// flight is one call under way and those who wait for it.
type flight struct {
	done    chan struct{} // closed when vec and err are set
	vec     []float32
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
	cfg.Entries = cmp.Or(cfg.Entries, 4096)
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
	out := make([][]float32, len(texts))
	flights := make(map[int]*flight)
	keys := make([]key, len(texts))
	for i, text := range texts {
		keys[i] = sha256.Sum256([]byte(text))
		vec, f := c.lookUp(ctx, keys[i], text)
		out[i] = vec
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
		vec, err := c.wait(ctx, keys[i], f)
		if err != nil && first == nil {
			first = place(err, i)
		}
		out[i] = vec
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
func (c *Cache) lookUp(ctx context.Context, k key, text string) ([]float32, *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[k]; ok {
		c.order.MoveToFront(e)
		c.stats.Hits++
		return e.Value.(*entry).vec, nil
	}
	if f, ok := c.flights[k]; ok {
		f.waiting++
		c.stats.Shared++
		return nil, f
	}
	c.stats.Misses++
	// The flight outlives whoever started it while others wait.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), waiting: 1, cancel: cancel}
	c.flights[k] = f
	go c.fly(ctx, k, text, f)
	return nil, f
}

func (c *Cache) fly(ctx context.Context, k key, text string, f *flight) {
	defer f.cancel(nil)
	vecs, err := c.next.Embed(ctx, retrieval.EmbedQuery, []string{text})
	if err == nil && len(vecs) != 1 {
		err = wrongAnswer(CodeCount, "another number of vectors than of texts").Unwrap()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		f.err = err
	} else {
		f.vec = vecs[0]
		if cap(vecs[0]) > len(vecs[0]) {
			f.vec = slices.Clone(vecs[0]) // what lies behind it would stay in memory
		}
		c.keep(k, f.vec)
	}
	if c.flights[k] == f {
		delete(c.flights, k)
	}
	close(f.done)
}

// wait returns the flight's result, or leaves it when ctx ends.
func (c *Cache) wait(ctx context.Context, k key, f *flight) ([]float32, error) {
	select {
	case <-f.done:
		return f.vec, f.err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-f.done: // it came in the same moment
		return f.vec, f.err
	default:
	}
	if f.waiting--; f.waiting == 0 {
		// With the reason: a server too slow for its last caller is slow, and
		// the breaker must hear of it.
		f.cancel(context.Cause(ctx))
		delete(c.flights, k) // whoever comes now starts afresh
	}
	return nil, ended(ctx).Unwrap()
}

// keep stores a vector and drops the least recently used; the caller holds the
// lock.
func (c *Cache) keep(k key, vec []float32) {
	if _, ok := c.byKey[k]; ok {
		return
	}
	c.byKey[k] = c.order.PushFront(&entry{key: k, vec: vec})
	c.bytes += size(vec)
	for c.order.Len() > c.entries {
		last := c.order.Back()
		e := c.order.Remove(last).(*entry)
		delete(c.byKey, e.key)
		c.bytes -= size(e.vec)
	}
}

func size(vec []float32) int64 { return int64(4*len(vec) + entryOverhead) }

// Stats returns a snapshot.
func (c *Cache) Stats() CacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Entries, s.Bytes = c.order.Len(), c.bytes
	return s
}
