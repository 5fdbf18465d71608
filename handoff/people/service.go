package people

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Config bounds sessions, invitations and tries. Zero fields take the default.
type Config struct {
	Idle       time.Duration // a session not used for so long is over; 12 h: a working day and its lunch
	Absolute   time.Duration // likewise however much it is used; 7 days
	Invitation time.Duration // how long one can be taken up; 72 h: over a weekend
	Reset      time.Duration // how long a link to choose a password works; 24 h
	Account    Rule          // tries at one account; 10 at once, one more a minute
	Address    Rule          // tries from one address; 50 at once, one more in 5 s: an office signs in on Monday morning
	Sessions   int           // of one person at a time; 20
	Audit      time.Duration // how long the audit log is kept; 400 days: a year and the weeks to look back at it
	// LimitLoopback counts tries from loopback addresses too. By default it does
	// not: behind a proxy on the same machine that is everybody's address. Those
	// at one account are counted all the same.
	LimitLoopback bool
}

func (c Config) withDefaults() Config {
	c.Idle = cmp.Or(c.Idle, 12*time.Hour)
	c.Absolute = cmp.Or(c.Absolute, 7*24*time.Hour)
	c.Invitation = cmp.Or(c.Invitation, 72*time.Hour)
	c.Reset = cmp.Or(c.Reset, 24*time.Hour)
	c.Account = cmp.Or(c.Account, Rule{Burst: 10, Every: time.Minute})
	c.Address = cmp.Or(c.Address, Rule{Burst: 50, Every: 5 * time.Second})
	c.Sessions = cmp.Or(c.Sessions, 20)
	c.Audit = cmp.Or(c.Audit, 400*24*time.Hour)
	return c
}

func (c Config) validate() error {
	for _, d := range []struct {
		name string
		d    time.Duration
	}{
		{"Idle", c.Idle},
		{"Absolute", c.Absolute},
		{"Invitation", c.Invitation},
		{"Reset", c.Reset},
		{"Audit", c.Audit},
		{"Account.Every", c.Account.Every},
		{"Address.Every", c.Address.Every},
	} {
		if d.d <= 0 {
			return fmt.Errorf("people config: %s is %s, must be positive", d.name, d.d)
		}
	}
	if c.Account.Burst < 1 || c.Address.Burst < 1 || c.Sessions < 1 {
		return errors.New("people config: Account.Burst, Address.Burst and Sessions must be at least 1")
	}
	return nil
}

// Deps are what People works with.
type Deps struct {
	Store  store
	Hasher hasher
	Roster roster // nil: nobody is changed here
	Log    *slog.Logger
	Now    func() time.Time
	NewID  func() convo.ID
	Random io.Reader // of tokens
}

// People is all that can be done about people and access. It is safe for
// concurrent use.
type People struct {
	Deps
	cfg   Config
	lives lifetimes
}

// New makes a People.
func New(d Deps, cfg Config) (*People, error) {
	if d.Store == nil || d.Hasher == nil || d.Log == nil || d.Now == nil || d.NewID == nil || d.Random == nil {
		return nil, errors.New("people: every dependency but the roster is needed")
	}
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &People{Deps: d, cfg: cfg, lives: lifetimes{cfg.Idle, cfg.Absolute}}, nil
}

func (p *People) now() time.Time { return p.Now().UTC() }

// entry is a line of the audit log by an actor.
func (p *People) entry(a handoff.Actor, act Action) Entry {
	return Entry{At: p.now(), Agent: a.Agent, Actor: a.Name, Action: act}
}

// Where is where a request comes from.
type Where struct {
	Address   string // as it is shown
	Place     string // as tries are counted: see Place
	Loopback  bool
	UserAgent string
}

