// Package estimate says how long a customer will probably wait for a person,
// as an honest range, or that nothing is known to say it from.
//
// Words: a sample is one case that was claimed: how long it waited, at which
// place in line it began, how many agents were there; a range is from a short
// wait to a long one, and three of four waits lie within it (the test of this
// is a simulated queue). A range is never said with more precision than it has:
// both ends are round numbers, and they are never the same.
//
// Invariants: fewer than MinSamples waits of recent days give no range; nobody
// present gives none; a range wider than anybody can plan with gives none, nor
// does a line far longer than those of the samples; more people ahead never give
// a shorter wait, and more agents never a longer one.
//
// When a part fails: this is arithmetic over what the caller read. A language
// without words here is answered in English.
package estimate
