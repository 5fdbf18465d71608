package serve

import (
	"context"
	"slices"
	"sync"

	"frontdesk/retrieval/embed/local"
)

// call is one request: its texts, and what became of them.
type call struct {
	ctx     context.Context
	encoder local.Encoder
	kind    local.Kind
	tokens  bool
	texts   []string

	mu      sync.Mutex
	left    int
	vectors []local.Vectors
	err     error
	done    chan struct{} // closed when all texts are encoded or one failed
}

func newCall(ctx context.Context, e local.Encoder, kind local.Kind, tokens bool, texts []string) *call {
	return &call{
		ctx: ctx, encoder: e, kind: kind, tokens: tokens, texts: texts,
		left: len(texts), vectors: make([]local.Vectors, len(texts)), done: make(chan struct{}),
	}
}

// ended takes the result of a text's run.
func (c *call) ended(i int, v local.Vectors, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == 0 {
		return // an earlier one failed
	}
	if c.vectors[i], c.err = v, err; err != nil {
		c.left = 1
	}
	if c.left--; c.left == 0 {
		close(c.done)
	}
}

// result is what became of a call that is done.
func (c *call) result() ([]local.Vectors, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.vectors, c.err
}

// job is one text of a call.
type job struct {
	call  *call
	index int
}

// queue holds what waits for a worker: questions first.
type queue struct {
	most map[local.Kind]int

	mu     sync.Mutex
	some   *sync.Cond // there may be something to take
	wait   map[local.Kind][]job
	closed bool
}

func newQueue(queries, passages int) *queue {
	q := &queue{
		most: map[local.Kind]int{local.Query: queries, local.Passage: passages},
		wait: map[local.Kind][]job{},
	}
	q.some = sync.NewCond(&q.mu)
	return q
}

// add queues all texts of a call, or none where they do not all fit.
func (q *queue) add(c *call) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.wait[c.kind])+len(c.texts) > q.most[c.kind] {
		return false
	}
	for i := range c.texts {
		q.wait[c.kind] = append(q.wait[c.kind], job{c, i})
	}
	q.some.Broadcast()
	return true
}

// drop takes out what a call has left in the queue.
func (q *queue) drop(c *call) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wait[c.kind] = slices.DeleteFunc(q.wait[c.kind], func(j job) bool { return j.call == c })
}

// take waits for the next job; ok is false once the queue is closed.
func (q *queue) take() (j job, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed {
		for _, kind := range []local.Kind{local.Query, local.Passage} {
			if w := q.wait[kind]; len(w) > 0 {
				j, w[0] = w[0], job{} // the text must not stay behind in the array
				q.wait[kind] = w[1:]
				return j, true
			}
		}
		q.some.Wait()
	}
	return job{}, false
}

// close ends all waiting; what is still queued stays undone.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	clear(q.wait)
	q.some.Broadcast()
}
