// Package pgpeople keeps people's passwords, sessions, invitations, queues and
// the audit log in Postgres, beside the desk's table of agents.
//
// Invariants: every statement names its site; whatever changes what somebody
// may do and the line of the audit log that says so are one transaction; a
// password's change, a person's end and a session's beginning take the agent's
// row first, so that they stand in line and none overtakes another; a token is
// never stored, its hash is.
//
// Two rules are held by the database itself, whoever writes: a person who is
// disabled has no session any more, and a site keeps its last admin who can
// sign in (migration 00009).
//
// When a part fails: without Postgres every call fails with Unavailable, and
// whoever is signed in is signed in again when it is back.
package pgpeople
