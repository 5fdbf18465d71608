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
// An empty set of questions is an error, never a score. The same run gives the
// same numbers: resampling is seeded, ties are broken by name.
package evals
