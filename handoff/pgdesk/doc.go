// Package pgdesk keeps cases in Postgres and opens them: the case, the change
// of owner and the words for the customer in one transaction.
//
// Lock order: the conversation's row first, then cases; so that two requests
// for one conversation stand in line and the second finds the first's case.
//
// It writes into conversations through an interface of its own (Conversations)
// that works inside its transaction: adapters do not import each other.
package pgdesk
