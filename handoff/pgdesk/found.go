package pgdesk

import (
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// found is what stands there when somebody asks for a person.
type found struct {
	conversation bool     // there is one
	version      int64    // of the site's settings; 0: there are none yet
	there        convo.ID // the conversation's open case; zero: none
	group        string   // of the visitor
	blocked      bool
	open, today  int          // cases of the visitor
	last         handoff.Case // the conversation's newest closed one
}

// queueFind queues reading it under the conversation's lock, which is taken by
// the same batch: a press waits for each trip. The statements come one after
// another, so that the visitor's cases are counted once the visitor's row is held.
func (w *work) queueFind(batch *pgx.Batch, f *found) {
	site, day := w.key.Site, w.now.Add(-24*time.Hour)
	w.d.Conversations.Lock(batch, w.key, &w.st, &f.conversation)
	var name string
	for _, read := range []struct {
		*pgx.QueuedQuery
		to []any
	}{
		{batch.Queue(selectVersion, site), []any{&f.version}},
		{batch.Queue(selectMain, site, w.key.ID), []any{&f.there}},
		{batch.Queue(selectVisitor, site, w.key.ID, w.now), []any{&name, &f.group, &f.blocked}},
		{batch.Queue(countOfVisitor, site, w.key.ID, day), []any{&f.open, &f.today}},
		{batch.Queue(selectLast, site, w.key.ID), caseTargets(&f.last)},
	} {
		read.QueryRow(func(row pgx.Row) error {
			if err := row.Scan(read.to...); !noRows(err) { // there need not be one
				return err
			}
			return nil
		})
	}
}

// refused is why the visitor may open no case; nil: they may.
func (f found) refused(r handoff.Rules) error {
	switch {
	case f.blocked:
		return handoff.ErrBlocked
	case f.open >= r.Open():
		return handoff.ErrManyOpen
	case f.today >= r.Day():
		return handoff.ErrManyToday.After(24 * time.Hour)
	}
	return nil
}
