package local

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

const toyDims = 80

// toyBare is a model that nothing can be encoded with, of a width of its own.
func toyBare() *Bare {
	s := specs()[0]
	s.sizes.hidden = toyDims
	return &Bare{m: &Model{spec: s, head: handMade(toyDims), width: toyDims}}
}

// toyPair is a question and its passage: the same direction, which only the first
// 20 numbers hold, under noise in all of them; and all questions lean one way, all
// passages another.
func toyPair(rng *rand.Rand) map[Kind]Vectors {
	own := make([][]float64, 4) // the text's and three tokens'
	for i := range own {
		own[i] = make([]float64, 20)
		for j := range own[i] {
			own[i][j] = rng.NormFloat64()
		}
	}
	out := map[Kind]Vectors{}
	for _, kind := range []Kind{Query, Passage} {
		lean := 3
		if kind == Passage {
			lean = 7
		}
		row := func(i int) []float32 {
			v := make([]float32, toyDims)
			for j := range v {
				v[j] = float32(0.8 * rng.NormFloat64())
				if j < 20 {
					v[j] += float32(own[i][j])
				}
			}
			v[lean] += 12
			u, _ := unit(v)
			return u
		}
		v := Vectors{Pooled: row(0), TokenDims: toyDims, TokenIDs: []int32{1, 3, 4, 5, 2}, Places: make([]int32, 5)}
		if kind == Passage {
			v.TokenIDs, v.Places = []int32{1, 9, 3, 4, 5, 2}, make([]int32, 6)
		}
		for i := range v.TokenIDs {
			at := i - len(v.TokenIDs) + 5 // of the three words 1 to 3, of marks none
			if at < 1 || at > 3 {
				at = 0
			}
			v.Tokens = append(v.Tokens, row(at)...)
		}
		out[kind] = v
	}
	return out
}

func toyPairs(seed uint64, n int) []map[Kind]Vectors {
	rng := rand.New(rand.NewPCG(seed, 9))
	out := make([]map[Kind]Vectors, n)
	for i := range out {
		out[i] = toyPair(rng)
	}
	return out
}

func toySums(b *Bare, pairs []map[Kind]Vectors) *HeadSums {
	var s HeadSums
	for _, p := range pairs {
		b.Add(&s, Query, p[Query])
		b.Add(&s, Passage, p[Passage])
	}
	return &s
}

// firsts is the part of the pairs whose passage is the nearest to its question.
func firsts(t *testing.T, pairs []map[Kind]Vectors, apply func(Kind, Vectors) (Vectors, error), near func(q, p Vectors) float64) float64 {
	t.Helper()
	var qs, ps []Vectors
	for _, pair := range pairs {
		q, err := apply(Query, pair[Query])
		if err != nil {
			t.Fatal(err)
		}
		p, err := apply(Passage, pair[Passage])
		if err != nil {
			t.Fatal(err)
		}
		qs, ps = append(qs, q), append(ps, p)
	}
	right := 0.0
	for i, q := range qs {
		best := 0
		for j := range ps {
			if near(q, ps[j]) > near(q, ps[best]) {
				best = j
			}
		}
		if best == i {
			right++
		}
	}
	return right / float64(len(pairs))
}

func byText(q, p Vectors) float64 { return cosine(q.Pooled, p.Pooled) }

func byTokens(q, p Vectors) float64 {
	sum := 0.0
	for i := range q.TokenIDs {
		best := math.Inf(-1)
		for j := range p.TokenIDs {
			best = max(best, cosine(q.Tokens[i*q.TokenDims:][:q.TokenDims], p.Tokens[j*p.TokenDims:][:p.TokenDims]))
		}
		sum += best
	}
	return sum
}

func TestLearn_AHeadFindsMoreOfWhatItHasNotSeen(t *testing.T) {
	t.Parallel()
	b := toyBare()
	file, err := toySums(b, toyPairs(1, 400)).Learn()
	if err != nil {
		t.Fatal(err)
	}
	h, err := b.Head(file)
	if err != nil {
		t.Fatal(err)
	}
	unseen := toyPairs(2, 60)
	none := func(k Kind, v Vectors) (Vectors, error) { return b.Kept(k, v), nil }
	for name, near := range map[string]func(q, p Vectors) float64{"texts": byText, "tokens": byTokens} {
		before, after := firsts(t, unseen, none, near), firsts(t, unseen, h.Apply, near)
		if after < before+0.1 {
			t.Errorf("by %s: %.2f right without a head, %.2f with", name, before, after)
		}
	}
	again, err := toySums(b, toyPairs(1, 400)).Learn()
	if err != nil || !bytes.Equal(again, file) {
		t.Errorf("another head of the same texts: %v", err)
	}
	other, err := toySums(b, toyPairs(3, 400)).Learn()
	if err != nil {
		t.Fatal(err)
	}
	o, err := b.Head(other)
	if err != nil {
		t.Fatal(err)
	}
	if means, axes := h.Likeness(h); math.Abs(means-1) > 1e-6 || math.Abs(axes-1) > 1e-3 {
		t.Errorf("like itself: %g, %g", means, axes)
	}
	if means, axes := h.Likeness(o); means > 0.99999 || means < 0.9 || axes > 0.99 || axes < float64(20)/TokenDims {
		t.Errorf("like one of other texts: %g, %g", means, axes)
	}
}

