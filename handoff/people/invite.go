package people

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Guest is somebody who is to join.
type Guest struct {
	Email     string
	Name      string // may be empty: they say it themselves
	Role      handoff.Role
	Queues    []string // nil: all
	Languages []string
	Skills    []string
	Capacity  int // 0: 5
	// KeepQueues has those of the invitation that this one takes the place of
	// stay; where there is none, Queues are.
	KeepQueues bool
}

const defaultCapacity = 5

// Invite makes an invitation; its token is told here and never again. One that
// is open for the address is void then, and told in Replaced. For
// somebody who is at the desk already but has no password it is a link to
// choose one. Errors: handoff.ErrForbidden, handoff.ErrRole, ErrEmail, ErrName,
// ErrEmailTaken, Invalid for a queue that is not there.
func (p *People) Invite(ctx context.Context, a handoff.Actor, g Guest) (Invitation, Token, error) {
	if err := Allow(a, PeopleManage); err != nil {
		return Invitation{}, Token{}, err
	}
	email, err := Email(g.Email)
	if err != nil {
		return Invitation{}, Token{}, err
	}
	switch who, err := p.Store.PersonAt(ctx, a.Site, email); {
	case err == nil && who.Disabled:
		return Invitation{}, Token{}, ErrDisabled
	case err == nil && who.Password:
		return Invitation{}, Token{}, ErrEmailTaken
	case err == nil:
		return p.link(ctx, a, who)
	case !errors.Is(err, ErrNoPerson):
		return Invitation{}, Token{}, err
	}
	now := p.now()
	i := Invitation{
		ID: p.NewID(), Kind: Join, Email: email, Role: g.Role, Languages: g.Languages, Skills: g.Skills, Capacity: g.Capacity,
		By: a.Name, CreatedAt: now, ExpiresAt: now.Add(p.cfg.Invitation),
	}
	if _, err := handoff.ParseRole(string(g.Role)); err != nil {
		return Invitation{}, Token{}, err
	}
	if g.Name != "" {
		if i.Name, err = Name(g.Name); err != nil {
			return Invitation{}, Token{}, err
		}
	}
	if i.Queues, err = p.queues(ctx, a.Site, g.Queues); err != nil {
		return Invitation{}, Token{}, err
	}
	if i.Capacity == 0 {
		i.Capacity = defaultCapacity
	}
	if err := checkWords(g.Languages, g.Skills, i.Capacity); err != nil {
		return Invitation{}, Token{}, err
	}
	return p.invite(ctx, a, i, g.KeepQueues)
}

// checkWords refuses what the agents' table would, in words.
func checkWords(languages, skills []string, capacity int) error {
	if capacity < 0 || capacity > 1000 {
		return handoff.Bad("capacity", "0 to 1000")
	}
	if len(languages) > 50 || len(skills) > 50 {
		return handoff.Bad("languages and skills", "at most 50 each")
	}
	for _, w := range slices.Concat(languages, skills) {
		if w == "" || len(w) > 63 || clean(w, 63) != w {
			return handoff.Bad("languages and skills", fmt.Sprintf("%q is empty or too long", clean(w, 63)))
		}
	}
	return nil
}

// queues checks a scope against the site's queues; a site whose queues nobody
// needed yet has the default ones.
func (p *People) queues(ctx context.Context, site int32, want []string) ([]string, error) {
	if len(want) == 0 {
		return want, nil
	}
	there, err := p.Store.Queues(ctx, site)
	if err != nil {
		return nil, err
	}
	if len(there) == 0 {
		setup, err := handoff.Defaults()
		if err != nil {
			return nil, err
		}
		for _, q := range setup.Queues {
			there = append(there, q.Queue)
		}
	}
	return checkQueues(want, there)
}

func (p *People) invite(ctx context.Context, a handoff.Actor, i Invitation, keep bool) (Invitation, Token, error) {
	token, err := NewToken(a.Site, p.Random)
	if err != nil {
		return Invitation{}, Token{}, err
	}
	e := p.entry(a, ActInvited)
	e.Person = i.Agent
	e.Detail = map[string]string{"invitation": i.ID.String(), "kind": string(i.Kind), "role": string(i.Role)}
	if i, err = p.Store.Invite(ctx, a.Site, i, keep, token.Hash(), e); err != nil {
		return Invitation{}, Token{}, err
	}
	return i, token, nil
}

