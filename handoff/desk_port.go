package handoff

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/bot/convo"
)

// Target names a case and, where Version is not 0, the state it was decided
// on: a change of an older state is refused with ErrMoved.
type Target struct {
	Case    convo.ID
	Version int64
}

// Desk is all that can be done at the desk; pgdesk.Desk is the one
// implementation. Callers declare the part of it that they use.
//
// Errors of all: ErrNoCase (none, another site's, or of a queue the actor does
// not see), ErrForbidden (the actor's role), ErrMoved (Target.Version), and
// Unavailable without the database. Each change is one transaction: the case,
// its own log, the conversation's owner and what the customer is told, and the
// jobs for what is promised. What is said with Case is the case afterwards.
type Desk interface {
	// Customers ------------------------------------------------------------

	// Open hands a conversation to people; asked again it finds the case that
	// is there, and within the time a queue says a closed one is opened again.
	// Errors: ErrNoConversation, ErrFenced, ErrManyOpen, ErrManyToday, ErrBlocked
	// (the last three only where no turn is given: see Opened.Refused).
	Open(ctx context.Context, r Request) (Opened, error)
	// Wait is what a waiting customer does: see WaitAction. Errors:
	// ErrNoConversation, ErrNotWaiting.
	Wait(ctx context.Context, r WaitRequest) (WaitState, error)
	// Retriage routes a case once more that was opened before triage had seen
	// it, if nobody has claimed it; done is false where that is not so.
	Retriage(ctx context.Context, key convo.Key, t Triage) (c Case, done bool, err error)

	// Agents ---------------------------------------------------------------

	// Claim takes a case. Errors: ErrTaken (who has it), ErrOffered, ErrClosed,
	// ErrFull (for an agent; a lead may hold more than their capacity).
	Claim(ctx context.Context, a Actor, t Target) (Case, error)
	// ClaimNext takes the case of these queues that is due first (none given:
	// of all the actor works in); found is false where nobody waits there.
	ClaimNext(ctx context.Context, a Actor, queues ...string) (c Case, found bool, err error)
	// Release gives a case back to its queue, at the place it would have had.
	// Errors: ErrNotHeld, ErrNotMine.
	Release(ctx context.Context, a Actor, t Target, why string) (Case, error)
	// Transfer gives a case to a queue or to a person. Errors: ErrNowhere,
	// ErrSelf, ErrNoQueue, ErrNoAgent, ErrUnserved, ErrTheyFull, ErrCircle,
	// ErrClosed, ErrTaken (an agent passes on what is theirs or waits).
	Transfer(ctx context.Context, a Actor, t Target, to TransferTo) (Case, error)
	// Escalate gives a case to the next tier, or to the escalations queue, with
	// priority at least High; queue is empty for the way up that the queues say.
	Escalate(ctx context.Context, a Actor, t Target, queue, why string) (Case, error)
	// Reply says something to the customer in the agent's name. A repeat of a
	// ClientMsgID gives the first one's message again. Errors: ErrText,
	// ErrNotMine, ErrTaken, ErrSecond, ErrClosed, ErrReused.
	Reply(ctx context.Context, a Actor, t Target, r Reply) (Replied, error)
	// Note writes something that only the desk sees; mentions tells those named.
	Note(ctx context.Context, a Actor, t Target, text string, mentions []convo.ID) (CaseEvent, error)
	// TakeOver gives a case that somebody has to a lead, who says why; the one who
	// had it is told, and what they are sending is refused. Errors: ErrForbidden
	// (no lead), ErrNotHeld, ErrSelf, ErrClosed, ErrWhy.
	TakeOver(ctx context.Context, a Actor, t Target, why string) (Case, error)
	// Whisper says something to the one who has a case that only they and leads
	// see; whoever has it may whisper back, to leads. Errors: ErrForbidden,
	// ErrNotHeld, ErrText.
	Whisper(ctx context.Context, a Actor, t Target, text string) (CaseEvent, error)
	// Unused notes that a suggested reply was turned down. Errors: ErrText,
	// ErrNotMine, ErrTaken.
	Unused(ctx context.Context, a Actor, t Target, s Suggestion) (CaseEvent, error)
	// Snooze lets a claimed case sleep until a moment, or until the customer
	// writes; the zero time wakes it. Errors: ErrSnooze, ErrNotHeld, ErrNotMine.
	Snooze(ctx context.Context, a Actor, t Target, until time.Time) (Case, error)
	// SetPriority moves a case forward or back in its line.
	SetPriority(ctx context.Context, a Actor, t Target, p Priority) (Case, error)
	// Merge closes a case into another open one of the same customer. Error: ErrMerge.
	Merge(ctx context.Context, a Actor, t Target, into convo.ID) (Case, error)
	// Close ends a case and gives the conversation back to the assistant, with
	// the memo. Errors: ErrClosed, ErrNotMine, ErrEnded, ErrText.
	Close(ctx context.Context, a Actor, t Target, w WrapUp) (Case, error)
	// Reopen takes a closed case up again: it is the actor's. Errors: ErrOpen,
	// ErrTaken (the conversation has another open case by now).
	Reopen(ctx context.Context, a Actor, t Target) (Case, error)

	// Reading --------------------------------------------------------------

	// Get reads a case with its packet, made anew where the conversation went on.
	Get(ctx context.Context, a Actor, id convo.ID) (Case, error)
	// Find reads a case by its reference, in any case and with or without the dash.
	Find(ctx context.Context, a Actor, reference string) (Case, error)
	// List reads a page of a view. Errors: ErrView, ErrCursor.
	List(ctx context.Context, a Actor, v View, p Page) (Listing, error)
	// Log reads a case's own log after a number, oldest first; whispers only
	// where they are for the actor, or the actor leads.
	Log(ctx context.Context, a Actor, id convo.ID, after int64, limit int) ([]CaseEvent, error)
	// Wall is every queue the actor sees with what goes on in it.
	Wall(ctx context.Context, a Actor) ([]QueueState, error)
	// Changes reads what changed since a cursor (empty: from now on): see Changes.
	Changes(ctx context.Context, site int32, cursor string) (Changes, error)

	// People and presence --------------------------------------------------

	// Beat says that the actor is there; status is empty to keep the one they have.
	Beat(ctx context.Context, a Actor, status Status) (Presence, error)
	// Leave says that the actor has gone.
	Leave(ctx context.Context, a Actor) error
	// Present lists who is there.
	Present(ctx context.Context, site int32) ([]Presence, error)
	// Agents lists the people of the desk, disabled ones too, by name.
	Agents(ctx context.Context, a Actor) ([]Agent, error)
	// AddAgent adds one; SetAgent changes one (a disabled one's cases go back to
	// their queues). Errors: ErrForbidden, ErrNoAgent, Invalid, Conflict for an
	// address that is taken.
	AddAgent(ctx context.Context, a Actor, g Agent) (Agent, error)
	SetAgent(ctx context.Context, a Actor, g Agent) (Agent, error)

	// Settings -------------------------------------------------------------

	// Queues lists a site's queues, made from the defaults where it has none.
	Queues(ctx context.Context, a Actor) ([]Queue, error)
	// SetQueue adds or changes one; RemoveQueue removes one and moves its open
	// cases to another.
	SetQueue(ctx context.Context, a Actor, q Queue) error
	RemoveQueue(ctx context.Context, a Actor, queue, into string) error
	// Routes is the routing table; SetRoutes replaces it.
	Routes(ctx context.Context, a Actor) ([]Route, error)
	SetRoutes(ctx context.Context, a Actor, routes []Route) error
	// DryRun holds routes (nil: those in force) against the newest cases.
	DryRun(ctx context.Context, a Actor, routes []Route, limit int) ([]DryRun, error)
	// Rules are the site's limits; SetRules changes them.
	Rules(ctx context.Context, a Actor) (Rules, error)
	SetRules(ctx context.Context, a Actor, r Rules) error
	// Block keeps a visitor from people until a moment (zero: for good);
	// Unblock lets them again; Blocked lists who is kept.
	Block(ctx context.Context, a Actor, visitor convo.ID, until time.Time, why string) error
	Unblock(ctx context.Context, a Actor, visitor convo.ID) error
	Blocked(ctx context.Context, a Actor) ([]Block, error)
}

