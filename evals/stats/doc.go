// Package stats holds the statistics of a release gate: intervals for rates and
// means, tests of paired outcomes, and how small a change a number of cases can
// show.
//
// Words: an interval is one of 95 %; a cluster is what stands or falls together,
// a conversation or the cases about one article; two outcomes of one case are a
// pair; a pair is lost where it held before and does not now, gained the other
// way round, and discordant where it is either; an effect is a difference of
// rates, from -1 to 1.
//
// Which to take: Wilson for the rate of independent cases; Mean for rates over
// turns or checks, of which a conversation has several; McNemar for pass and
// fail of the same cases; Difference for what is graded; Holm wherever several
// tests are looked at together; Three where nothing failed.
//
// Invariants: the same numbers give the same result on one machine, since draws
// are seeded by a constant and made in the order of the input; a p-value
// lies in 0..1, an interval holds its value; an interval is never of no width
// because nothing happened to differ.
//
// Nothing here fails: what too little is known about has the widest interval
// that there is, and a p-value of 1.
package stats
