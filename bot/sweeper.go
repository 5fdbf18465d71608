package bot

import (
	"context"
	"errors"
	"time"

	"frontdesk/bot/convo"
)

const sweepEvery = time.Second

// Sweep ends turns that nobody runs any more, at once and then every second
// until ctx ends: those of instances that died, and those of this one whose
// end could not be written while the database was away.
func (e *Engine) Sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if n, err := e.SweepOnce(ctx); err != nil && ctx.Err() == nil {
			e.Log.Warn("sweep failed", "cause", err.Error())
		} else if n > 0 {
			e.Meter.Swept(n)
			e.Log.Info("ended turns that were left open", "turns", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// SweepOnce is one round of Sweep; it returns how many turns it ended.
func (e *Engine) SweepOnce(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	open, err := e.Store.Abandoned(ctx, e.cfg.Instance, 200)
	if err != nil {
		return 0, err
	}
	ended := 0
	for _, t := range open {
		if e.runsHere(t.Turn) {
			continue
		}
		events, err := e.Store.Finish(ctx, e.interruption(t))
		switch {
		case errors.Is(err, ErrFenced): // ended meanwhile
		case err != nil:
			return ended, err
		default:
			e.Hub.Publish(t.Key, events)
			e.Meter.TurnEnded(convo.Failed, "interrupted", e.Now().Sub(t.Started))
			ended++
		}
	}
	return ended, nil
}

// interruption is the honest end of a turn whose process died. Where a person
// owns the conversation by now, nothing is said in between.
func (e *Engine) interruption(t OpenTurn) End {
	words, lang := e.Texts.In(t.Language)
	now := e.Now()
	trace := Trace{Instance: e.cfg.Instance, Error: "interrupted", Owner: string(t.Owner)}
	end := End{Key: t.Key, Turn: t.Turn, Trace: trace.json(now.Sub(t.Started)), Started: t.Started, At: now.UTC()}
	if t.Owner != convo.OwnerBot {
		end.Outcome = convo.Queued
		end.Events = []convo.Draft{{Kind: convo.KindDone, Turn: t.Turn, Body: convo.Done{Turn: t.Turn, Outcome: convo.Queued, Reason: "taken_over"}}}
		return end
	}
	end.Outcome, end.Fence = convo.Failed, t.Fence
	end.Events = []convo.Draft{
		{Kind: convo.KindMessage, Turn: t.Turn, Body: convo.Message{
			ID: e.NewID(), Turn: &t.Turn, Author: convo.System, Text: words.Interrupted, OfferPerson: true, Lang: lang, At: now.UTC(),
		}},
		{Kind: convo.KindError, Turn: t.Turn, Body: convo.Failure{Turn: t.Turn, Code: "interrupted", Text: words.Interrupted}},
	}
	return end
}
