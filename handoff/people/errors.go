package people

import (
	"fmt"
	"time"

	"frontdesk/handoff"
	"frontdesk/internal/fault"
)

// What is refused. The words of those about signing in are the same whatever
// the reason was.
var (
	ErrLogin = fault.New(fault.Unauthorized, "login_failed", "The e-mail address or the password is not right.")
	// ErrTooMany says when to try again; see TooMany.
	ErrTooMany = fault.New(fault.RateLimited, "login_throttled", "That was too many tries. Please wait a moment and try again.")
	ErrBusy    = fault.New(fault.Unavailable, "login_busy", "Very many people are signing in right now. Please try again in a moment.")

	ErrSignedOut = fault.New(fault.Unauthorized, "session_missing", "You are not signed in.")
	ErrOver      = fault.New(fault.Unauthorized, "session_over", "You have been signed out. Please sign in again.")
	ErrNoSession = fault.New(fault.NotFound, "no_such_session", "There is no such session, or it is over.")

	ErrNoPerson   = fault.New(fault.NotFound, "no_such_agent", "There is no such person at the desk.")
	ErrNoSite     = fault.New(fault.NotFound, "no_such_site", "There is no such site.")
	ErrEmail      = fault.New(fault.Invalid, "email", "This is no e-mail address that can be used: write it as name@example.com.")
	ErrEmailTaken = fault.New(fault.Conflict, "email_taken", "Somebody with this e-mail address is at the desk already.")
	ErrName       = fault.New(fault.Invalid, "name", "The name has to be there, with at most 100 characters and no line breaks: customers read it.")
	ErrLastAdmin  = handoff.ErrLastAdmin // the same, whichever of the two refuses
	ErrYourself   = fault.New(fault.Conflict, "yourself", "You cannot disable yourself or reset your own password this way. Ask another admin, or change your password.")
	ErrOldWrong   = fault.New(fault.Forbidden, "password_wrong", "The password you have now is not right.")
	ErrDisabled   = fault.New(fault.Conflict, "person_disabled", "This person is disabled. Let them in again first.")

	ErrNoInvitation  = fault.New(fault.NotFound, "no_such_invitation", "This invitation is not valid. Ask for a new one.")
	ErrInvitationOld = fault.New(fault.NotFound, "invitation_expired", "This invitation has run out. Ask for a new one.")
	ErrInvitationHad = fault.New(fault.Conflict, "invitation_used", "This invitation has been used already. Sign in, or ask for a new one.")

	ErrAudit  = fault.New(fault.Internal, "audit_entry", "The audit log takes ids and fixed words only.")
	ErrCursor = fault.New(fault.Invalid, "cursor", "The cursor has to be one that this address gave.")
)

// TooMany is ErrTooMany with when to try again.
func TooMany(wait time.Duration) error { return ErrTooMany.After(wait) }

// badPassword refuses a new password, saying why.
func badPassword(why string) error {
	return fault.New(fault.Invalid, "password_weak", "Please choose another password: "+why+".")
}

// unknownQueue refuses a scope.
func unknownQueue(name string) error {
	return fault.New(fault.Invalid, "queues", fmt.Sprintf("There is no queue %q.", clean(name, 63)))
}
