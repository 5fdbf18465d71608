package head

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// spelled are examples whose vectors say nothing: one piece of writing is in
// nine of ten of class 1 and in one of ten others.
func spelled(n int) []Example {
	rng := rand.New(rand.NewPCG(7, 8))
	var out []Example
	for i := range n {
		e := Example{
			Vec: []float32{float32(rng.NormFloat64()), 1}, Signals: []float64{0}, Weight: 1, Class: i % 2,
			Group: string(rune('a' + i%9)),
		}
		for range 20 {
			e.Grams = append(e.Grams, uint16(100+rng.IntN(400)))
		}
		if (rng.Float64() < 0.9) == (e.Class == 1) {
			e.Grams = append(e.Grams, 7, 7)
		}
		slices.Sort(e.Grams)
		out = append(out, e)
	}
	return out
}

func fitted(t *testing.T, list []Example) (*Model, []Unseen) {
	t.Helper()
	unseen, err := Validate(list, config(), 3, Fold(3))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Fit(list, config())
	if err != nil {
		t.Fatal(err)
	}
	m.Calibrate(list, unseen)
	return m, unseen
}

func TestSpelling_SaysWhatTheVectorDoesNot(t *testing.T) {
	t.Parallel()
	list := spelled(600)
	m, unseen := fitted(t, list)
	right := 0
	for i, u := range unseen {
		if (u.P >= 0.5) == (list[i].Class == 1) {
			right++
		}
	}
	if right < 480 {
		t.Errorf("%d of 600 are right where the writing tells nine of ten", right)
	}
	with := Message{Vec: []float32{0, 1}, Signals: []float64{0}, Grams: []uint16{7, 7, 120, 130}}
	without := with
	without.Grams = []uint16{120, 130}
	if a, b := m.Read(with).P, m.Read(without).P; a < 0.6 || b > 0.4 {
		t.Errorf("%.2f with the piece, %.2f without", a, b)
	}
	with.Vec = nil
	if p := m.Read(with).P; p < 0.6 {
		t.Errorf("%.2f without a vector", p)
	}
}

func TestSpelling_ReadsBackAndGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	var last string
	for range 2 {
		m, _ := fitted(t, spelled(200))
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
		for _, e := range spelled(50) {
			x := Message{Vec: e.Vec, Signals: e.Signals, Grams: e.Grams}
			if a, b := m.Read(x), back.Read(x); a.P != b.P || a.Said != b.Said {
				t.Fatalf("%v was %v", b, a)
			}
		}
	}
	if _, err := Read([]byte(strings.Replace(last, `"spelling":{"bias"`, `"spelling":{"scale":1,"weights":"AAAA","bias"`, 1))); err != nil {
		t.Fatal("the last of two keys counts: this proves nothing")
	}
	var m Model
	if err := json.Unmarshal([]byte(last), &m); err != nil {
		t.Fatal(err)
	}
	m.Spelling.Weights = m.Spelling.Weights[1:]
	short, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(short); err == nil || !strings.Contains(err.Error(), "pieces of writing") {
		t.Errorf("weights of a piece too few: %v", err)
	}
}

func TestCalibrate_PhrasesAreBelievedAsFarAsUnheardWritersBearThemOut(t *testing.T) {
	t.Parallel()
	// Of the writers who were read, what words say is right; of the other one every
	// second time.
	fit := func(unheard float64) *Model {
		var list []Example
		for i, e := range rings(900) {
			e.Said = e.Signals[0] > 0
			if e.Group == "a" && e.Said {
				e.Class, e.Unheard = i/7%2, unheard
			}
			list = append(list, e)
		}
		m, _ := fitted(t, list)
		return m
	}
	x := Message{Vec: []float32{0.7, 0.7, 0.1}, Signals: []float64{1}}
	seen, unheard := fit(0).Read(x), fit(1).Read(x)
	if seen.Said != seen.P {
		t.Errorf("nobody unheard: %.2f is bent to %.2f", seen.P, seen.Said)
	}
	if unheard.Said > unheard.P-0.1 {
		t.Errorf("believed %.2f, as if the writer had been read: %.2f", unheard.Said, unheard.P)
	}
}
