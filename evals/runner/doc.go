// Package runner plays cases through the product and keeps what came back.
//
// Words: a player plays one conversation at a time as customers would have it; a
// run is the outputs of all cases with what they were made with; its folder is
// what reports, baselines and later gradings read.
//
// Invariants: every case is played or the run ends with an error, since a score
// over those that happened to work would be no score; cases are dealt to players
// by their place, not by who is free, and outputs are in the order of the cases,
// so that two runs give the same bytes; times stand in a file of their own; a
// folder is written beside its place and moved there whole, so that one that was
// cut short is never taken for a run.
//
// A player that fails ends the run with the case's id. A part that ran with less
// than it should marks its output, and the run is broken.
package runner
