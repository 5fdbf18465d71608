package runner

import (
	"cmp"
	"slices"

	"frontdesk/evals/cases"
)

// Times sums up how fast replies came and what they cost: in all, by class of
// latency and by suite. It stands as the last line of the timing file.
type Times struct {
	All     Spread      `json:"all"`
	Classes []ClassTime `json:"classes,omitempty"`
	Suites  []SuiteTime `json:"suites,omitempty"`
}

// Spread is how long replies took, in milliseconds: half of them, 95 % and all
// took no longer.
type Spread struct {
	Turns int     `json:"turns"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	Max   float64 `json:"max"`
}

// ClassTime is a class of latency.
type ClassTime struct {
	Class string `json:"class"`
	// Allowed is what the class allows, in milliseconds.
	Allowed float64 `json:"allowed"`
	Spread
	Late  []LateTurn `json:"late,omitempty"`        // slower than that, slowest first
	Never []LateTurn `json:"not_reached,omitempty"` // turns that the conversation did not come to
}

// LateTurn is a turn that is out of its class.
type LateTurn struct {
	Case   string  `json:"case"`
	Turn   int     `json:"turn"` // from 1
	Millis float64 `json:"millis,omitempty"`
}

// SuiteTime is what a suite took.
type SuiteTime struct {
	Suite string `json:"suite"`
	Cases int    `json:"cases"`
	Spread
	Cost Cost `json:"cost"` // of all its turns
	// Dearest are its cases that asked for most embeddings, searches and trips a turn.
	Dearest []string `json:"dearest,omitempty"`
	// Slowest are its turns that took longest.
	Slowest []LateTurn `json:"slowest,omitempty"`
}

// mostNamed is how many cases of a suite are named for what they cost, and how
// many turns for how long they took.
const mostNamed = 5

// TimesOf sums up.
func TimesOf(list []Timing) Times {
	var all []float64
	classes := map[string]*ClassTime{}
	took := map[string][]float64{} // by class
	for _, x := range list {
		all = append(all, x.Millis...)
		for _, s := range x.Classes {
			c := classes[s.Class]
			if c == nil {
				c = &ClassTime{Class: s.Class, Allowed: float64(cases.Within(s.Class).Milliseconds())}
				classes[s.Class] = c
			}
			if s.Turn < 1 || s.Turn > len(x.Millis) {
				c.Never = append(c.Never, LateTurn{Case: x.Case, Turn: s.Turn})
				continue
			}
			ms := x.Millis[s.Turn-1]
			took[s.Class] = append(took[s.Class], ms)
			if !s.Within {
				c.Late = append(c.Late, LateTurn{x.Case, s.Turn, ms})
			}
		}
	}
	t := Times{All: spread(all), Suites: bySuite(list)}
	for name, c := range classes {
		c.Spread = spread(took[name])
		slices.SortStableFunc(c.Late, bySlowness)
		t.Classes = append(t.Classes, *c)
	}
	slices.SortFunc(t.Classes, func(a, b ClassTime) int {
		return cmp.Or(cmp.Compare(a.Allowed, b.Allowed), cmp.Compare(a.Class, b.Class))
	})
	return t
}

func bySlowness(a, b LateTurn) int { return cmp.Compare(b.Millis, a.Millis) }

func spread(list []float64) Spread {
	n := len(list)
	if n == 0 {
		return Spread{}
	}
	list = slices.Sorted(slices.Values(list))
	at := func(part float64) float64 { return list[min(n-1, int(part*float64(n)))] }
	return Spread{Turns: n, P50: at(0.5), P95: at(0.95), Max: list[n-1]}
}

func bySuite(list []Timing) []SuiteTime {
	suites := map[string]*SuiteTime{}
	took := map[string][]float64{}
	type dear struct {
		id   string
		cost float64 // a turn
	}
	dearest := map[string][]dear{}
	for _, x := range list {
		s := suites[x.Suite]
		if s == nil {
			s = &SuiteTime{Suite: x.Suite}
			suites[x.Suite] = s
		}
		s.Cases++
		took[x.Suite] = append(took[x.Suite], x.Millis...)
		for i, ms := range x.Millis {
			s.Slowest = append(s.Slowest, LateTurn{x.Case, i + 1, ms})
		}
		var own Cost
		for _, c := range x.Costs {
			own = own.Plus(c)
		}
		s.Cost = s.Cost.Plus(own)
		if n := len(x.Costs); n > 0 {
			dearest[x.Suite] = append(dearest[x.Suite], dear{x.Case, float64(own.Embeddings+own.Models+own.Searches+own.Queries) / float64(n)})
		}
	}
	var out []SuiteTime
	for name, s := range suites {
		s.Spread = spread(took[name])
		slices.SortStableFunc(dearest[name], func(a, b dear) int { return cmp.Or(cmp.Compare(b.cost, a.cost), cmp.Compare(a.id, b.id)) })
		for _, d := range dearest[name][:min(mostNamed, len(dearest[name]))] {
			s.Dearest = append(s.Dearest, d.id)
		}
		slices.SortStableFunc(s.Slowest, bySlowness)
		s.Slowest = s.Slowest[:min(mostNamed, len(s.Slowest))]
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b SuiteTime) int { return cmp.Compare(a.Suite, b.Suite) })
	return out
}
