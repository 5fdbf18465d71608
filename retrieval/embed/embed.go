package embed

import (
	"context"
	"errors"
	"sync"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

const (
	queryTries   = 2
	passageTries = 6

	// backoffMin doubles with each try up to backoffMax, half of it by chance.
	backoffMin = 60 * time.Millisecond
	backoffMax = 8 * time.Second

	// shorten is how often a text that the model finds too long is halved.
	shorten = 4
	// shortest is what is never halved: so short, the length is not the reason.
	shortest = 64
)

// Embed returns a unit vector for each text, in order. Questions (EmbedQuery)
// are tried twice within Config.QueryTimeout and fail at once while the server
// is known to be away. Passages wait for a server that is away or overloaded,
// up to Config.PassageWait, and go behind questions.
//
// An error is of kind fault.Unavailable, fault.Timeout or fault.Invalid; a
// *TextError in its chain names the one text that is to blame.
func (c *Client) Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	rows, dims, err := c.rows(ctx, kind, texts)
	for i, row := range rows {
		if len(row) > dims {
			rows[i] = encoded(row, dims, 0, 0).Vec
		}
	}
	return rows, err
}

// rows is what the server answers for each text, dims numbers of it the text's
// own vector.
func (c *Client) rows(ctx context.Context, kind retrieval.EmbedKind, texts []string) (rows [][]float32, dims int, err error) {
	if len(texts) == 0 {
		return nil, 0, nil
	}
	if kind == retrieval.EmbedQuery {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.cfg.QueryTimeout)
		defer cancel()
	}
	out, f := c.embed(ctx, kind, texts)
	if f != nil && f.reroute {
		out, f = c.embed(ctx, kind, texts)
	}
	if f != nil {
		return nil, 0, f.Unwrap()
	}
	return out, c.howToAsk().dims, nil
}

func (c *Client) embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, *failure) {
	var r *route
	f := c.again(ctx, kind, func() (f *failure) {
		r, f = c.way(ctx, kind)
		return f
	})
	if f != nil {
		return nil, f
	}
	sent := make([]string, len(texts))
	for i, text := range texts {
		s, cut, ok := r.facts.prepare(kind, text, c.cfg.QueryTokens)
		if !ok {
			return nil, fail(fault.Invalid, CodeEmptyText, "There is nothing in this text to embed.").of(i)
		}
		if cut {
			c.count.cut.Add(1)
		}
		sent[i] = s
	}
	if len(sent) <= r.facts.Batch {
		return c.batch(ctx, r, kind, sent)
	}
	return c.batches(ctx, r, kind, sent)
}

// batches splits many texts into calls and runs as many at a time as the gate
// will ever let through.
func (c *Client) batches(ctx context.Context, r *route, kind retrieval.EmbedKind, texts []string) ([][]float32, *failure) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := make([][]float32, len(texts))
	starts := make(chan int)
	var (
		wg    sync.WaitGroup
		once  sync.Once
		first *failure
	)
	workers := r.gate.width(kind)
	for range min(workers, (len(texts)+r.facts.Batch-1)/r.facts.Batch) {
		wg.Go(func() {
			for from := range starts {
				to := min(from+r.facts.Batch, len(texts))
				vecs, f := c.batch(ctx, r, kind, texts[from:to])
				if f != nil {
					if f.text >= 0 {
						f.text += from
					}
					once.Do(func() { first = f; cancel() })
					return
				}
				copy(out[from:], vecs)
			}
		})
	}
feed:
	for from := 0; from < len(texts); from += r.facts.Batch {
		select {
		case starts <- from:
		case <-ctx.Done():
			break feed
		}
	}
	close(starts)
	wg.Wait()
	if first != nil {
		return nil, first
	}
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	return out, nil
}

// batch embeds the texts of one call, in several where the server finds them
// too long together, and a text in a shorter form where it is too long alone.
func (c *Client) batch(ctx context.Context, r *route, kind retrieval.EmbedKind, texts []string) ([][]float32, *failure) {
	out, f := c.tries(ctx, r, kind, texts)
	if f == nil || !f.tooLong {
		return out, f
	}
	if len(texts) > 1 {
		half := len(texts) / 2
		left, f := c.batch(ctx, r, kind, texts[:half])
		if f != nil {
			return nil, f
		}
		right, f := c.batch(ctx, r, kind, texts[half:])
		if f != nil {
			if f.text >= 0 {
				f.text += half
			}
			return nil, f
		}
		return append(left, right...), nil
	}
	text := []rune(texts[0])
	for range shorten {
		if len(text) <= shortest {
			break
		}
		text = text[:len(text)/2]
		c.count.cut.Add(1)
		if out, f = c.tries(ctx, r, kind, []string{string(text)}); f == nil || !f.tooLong {
			return out, f
		}
	}
	return nil, f.of(0)
}

