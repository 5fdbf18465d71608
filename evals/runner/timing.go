package runner

import (
	"slices"
	"time"

	"frontdesk/evals/cases"
)

// Timing is how long a case's replies took, in milliseconds, and whether that was
// as fast as the case says. It is told, and never judged.
type Timing struct {
	Case    string    `json:"case"`
	Millis  []float64 `json:"millis"`
	Classes []Speed   `json:"latency,omitempty"`
}

// Speed is a turn of which a case says how fast its reply is to come.
type Speed struct {
	Turn   int    `json:"turn"` // from 1
	Class  string `json:"class"`
	Within bool   `json:"within"` // false where the turn was not reached, too
}

func timing(c cases.Case, took []time.Duration) Timing {
	t := Timing{Case: c.ID, Millis: make([]float64, 0, len(took))}
	for _, d := range took {
		t.Millis = append(t.Millis, float64(d.Microseconds())/1000)
	}
	for i, turn := range c.Turns {
		if class := turn.Expect.Latency; class != "" {
			t.Classes = append(t.Classes, Speed{i + 1, class, i < len(took) && took[i] <= cases.Within(class)})
		}
	}
	return t
}

// Times sums the times of a run up.
type Times struct {
	Turns               int
	Half, Most, Slowest time.Duration     // 50 %, 95 % and all of them took no longer
	Classes             map[string][2]int // how many were fast enough, and of how many, by class
}

// TimesOf sums up.
func TimesOf(list []Timing) Times {
	t := Times{Classes: map[string][2]int{}}
	var all []float64
	for _, x := range list {
		all = append(all, x.Millis...)
		for _, s := range x.Classes {
			n := t.Classes[s.Class]
			if n[1]++; s.Within {
				n[0]++
			}
			t.Classes[s.Class] = n
		}
	}
	if t.Turns = len(all); t.Turns == 0 {
		return t
	}
	slices.Sort(all)
	at := func(part float64) time.Duration {
		return time.Duration(all[min(len(all)-1, int(part*float64(len(all))))] * float64(time.Millisecond))
	}
	t.Half, t.Most, t.Slowest = at(0.5), at(0.95), at(1)
	return t
}
