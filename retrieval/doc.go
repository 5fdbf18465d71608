// Package retrieval turns a site's knowledge into passages that answer a
// question, and says how sure it is that they do.
//
// Words: an article is cut into chunks along its headings; a chunk is a
// section, or a way customers ask (a question entry that points at the section
// to show). A passage is a chunk found for a question. A citation is a passage
// with the exact span quoted. Evidence is the passages with a calibrated
// probability that the first of them answers. A generation is one complete,
// immutable version of a site's knowledge; readers see the published one.
//
// Invariants:
//   - a chunk's text is byte-equal to its span of the article's stored body;
//   - a search sees one generation, whole, of one site, and only what its
//     audience may read: filters apply before ranking;
//   - vectors of different models are never compared with each other;
//   - a failed or killed ingest leaves the published generation as it was.
//
// When a part fails: without an embedder (away, slow, wrong answers) the search
// goes on with BM25 alone, and Evidence.Degraded names the part. Without
// Postgres there is no search: the error is of kind fault.Unavailable.
package retrieval
