// Package rerank asks a cross-encoder behind HTTP for the order of a few
// passages: retrieval.Reranker over the /rerank endpoint that most servers of
// such models have.
//
// Two dialects are spoken, told apart by the first answer: {query, documents} →
// {results: [{index, relevance_score}]}, and {query, texts} → [{index, score}].
//
// Invariants: one score a passage, finite, in the passages' order, or an error;
// a redirect is not followed, since the key must not go with it; nothing of a
// question stands in an error.
//
// When it fails: three failures in a row close the way for a few seconds, so
// that a server that is away costs no customer its time limit; then one call
// tries again.
package rerank