// WaitAction is what a waiting customer does.
type WaitAction string

const (
	WaitCancel    WaitAction = "cancel"    // does not want to wait any more: the case is closed, the assistant is back
	WaitAssistant WaitAction = "assistant" // back to the assistant, the place in line is kept
	WaitResume    WaitAction = "resume"    // waits for the person again, silent meanwhile
	WaitContact   WaitAction = ""          // only leaves an address
)

// WaitRequest is an action of a waiting customer.
type WaitRequest struct {
	Key      convo.Key
	Visitor  convo.ID
	Action   WaitAction
	Contact  string // how to reach them; empty: as before
	Fallback string // language of the words where nothing better is known
}

// WaitState is where the customer stands afterwards.
type WaitState struct {
	Case     Case
	Owner    convo.Owner
	Position int // 0: does not wait in line
	Estimate string
	Events   []convo.Event
}

// TransferTo is a queue or a person, never both.
type TransferTo struct {
	Queue string
	Agent convo.ID
	Why   string // for the desk's eyes
}

// Reply is an agent's message.
type Reply struct {
	ClientMsgID string     // names it, so that sending twice says it once; 1 to 64 printable characters
	Text        string     // plain text; may be empty where files go along
	Files       []convo.ID // uploads of the desk's for this conversation, in their order
	// Suggested is the text that was suggested, where one was: how far the
	// agent moved from it is kept as a label, with the article it was from.
	Suggested string
	Article   string
	Citations []convo.Citation
}