func TestLearn_BusinessesAddUpAndOneThatIsLeftOutWasNeverSeen(t *testing.T) {
	t.Parallel()
	b := toyBare()
	one, two := toyPairs(1, 30), toyPairs(2, 40)
	learn := func(s *HeadSums) []byte {
		file, err := s.Learn()
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	var joined HeadSums
	joined.Join(toySums(b, one))
	if !bytes.Equal(learn(&joined), learn(toySums(b, one))) {
		t.Error("one business alone is learned otherwise than by itself")
	}
	joined.Join(toySums(b, two))
	if joined.Texts(Query) != 70 || joined.Texts(Passage) != 70 {
		t.Errorf("%d questions, %d passages", joined.Texts(Query), joined.Texts(Passage))
	}
	h, err := b.Head(learn(&joined))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := b.Head(learn(toySums(b, slices.Concat(one, two))))
	if err != nil {
		t.Fatal(err)
	}
	if means, axes := h.Likeness(whole); means < 0.99999 || axes < 0.999 {
		t.Errorf("in parts and whole: %g, %g", means, axes)
	}
}

func TestLearn_OfTooLittleIsNoHead(t *testing.T) {
	t.Parallel()
	b := toyBare()
	var empty, questions HeadSums
	for range 100 {
		b.Add(&questions, Query, toyPairs(1, 1)[0][Query])
	}
	for name, s := range map[string]*HeadSums{"nothing": &empty, "questions alone": &questions, "few tokens": toySums(b, toyPairs(1, TokenDims/3))} {
		if _, err := s.Learn(); !errors.Is(err, ErrTooLittle) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrincipalAxes_AreThoseOfTheCovariance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.IntRange(2, 24).Draw(rt, "size")
		n := rapid.IntRange(1, size).Draw(rt, "axes")
		directions := rapid.IntRange(1, size).Draw(rt, "directions") // fewer than size: some of it is flat
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		cov := make([]float64, size*size)
		for range directions {
			v := make([]float64, size)
			for i := range v {
				v[i] = rng.NormFloat64()
			}
			for i := range size {
				for j := range size {
					cov[i*size+j] += v[i] * v[j]
				}
			}
		}
		axes := principalAxes(slices.Clone(cov), size, n)
		before := math.Inf(1)
		for a, axis := range axes {
			image, length, along := make([]float64, size), 0.0, 0.0
			for i := range size {
				for j := range size {
					image[i] += cov[i*size+j] * axis[j]
				}
				length += axis[i] * axis[i]
				along += image[i] * axis[i]
			}
			if a >= directions {
				continue // nothing is left to find
			}
			if math.Abs(length-1) > 1e-9 || along > before*(1+1e-9) {
				rt.Fatalf("axis %d: length² %g, %g along it after %g", a, length, along, before)
			}
			before = along
			for i := range size { // the covariance only stretches it
				if math.Abs(image[i]-along*axis[i]) > 1e-7*(1+along) {
					rt.Fatalf("axis %d is turned: %g and %g", a, image[i], along*axis[i])
				}
			}
			if most := slices.MaxFunc(axis, func(x, y float64) int { return int(math.Copysign(1, math.Abs(x)-math.Abs(y))) }); most < 0 {
				rt.Fatalf("axis %d points the other way: %v", a, axis)
			}
			for b := range a {
				dot := 0.0
				for i := range size {
					dot += axis[i] * axes[b][i]
				}
				if math.Abs(dot) > 1e-7 {
					rt.Fatalf("axes %d and %d: %g", a, b, dot)
				}
			}
		}
	})
}

