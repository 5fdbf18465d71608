// Package retrieval turns a site's knowledge into passages that answer a
// question, and says how sure it is that they do.
//
// Words: an article is cut into chunks along its headings; a chunk is a
// section, or a way customers ask (a question entry that points at the section
// to show). A passage is a chunk found for a question. A citation is a passage
// with the exact span quoted. A piece is a part of an article that is quoted:
// sentences, steps, rows (package quote); a line the one of them that is shown
// where the article is only offered. A name is what a site calls a product, a plan
// or a place; twins are articles whose titles differ in their names only (package
// variant). A lens bends a question's vector
// towards what answers such questions. Evidence is the passages with a
// calibrated probability that the first of them answers. A generation is one complete,
// immutable version of a site's knowledge; readers see the published one. A
// candidate is a chunk that the vectors or the words found, scored by both; a
// plan orders candidates that known models found and says how sure it is; a
// judge does so for any other model and for words alone; a ranking is both and
// all else about ranking that is data (ranking.json, with where it came from).
//
// How a question is answered: it is embedded within a budget by the models of
// its language, each vector is seen through its model's lens, and one trip to the database brings the nearest chunks under
// each and the best ones by BM25, each with all scores. The plan for these
// models compares the question's tokens with the candidates' and with those of
// their articles as a whole (late interaction; package maxsim). What an article's
// chunks give is added up by fitted weights, for each signal the highest; an
// article that was replaced stands behind the one that replaces it, and one about
// another product than the question names behind its twin about this one, of whose
// probability it takes nothing. Twins that the question does not tell apart say
// which name would (Hit.Variant). Of its
// sections the one is shown that a second fit picks, and of the best two the
// pieces are quoted whose tokens match: a token's place in the text is kept with
// its vector. Logistic regressions over the gaps between articles and what
// speaks for the first ones give Evidence.P and Evidence.Near. A Reranker, where
// there is one, reads the first few and puts them in order. Figures: README.md.
//
// Invariants:
//   - a chunk's text is byte-equal to its span of the article's stored body;
//   - a search sees one generation, whole, of one site, and only what its
//     audience may read: filters apply before ranking;
//   - vectors of different models are never compared with each other;
//   - a failed or killed ingest leaves the published generation as it was.
//
// When a part fails: without token vectors, or their places, the best section
// is quoted whole. Without token vectors, or without the second model, the
// plan that does without them ranks, with weights of its own. Without an
// embedder (away, slow, wrong answers) the search goes on with BM25 alone, and
// Evidence.Degraded names the part. Without Postgres there is no search: the
// error is of kind fault.Unavailable.
package retrieval
