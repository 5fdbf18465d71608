package embed

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

const (
	textDims = 384
	rowDims  = 64
)

// row is what a server with token vectors answers a text with: the text's
// vector, then for each token its number and its vector.
func row(text string, ids ...int32) []float32 {
	out := fakemodel.Hashed(text, textDims)
	for _, id := range ids {
		out = append(out, float32(id), float32(len(text)/2))
		out = append(out, fakemodel.Hashed(text+string('a'+id%26), rowDims)...)
	}
	return out
}

// withTokens is a fake of our own server, and a client of it.
func withTokens(t *testing.T, rows map[string][]float32) bundle {
	t.Helper()
	return setup(t, fakemodel.Config{Model: PrivateEnglish, Vectors: rows}, nil)
}

func TestTokens_EachAnswerIsTakenApart(t *testing.T) {
	t.Parallel()
	rows := map[string][]float32{"lid leaks": row("lid leaks", 7, 30521, 0), "one": row("one", 101), "bare": row("bare")}
	b := withTokens(t, rows)
	if b.client.TokenDims() != rowDims {
		t.Fatalf("%d numbers a token", b.client.TokenDims())
	}
	for _, kind := range []retrieval.EmbedKind{retrieval.EmbedQuery, retrieval.EmbedPassage} {
		got, err := b.client.EmbedTokens(t.Context(), kind, []string{"one", "lid leaks", "bare"})
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range []string{"one", "lid leaks", "bare"} {
			want := rows[text]
			if !slices.Equal(got[i].Vec, want[:textDims]) || cap(got[i].Vec) > textDims+8 {
				t.Errorf("%s: a vector of %d numbers, room for %d", text, len(got[i].Vec), cap(got[i].Vec))
			}
			for k, rest := 0, want[textDims:]; len(rest) > 0; k, rest = k+1, rest[2+rowDims:] {
				if got[i].Tokens[k] != int32(rest[0]) {
					t.Errorf("%s: token %d is %d, want %g", text, k, got[i].Tokens[k], rest[0])
				}
				for d, x := range rest[2 : 2+rowDims] {
					if q := float64(got[i].Rows[k*rowDims+d]); math.Abs(q/retrieval.TokenScale-float64(x)) > 0.5/retrieval.TokenScale+1e-6 {
						t.Fatalf("%s: token %d, number %d is %g, want %g × %d", text, k, d, q, x, retrieval.TokenScale)
					}
				}
			}
		}
		if len(got[0].Tokens) != 1 || len(got[1].Tokens) != 3 || len(got[2].Tokens) != 0 || len(got[2].Rows) != 0 {
			t.Errorf("%d, %d and %d tokens", len(got[0].Tokens), len(got[1].Tokens), len(got[2].Tokens))
		}
	}
}

// A passage's places are told from its end, also where what was sent lacks the
// spaces in front; a question's are nobody's business.
func TestTokens_PlacesOfPassagesAreCountedFromTheEnd(t *testing.T) {
	t.Parallel()
	b := withTokens(t, map[string][]float32{"lid leaks": row("lid leaks", 7, 8)}) // both at byte 4 of 9
	for text, want := range map[string]uint16{"lid leaks": 5, "\n lid leaks": 5} {
		got, err := b.client.EmbedTokens(t.Context(), retrieval.EmbedPassage, []string{text})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got[0].Places, []uint16{want, want}) {
			t.Errorf("%q: places %v, want %d", text, got[0].Places, want)
		}
	}
	if got, err := b.client.EmbedTokens(t.Context(), retrieval.EmbedQuery, []string{"lid leaks"}); err != nil || got[0].Places != nil {
		t.Errorf("%v: a question has places %v", err, got[0].Places)
	}
}