func TestFloatToHalf_IsTheNearest(t *testing.T) {
	t.Parallel()
	for h := range 1 << 16 {
		f := halfToFloat(uint16(h))
		if f-f != 0 {
			continue
		}
		if got := floatToHalf(f); got != uint16(h) {
			t.Fatalf("%#04x is %g, which is %#04x", h, f, got)
		}
		if next := halfToFloat(uint16(h) + 1); h&0x7fff < 0x7bff { // the two between which a number lies
			for _, part := range []float32{0.25, 0.75} {
				want := uint16(h)
				if part > 0.5 {
					want++
				}
				if got := floatToHalf(f + part*(next-f)); got != want {
					t.Fatalf("%g between %g and %g is %#04x, want %#04x", f+part*(next-f), f, next, got, want)
				}
			}
		}
	}
	for f, want := range map[float32]uint16{65519: 0x7bff, 65520: 0x7c00, -1e9: 0xfc00, float32(math.Inf(1)): 0x7c00} {
		if got := floatToHalf(f); got != want {
			t.Errorf("%g: %#04x, want %#04x", f, got, want)
		}
	}
	if got := halfToFloat(floatToHalf(float32(math.NaN()))); got == got {
		t.Errorf("no number became %g", got)
	}
	v := []float32{0, 1, -0.5, 0.333}
	for i, x := range FromHalves(Halves(v)) {
		if math.Abs(float64(x-v[i])) > 1e-3 {
			t.Errorf("%g became %g", v[i], x)
		}
	}
}

// With the head that ships a bare model says what the served one says: what is
// measured on the one holds for the other.
func TestBare_WithTheBuiltInHeadIsWhatIsServed(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	for _, name := range Models() {
		b, err := OpenBare(t.Context(), lib, f, name, MakeConfig{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		file, err := BuiltInHead(name)
		if err != nil {
			t.Fatal(err)
		}
		h, err := b.Head(file)
		if err != nil {
			t.Fatal(err)
		}
		m := open(t, lib, f, name)
		tokens, err := OpenTokens(f, name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(tokens.Close)
		for _, kind := range []Kind{Query, Passage} {
			for _, text := range []string{"How do I send the kettle back, please?", "Wie öffne ich den Deckel?", "?", ""} {
				raw, err := b.Encode(t.Context(), kind, text)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(tokens.IDs(kind, text), raw.TokenIDs) {
					t.Errorf("%s, %s %q: tokens %v and %v", name, kind, text, tokens.IDs(kind, text), raw.TokenIDs)
				}
				got, err := h.Apply(kind, raw)
				if err != nil {
					t.Fatal(err)
				}
				want := encode(t, m, kind, text)
				if !slices.Equal(got.TokenIDs, want.TokenIDs) || !slices.Equal(got.Places, want.Places) || got.TokenDims != want.TokenDims {
					t.Errorf("%s, %s %q: tokens %v, want %v", name, kind, text, got.TokenIDs, want.TokenIDs)
				}
				if c := cosine(got.Pooled, want.Pooled); c < 0.99999 {
					t.Errorf("%s, %s %q: cosine %g", name, kind, text, c)
				}
				for i := range got.TokenIDs {
					if c := cosine(got.Tokens[i*TokenDims:][:TokenDims], want.Tokens[i*TokenDims:][:TokenDims]); c < 0.9999 {
						t.Errorf("%s, %s %q, token %d: cosine %g", name, kind, text, i, c)
					}
				}
				if kept := b.Kept(kind, raw); !slices.Equal(kept.TokenIDs, want.TokenIDs) || len(kept.Tokens) != len(kept.TokenIDs)*b.Dims() {
					t.Errorf("%s, %s %q: kept %v", name, kind, text, kept.TokenIDs)
				}
			}
		}
	}
}

func TestOpenBare_MakesAnewWhatWasDamaged(t *testing.T) {
	t.Parallel()
	f := folders(t)
	lib := library(t, f)
	openBare := func() *Bare {
		t.Helper()
		b, err := OpenBare(t.Context(), lib, f, MiniLM, MakeConfig{})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := openBare()
	first.Close()
	graphs, err := filepath.Glob(filepath.Join(f.Made, "bare-*", MiniLM, weightsFile))
	if err != nil || len(graphs) != 1 {
		t.Fatalf("%v, %v", graphs, err)
	}
	if err := os.Truncate(graphs[0], 1000); err != nil {
		t.Fatal(err)
	}
	second := openBare()
	defer second.Close()
	if _, err := second.Encode(t.Context(), Query, "kettle"); err != nil || second.Made() != first.Made() {
		t.Errorf("%s after %s: %v", second.Made(), first.Made(), err)
	}
	if _, err := second.Head(make([]byte, 100)); err == nil {
		t.Error("a file of another size was taken for a head")
	}
	f.MiniLM = t.TempDir()
	if err := os.RemoveAll(f.Made); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenBare(t.Context(), lib, f, MiniLM, MakeConfig{}); err == nil {
		t.Error("a model without weights was opened")
	}
	if _, err := OpenTokens(f, MiniLM); err == nil {
		t.Error("a tokenizer without its files was opened")
	}
}
