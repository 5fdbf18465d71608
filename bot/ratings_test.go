package bot

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func ratings(p float64, helpful, not int) []Rating {
	var out []Rating
	for range helpful {
		out = append(out, Rating{p, true})
	}
	for range not {
		out = append(out, Rating{p, false})
	}
	return out
}

func TestLearn_MovesTheThresholdAgainstWhatCustomersSay(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		list     []Rating
		from, to float64 // where a threshold of .8 lies then
	}{
		"nobody said anything":            {nil, .8, .8},
		"one says no":                     {ratings(.85, 0, 1), .81, .84},
		"one says yes":                    {ratings(.85, 1, 0), .8, .8},
		"ten say no":                      {ratings(.85, 0, 10), .87, .93},
		"as promised":                     {ratings(.8, 80, 20), .795, .805},
		"a hundred, far worse":            {ratings(.85, 40, 60), .9, .92},
		"nineteen kind ones":              {ratings(.8, 19, 0), .8, .8},
		"a hundred, better":               {ratings(.8, 97, 3), .5, .75},
		"a thousand noes move no farther": {ratings(.85, 0, 1000), .915, .917},
	} {
		if got := Learn(row.list).Sure(.8); got < row.from-1e-9 || got > row.to+1e-9 {
			t.Errorf("%s: .8 became %.4f, want %.3f to %.3f", name, got, row.from, row.to)
		}
	}
}

func TestLearn_IsBoundedAndMovesWithEveryWord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Rating {
			return Rating{rapid.Float64Range(0, 1).Draw(t, "p"), rapid.Bool().Draw(t, "helpful")}
		}), 0, 60).Draw(t, "ratings")
		l := Learn(list)
		if math.IsNaN(l.Shift) || math.Abs(l.Shift) > mostShift {
			t.Fatalf("shift %g", l.Shift)
		}
		if worse := Learn(append(list, Rating{.5, false})); worse.Shift > l.Shift+1e-9 && l.Ratings >= enoughRatings {
			t.Fatalf("a no moved it from %g up to %g", l.Shift, worse.Shift)
		}
		threshold := rapid.Float64Range(0, 1).Draw(t, "threshold")
		if s := l.Sure(threshold); !(s >= 0 && s <= 1) || (s-threshold)*l.Shift > 1e-9 {
			t.Fatalf("shift %g made %g of %g", l.Shift, s, threshold)
		}
	})
}

func TestPolicy_WhatASiteSetItselfIsNotMoved(t *testing.T) {
	t.Parallel()
	own := .7
	fixed := FixedThresholds{Sure: .5, Maybe: .4}
	moved := Site{Learned: Learned{Shift: -.5, Ratings: 9}}
	if p := PolicyOf(fixed, moved); !(p.Sure > .6) || p.Maybe != .4 {
		t.Errorf("moved to %.3f and %.3f", p.Sure, p.Maybe)
	}
	moved.Settings.Threshold = &own
	if p := PolicyOf(fixed, moved); p.Sure != own {
		t.Errorf("what the site set was moved to %.3f", p.Sure)
	}
}
