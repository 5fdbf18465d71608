package triage

import (
	"fmt"
	"testing"
)

func TestEarlier_ReadsOnceAndForgetsTheOldest(t *testing.T) {
	t.Parallel()
	e := newEarlier()
	reads := 0
	mood := func(s string) float64 {
		return e.mood(s, func() float64 { reads++; return float64(len(s)) })
	}
	if first, again := mood("ab"), mood("ab"); first != 2 || again != 2 || reads != 1 {
		t.Errorf("%d reads", reads)
	}
	if e.failed("ab", func() bool { return true }); !e.failed("ab", func() bool { t.Error("read again"); return false }) || mood("ab") != 2 || reads != 1 {
		t.Error("one reading drives the other out")
	}
	for i := range mostEarlier {
		mood(fmt.Sprint(i))
	}
	if len(e.read) != mostEarlier || len(e.ring) != mostEarlier {
		t.Errorf("%d remembered, %d in the ring", len(e.read), len(e.ring))
	}
	if reads = 0; mood("ab") != 2 || reads != 1 {
		t.Error("the oldest was not forgotten")
	}
}