func TestTokens_AreStoredOnAFixedScaleAndCutOffAtItsEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float32Range(-1, 1), 4, 4).Draw(rt, "row")
		e := encoded(append([]float32{1, 9, 3}, xs...), 1, 0, 4)
		for i, x := range xs {
			want := math.RoundToEven(float64(x) * 254)
			if got := float64(e.Rows[i]); got != max(-127, min(127, want)) {
				rt.Fatalf("%g became %g", x, got)
			}
		}
	})
	// −128 has no counterpart, and would upset what multiplies in pairs.
	if e := encoded([]float32{1, 9, 3, -1, 1, 0.5, -0.5}, 1, 0, 4); !slices.Equal(e.Rows, []int8{-127, 127, 127, -127}) {
		t.Errorf("%v", e.Rows)
	}
}

func TestTokens_EmbedGivesTheTextsVectorAlone(t *testing.T) {
	t.Parallel()
	rows := map[string][]float32{"lid": row("lid", 1, 2), "spout": row("spout", 3)}
	b := withTokens(t, rows)
	got, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, []string{"lid", "spout"})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"lid", "spout"} {
		if !slices.Equal(got[i], rows[text][:textDims]) || cap(got[i]) > textDims+8 {
			t.Errorf("%s: %d numbers, room for %d: the tokens would stay in memory", text, len(got[i]), cap(got[i]))
		}
	}
	if m := b.client.Model(); m.Dims != textDims {
		t.Errorf("model %+v", m)
	}
}

func TestTokens_ManyBatchesKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	rows := map[string][]float32{}
	var texts []string
	for i := range 23 {
		text := strings.Repeat("x", i+1)
		texts = append(texts, text)
		rows[text] = row(text, make([]int32, i%5)...)
		for k := range i % 5 {
			rows[text][textDims+k*(2+rowDims)] = float32(100*i + k)
		}
	}
	got, err := withTokens(t, rows).client.EmbedTokens(t.Context(), retrieval.EmbedPassage, texts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		if len(got[i].Tokens) != i%5 || i%5 > 0 && got[i].Tokens[0] != int32(100*i) {
			t.Errorf("text %d: tokens %v", i, got[i].Tokens)
		}
	}
}

func TestTokens_BadRowsAreRefusedWithAClearWord(t *testing.T) {
	t.Parallel()
	change := func(edit func([]float32) []float32) []float32 { return edit(row("lid", 1, 2)) }
	set := func(at int, x float64) []float32 {
		return change(func(r []float32) []float32 { r[textDims+at] = float32(x); return r })
	}
	for name, tc := range map[string]struct {
		row  []float32
		code string
		says string
	}{
		"a number too few":          {change(func(r []float32) []float32 { return r[:len(r)-1] }), CodeDims, "no rows of tokens"},
		"a number too many":         {change(func(r []float32) []float32 { return append(r, 0) }), CodeDims, "no rows of tokens"},
		"rows without their number": {change(func(r []float32) []float32 { return r[:textDims+rowDims] }), CodeDims, "no rows of tokens"},
		"NaN in a row":              {set(5, math.NaN()), CodeNumber, "a number that is none"},
		"infinity in a row":         {set(rowDims, math.Inf(1)), CodeNumber, "a number that is none"},
		"NaN for a token":           {set(0, math.NaN()), CodeNumber, "a number that is none"},
		"infinity for a token":      {set(0, math.Inf(1)), CodeNumber, "a number that is none"},
		"half a token":              {set(0, 1.5), CodeDims, "a token that has no number"},
		"a token below 0":           {set(2+rowDims, -1), CodeDims, "a token that has no number"},
		"a token beyond counting":   {set(0, 1<<24+2), CodeDims, "a token that has no number"},
		"half a place":              {set(1, 0.5), CodeDims, "no place"},
		"a place before the text":   {set(3+rowDims, -1), CodeDims, "no place"},
		"a token beyond everything": {set(0, 1e30), CodeDims, "a token that has no number"},
		"NaN in the text's vector":  {change(func(r []float32) []float32 { r[3] = float32(math.NaN()); return r }), CodeNumber, "a number that is none"},
		"zeros for the text":        {change(func(r []float32) []float32 { clear(r[:textDims]); return r }), CodeZero, "no vector for this text"},
		"less than the text's own":  {change(func(r []float32) []float32 { return r[:textDims-1] }), CodeDims, "383 numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := withTokens(t, map[string][]float32{"lid": tc.row})
			got, err := b.client.EmbedTokens(t.Context(), retrieval.EmbedQuery, []string{"good", "lid"})
			if e := wantCode(t, err, fault.Invalid, tc.code); got != nil || !strings.Contains(e.Public, tc.says) {
				t.Errorf("%d answers, and it says %q", len(got), e.Public)
			}
			// Embed takes no such answer either: the server is out of order.
			if _, err := withTokens(t, map[string][]float32{"lid": tc.row}).client.Embed(t.Context(), retrieval.EmbedQuery, []string{"lid"}); err == nil {
				t.Error("Embed took it")
			}
		})
	}
}

