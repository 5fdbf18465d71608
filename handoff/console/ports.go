package console

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Guard says who asks. Auth is the one that serves; tests have their own.
type Guard interface {
	// Mount adds what is about the session itself: login, logout, me, and the
	// people of the desk.
	Mount(r fiber.Router)
	// Require passes only somebody who is signed in, and a change only from a
	// page of ours; it leaves who it is for actorOf (see keepActor).
	Require(c *fiber.Ctx) error
	// Again copies what it needs of a request that Require has passed and
	// returns a function that says, later, who that is now. An error ends the
	// stream it is asked for.
	Again(c *fiber.Ctx) func(ctx context.Context) (handoff.Actor, error)
}

// desk is what the routes use of handoff.Desk.
type desk interface {
	Claim(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.Case, error)
	ClaimNext(ctx context.Context, a handoff.Actor, queues ...string) (c handoff.Case, found bool, err error)
	Release(ctx context.Context, a handoff.Actor, t handoff.Target, why string) (handoff.Case, error)
	Transfer(ctx context.Context, a handoff.Actor, t handoff.Target, to handoff.TransferTo) (handoff.Case, error)
	Escalate(ctx context.Context, a handoff.Actor, t handoff.Target, queue, why string) (handoff.Case, error)
	Reply(ctx context.Context, a handoff.Actor, t handoff.Target, r handoff.Reply) (handoff.Replied, error)
	Note(ctx context.Context, a handoff.Actor, t handoff.Target, text string, mentions []convo.ID) (handoff.CaseEvent, error)
	Snooze(ctx context.Context, a handoff.Actor, t handoff.Target, until time.Time) (handoff.Case, error)
	SetPriority(ctx context.Context, a handoff.Actor, t handoff.Target, p handoff.Priority) (handoff.Case, error)
	Merge(ctx context.Context, a handoff.Actor, t handoff.Target, into convo.ID) (handoff.Case, error)
	Close(ctx context.Context, a handoff.Actor, t handoff.Target, w handoff.WrapUp) (handoff.Case, error)
	supervisor
	Reopen(ctx context.Context, a handoff.Actor, t handoff.Target) (handoff.Case, error)

	Get(ctx context.Context, a handoff.Actor, id convo.ID) (handoff.Case, error)
	Find(ctx context.Context, a handoff.Actor, reference string) (handoff.Case, error)
	List(ctx context.Context, a handoff.Actor, v handoff.View, p handoff.Page) (handoff.Listing, error)
	Log(ctx context.Context, a handoff.Actor, id convo.ID, after int64, limit int) ([]handoff.CaseEvent, error)
	Wall(ctx context.Context, a handoff.Actor) ([]handoff.QueueState, error)
	Changes(ctx context.Context, site int32, cursor string) (handoff.Changes, error)

	Beat(ctx context.Context, a handoff.Actor, status handoff.Status) (handoff.Presence, error)
	Leave(ctx context.Context, a handoff.Actor) error
	Agents(ctx context.Context, a handoff.Actor) ([]handoff.Agent, error)

	Queues(ctx context.Context, a handoff.Actor) ([]handoff.Queue, error)
	SetQueue(ctx context.Context, a handoff.Actor, q handoff.Queue) error
	RemoveQueue(ctx context.Context, a handoff.Actor, queue, into string) error
	Routes(ctx context.Context, a handoff.Actor) ([]handoff.Route, error)
	SetRoutes(ctx context.Context, a handoff.Actor, routes []handoff.Route) error
	DryRun(ctx context.Context, a handoff.Actor, routes []handoff.Route, limit int) ([]handoff.DryRun, error)
	Rules(ctx context.Context, a handoff.Actor) (handoff.Rules, error)
	SetRules(ctx context.Context, a handoff.Actor, r handoff.Rules) error
	Block(ctx context.Context, a handoff.Actor, visitor convo.ID, until time.Time, why string) error
	Unblock(ctx context.Context, a handoff.Actor, visitor convo.ID) error
	Blocked(ctx context.Context, a handoff.Actor) ([]handoff.Block, error)
}

// Store is what the desk's page keeps and reads beside the cases themselves;
// pgconsole.Store is the one that serves. Everything is within one site.
type Store interface {
	// Rows reads the rows of cases, whatever their state; those that are gone
	// are left out.
	Rows(ctx context.Context, site int32, ids []convo.ID) ([]handoff.Entry, error)
	// Page reads the newest events of a conversation that people read (messages
	// and changes of owner) before a number (0: the newest), oldest first.
	Page(ctx context.Context, key convo.Key, before int64, limit int) (events []convo.Event, more bool, err error)
	// Visitor reads who a visitor is and what they did before, but for the
	// conversation that is named.
	Visitor(ctx context.Context, key convo.Key) (Visitor, error)

	Draft(ctx context.Context, a handoff.Actor, id convo.ID) (Draft, error)
	PutDraft(ctx context.Context, a handoff.Actor, id convo.ID, d Draft) error

	Canned(ctx context.Context, site int32) ([]Canned, error)
	PutCanned(ctx context.Context, site int32, r Canned) error
	RemoveCanned(ctx context.Context, site int32, id convo.ID) error

	// Look says that somebody has a case open, until a moment; nobody before.
	Look(ctx context.Context, a handoff.Actor, id convo.ID, until, typing time.Time) error
	// Looking lists who has these cases open at a moment.
	Looking(ctx context.Context, site int32, ids []convo.ID, at time.Time) (map[convo.ID][]Looker, error)
	// ForgetLooks removes what ended before a moment.
	ForgetLooks(ctx context.Context, before time.Time) error

	overseen
	searcher
	viewKeeper
}

