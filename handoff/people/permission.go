package people

import (
	"slices"

	"frontdesk/handoff"
)

// Permission is one thing that a role may allow.
type Permission string

// All permissions. Those about cases mean cases of queues the person works in
// and cases they hold, unless CasesEverywhere comes with them.
const (
	CasesRead       Permission = "cases.read"       // lists, conversations, packets, logs
	CasesWork       Permission = "cases.work"       // claim, answer, note, transfer, close
	CasesOthers     Permission = "cases.others"     // change what somebody else holds, hold more than one's capacity
	CasesEverywhere Permission = "cases.everywhere" // also of queues one does not work in
	VisitorsBlock   Permission = "visitors.block"
	SettingsRead    Permission = "settings.read"   // queues, routes, hours, rules
	SettingsChange  Permission = "settings.change" // likewise
	PeopleRead      Permission = "people.read"     // everybody's address, role, queues and last sign-in
	PeopleManage    Permission = "people.manage"   // invite, change, disable, reset, end sessions
	AuditRead       Permission = "audit.read"
)

// grants is the table: each row a permission, and the roles that have it. The
// service itself has all of them.
var grants = []struct {
	permission Permission
	roles      []handoff.Role
}{
	{CasesRead, []handoff.Role{handoff.RoleAdmin, handoff.RoleLead, handoff.RoleAgent, handoff.RoleReadOnly}},
	{CasesWork, []handoff.Role{handoff.RoleAdmin, handoff.RoleLead, handoff.RoleAgent}},
	{CasesOthers, []handoff.Role{handoff.RoleAdmin, handoff.RoleLead}},
	{CasesEverywhere, []handoff.Role{handoff.RoleAdmin}},
	{VisitorsBlock, []handoff.Role{handoff.RoleAdmin, handoff.RoleLead}},
	{SettingsRead, []handoff.Role{handoff.RoleAdmin, handoff.RoleLead, handoff.RoleAgent, handoff.RoleReadOnly}},
	{SettingsChange, []handoff.Role{handoff.RoleAdmin, handoff.RoleLead}},
	{PeopleRead, []handoff.Role{handoff.RoleAdmin, handoff.RoleLead}},
	{PeopleManage, []handoff.Role{handoff.RoleAdmin}},
	{AuditRead, []handoff.Role{handoff.RoleAdmin}},
}

// May says whether a role allows something. A role or a permission that is not
// in the table allows nothing.
func May(r handoff.Role, p Permission) bool {
	for _, g := range grants {
		if g.permission == p {
			return r == handoff.RoleSystem || slices.Contains(g.roles, r)
		}
	}
	return false
}

// Permissions lists what a role allows, in the table's order.
func Permissions(r handoff.Role) []Permission {
	list := []Permission{}
	for _, g := range grants {
		if May(r, g.permission) {
			list = append(list, g.permission)
		}
	}
	return list
}

// Allow refuses with handoff.ErrForbidden what the actor's role does not allow.
func Allow(a handoff.Actor, p Permission) error {
	if !May(a.Role, p) {
		return handoff.ErrForbidden
	}
	return nil
}

// AllowQueue is Allow for something about one queue. A queue that the actor
// does not work in is not there for them: handoff.ErrNoQueue.
func AllowQueue(a handoff.Actor, p Permission, queue string) error {
	if !a.Sees(queue) && !May(a.Role, CasesEverywhere) {
		return handoff.ErrNoQueue
	}
	return Allow(a, p)
}

// AllowCase is Allow for something about one case: it has to be of the actor's
// site, and of a queue they work in or their own, wherever it stands. A case
// that the actor does not see is not there for them (handoff.ErrNoCase), so
// that nobody learns of one by asking.
func AllowCase(a handoff.Actor, p Permission, c handoff.Case) error {
	mine := a.SeesCase(c) || a.Site == c.Conversation.Site && May(a.Role, CasesEverywhere)
	if !mine || !May(a.Role, CasesRead) {
		return handoff.ErrNoCase
	}
	return Allow(a, p)
}
