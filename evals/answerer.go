package evals

import (
	"context"
	"fmt"
	"sync"

	"frontdesk/retrieval"
)

// Answerer decides about a message as the product does. Implementations are
// safe for concurrent use.
type Answerer interface {
	// Answer decides about a message to a site after what was said before it,
	// oldest first.
	Answer(ctx context.Context, site retrieval.SiteID, history []Said, text string) (Decision, error)
}

// Action is what is done about a message.
type Action string

const (
	ActAnswer  Action = "answer"  // the quotes are shown; small talk is answered without any
	ActClarify Action = "clarify" // the choices are shown
	ActNone    Action = "none"    // says that there is no answer, offers a person
	ActHandoff Action = "handoff"
)

// Decision is what an Answerer decided. Quotes and Choices are also there
// where the action shows others or none: they are what would have been shown
// under other thresholds, so that one run tells about all of them.
type Decision struct {
	Action  Action
	Quotes  []Quote  // what an answer would quote; empty: nothing could be quoted, whatever the threshold
	Choices []string // articles that a choice would offer
	Hits    []string // articles, best first; Depth of them where there are as many
	P       float64  // probability that the quotes answer
	Firsts  []string // the first article for each of two questions; where the message seems to ask one, the first two
}

// Quote is a part of an article, word for word.
type Quote struct {
	Article string
	Text    string
}

// AskMessages puts a business's messages to an Answerer, several at a time,
// and judges what it decides, in their order. progress may be nil; it is told
// how many are done.
func AskMessages(ctx context.Context, a Answerer, site retrieval.SiteID, b Business, parallel int, progress func(done int)) ([]Judgement, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := make([]Judgement, len(b.Messages))
	next := make(chan int)
	var mu sync.Mutex
	var wg sync.WaitGroup
	done := 0
	for range max(1, parallel) {
		wg.Go(func() {
			for i := range next {
				m := b.Messages[i]
				d, err := a.Answer(ctx, site, m.History, m.Text)
				if err != nil {
					cancel(fmt.Errorf("%s: %w", m.ID, err))
					return
				}
				out[i] = judge(b.Slug, m, d)
				mu.Lock()
				done++
				if progress != nil {
					progress(done)
				}
				mu.Unlock()
			}
		})
	}
feed:
	for i := range b.Messages {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out, nil
}
