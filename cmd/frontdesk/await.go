package main

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/proc"
)

const (
	// embedderPatience is how long a command waits for a private embedder that
	// is on its way: it starts in two seconds, and in ten times that on a machine
	// that is busy with other things. One that fails is given up sooner.
	embedderPatience = time.Minute
	// embedderTries is how many starts in a row may fail before a command goes on
	// by words alone: one may have met a moment without memory.
	embedderTries = 2
)

// awaitEmbedder gives a private embedder the time it needs to start. One that
// does not is said, and the command goes on without: what needs vectors says
// *degraded* by itself. The only error is the context's.
func (a *app) awaitEmbedder(ctx context.Context, p *parts) error {
	if p.hold == nil {
		return nil
	}
	problem, err := awaitPart(ctx, func() proc.Event { return p.hold.State(proc.Embedder) }, embedderPatience)
	if err == nil && problem != "" {
		fmt.Fprintf(a.stderr, "embedder: %s; going on by words alone\n", problem)
	}
	return err
}

// awaitPart polls a part's state until it is ready, until it has failed to
// start too often, or for as long as patience lasts; problem says why it was
// given up. A part that nobody holds is not waited for.
func awaitPart(ctx context.Context, state func() proc.Event, patience time.Duration) (problem string, err error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		e := state()
		switch {
		case e.Part == "" || e.State == proc.StateReady:
			return "", nil
		case e.Failures >= embedderTries:
			return "it does not start: " + e.Error, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-late.C:
			return fmt.Sprintf("not ready after %s", patience), nil
		case <-tick.C:
		}
	}
}
