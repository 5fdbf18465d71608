package soak

import (
	"context"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"frontdesk/internal/faultproxy"
)

// blow is one thing that is done to the house.
type blow struct {
	name string
	do   func(ctx context.Context, c *chaos, i *instance)
}

// chaos deals blows by a schedule.
type chaos struct {
	h     *house
	rng   *rand.Rand
	every time.Duration // between two blows, on average
	dealt map[string]int
}

func blows() []blow {
	return []blow{
		{"processes killed", func(_ context.Context, _ *chaos, i *instance) { i.again(syscall.SIGKILL) }},
		{"customers' and agents' connections cut", func(_ context.Context, _ *chaos, i *instance) { i.front.Cut() }},
		{"connections with Postgres cut", func(_ context.Context, _ *chaos, i *instance) { i.back.Cut() }},
		{"Postgres restarted", func(_ context.Context, c *chaos, _ *instance) {
			if err := c.h.restartPostgres(); err != nil {
				c.dealt["Postgres was not there to be restarted"]++
			}
		}},
		{"answers cut in their middle", func(ctx context.Context, c *chaos, i *instance) {
			c.while(ctx, i.front, faultproxy.Mode{CutAfter: 1 + c.rng.IntN(2000)})
		}},
		{"processes stopped", func(_ context.Context, _ *chaos, i *instance) { i.again(syscall.SIGTERM) }},
		{"Postgres silent for a process", func(ctx context.Context, c *chaos, i *instance) { c.while(ctx, i.back, faultproxy.Blackhole) }},
		{"a process silent for everybody", func(ctx context.Context, c *chaos, i *instance) { c.while(ctx, i.front, faultproxy.Blackhole) }},
	}
}

// again ends the process and starts it anew.
func (i *instance) again(how os.Signal) {
	i.stop(how)
	i.restarts++
	i.start()
}

// while keeps a proxy in a mode for up to two seconds.
func (c *chaos) while(ctx context.Context, p *faultproxy.Proxy, m faultproxy.Mode) {
	lasts := time.Duration(c.rng.Int64N(int64(2 * time.Second)))
	_ = p.Set(m)
	wait(ctx, lasts)
	_ = p.Set(faultproxy.Pass)
}

// run deals blows until ctx ends: each kind once, in order, and then as it comes.
func (c *chaos) run(ctx context.Context) {
	list := blows()
	for n := 0; wait(ctx, time.Duration((0.5+c.rng.Float64())*float64(c.every))); n++ {
		b := list[n%len(list)]
		if n >= len(list) {
			b = list[c.rng.IntN(len(list))]
		}
		b.do(ctx, c, c.h.doors[c.rng.IntN(len(c.h.doors))])
		c.dealt[b.name]++
	}
}

// wait is false where ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
