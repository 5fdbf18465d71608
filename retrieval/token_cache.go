package retrieval

import (
	"container/list"
	"context"
	"sync"
)

// tokenStore brings token vectors from the database.
type tokenStore interface {
	// Tokens calls put with the rows of each text that has some under the model.
	Tokens(ctx context.Context, site SiteID, model string, hashes []TextHash, put func(TextHash, TokenRows)) error
}

// tokenCache keeps the rows of texts' tokens, least recently used out first.
// Texts are the same in every generation, so that a publication empties nothing.
// Rows are shared and never changed.
type tokenCache struct {
	store tokenStore
	limit int // bytes

	mu    sync.Mutex
	byKey map[tokenKey]*list.Element
	order *list.List // of *tokenEntry, last used first
	bytes int
}

type tokenKey struct {
	site  SiteID
	model string
	hash  TextHash
}

type tokenEntry struct {
	key  tokenKey
	rows TokenRows
}

// entryBytes is what an entry takes beside its rows: key, list element, its
// share of the map (estimated from their sizes).
const entryBytes = 200

func newTokenCache(store tokenStore, limit int) *tokenCache {
	return &tokenCache{store: store, limit: limit, byKey: map[tokenKey]*list.Element{}, order: list.New()}
}

// get returns the rows of texts; those without any are not in the result. What
// memory does not hold is fetched in one trip.
func (c *tokenCache) get(ctx context.Context, site SiteID, model string, hashes []TextHash) (map[TextHash]TokenRows, error) {
	out := make(map[TextHash]TokenRows, len(hashes))
	var missing []TextHash
	c.mu.Lock()
	for _, h := range hashes {
		e, ok := c.byKey[tokenKey{site, model, h}]
		if !ok {
			missing = append(missing, h)
			continue
		}
		c.order.MoveToFront(e)
		out[h] = e.Value.(*tokenEntry).rows
	}
	c.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	fetched := map[TextHash]TokenRows{}
	if err := c.store.Tokens(ctx, site, model, missing, func(h TextHash, rows TokenRows) { fetched[h] = rows }); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for h, rows := range fetched {
		out[h] = rows
		c.keep(tokenKey{site, model, h}, rows)
	}
	return out, nil
}

// keep stores rows; the caller holds the lock. That a text has none is not
// kept: an ingest may be about to write them.
func (c *tokenCache) keep(k tokenKey, rows TokenRows) {
	if _, ok := c.byKey[k]; ok || rows.bytes() > c.limit {
		return
	}
	c.byKey[k] = c.order.PushFront(&tokenEntry{k, rows})
	c.bytes += rows.bytes()
	for c.bytes > c.limit {
		e := c.order.Remove(c.order.Back()).(*tokenEntry)
		delete(c.byKey, e.key)
		c.bytes -= e.rows.bytes()
	}
}

func (r TokenRows) bytes() int { return len(r.Rows) + 2*len(r.Places) + entryBytes }
