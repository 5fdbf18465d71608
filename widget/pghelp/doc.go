// Package pghelp reads the help pages' articles from Postgres.
//
// Invariants: every query names the site and the generation; what is for
// agents only, and what was never published, is not found.
//
// When Postgres is away the error is of kind fault.Unavailable, and of kind
// fault.Timeout where it is slow; nothing is kept in memory that could be
// stale, so the next query after its return works.
package pghelp
