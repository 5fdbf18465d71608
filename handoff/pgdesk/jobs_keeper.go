package pgdesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/mail"
)

// Postman hands messages to a mail server.
type Postman interface {
	Send(ctx context.Context, m mail.Message) error
	From() netmail.Address
}

// KeeperConfig bounds a keeper. Zero fields take the default that is named.
type KeeperConfig struct {
	// Postman sends mail; nil: there is no mail server, and mails are kept as not
	// sent.
	Postman Postman
	// Base is the address under which customers reach this service, for links in
	// mails, without a slash at the end; it is asked each time. nil or empty: mails
	// that need a link are kept as not sent.
	Base func() string
	// Workers is how many jobs about cases run at a time; 0: 8. Each holds a
	// connection of the pool while it works.
	Workers int
	// MailWorkers is how many mails are sent at a time; 0: 4.
	MailWorkers int
	// FetchCooldown is how soon new jobs are looked for again; 0: 20 ms.
	FetchCooldown time.Duration
	// JobTimeout ends a job; 0: 40 s, more than a mail may take.
	JobTimeout time.Duration
	// RescueAfter is when the job of a process that died is taken up by another
	// one; 0: 60 s.
	RescueAfter time.Duration
	// SweepEvery is how often what was forgotten is looked for; 0: 1 min.
	SweepEvery time.Duration
}

func (c KeeperConfig) withDefaults() KeeperConfig {
	c.Workers = cmp.Or(c.Workers, 8)
	c.MailWorkers = cmp.Or(c.MailWorkers, 4)
	c.FetchCooldown = cmp.Or(c.FetchCooldown, 20*time.Millisecond)
	c.JobTimeout = cmp.Or(c.JobTimeout, 40*time.Second)
	c.RescueAfter = cmp.Or(c.RescueAfter, time.Minute)
	c.SweepEvery = cmp.Or(c.SweepEvery, time.Minute)
	return c
}

// Keeper does what was promised: the jobs. Any number of them on one database
// share the work; each job changes what it changes, and is marked as done, in
// one transaction under the case's lock, so that one that is run twice, or whose
// process dies, does it once. Mail is the exception: a server cannot be asked
// whether it has taken one, so that a mail is sent again rather than lost.
type Keeper struct {
	desk     *Desk
	promises *Promises
	cfg      KeeperConfig
	letters  *mail.Writer
	client   *river.Client[pgx.Tx]
}

// NewKeeper makes a Keeper; Start begins the work.
func NewKeeper(desk *Desk, promises *Promises, cfg KeeperConfig) (*Keeper, error) {
	if desk == nil || promises == nil {
		return nil, errors.New("pgdesk: a keeper needs a desk and its promises")
	}
	letters, err := mail.NewWriter()
	if err != nil {
		return nil, err
	}
	k := &Keeper{desk: desk, promises: promises, cfg: cfg.withDefaults(), letters: letters}
	workers := river.NewWorkers()
	if err := errors.Join(
		river.AddWorkerSafely(workers, &stepWorker{k: k}),
		river.AddWorkerSafely(workers, &mailWorker{k: k}),
		river.AddWorkerSafely(workers, &sweepWorker{k: k}),
	); err != nil {
		return nil, fmt.Errorf("the job queue: %w", err)
	}
	k.client, err = river.NewClient(riverpgxv5.New(desk.Pool), &river.Config{
		Queues:               map[string]river.QueueConfig{queuePromises: {MaxWorkers: k.cfg.Workers}, queueMail: {MaxWorkers: k.cfg.MailWorkers}},
		Workers:              workers,
		FetchCooldown:        k.cfg.FetchCooldown,
		FetchPollInterval:    max(time.Second, k.cfg.FetchCooldown),
		JobTimeout:           k.cfg.JobTimeout,
		RescueStuckJobsAfter: max(k.cfg.RescueAfter, k.cfg.JobTimeout+time.Second),
		Logger:               quiet(desk.Logger),
		ErrorHandler:         jobErrors{k},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(k.cfg.SweepEvery), func() (river.JobArgs, *river.InsertOpts) {
			return SweepArgs{}, &river.InsertOpts{Queue: queuePromises, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: k.cfg.SweepEvery}}
		}, &river.PeriodicJobOpts{RunOnStart: true})},
	})
	if err != nil {
		return nil, fmt.Errorf("the job queue: %w", err)
	}
	return k, nil
}

// Start begins to do what was promised, until Stop.
func (k *Keeper) Start(ctx context.Context) error {
	if err := k.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	return nil
}

// Stop lets the jobs that run come to their end; where ctx ends first they are
// cut off, and another process does them anew.
func (k *Keeper) Stop(ctx context.Context) error {
	err := k.client.Stop(ctx)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	return errors.Join(err, k.client.StopAndCancel(ctx))
}

// finish marks a job as done within the transaction that did it.
type finish func(ctx context.Context, tx pgx.Tx) error

// Jobs are tried again for about a day and a half: a database that is away, a
// mail server that is being moved.
const (
	stepTries = 25
	mailTries = 14
)

// tryAgain is when a job is tried again that failed so often: half a minute, then
// twice as long each time, at most four hours.
func tryAgain(failed int) time.Duration {
	return min(30*time.Second<<min(max(failed-1, 0), 10), 4*time.Hour)
}

type stepWorker struct {
	river.WorkerDefaults[StepArgs]
	k *Keeper
}