// Finder searches a site's knowledge, the agents' own included.
type Finder interface {
	Passages(ctx context.Context, site int32, text, language, product string, limit int) ([]Passage, error)
}

// Watcher gives a conversation's events as they come; see bot.Subscription.
type Watcher interface {
	Next(ctx context.Context) ([]convo.Event, error)
	Close()
}

// hub tells the customer's side that an agent is typing and how far they have
// read, and watches it.
type hub interface {
	Watch(key convo.Key, after int64) Watcher
	Typing(key convo.Key)
	// Read notes that the case's agent has everything up to an event in front of them.
	Read(ctx context.Context, key convo.Key, up int64) error
	// Marks are how far each side has read, as read events.
	Marks(ctx context.Context, key convo.Key) []convo.Event
}

// Passage is a piece of an article.
type Passage struct {
	Article    string   `json:"article"`
	Title      string   `json:"title"`
	URL        string   `json:"url"`
	Heading    []string `json:"heading,omitempty"`
	Text       string   `json:"text"` // Markdown, as the article has it
	Language   string   `json:"language,omitempty"`
	Internal   bool     `json:"internal"` // for agents only: never to be sent to a customer as it stands
	Generation int      `json:"generation"`
	From       int      `json:"from"` // bytes of the stored body of that generation
	To         int      `json:"to"`
	P          float64  `json:"p,omitempty"` // of the first: calibrated probability that it answers
}

// Draft is what an agent has begun to write.
type Draft struct {
	Text string    `json:"text"`
	Note string    `json:"note"` // what they have begun to note
	At   time.Time `json:"at,omitzero"`
}

// Canned is a text kept for using again.
type Canned struct {
	ID       convo.ID  `json:"id"`
	Short    string    `json:"short"` // what to type for it: letters, digits and '-'
	Title    string    `json:"title"`
	Text     string    `json:"text"` // with {customer}, {agent}, {reference} and {shop} as variables
	Language string    `json:"language,omitempty"`
	Queues   []string  `json:"queues,omitempty"` // where it is offered first; empty: everywhere
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// Looker is somebody who has a case open.
type Looker struct {
	Agent  convo.ID `json:"agent"`
	Name   string   `json:"name"`
	Typing bool     `json:"typing"`
	Leads  bool     `json:"leads,omitempty"`
}

// Visitor is a customer as the desk knows them.
type Visitor struct {
	ID         convo.ID        `json:"id"`
	Name       string          `json:"name,omitempty"`
	Email      string          `json:"email,omitempty"`
	Verified   time.Time       `json:"verified_at,omitzero"` // when the shop's server said who it is
	Confirmed  []string        `json:"confirmed,omitempty"`  // addresses whose mail they have been seen to read
	Attributes json.RawMessage `json:"attributes,omitempty"`
	Since      time.Time       `json:"since"`
	Page       json.RawMessage `json:"page,omitempty"` // the page this conversation was begun on
	Earlier    []Earlier       `json:"earlier"`        // newest first, at most 20
	Ratings    []VisitorRating `json:"ratings"`        // newest first, at most 10, of this conversation too
}

// VisitorRating is what a customer said of a closed case; what they did not say
// is 0 or empty.
type VisitorRating struct {
	Reference    string    `json:"reference"`
	Queue        string    `json:"queue"`
	AgentName    string    `json:"agent_name,omitempty"` // who closed it
	Satisfaction int       `json:"satisfaction,omitempty"`
	Ease         int       `json:"ease,omitempty"`
	Comment      string    `json:"comment,omitempty"`
	At           time.Time `json:"at"`
}

// Earlier is a conversation of the same customer before this one.
type Earlier struct {
	Conversation convo.ID      `json:"conversation"`
	At           time.Time     `json:"at"`
	Messages     int           `json:"messages"`
	First        string        `json:"first,omitempty"` // what the customer said first
	Helpful      *bool         `json:"helpful,omitempty"`
	Cases        []EarlierCase `json:"cases,omitempty"`
	// Page is the page it was begun on.
	Page json.RawMessage `json:"page,omitempty"`
}

// EarlierCase is a case of one of them. ID is zero where the reader may not
// open it.
type EarlierCase struct {
	ID        convo.ID      `json:"id,omitzero"`
	Reference string        `json:"reference"`
	Queue     string        `json:"queue"`
	State     handoff.State `json:"state"`
	Ended     handoff.Ended `json:"ended,omitempty"`
	Topic     string        `json:"topic,omitempty"`
	OpenedAt  time.Time     `json:"opened_at"`
}
