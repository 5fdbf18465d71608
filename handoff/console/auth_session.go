package console

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/internal/web"
)

// meResponse is who is signed in.
type meResponse struct {
	Person      personBody          `json:"person"`
	Site        siteBody            `json:"site"`
	Permissions []people.Permission `json:"permissions"`
	Session     sessionBody         `json:"session"`
}

type siteBody struct {
	ID   int32  `json:"id"`
	Name string `json:"name"`
}

type sessionBody struct {
	ID        convo.ID   `json:"id"`
	Current   bool       `json:"current"` // the one that asks
	CreatedAt time.Time  `json:"created_at"`
	SeenAt    time.Time  `json:"seen_at"`    // within a minute
	ExpiresAt time.Time  `json:"expires_at"` // unless it is used before
	EndsAt    time.Time  `json:"ends_at"`    // however much it is used
	Address   string     `json:"address"`    // of the last use
	UserAgent string     `json:"user_agent"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	EndedWhy  people.Why `json:"ended_why,omitempty"` // logout, revoked, replaced, password, disabled, many
}

func sessionOf(s people.Session, current convo.ID) sessionBody {
	b := sessionBody{
		ID: s.ID, Current: s.ID == current, CreatedAt: s.CreatedAt.UTC(), SeenAt: s.SeenAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), EndsAt: s.EndsAt.UTC(),
		Address: s.Address, UserAgent: s.UserAgent, EndedWhy: s.EndedWhy,
	}
	if !s.EndedAt.IsZero() {
		b.EndedAt = &s.EndedAt
	}
	return b
}

func meOf(who people.Who) meResponse {
	return meResponse{
		Person: personOf(who.Person), Site: siteBody{who.Site.ID, who.Site.Name},
		Permissions: people.Permissions(who.Person.Role), Session: sessionOf(who.Session, who.Session.ID),
	}
}

type loginRequest struct {
	Site     string `json:"site"` // a name; absent: the default or only one
	Email    string `json:"email"`
	Password string `json:"password"`
}

// doorBody is what the page asks before somebody signs in.
type doorBody struct {
	Site people.Naming `json:"site"` // whether a sign-in names its site: none, optional, required
}

func (a *Auth) door(c *fiber.Ctx) error {
	naming, err := a.people.Naming(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(doorBody{naming})
}

func (a *Auth) login(c *fiber.Ctx) error {
	var req loginRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	who, token, err := a.people.Login(c.UserContext(), people.Attempt{
		Site: req.Site, Email: req.Email, Password: req.Password, Had: a.token(c), Where: a.where(c),
	})
	if err != nil {
		return err
	}
	a.remember(c, token, who.Session)
	web.Note(c, "agent", who.Person.ID)
	return c.JSON(meOf(who))
}

// logout ends the session, and takes the cookie away whatever became of it.
func (a *Auth) logout(c *fiber.Ctx) error {
	a.forget(c)
	who, err := a.people.Who(c.UserContext(), a.token(c), a.where(c))
	if err == nil {
		err = a.people.Logout(c.UserContext(), who)
	}
	if err != nil && !errors.Is(err, people.ErrOver) && !errors.Is(err, people.ErrSignedOut) && !errors.Is(err, people.ErrNoSession) {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *Auth) me(c *fiber.Ctx, who people.Who) error { return c.JSON(meOf(who)) }

type passwordRequest struct {
	Old string `json:"old"`
	New string `json:"new"`
}

func (a *Auth) changePassword(c *fiber.Ctx, who people.Who) error {
	var req passwordRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	if err := a.people.ChangePassword(c.UserContext(), who, req.Old, req.New, a.where(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// sessions lists one's own, or, with ?person=, somebody's.
func (a *Auth) sessions(c *fiber.Ctx, who people.Who) error {
	of, err := personQuery(c, who)
	if err != nil {
		return err
	}
	list, err := a.people.Sessions(c.UserContext(), who.Actor(), of)
	if err != nil {
		return err
	}
	out := make([]sessionBody, 0, len(list))
	for _, s := range list {
		out = append(out, sessionOf(s, who.Session.ID))
	}
	return c.JSON(fiber.Map{"sessions": out})
}

func personQuery(c *fiber.Ctx, who people.Who) (convo.ID, error) {
	s := c.Query("person")
	if s == "" {
		return who.Person.ID, nil
	}
	id, err := uuid.Parse(s)
	if err != nil {
		return id, handoff.ErrNoAgent
	}
	return id, nil
}

// revokeAll ends one's own but this one, or, with ?person=, all of somebody's.
func (a *Auth) revokeAll(c *fiber.Ctx, who people.Who) error {
	of, err := personQuery(c, who)
	if err != nil {
		return err
	}
	but := convo.ID{}
	if of == who.Person.ID {
		but = who.Session.ID
	}
	n, err := a.people.RevokeAll(c.UserContext(), who.Actor(), of, but)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"ended": n})
}

func (a *Auth) revoke(c *fiber.Ctx, who people.Who) error {
	id, err := uuid.Parse(c.Params("session"))
	if err != nil {
		return people.ErrNoSession
	}
	if err := a.people.Revoke(c.UserContext(), who.Actor(), id); err != nil {
		return err
	}
	if id == who.Session.ID {
		a.forget(c)
	}
	return c.SendStatus(fiber.StatusNoContent)
}
