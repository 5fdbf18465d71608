// Package pgvec keeps sites' knowledge in Postgres and finds candidates in it:
// exact cosine with pgvector beside BM25 from a table of precomputed term
// weights, in one statement and so in one snapshot.
//
// A search reads sites.published and everything else in the same statement:
// it sees one generation whole, also while another is being published. Filters
// (site and audience always, language and product on request) stand inside
// both arms, before any ranking. Every statement names the site; there is none
// that could cross.
//
// An ingest holds a session's advisory lock; rows of a generation that is not
// published are invisible to readers, so that writing and removing them takes
// no lock that a reader could wait for. The two big tables have no foreign
// keys: Collect and RemoveSite delete their rows first.
//
// When Postgres is away, errors are of kind fault.Unavailable; when a
// statement takes too long, fault.Timeout.
package pgvec
