package handoff

import (
	"fmt"

	"frontdesk/internal/fault"
)

// What a desk refuses.
var (
	ErrNoConversation = fault.New(fault.NotFound, "no_such_conversation", "There is no such conversation.")
	// ErrFenced refuses a handoff that ends a turn which is open no longer, or
	// whose conversation has had another owner since it began.
	ErrFenced = fault.New(fault.Conflict, "fenced", "The conversation moved on.")

	ErrNoCase  = fault.New(fault.NotFound, "no_such_case", "There is no such case, or it is in a queue you do not work in.")
	ErrNoQueue = fault.New(fault.NotFound, "no_such_queue", "There is no such queue.")
	ErrNoAgent = fault.New(fault.NotFound, "no_such_agent", "There is no such person at the desk.")

	// ErrTaken says that somebody else has the case; Taken makes one that says who.
	ErrTaken = fault.New(fault.Conflict, "case_taken", "Somebody else has this case.")
	// ErrOffered says that the case is being offered to somebody else.
	ErrOffered = fault.New(fault.Conflict, "case_offered", "This case is being offered to somebody else right now. It moves on by itself if they do not take it.")
	ErrClosed  = fault.New(fault.Conflict, "case_closed", "This case is closed. Reopen it to go on with it.")
	ErrOpen    = fault.New(fault.Conflict, "case_open", "This case is not closed.")
	ErrNotMine = fault.New(fault.Conflict, "case_not_yours", "This case is not yours. Claim it first.")
	ErrNotHeld = fault.New(fault.Conflict, "case_not_claimed", "Nobody has this case.")
	// ErrMoved refuses a change that was decided on an older state of the case.
	ErrMoved = fault.New(fault.Conflict, "case_moved", "The case has changed since you looked. Look again, then decide.")
	// ErrSecond refuses to answer in a conversation from a case that is about
	// its second matter while the first has the customer.
	ErrSecond   = fault.New(fault.Conflict, "case_second", "The customer is being helped with another matter in this conversation. Leave a note there, or answer when that one is closed.")
	ErrFull     = fault.New(fault.Conflict, "agent_full", "That is as much as you can hold at once. Close or snooze one first, or ask a lead to raise it.")
	ErrTheyFull = fault.New(fault.Conflict, "agent_unavailable", "They cannot take it: they are away, on a break, or hold as much as they can. Choose a queue, or somebody else.")

	// ErrLastAdmin refuses to leave a desk without an admin who can sign in.
	ErrLastAdmin = fault.New(fault.Conflict, "last_admin", "This is the last admin who can sign in. Make somebody else an admin first.")

	ErrForbidden = fault.New(fault.Forbidden, "desk_forbidden", "Your role does not allow this.")
	ErrRole      = fault.New(fault.Invalid, "role", "The role has to be admin, lead, agent or read_only.")
	ErrStatus    = fault.New(fault.Invalid, "presence_status", "The status has to be online, finishing or break.")
	ErrPriority  = fault.New(fault.Invalid, "priority", "The priority has to be low, normal, high or urgent.")
	ErrEnded     = fault.New(fault.Invalid, "wrap_up", "How it ended has to be solved, workaround, not_solved, no_answer, duplicate, spam or other.")
	ErrText      = fault.New(fault.Invalid, "text", "The text is empty, too long (8,000 characters at most), or has a character that cannot be kept.")
	ErrMemo      = fault.New(fault.Invalid, "memo", "The memo may have at most 1,000 characters, topic and product line 200 each, and only such as can be kept.")
	ErrWhy       = fault.New(fault.Invalid, "why", "Say why, in a few words (400 characters at most): whoever had the case reads it.")
	ErrLongWhy   = fault.New(fault.Invalid, "why", "The reason is too long (400 characters at most), or has a character that cannot be kept.")
	ErrSelf      = fault.New(fault.Invalid, "transfer_to_self", "It is there already.")
	ErrNowhere   = fault.New(fault.Invalid, "transfer_to", "Say one queue or one person to give it to.")
	ErrUnserved  = fault.New(fault.Conflict, "queue_unserved", "Nobody works in that queue, or it is closed. Choose another one.")
	ErrCircle    = fault.New(fault.Conflict, "transfer_circle", "This case has been passed around too often. Keep it, or escalate it to a lead.")
	ErrSnooze    = fault.New(fault.Invalid, "snooze", "A case can sleep until a moment in the future, at most 90 days away.")
	ErrMerge     = fault.New(fault.Invalid, "merge", "Two different open cases of one customer can be merged.")
	ErrCursor    = fault.New(fault.Invalid, "cursor", "The cursor has to be one that this address gave.")
	ErrView      = fault.New(fault.Invalid, "view", "There is no such view.")
	ErrNobodyUp  = fault.New(fault.Conflict, "no_escalation", "There is nowhere above this queue. Name the queue to escalate to.")
	// ErrUnseen refuses to mention somebody who could not read the note.
	ErrUnseen = fault.New(fault.Conflict, "mention_unseen", "Somebody you name does not work in this queue and could not read the note. Give them the case, or name somebody else.")
	ErrReused = fault.New(fault.Conflict, "client_msg_id_reused", "This client_msg_id has been used for another message.")

	// What a customer is told.
	ErrNotWaiting = fault.New(fault.Conflict, "not_waiting", "You are not waiting for a person in this conversation.")
	ErrWaitAction = fault.New(fault.Invalid, "wait_action", "The action has to be cancel, assistant or resume; leave it out to say only how to reach you.")
	ErrManyOpen   = fault.New(fault.Conflict, "many_cases", "You have several open requests with us already. Please go on in one of those; we have not forgotten them.")
	ErrManyToday  = fault.New(fault.RateLimited, "many_cases_today", "You have asked for a person very often today. Please come back tomorrow, or write to us by e-mail.")
	ErrBlocked    = fault.New(fault.Forbidden, "blocked", "We cannot take this conversation to a person. Please contact us in another way.")
)

// Taken is ErrTaken with the name of who has the case.
func Taken(name string) error {
	if name == "" {
		return ErrTaken
	}
	return fault.New(ErrTaken.Kind, ErrTaken.Code, fmt.Sprintf("%s has this case.", name))
}

// Full is ErrFull in the words that fit: somebody may take nothing new at all, or
// less than one case of a queue weighs.
func Full(g Agent, q Queue) error {
	switch {
	case g.Capacity == 0:
		return fault.New(ErrFull.Kind, ErrFull.Code, "You take no new cases: your capacity is 0. A lead can raise it.")
	case q.Weighs() > g.Capacity:
		return fault.New(ErrFull.Kind, ErrFull.Code, fmt.Sprintf("A case of this queue weighs %d, and you can hold %d at once. Ask a lead to raise it.", q.Weighs(), g.Capacity))
	}
	return ErrFull
}

// Bad refuses settings, saying which and why.
func Bad(what, why string) error {
	return fault.New(fault.Invalid, "settings", fmt.Sprintf("%s: %s", what, why))
}
