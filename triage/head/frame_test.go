package head

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

// shifted are examples whose vectors are two blocks: rings far away from zero, beside
// numbers a hundred times as large that say nothing.
func shifted(n int) []Example {
	rng := rand.New(rand.NewPCG(7, 8))
	list := rings(n)
	for i := range list {
		v := list[i].Vec
		list[i].Vec = []float32{v[0]/100 + 3, v[1]/100 - 3, rng.Float32(), rng.Float32()}
		list[i].Signals = []float64{0}
	}
	return list
}

func blocks() FitConfig {
	cfg := config()
	cfg.Block = 2
	return cfg
}

func right(m *Model, list []Example) (n int) {
	for _, e := range list {
		if (m.Read(Message{Vec: e.Vec, Signals: e.Signals}).P >= 0.5) == (e.Class == 1) {
			n++
		}
	}
	return n
}

func TestFit_BlocksAreLearnedFromWhereverTheyLie(t *testing.T) {
	t.Parallel()
	list := shifted(600)
	m, err := Fit(list, blocks())
	if err != nil {
		t.Fatal(err)
	}
	if n := right(m, list); n < 510 {
		t.Errorf("%d of 600 are right", n)
	}
	as := config()
	plain, err := Fit(list, as)
	if err != nil {
		t.Fatal(err)
	}
	if n := right(plain, list); n > 450 {
		t.Errorf("%d of 600 are right as they come: the test would see no frame", n)
	}
}

func TestFit_BlocksGiveTheSameBytesAndReadBack(t *testing.T) {
	t.Parallel()
	list := shifted(200)
	var last string
	for range 2 {
		unseen, err := Validate(list, blocks(), 3, Fold(3))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Fit(list, blocks())
		if err != nil {
			t.Fatal(err)
		}
		m.Calibrate(list, unseen)
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if last != "" && last != string(data) {
			t.Fatal("another fit gave other bytes")
		}
		last = string(data)
		back, err := Read(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			x := Message{Vec: e.Vec, Signals: e.Signals}
			if a, b := m.Read(x).P, back.Read(x).P; math.Abs(a-b) > 1e-9 {
				t.Fatalf("%v was %v", b, a)
			}
		}
	}
}

func TestFit_RefusesBlocksThatDoNotFit(t *testing.T) {
	t.Parallel()
	cfg := config()
	for _, cfg.Block = range []int{3, -2} {
		if _, err := Fit(shifted(50), cfg); err == nil {
			t.Errorf("vectors of 4 numbers in blocks of %d", cfg.Block)
		}
	}
}
