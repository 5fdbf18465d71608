package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Change is what is to be different about a person; nil fields stay.
type Change struct {
	Name      *string
	Role      *handoff.Role
	Queues    *[]string // pointing at nil: all
	Languages *[]string
	Skills    *[]string
	Capacity  *int
	Disabled  *bool
}

// People lists everybody of a site, by name. Error: handoff.ErrForbidden.
func (p *People) People(ctx context.Context, a handoff.Actor) ([]Person, error) {
	if err := Allow(a, PeopleRead); err != nil {
		return nil, err
	}
	return p.Store.People(ctx, a.Site)
}

// Person finds one by address. Errors: handoff.ErrForbidden, ErrNoPerson.
func (p *People) Person(ctx context.Context, a handoff.Actor, email string) (Person, error) {
	if err := Allow(a, PeopleRead); err != nil {
		return Person{}, err
	}
	email, err := Email(email)
	if err != nil {
		return Person{}, err
	}
	return p.Store.PersonAt(ctx, a.Site, email)
}

// Change changes a person: what the desk keeps of them by the desk, the queues
// they work in here. It takes effect with their next request; one who is
// disabled has no session any more. Errors: handoff.ErrForbidden, ErrNoPerson,
// ErrLastAdmin, ErrYourself, Invalid.
func (p *People) Change(ctx context.Context, a handoff.Actor, id convo.ID, c Change) (Person, error) {
	if err := Allow(a, PeopleManage); err != nil {
		return Person{}, err
	}
	if p.Roster == nil {
		return Person{}, errors.New("people: no roster to change people in")
	}
	agent, err := p.agent(ctx, a, id)
	if err != nil {
		return Person{}, err
	}
	was := agent
	if err := c.apply(&agent); err != nil {
		return Person{}, err
	}
	if agent.Disabled && id == a.Agent {
		return Person{}, ErrYourself
	}
	less := was.Role == handoff.RoleAdmin && !was.Disabled && (agent.Role != handoff.RoleAdmin || agent.Disabled)
	if less {
		if err := p.adminStays(ctx, a.Site, id); err != nil {
			return Person{}, err
		}
	}
	if c.Queues != nil { // before anything is changed
		if _, err = p.queues(ctx, a.Site, *c.Queues); err != nil {
			return Person{}, err
		}
	}
	if c.touchesAgent() {
		if _, err := p.Roster.SetAgent(ctx, a, agent); err != nil {
			// The database holds the line for two who do it at once; the one who
			// came second hears why.
			if last := p.adminStays(ctx, a.Site, id); less && errors.Is(last, ErrLastAdmin) {
				return Person{}, last
			}
			return Person{}, err
		}
		if err := p.Changed(ctx, a, was, agent); err != nil {
			return Person{}, err
		}
	}
	if c.Queues != nil {
		return p.SetQueues(ctx, a, id, *c.Queues)
	}
	return p.Store.Person(ctx, a.Site, id)
}

// SetQueues says which queues a person works in; nil: all. Errors:
// handoff.ErrForbidden, ErrNoPerson, Invalid for a queue that is not there.
func (p *People) SetQueues(ctx context.Context, a handoff.Actor, id convo.ID, queues []string) (Person, error) {
	if err := Allow(a, PeopleManage); err != nil {
		return Person{}, err
	}
	queues, err := p.queues(ctx, a.Site, queues)
	if err != nil {
		return Person{}, err
	}
	e := p.entry(a, ActPersonChanged)
	e.Person, e.Detail = id, map[string]string{"queues": scope(queues)}
	if err := p.Store.SetQueues(ctx, a.Site, id, queues, e); err != nil {
		return Person{}, err
	}
	return p.Store.Person(ctx, a.Site, id)
}

// adminStays refuses with ErrLastAdmin where nobody else is an admin who can
// sign in.
func (p *People) adminStays(ctx context.Context, site int32, id convo.ID) error {
	other, err := p.Store.OtherAdmin(ctx, site, id)
	if err == nil && !other {
		return ErrLastAdmin
	}
	return err
}

func (p *People) agent(ctx context.Context, a handoff.Actor, id convo.ID) (handoff.Agent, error) {
	list, err := p.Roster.Agents(ctx, a)
	if err != nil {
		return handoff.Agent{}, err
	}
	i := slices.IndexFunc(list, func(g handoff.Agent) bool { return g.ID == id })
	if i < 0 {
		return handoff.Agent{}, ErrNoPerson
	}
	return list[i], nil
}

func (c Change) touchesAgent() bool {
	return c.Name != nil || c.Role != nil || c.Languages != nil || c.Skills != nil || c.Capacity != nil || c.Disabled != nil
}

func (c Change) apply(g *handoff.Agent) (err error) {
	if c.Name != nil {
		if g.Name, err = Name(*c.Name); err != nil {
			return err
		}
	}
	if c.Role != nil {
		if g.Role, err = handoff.ParseRole(string(*c.Role)); err != nil {
			return err
		}
	}
	if c.Languages != nil {
		g.Languages = *c.Languages
	}
	if c.Skills != nil {
		g.Skills = *c.Skills
	}
	if c.Capacity != nil {
		g.Capacity = *c.Capacity
	}
	if c.Disabled != nil {
		g.Disabled = *c.Disabled
	}
	return checkWords(g.Languages, g.Skills, g.Capacity)
}

// Added writes down that the desk has somebody new who was not invited. Error:
// Unavailable.
func (p *People) Added(ctx context.Context, a handoff.Actor, g handoff.Agent) error {
	e := p.entry(a, ActPersonAdded)
	e.Person, e.Detail = g.ID, map[string]string{"role": string(g.Role)}
	return p.Store.Record(ctx, a.Site, e)
}

// Changed writes down what the desk changed about somebody. Error: Unavailable.
func (p *People) Changed(ctx context.Context, a handoff.Actor, was, is handoff.Agent) error {
	e := p.entry(a, ActPersonChanged)
	switch {
	case is.Disabled && !was.Disabled:
		e.Action = ActPersonDisabled
	case was.Disabled && !is.Disabled:
		e.Action = ActPersonEnabled
	}
	e.Person = is.ID
	if was.Role != is.Role {
		e.Detail = map[string]string{"role": string(is.Role), "was": string(was.Role)}
	}
	return p.Store.Record(ctx, a.Site, e)
}

// scope is a list of queues as the log keeps it.
func scope(queues []string) string {
	switch {
	case queues == nil:
		return "all"
	case len(queues) == 0:
		return "none"
	}
	return clean(strings.Join(queues, " "), maxDetailText)
}
