package local

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// handMade is a head whose numbers can be followed: means along one axis, two
// tokens in front of a passage, one in front of a question, 7 and 8 empty.
func handMade(hidden int) *head {
	along := func(n, axis int, x float32) []float32 {
		v := make([]float32, n)
		v[axis] = x
		return v
	}
	return &head{
		pooled: map[Kind][]float32{Passage: along(hidden, 0, 0.5), Query: along(hidden, 1, 0.5)},
		tokens: map[Kind][]float32{Passage: along(TokenDims, 0, 0.25), Query: along(TokenDims, 1, 0.25)},
		edge:   map[Kind]int{Passage: 2, Query: 1},
		skip:   map[int32]bool{7: true, 8: true},
	}
}

// ofGraph is what a graph may give for tokens: rows of no special length.
func ofGraph(hidden int, ids ...int32) Vectors {
	rng := rand.New(rand.NewPCG(uint64(len(ids)), 5))
	v := Vectors{Pooled: make([]float32, hidden), TokenIDs: ids, TokenDims: TokenDims}
	for i := range v.Pooled {
		v.Pooled[i] = float32(rng.NormFloat64())
	}
	for i := range ids {
		v.Places = append(v.Places, int32(4*i))
	}
	v.Pooled, _ = unit(v.Pooled)
	for range len(ids) * TokenDims {
		v.Tokens = append(v.Tokens, float32(rng.NormFloat64())/8)
	}
	return v
}

func applied(t *testing.T, d *head, kind Kind, v Vectors) Vectors {
	t.Helper()
	if err := d.apply(kind, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestHead_TakesOffTheMeanOfItsSideAndMakesUnitVectors(t *testing.T) {
	t.Parallel()
	d := handMade(8)
	for kind, axis := range map[Kind]int{Passage: 0, Query: 1} {
		in := ofGraph(8, 1, 2, 3, 4, 5, 6)
		out := applied(t, d, kind, in)
		want := slices.Clone(in.Pooled)
		want[axis] -= 0.5
		if want, _ = unit(want); !slices.Equal(out.Pooled, want) {
			t.Errorf("%s: %v, want %v", kind, out.Pooled, want)
		}
		first := d.edge[kind]
		if !slices.Equal(out.TokenIDs, in.TokenIDs[first:5]) || out.TokenDims != TokenDims || len(out.Tokens) != TokenDims*len(out.TokenIDs) {
			t.Fatalf("%s: tokens %v, %d numbers of %d", kind, out.TokenIDs, len(out.Tokens), out.TokenDims)
		}
		for i := range out.TokenIDs {
			row := slices.Clone(in.Tokens[(first+i)*TokenDims:][:TokenDims])
			row[axis] -= 0.25
			want, _ := unit(row)
			if got := out.Tokens[i*TokenDims:][:TokenDims]; !slices.Equal(got, want) || math.Abs(cosine(got, got)-1) > 1e-6 {
				t.Errorf("%s, token %d: of length² %g", kind, i, cosine(got, got))
			}
		}
	}
}

func TestHead_LeavesOutMarksPrefixAndOfPassagesWhatIsEmpty(t *testing.T) {
	t.Parallel()
	d := handMade(8)
	for name, row := range map[string]struct {
		kind Kind
		ids  []int32
		want []int32
	}{
		"a passage":                          {Passage, []int32{1, 9, 3, 7, 4, 8, 2}, []int32{3, 4}},
		"the same as a question":             {Query, []int32{1, 3, 7, 4, 8, 2}, []int32{3, 7, 4, 8}},
		"a passage of nothing but signs":     {Passage, []int32{1, 9, 7, 8, 7, 2}, []int32{7, 8, 7}},
		"a question of nothing but signs":    {Query, []int32{1, 7, 8, 2}, []int32{7, 8}},
		"an empty passage: the marks remain": {Passage, []int32{1, 9, 2}, []int32{1, 9, 2}},
		"an empty question":                  {Query, []int32{1, 2}, []int32{1, 2}},
		"less than the prefix":               {Passage, []int32{1, 2}, []int32{1, 2}},
		"a single token":                     {Passage, []int32{1, 9, 5, 2}, []int32{5}},
	} {
		in := ofGraph(8, row.ids...)
		in.Truncated = true
		if got := applied(t, d, row.kind, in); !slices.Equal(got.TokenIDs, row.want) || !got.Truncated {
			t.Errorf("%s: %v, want %v", name, got.TokenIDs, row.want)
		}
	}
	// Asked without tokens, there are none, and their width is said all the same.
	if got := applied(t, d, Query, Vectors{Pooled: ofGraph(8).Pooled}); got.TokenDims != TokenDims || len(got.TokenIDs) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestHead_WhatLiesOnTheMeanHasNoDirection(t *testing.T) {
	t.Parallel()
	d := handMade(8)
	in := ofGraph(8, 1, 3, 4, 2)
	copy(in.Tokens[TokenDims:], d.tokens[Query]) // the first word
	in.Pooled = slices.Clone(d.pooled[Query])
	got := applied(t, d, Query, in)
	if !slices.Equal(got.TokenIDs, []int32{4}) || len(got.Tokens) != TokenDims {
		t.Errorf("tokens %v", got.TokenIDs)
	}
	if !slices.Equal(got.Pooled, d.pooled[Query]) {
		t.Errorf("%v: a text on the mean stays as it is", got.Pooled)
	}
}

func TestHead_AnyOutputKeepsItsShape(t *testing.T) {
	t.Parallel()
	d := handMade(8)
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfN(rapid.Int32Range(0, 9), 1, 20).Draw(rt, "ids")
		kind := rapid.SampledFrom([]Kind{Query, Passage}).Draw(rt, "kind")
		v := ofGraph(8, ids...)
		if err := d.apply(kind, &v); err != nil {
			rt.Fatal(err)
		}
		if len(v.TokenIDs) == 0 || len(v.Tokens) != TokenDims*len(v.TokenIDs) || math.Abs(cosine(v.Pooled, v.Pooled)-1) > 1e-6 {
			rt.Fatalf("%d tokens, %d numbers", len(v.TokenIDs), len(v.Tokens))
		}
	})
}

func TestEmptyPiece_IsSignsAndTheCommonestWords(t *testing.T) {
	t.Parallel()
	for piece, want := range map[string]bool{
		"the": true, "##the": true, "my": true, ".": true, "##-": true, "…": true, "€": true, "": true,
		"lid": false, "##s": false, "2": false, "ü": false, "水": false, "how": false, "without": false, "[CLS]": false, "not": true, "nothing": false,
	} {
		if got := emptyPiece(piece); got != want {
			t.Errorf("%q: %v", piece, got)
		}
	}
}

// The head of each model as it ships, beside its own tokenizer; no graph is run.
func TestHead_OfEachModelMatchesItsTokenizer(t *testing.T) {
	t.Parallel()
	f := folders(t)
	for _, s := range specs() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			m := &Model{spec: s}
			t.Cleanup(m.Close)
			if _, err := m.openSource(s.folder(f)); err != nil {
				t.Fatal(err)
			}
			for _, kind := range []Kind{Query, Passage} {
				if len(m.head.pooled[kind]) != m.Dims() || len(m.head.tokens[kind]) != TokenDims || TokenDims%16 != 0 {
					t.Errorf("%s: %d and %d numbers", kind, len(m.head.pooled[kind]), len(m.head.tokens[kind]))
				}
				for _, mean := range [][]float32{m.head.pooled[kind], m.head.tokens[kind]} {
					// The mean of unit vectors that lean one way: shorter than one, and not nothing.
					if n := cosine(mean, mean); !(n > 1e-4 && n < 1) {
						t.Errorf("%s: a mean of length² %g", kind, n)
					}
				}
				for _, text := range []string{"the lid, it leaks!", "Wie öffne ich den Deckel?", "?!…", "passage: query: lid", "[CLS] lid [SEP]", "7", strings.Repeat("lid ", 2000)} {
					ids, places, _ := m.tokenise(kind, text, true)
					alone := m.tokens.Encode(nil, text, s.maxTokens+1)
					words := alone[1 : len(alone)-1] // without the marks
					v := Vectors{Pooled: make([]float32, m.Dims()), TokenIDs: ids, Places: places, Tokens: make([]float32, len(ids)*TokenDims)}
					v.Pooled[0] = 1
					for i := range v.Tokens {
						v.Tokens[i] = float32(i%7) - 2
					}
					if err := m.head.apply(kind, &v); err != nil {
						t.Fatal(err)
					}
					if s.skips && kind == Passage {
						if kept := slices.DeleteFunc(slices.Clone(words), func(id int32) bool { return m.head.skip[id] }); len(kept) > 0 {
							words = kept
						}
					}
					if most := min(len(words), len(v.TokenIDs)); !slices.Equal(v.TokenIDs, words[:most]) || len(text) < 1000 && most < len(words) {
						t.Errorf("%s %.30q: tokens %v, want %v", kind, text, v.TokenIDs, words)
					}
					if len(v.Places) != len(v.TokenIDs) || !slices.IsSorted(v.Places) || int(v.Places[len(v.Places)-1]) > len(text) {
						t.Errorf("%s %.30q: places %v", kind, text, v.Places)
					}
					if at := strings.Index(text, "leaks"); at >= 0 && !slices.Contains(v.Places, int32(at)) {
						t.Errorf("%s %.30q: no token begins at %d, but at %v", kind, text, at, v.Places)
					}
				}
			}
			if (len(m.head.skip) > 0) != s.skips {
				t.Errorf("%d tokens are left out of passages", len(m.head.skip))
			}
		})
	}
}

