// Package pgdesk keeps the desk in Postgres: cases and what becomes of them,
// queues and routes, people and presence, and what consoles watch.
//
// Lock order: the conversation's row, then the case's; of two conversations the
// one with the smaller id first. Every change of a case takes both, so that
// whoever holds the conversation's row knows its case and its owner. Claiming
// takes them in one statement. Whoever is to hold one more is locked in their own
// row as well (agents), so that what they hold is counted by one at a time: a claim
// before the conversations, of which it passes over those that are taken, every
// other change after. Two things touch a case's row alone, and wait for
// nothing while they hold it: offers (SKIP LOCKED) and counting business hours.
// A customer's message comes from the other side: whoever relays it holds the
// conversation's row, and a trigger on turns brings the case up to date.
//
// A change is a method on handoff.Case that refuses what makes no sense; work
// collects what follows from it (the conversation's events, the case's own log,
// changes for consoles, promises) and writes all of it at the end. The update's
// WHERE repeats the state it was decided on.
//
// Decision: a press of the button is four trips to the database: what stands
// there (with the beginning of the transaction and the conversation's lock), the
// place in line, all that is written, the commit. Context: on a small machine a
// trip costs both sides more processor time than most statements do; it was
// thirteen. Consequence: what is read and written is queued on a batch, in the
// order in which it has to happen, and looked at when the batch is closed; a new
// case's row is written once, with its packet, so that its place is counted
// before it stands in the line; its ladder and the job of its first step are
// written by a statement of ours, which a test holds against the job queue's own
// client. A reference that is taken shows as a violated constraint, and all of it
// is done again.
//
// Decision: statements that take lists get them from queries of their own,
// unnest((SELECT $1::uuid[])). Context: a statement that sees its list is planned
// for its length, and as that always looks cheaper than a plan for any length, it
// is planned anew each time: most of what it cost.
//
// Decision: what an estimate is made of (who is there, the newest waits of all of a
// site's queues) is kept for seconds, and when that is over one press reads it anew
// while the others take the old (kept). Context: fifty queues whose waits grow old in
// the same second are fifty readings of four thousand rows inside presses, in each
// process. Consequence: an estimate may be of a few readings ago while one hangs.
//
// What consoles watch: each change is a row of desk_changes, read by snapshot,
// see Changes. That changes are there to be read is told by a Notifier; it is a
// hint and may be lost.
//
// It writes into conversations through an interface of its own (Conversations)
// that works inside its transaction: adapters do not import each other. It reads
// a few tables of other slices (visitors, feedback, articles' titles, who works
// in which queue) where the answer has to be of the same moment.
//
// When a part fails: see package handoff.
package pgdesk
