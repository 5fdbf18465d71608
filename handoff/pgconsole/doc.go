// Package pgconsole keeps in Postgres what the desk's page has beside the cases
// themselves: drafts, canned replies, who has a case open; and reads for it the
// pages of a conversation and what a customer did before.
//
// Invariants: every statement names its site; a page of a conversation holds
// what people read (messages and changes of owner) in the order it happened.
//
// When a part fails: without Postgres every call says Unavailable. Who is
// looking lies in an unlogged table: a database that fell over forgets it, and
// within one beat of the pages it is there again.
package pgconsole
