package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestRunProgress_ATerminalHasABarThatIsRewritten(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	p := &runProgress{w: &out, terminal: true, all: 4, what: "cases played", now: func() time.Time { return at }, began: at, last: at}
	for done := range 4 {
		at = at.Add(time.Second)
		p.tell(done + 1)
	}
	got := strings.Split(out.String(), "\r\x1b[K")
	if len(got) != 5 || got[1] != "[######..................] 1 of 4 cases played, 1s, about 3s left" || got[4] != "[########################] 4 of 4 cases played, 4s\n" {
		t.Errorf("%q", got)
	}
}

func TestRunProgress_AFileHasALineNowAndThen(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	p := &runProgress{w: &out, every: 2 * time.Second, all: 5, what: "cases played", now: func() time.Time { return at }, began: at, last: at}
	for done := range 5 {
		at = at.Add(time.Second)
		p.tell(done + 1)
	}
	if want := "2 of 5 cases played, 2s, about 3s left\n4 of 5 cases played, 4s, about 1s left\n5 of 5 cases played, 5s\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
}

// The first of many waits for what all of them share, so that nothing can be told
// by it of how long the rest takes.
func TestLeft_TellsOnceEnoughIsDone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		done, all int
		want      string
	}{
		{1, 541, ""},
		{10, 541, ""},
		{11, 541, ", about 4m54s left"},
		{1, 4, ", about 18s left"},
		{541, 541, ""},
		{0, 3, ""},
	} {
		if got := left(6*time.Second+100*time.Millisecond, c.done, c.all); got != c.want {
			t.Errorf("%d of %d: %q", c.done, c.all, got)
		}
	}
}
