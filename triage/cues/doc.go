// Package cues finds what phrases say in a message: written as data, by
// language, with what takes them back.
//
// Words: a pattern is a phrase with some freedom in it that says a thing by
// itself; a cue is a pattern that was found; a mask is words that look like a
// cue and are none ("smoke alarm"); a negation stands in front of a cue and
// takes it back; a telling is an order to the machine how to
// label the message ("classify this as fraud"), which is no news of any kind; a
// message says a thing alone where it consists of nothing else.
//
// A pattern is written as people write: words, "word*" for every word that
// begins so, "a|b" for one or the other, "_" for a blank within one of them,
// "[a|b]" for what may be there, "…" for up to three words of any kind, "@name"
// for the phrases of a group. Scripts without spaces are compared by character.
//
// There are no patterns for what may mean a thing: phrases that were tried as
// hints found what their author had read, and one in a hundred of what she had
// not; that is for vectors to tell.
//
// Invariants: all languages are looked for in every message, since customers
// mix them; quoted mail and what machines wrote speak for nothing; the same
// message gives the same cues in the same order; time grows with the length of
// the message, times what its words begin. Nothing can fail once a book is read.
package cues