func TestTokens_AModelOfSomebodyElseGivesNone(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{Vectors: map[string][]float32{"lid": row("lid", 1)}}, func(c *Config) { c.Dims = textDims })
	if b.client.TokenDims() != 0 {
		t.Errorf("%d numbers a token", b.client.TokenDims())
	}
	got, err := b.client.EmbedTokens(t.Context(), retrieval.EmbedQuery, []string{"spout"})
	if err != nil || len(got) != 1 || len(got[0].Vec) != textDims || len(got[0].Tokens) != 0 {
		t.Errorf("%v", err)
	}
	_, err = b.client.EmbedTokens(t.Context(), retrieval.EmbedQuery, []string{"lid"})
	wantCode(t, err, fault.Invalid, CodeDims)
}

// tokenStub is an Embedder in memory with tokens: a row for each letter.
type tokenStub struct {
	stub
	withTokens atomic.Int64
}

func (s *tokenStub) TokenDims() int { return 2 }

func (s *tokenStub) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	s.withTokens.Add(1)
	vecs, err := s.Embed(ctx, kind, texts)
	out := make([]retrieval.Encoded, len(vecs))
	for i, v := range vecs {
		out[i].Vec = v
		for _, b := range []byte(texts[i]) {
			out[i].Tokens, out[i].Rows = append(out[i].Tokens, int32(b)), append(out[i].Rows, int8(b%100), int8(i))
		}
	}
	return out, err
}

func TestCache_KeepsTokensWithTheVectorAndCountsTheirBytes(t *testing.T) {
	t.Parallel()
	next := &tokenStub{}
	c := cache(t, next, 3)
	if c.TokenDims() != 2 || cache(t, &stub{}, 1).TokenDims() != 0 {
		t.Error("the width of a token's vector is not the next one's")
	}
	// First without: the tokens must be there all the same, from the one run.
	if _, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{"lid"}); err != nil {
		t.Fatal(err)
	}
	got, err := c.EmbedTokens(t.Context(), retrieval.EmbedQuery, []string{"lid", "spout", "lid"})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"lid", "spout", "lid"} {
		if len(got[i].Tokens) != len(text) || got[i].Tokens[0] != int32(text[0]) || len(got[i].Rows) != 2*len(text) {
			t.Errorf("%s: tokens %v, %d numbers", text, got[i].Tokens, len(got[i].Rows))
		}
	}
	if s := c.Stats(); next.calls.Load() != 2 || s.Hits != 2 || s.Misses != 2 {
		t.Errorf("%d calls, %+v", next.calls.Load(), s)
	}
	entry := func(text string) int64 { return entryOverhead + 4*4 + 4*int64(len(text)) + 2*int64(len(text)) }
	if want, s := entry("lid")+entry("spout"), c.Stats(); s.Bytes != want || s.Entries != 2 {
		t.Errorf("%d bytes in %d entries, want %d in 2", s.Bytes, s.Entries, want)
	}
	for _, text := range []string{"kettle", "jug", strings.Repeat("long ", 100)} {
		if _, err := c.EmbedTokens(t.Context(), retrieval.EmbedQuery, []string{text}); err != nil {
			t.Fatal(err)
		}
	}
	if want, s := entry("kettle")+entry("jug")+entry(strings.Repeat("long ", 100)), c.Stats(); s.Bytes != want || s.Entries != 3 {
		t.Errorf("%d bytes in %d entries, want %d in 3", s.Bytes, s.Entries, want)
	}
	// Passages go past it, tokens and all.
	p, err := c.EmbedTokens(t.Context(), retrieval.EmbedPassage, []string{"lid"})
	if err != nil || len(p[0].Tokens) != 3 || c.Stats().Entries != 3 {
		t.Errorf("%+v %v", p, err)
	}
}

