package model

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestLoad_WhatIsBuiltInIsWhole(t *testing.T) {
	t.Parallel()
	l, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if l.Origin.Command == "" || l.Origin.Date == "" || l.Origin.Data == "" || l.Origin.Messages == 0 || len(l.Origin.Scores) == 0 {
		t.Errorf("the weights do not say where they come from: %+v", l.Origin)
	}
	if !bytes.Equal(l.Channel.Memory.Bytes(), memoryBin) {
		t.Error("the memory is written otherwise than it is read")
	}
	if len(l.Articles.Features) != l.Channel.Memory.Full {
		t.Errorf("%d features of an article", len(l.Articles.Features))
	}
}

func TestRead_RefusesWhatIsDamaged(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func() ([]byte, []byte, []byte){
		"weights cut short": func() ([]byte, []byte, []byte) { return triageJSON[:100], generalJSON, memoryBin },
		"memory cut short":  func() ([]byte, []byte, []byte) { return triageJSON, generalJSON, memoryBin[:1000] },
		"no memory":         func() ([]byte, []byte, []byte) { return triageJSON, generalJSON, nil },
		"words of others":   func() ([]byte, []byte, []byte) { return triageJSON, []byte(`{"targets":["x"]}`), memoryBin },
		"no weights":        func() ([]byte, []byte, []byte) { return []byte(`{}`), generalJSON, memoryBin },
	} {
		if _, err := Read(f()); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestFit_FindsWhatTheDataSay(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	var list []Sample
	for range 3000 {
		x := []float64{rng.NormFloat64() * 3, rng.NormFloat64()}
		p := 1 / (1 + math.Exp(-(.5 + 1.2*x[0] - 2*x[1])))
		c := 0
		if rng.Float64() < p {
			c = 1
		}
		list = append(list, Sample{X: x, Class: c, Weight: 1})
	}
	m, err := Fit(list, []string{"no", "yes"}, []string{"a", "b"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	a, b := m.Weights[1][0]-m.Weights[0][0], m.Weights[1][1]-m.Weights[0][1]
	if math.Abs(a-1.2) > .15 || math.Abs(b+2) > .25 {
		t.Errorf("weights %.2f, %.2f; true ones 1.2, -2", a, b)
	}
	again, err := Fit(list, []string{"no", "yes"}, []string{"a", "b"}, 1)
	if err != nil || again.Weights[1][0] != m.Weights[1][0] {
		t.Errorf("another fit of the same: %v %v, %v", m.Weights[1][0], again.Weights[1][0], err)
	}
}

func TestSoftmax_ProbabilitiesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := Softmax{Classes: []string{"a", "b", "c"}, Features: []string{"x"}, Bias: []float64{0, 1, 2}, Weights: [][]float64{{1}, {-1}, {3}}}
		p := m.P([]float64{rapid.Float64Range(-1e6, 1e6).Draw(t, "x")})
		if sum := p[0] + p[1] + p[2]; math.Abs(sum-1) > 1e-9 {
			t.Errorf("%v", p)
		}
	})
}

// messages are made-up ones of three kinds, each in a direction of its own.
func messages(n int) []Labelled {
	rng := rand.New(rand.NewPCG(5, 6))
	texts := []string{"where is my parcel", "the lid is broken", "hello there friend"}
	var list []Labelled
	for i := range n {
		v := make([]float32, 80)
		for j := range v {
			v[j] = float32(rng.NormFloat64()) * .05
		}
		k := i % 3
		v[k] += 1
		list = append(list, Labelled{Text: texts[k], Vec: v, Marks: []uint8{0 | MarkAccount, 1, 3}[k]})
	}
	return list
}

func TestFitChannel_SameBytesTwiceAndTellsWhatItLearned(t *testing.T) {
	t.Parallel()
	list := messages(300)
	one, err := FitChannel(list)
	if err != nil {
		t.Fatal(err)
	}
	two, err := FitChannel(list)
	if err != nil || !bytes.Equal(one.Memory.Bytes(), two.Memory.Bytes()) {
		t.Fatalf("another fit gave other bytes: %v", err)
	}
	f := one.Features("the lid is broken again", list[1].Vec)
	if !(f["k_sv"] < -1 && f["w_sv"] < 0 && f["e_sv"] < 0 && f["w_account"] < 0) {
		t.Errorf("a message for support: %v", f)
	}
	if f := one.Features("where is my parcel?", list[0].Vec); !(f["k_account"] > .5 && f["e_account"] > 0 && f["q"] == 1) {
		t.Errorf("an account's matter: %v", f)
	}
	if f := one.Features("anything", nil); f["k_sv"] != 0 || f["e_sv"] != 0 {
		t.Errorf("without a vector: %v", f)
	}
}

// examples are rows of entries, each in a direction of its own.
func examples(entries, each int) (class []int, rows [][]float32) {
	rng := rand.New(rand.NewPCG(7, 8))
	for e := range entries {
		for range each {
			v := make([]float32, 64)
			for j := range v {
				v[j] = float32(rng.NormFloat64()) * .08
			}
			v[e] += 1
			length := float32(math.Sqrt(float64(Dot(v, v))))
			for j := range v {
				v[j] /= length
			}
			class, rows = append(class, e), append(rows, v)
		}
	}
	return class, rows
}

func TestList_TellsItsEntriesFromStrangersAndSurvivesBeingKept(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d", "e", "f"}
	class, rows := examples(7, 8) // the seventh is a stranger
	l, err := FitList([]string{"m"}, []int{64}, names, class[:48], rows[:48])
	if err != nil {
		t.Fatal(err)
	}
	data, err := l.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	again, err := FitList([]string{"m"}, []int{64}, names, class[:48], rows[:48])
	if err != nil {
		t.Fatal(err)
	}
	if b, err := again.Bytes(); err != nil || !bytes.Equal(b, data) {
		t.Errorf("the same examples gave another list: %v", err)
	}
	kept, err := ReadList(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 48 {
		told, ok := kept.Tell(rows[i])
		if !ok || told.Entries[0].ID != names[class[i]] {
			t.Fatalf("example %d of %s: %+v", i, names[class[i]], told.Entries[:2])
		}
	}
	known, _ := kept.Tell(rows[0])
	strange, _ := kept.Tell(rows[50])
	if !(strange.U[0] < known.U[0]) || !(strange.U[2] < known.U[2]) {
		t.Errorf("known %v, strange %v", known.U, strange.U)
	}
	if _, ok := kept.Tell(rows[0][:10]); ok {
		t.Error("a vector of another width was taken")
	}
	for _, bad := range [][]byte{nil, data[:20], bytes.Repeat([]byte{7}, 300)} {
		if _, err := ReadList(bad); err == nil {
			t.Error("a damaged list was read")
		}
	}
	if _, err := FitList([]string{"m"}, []int{64}, names[:2], class[:16], rows[:16]); err == nil {
		t.Error("two entries made a list")
	}
}

func TestSome_TakesAsManyOfEach(t *testing.T) {
	t.Parallel()
	class := make([]int, 10000)
	for i := range class {
		class[i] = i % 100
	}
	some := Some(class, 100)
	counts := map[int]int{}
	for _, i := range some {
		counts[class[i]]++
	}
	if len(some) > mostRows || len(counts) != 100 || counts[0] != counts[99] {
		t.Errorf("%d of %d, %d and %d", len(some), len(class), counts[0], counts[99])
	}
}
