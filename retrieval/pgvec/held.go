package pgvec

import (
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/retrieval"
)

// heldBytes bounds what a Store keeps of texts that searches found, over all
// sites. A chunk of the demo shop takes some 2.5 kB with its share of its
// article, so that this is some 12,000 chunks.
const heldBytes = 32 << 20

// shelf keeps texts that searches found, so that the next search need not
// bring them again: a chunk's text, its words and what a citation needs, and of
// its article the words and the mean directions. Nothing here is ever stale: a
// generation is never changed once it is published, its number is never given
// again, and each search is told by the database which one it has seen.
type shelf struct {
	limit     int // bytes
	calmAfter int32

	mu    sync.Mutex
	sites map[retrieval.SiteID]*held
	used  int // counts searches, for telling which site was asked for last
}

func newShelf(limit int) *shelf {
	return &shelf{limit: limit, calmAfter: calmAfter, sites: map[retrieval.SiteID]*held{}}
}

// of is what is held of the site; nothing, of generation 0, where it is new.
func (s *shelf) of(site retrieval.SiteID) *held {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.sites[site]
	if h == nil {
		return &held{}
	}
	s.used++
	h.used = s.used
	return h
}

// keep puts what a search brought beside what is held of the site, or in its
// place where that is of another generation.
func (s *shelf) keep(site retrieval.SiteID, h *held, texts []*heldText) {
	if len(texts) == 0 {
		if h.without.Load() < s.calmAfter {
			h.without.Add(1)
		}
		return
	}
	h.stir()
	h.add(texts)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used++
	h.used = s.used
	s.sites[site] = h
	for s.bytes() > s.limit {
		s.drop()
	}
}

func (s *shelf) bytes() int {
	sum := 0
	for _, h := range s.sites {
		sum += h.size()
	}
	return sum
}

// drop forgets the site that was asked for longest ago, whole. One that is too
// large by itself begins anew.
func (s *shelf) drop() {
	var oldest retrieval.SiteID
	for site, h := range s.sites {
		if o := s.sites[oldest]; o == nil || h.used < o.used {
			oldest = site
		}
	}
	delete(s.sites, oldest)
}

// held is what is held of one generation. Texts only ever come to it: a search
// that told the database what it holds finds all of that here when the answer
// comes, also where the shelf has dropped it meanwhile.
type held struct {
	generation int
	begun      time.Time    // of the generation
	used       int          // the shelf's
	without    atomic.Int32 // searches in a row that brought no text

	mu       sync.RWMutex
	texts    map[int]*heldText
	articles map[int]*heldArticle
	bits     []byte // one for each text, as get_bit counts; replaced, never changed
	bytes    int
}

// heldText is a chunk as a search shows it, and its words.
type heldText struct {
	retrieval.Candidate // without scores
	words               wordWeights
	article             *heldArticle
}

// heldArticle is what its chunks share.
type heldArticle struct {
	words   wordWeights
	middles []middle
	hashes  []retrieval.TextHash
}

// middle is the mean direction of an article's sections under one model.
type middle struct {
	model int16
	vec   []float32
}

// calmAfter is how many searches in a row have to bring no text before the next
// one reckons with none: one that is missing then costs a second search.
const calmAfter = 8

// calm says whether the next search is likely to find nothing but what is held.
func (s *shelf) calm(h *held) bool { return h.generation > 0 && h.without.Load() >= s.calmAfter }

// stir says that a text was missing.
func (h *held) stir() { h.without.Store(0) }

// is says whether h is of this generation.
func (h *held) is(generation int, begun time.Time) bool {
	return h.generation == generation && h.begun.Equal(begun)
}

// which are the chunks that are held, a bit each.
func (h *held) which() []byte {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.bits
}

func (h *held) text(chunk int) *heldText {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.texts[chunk]
}

func (h *held) size() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.bytes
}

func (h *held) add(texts []*heldText) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.texts == nil {
		h.texts, h.articles = map[int]*heldText{}, map[int]*heldArticle{}
	}
	most := len(h.bits)*8 - 1
	for _, t := range texts {
		most = max(most, t.ChunkNo)
	}
	bits := make([]byte, most/8+1)
	copy(bits, h.bits)
	for _, t := range texts {
		if h.texts[t.ChunkNo] != nil {
			continue // two searches brought it at once
		}
		h.texts[t.ChunkNo] = t
		bits[t.ChunkNo/8] |= 1 << (t.ChunkNo % 8)
		h.bytes += t.bytes()
		if a := h.articles[t.ArticleNo]; a != nil {
			t.article = a
			continue
		}
		h.articles[t.ArticleNo] = t.article
		h.bytes += t.article.bytes()
	}
	h.bits = bits
}

// What an entry takes beside its texts, words and vectors: the struct, its
// place in the map, the allocator's rounding (estimated from their sizes).
const (
	textBytes    = 900
	articleBytes = 300
)

func (t *heldText) bytes() int {
	n := textBytes + t.words.bytes()
	for _, s := range []string{t.Text, t.Asked, t.ArticleID, t.Title, t.URL, t.Desk, t.Topic, t.Product, t.Lang, t.Superseded} {
		n += len(s)
	}
	for _, s := range t.Heading {
		n += 16 + len(s)
	}
	return n
}

func (a *heldArticle) bytes() int {
	n := articleBytes + a.words.bytes() + 32*len(a.hashes)
	for _, m := range a.middles {
		n += 4 * len(m.vec)
	}
	return n
}
