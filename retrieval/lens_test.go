package retrieval

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval/dots"
)

// randomUnit is a direction.
func randomUnit(rng *rand.Rand, dims int) []float32 {
	v := make([]float32, dims)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	toUnit(v)
	return v
}

// crookedSites are businesses whose questions lie beside their answers in one
// and the same way: turned towards a direction of their own.
func crookedSites(seed uint64, n int) []LensSite {
	const dims = 12
	habit := randomUnit(rand.New(rand.NewPCG(9, 9)), dims)
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []LensSite
	for range n {
		s := LensSite{Articles: 20}
		for a := range s.Articles {
			c := randomUnit(rng, dims)
			s.Chunks, s.Article = append(s.Chunks, c), append(s.Article, a)
			q := slices.Clone(c)
			noise := randomUnit(rng, dims)
			for i := range q {
				q[i] += 1.2*habit[i]*float32(rng.NormFloat64()) + 0.3*noise[i]
			}
			toUnit(q)
			s.Questions = append(s.Questions, LensQuestion{Vec: q, Right: []int{a}})
		}
		out = append(out, s)
	}
	return out
}

// firsts is how many questions find their article first.
func firsts(sites []LensSite, l Lens) (n int) {
	for _, s := range sites {
		for _, q := range s.Questions {
			x := l.Through(q.Vec)
			best := 0
			for i, c := range s.Chunks {
				if dots.Dot(x, c) > dots.Dot(x, s.Chunks[best]) {
					best = i
				}
			}
			if slices.Contains(q.Right, s.Article[best]) {
				n++
			}
		}
	}
	return n
}

func TestFitLens_LearnsAHabitThatHoldsForBusinessesItHasNotSeen(t *testing.T) {
	t.Parallel()
	var losses []float64
	l := FitLens(crookedSites(1, 8), LensConfig{Chunk: 1}, func(_ int, loss float64) { losses = append(losses, loss) })
	if len(losses) != lensSteps || !(losses[lensSteps-1] < losses[0]) {
		t.Errorf("losses %v", losses)
	}
	unseen := crookedSites(2, 8)
	if with, without := firsts(unseen, l), firsts(unseen, Lens{}); with < without+8 {
		t.Errorf("%d of 160 unseen questions find their article, %d without a lens", with, without)
	}
	again := FitLens(crookedSites(1, 8), LensConfig{Chunk: 1}, func(int, float64) {})
	if a, b := mustJSON(t, l), mustJSON(t, again); a != b {
		t.Error("two fits to the same differ")
	}
}

// The gradient is what moving each number by a little does to the loss.
func TestLensFit_TheGradientIsTheLosssSlope(t *testing.T) {
	t.Parallel()
	f := newLensFit(crookedSites(3, 1)[0], LensConfig{Chunk: .4, Middle: .6})
	rng := rand.New(rand.NewPCG(4, 4))
	m := make([]float32, f.dims*f.dims)
	for i := range m {
		m[i] = float32(rng.NormFloat64()) / 10
	}
	f.step(m)
	grad := slices.Clone(f.grad)
	const by = 1e-3
	for range 40 {
		i := rng.IntN(len(m))
		was := m[i]
		m[i] = was + by
		f.step(m)
		up := f.loss
		m[i] = was - by
		f.step(m)
		m[i] = was
		if slope := (up - f.loss) / (2 * by); math.Abs(slope-float64(grad[i])) > 0.05*(1+math.Abs(slope)) {
			t.Errorf("number %d: slope %.4f, gradient %.4f", i, slope, grad[i])
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLens_KeepsUnitLengthAndSurvivesBeingWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		dims := rapid.IntRange(1, 40).Draw(t, "dims")
		m := make([]float32, dims*dims)
		for i := range m {
			m[i] = float32(rng.NormFloat64()) / 20
		}
		l := newLens(m, dims)
		q := randomUnit(rng, dims)
		before := slices.Clone(q)
		x := l.Through(q)
		if !slices.Equal(q, before) {
			t.Fatal("the question's own vector was changed")
		}
		if n := dots.Dot(x, x); math.Abs(float64(n)-1) > 1e-5 {
			t.Fatalf("length %g", n)
		}
		b, err := json.Marshal(Lenses{"a": l})
		if err != nil {
			t.Fatal(err)
		}
		var back Lenses
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(back.through("a/1/40", q), x) {
			t.Fatal("written and read it bends otherwise")
		}
		if !slices.Equal(back.through("b/1/40", q), q) {
			t.Fatal("it bends another model's vectors")
		}
	})
}

func TestLens_ADamagedOneIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no dimensions": `{"dims":0,"scale":"","rows":""}`, "too few rows": `{"dims":2,"scale":"AAAAAAAAAAA=","rows":"AAA="}`,
		"no base64": `{"dims":1,"scale":"?","rows":"AA=="}`, "a scale of NaN": `{"dims":1,"scale":"AADAfw==","rows":"AA=="}`,
		"a negative scale": `{"dims":1,"scale":"AACAvw==","rows":"AA=="}`,
	} {
		var l Lens
		if err := json.Unmarshal([]byte(text), &l); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func BenchmarkLens(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := make([]float32, 384*384)
	for i := range m {
		m[i] = float32(rng.NormFloat64()) / 100
	}
	l, q := newLens(m, 384), randomUnit(rng, 384)
	for b.Loop() {
		l.Through(q)
	}
}

// What is searched by and ranked is seen through the lens; who tells by the
// question's vector what it is about gets it as the embedder gave it.
func TestSearch_ComparesThroughTheLensAndHandsOnThePlainVector(t *testing.T) {
	t.Parallel()
	w := newTwoModels(t, nil, text{1, "en", "the lid leaks", []string{"the lid leaks"}})
	look := func() (NeedleVec, QuestionVector) {
		t.Helper()
		ev, err := w.searcher.Search(t.Context(), Query{Site: 1, Text: "lid", Lang: "en", Around: true})
		if err != nil {
			t.Fatal(err)
		}
		return w.store.needles[len(w.store.needles)-1].Vecs[0], ev.Around.Vectors[0]
	}
	before, plain := look()
	dims := len(before.Vec)
	m := make([]float32, dims*dims)
	m[0] = 1 // what counts first counts twice
	w.searcher.ranking.Lenses = Lenses{modelFamily(before.Model): newLens(m, dims)}
	bent, still := look()
	if slices.Equal(bent.Vec, before.Vec) || math.Abs(float64(dots.Dot(bent.Vec, bent.Vec))-1) > 1e-5 {
		t.Errorf("the search went by %v, before by %v", bent.Vec, before.Vec)
	}
	if !slices.Equal(still.Vec, plain.Vec) || !slices.Equal(plain.Vec, before.Vec) {
		t.Errorf("handed on %v, and %v before", still.Vec, plain.Vec)
	}
}
