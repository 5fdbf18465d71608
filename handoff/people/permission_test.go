package people

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func TestMay_IsTheTable(t *testing.T) {
	t.Parallel()
	const (
		admin = 1 << iota
		lead
		agent
		looker
	)
	want := map[Permission]int{
		CasesRead: admin | lead | agent | looker, CasesWork: admin | lead | agent, CasesOthers: admin | lead, CasesEverywhere: admin,
		VisitorsBlock: admin | lead, SettingsRead: admin | lead | agent | looker, SettingsChange: admin | lead,
		PeopleRead: admin | lead, PeopleManage: admin, AuditRead: admin,
	}
	if len(want) != len(grants) {
		t.Fatalf("the table has %d rows, this test %d", len(grants), len(want))
	}
	for p, roles := range want {
		for r, bit := range map[handoff.Role]int{
			handoff.RoleAdmin: admin, handoff.RoleLead: lead, handoff.RoleAgent: agent, handoff.RoleReadOnly: looker,
			handoff.RoleSystem: roles, "": 0, "root": 0,
		} {
			if got := May(r, p); got != (roles&bit != 0) {
				t.Errorf("%s may %s: %v", r, p, got)
			}
		}
	}
	for _, r := range []handoff.Role{handoff.RoleAdmin, handoff.RoleSystem} {
		if May(r, "cases.burn") {
			t.Errorf("%s may what is not in the table", r)
		}
	}
	if got := Permissions(handoff.RoleReadOnly); !slices.Equal(got, []Permission{CasesRead, SettingsRead}) {
		t.Errorf("got %v", got)
	}
}

// The desk asks an Actor itself: both have to say the same.
func TestMay_AgreesWithTheActor(t *testing.T) {
	t.Parallel()
	for _, r := range []handoff.Role{handoff.RoleAdmin, handoff.RoleLead, handoff.RoleAgent, handoff.RoleReadOnly, handoff.RoleSystem, ""} {
		a := handoff.Actor{Role: r}
		if a.Works() != May(r, CasesWork) {
			t.Errorf("%s works: %v", r, a.Works())
		}
		if a.Leads() != May(r, CasesOthers) || a.Leads() != May(r, SettingsChange) {
			t.Errorf("%s leads: %v", r, a.Leads())
		}
	}
}

func TestAllowCase_OfOneQueueIsNotThereForAnother(t *testing.T) {
	t.Parallel()
	me, other := uuid.New(), uuid.New()
	c := func(queue string, agent convo.ID) handoff.Case {
		return handoff.Case{Conversation: convo.Key{Site: 1, ID: uuid.New()}, Queue: queue, Agent: agent}
	}
	actor := func(r handoff.Role, queues ...string) handoff.Actor {
		return handoff.Actor{Site: 1, Agent: me, Role: r, Queues: queues}
	}
	none := actor(handoff.RoleAgent)
	none.Queues = []string{}
	elsewhere := actor(handoff.RoleAdmin)
	elsewhere.Site = 2
	for name, row := range map[string]struct {
		a    handoff.Actor
		p    Permission
		c    handoff.Case
		want error
	}{
		"their queue":                         {actor(handoff.RoleAgent, "support"), CasesRead, c("support", other), nil},
		"another queue":                       {actor(handoff.RoleAgent, "support"), CasesRead, c("sales", other), handoff.ErrNoCase},
		"another queue, to change it":         {actor(handoff.RoleAgent, "support"), CasesWork, c("sales", other), handoff.ErrNoCase},
		"another queue, but theirs":           {actor(handoff.RoleAgent, "support"), CasesWork, c("sales", me), nil},
		"all queues":                          {actor(handoff.RoleAgent), CasesRead, c("sales", other), nil},
		"no queue at all":                     {none, CasesRead, c("sales", other), handoff.ErrNoCase},
		"no queue at all, nobody's":           {none, CasesRead, c("sales", convo.ID{}), handoff.ErrNoCase},
		"a lead of another queue":             {actor(handoff.RoleLead, "support"), CasesRead, c("sales", other), handoff.ErrNoCase},
		"an admin with a list":                {actor(handoff.RoleAdmin, "support"), CasesRead, c("sales", other), nil},
		"an admin of another site":            {elsewhere, CasesRead, c("sales", other), handoff.ErrNoCase},
		"who looks on reads":                  {actor(handoff.RoleReadOnly, "support"), CasesRead, c("support", other), nil},
		"who looks on changes nothing":        {actor(handoff.RoleReadOnly, "support"), CasesWork, c("support", other), handoff.ErrForbidden},
		"an agent and what others hold":       {actor(handoff.RoleAgent, "support"), CasesOthers, c("support", other), handoff.ErrForbidden},
		"a lead and what others hold":         {actor(handoff.RoleLead, "support"), CasesOthers, c("support", other), nil},
		"without a role":                      {actor("", "support"), CasesRead, c("support", other), handoff.ErrNoCase},
		"the service":                         {handoff.System(1, "ladder"), CasesOthers, c("sales", other), nil},
		"the service acting for another site": {handoff.System(2, "ladder"), CasesOthers, c("sales", other), handoff.ErrNoCase},
		"nobody's case is not nobody's own":   {handoff.Actor{Site: 1, Role: handoff.RoleAgent, Queues: []string{"support"}}, CasesRead, c("sales", convo.ID{}), handoff.ErrNoCase},
	} {
		if err := AllowCase(row.a, row.p, row.c); !errors.Is(err, row.want) || row.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
	if err := AllowQueue(actor(handoff.RoleLead, "support"), SettingsChange, "sales"); !errors.Is(err, handoff.ErrNoQueue) {
		t.Errorf("a queue of others: %v", err)
	}
	if err := AllowQueue(actor(handoff.RoleAgent, "support"), SettingsChange, "support"); !errors.Is(err, handoff.ErrForbidden) {
		t.Errorf("an agent's own queue: %v", err)
	}
	if err := AllowQueue(actor(handoff.RoleAdmin, "support"), SettingsChange, "sales"); err != nil {
		t.Errorf("an admin: %v", err)
	}
}

func TestPersonActor_AnAdminWorksEverywhere(t *testing.T) {
	t.Parallel()
	p := Person{ID: uuid.New(), Role: handoff.RoleAdmin, Queues: []string{"support"}}
	if a := p.Actor(1); a.Queues != nil || !a.Sees("sales") {
		t.Errorf("got %+v", a)
	}
	p.Role, p.Queues = handoff.RoleLead, []string{}
	if a := p.Actor(1); a.Queues == nil || a.Sees("sales") {
		t.Errorf("got %+v", a)
	}
}
