package pgvec

import (
	"crypto/sha256"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

// tokensOf is what the store has of texts.
func (b *bundle) tokensOf(site retrieval.SiteID, model string, hashes ...[32]byte) map[retrieval.TextHash]retrieval.TokenRows {
	b.t.Helper()
	list := make([]retrieval.TextHash, len(hashes))
	for i, h := range hashes {
		list[i] = h
	}
	out := map[retrieval.TextHash]retrieval.TokenRows{}
	if err := b.store.Tokens(b.ctx, site, model, list, func(h retrieval.TextHash, r retrieval.TokenRows) { out[h] = r }); err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *bundle) without(site retrieval.SiteID, m retrieval.Model, hashes ...[32]byte) [][32]byte {
	b.t.Helper()
	list, err := b.store.WithoutTokens(b.ctx, site, m, hashes)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func (b *bundle) putTokens(site retrieval.SiteID, m retrieval.Model, hash [32]byte, rows []int8, places ...uint16) {
	b.t.Helper()
	if err := b.store.PutVectors(b.ctx, site, 1, m, []retrieval.ChunkVector{{Chunk: 1, Hash: hash, Rows: rows, Places: places}}); err != nil {
		b.t.Fatal(err)
	}
}

func TestTokens_ComeBackAsTheyWerePut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	m := retrieval.Model{Name: "m/16", Dims: 16}
	rapid.Check(t, func(rt *rapid.T) {
		hash := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "hash"))
		rows := rapid.SliceOfN(rapid.Int8(), 1, 200).Draw(rt, "rows")
		if len(b.without(site, m, hash)) == 0 {
			return // drawn before
		}
		if got := b.tokensOf(site, m.Name, hash); len(got) != 0 {
			rt.Fatalf("%d texts before anything was put", len(got))
		}
		places := rapid.SliceOfN(rapid.Uint16(), 0, 9).Draw(rt, "places")
		b.putTokens(site, m, hash, rows, places...)
		if got := b.tokensOf(site, m.Name, hash)[hash]; !slices.Equal(got.Rows, rows) || !slices.Equal(got.Places, places) || got.Places == nil {
			rt.Fatalf("%v, want %v at %v", got, rows, places)
		}
		if left := b.without(site, m, hash); len(left) != 0 {
			rt.Fatal("they are there and were said to be missing")
		}
	})
	if n := b.count("chunk_vectors", site); n != 0 {
		t.Errorf("%d vectors were made of tokens alone", n)
	}
}

// The same text on two sites, under two models: each has its own rows, and what
// one has says nothing of the other.
func TestTokens_NeverCrossSitesOrModels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two := b.site("one"), b.site("two")
	m, n := retrieval.Model{Name: "m/16", Dims: 16}, retrieval.Model{Name: "n/16", Dims: 16}
	hash := sha256.Sum256([]byte("text"))
	b.putTokens(one, m, hash, []int8{1, 1})
	for what, left := range map[string][][32]byte{"site": b.without(two, m, hash), "model": b.without(one, n, hash)} {
		if len(left) != 1 {
			t.Errorf("another %s is said to have the rows", what)
		}
	}
	if got := b.tokensOf(two, m.Name, hash); len(got) != 0 {
		t.Errorf("another site's: %v", got)
	}
	if got := b.tokensOf(one, n.Name, hash); len(got) != 0 {
		t.Errorf("another model's: %v", got)
	}
	if got := b.tokensOf(one, "unheard of", hash); len(got) != 0 {
		t.Errorf("no model's: %v", got)
	}
	b.putTokens(two, m, hash, []int8{2, 2})
	b.putTokens(one, n, hash, []int8{3, 3})
	for _, x := range []struct {
		site  retrieval.SiteID
		model string
		want  int8
	}{{one, "m/16", 1}, {two, "m/16", 2}, {one, "n/16", 3}} {
		if got := b.tokensOf(x.site, x.model, hash); len(got) != 1 || got[hash].Rows[0] != x.want {
			t.Errorf("site %d, %s: %v, want %d", x.site, x.model, got, x.want)
		}
	}
}

