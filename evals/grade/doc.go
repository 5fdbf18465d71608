// Package grade holds what came back in a conversation against what a case
// expects.
//
// Words: an output is what the product did in a case, turn by turn, without
// times and ids, so that two runs of the same program give the same bytes; a
// check is one expectation and whether it held; a case passes where all its
// checks hold.
//
// Invariants: a grade depends on the case and the output alone, so that stored
// outputs can be graded again; a turn that was not reached fails every
// expectation it has; articles and facts are judged where something was quoted
// or offered, since whether it should have been is the action's matter; what is
// forbidden is looked for in everything that was shown; what holds of every reply
// (what is quoted is published, people alone speak once they have it, no card
// number is kept) is checked in every case, and is a check where it fails.
//
// Version names what the grades mean. Whoever changes what a check says raises
// it: runs of different versions are not compared.
package grade
