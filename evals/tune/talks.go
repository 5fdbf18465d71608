package tune

import (
	"fmt"
	"slices"

	"frontdesk/evals/stats"
)

// Talks is what becomes of whole conversations of scripted customers, with the
// thresholds of now and with those that were found. What a customer does next
// depends on the reply, so that a pair of thresholds has to be played to be known.
type Talks struct {
	Customers int            `json:"customers"`
	Runs      int            `json:"runs"` // of each
	Now       stats.Interval `json:"now"`  // share that goes well
	Then      stats.Interval `json:"then"`
	Change    stats.Interval `json:"change"`
	// Turns of all conversations that a customer needed.
	TurnsNow  int `json:"turns_now"`
	TurnsThen int `json:"turns_then"`
	// Lost and Gained are customers with whom fewer, or more, of the conversations
	// go well.
	Lost   []string `json:"lost,omitempty"`
	Gained []string `json:"gained,omitempty"`
}

// Told is what became of a scripted customer's conversation.
type Told struct {
	Customer string
	Well     bool
	Turns    int
}

// HoldTalks holds what was found against whole conversations: then is what became
// of the same ones as now, in the same order, with the thresholds found. What makes
// fewer of them go well by more than chance is not proposed, whatever single turns
// say.
func (r *Result) HoldTalks(now, then []Told, runs int) error {
	if len(now) == 0 || len(now) != len(then) || runs < 1 {
		return fmt.Errorf("%d conversations now and %d as found are no comparison", len(now), len(then))
	}
	t := Talks{Runs: runs}
	was, is, pairs := make([]stats.Sample, len(now)), make([]stats.Sample, len(now)), make([]stats.Pair, len(now))
	change := map[string]int{}
	for i := range now {
		a, b := now[i], then[i]
		if a.Customer != b.Customer {
			return fmt.Errorf("conversation %d is %s's now and %s's as found", i+1, a.Customer, b.Customer)
		}
		was[i] = stats.Sample{Cluster: a.Customer, Sum: one(a.Well), Of: 1}
		is[i] = stats.Sample{Cluster: a.Customer, Sum: one(b.Well), Of: 1}
		pairs[i] = stats.Pair{Cluster: a.Customer, WasSum: one(a.Well), WasOf: 1, IsSum: one(b.Well), IsOf: 1}
		t.TurnsNow, t.TurnsThen = t.TurnsNow+a.Turns, t.TurnsThen+b.Turns
		change[a.Customer] += int(one(b.Well) - one(a.Well))
	}
	t.Customers = len(change)
	for name, n := range change {
		switch {
		case n < 0:
			t.Lost = append(t.Lost, name)
		case n > 0:
			t.Gained = append(t.Gained, name)
		}
	}
	slices.Sort(t.Lost)
	slices.Sort(t.Gained)
	t.Now, _ = stats.Mean(was, 0)
	t.Then, _ = stats.Mean(is, 0)
	t.Change, _ = stats.Difference(pairs, 0)
	r.Talks = &t
	if r.Pays && t.Change.High < 0 {
		r.Pays = false
		r.Why = fmt.Sprintf("single turns cost less, but of whole conversations %.3f go well where %.3f did (95 %%: %.3f to %.3f fewer)", t.Then.Value, t.Now.Value, -t.Change.High, -t.Change.Low)
	}
	return nil
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
