// Package retrieval turns a site's knowledge into passages that answer a
// question, and says how sure it is that they do.
//
// Words: an article is cut into chunks along its headings; a chunk is a
// section, or a way customers ask (a question entry that points at the section
// to show). A passage is a chunk found for a question. A citation is a passage
// with the exact span quoted. Evidence is the passages with a calibrated
// probability that the first of them answers. A generation is one complete,
// immutable version of a site's knowledge; readers see the published one. A
// candidate is a chunk that the vectors or the words found, scored by both; a
// judge orders candidates and says how sure it is; a ranking is the judges and
// all else about ranking that is data (ranking.json, with where it came from).
//
// How a question is answered: it is embedded within a budget, and one trip to
// the database brings the nearest chunks by cosine and the best ones by BM25,
// each with both scores. Per chunk, four signals are made comparable between
// questions and added with fitted weights: its cosine and that of its article's
// middle, in standard deviations above the mean of the candidates; its BM25 and
// that of its article as a whole, as parts of what the question's words weigh.
// An article stands where its best chunk stands, behind the article that
// replaces it. Of its sections the one is shown that a second fit picks. A
// logistic regression over what speaks for the first one gives Evidence.P.
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
