// Package fakemodel is a scripted model server for tests and benchmarks: real
// HTTP on a loopback port, OpenAI's embeddings API, and on demand every bad
// answer an embedder can give. No product code imports it.
//
// Words: an answer is what one call would get; a fault is a change to one
// answer (its status, vectors, bytes or timing); a script is the faults of the
// next calls in order, after which the server is healthy again.
//
// Invariants: the same text gets the same unit vector in every process; every
// call is counted and recorded before it is answered, also one that is left
// hanging; Close ends every call, hanging ones too.
//
// Vectors come from Config.Vectors where the text is in it (real vectors,
// answered at once); else they are made: of the words of the text, so that
// texts which share words lie near each other, or of a hash of the whole.
package fakemodel
