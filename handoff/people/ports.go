package people

import (
	"context"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// store keeps people, passwords, sessions, invitations, tries and the audit
// log; package pgpeople does in Postgres. Whatever takes an Entry writes it in
// the same transaction. All may fail with Unavailable.
type store interface {
	// SiteNamed finds a site; an empty name means the default or only one. Error: ErrNoSite.
	SiteNamed(ctx context.Context, name string) (Site, error)
	// Elsewhere says whether somebody can sign in at any site but this one (0: at
	// any at all), and whether somebody can at this one.
	Elsewhere(ctx context.Context, site int32) (elsewhere, here bool, err error)
	Queues(ctx context.Context, site int32) ([]string, error)

	// Account reads what a try is checked against, by address; where nobody has
	// it, the Account is zero. place is the key of where the try comes from.
	Account(ctx context.Context, site int32, email string, place []byte) (Account, error)
	// Take counts a try; wait is 0 where it is allowed.
	Take(ctx context.Context, site int32, key []byte, r Rule, now time.Time) (wait time.Duration, err error)
	// Failed writes down a try that was wrong.
	Failed(ctx context.Context, site int32, e Entry) error
	// Begin makes a session, if the person is active and the password is still
	// the one that was checked. Error: ErrLogin.
	Begin(ctx context.Context, b Begun) error

	// WhoHas reads the session of a token with its person, WhoIs that of an id.
	// Error: ErrOver for one that is not there, has ended, or whose person is disabled.
	WhoHas(ctx context.Context, site int32, tokenHash []byte) (Who, error)
	WhoIs(ctx context.Context, site int32, session convo.ID) (Who, error)
	// Slide keeps a session's last use, unless it has ended.
	Slide(ctx context.Context, site int32, s Session) error
	Sessions(ctx context.Context, site int32, agent convo.ID, limit int) ([]Session, error)
	// End ends one live session, of one person (zero: anybody's). Error: ErrNoSession.
	End(ctx context.Context, site int32, session, agent convo.ID, why Why, e Entry) error
	// EndAll ends a person's sessions but one (zero: all).
	EndAll(ctx context.Context, site int32, agent, but convo.ID, why Why, e Entry) (n int, err error)

	People(ctx context.Context, site int32) ([]Person, error)
	// Person reads one by id, PersonAt by address. Error: ErrNoPerson.
	Person(ctx context.Context, site int32, id convo.ID) (Person, error)
	PersonAt(ctx context.Context, site int32, email string) (Person, error)
	// OtherAdmin says whether somebody else can sign in and is an admin.
	OtherAdmin(ctx context.Context, site int32, but convo.ID) (bool, error)
	SetQueues(ctx context.Context, site int32, id convo.ID, queues []string, e Entry) error
	// Ensure makes a person where there is none with the address, and gives them
	// a password where they have none; with first, only where no admin of the
	// site can sign in yet.
	Ensure(ctx context.Context, site int32, p Person, hash string, first bool, e Entry) (id convo.ID, made bool, err error)

	// SetPassword sets or, with an empty hash, takes one away, ends the person's
	// other sessions and voids the links to choose one. Error: ErrOldWrong where
	// the password is not the one that was checked any more.
	SetPassword(ctx context.Context, c PasswordChange) error

	// Invite keeps an invitation and gives it back as it is kept; an older one for
	// the address that nobody used is void then, and Replaced. With keep its queues
	// are the new one's. Error: ErrEmailTaken.
	Invite(ctx context.Context, site int32, i Invitation, keep bool, tokenHash []byte, e Entry) (Invitation, error)
	// Invitation reads one by its token. Error: ErrNoInvitation.
	Invitation(ctx context.Context, site int32, tokenHash []byte) (Invitation, error)
	Invitations(ctx context.Context, site int32, now time.Time) ([]Invitation, error)
	// RevokeInvitation voids an open one. Error: ErrNoInvitation.
	RevokeInvitation(ctx context.Context, site int32, id convo.ID, e Entry) error
	// Accept uses an invitation up, once: makes the person or sets the password,
	// and begins a session. Errors: ErrNoInvitation, ErrEmailTaken.
	Accept(ctx context.Context, a Accepted) error

	Record(ctx context.Context, site int32, e Entry) error
	// RecordSight is Record, unless the same person saw the same case, or the same
	// conversation, since.
	RecordSight(ctx context.Context, site int32, e Entry, since time.Time) error
	Audit(ctx context.Context, site int32, v AuditView) ([]Entry, error)

	// Sweep removes what is long over.
	Sweep(ctx context.Context, s Swept) error
}

// hasher makes and checks hashes; see Hasher.
type hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	Verify(ctx context.Context, hash, password string) (right, stale bool, err error)
}

// roster is the part of the desk that changes its people.
type roster interface {
	Agents(ctx context.Context, a handoff.Actor) ([]handoff.Agent, error)
	SetAgent(ctx context.Context, a handoff.Actor, g handoff.Agent) (handoff.Agent, error)
}

// Account is what a try to sign in is checked against.
type Account struct {
	Person Person // zero ID: nobody has the address
	Hash   string // empty: no password
	// Password names the password; a change gives it another name, hashing it
	// anew does not.
	Password convo.ID
	Known    bool // the person has signed in from that place before
}

// Begun is a session that begins.
type Begun struct {
	Site      int32
	Session   Session
	TokenHash []byte
	Checked   convo.ID // the password that was right
	Rehash    string   // the same password's hash with today's parameters; empty: it has them
	Place     []byte   // from where
	Forget    [][]byte // tries that count no more
	Replaces  []byte   // token of the session this browser had; nil: none
	Keep      int      // live sessions of the person, this one too; the longest unused ones end
	Entry     Entry
}

// PasswordChange is a password that is set or taken away.
type PasswordChange struct {
	Site    int32
	Agent   convo.ID
	Checked convo.ID // the password that was right; zero: nobody asked
	ID      convo.ID // names the new one
	Hash    string   // empty: none from now on
	Keep    convo.ID
	At      time.Time
	Entry   Entry
}

// Accepted is an invitation that is taken up.
type Accepted struct {
	Invitation Invitation // Agent is who uses it, new or not
	Name       string
	Hash       string
	Begun      Begun
}

// Who is who a request comes from.
type Who struct {
	Site    Site
	Person  Person
	Session Session
}

// Actor is who does what the request asks for.
func (w Who) Actor() handoff.Actor { return w.Person.Actor(w.Site.ID) }

// Swept says what is removed: sessions, invitations and tries that ended
// before Ended, places not used since Places, and the log before Audit.
type Swept struct{ Now, Ended, Places, Audit time.Time }
