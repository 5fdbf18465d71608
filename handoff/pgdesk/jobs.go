// Promises. What is to happen later is a job, inserted in the transaction that
// promises it (Promises) and done in one transaction with its own end (Keeper),
// under the locks that every change of the case takes:
//
//	a case waits       told where it stands → next queue → e-mail offered → leads
//	                   told, again and again; business time since the customer began
//	                   to wait, which nothing the service says moves
//	a case is held     and not answered: leads are told in the same way
//	an agent answered  customer silent: reminded once → closed as silent
//	                   address left: mailed, once somebody has said it is theirs
//	a case is closed   asked once how it was, on the page or by mail
//
// A job finds out when it runs whether it is still meant: a ladder's by the
// version and the moment of its step, the others by what stands at the case. So
// one that is run twice does it once, a chain that was overtaken ends, and what a
// killed process was doing is taken up by another one after a minute.
//
// When a part fails: without River's workers nothing is lost and everything is
// late; a case whose job is missing for whatever reason is found by the sweep each
// minute; hours that cannot be read are taken as always open; a mail server that
// is away is tried for a day and a half, and the case says so; without one mails
// are kept as not sent.
package pgdesk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/estimate"
	"frontdesk/handoff/hours"
	"frontdesk/handoff/mail"
)

// River's queues. Mail has its own, so that a server that hangs holds up mail
// and nothing else.
const (
	queuePromises = "promises"
	queueMail     = "mail"
)

// StepArgs is a job about one case.
type StepArgs struct {
	What    step     `json:"what" river:"unique"`
	Site    int32    `json:"site" river:"unique"`
	Case    convo.ID `json:"case" river:"unique"`
	Version int64    `json:"version"`
	Since   int64    `json:"since,omitempty"` // Unix microseconds; 0: none; of a ladder: when this step is due
	Agent   convo.ID `json:"agent"`
}

// Kind implements river.JobArgs.
func (StepArgs) Kind() string { return "case_step" }

// step is what is to be done.
type step string

const (
	stepLadder  step = "ladder"
	stepSilence step = "silence"
	stepWake    step = "wake"
	stepReply   step = "reply"
	stepConfirm step = "confirm"
	stepRating  step = "rating"
	stepMention step = "mention"
)

// MailArgs is a job that sends one e-mail.
type MailArgs struct {
	Site int32    `json:"site"`
	Mail convo.ID `json:"mail"`
}

// Kind implements river.JobArgs.
func (MailArgs) Kind() string { return "mail" }

// SweepArgs is the job that looks for what was forgotten.
type SweepArgs struct{}

// Kind implements river.JobArgs.
func (SweepArgs) Kind() string { return "promises_sweep" }

// PromiseContact says that a customer left an address: is it theirs?
const PromiseContact handoff.PromiseKind = "contact"

// How long after its reason a job runs at the soonest. They are never due at
// once: a job that is due when it is inserted sends a notification with the
// transaction, and a commit that notifies takes a lock on the whole database.
const (
	soon = 2 * time.Second
	// replyDelay lets an agent finish: what is said within it goes out as one mail,
	// and none goes to a customer who answers on the page meanwhile.
	replyDelay = 90 * time.Second
	// ratingDelay lets the customer read that it is closed, and what was done.
	ratingDelay = 30 * time.Second
)

// Promises writes down what is promised, within the transaction that promises
// it, and knows business hours and honest estimates. It is safe for concurrent
// use. Keeper does what was promised.
type Promises struct {
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	now    func() time.Time
	words  *estimate.Words
	texts  *ladderTexts

	siteName func(ctx context.Context, site int32) string
	// sql are the guarded statements: fields so that a test can cut a guard out and
	// show that its property then fails.
	sql struct{ selectLadder, saveLadder string }

	mu    sync.Mutex
	hours map[string]hours.Hours // by their text: few shops have more than a handful
	seen  estimates
}

var (
	_ Promiser  = (*Promises)(nil)
	_ Estimator = (*Promises)(nil)
)

