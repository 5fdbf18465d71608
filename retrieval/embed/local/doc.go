// Package local runs the encoders that come with the product: both sides of a
// search become vectors on this machine, with no key, no network and no Python.
//
// Words:
//
//   - model: an encoder and all it needs: tokens, word table, graph.
//   - weights: the file a package of the registry carries. It is read where it
//     lies and never changed.
//   - graph: what ONNX Runtime runs: everything after the word table. Make
//     writes it from the weights, once, for this machine.
//   - precision: how a graph multiplies: int8, or int7 and fp32 where a
//     processor gets int8 wrong.
//   - reference: texts with what the models say of them in float32
//     (data/reference.json, computed by testdata/reference.py).
//   - head: what is taken off a model's own output and the axes its tokens are
//     turned to; see head. Bare is a model without one, to learn another from.
//
// Why it is done so:
//
//   - One text a run, never padded: int8 has one scale for all that is
//     multiplied at once, so the texts beside it would change a text's vector.
//   - The word table stays out of the graph: it is most of the weights, and read
//     from the mapped file it costs the memory of the words that were met.
//     e5's rows stay in the 4 bits they come in; to round them again to 8 would
//     change the vectors (cosine .997).
//   - Graphs are written by Go, message by message, instead of being committed
//     as binary files: they can be read in review, follow the sizes in the
//     weights, and need no other language to be made again.
//
// Invariants:
//
//   - A text's vector does not depend on what else is encoded at the time.
//   - What Open opens was checked against the reference on this machine, and is
//     what was made then, to the byte.
//   - Weights of another version, size or hash are not used.
//   - A vector is finite and of length one, or an error.
//
// When a part fails: an error in words that names the file and the remedy. What
// was interrupted leaves nothing under its final name and is done again. A
// weight file cut short while it is in use ends the process (SIGBUS), which the
// supervisor starts anew: then it is found short and said so.
package local
