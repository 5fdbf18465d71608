// Package pg is everything between Frontdesk and its Postgres: the private
// cluster of a home, the check that says precisely what is wrong with a server,
// the pool, and the migrations. Queries belong to the adapters, not here.
//
// Words:
//
//   - cluster: the private Postgres of a home, run by the supervisor.
//   - preflight: the questions asked before a server is used, each answered
//     with a remedy where the answer is no.
//   - schema version: the number of the newest migration a database has had.
//
// Invariants:
//
//   - The cluster listens on a Unix socket in a folder of its user's own and
//     nowhere else, wants a generated password even there, and syncs every
//     commit.
//   - A cluster's folder appears in one rename, made whole: a start that was
//     cut short is begun anew.
//   - Migrations go forward only, one process at a time, each in a transaction;
//     a database newer than the program is refused, never touched.
//   - A pool is opened only on a database with the program's own schema version.
//
// When a part fails: a server that goes away makes queries fail with an error
// that Away recognises; the pool connects anew by itself when it is back. A
// killed cluster is recovered by Postgres from its log at the next start.
package pg
