// Command bench measures Frontdesk and the machine it runs on in the same run,
// prints a table and writes it to docs/benchmarks.md.
//
// Figures of a shared machine wander; so each stands beside what the machine gave
// in the same minutes: fdatasync, one-row commits, a loopback echo. Everything
// runs on loopback and is bounded in count and time.
//
// The server under test is the real program in a process of its own, with the
// real private Postgres (fsync on). Its embedder is a local stub that answers
// questions with their real vectors at once, so that what is measured is our own
// share of a turn; where the embedder itself is part of the figure, the real one
// is used, and said so.
package main
