// Package handoff is the way from the bot to a person.
//
// Words: a case is one handoff of a conversation, waiting, claimed or closed;
// its reference is what the customer can quote; a queue is where cases wait.
//
// Invariants:
//   - the customer is told "I'm connecting you" if and only if the case is in
//     the database: both are written in one transaction;
//   - a conversation has at most one case that is not closed; asking again
//     finds it;
//   - from the moment a case exists the conversation belongs to its queue and
//     the bot is silent.
//
// When a part fails: this way needs Postgres and nothing else; no model, no
// search. Without Postgres the customer gets an honest error and tries again.
//
// This is the smallest true form. Packets, several queues, agents, claims and
// the ladder of a case that nobody takes grow from here.
package handoff
