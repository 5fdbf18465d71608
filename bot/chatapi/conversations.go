package chatapi

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

var (
	errOtherSite = fault.New(fault.Forbidden, "token_other_site", "This token belongs to another site. Start anew without it.")
	errLanguage  = fault.New(fault.Invalid, "language", "The language has to be a tag such as en or pt-BR.")
	errPage      = fault.New(fault.Invalid, "page", "The page has to be its address, or an object with url, title, referrer and article, each of at most 2,000 characters.")
	errCursor    = fault.New(fault.Invalid, "cursor", "The cursor has to be one that this address gave, and limit a number from 1 to 100.")
)

type conversationRequest struct {
	Site     string `json:"site"`
	Identity string `json:"identity"`
	Page     page   `json:"page"`
	Language string `json:"language"`
}

type conversationResponse struct {
	Conversation convo.ID  `json:"conversation"`
	Token        string    `json:"token"`
	ExpiresAt    time.Time `json:"expires_at"`
	RenewUntil   time.Time `json:"renew_until"`
	Site         string    `json:"site"`
	Verified     bool      `json:"verified"`
}

func (a *API) postConversation(c *fiber.Ctx) error {
	var req conversationRequest
	if err := web.Decode(c, &req, true); err != nil {
		return err
	}
	lang, err := languageTag(req.Language)
	if err != nil {
		return err
	}
	if err := req.Page.check(); err != nil {
		return err
	}
	site, who, err := a.whoOpens(c, req.Site)
	if err != nil {
		return err
	}
	o := bot.Opening{
		Site: int32(site.ID), Conversation: a.NewID(), Visitor: a.NewID(),
		Page: req.Page.masked(), Language: lang, At: a.Now().UTC(),
	}
	if who != nil {
		o.Visitor, o.Known = who.visitor, true
	}
	web.Origin(c, site.Settings.Origins)
	if req.Identity != "" {
		if o.Identity, err = readIdentity(req.Identity, site, a.Now); err != nil {
			return err
		}
	}
	visitor, err := a.Store.Open(c.UserContext(), o)
	if err != nil {
		return err
	}
	web.Note(c, "conversation", o.Conversation)
	return a.giveConversation(c, fiber.StatusCreated, site, o.Conversation, visitor, o.Identity != nil)
}

// giveConversation answers with a conversation and a token of its visitor's.
func (a *API) giveConversation(c *fiber.Ctx, status int, site *bot.Site, id, visitor convo.ID, verified bool) error {
	token, expires, err := a.tokens.issue(int32(site.ID), visitor)
	if err != nil {
		return err
	}
	return c.Status(status).JSON(conversationResponse{
		Conversation: id, Token: token, ExpiresAt: expires.UTC(), RenewUntil: expires.Add(a.cfg.TokenGrace).UTC(),
		Site: site.Name, Verified: verified,
	})
}

type identityRequest struct {
	Identity string `json:"identity"`
}

// postIdentity: somebody signed in while they talk. The conversation goes on as
// theirs, and the answer has the token that reaches it from now on.
func (a *API) postIdentity(c *fiber.Ctx, v visit) error {
	if err := a.allow(v); err != nil {
		return err
	}
	var req identityRequest
	if err := web.Decode(c, &req, false); err != nil {
		return err
	}
	who, err := readIdentity(req.Identity, v.site, a.Now)
	if err != nil {
		return err
	}
	// Carried through also when the client does not wait for it: an identity counts once.
	visitor, err := a.Desk.Identify(context.WithoutCancel(c.UserContext()), v.key, convo.Claim{Visitor: v.visitor, Identity: *who}, v.site.Settings.Language)
	if err != nil {
		return err
	}
	return a.giveConversation(c, fiber.StatusOK, v.site, v.key.ID, visitor, true)
}

// whoOpens finds the site of a new conversation and, where a token came along,
// the visitor it keeps: the site is the one asked for, else the token's, else
// the only or default one.
func (a *API) whoOpens(c *fiber.Ctx, name string) (*bot.Site, *caller, error) {
	token := bearer(c)
	if token == "" {
		site, err := a.Sites.ByName(c.UserContext(), name)
		return site, nil, err
	}
	who, err := a.tokens.read(token, false)
	if err != nil {
		return nil, nil, err
	}
	site, err := a.siteOf(c, who)
	if err != nil {
		return nil, nil, err
	}
	if name == "" || name == site.Name {
		return site, &who, nil
	}
	if _, err := a.Sites.ByName(c.UserContext(), name); err != nil {
		return nil, nil, err
	}
	return nil, nil, errOtherSite
}

