package embed

import (
	"context"
	"sync"
	"time"

	"frontdesk/retrieval"
)

// yieldAtMost is how long a call with passages waits for questions to be done:
// an ingest goes on, slowly, also where somebody always asks.
const yieldAtMost = 2 * time.Second

// gate lets questions go before passages through one server: questions never
// wait for a passage that has not been sent, and few passages are under way.
type gate struct {
	asks   chan struct{} // calls with questions
	writes chan struct{} // calls with passages
	yield  bool          // passages wait while a question is under way

	mu      sync.Mutex
	asking  int           // questions waiting or under way
	quiet   chan struct{} // closed when none is
	resumes time.Time     // passages wait until then: the server asked for rest
}

func newGate(asks, writes int, yield bool) *gate {
	quiet := make(chan struct{})
	close(quiet)
	return &gate{asks: make(chan struct{}, asks), writes: make(chan struct{}, writes), yield: yield, quiet: quiet}
}

// ask waits for a place for a question.
func (g *gate) ask(ctx context.Context) (done func(), err error) {
	g.mu.Lock()
	if g.asking++; g.asking == 1 {
		g.quiet = make(chan struct{})
	}
	g.mu.Unlock()
	select {
	case g.asks <- struct{}{}:
		return func() { <-g.asks; g.asked() }, nil
	case <-ctx.Done():
		g.asked()
		return nil, ctx.Err()
	}
}

func (g *gate) asked() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.asking--; g.asking == 0 {
		close(g.quiet)
	}
}

// write waits for a place for passages.
func (g *gate) write(ctx context.Context) (done func(), err error) {
	select {
	case g.writes <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := g.letPass(ctx); err != nil {
		<-g.writes
		return nil, err
	}
	return func() { <-g.writes }, nil
}

func (g *gate) letPass(ctx context.Context) error {
	g.mu.Lock()
	quiet, rest := g.quiet, time.Until(g.resumes)
	g.mu.Unlock()
	if rest > 0 && !sleep(ctx, rest) {
		return ctx.Err()
	}
	if !g.yield {
		return ctx.Err()
	}
	t := time.NewTimer(yieldAtMost)
	defer t.Stop()
	select {
	case <-quiet:
	case <-t.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// rest keeps passages back for a while: what the server can still take is for
// questions.
func (g *gate) rest(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := time.Now().Add(d); at.After(g.resumes) {
		g.resumes = at
	}
}

// width is how many calls of a kind can be under way.
func (g *gate) width(kind retrieval.EmbedKind) int {
	if kind == retrieval.EmbedQuery {
		return cap(g.asks)
	}
	return cap(g.writes)
}
