// Package evals measures how well Frontdesk finds and judges: questions with
// their labels, measures with intervals, and the runs that put one to the
// other.
//
// Words: a question is a message of a customer with what a right answer holds;
// gold is the articles that answer it, also are others that would do, facts
// are words a right passage contains. A ranking is the articles found for a
// question, best first. An interval is 95 %: Wilson's for a rate, by
// resampling questions for a mean.
//
// The corpus is many businesses with their messages. An Answerer decides about
// a message as the product does; a judgement is its decision held against the
// label; a verdict says what a quote is worth, shown or not. Its intervals come
// from drawing clusters: the messages about one article stand or fall
// together. A part is what can be switched off, and brings the difference.
//
// Invariants:
//   - an empty set of questions is an error, never a score, and a measure that
//     no message counts for is left out;
//   - the same run gives the same numbers: draws are seeded, ties are broken by
//     name;
//   - a frozen business is read only to be scored, and only while its files are
//     what FROZEN.sha256 says: a changed one ends the run;
//   - a corpus is read whole or not at all: errors name the file and line.
//
// When an Answerer fails, the run ends with the message's id: a score over the
// messages that happened to work would be no score.
package evals