func TestPutVectors_OfATextTwiceTheFirstRowsStay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	m := retrieval.Model{Name: "m/16", Dims: 16}
	hash := sha256.Sum256([]byte("text"))
	vec := bag("text", 16)
	err := b.store.PutVectors(b.ctx, site, 1, m, []retrieval.ChunkVector{
		{Chunk: 1, Vec: vec, Hash: hash, Rows: []int8{1}}, {Chunk: 2, Vec: vec, Hash: hash, Rows: []int8{2}}, {Chunk: 3, Vec: vec, Hash: [32]byte{9}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.putTokens(site, m, hash, []int8{3})
	if got := b.tokensOf(site, m.Name, hash, [32]byte{9}); len(got) != 1 || got[hash].Rows[0] != 1 {
		t.Errorf("%v", got)
	}
	if n := b.count("chunk_vectors", site); n != 3 {
		t.Errorf("%d vectors, want 3", n)
	}
	// A chunk with neither is a mistake, not a chunk to pass over.
	if err := b.store.PutVectors(b.ctx, site, 1, m, []retrieval.ChunkVector{{Chunk: 4, Hash: hash}}); err == nil {
		t.Error("a chunk without a vector was taken")
	}
	// One bad vector writes no rows either.
	other := [32]byte{7}
	err = b.store.PutVectors(b.ctx, site, 1, m, []retrieval.ChunkVector{{Chunk: 5, Vec: vec, Hash: other, Rows: []int8{1}}, {Chunk: 6, Vec: make([]float32, 16)}})
	if err == nil || len(b.tokensOf(site, m.Name, other)) != 0 {
		t.Errorf("%v: rows of a call that failed are there", err)
	}
}

// Rows that an earlier version stored have no places: they serve until the next
// ingest, which is told that they are missing and puts both.
func TestPutVectors_RowsFromBeforePlacesAreReplacedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site := b.site("shop")
	m := retrieval.Model{Name: "m/16", Dims: 16}
	hash, other := sha256.Sum256([]byte("text")), sha256.Sum256([]byte("other"))
	b.putTokens(site, m, hash, []int8{1}, 4)
	b.putTokens(site, m, other, []int8{5}, 2)
	if _, err := b.store.pool.Exec(b.ctx, `UPDATE token_rows SET places = NULL WHERE site_id = $1 AND hash = $2`, site, hash[:]); err != nil {
		t.Fatal(err)
	}
	if left := b.without(site, m, hash, other); len(left) != 1 || left[0] != hash {
		t.Errorf("%d texts lack tokens with places, want 1", len(left))
	}
	if got := b.tokensOf(site, m.Name, hash)[hash]; !slices.Equal(got.Rows, []int8{1}) || got.Places != nil {
		t.Errorf("before: %+v", got)
	}
	b.putTokens(site, m, hash, []int8{2}, 8)
	b.putTokens(site, m, hash, []int8{3}, 9)
	if got := b.tokensOf(site, m.Name, hash)[hash]; !slices.Equal(got.Rows, []int8{2}) || !slices.Equal(got.Places, []uint16{8}) {
		t.Errorf("after: %+v", got)
	}
}

func textHash(a retrieval.Article) [32]byte {
	return sha256.Sum256([]byte(retrieval.EmbedText(a, (paragraphs{}).Split(a)[0])))
}

func TestCollect_TakesTokensThatNoKeptGenerationHoldsAndNoOthers(t *testing.T) {
	t.Parallel()
	p := setupPair(t)
	p.ingester = p.newPairIngester(2)
	site, other := p.site("shop"), p.site("other")
	a, b, c, d := article("a", "lid"), article("b", "spout"), article("c", "jug"), article("d", "tin")
	german := article("g", "deckel")
	german.Lang = "de"
	p.ingest(other, a)
	p.ingest(other, a, b)
	p.ingest(other, a, b, c, d) // under the same number as the last one below
	there := func(x retrieval.Article) int {
		return len(p.tokensOf(site, "first/16", textHash(x))) + len(p.tokensOf(site, "second/16", textHash(x)))
	}
	p.ingest(site, a, b, german)
	p.ingest(site, b, c)
	if there(a) != 2 || there(german) != 1 {
		t.Errorf("what a rollback would show again lacks tokens: %d and %d", there(a), there(german))
	}
	p.ingest(site, c, d) // the first one is no more kept
	for what, row := range map[string][2]int{"only in the first": {there(a), 0}, "German, only in the first": {there(german), 0}, "in the second": {there(b), 2}, "in both": {there(c), 2}, "new": {there(d), 2}} {
		if row[0] != row[1] {
			t.Errorf("%s: %d models have rows, want %d", what, row[0], row[1])
		}
	}
	if n := p.count("token_rows", other); n != 8 {
		t.Errorf("the other site has %d rows, had 8", n)
	}
	// Rolled back, everything is there that late interaction wants.
	if _, err := p.store.Rollback(p.ctx, site, 0); err != nil {
		t.Fatal(err)
	}
	for _, k := range p.find(p.needle(site, "spout")).List {
		for _, h := range k.Whole {
			if len(p.tokensOf(site, "second/16", h)) != 1 {
				t.Errorf("%s lacks its tokens after a rollback", k.ArticleID)
			}
		}
	}
}

func TestSites_RemovingOneLeavesNoTokenOfItAndAllOfTheOther(t *testing.T) {
	t.Parallel()
	p := setupPair(t)
	one, two := p.site("one"), p.site("two")
	p.ingest(one, article("kettle", "lid\n\nspout"))
	p.ingest(two, article("kettle", "lid\n\nspout"))
	tables := append(knowledgeTables(), "token_rows")
	before := map[string]int{}
	for _, table := range tables {
		if before[table] = p.count(table, two); before[table] == 0 {
			t.Fatalf("%s: nothing to remove", table)
		}
	}
	if err := p.store.RemoveSite(p.ctx, one); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if n := p.count(table, one); n != 0 {
			t.Errorf("%s: %d rows stay", table, n)
		}
		if n := p.count(table, two); n != before[table] {
			t.Errorf("%s: %d rows of the other site, were %d", table, n, before[table])
		}
	}
}