// PromisesConfig is what promises are made with; all but SiteName is needed.
type PromisesConfig struct {
	Pool   *pgxpool.Pool
	Logger *slog.Logger
	Now    func() time.Time
	// SiteName is what a site is called where customers read it; nil, or empty for
	// a site: its short name.
	SiteName func(ctx context.Context, site int32) string
}

// NewPromises makes Promises on a migrated database.
func NewPromises(cfg PromisesConfig) (*Promises, error) {
	pool, log, now := cfg.Pool, cfg.Logger, cfg.Now
	if pool == nil || log == nil || now == nil {
		return nil, errors.New("pgdesk: promises need a pool, a log and a clock")
	}
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: quiet(log)})
	if err != nil {
		return nil, fmt.Errorf("the job queue: %w", err)
	}
	words, err := estimate.LoadWords()
	if err != nil {
		return nil, err
	}
	texts, err := loadLadderTexts()
	if err != nil {
		return nil, err
	}
	p := &Promises{
		pool: pool, client: client, now: now, siteName: cfg.SiteName, words: words, texts: texts,
		hours: map[string]hours.Hours{},
	}
	p.sql.selectLadder, p.sql.saveLadder = selectLadder, saveLadder
	return p, nil
}

// quiet leaves the job queue's own small talk out.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(atLeast{log.Handler(), slog.LevelWarn}) }

type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h atLeast) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

func (h atLeast) WithAttrs(a []slog.Attr) slog.Handler {
	return atLeast{h.Handler.WithAttrs(a), h.level}
}

func (h atLeast) WithGroup(n string) slog.Handler { return atLeast{h.Handler.WithGroup(n), h.level} }

// Promise inserts the jobs of a promise: see Promiser.
func (p *Promises) Promise(ctx context.Context, tx pgx.Tx, pr handoff.Promise) error {
	now := p.now().UTC().Truncate(time.Microsecond) // as the database keeps it: moments are compared
	a := StepArgs{Site: pr.Site, Case: pr.Case, Version: pr.Version, Agent: pr.Agent}
	if !pr.Since.IsZero() {
		a.Since = pr.Since.UnixMicro()
	}
	switch pr.Kind {
	case handoff.PromiseLadder:
		return p.promiseLadder(ctx, tx, a, now)
	case handoff.PromiseReminder:
		a.What = stepSilence
		return p.insertOnce(ctx, tx, a, now.Add(remindCheck))
	case handoff.PromiseWake:
		a.What = stepWake
		return p.insert(ctx, tx, a, latest(pr.At, now.Add(soon)))
	case handoff.PromiseMail:
		a.What = stepReply
		return p.insert(ctx, tx, a, latest(pr.At, now.Add(replyDelay)))
	case handoff.PromiseRating:
		a.What = stepRating
		return p.insert(ctx, tx, a, latest(pr.At, now.Add(ratingDelay)))
	case handoff.PromiseMention:
		a.What = stepMention
		return p.insert(ctx, tx, a, latest(pr.At, now.Add(soon)))
	case PromiseContact:
		a.What = stepConfirm
		return p.insertOnce(ctx, tx, a, now.Add(soon))
	default:
		return fmt.Errorf("nobody keeps a promise of kind %q", pr.Kind)
	}
}

// nameOf is what a site is called where customers read it.
func (p *Promises) nameOf(ctx context.Context, site int32, short string) string {
	if p.siteName == nil {
		return short
	}
	return firstOf(p.siteName(ctx, site), short)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (p *Promises) insert(ctx context.Context, tx pgx.Tx, args river.JobArgs, at time.Time) error {
	return p.insertWith(ctx, tx, args, river.InsertOpts{ScheduledAt: at})
}

// insertOnce inserts a job about a case unless one of its kind is under way: that
// one looks at how things stand when it runs, and then at whether to go on.
func (p *Promises) insertOnce(ctx context.Context, tx pgx.Tx, args StepArgs, at time.Time) error {
	return p.insertWith(ctx, tx, args, river.InsertOpts{ScheduledAt: at, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}})
}

func (p *Promises) insertWith(ctx context.Context, tx pgx.Tx, args river.JobArgs, o river.InsertOpts) error {
	o.Queue, o.MaxAttempts = queuePromises, stepTries
	if _, ok := args.(MailArgs); ok {
		o.Queue, o.MaxAttempts = queueMail, mailTries
	}
	if _, err := p.client.InsertTx(ctx, tx, args, &o); err != nil {
		return fmt.Errorf("insert a job: %w", err)
	}
	return nil
}

