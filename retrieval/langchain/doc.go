// Package langchain shows this project's parts as langchaingo's types, for
// programs written with langchaingo: an embedder as embeddings.Embedder, the
// search as schema.Retriever. The splitter is split.TextSplitter, a
// textsplitter.TextSplitter.
//
// Words: a document is langchaingo's pair of a text and its metadata; here it is
// a passage, its text quoted byte for byte.
//
// Invariants: a Retriever asks for one site and one audience, set when it is
// made and out of a query's reach; documents come best first, one an article;
// an error keeps its fault kind.
//
// When a part fails: errors of the embedder or the search are passed on. A search
// that goes on without its embedder is no error; each document's metadata names
// what was missing under "degraded".
//
// Only this package and retrieval/split import langchaingo: its types are for its
// users, not for the domain.
package langchain
