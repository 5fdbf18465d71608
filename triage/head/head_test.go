package head

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// rings are examples that no straight line parts: class 1 where two numbers have
// one sign, with a signal that is right nine times of ten.
func rings(n int) []Example {
	rng := rand.New(rand.NewPCG(1, 2))
	var out []Example
	for i := range n {
		x, y := rng.Float64()*2-1, rng.Float64()*2-1
		e := Example{Vec: []float32{float32(x), float32(y), 0.1}, Signals: []float64{0}, Weight: 1, Group: string(rune('a' + i%7))}
		if x*y > 0 {
			e.Class = 1
		}
		if rng.Float64() < 0.9 {
			e.Signals[0] = float64(e.Class)
		}
		out = append(out, e)
	}
	return out
}

func config() FitConfig {
	return FitConfig{Signals: []string{"said"}, Classes: []string{"none", "yes"}, Units: 16, Members: 2, Rounds: 40}
}

func TestFit_LearnsWhatNoLineParts(t *testing.T) {
	t.Parallel()
	list := rings(600)
	m, err := Fit(list, config())
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, e := range list {
		if (m.Read(Message{Vec: e.Vec, Signals: []float64{0}}).P >= 0.5) == (e.Class == 1) {
			right++
		}
	}
	if right < 540 {
		t.Errorf("%d of 600 are right by the vector alone", right)
	}
	// Without a vector the signal speaks; a vector of another length is none.
	if p := m.Read(Message{Vec: nil, Signals: []float64{1}}).P; p < 0.7 {
		t.Errorf("the signal alone gives %.2f", p)
	}
	if a, b := m.Read(Message{Vec: []float32{1}, Signals: []float64{1}}), m.Read(Message{Vec: nil, Signals: []float64{1}}); a.P != b.P {
		t.Errorf("%v with a vector of one number, %v with none", a, b)
	}
}

func TestFit_TheSameExamplesGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	list := rings(200)
	var last string
	for range 3 {
		unseen, err := Validate(list, config(), 3, Fold(3))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Fit(list, config())
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
	}
	if _, err := Read([]byte(last)); err != nil {
		t.Fatal(err)
	}
}

func TestRead_GivesBackWhatWasFitted(t *testing.T) {
	t.Parallel()
	list := rings(200)
	m, err := Fit(list, config())
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if a, b := m.Read(Message{Vec: e.Vec, Signals: e.Signals}), back.Read(Message{Vec: e.Vec, Signals: e.Signals}); a.P != b.P {
			t.Fatalf("%v was %v", b, a)
		}
	}
}

func TestValidate_SaysNothingOfAnExampleByItsOwnGroup(t *testing.T) {
	t.Parallel()
	// Every group has a class of its own that nothing but the group tells: who
	// has seen it is right, who has not is not.
	var list []Example
	rng := rand.New(rand.NewPCG(3, 4))
	for g := range 40 {
		v := make([]float32, 20)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		class := rng.IntN(2)
		for range 5 {
			list = append(list, Example{Vec: v, Signals: []float64{0}, Class: class, Weight: 1, Group: string(rune('A' + g))})
		}
	}
	score := func(fold func(string) int) float64 {
		unseen, err := Validate(list, config(), 5, fold)
		if err != nil {
			t.Fatal(err)
		}
		right := 0.0
		for i, u := range unseen {
			if (u.score > 0) == (list[i].Class == 1) {
				right++
			}
		}
		return right / float64(len(list))
	}
	if got := score(Fold(5)); got > 0.75 {
		t.Errorf("%.2f are right: a group leaked", got)
	}
	k := 0
	if got := score(func(string) int { k++; return k }); got < 0.9 {
		t.Errorf("with groups torn apart %.2f are right: the test would see no leak", got)
	}
}

func TestCalibrate_MakesProbabilities(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	var list []Example
	var unseen []Unseen
	for range 4000 {
		p := rng.Float64()
		e := Example{Weight: 1}
		if rng.Float64() < p {
			e.Class = 1
		}
		logit := math.Log(p / (1 - p))
		list, unseen = append(list, e), append(unseen, Unseen{score: 3*logit + 2, plain: logit})
	}
	m := &Model{}
	m.Calibrate(list, unseen)
	p, raw, yes := make([]float64, len(list)), make([]float64, len(list)), make([]bool, len(list))
	for i := range list {
		p[i], raw[i], yes[i] = sigmoid(m.With.A*unseen[i].score+m.With.B), sigmoid(unseen[i].score), list[i].Class == 1
	}
	if got, before := ECE(p, yes, nil, 15), ECE(raw, yes, nil, 15); got > 0.04 || before < 0.1 {
		t.Errorf("the error is %.3f, %.3f before", got, before)
	}
	// Messages that stand for many count as many.
	for i := range list {
		if list[i].Class == 0 {
			list[i].Count = 10
		}
	}
	even := m.With.B
	if m.Calibrate(list, unseen); m.With.B >= even {
		t.Errorf("ten times the negatives moved %.2f to %.2f", even, m.With.B)
	}
}

