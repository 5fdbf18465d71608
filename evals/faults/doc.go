// Package faults is what can go wrong in the product, put in from outside, so
// that the gate can be tested: a gate that lets a broken part pass is none.
//
// Words: a fault is one change of one part, with the stage it is at and what a
// customer would notice; unseen faults were specified by somebody who had not
// seen the suites, in unseen.md and unseen2.md, word for word what is done here; a fault is
// caught where the gate stops the release, and named where most of the lost
// cases were lost at its stage.
//
// Invariants: a fault is put around parts of an engine that is made for it, by
// the seams of package stages, and nowhere else; it copies what it changes,
// since caches share it; it keeps no state but its own, made anew for each
// player; what suites are played for it is said beforehand.
//
// Nothing here is linked to what serves customers but through the command that
// tests the gate.
package faults
