// Package fault names the kinds of errors that cross a layer: what sort of
// thing went wrong, a stable code for programs, and words fit for a stranger.
// It knows no HTTP: internal/web holds the one table from kind to status.
//
// An error without a kind is Internal: its cause goes to the log under an id,
// never to a client.
package fault