// Work implements river.Worker.
func (s *stepWorker) Work(ctx context.Context, job *river.Job[StepArgs]) error {
	again, err := s.k.do(ctx, job.Args, func(ctx context.Context, tx pgx.Tx) error {
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
	if err == nil && again > 0 {
		return river.JobSnooze(again)
	}
	return err
}

// NextRetry implements river.Worker: what failed about a case is tried again soon.
func (s *stepWorker) NextRetry(job *river.Job[StepArgs]) time.Time {
	return time.Now().Add(min(tryAgain(job.Attempt)/10, 10*time.Minute))
}

// do does a step; again asks to be called again after so long.
func (k *Keeper) do(ctx context.Context, a StepArgs, done finish) (again time.Duration, err error) {
	switch a.What {
	case stepLadder:
		err = k.ladder(ctx, a, done)
	case stepSilence:
		again, err = k.silence(ctx, a, done)
	case stepWake:
		err = k.wake(ctx, a, done)
	case stepReply:
		err = k.mailReply(ctx, a, done)
	case stepConfirm:
		err = k.askAddress(ctx, a, done)
	case stepRating:
		err = k.askRating(ctx, a, done)
	case stepMention:
		err = k.mailMention(ctx, a, done)
	default:
		return 0, river.JobCancel(fmt.Errorf("nobody knows the step %q", a.What))
	}
	return again, err
}

// change does a step of a case in one transaction with the job's end. A case
// that is gone (its customer was erased) has nothing to be done.
func (k *Keeper) change(ctx context.Context, op string, a StepArgs, done finish, f func(ctx context.Context, w *work) error) error {
	_, err := k.desk.change(ctx, op, handoff.System(a.Site, string(a.What)), handoff.Target{Case: a.Case}, func(ctx context.Context, w *work) error {
		if err := f(ctx, w); err != nil {
			return err
		}
		return done(ctx, w.tx)
	})
	if isGone(err) {
		return nil
	}
	return err
}

type sweepWorker struct {
	river.WorkerDefaults[SweepArgs]
	k *Keeper
}

// Work implements river.Worker.
func (s *sweepWorker) Work(ctx context.Context, _ *river.Job[SweepArgs]) error { return s.k.Sweep(ctx) }

const (
	// selectForgotten is who waits with nobody looking after it: cases from before
	// there were ladders, and whatever went wrong. Of those that somebody has it is
	// whose answer is late: their ladder ended with an answer, and they wait again.
	selectForgotten = `
SELECT c.site_id, c.case_id
FROM cases c
LEFT JOIN case_ladders l USING (site_id, case_id)
WHERE c.state = 'waiting' AND (l.case_id IS NULL OR l.next_at IS NULL OR l.next_at < $1)
   OR c.state = 'claimed' AND c.link <> 'second' AND c.customer_waits_since IS NOT NULL AND c.due_first < $2
      AND (l.case_id IS NULL OR l.next_at IS NULL OR l.next_at < $1 OR l.since <> c.customer_waits_since)
LIMIT 500`
	// lateAfter is how long a step may be overdue before it is taken for lost: more
	// than a job that is rescued and tried again needs.
	lateAfter = 5 * time.Minute

	pruneCodes = `DELETE FROM mail_codes WHERE expires_at < $1`
)

// Sweep begins the ladder of every customer who waits without one, and removes
// codes that have run out.
func (k *Keeper) Sweep(ctx context.Context) error {
	now := k.desk.moment()
	rows, err := k.desk.Pool.Query(ctx, selectForgotten, now.Add(-lateAfter), now)
	if err != nil {
		return wrap("look for forgotten cases", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a StepArgs, err error) {
		a.What = "sweep"
		err = row.Scan(&a.Site, &a.Case)
		return a, err
	})
	if err != nil {
		return wrap("look for forgotten cases", err)
	}
	for _, a := range list {
		err := k.change(ctx, "begin a ladder", a, func(context.Context, pgx.Tx) error { return nil }, func(_ context.Context, w *work) error {
			if w.c.State == handoff.Waiting || unanswered(w.c) {
				w.promise(handoff.PromiseLadder, time.Time{})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(list) > 0 {
		k.desk.Logger.Info("began ladders that were missing", "cases", len(list))
	}
	_, err = k.desk.Pool.Exec(ctx, pruneCodes, now.AddDate(0, 0, -1))
	return wrap("remove old codes", err)
}

// jobErrors says in the log what failed, with ids and never with words.
type jobErrors struct{ k *Keeper }

// HandleError implements river.ErrorHandler.
func (h jobErrors) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	h.k.desk.Logger.Warn("a job failed and is tried again", "job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "cause", err.Error())
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (h jobErrors) HandlePanic(_ context.Context, job *rivertype.JobRow, v any, trace string) *river.ErrorHandlerResult {
	h.k.desk.Logger.Error("a job panicked", "job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "panic", fmt.Sprint(v), "stack", trace)
	return nil
}

var _ river.ErrorHandler = jobErrors{}

func micros(t int64) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMicro(t).UTC()
}

func zero(id convo.ID) bool { return id == convo.ID{} }

// isGone says that what a job is about is no longer there: its customer was
// erased, or somebody left the desk.
func isGone(err error) bool {
	return errors.Is(err, handoff.ErrNoCase) || errors.Is(err, handoff.ErrNoConversation) || errors.Is(err, handoff.ErrNoAgent)
}
