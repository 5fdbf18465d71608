package pgdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/hours"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Conversations is what the desk writes of a conversation, within its own
// transaction.
type Conversations interface {
	// Lock queues taking the conversation's row, and reading it into st; found
	// stays false where there is none. Both stand once the batch is closed.
	Lock(batch *pgx.Batch, key convo.Key, st *convo.State, found *bool)
	// Append queues writing events and a change of owner under that lock, and
	// gives the events as they will be.
	Append(batch *pgx.Batch, key convo.Key, st convo.State, a convo.Append) ([]convo.Event, error)
	// AttachFiles says that files of the customer's or of the desk's go with a
	// message, and gives them in their order.
	AttachFiles(ctx context.Context, tx pgx.Tx, key convo.Key, agent bool, ids []convo.ID, at time.Time) ([]convo.File, error)
	// Identify gives the locked conversation to whom the shop's server says its
	// visitor is, and says whether it was somebody unknown's until now.
	Identify(ctx context.Context, tx pgx.Tx, key convo.Key, st convo.State, c convo.Claim) (visitor convo.ID, moved bool, err error)
}

// publisher tells the watchers of a conversation what was committed.
type publisher interface {
	Publish(key convo.Key, events []convo.Event)
}

// Announcer tells those who watch a site's desk, in every process and soon,
// that something was committed; it never blocks and may forget.
type Announcer interface{ DeskChanged(site int32) }

// Promiser writes down what is promised for later, within the transaction that
// promises it.
type Promiser interface {
	Promise(ctx context.Context, tx pgx.Tx, p handoff.Promise) error
	// Wait queues what is promised to somebody who begins to wait, with a case that
	// the same batch writes for the first time: what Promise does for a ladder,
	// knowing all of it. It is false where more is to be promised than that: then
	// nothing is queued, and Promise does it.
	Wait(batch *pgx.Batch, c handoff.Case, q handoff.Queue, position int) (bool, error)
}

// Estimator says what a customer can honestly be told about the wait. It works
// on the open transaction; its failure costs the estimate and nothing else.
type Estimator interface {
	Outlook(ctx context.Context, tx pgx.Tx, site int32, q handoff.Queue, position int, lang string, at time.Time) (handoff.Outlook, error)
}

// Deps are what a desk works with. The last three may be nil: then nothing is
// promised, estimated or packed.
type Deps struct {
	Pool          *pgxpool.Pool
	Conversations Conversations
	Texts         *handoff.Texts
	Logger        *slog.Logger
	Now           func() time.Time
	NewID         func() convo.ID
	Hub           publisher // nil: nobody watches conversations
	Announce      Announcer // nil: nobody watches the desk

	Promiser  Promiser
	Estimator Estimator
	Packer    Packer
}

// Config bounds a desk.
type Config struct {
	// QuietAfter is how long after the last word a case that nobody waits for
	// still counts as needing its agent; 0: 10 min. A chat goes on within
	// minutes or is picked up later.
	QuietAfter time.Duration
	// KeepChanges is how long a console may sleep and still go on by its cursor;
	// 0: 24 h, a laptop closed over night.
	KeepChanges time.Duration
	// WaitForNames has every packet wait until the names of the site's products
	// have been read. It is for a process that does one thing and ends, for which
	// reading them beside it comes too late; a press of the button waits for
	// nothing. The reading takes a second connection of the pool meanwhile.
	WaitForNames bool
	// NoMail says that no e-mail goes out from this installation: then nobody is
	// told that an answer will reach them so.
	NoMail bool
}

func (c Config) withDefaults() Config {
	c.QuietAfter = cmp.Or(c.QuietAfter, 10*time.Minute)
	c.KeepChanges = cmp.Or(c.KeepChanges, 24*time.Hour)
	return c
}

var _ handoff.Desk = (*Desk)(nil)

// Desk keeps cases and everything around them: see handoff.Desk. It is safe for
// concurrent use; any number of them on one database behave as one.
type Desk struct {
	Deps
	cfg     Config
	sql     statements
	setups  setups
	shelves *shelves
	claims  *claims
	asking  []string // what asks customers for an address
}

