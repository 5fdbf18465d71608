// Package pgconsole keeps in Postgres what the desk's page has beside the cases
// themselves: drafts, canned replies, who has a case open, saved views, the words
// that cases are found by; and reads for it the pages of a conversation and what
// a customer did before.
//
// Invariants: every statement names its site; a page of a conversation holds
// what people read (messages and changes of owner) in the order it happened.
// What is in the index is derived: case_words is made anew from conversations
// and logs, goes with them when they are erased, and never goes back behind what
// was read already. So is conversation_words, for conversations without a case.
//
// Decision: a case's words are read whenever something was said, a conversation's
// without a case now and then: when it begins, then every half minute while it
// goes on, less often when it is quiet, until it has been for an hour. Context: a
// turn of the assistant is what this database has most of, and a row written
// beside each cost a tenth of its time. Consequence: what a customer said later
// in a conversation is found within half a minute, not half a second.
//
// When a part fails: without Postgres every call says Unavailable. Who is
// looking lies in an unlogged table: a database that fell over forgets it, and
// within one beat of the pages it is there again.
package pgconsole