// tries makes a call, again where that may help.
func (c *Client) tries(ctx context.Context, r *route, kind retrieval.EmbedKind, texts []string) (out [][]float32, f *failure) {
	f = c.again(ctx, kind, func() (f *failure) {
		out, f = c.try(ctx, r, kind, texts)
		return f
	})
	if f != nil {
		return nil, f
	}
	return out, nil
}

// again repeats what failed for a reason that may pass, with growing pauses or
// the one the server asked for, while the time that is left allows it.
func (c *Client) again(ctx context.Context, kind retrieval.EmbedKind, call func() *failure) *failure {
	tries := queryTries
	if kind == retrieval.EmbedPassage {
		tries = passageTries
	}
	began := time.Now()
	for try := 1; ; try++ {
		f := call()
		if f == nil || f.reroute {
			return f
		}
		c.count.failed(f)
		pause := max(f.after, jitter(min(backoffMin<<(try-1), backoffMax)))
		if f.err.Code == CodeOverloaded {
			c.current().gate.rest(pause) // what the server still takes is for questions
		}
		if !f.retry || try >= tries || !c.worthWaiting(ctx, kind, began, pause) || !sleep(ctx, pause) {
			return f
		}
		c.count.retries.Add(1)
	}
}

// worthWaiting says whether a pause leaves time for another try.
func (c *Client) worthWaiting(ctx context.Context, kind retrieval.EmbedKind, began time.Time, pause time.Duration) bool {
	if kind == retrieval.EmbedPassage && time.Since(began)+pause > c.cfg.PassageWait {
		return false
	}
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > pause
}

// try makes one call through breaker and gate, on the route its texts were
// prepared for.
func (c *Client) try(ctx context.Context, r *route, kind retrieval.EmbedKind, texts []string) ([][]float32, *failure) {
	// Asked before the gate too: nobody queues for a server known to be away.
	if _, f := c.admitted(ctx, kind); f != nil {
		return nil, f
	}
	enter := r.gate.ask
	if kind == retrieval.EmbedPassage {
		enter = r.gate.write
	}
	done, err := enter(ctx)
	if err != nil {
		return nil, ended(ctx)
	}
	defer done()
	epoch, f := c.admitted(ctx, kind)
	if f != nil {
		return nil, f
	}
	if kind == retrieval.EmbedPassage {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.cfg.PassageTimeout)
		defer cancel()
	}
	began := time.Now()
	out, f := c.once(ctx, r, kind, texts)
	switch {
	case f == nil:
		c.patience.Store(0)
	case kind == retrieval.EmbedQuery && f.err.Code == CodeSlow:
		c.patience.Store(int64(time.Since(began)))
	}
	c.breaker.leave(epoch, f)
	return out, f
}

// admitted asks the breaker. Questions are told at once; passages wait for it
// to close.
func (c *Client) admitted(ctx context.Context, kind retrieval.EmbedKind) (int, *failure) {
	wait := ctx
	if kind == retrieval.EmbedPassage {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, c.cfg.PassageWait)
		defer cancel()
	}
	for {
		epoch, moved, f := c.breaker.enter()
		if f == nil || kind == retrieval.EmbedQuery || f.err.Code == CodeClosed {
			return epoch, f
		}
		select {
		case <-moved:
		case <-wait.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return 0, ended(ctx)
			}
			return 0, f
		}
	}
}

// way is the route, found through the breaker like any call.
func (c *Client) way(ctx context.Context, kind retrieval.EmbedKind) (*route, *failure) {
	if r := c.current(); r.model != "" {
		return r, nil
	}
	epoch, f := c.admitted(ctx, kind)
	if f != nil {
		return nil, f
	}
	r, f := c.found(ctx)
	c.breaker.leave(epoch, f)
	return r, f
}