// Suggestion is a suggested reply that was not taken.
type Suggestion struct {
	Article string // it was from
	Why     string // for the desk's eyes; empty: not said
}

// Replied is what came of a Reply.
type Replied struct {
	Case    Case
	Message convo.Message
	Seq     int64
	Repeat  bool
}

// WrapUp is how a case ended.
type WrapUp struct {
	Ended Ended  // empty: solved
	Topic string // what it was about; empty: as triage said
	// Product is the product line it was about; empty: as it stands.
	Product string
	Memo    string // what was done, in a sentence or two: customer and assistant read it
}

// CaseEvent is one entry of a case's own log, which customers never see.
type CaseEvent struct {
	Case  convo.ID        `json:"case"`
	N     int64           `json:"n"` // from 1, without gaps
	Kind  CaseEventKind   `json:"kind"`
	Agent convo.ID        `json:"agent,omitzero"`
	Actor string          `json:"actor"` // the name at that time, or what of the service did it
	Body  json.RawMessage `json:"body"`  // EventBody
	At    time.Time       `json:"at"`
}

// CaseEventKind is what happened to a case.
type CaseEventKind string

const (
	CaseOpened      CaseEventKind = "opened"
	CaseRouted      CaseEventKind = "routed" // by triage that came later
	CaseClaimed     CaseEventKind = "claimed"
	CaseOffered     CaseEventKind = "offered"
	CasePassed      CaseEventKind = "passed" // an offer ran out
	CaseReleased    CaseEventKind = "released"
	CaseTransferred CaseEventKind = "transferred"
	CaseEscalated   CaseEventKind = "escalated"
	CaseReplied     CaseEventKind = "replied"
	CaseNoted       CaseEventKind = "note"
	CaseMentioned   CaseEventKind = "mention"
	CaseSnoozed     CaseEventKind = "snoozed"
	CaseWoken       CaseEventKind = "woken"
	CasePriority    CaseEventKind = "priority"
	CaseMerged      CaseEventKind = "merged"
	CaseClosed      CaseEventKind = "closed"
	CaseReopened    CaseEventKind = "reopened"
	CaseAside       CaseEventKind = "aside"   // the customer talks to the assistant meanwhile
	CaseResumed     CaseEventKind = "resumed" // and waits again
	CaseContact     CaseEventKind = "contact"
	CaseMessage     CaseEventKind = "message" // in desk_changes only: the customer wrote
	CaseTakenOver   CaseEventKind = "taken_over"
	CaseWhispered   CaseEventKind = "whisper"    // between the one who has it and leads
	CaseUnused      CaseEventKind = "unused"     // a suggested reply was turned down
	CaseIdentified  CaseEventKind = "identified" // the customer signed in at the shop
)

