// Package head holds the small learned part of a reader: weights over a
// message's vector, over the pieces of its writing and over what phrases found in
// it, and the fit that makes them.
//
// Words: a signal is a number beside the vector (a phrase was found, or not); a
// score is what the weights make of both, in logits; a group is what was written
// in one go and would leak from training into a test; a member is one of several
// small networks whose scores are averaged; the spelling is what pieces of two to
// four characters say, a second voice that knows words where the vector knows
// meanings; calibration makes of both voices a probability on messages no fit has
// seen, and bends it where words say a class by themselves (see Weights.Said).
//
// A frame is for vectors that are several one after another: each is taken off its
// mean and brought to the same length while a member learns (see FitConfig.Block).
//
// Why small networks over vectors: a multilingual vector brings what was learned
// in one language to the others, but what is meant lies in no half-space of it.
// On messages of groups left out, at the same false alarms, one linear layer
// found a tenth less than one hidden layer, and several members of that more
// than one. The spelling beside them raised the area under the curve by .012 for
// writers left out; by itself it has .86 where they have .91.
//
// Invariants: the same examples in the same order give the same bytes; what is
// reported comes from fits that have not seen the group they are measured on; a
// vector that is missing or of another length counts as none, never as zero.
// Weights that do not fit their own shape are refused when they are read, so
// that nothing can fail afterwards.
package head