// Notify is a queue's own times, the jsonb beside it. Times are in seconds of
// the queue's business hours, counted from when the customer began to wait
// unless said otherwise; 0 takes the default, a negative one leaves the step out.
type Notify struct {
	UpdateS   int `json:"update_s,omitempty"`   // words to who still waits, then each so much later; 0: half the target for a first reply
	OverflowS int `json:"overflow_s,omitempty"` // to the next queue, counted from entering this one; 0: the target
	CallbackS int `json:"callback_s,omitempty"` // the answer by e-mail is offered; 0: one and a half targets
	LeadS     int `json:"lead_s,omitempty"`     // leads are told, and again after twice as long; 0: two targets; cannot be left out

	RemindS int `json:"remind_s,omitempty"` // real time after an agent's word without an answer; 0: a day
	CloseS  int `json:"close_s,omitempty"`  // likewise until it is closed as silent; 0: three days; never before a reminder

	Leads  []string `json:"leads,omitempty"`   // addresses that are told besides the leads and admins of the desk
	NoRate bool     `json:"no_rate,omitempty"` // customers are not asked how it was
}

const (
	defaultRemind = 24 * time.Hour
	defaultClose  = 72 * time.Hour
	// remindCheck is when somebody's silence is looked at first; the job then
	// knows the queue and waits for the rest.
	remindCheck = time.Minute
	maxLeads    = 20

	notifyKeys = "it holds update_s, overflow_s, callback_s, lead_s, remind_s and close_s in seconds, leads, a list of addresses, and no_rate, true or false"
)

// ReadNotify reads a queue's times. An empty text or null is all defaults.
func ReadNotify(raw json.RawMessage) (n Notify, err error) {
	if len(raw) == 0 || string(raw) == "null" {
		return n, nil
	}
	if err := json.Unmarshal(raw, &n); err != nil {
		return Notify{}, handoff.Bad("notify", notifyKeys)
	}
	if len(n.Leads) > maxLeads {
		return Notify{}, handoff.Bad("notify", fmt.Sprintf("at most %d addresses", maxLeads))
	}
	for i, l := range n.Leads {
		address, ok := mail.FindAddress(l)
		if !ok {
			return Notify{}, handoff.Bad("notify", fmt.Sprintf("%q is no address", l))
		}
		n.Leads[i] = address
	}
	if n.LeadS < 0 {
		return Notify{}, handoff.Bad("notify", "lead_s cannot be left out: a case that nobody takes is told to somebody")
	}
	return n, nil
}

// checkNotify is ReadNotify for what is being set: a key that nothing reads is
// a step that somebody believes in. What stands in the database is read as it is.
func checkNotify(raw json.RawMessage) error {
	if _, err := ReadNotify(raw); err != nil || len(raw) == 0 {
		return err
	}
	var n Notify
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(&n)
	if err == nil {
		return nil
	}
	if _, key, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return handoff.Bad("notify", "there is no "+key+"; "+notifyKeys)
	}
	return handoff.Bad("notify", notifyKeys)
}

func (n Notify) remind() time.Duration {
	if n.RemindS == 0 {
		return defaultRemind
	}
	return time.Duration(n.RemindS) * time.Second
}

func (n Notify) close() time.Duration {
	if n.CloseS == 0 {
		return defaultClose
	}
	return time.Duration(n.CloseS) * time.Second
}

// hoursOf reads business hours, from memory where they were read before.
func (p *Promises) hoursOf(text json.RawMessage) (hours.Hours, error) {
	if len(text) == 0 {
		return hours.Always(), nil
	}
	p.mu.Lock()
	h, ok := p.hours[string(text)]
	p.mu.Unlock()
	if ok {
		return h, nil
	}
	h, err := hours.Parse(text)
	if err != nil {
		return h, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.hours) > 1000 { // somebody edits them all day long
		clear(p.hours)
	}
	p.hours[string(text)] = h
	return h, nil
}