// Who says who a token speaks for, and moves the session with its use. It is
// asked at every request. Errors: ErrSignedOut without a token, ErrOver,
// Unavailable.
func (p *People) Who(ctx context.Context, token string, w Where) (Who, error) {
	if token == "" {
		return Who{}, ErrSignedOut
	}
	t, ok := ParseToken(token)
	if !ok {
		return Who{}, ErrOver
	}
	who, err := p.Store.WhoHas(ctx, t.Site, t.Hash())
	if err != nil {
		return Who{}, err
	}
	now := p.now()
	if !who.Session.Live(now) {
		return Who{}, ErrOver
	}
	if s, changed := p.lives.slide(who.Session, w.Address, w.UserAgent, now); changed {
		who.Session = s
		if err := p.Store.Slide(ctx, t.Site, s); err != nil {
			// The request is good all the same; the next one tries again.
			p.Log.Warn("a session's use was not written down", "session", s.ID, "cause", err.Error())
		}
	}
	return who, nil
}

// Still says whether a session that was good is good still, and who it is now:
// a stream that is open for hours asks every few seconds. Errors: ErrOver,
// Unavailable.
func (p *People) Still(ctx context.Context, site int32, session convo.ID) (Who, error) {
	who, err := p.Store.WhoIs(ctx, site, session)
	if err != nil {
		return Who{}, err
	}
	if !who.Session.Live(p.now()) {
		return Who{}, ErrOver
	}
	return who, nil
}

// Record writes a line of the audit log. Errors: ErrAudit, Unavailable.
func (p *People) Record(ctx context.Context, a handoff.Actor, e Entry) error {
	e.At, e.Agent, e.Actor = p.now(), a.Agent, a.Name
	if err := e.check(); err != nil {
		return err
	}
	return p.Store.Record(ctx, a.Site, e)
}

// sightAgain is for how long looking at a case again is the same look: a desk
// reads a case anew with every change of it.
const sightAgain = 10 * time.Minute

// Saw writes down that somebody looked at a case. Error: Unavailable.
func (p *People) Saw(ctx context.Context, a handoff.Actor, c convo.ID) error {
	e := p.entry(a, ActCaseSeen)
	e.Case = c
	return p.Store.RecordSight(ctx, a.Site, e, e.At.Add(-sightAgain))
}

// SawConversation writes down that somebody looked at a conversation that is
// nobody's case. Error: Unavailable.
func (p *People) SawConversation(ctx context.Context, a handoff.Actor, c convo.ID) error {
	e := p.entry(a, ActConversationSeen)
	e.Conversation = c
	return p.Store.RecordSight(ctx, a.Site, e, e.At.Add(-sightAgain))
}

const (
	auditPage    = 50
	auditPageMax = 200
)

// Audit reads a page of the log. Errors: handoff.ErrForbidden, ErrCursor.
func (p *People) Audit(ctx context.Context, a handoff.Actor, v AuditView) (AuditPage, error) {
	if err := Allow(a, AuditRead); err != nil {
		return AuditPage{}, err
	}
	if v.Before < 0 {
		return AuditPage{}, ErrCursor
	}
	limit := min(max(cmp.Or(v.Limit, auditPage), 1), auditPageMax)
	v.Limit = limit + 1
	list, err := p.Store.Audit(ctx, a.Site, v)
	if err != nil {
		return AuditPage{}, err
	}
	page := AuditPage{Entries: list}
	if len(list) > limit {
		page.Entries, page.Next = list[:limit], list[limit-1].ID
	}
	return page, nil
}

const (
	sweepEvery = time.Hour
	keepEnded  = 30 * 24 * time.Hour
	keepPlaces = 90 * 24 * time.Hour
)

// KeepHouse removes what is long over, until ctx ends. Several instances may.
func (p *People) KeepHouse(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := p.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.Log.Warn("sessions and invitations were not swept", "cause", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sweep removes what is long over, once.
func (p *People) Sweep(ctx context.Context) error {
	now := p.now()
	return p.Store.Sweep(ctx, Swept{Now: now, Ended: now.Add(-keepEnded), Places: now.Add(-keepPlaces), Audit: now.Add(-p.cfg.Audit)})
}
