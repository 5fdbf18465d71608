// Package pgconvo keeps conversations in Postgres: visitors, messages, turns
// and events, the word to other processes, and the end of all of it when its
// time is over.
//
// Words: a conversation's row is its lock, and holds everything a guard looks
// at; the log is its events in order; an instance is a running process with a
// number and an advisory lock; the bus carries hints between instances.
//
// Invariants, each in the SQL itself:
//   - event numbers are given out under the conversation's row lock: without
//     gaps, and in the order in which they become visible;
//   - a turn ends only while open_turn names it, and in the bot's name only
//     under the owner's version it began with;
//   - a client_msg_id is unique within its conversation;
//   - every statement names the site.
//
// Why all guards stand on the conversation's row: under READ COMMITTED a
// statement that waited for a row lock looks at that one row anew, and at
// everything else as it was before the wait. Where more has to be read (a
// message that merges another), the lock is taken by a statement of its own
// first, and the next statement sees all that was committed before.
//
// The end of a conversation that goes on is kept in memory, for two to four
// minutes and 1 MiB at most twice over: a turn then need not read it. It counts
// only where it reaches exactly to the event before the message that was
// recorded, which the statement itself says.
//
// A conversation's events, turns and open turn have no foreign key: a trigger
// removes them with their conversation. Whoever writes them holds its row.
//
// When Postgres is away: errors are fault.Unavailable with a time to try
// again; the bus reconnects by itself and has everybody read what was missed.
package pgconvo
