package tune_test

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/evals/tune"
)

// told are n customers, twice each, with whom it goes well as often as well says.
func told(n int, well func(customer, run int) bool) []tune.Told {
	var out []tune.Told
	for i := range n {
		for run := range 2 {
			out = append(out, tune.Told{Customer: fmt.Sprintf("c%02d", i), Well: well(i, run), Turns: 3})
		}
	}
	return out
}

func TestHoldTalks_WhatHurtsConversationsIsNotProposed(t *testing.T) {
	t.Parallel()
	all := func(int, int) bool { return true }
	for name, c := range map[string]struct {
		now, then []tune.Told
		pays      bool
		why       string
	}{
		"as good":           {told(40, all), told(40, all), true, "cheaper"},
		"one worse":         {told(40, all), told(40, func(c, _ int) bool { return c != 3 }), true, "cheaper"},
		"a third worse":     {told(40, all), told(40, func(c, _ int) bool { return c%3 != 0 }), false, "whole conversations"},
		"better":            {told(40, func(c, _ int) bool { return c%3 != 0 }), told(40, all), true, "cheaper"},
		"once is not twice": {told(40, all), told(40, func(c, run int) bool { return c > 20 || run == 0 }), false, "whole conversations"},
	} {
		r := tune.Result{Pays: true, Why: "cheaper"}
		if err := r.HoldTalks(c.now, c.then, 2); err != nil {
			t.Fatal(name, err)
		}
		if r.Pays != c.pays || !strings.Contains(r.Why, c.why) || r.Talks.Customers != 40 || r.Talks.TurnsNow != 240 {
			t.Errorf("%s: %+v %+v", name, r.Why, r.Talks)
		}
	}
	r := tune.Result{}
	if err := r.HoldTalks(told(2, all), told(2, func(c, run int) bool { return c > 0 }), 2); err != nil || len(r.Talks.Lost) != 1 || r.Talks.Lost[0] != "c00" || r.Pays {
		t.Errorf("%v %+v", err, r.Talks)
	}
	for name, then := range map[string][]tune.Told{"none": nil, "fewer": told(1, all), "others": append(told(1, all), told(1, all)...)} {
		if err := r.HoldTalks(told(2, all), then, 2); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
