package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff/people"
)

// entryBody is a line of the audit log.
type entryBody struct {
	At     time.Time     `json:"at"`
	Agent  *convo.ID     `json:"agent,omitempty"`
	Actor  string        `json:"actor"`
	Action people.Action `json:"action"`
	Case   *convo.ID     `json:"case,omitempty"`
	// Conversation is one that has no case.
	Conversation *convo.ID         `json:"conversation,omitempty"`
	Person       *convo.ID         `json:"person,omitempty"`
	Session      *convo.ID         `json:"session,omitempty"`
	Address      string            `json:"address,omitempty"`
	Detail       map[string]string `json:"detail,omitempty"`
}

// audit is a page of the log, newest first:
// GET /audit?agent=&person=&case=&conversation=&action=&after=&limit=.
func (a *Auth) audit(c *fiber.Ctx, who people.Who) error {
	v := people.AuditView{Action: people.Action(strings.Clone(c.Query("action")))}
	for name, to := range map[string]*convo.ID{"agent": &v.Agent, "person": &v.Person, "case": &v.Case, "conversation": &v.Conversation} {
		if s := c.Query(name); s != "" {
			id, err := uuid.Parse(s)
			if err != nil {
				return people.ErrCursor
			}
			*to = id
		}
	}
	if s := c.Query("after"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 {
			return people.ErrCursor
		}
		v.Before = n
	}
	v.Limit = c.QueryInt("limit")
	page, err := a.people.Audit(c.UserContext(), who.Actor(), v)
	if err != nil {
		return err
	}
	out, next := make([]entryBody, 0, len(page.Entries)), ""
	for _, e := range page.Entries {
		out = append(out, entryBody{
			At: e.At.UTC(), Agent: some(e.Agent), Actor: e.Actor, Action: e.Action, Case: some(e.Case), Conversation: some(e.Conversation), Person: some(e.Person),
			Session: some(e.Session), Address: e.Address, Detail: e.Detail,
		})
	}
	if page.Next > 0 {
		next = strconv.FormatInt(page.Next, 10)
	}
	return c.JSON(fiber.Map{"entries": out, "next": next})
}