func TestECE_IsTheMeanDistance(t *testing.T) {
	t.Parallel()
	p := []float64{0.1, 0.1, 0.9, 0.9}
	for name, c := range map[string]struct {
		yes  []bool
		want float64
	}{
		"right":   {[]bool{false, false, true, true}, 0.1},
		"wrong":   {[]bool{true, true, false, false}, 0.9},
		"by half": {[]bool{true, false, true, false}, 0.4},
	} {
		if got := ECE(p, c.yes, nil, 2); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %.2f, want %.2f", name, got, c.want)
		}
	}
}

func TestRead_RefusesWeightsThatDoNotFit(t *testing.T) {
	t.Parallel()
	m, err := Fit(rings(50), config())
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(m *Model){
		"one class":                func(m *Model) { m.Classes = m.Classes[:1] },
		"no numbers":               func(m *Model) { m.Dims = 0 },
		"a row is missing":         func(m *Model) { m.With.Rows = m.With.Rows[:1] },
		"a unit is cut short":      func(m *Model) { m.With.Units[0].Vector = m.With.Units[0].Vector[:2] },
		"a unit more":              func(m *Model) { m.With.Units = append(m.With.Units, m.With.Units[0]) },
		"a signal more":            func(m *Model) { m.Signals = append(m.Signals, "more") },
		"a slope downwards":        func(m *Model) { m.With.A = -1 },
		"units without a vector":   func(m *Model) { m.Without.Units = m.With.Units },
		"no weights for no vector": func(m *Model) { m.Without = Weights{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			var c Model
			if err := json.Unmarshal(data, &c); err != nil {
				t.Fatal(err)
			}
			change(&c)
			if data, err = json.Marshal(c); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(data); err == nil || !strings.HasPrefix(err.Error(), "weights") {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := Read([]byte(`{}`)); err == nil {
		t.Error("no weights at all were read")
	}
}

func TestFit_RefusesExamplesThatDoNotFit(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]Example{
		"none":                   nil,
		"no vector":              {{Signals: []float64{0}}},
		"vectors of two lengths": {{Vec: []float32{1}, Signals: []float64{0}}, {Vec: []float32{1, 2}, Signals: []float64{0}}},
		"signals missing":        {{Vec: []float32{1}}},
		"a class that is none":   {{Vec: []float32{1}, Signals: []float64{0}, Class: 2}},
	} {
		if _, err := Fit(list, config()); err == nil {
			t.Errorf("%s: fitted", name)
		}
	}
}

func TestBetween_IsHalfWayInLogits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want float64 }{
		{0.5, 0.5, 0.5}, {0.9, 0.1, 0.5}, {0.9, 0.5, 0.75}, {1, 0, 0.5}, {1, 1, 1}, {0, 0, 0},
	} {
		got := Between(Reading{P: c.a, Said: 0.7, Share: []float64{1, 0}}, Reading{P: c.b, Said: 0.1, Share: []float64{0, 1}})
		if math.Abs(got.P-c.want) > 1e-6 || got.Said != 0.7 || got.Share[0] != 0.5 || got.Share[1] != 0.5 {
			t.Errorf("between %v and %v: %+v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestTogether_LeavesWhatWordsSayToTheFirst(t *testing.T) {
	t.Parallel()
	list := []Example{{}, {Said: true}}
	a := []Unseen{{P: 0.9, Share: []float64{1}}, {P: 0.9, Share: []float64{1}}}
	b := []Unseen{{P: 0.1, Share: []float64{1}}, {P: 0.1, Share: []float64{1}}}
	got := Together(list, a, b)
	if math.Abs(got[0].P-0.5) > 1e-9 || got[1].P != 0.9 || a[0].P != 0.9 || a[0].Share[0] != 1 {
		t.Errorf("%+v of %+v", got, a)
	}
}
