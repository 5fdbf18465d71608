package people

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// ChangePassword is somebody changing their own: they say the one they have.
// Their other sessions end. Errors: ErrOldWrong, Invalid for a weak one,
// ErrTooMany.
func (p *People) ChangePassword(ctx context.Context, w Who, old, fresh string, from Where) error {
	if err := CheckPassword(fresh, w.Person.Email, w.Person.Name, w.Site.Name); err != nil {
		return err
	}
	acc, err := p.Store.Account(ctx, w.Site.ID, w.Person.Email, key("place", from.Place))
	if err != nil {
		return err
	}
	// Whoever sits at somebody's open desk guesses no faster than at the door.
	at := key("change", w.Person.ID.String())
	if wait, err := p.Store.Take(ctx, w.Site.ID, at, p.cfg.Account, p.now()); err != nil || wait > 0 {
		return tooMany(wait, err)
	}
	right, _, err := p.Hasher.Verify(ctx, acc.Hash, cut(old, 4*maxPassword))
	switch {
	case err != nil:
		return fmt.Errorf("check a password: %w", err)
	case !right || acc.Person.ID != w.Person.ID:
		return ErrOldWrong
	}
	hash, err := p.Hasher.Hash(ctx, fresh)
	if err != nil {
		return err
	}
	e := p.entry(w.Actor(), ActPasswordChanged)
	e.Person, e.Session = w.Person.ID, w.Session.ID
	return p.Store.SetPassword(ctx, PasswordChange{
		Site: w.Site.ID, Agent: w.Person.ID, Checked: acc.Password, ID: p.NewID(), Hash: hash, Keep: w.Session.ID, At: e.At, Entry: e,
	})
}

func tooMany(wait time.Duration, err error) error {
	if err != nil {
		return err
	}
	return TooMany(wait)
}

// ResetPassword takes somebody's password away, ends their sessions, and gives
// a link's token with which they choose another. Errors: handoff.ErrForbidden,
// ErrNoPerson, ErrYourself, ErrDisabled.
func (p *People) ResetPassword(ctx context.Context, a handoff.Actor, id convo.ID) (Invitation, Token, error) {
	if err := Allow(a, PeopleManage); err != nil {
		return Invitation{}, Token{}, err
	}
	who, err := p.Store.Person(ctx, a.Site, id)
	switch {
	case err != nil:
		return Invitation{}, Token{}, err
	case a.Agent == id:
		return Invitation{}, Token{}, ErrYourself
	case who.Disabled:
		return Invitation{}, Token{}, ErrDisabled
	}
	e := p.entry(a, ActPasswordReset)
	e.Person = id
	if err := p.Store.SetPassword(ctx, PasswordChange{Site: a.Site, Agent: id, At: e.At, Entry: e}); err != nil {
		return Invitation{}, Token{}, err
	}
	return p.link(ctx, a, who)
}

// link makes a link with which somebody who is there chooses a password.
func (p *People) link(ctx context.Context, a handoff.Actor, who Person) (Invitation, Token, error) {
	now := p.now()
	i := Invitation{
		ID: p.NewID(), Kind: Reset, Agent: who.ID, Email: who.Email, Name: who.Name, Role: who.Role, Queues: who.Queues,
		By: a.Name, CreatedAt: now, ExpiresAt: now.Add(p.cfg.Reset),
	}
	return p.invite(ctx, a, i, false)
}

// SetPassword sets somebody's password from the terminal: whoever sits there
// may read the database. All sessions end. Errors: ErrNoPerson, Invalid for a
// weak one.
func (p *People) SetPassword(ctx context.Context, a handoff.Actor, id convo.ID, fresh string) error {
	if a.Role != handoff.RoleSystem {
		return handoff.ErrForbidden
	}
	who, err := p.Store.Person(ctx, a.Site, id)
	if err != nil {
		return err
	}
	if err := CheckPassword(fresh, who.Email, who.Name); err != nil {
		return err
	}
	hash, err := p.Hasher.Hash(ctx, fresh)
	if err != nil {
		return err
	}
	e := p.entry(a, ActPasswordSet)
	e.Person = id
	return p.Store.SetPassword(ctx, PasswordChange{Site: a.Site, Agent: id, ID: p.NewID(), Hash: hash, At: e.At, Entry: e})
}

// First makes the first admin of a site, with a password that is told here and
// never again; made is false, and nothing changed, where an admin can sign in
// already. Two who do it at once make one. Errors: ErrEmail, ErrName.
func (p *People) First(ctx context.Context, site int32, email, name string) (password string, made bool, err error) {
	if password, err = NewPassword(p.Random); err != nil {
		return "", false, err
	}
	made, err = p.ensure(ctx, site, Person{Email: email, Name: name, Role: handoff.RoleAdmin}, password, true)
	if err != nil || !made {
		return "", false, err
	}
	return password, true, nil
}

// Demo makes a person of the demo shop with a password that is the same at
// every start of this installation and no other: it comes from the
// installation's secret, so that it can be printed each time and is kept
// nowhere. works is false where somebody has changed it.
func (p *People) Demo(ctx context.Context, site int32, who Person, secret []byte) (password string, works bool, err error) {
	if len(secret) < 32 {
		return "", false, errors.New("people: the installation's secret needs at least 32 bytes")
	}
	if password, err = NewPassword(&stream{secret: secret, label: "demo password " + who.Email}); err != nil {
		return "", false, err
	}
	made, err := p.ensure(ctx, site, who, password, false)
	if err != nil || made {
		return password, made, err
	}
	acc, err := p.Store.Account(ctx, site, who.Email, nil)
	if err != nil || acc.Hash == "" || acc.Person.Disabled {
		return "", false, err
	}
	right, _, err := p.Hasher.Verify(ctx, acc.Hash, password)
	if err != nil || !right {
		return "", false, err
	}
	return password, true, nil
}

func (p *People) ensure(ctx context.Context, site int32, who Person, password string, first bool) (made bool, err error) {
	if who.Email, err = Email(who.Email); err != nil {
		return false, err
	}
	if who.Name, err = Name(who.Name); err != nil {
		return false, err
	}
	hash, err := p.Hasher.Hash(ctx, password)
	if err != nil {
		return false, err
	}
	who.ID, who.CreatedAt = p.NewID(), p.now()
	e := p.entry(handoff.System(site, "terminal"), ActPasswordSet)
	_, made, err = p.Store.Ensure(ctx, site, who, hash, first, e)
	return made, err
}

// stream is bytes that follow from a secret and a label.
type stream struct {
	secret []byte
	label  string
	n      byte
	rest   []byte
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		m := hmac.New(sha256.New, s.secret)
		m.Write(append([]byte(s.label), s.n))
		s.rest = m.Sum(nil)
		s.n++
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
