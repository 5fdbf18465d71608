// Package pgconsole keeps in Postgres what the desk's page has beside the cases
// themselves: drafts, canned replies, who has a case open, saved views, the words
// that cases are found by; and reads for it the pages of a conversation and what
// a customer did before.
//
// Invariants: every statement names its site; a page of a conversation holds
// what people read (messages and changes of owner) in the order it happened.
// What is in the index is derived: case_words is made anew from conversations
// and logs, goes with them when they are erased, and never goes back behind what
// was read already.
//
// When a part fails: without Postgres every call says Unavailable. Who is
// looking lies in an unlogged table: a database that fell over forgets it, and
// within one beat of the pages it is there again.
package pgconsole
