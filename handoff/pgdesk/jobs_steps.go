package pgdesk

import (
	"context"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// CaseReminded says that the silent customer was reminded.
const CaseReminded handoff.CaseEventKind = "reminded"

const (
	selectReminded = `SELECT reminded_at FROM case_silences WHERE site_id = $1 AND case_id = $2 AND asked_at = $3`
	saveReminded   = `
INSERT INTO case_silences (site_id, case_id, asked_at, reminded_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (site_id, case_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, reminded_at = EXCLUDED.reminded_at`
)

// silence reminds a customer who has not answered an agent, once, and closes the
// case as silent some time after. There is one such job a case: it looks at what
// is so now, and comes back when that may have changed.
func (k *Keeper) silence(ctx context.Context, a StepArgs, done finish) (again time.Duration, err error) {
	_, err = k.desk.change(ctx, "look after a silent customer", handoff.System(a.Site, "silence"), handoff.Target{Case: a.Case}, func(ctx context.Context, w *work) error {
		at, act, err := k.silent(ctx, w)
		if err != nil {
			return err
		}
		switch {
		case act != nil:
			if err := act(); err != nil {
				return err
			}
			if w.c.State == handoff.Closed {
				return done(ctx, w.tx)
			}
			at, _, err = k.silent(ctx, w)
			if err != nil {
				return err
			}
		case at.IsZero(): // nobody is waited for
			return done(ctx, w.tx)
		}
		again = max(at.Sub(w.now), soon)
		return nil
	})
	if isGone(err) {
		return 0, nil
	}
	return again, err
}

// silent says what is due of a case whose customer says nothing, or when to look
// again; neither: nobody waits for the customer.
func (k *Keeper) silent(ctx context.Context, w *work) (at time.Time, act func() error, err error) {
	c := &w.c
	// Who waits is not silent, whatever the clocks of two processes say of whose
	// words came last.
	if c.State != handoff.Claimed || c.AgentAt.IsZero() || c.Waits() || c.CustomerAt.After(c.AgentAt) || c.Link == handoff.Second {
		return time.Time{}, nil, nil
	}
	if c.SnoozedUntil.After(w.now) { // the agent has something to do first
		return c.SnoozedUntil.Add(soon), nil, nil
	}
	times := k.promises.plan(w.queue(), c.Priority).times
	remind, closes := times.remind(), times.close()
	if remind <= 0 && closes <= 0 {
		return time.Time{}, nil, nil
	}
	var reminded time.Time
	err = w.tx.QueryRow(ctx, selectReminded, w.key.Site, c.ID, c.AgentAt).Scan(nullTime{&reminded})
	if err != nil && !noRows(err) {
		return time.Time{}, nil, err
	}
	if reminded.IsZero() && remind > 0 {
		if at = c.AgentAt.Add(remind); at.After(w.now) {
			return at, nil, nil
		}
		return at, func() error { return k.remind(ctx, w) }, nil
	}
	if closes <= 0 {
		return time.Time{}, nil, nil
	}
	// However late the reminder was: who is reminded has the time to answer.
	at = c.AgentAt.Add(closes)
	if !reminded.IsZero() {
		at = latest(at, reminded.Add(max(closes-remind, remind/2, time.Minute)))
	}
	if at.After(w.now) {
		return at, nil, nil
	}
	return at, func() error { return w.close(ctx, handoff.NoReply, "", "") }, nil
}

func (k *Keeper) remind(ctx context.Context, w *work) error {
	if _, err := w.tx.Exec(ctx, saveReminded, w.key.Site, w.c.ID, w.c.AgentAt, w.now); err != nil {
		return err
	}
	if w.st.Owner == convo.OwnerAgent {
		text, lang := k.promises.texts.remind(w.c, w.langs()...)
		w.system(text, lang)
	}
	w.log(CaseReminded, handoff.EventBody{})
	address, confirmed, err := w.addressOf(ctx)
	if err != nil || address == "" || !confirmed {
		return err
	}
	return k.post(ctx, w, letter{kind: mailRemind, address: address, name: w.c.AgentName})
}

// wake ends a snooze.
func (k *Keeper) wake(ctx context.Context, a StepArgs, done finish) error {
	return k.change(ctx, "wake a case", a, done, func(_ context.Context, w *work) error {
		if w.c.Version != a.Version || w.c.State != handoff.Claimed || w.c.SnoozedUntil.IsZero() {
			return nil
		}
		if err := w.c.Sleep(time.Time{}, w.now); err != nil {
			return err
		}
		w.log(handoff.CaseWoken, handoff.EventBody{})
		return nil
	})
}

// mailMention tells somebody who is not there that they are named in a note.
func (k *Keeper) mailMention(ctx context.Context, a StepArgs, done finish) error {
	return k.change(ctx, "tell who was mentioned", a, done, func(ctx context.Context, w *work) error {
		g, err := w.agent(ctx, a.Agent)
		if err != nil || g.Disabled || g.Status == handoff.Online || w.c.State == handoff.Closed {
			if isGone(err) {
				return nil
			}
			return err
		}
		var by string
		err = w.tx.QueryRow(ctx, `
SELECT e.actor FROM case_mentions m JOIN case_events e USING (site_id, case_id, n)
WHERE m.site_id = $1 AND m.agent_id = $2 AND m.case_id = $3 ORDER BY m.n DESC LIMIT 1`, a.Site, a.Agent, a.Case).Scan(&by)
		if err != nil && !noRows(err) {
			return err
		}
		return k.post(ctx, w, letter{kind: mailMention, address: g.Email, agent: g.ID, name: by, lang: firstOf(g.Languages...)})
	})
}