func TestCache_BeforeAnEmbedderWithoutTokensGivesNone(t *testing.T) {
	t.Parallel()
	c := cache(t, &stub{}, 3)
	for _, kind := range []retrieval.EmbedKind{retrieval.EmbedQuery, retrieval.EmbedPassage} {
		got, err := c.EmbedTokens(t.Context(), kind, []string{"lid"})
		if err != nil || len(got) != 1 || len(got[0].Vec) != 4 || got[0].Tokens != nil {
			t.Errorf("%+v %v", got, err)
		}
	}
}

// depthsRow is row with what an inner layer makes of the text behind its vector.
func depthsRow(text string, deep int, ids ...int32) []float32 {
	r := row(text, ids...)
	return slices.Concat(r[:textDims], fakemodel.Hashed("deep "+text, deep), r[textDims:])
}

func TestTokens_WhatInnerLayersMakeOfAQuestionComesWithIt(t *testing.T) {
	t.Parallel()
	const deep = 384
	rows := map[string][]float32{
		"lid leaks": depthsRow("lid leaks", deep, 7, 9), "none": depthsRow("none", deep),
		"a passage": row("a passage", 3), // and what an encoder of before answers
	}
	b := setup(t, fakemodel.Config{Model: PrivateModel, Vectors: rows}, nil)
	if b.client.DepthDims() != deep {
		t.Fatalf("%d numbers of inner layers", b.client.DepthDims())
	}
	for _, e := range []retrieval.Embedder{b.client, cacheOf(t, b.client)} {
		got, err := retrieval.Encode(t.Context(), e, retrieval.EmbedQuery, []string{"lid leaks", "none", "a passage"})
		if err != nil {
			t.Fatal(err)
		}
		if retrieval.DepthDims(e) != deep {
			t.Errorf("%T says %d", e, retrieval.DepthDims(e))
		}
		for i, text := range []string{"lid leaks", "none", "a passage"} {
			if !slices.Equal(got[i].Vec, rows[text][:textDims]) {
				t.Errorf("%s: another vector", text)
			}
			if text != "a passage" && !slices.Equal(got[i].Depths, rows[text][textDims:textDims+deep]) {
				t.Errorf("%s: %d numbers of inner layers", text, len(got[i].Depths))
			}
		}
		if !slices.Equal(got[0].Tokens, []int32{7, 9}) || len(got[1].Tokens) != 0 || !slices.Equal(got[2].Tokens, []int32{3}) || got[2].Depths != nil {
			t.Errorf("tokens %v, %v and %v, %d numbers", got[0].Tokens, got[1].Tokens, got[2].Tokens, len(got[2].Depths))
		}
	}
	// What is no number in them is no answer.
	rows["lid leaks"][textDims+5] = float32(math.Inf(1))
	broken := setup(t, fakemodel.Config{Model: PrivateModel, Vectors: rows}, nil)
	_, err := broken.client.EmbedTokens(t.Context(), retrieval.EmbedQuery, []string{"lid leaks"})
	wantCode(t, err, fault.Invalid, CodeNumber)
}

func cacheOf(t *testing.T, next retrieval.Embedder) *Cache {
	t.Helper()
	c, err := NewCache(next, CacheConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
