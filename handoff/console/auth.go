package console

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

// access is what Auth uses of people.People.
type access interface {
	Naming(ctx context.Context) (people.Naming, error)
	Login(ctx context.Context, t people.Attempt) (people.Who, people.Token, error)
	Logout(ctx context.Context, w people.Who) error
	Who(ctx context.Context, token string, w people.Where) (people.Who, error)
	Still(ctx context.Context, site int32, session convo.ID) (people.Who, error)
	ChangePassword(ctx context.Context, w people.Who, old, fresh string, from people.Where) error
	Sessions(ctx context.Context, a handoff.Actor, of convo.ID) ([]people.Session, error)
	Revoke(ctx context.Context, a handoff.Actor, session convo.ID) error
	RevokeAll(ctx context.Context, a handoff.Actor, of, but convo.ID) (int, error)
	Invite(ctx context.Context, a handoff.Actor, g people.Guest) (people.Invitation, people.Token, error)
	Invitation(ctx context.Context, token string, w people.Where) (people.Invitation, error)
	Invitations(ctx context.Context, a handoff.Actor) ([]people.Invitation, error)
	RevokeInvitation(ctx context.Context, a handoff.Actor, id convo.ID) error
	Accept(ctx context.Context, c people.Acceptance) (people.Who, people.Token, error)
	People(ctx context.Context, a handoff.Actor) ([]people.Person, error)
	Change(ctx context.Context, a handoff.Actor, id convo.ID, c people.Change) (people.Person, error)
	ResetPassword(ctx context.Context, a handoff.Actor, id convo.ID) (people.Invitation, people.Token, error)
	Audit(ctx context.Context, a handoff.Actor, v people.AuditView) (people.AuditPage, error)
	Saw(ctx context.Context, a handoff.Actor, c convo.ID) error
	SawConversation(ctx context.Context, a handoff.Actor, c convo.ID) error
	Record(ctx context.Context, a handoff.Actor, e people.Entry) error
}

// AuthConfig says how the desk is reached.
type AuthConfig struct {
	// Origin is the desk's address as browsers see it, "https://desk.example.com";
	// empty: the one each request was sent to. Set it where a proxy changes the
	// Host header.
	Origin string
}

// Auth is the Guard that serves: sessions in a cookie, people and their rights
// from the database at every request.
//
// A change is taken only from a page of ours. Decision: by where the browser
// says a request comes from (Sec-Fetch-Site, else Origin), beside the cookie's
// SameSite=Strict and the JSON media type, and not by a second token. Context:
// SameSite alone lets another host of the same site through, a shop's own pages
// beside its desk. A token would say the same as the two headers, which scripts
// cannot set, and would have to be renewed in each of a dozen tabs that slept.
// Consequence: a program that is no browser sends Origin itself.
type Auth struct {
	app    *web.App
	people access
	origin *url.URL
	// searched passes a search once in ten minutes in the same words: a page asks
	// them again with every change of a case.
	searched *web.Limiter
}

// NewAuth makes an Auth.
func NewAuth(app *web.App, p access, cfg AuthConfig) (*Auth, error) {
	if app == nil || p == nil {
		return nil, errors.New("console: an app and people are needed")
	}
	a := &Auth{app: app, people: p, searched: web.NewLimiter(web.Rate{PerSecond: 1.0 / 600, Burst: 1}, 10_000, time.Now)}
	if cfg.Origin == "" {
		return a, nil
	}
	u, err := url.Parse(strings.TrimSuffix(cfg.Origin, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return nil, errors.New("console: the desk's origin has to be like https://desk.example.com")
	}
	a.origin = u
	return a, nil
}

// Mount adds what is about the session itself and the people of the desk.
func (a *Auth) Mount(r fiber.Router) {
	r.Get("/login", a.fromOurPage, a.door)
	r.Post("/login", a.fromOurPage, a.login)
	r.Post("/logout", a.fromOurPage, a.logout)
	r.Post("/invitations/look", a.fromOurPage, a.lookInvitation)
	r.Post("/invitations/accept", a.fromOurPage, a.accept)

	r.Get("/me", a.signed(a.me))
	r.Post("/password", a.signed(a.changePassword))
	r.Get("/sessions", a.signed(a.sessions))
	r.Delete("/sessions", a.signed(a.revokeAll))
	r.Delete("/sessions/:session", a.signed(a.revoke))

	r.Get("/invitations", a.signed(a.invitations))
	r.Post("/invitations", a.signed(a.invite))
	r.Delete("/invitations/:invitation", a.signed(a.revokeInvitation))
	r.Get("/people", a.signed(a.list))
	r.Patch("/people/:person", a.signed(a.change))
	r.Post("/people/:person/reset", a.signed(a.reset))
	r.Get("/audit", a.signed(a.audit))
}

// signed makes a route of a handler that is for somebody who is signed in.
func (a *Auth) signed(h func(c *fiber.Ctx, who people.Who) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		who, err := a.enter(c)
		if err != nil {
			return err
		}
		return h(c, who)
	}
}

