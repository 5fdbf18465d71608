// Package chatapi is the HTTP that a shop's widget speaks: conversations,
// messages, events, the way to a person, feedback; JSON and server-sent events
// from the same code. The API's description is openapi.json, and a test holds
// every response of the other tests against it.
//
// Words: a caller is a visitor of one site, as their token says; an identity is
// what the shop's server signed about a visitor.
//
// Invariants: a token reaches its own visitor's conversations on its own site
// and nothing else, and what it does not reach is "not there"; a token is never
// read from or written into a URL; an identity is verified or refused.
//
// When a part fails: see package bot; here it only becomes a problem or an
// error event.
package chatapi
