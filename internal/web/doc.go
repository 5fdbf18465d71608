// Package web is how Frontdesk speaks HTTP: one Fiber app with the settings
// that Fiber needs to be safe, one table from kinds of errors to statuses, one
// way to stream, to decode JSON, to limit, to log and to stop.
//
// Words: a problem is an error as RFC 9457 JSON with a stable code; a stream
// is a response that goes on (server-sent events); a source is what a stream
// is read from; a part is something the service needs (Postgres, the embedder)
// and says the state of; the admin address serves metrics and profiles and is
// never public.
//
// Invariants:
//   - nothing taken from a *fiber.Ctx outlives its handler;
//   - every error reaches the client through Problem: the cause of one without
//     a kind stays in the log, under the request's id;
//   - every write to a stream has a deadline, so that a client that never reads
//     is dropped; a panic in a source ends its stream and nothing else;
//   - once things have calmed down, memory that nothing needs goes back to the
//     system;
//   - the log has ids, counts and durations, never bodies, queries or headers.
//
// When a part fails: the process keeps answering; /readyz names the part. At a
// stop, streams are ended first, then running requests are waited for, then
// whatever is left is closed.
//
// Decision: streams are read by fasthttp from our own io.Reader instead of
// written from SetBodyStreamWriter. The latter runs a second goroutine, a pipe
// and a second buffer for each stream, and never tells the writer that the
// client is gone; a reader needs none of these, and its Close is called when a
// write fails. The costs: a source has to be able to block in Next.
package web
