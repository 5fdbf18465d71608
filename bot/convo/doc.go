// Package convo holds the words that every slice shares about a conversation:
// who owns it, who speaks, what happened in it and how a turn ended. It is a
// leaf: it imports nothing of Frontdesk but internal/fault.
//
// Invariants: a conversation has exactly one owner, and every change of owner
// moves its version, the fencing token of whoever spoke for the old one; events
// are numbered without gaps from 1 in the order they were committed; a turn
// ends exactly once.
package convo
