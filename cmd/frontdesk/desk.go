package main

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

// deskWatchers are who is told of what the desk commits; they are there only in
// a process that serves.
type deskWatchers struct {
	hub      *bot.Hub
	notifier *pgdesk.Notifier
}

// newDesk puts the desk together, the same for every command: what is done to a
// case at the terminal promises what it would promise anywhere.
func (a *app) newDesk(pool *pgxpool.Pool, convs *pgconvo.Store, promises *pgdesk.Promises, w deskWatchers) (*pgdesk.Desk, error) {
	words, err := handoff.LoadTexts()
	if err != nil {
		return nil, err
	}
	maker, _, err := newPacketMaker()
	if err != nil {
		return nil, err
	}
	deps := pgdesk.Deps{
		Pool: pool, Conversations: convs, Texts: words, Logger: a.log, Now: a.now, NewID: bot.NewID,
		Promiser: promises, Estimator: promises, Packer: maker,
	}
	if w.hub != nil {
		deps.Hub = w.hub
	}
	if w.notifier != nil {
		deps.Announce = w.notifier
	}
	// Without watchers it is a command: it ends before names that are read beside
	// it are there.
	return pgdesk.NewDesk(deps, pgdesk.Config{WaitForNames: w.notifier == nil, NoMail: a.config.SMTPURL == ""})
}

// openDesk is the desk of a process that serves.
func (f *front) openDesk(ctx context.Context, a *app) (err error) {
	if f.promises, err = a.newPromises(f); err != nil {
		return err
	}
	if f.news, err = pgdesk.NewNotifier(ctx, f.bus); err != nil {
		return plain(err)
	}
	f.desk, err = a.newDesk(f.store.pool, f.convs, f.promises, deskWatchers{hub: f.hub, notifier: f.news})
	return err
}
