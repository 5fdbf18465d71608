package console

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

// personBody is somebody of the desk.
type personBody struct {
	ID        convo.ID     `json:"id"`
	Email     string       `json:"email"`
	Name      string       `json:"name"`
	Role      handoff.Role `json:"role"`
	Queues    []string     `json:"queues"` // null: all; empty: none
	Disabled  bool         `json:"disabled"`
	Password  bool         `json:"password"` // has one: can sign in
	Sessions  int          `json:"sessions"` // live ones
	SeenAt    *time.Time   `json:"seen_at,omitempty"`
	CreatedAt time.Time    `json:"created_at"`
}

func personOf(p people.Person) personBody {
	b := personBody{
		ID: p.ID, Email: p.Email, Name: p.Name, Role: p.Role, Queues: p.Queues, Disabled: p.Disabled,
		Password: p.Password, Sessions: p.Sessions, CreatedAt: p.CreatedAt.UTC(),
	}
	if !p.SeenAt.IsZero() {
		b.SeenAt = &p.SeenAt
	}
	return b
}

func (a *Auth) list(c *fiber.Ctx, who people.Who) error {
	list, err := a.people.People(c.UserContext(), who.Actor())
	if err != nil {
		return err
	}
	out := make([]personBody, 0, len(list))
	for _, p := range list {
		out = append(out, personOf(p))
	}
	return c.JSON(fiber.Map{"people": out})
}

// scope is a list of queues in a body: absent leaves it, null means all.
type scope struct {
	given bool
	list  []string
}

// UnmarshalJSON is called for null too.
func (s *scope) UnmarshalJSON(b []byte) error {
	s.given = true
	if bytes.Equal(b, []byte("null")) {
		s.list = nil
		return nil
	}
	if err := json.Unmarshal(b, &s.list); err != nil {
		return fault.New(fault.Invalid, "json_type", `The field "queues" has the wrong type: it takes a list of queues, or null for all.`)
	}
	return nil
}

type changeRequest struct {
	Name      *string       `json:"name"`
	Role      *handoff.Role `json:"role"`
	Queues    scope         `json:"queues"`
	Languages *[]string     `json:"languages"`
	Skills    *[]string     `json:"skills"`
	Capacity  *int          `json:"capacity"`
	Disabled  *bool         `json:"disabled"`
}

func (a *Auth) change(c *fiber.Ctx, who people.Who) error {
	id, err := uuid.Parse(c.Params("person"))
	if err != nil {
		return people.ErrNoPerson
	}
	var req changeRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	change := people.Change{Name: req.Name, Role: req.Role, Languages: req.Languages, Skills: req.Skills, Capacity: req.Capacity, Disabled: req.Disabled}
	if req.Queues.given {
		change.Queues = &req.Queues.list
	}
	p, err := a.people.Change(c.UserContext(), who.Actor(), id, change)
	if err != nil {
		return err
	}
	return c.JSON(personOf(p))
}

// invitationBody is an invitation that can still be taken up.
type invitationBody struct {
	ID        convo.ID     `json:"id"`
	Kind      people.Kind  `json:"kind"` // join, or password: choose one anew
	Email     string       `json:"email"`
	Name      string       `json:"name"`
	Role      handoff.Role `json:"role"`
	Queues    []string     `json:"queues"`
	By        string       `json:"by"`
	CreatedAt time.Time    `json:"created_at"`
	ExpiresAt time.Time    `json:"expires_at"`
	// Path is the link's, told once: what is after the # reaches no server and
	// no log.
	Path string `json:"path,omitempty"`
}

func invitationOf(i people.Invitation) invitationBody {
	return invitationBody{
		ID: i.ID, Kind: i.Kind, Email: i.Email, Name: i.Name, Role: i.Role, Queues: i.Queues, By: i.By,
		CreatedAt: i.CreatedAt.UTC(), ExpiresAt: i.ExpiresAt.UTC(),
	}
}

// JoinPath is the page where an invitation is taken up, with its token.
func JoinPath(t people.Token) string { return "/desk#join=" + t.Reveal() }

func (a *Auth) invitations(c *fiber.Ctx, who people.Who) error {
	list, err := a.people.Invitations(c.UserContext(), who.Actor())
	if err != nil {
		return err
	}
	out := make([]invitationBody, 0, len(list))
	for _, i := range list {
		out = append(out, invitationOf(i))
	}
	return c.JSON(fiber.Map{"invitations": out})
}

type inviteRequest struct {
	Email     string       `json:"email"`
	Name      string       `json:"name"`
	Role      handoff.Role `json:"role"`
	Queues    scope        `json:"queues"` // absent or null: all
	Languages []string     `json:"languages"`
	Skills    []string     `json:"skills"`
	Capacity  int          `json:"capacity"` // 0: 5
}

func (a *Auth) invite(c *fiber.Ctx, who people.Who) error {
	var req inviteRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	i, token, err := a.people.Invite(c.UserContext(), who.Actor(), people.Guest{
		Email: req.Email, Name: req.Name, Role: req.Role, Queues: req.Queues.list,
		Languages: req.Languages, Skills: req.Skills, Capacity: req.Capacity,
	})
	if err != nil {
		return err
	}
	return a.told(c, i, token)
}

// reset takes somebody's password away and answers with the link to choose
// another.
func (a *Auth) reset(c *fiber.Ctx, who people.Who) error {
	id, err := uuid.Parse(c.Params("person"))
	if err != nil {
		return people.ErrNoPerson
	}
	i, token, err := a.people.ResetPassword(c.UserContext(), who.Actor(), id)
	if err != nil {
		return err
	}
	return a.told(c, i, token)
}

func (a *Auth) told(c *fiber.Ctx, i people.Invitation, token people.Token) error {
	body := invitationOf(i)
	body.Path = JoinPath(token)
	return c.Status(fiber.StatusCreated).JSON(body)
}

func (a *Auth) revokeInvitation(c *fiber.Ctx, who people.Who) error {
	id, err := uuid.Parse(c.Params("invitation"))
	if err != nil {
		return people.ErrNoInvitation
	}
	if err := a.people.RevokeInvitation(c.UserContext(), who.Actor(), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

type lookRequest struct {
	Token string `json:"token"` // what is after #join= in the link
}

// lookInvitation says what a link invites to. It is a POST so that the token
// stands in no address.
func (a *Auth) lookInvitation(c *fiber.Ctx) error {
	var req lookRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	i, err := a.people.Invitation(c.UserContext(), req.Token, a.where(c))
	if err != nil {
		return err
	}
	return c.JSON(invitationOf(i))
}

type acceptRequest struct {
	Token    string `json:"token"`
	Name     string `json:"name"` // absent: as it was proposed
	Password string `json:"password"`
}

// accept takes an invitation up and signs its person in.
func (a *Auth) accept(c *fiber.Ctx) error {
	var req acceptRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	who, token, err := a.people.Accept(c.UserContext(), people.Acceptance{
		Token: req.Token, Name: req.Name, Password: req.Password, Had: a.token(c), Where: a.where(c),
	})
	if err != nil {
		return err
	}
	a.remember(c, token, who.Session)
	return c.Status(fiber.StatusCreated).JSON(meOf(who))
}
