package people

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Attempt is a try to sign in.
type Attempt struct {
	Site     string // empty: the default or only one
	Email    string
	Password string
	Had      string // the token this browser has from before; its session ends
	Where
}

// Naming says whether somebody who signs in has to say at which site.
type Naming string

// All of them. They tell a stranger no more than that there are several sites:
// neither which, nor who is at one.
const (
	NamingNone     Naming = "none"     // all who can sign in do so at the default or only site
	NamingOptional Naming = "optional" // at the default one where none is named
	NamingRequired Naming = "required" // nobody can sign in without
)

// Naming says whether a sign-in has to name its site. Error: Unavailable.
func (p *People) Naming(ctx context.Context) (Naming, error) {
	home, err := p.Store.SiteNamed(ctx, "")
	if err != nil && !errors.Is(err, ErrNoSite) {
		return "", err
	}
	elsewhere, here, err := p.Store.Elsewhere(ctx, home.ID)
	switch {
	case err != nil:
		return "", err
	case !elsewhere:
		return NamingNone, nil
	case here:
		return NamingOptional, nil
	default:
		return NamingRequired, nil
	}
}

// Login signs somebody in. The token is for their browser alone. Errors:
// ErrLogin whatever was wrong, ErrTooMany, ErrBusy, Unavailable.
func (p *People) Login(ctx context.Context, t Attempt) (Who, Token, error) {
	site, err := p.Store.SiteNamed(ctx, t.Site)
	if errors.Is(err, ErrNoSite) {
		site, err = Site{}, nil // goes on like any other wrong try
	}
	if err != nil {
		return Who{}, Token{}, err
	}
	// What cannot be an address has no account, and goes on as well.
	email, emailErr := Email(t.Email)
	place := key("place", t.Place)
	acc, err := p.Store.Account(ctx, site.ID, email, place)
	if err != nil {
		return Who{}, Token{}, err
	}
	keys := tryKeys{account: key("account", email), address: key("address", t.Place), both: key("account at", email, t.Place)}
	if err := p.admit(ctx, site.ID, keys, acc.Known, t.Loopback); err != nil {
		return Who{}, Token{}, err
	}
	hash := acc.Hash
	if acc.Person.Disabled || emailErr != nil || len(t.Password) > 4*maxPassword {
		hash = ""
	}
	right, stale, err := p.Hasher.Verify(ctx, hash, cut(t.Password, 4*maxPassword))
	if err != nil {
		return Who{}, Token{}, fmt.Errorf("check a password: %w", err)
	}
	if !right {
		e := p.entry(handoff.Actor{Agent: acc.Person.ID, Name: acc.Person.Name}, ActLoginFailed)
		e.Address = clean(t.Address, 64)
		if err := p.Store.Failed(ctx, site.ID, e); err != nil {
			return Who{}, Token{}, err
		}
		return Who{}, Token{}, ErrLogin
	}
	b, token, err := p.begin(site.ID, acc.Person, t.Where, t.Had, place, ActLogin)
	if err != nil {
		return Who{}, Token{}, err
	}
	b.Checked, b.Forget = acc.Password, [][]byte{keys.account, keys.both}
	if stale {
		if b.Rehash, err = p.Hasher.Hash(ctx, t.Password); err != nil {
			return Who{}, Token{}, err
		}
	}
	if err := p.Store.Begin(ctx, b); err != nil {
		return Who{}, Token{}, err
	}
	return Who{Site: site, Person: acc.Person, Session: b.Session}, token, nil
}

// cut keeps what is derived from short: a password that is too long is wrong,
// but must not cost more than another.
func cut(s string, n int) string { return s[:min(len(s), n)] }

type tryKeys struct{ account, address, both []byte }

// admit counts a try. One from a place that the person has signed in from is
// counted apart from everybody else's, so that a stranger's wrong guesses keep
// nobody out.
func (p *People) admit(ctx context.Context, site int32, k tryKeys, known, loopback bool) error {
	if !loopback || p.cfg.LimitLoopback {
		if wait, err := p.Store.Take(ctx, site, k.address, p.cfg.Address, p.now()); err != nil || wait > 0 {
			return tooMany(wait, err)
		}
	}
	at := k.account
	if known {
		at = k.both
	}
	wait, err := p.Store.Take(ctx, site, at, p.cfg.Account, p.now())
	if err != nil || wait > 0 {
		return tooMany(wait, err)
	}
	return nil
}

// begin makes a session with its token, not kept yet.
func (p *People) begin(site int32, person Person, w Where, had string, place []byte, act Action) (Begun, Token, error) {
	token, err := NewToken(site, p.Random)
	if err != nil {
		return Begun{}, Token{}, err
	}
	s := p.lives.begin(p.NewID(), person.ID, w.Address, w.UserAgent, p.now())
	e := p.entry(handoff.Actor{Agent: person.ID, Name: person.Name}, act)
	e.Session, e.Address = s.ID, s.Address
	b := Begun{Site: site, Session: s, TokenHash: token.Hash(), Place: place, Keep: p.cfg.Sessions, Entry: e}
	if t, ok := ParseToken(had); ok && t.Site == site {
		b.Replaces = t.Hash()
	}
	return b, token, nil
}

// Logout ends a session. Error: ErrNoSession for one that is over.
func (p *People) Logout(ctx context.Context, w Who) error {
	e := p.entry(w.Actor(), ActLogout)
	e.Session = w.Session.ID
	return p.Store.End(ctx, w.Site.ID, w.Session.ID, w.Person.ID, WhyLogout, e)
}

// sessionsShown is more than anybody reads; the live ones come first.
const sessionsShown = 50

// Sessions lists a person's sessions, live ones first: one's own, or anybody's
// for whoever manages people. Errors: handoff.ErrForbidden, ErrNoPerson.
func (p *People) Sessions(ctx context.Context, a handoff.Actor, of convo.ID) ([]Session, error) {
	if a.Agent != of || of == (convo.ID{}) {
		if err := Allow(a, PeopleManage); err != nil {
			return nil, err
		}
		if _, err := p.Store.Person(ctx, a.Site, of); err != nil {
			return nil, err
		}
	}
	return p.Store.Sessions(ctx, a.Site, of, sessionsShown)
}

// Revoke ends a session: one's own, or anybody's for whoever manages people.
// Error: ErrNoSession, also for one that is not the actor's to end.
func (p *People) Revoke(ctx context.Context, a handoff.Actor, session convo.ID) error {
	of := a.Agent
	if May(a.Role, PeopleManage) {
		of = convo.ID{}
	} else if of == (convo.ID{}) {
		return handoff.ErrForbidden
	}
	e := p.entry(a, ActSessionRevoked)
	e.Session = session
	return p.Store.End(ctx, a.Site, session, of, WhyRevoked, e)
}

// RevokeAll ends a person's sessions, but one (zero: all), and says how many.
// Errors: handoff.ErrForbidden, ErrNoPerson.
func (p *People) RevokeAll(ctx context.Context, a handoff.Actor, of, but convo.ID) (int, error) {
	if a.Agent != of || of == (convo.ID{}) {
		if err := Allow(a, PeopleManage); err != nil {
			return 0, err
		}
		if _, err := p.Store.Person(ctx, a.Site, of); err != nil {
			return 0, err
		}
	}
	e := p.entry(a, ActSessionRevoked)
	e.Person = of
	return p.Store.EndAll(ctx, a.Site, of, but, WhyRevoked, e)
}
