// Package dots is the inner product of two vectors, quick and always the same.
//
// Invariant: the same numbers give the same bits, on every machine and wherever
// they lie in memory; training twice gives the same weights because of it. That
// is why no library is used here: the ones at hand add in an order that depends
// on how the numbers are aligned.
//
// Nothing here can fail: vectors of unequal length are a caller's error and panic.
package dots
