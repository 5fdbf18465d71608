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
// # What does not come again
//
// Which chunks are best, their cosines and what each term is worth come from
// the database with every search. Their texts do not: a Store holds those that
// earlier searches brought (32 MiB over all sites, some 12,000 chunks), tells
// the statement which, and gets the others in the same trip. A generation never
// changes once it is published, and the statement says which one it has read,
// so nothing held can be out of date, however many instances share a database.
// On a site of 1,300 chunks the server's work on a search went from 2.9 ms to
// 1.1 ms (its processor time, the least of several rounds in turn): what was
// dear was not to find forty chunks but to look up eight rows for each, and to
// send them.
//
// Where eight searches in a row brought no text, the next one uses a statement
// that cannot bring any: making ready for texts takes the server a sixth of a
// search also where none is wanted. A chunk that is missing all the same makes
// it ask again with the statement that brings it, the one case of a second trip;
// after that, eight searches use that one.
//
// # By words
//
// BM25 is summed from lists by term: ten rows a question, whatever the site's
// size, where multiplying the question with the words of every chunk read them
// all. The words of a chunk, as a vector, come with its text: from them its score
// and what it covers of the question are worked out here, also for chunks that
// the vectors brought.
//
// The server must plan once for all searches: planning takes as long as a
// search. Tests hold that it comes to that by itself, and that no plan reads
// other sites' rows.
//
// # Large generations
//
// Below 10,000 chunks a search is exact: it reads them all. From there on an
// ingest makes indexes before it publishes, in tables that belong to this
// generation alone and go with it: the vectors at half precision under IVFFlat,
// a list for 50 chunks (1,000 lists at most), and the words under GIN. A search
// reads one list in fifteen, takes twice as many chunks as are wanted and
// compares these exactly; by words it scores all that hold one of the rarest
// terms, as many of them as add up to 5,000 chunks. Of 50,000 chunks it found
// .995 of what an exact search brings, in the mean of 100 questions. A search with a filter by language or product is
// exact also there, and takes as long as that takes; so is the first one of a
// process, which does not know yet.
//
// IVFFlat rather than HNSW: over 50,000 vectors in clusters, as articles lie,
// HNSW at ef_search 200 found .83 to .90 of the 30 nearest, at 400 .96 in twice
// the time IVFFlat needs for .98, and took 20 to 36 s to build for each model
// where IVFFlat takes 3. BenchmarkFindLarge measures time and recall.
//
// # Writing
//
// An ingest holds a session's advisory lock; rows of a generation that is not
// published are invisible to readers, so that writing and removing them takes
// no lock that a reader could wait for. Chunks, vectors and words have no
// foreign keys: Collect and RemoveSite delete their rows first.
//
// When Postgres is away, errors are of kind fault.Unavailable; when a
// statement takes too long, fault.Timeout.
package pgvec
