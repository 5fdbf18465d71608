package soak

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"frontdesk/handoff/loadgen"
	"frontdesk/internal/stage"
)

var (
	lasts = flag.Duration("soak", 20*time.Second, "how long TestSoak plays")
	seed  = flag.Uint64("seed", 1, "what players and chaos follow from")
)

// play is one run of a program; wrong is what was found, and nothing where all
// was kept.
func play(t *testing.T, bin string, lasts time.Duration, seed uint64) (wrong []string, said string) {
	t.Helper()
	h := build(t, bin, apart...)
	defer h.close()
	urls := make([]string, 0, len(h.doors))
	for _, d := range h.doors {
		urls = append(urls, d.url())
	}
	mix := loadgen.DefaultMix()
	mix.Press, mix.Hasty, mix.Leave, mix.Twice = 90, 40, 40, 15
	load, err := loadgen.New(loadgen.Config{
		URLs: urls, Customers: 14, Logins: h.logins, Rate: 20, For: lasts, Patience: 30 * time.Second, Seed: seed, Mix: mix,
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{h: h, rng: rand.New(rand.NewPCG(seed, 7)), every: 1500 * time.Millisecond, dealt: map[string]int{}}
	hitting, stop := context.WithTimeout(t.Context(), lasts)
	defer stop()
	done := make(chan struct{})
	go func() { defer close(done); c.run(hitting) }()
	report, err := load.Run(t.Context())
	<-done
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for kind, list := range report.Wrong {
		for _, w := range list {
			wrong = append(wrong, fmt.Sprintf("%s: %s", kind, w))
		}
	}
	found, figures := h.tables(load.Ledger())
	wrong = append(wrong, found...)
	var b bytes.Buffer
	_ = report.Print(&b)
	names := make([]string, 0, len(c.dealt))
	for k := range c.dealt {
		names = append(names, k)
	}
	slices.Sort(names)
	fmt.Fprintf(&b, "\nturns  %d\n", report.Turns())
	for _, k := range names {
		fmt.Fprintf(&b, "%s  %d\n", k, c.dealt[k])
	}
	b.WriteString(figures)
	return wrong, b.String()
}

// Customers and agents at work while processes are killed, Postgres restarted,
// connections cut and every clock says something else: no promise is broken, no
// case lost or owned twice, no message lost or repeated.
func TestSoak(t *testing.T) {
	wrong, said := play(t, stage.Program(t, "../.."), *lasts, *seed)
	t.Log("\n" + said)
	for _, w := range wrong {
		t.Error(w)
	}
}