func TestHead_OneOfAnotherSizeIsRefused(t *testing.T) {
	t.Parallel()
	s := specs()[0]
	s.sizes.hidden++
	if _, err := readHead(s); err == nil || !strings.Contains(err.Error(), s.head) {
		t.Errorf("%v", err)
	}
	s.head = "nothing.bin"
	if _, err := readHead(s); err == nil {
		t.Error("a head that is not there was read")
	}
}

func TestHead_TheMatrixTurnsAsTheAxesDo(t *testing.T) {
	t.Parallel()
	for _, s := range specs() {
		d, err := readHead(s)
		if err != nil {
			t.Fatal(err)
		}
		x := ofGraph(s.sizes.hidden).Pooled
		turned, m := d.turned(x), d.matrix()
		for a := range TokenDims {
			sum := 0.0
			for j, v := range x {
				sum += float64(v) * float64(m[j*TokenDims+a])
			}
			if math.Abs(sum-float64(turned[a])) > 1e-5 {
				t.Fatalf("%s, axis %d: %g and %g", s.name, a, sum, turned[a])
			}
			// Axes of unit length at right angles, as far as half precision goes.
			for b := range a + 1 {
				want := 0.0
				if a == b {
					want = 1
				}
				if got := cosine(d.axes[a], d.axes[b]); math.Abs(got-want) > 2e-3 {
					t.Fatalf("%s: axes %d and %d: %g", s.name, a, b, got)
				}
			}
		}
	}
}