// Invitations lists those that can still be taken up, newest first. Error:
// handoff.ErrForbidden.
func (p *People) Invitations(ctx context.Context, a handoff.Actor) ([]Invitation, error) {
	if err := Allow(a, PeopleManage); err != nil {
		return nil, err
	}
	return p.Store.Invitations(ctx, a.Site, p.now())
}

// RevokeInvitation voids one. Errors: handoff.ErrForbidden, ErrNoInvitation.
func (p *People) RevokeInvitation(ctx context.Context, a handoff.Actor, id convo.ID) error {
	if err := Allow(a, PeopleManage); err != nil {
		return err
	}
	e := p.entry(a, ActInvitationRevoked)
	e.Detail = map[string]string{"invitation": id.String()}
	return p.Store.RevokeInvitation(ctx, a.Site, id, e)
}

// Invitation reads what a token invites to. Errors: ErrNoInvitation,
// ErrInvitationOld, ErrInvitationHad, ErrTooMany.
func (p *People) Invitation(ctx context.Context, token string, w Where) (Invitation, error) {
	i, _, err := p.invitation(ctx, token, w)
	return i, err
}

// invitation counts what is asked by address: nobody guesses a token, but
// nobody is to load the database by trying either.
func (p *People) invitation(ctx context.Context, token string, w Where) (Invitation, int32, error) {
	t, ok := ParseToken(token)
	if !ok {
		return Invitation{}, 0, ErrNoInvitation
	}
	if !w.Loopback || p.cfg.LimitLoopback {
		if wait, err := p.Store.Take(ctx, t.Site, key("address", w.Place), p.cfg.Address, p.now()); err != nil || wait > 0 {
			return Invitation{}, 0, tooMany(wait, err)
		}
	}
	i, err := p.Store.Invitation(ctx, t.Site, t.Hash())
	if err != nil {
		return Invitation{}, 0, err
	}
	return i, t.Site, i.Open(p.now())
}

// Acceptance is somebody taking up an invitation.
type Acceptance struct {
	Token    string
	Name     string // empty: as it was proposed
	Password string
	Had      string // as in Attempt
	Where
}

// Accept uses an invitation up and signs its person in. Errors:
// ErrNoInvitation, ErrInvitationOld, ErrInvitationHad, ErrName, ErrEmailTaken,
// Invalid for a weak password.
func (p *People) Accept(ctx context.Context, c Acceptance) (Who, Token, error) {
	i, site, err := p.invitation(ctx, c.Token, c.Where)
	if err != nil {
		return Who{}, Token{}, err
	}
	name := i.Name
	if i.Kind == Join {
		if c.Name != "" {
			name = c.Name
		}
		if name, err = Name(name); err != nil {
			return Who{}, Token{}, err
		}
		i.Agent = p.NewID()
	}
	if err := CheckPassword(c.Password, i.Email, name); err != nil {
		return Who{}, Token{}, err
	}
	hash, err := p.Hasher.Hash(ctx, c.Password)
	if err != nil {
		return Who{}, Token{}, err
	}
	person := Person{ID: i.Agent, Email: i.Email, Name: name, Role: i.Role, Queues: i.Queues, Password: true, CreatedAt: p.now()}
	b, token, err := p.begin(site, person, c.Where, c.Had, key("place", c.Place), ActJoined)
	if err != nil {
		return Who{}, Token{}, err
	}
	b.Checked, b.Forget = p.NewID(), [][]byte{key("account", i.Email)}
	b.Entry.Detail = map[string]string{"invitation": i.ID.String(), "kind": string(i.Kind)}
	if err := p.Store.Accept(ctx, Accepted{Invitation: i, Name: name, Hash: hash, Begun: b}); err != nil {
		return Who{}, Token{}, err
	}
	who, err := p.Store.WhoIs(ctx, site, b.Session.ID) // role and queues of one who was there are theirs now
	return who, token, err
}
