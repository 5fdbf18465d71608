package handoff

import "frontdesk/internal/fault"

// What a desk refuses.
var (
	ErrNoConversation = fault.New(fault.NotFound, "no_such_conversation", "There is no such conversation.")
	// ErrFenced refuses a handoff that ends a turn which is open no longer, or
	// whose conversation has had another owner since it began.
	ErrFenced = fault.New(fault.Conflict, "fenced", "The conversation moved on.")
)