// NewDesk makes a Desk on a migrated database.
func NewDesk(deps Deps, cfg Config) (*Desk, error) {
	if deps.Pool == nil || deps.Conversations == nil || deps.Texts == nil || deps.Logger == nil || deps.Now == nil || deps.NewID == nil {
		return nil, errors.New("pgdesk: pool, conversations, texts, log, clock and ids are needed")
	}
	defaults, err := handoff.Defaults()
	if err != nil {
		return nil, err
	}
	ladder, err := loadLadderTexts()
	if err != nil {
		return nil, err
	}
	return &Desk{Deps: deps, asking: slices.Concat(deps.Texts.Asks(), ladder.asks()), cfg: cfg.withDefaults(), sql: defaultStatements(), setups: setups{of: map[int32]*siteSetup{}, defaults: defaults}, shelves: &shelves{of: map[int32]shelf{}, loading: map[int32]bool{}}, claims: &claims{}}, nil
}

// New makes a Desk that promises and estimates nothing; hub may be nil where
// nobody watches.
func New(pool *pgxpool.Pool, convs Conversations, hub publisher, texts *handoff.Texts, now func() time.Time, newID func() convo.ID) (*Desk, error) {
	return NewDesk(Deps{Pool: pool, Conversations: convs, Hub: hub, Texts: texts, Logger: slog.New(slog.DiscardHandler), Now: now, NewID: newID}, Config{})
}

// beginWith begins a transaction with a batch, so that what is asked for first
// needs no trip of its own, and commits it unless f fails.
func (d *Desk) beginWith(ctx context.Context, queue func(batch *pgx.Batch), f func(tx pgx.Tx) error) error {
	batch := &pgx.Batch{}
	batch.BeginTx(pgx.TxOptions{})
	queue(batch)
	results := d.Pool.SendBatch(ctx, batch)
	tx := results.Tx()
	if tx == nil { // it was never begun
		return results.Close()
	}
	defer func() { // whatever ends it, the connection goes back
		_ = results.Close()
		_ = tx.Rollback(ctx)
	}()
	if err := results.Close(); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// moment is the clock's, as the database keeps it.
func (d *Desk) moment() time.Time { return d.Now().UTC().Truncate(time.Microsecond) }

// told publishes what was committed.
func (d *Desk) told(key convo.Key, events []convo.Event) {
	if d.Hub != nil && len(events) > 0 {
		d.Hub.Publish(key, events)
	}
	d.announce(key.Site)
}

func (d *Desk) announce(site int32) {
	if d.Announce != nil {
		d.Announce.DeskChanged(site)
	}
}

// due is when so much time of a queue has passed since a moment.
func (d *Desk) due(q handoff.Queue, from time.Time, target time.Duration) time.Time {
	at, ok := d.hoursOf(q).Add(from, target)
	if !ok { // hours that never open: the clock then, so that the case stands in its line
		return from.Add(target)
	}
	return at.UTC().Truncate(time.Microsecond)
}

// open says whether a queue is within its hours.
func (d *Desk) open(q handoff.Queue, at time.Time) bool { return d.hoursOf(q).Open(at) }

// hoursOf reads a queue's business hours. They were checked when they were set;
// what cannot be read all the same is always open, and said so.
func (d *Desk) hoursOf(q handoff.Queue) hours.Hours {
	h, err := hours.Parse(q.Hours)
	if err != nil {
		d.Logger.Warn("business hours cannot be read", "queue", q.Queue, "cause", err.Error())
		return hours.Always()
	}
	return h
}

// wrap names the operation; errors that mean "not now" say so.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return fmt.Errorf("%s: %w", op, err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && (e.Code == "22021" || e.Code == "22P05") {
		return fmt.Errorf("%s: %w", op, handoff.ErrText) // a NUL: Postgres keeps none
	}
	if pg.NotNow(err) {
		f := fault.Wrap(err, fault.Unavailable, "database_unavailable", "The service cannot reach its database right now. Please try again in a moment.")
		return fmt.Errorf("%s: %w", op, f.After(2*time.Second))
	}
	return fmt.Errorf("%s: %w", op, err)
}
