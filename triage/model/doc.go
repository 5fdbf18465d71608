// Package model is what triage has learned, and how it learns: softmax
// regressions over numbers or words, and a memory of labelled messages.
//
// Words: a head is one fitted softmax regression; a memory is vectors of
// messages whose desk is known, in few dimensions; a row is the features of one
// message, dense or sparse.
//
// Invariants: a fit is deterministic (same rows in the same order, same bytes):
// sums run in a fixed order and nothing is drawn by chance; weights are rounded
// when they are written, and what is measured is the rounded model; no text of
// any data set is kept, only words that several messages share.
//
// When a part fails: a model that cannot be read is an error at the start of
// the program, never in a turn.
package model