// EventBody is the body of a case event; each kind fills what it means.
type EventBody struct {
	From     string     `json:"from,omitempty"` // queue
	To       string     `json:"to,omitempty"`   // queue
	Agent    *convo.ID  `json:"agent,omitempty"`
	Name     string     `json:"name,omitempty"` // of that agent, or whom the customer signed in as
	Why      string     `json:"why,omitempty"`
	Text     string     `json:"text,omitempty"` // of a note
	Mentions []convo.ID `json:"mentions,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
	Priority *Priority  `json:"priority,omitempty"`
	Route    int        `json:"route,omitempty"` // line of the routing table; 0: none fitted
	Ended    Ended      `json:"ended,omitempty"`
	Topic    string     `json:"topic,omitempty"`
	Product  string     `json:"product,omitempty"` // where closing changed it
	Article  string     `json:"article,omitempty"` // of a suggestion
	Memo     string     `json:"memo,omitempty"`
	Case     *convo.ID  `json:"case,omitempty"` // another one
	Message  *convo.ID  `json:"message,omitempty"`
	Seq      int64      `json:"seq,omitempty"` // of that message in the conversation's log
	// Edited is how far a reply is from what was suggested, 0 (taken as it
	// stood) to 1 (nothing left of it); nil: nothing was suggested.
	Edited *float64 `json:"edited,omitempty"`
	Triage *Triage  `json:"triage,omitempty"` // what was known
}

// ViewKind is which cases a list shows.
type ViewKind string

const (
	ViewWaiting  ViewKind = "waiting"  // nobody has them, due first
	ViewMine     ViewKind = "mine"     // the actor's, awake, due first
	ViewOpen     ViewKind = "open"     // waiting and claimed, due first
	ViewClaimed  ViewKind = "claimed"  // somebody's, due first
	ViewLate     ViewKind = "late"     // open, and the answer overdue
	ViewSnoozed  ViewKind = "snoozed"  // the actor's that sleep
	ViewMentions ViewKind = "mentions" // open ones with a note that names the actor
	ViewClosed   ViewKind = "closed"   // last closed first
)

// View is which cases, of which queues (none: all the actor sees).
type View struct {
	Kind     ViewKind
	Queues   []string
	Agent    convo.ID // ViewMine, ViewSnoozed, ViewMentions: of another one (leads); zero: the actor
	Visitor  convo.ID // only this visitor's; zero: everybody's
	Language string   // only in this language
	Product  string   // only of this product line
}

// Page is where to go on and how many; at most 200, 0: 50.
type Page struct {
	After string // Listing.Next of the page before
	Limit int
}

// Listing is a page.
type Listing struct {
	Cases []Entry // without packets
	Next  string  // empty: that was the last
}

// QueueState is a queue as it stands now.
type QueueState struct {
	Queue
	Waiting int       `json:"waiting"`
	Claimed int       `json:"claimed"`
	Late    int       `json:"late"`
	Oldest  time.Time `json:"oldest,omitzero"` // since when the one that waits longest has waited
	Online  int       `json:"online"`          // agents who are there and work in it
	Free    int       `json:"free"`            // weight they can take
}

// Change says that something about a case is not as it was: read it again.
type Change struct {
	Case  convo.ID      `json:"case"` // zero: of the site (kind presence, queues)
	Queue string        `json:"queue"`
	From  string        `json:"from,omitempty"` // the queue it left, where it did
	Agent convo.ID      `json:"agent,omitzero"` // whom it concerns: who has it, or is named
	Kind  CaseEventKind `json:"kind"`
	At    time.Time     `json:"at"`
}

// Kinds of changes that no case has.
const (
	ChangePresence CaseEventKind = "presence"
	ChangeSettings CaseEventKind = "settings"
)

// Changes is what was committed since a cursor: each change once, none left
// out, in the order they were written but not exactly the order of commits.
type Changes struct {
	List   []Change
	Cursor string // to go on from: opaque, valid in every instance and after a restart
	Reset  bool   // too much, or too long ago: load everything anew, and go on from Cursor
}

// Promise is something that is to happen later, told to whoever keeps promises
// within the transaction that makes it. When its time has come and the case's
// version is another one, it is void.
type Promise struct {
	Site    int32
	Case    convo.ID
	Kind    PromiseKind
	Version int64     // of the case
	At      time.Time // not before; zero: at once
	Since   time.Time // PromiseReminder: the agent's message after which the customer is silent
	Message convo.ID  // PromiseMail: the message to send
	Agent   convo.ID  // PromiseMention: who was named
}

// PromiseKind is what is promised.
type PromiseKind string

const (
	PromiseLadder   PromiseKind = "ladder"   // a case began to wait in a queue: its ladder's first step
	PromiseReminder PromiseKind = "reminder" // an agent wrote: the customer may fall silent
	PromiseWake     PromiseKind = "wake"     // a snooze ends
	PromiseMail     PromiseKind = "mail"     // an agent wrote to a customer who left an address
	PromiseRating   PromiseKind = "rating"   // a case was closed: how was it
	PromiseMention  PromiseKind = "mention"  // somebody was named in a note
)

// Outlook is what a customer can be told about the wait.
type Outlook struct {
	Estimate string    // a range in words of the customer's language; empty: nothing is known
	Nobody   bool      // nobody is there, or the queue is outside its hours
	Opens    time.Time // when somebody is there again; zero: not known
	NoMail   bool      // no answer goes out by e-mail
}

// DryRun is what a routing table makes of a past case.
type DryRun struct {
	Reference string    `json:"reference"`
	Case      convo.ID  `json:"case"`
	OpenedAt  time.Time `json:"opened_at"`
	Was       string    `json:"was"` // where the routes of that time sent it, not where it was moved since
	Would     string    `json:"would"`
	Priority  Priority  `json:"priority"`
	Route     int       `json:"route"` // line of the table; 0: none fitted, the default queue
}

// Rules are a site's limits and defaults. Numbers that are 0 take the default
// that is named; negative ones mean no limit.
type Rules struct {
	DefaultQueue string `json:"default_queue"`
	Zone         string `json:"zone"`      // IANA time zone of routes' hours; empty: UTC
	MaxOpen      int    `json:"max_open"`  // open cases of one visitor; 0: 3
	MaxDay       int    `json:"max_day"`   // cases one visitor opens in 24 h; 0: 12
	MaxMoves     int    `json:"max_moves"` // transfers of one case between two replies; 0: 8
	Version      int64  `json:"-"`
}

// Block is a visitor whom a site does not connect to people.
type Block struct {
	Visitor convo.ID  `json:"visitor"`
	Name    string    `json:"name"` // the visitor's
	By      string    `json:"by"`
	Why     string    `json:"why"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until,omitzero"` // zero: for good
}