const localWho = "desk_who"

// Require passes only somebody who is signed in, and a change only from a page
// of ours; it leaves who it is for actorOf. What they look at and which
// settings they change goes into the audit log from here, so that no route can
// forget it.
func (a *Auth) Require(c *fiber.Ctx) error {
	who, err := a.enter(c)
	if err != nil {
		return err
	}
	if err := c.Next(); err != nil {
		return err
	}
	return a.note(c, who)
}

func (a *Auth) enter(c *fiber.Ctx) (people.Who, error) {
	if err := a.ourPage(c); err != nil {
		return people.Who{}, err
	}
	who, err := a.people.Who(c.UserContext(), a.token(c), a.where(c))
	if err != nil {
		if f, ok := fault.As(err); ok && f.Kind == fault.Unauthorized && a.token(c) != "" {
			a.forget(c)
		}
		return people.Who{}, err
	}
	c.Vary(fiber.HeaderCookie)
	web.Note(c, "agent", who.Person.ID)
	c.Locals(localWho, who)
	keepActor(c, who.Actor())
	return who, nil
}

// Again says later who the sender of a request that Require has passed is then:
// a stream asks every few seconds, and ends with the session.
func (a *Auth) Again(c *fiber.Ctx) func(ctx context.Context) (handoff.Actor, error) {
	who, _ := c.Locals(localWho).(people.Who)
	site, session := who.Site.ID, who.Session.ID
	return func(ctx context.Context) (handoff.Actor, error) {
		now, err := a.people.Still(ctx, site, session)
		if err != nil {
			return handoff.Actor{}, err
		}
		return now.Actor(), nil
	}
}

// note writes down what a request that went well has shown or set. What was
// looked at is not sent before it is written down.
func (a *Auth) note(c *fiber.Ctx, who people.Who) error {
	if c.Response().StatusCode() >= fiber.StatusBadRequest {
		return nil
	}
	path := strings.TrimPrefix(c.Route().Path, "/desk/api/v1")
	if safeMethod(c.Method()) {
		seen := ""
		switch {
		case path == "/cases/:id", strings.HasPrefix(path, "/cases/:id/"):
			seen = c.Params("id")
		case path == "/stream":
			seen = c.Query("case")
		}
		if id, err := uuid.Parse(seen); err == nil {
			return a.people.Saw(c.UserContext(), who.Actor(), id)
		}
		if path == "/conversations/:id" || strings.HasPrefix(path, "/conversations/:id/") {
			if id, err := uuid.Parse(c.Params("id")); err == nil {
				return a.people.SawConversation(c.UserContext(), who.Actor(), id)
			}
		}
		if path == "/search" && a.searched.Allow(who.Session.ID.String()+c.Query("q")) == nil { // that somebody searched, never what for
			return a.people.Record(c.UserContext(), who.Actor(), people.Entry{Action: people.ActSearched, Session: who.Session.ID})
		}
		return nil
	}
	area, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if area != "settings" && area != "blocks" && area != "canned" || strings.HasSuffix(path, "/dry-run") {
		return nil
	}
	e := people.Entry{Action: people.ActSettingsChanged, Session: who.Session.ID, Detail: map[string]string{"what": path, "method": strings.Clone(c.Method())}}
	for _, name := range c.Route().Params {
		e.Detail[name] = strings.Clone(c.Params(name))
	}
	// The change is done and says so; that the log has a gap is for ours.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), 2*time.Second)
	defer cancel()
	if err := a.people.Record(ctx, who.Actor(), e); err != nil {
		web.Note(c, "audit_missing", path)
	}
	return nil
}
