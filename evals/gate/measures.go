package gate

import (
	"maps"
	"slices"

	"frontdesk/evals/stats"
)

// value is what a case adds to a measure: a sum, and over how many turns.
type value struct{ sum, of float64 }

func ofRanks(score func(rank int) float64) func(*Kept) value {
	return func(k *Kept) value {
		v := value{of: float64(len(k.Ranks))}
		for _, r := range k.Ranks {
			v.sum += score(r)
		}
		return v
	}
}

// CheckMeasure begins the name of a measure of a kind of checks.
const CheckMeasure = "check: "

// Names of the measures of where the gold was found.
const (
	foundFirst = "found first"
	foundFive  = "found among five"
	reciprocal = "reciprocal rank"
)

// Missed are the measures of where the gold was found that a case makes less.
func Missed(k Kept) []string {
	var out []string
	if slices.ContainsFunc(k.Ranks, func(r int) bool { return r != 1 }) {
		out = append(out, foundFirst, reciprocal)
	}
	if slices.ContainsFunc(k.Ranks, func(r int) bool { return r == 0 || r > 5 }) {
		out = append(out, foundFive)
	}
	return out
}

func within(most int) func(int) float64 {
	return func(rank int) float64 { return float64(one(rank > 0 && rank <= most)) }
}

// measures are the means over turns: each kind of check, and where the gold was
// found. A conversation's turns, and cases about one article, are drawn together.
func measures(pairs []pair, compared bool, cfg Config) []Measure {
	if cfg.Draws < 0 {
		return nil
	}
	kinds := map[string]bool{}
	for _, p := range pairs {
		for kind := range p.is.Checks {
			kinds[kind] = true
		}
	}
	var out []Measure
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		out = append(out, mean(CheckMeasure+kind, pairs, compared, cfg, func(k *Kept) value {
			h := k.Checks[kind]
			return value{float64(h[0]), float64(h[1])}
		}))
	}
	for _, m := range []struct {
		name string
		of   func(*Kept) value
	}{
		{foundFirst, ofRanks(within(1))},
		{foundFive, ofRanks(within(5))},
		{reciprocal, ofRanks(func(rank int) float64 {
			if rank == 0 {
				return 0
			}
			return 1 / float64(rank)
		})},
	} {
		if got := mean(m.name, pairs, compared, cfg, m.of); got.Turns > 0 {
			out = append(out, got)
		}
	}
	return out
}

func mean(name string, pairs []pair, compared bool, cfg Config, of func(*Kept) value) Measure {
	m := Measure{Name: name}
	var now, before []stats.Sample
	var both []stats.Pair
	for _, p := range pairs {
		is := of(p.is)
		m.Turns += int(is.of)
		now = append(now, stats.Sample{Cluster: p.is.cluster(), Sum: is.sum, Of: is.of})
		if compared {
			was := of(p.was)
			before = append(before, stats.Sample{Cluster: p.is.cluster(), Sum: was.sum, Of: was.of})
			both = append(both, stats.Pair{Cluster: p.is.cluster(), WasSum: was.sum, WasOf: was.of, IsSum: is.sum, IsOf: is.of})
		}
	}
	m.Is, _ = stats.Mean(now, cfg.Draws)
	if compared {
		m.Was, _ = stats.Mean(before, cfg.Draws)
		m.Change, m.Paired = stats.Difference(both, cfg.Draws)
	}
	return m
}