type tokenResponse struct {
	Token      string    `json:"token"`
	ExpiresAt  time.Time `json:"expires_at"`
	RenewUntil time.Time `json:"renew_until"`
}

// postToken renews a token that is valid or ran out within the grace.
func (a *API) postToken(c *fiber.Ctx) error {
	if err := web.Decode(c, &struct{}{}, true); err != nil {
		return err
	}
	who, _, err := a.caller(c, true)
	if err != nil {
		return err
	}
	there, err := a.Store.VisitorExists(c.UserContext(), who.site, who.visitor)
	if err != nil {
		return err
	}
	if !there {
		return bot.ErrVisitorGone
	}
	token, expires, err := a.tokens.issue(who.site, who.visitor)
	if err != nil {
		return err
	}
	return c.JSON(tokenResponse{Token: token, ExpiresAt: expires.UTC(), RenewUntil: expires.Add(a.cfg.TokenGrace).UTC()})
}

type conversationView struct {
	Conversation convo.ID          `json:"conversation"`
	Owner        convo.Owner       `json:"owner"`
	Queue        string            `json:"queue,omitempty"`
	LastEvent    int64             `json:"last_event"` // Last-Event-ID to go on from
	Messages     []json.RawMessage `json:"messages"`
	Earlier      string            `json:"earlier,omitempty"` // ?before= of the page before this one
}

func (a *API) getConversation(c *fiber.Ctx, v visit) error {
	before, err := number(c.Query("before"), 0, 1<<62)
	if err != nil {
		return err
	}
	limit, err := number(c.Query("limit"), 50, 100)
	if err != nil {
		return err
	}
	// The state first: a message that comes between the two reads is then in
	// the page and again after LastEvent, never in neither.
	st, err := a.Store.Conversation(c.UserContext(), v.key, v.visitor)
	if err != nil {
		return err
	}
	events, more, err := a.Store.Messages(c.UserContext(), v.key, before, int(limit))
	if err != nil {
		return err
	}
	view := conversationView{Conversation: v.key.ID, Owner: st.Owner, LastEvent: st.LastSeq, Messages: make([]json.RawMessage, 0, len(events))}
	if st.Owner == convo.OwnerQueue {
		view.Queue = st.Queue
	}
	for _, e := range events {
		if e.Seq <= st.LastSeq {
			view.Messages = append(view.Messages, e.Body)
		}
	}
	if more {
		view.Earlier = strconv.FormatInt(events[0].Seq, 10)
	}
	return c.JSON(view)
}

func number(s string, absent, most int64) (int64, error) {
	if s == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || n > most {
		return 0, errCursor
	}
	return n, nil
}

// page takes an address or an object.
type page bot.Page

func (p *page) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &p.URL)
	}
	var fields map[string]string
	if err := json.Unmarshal(b, &fields); err != nil {
		return errPage
	}
	for name, v := range fields {
		switch name {
		case "url":
			p.URL = v
		case "title":
			p.Title = v
		case "referrer":
			p.Referrer = v
		case "article":
			p.Article = v
		default:
			return errPage
		}
	}
	return nil
}

func (p *page) check() error {
	for _, s := range []string{p.URL, p.Title, p.Referrer, p.Article} {
		if len(s) > 4*2000 || len([]rune(s)) > 2000 || !storable(s) {
			return errPage
		}
	}
	return nil
}

// masked is the page as it may be kept: a shop's address or title may hold what
// was typed into a form.
func (p page) masked() bot.Page {
	p.URL, p.Title, p.Referrer = bot.MaskCards(p.URL), bot.MaskCards(p.Title), bot.MaskCards(p.Referrer)
	return bot.Page(p)
}

// languageTag checks the form of a BCP 47 tag and lowers it.
func languageTag(s string) (string, error) {
	if len(s) > 35 {
		return "", errLanguage
	}
	s = strings.ToLower(s)
	for i, part := range strings.Split(s, "-") {
		if s == "" {
			return "", nil
		}
		if len(part) == 0 || len(part) > 8 || i == 0 && len(part) < 2 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return "", errLanguage
		}
	}
	return s, nil
}

// storable says whether Postgres can keep a text.
func storable(s string) bool { return !strings.ContainsRune(s, 0) && !strings.Contains(s, `\u0000`) }
