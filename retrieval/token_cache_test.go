package retrieval

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// tokenRowsOf is a store of token vectors that counts what it is asked.
type tokenRowsOf struct {
	mu    sync.Mutex
	rows  map[tokenKey][]int8
	asked []TextHash // one after another, of all trips
	trips int
	err   error
}

func (s *tokenRowsOf) Tokens(_ context.Context, site SiteID, model string, hashes []TextHash, put func(TextHash, TokenRows)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trips++
	s.asked = append(s.asked, hashes...)
	if s.err != nil {
		return s.err
	}
	for _, h := range hashes {
		if r, ok := s.rows[tokenKey{site, model, h}]; ok {
			put(h, TokenRows{Rows: slices.Clone(r)})
		}
	}
	return nil
}

func textHash(n int) TextHash { return TextHash{byte(n), byte(n >> 8)} }

func (c *tokenCache) mustGet(t *testing.T, site SiteID, model string, hashes ...TextHash) map[TextHash]TokenRows {
	t.Helper()
	got, err := c.get(t.Context(), site, model, hashes)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTokenCache_KeepsTheLastUsedWithinItsBytes(t *testing.T) {
	t.Parallel()
	const rows = 100
	store := &tokenRowsOf{rows: map[tokenKey][]int8{}}
	for i := range 10 {
		store.rows[tokenKey{1, "m", textHash(i)}] = bytes8(rows, i)
	}
	c := newTokenCache(store, 3*(rows+entryBytes))
	for i := range 3 { // one after another: those of one trip are equally old
		c.mustGet(t, 1, "m", textHash(i))
	}
	c.mustGet(t, 1, "m", textHash(0)) // now 1 is the one that nobody asked for longest
	c.mustGet(t, 1, "m", textHash(3))
	store.asked = nil
	c.mustGet(t, 1, "m", textHash(0), textHash(2), textHash(3))
	if len(store.asked) != 0 {
		t.Errorf("asked again for %v", store.asked)
	}
	c.mustGet(t, 1, "m", textHash(1))
	if !slices.Equal(store.asked, []TextHash{textHash(1)}) {
		t.Errorf("asked for %v, want 1 only", store.asked)
	}
	if c.bytes > c.limit || c.order.Len() != 3 || len(c.byKey) != 3 {
		t.Errorf("%d bytes of %d, %d and %d entries", c.bytes, c.limit, c.order.Len(), len(c.byKey))
	}
}

func TestTokenCache_ATextLargerThanAllIsHandedOutAndNotKept(t *testing.T) {
	t.Parallel()
	store := &tokenRowsOf{rows: map[tokenKey][]int8{{1, "m", textHash(1)}: bytes8(5000, 1), {1, "m", textHash(2)}: bytes8(10, 2)}}
	c := newTokenCache(store, 1000)
	c.mustGet(t, 1, "m", textHash(2))
	if got := c.mustGet(t, 1, "m", textHash(1)); len(got[textHash(1)].Rows) != 5000 {
		t.Errorf("%d numbers", len(got[textHash(1)].Rows))
	}
	store.asked = nil
	if c.mustGet(t, 1, "m", textHash(2)); len(store.asked) != 0 {
		t.Error("the small one was thrown out for it")
	}
}

func TestTokenCache_EqualQuestionsMakeOneTripAndATextWithoutRowsIsAskedForAgain(t *testing.T) {
	t.Parallel()
	store := &tokenRowsOf{rows: map[tokenKey][]int8{{1, "m", textHash(1)}: bytes8(32, 1)}}
	c := newTokenCache(store, 1<<20)
	got := c.mustGet(t, 1, "m", textHash(1), textHash(2))
	if _, ok := got[textHash(2)]; ok || len(got) != 1 || store.trips != 1 {
		t.Fatalf("%d trips, %v", store.trips, got)
	}
	// An ingest writes what was missing: the next question has it.
	store.rows[tokenKey{1, "m", textHash(2)}] = bytes8(32, 2)
	got = c.mustGet(t, 1, "m", textHash(1), textHash(2))
	if len(got) != 2 || store.trips != 2 || !slices.Equal(store.asked[2:], []TextHash{textHash(2)}) {
		t.Errorf("%d texts after %d trips, asked for %v", len(got), store.trips, store.asked[2:])
	}
	if c.mustGet(t, 1, "m", textHash(1), textHash(2)); store.trips != 2 {
		t.Error("what memory holds was fetched")
	}
}

func TestTokenCache_AnErrorIsToldAndNothingOfItKept(t *testing.T) {
	t.Parallel()
	store := &tokenRowsOf{rows: map[tokenKey][]int8{{1, "m", textHash(1)}: bytes8(32, 1)}, err: errAway}
	c := newTokenCache(store, 1<<20)
	if _, err := c.get(t.Context(), 1, "m", []TextHash{textHash(1)}); !errors.Is(err, errAway) {
		t.Errorf("%v", err)
	}
	store.err = nil
	if got := c.mustGet(t, 1, "m", textHash(1)); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// Whatever is asked for in whatever order, by several at once: everybody gets
// the rows of their own site and model, and memory stays within its bound.
func TestTokenCache_NeverServesAnotherSitesOrModelsRows(t *testing.T) {
	t.Parallel()
	store := &tokenRowsOf{rows: map[tokenKey][]int8{}}
	n := 0
	for site := range SiteID(3) {
		for _, model := range []string{"m", "n"} {
			for h := range 6 {
				if n++; n%5 > 0 { // some have none
					store.rows[tokenKey{site, model, textHash(h)}] = bytes8(16*(1+n%4), n)
				}
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		c := newTokenCache(store, rapid.IntRange(100, 4000).Draw(rt, "limit"))
		type ask struct {
			site   SiteID
			model  string
			hashes []TextHash
		}
		asks := make([]ask, rapid.IntRange(1, 12).Draw(rt, "asks"))
		for i := range asks {
			asks[i] = ask{SiteID(rapid.IntRange(0, 2).Draw(rt, "site")), rapid.SampledFrom([]string{"m", "n"}).Draw(rt, "model"), nil}
			for _, h := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 1, 6, rapid.ID[int]).Draw(rt, "texts") {
				asks[i].hashes = append(asks[i].hashes, textHash(h))
			}
		}
		wrong := make(chan string, len(asks))
		var wg sync.WaitGroup
		for _, a := range asks {
			wg.Go(func() {
				got, err := c.get(t.Context(), a.site, a.model, a.hashes)
				if err != nil {
					wrong <- err.Error()
					return
				}
				for _, h := range a.hashes {
					want, has := store.rows[tokenKey{a.site, a.model, h}]
					if rows, ok := got[h]; ok != has || !slices.Equal(rows.Rows, want) {
						wrong <- fmt.Sprintf("site %d, %s, text %v: %d numbers, want %d", a.site, a.model, h[0], len(rows.Rows), len(want))
						return
					}
				}
			})
		}
		wg.Wait()
		select {
		case w := <-wrong:
			rt.Fatal(w)
		default:
		}
		sum := 0
		for e := c.order.Front(); e != nil; e = e.Next() {
			sum += e.Value.(*tokenEntry).rows.bytes()
		}
		if sum != c.bytes || c.bytes > c.limit || c.order.Len() != len(c.byKey) {
			rt.Fatalf("%d bytes counted, %d there, of %d", c.bytes, sum, c.limit)
		}
	})
}

// bytes8 is n numbers that tell one text from another.
func bytes8(n, seed int) []int8 {
	return signed(bytes.Repeat([]byte{byte(seed)}, n))
}
