// Package pgtriage keeps in Postgres what a site settled about triage: labels
// of its articles, suggestions that nobody has settled yet, its policy, and its
// example messages with their vectors.
//
// Words: settled is what the owner said; a suggestion is what a model proposed;
// the version of a site moves with every change, so that every process that
// keeps the rest in memory sees by one small read that it has to read anew.
//
// Invariants: every statement names its site; a change and the move of the
// version are one transaction; an ingest touches nothing of it, since labels
// hang on the owner's article ids and not on a generation.
//
// When a part fails: without Postgres every call fails with a kind that says
// so; triage then goes on with what it read before.
package pgtriage
