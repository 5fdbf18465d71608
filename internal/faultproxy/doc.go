// Package faultproxy is a TCP proxy for tests that stands between a client and
// a part of ours (Postgres, the embedder) and makes the way between them fail.
// No product code imports it.
//
// Words: a mode is what happens to bytes and connections from now on; a link is
// one client's connection with its own connection to the target.
//
// Invariants: a mode that is set applies to links that exist as well as to new
// ones, before Set returns; the address stays the same through every mode;
// bytes are never changed or reordered, only held, slowed or dropped with their
// link; Close leaves no goroutine behind.
//
// When the target is away, a link ends as it would without a proxy in between:
// the client's connection is reset.
package faultproxy
