// Package shadow compares what a site does with what it would do under another
// configuration, turn by turn.
//
// Words: a decision is what became of a turn, as far as its customer or an agent
// notices; now is the site as it is configured, then is the other configuration,
// stored is what was decided when the customer wrote; a change is a turn whose
// decision would be another one, and has a kind; drift is a turn whose stored
// decision is not what the site does now, since its knowledge or the program
// changed in between.
//
// Invariants: a turn is replayed after what was really said before it, never after
// what a replay would have said, so that one change does not make others; now and
// then are both replayed, so that a change is the configuration's and nothing
// else's; shares have intervals that draw whole conversations, since the turns of
// one stand or fall together.
//
// Nothing here fails: a replay that could not be made is an error of whoever
// makes it, and there is no comparison.
package shadow
