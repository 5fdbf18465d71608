// Package browser plays what a customer does in a real Chromium: it holds tests
// and nothing else.
//
// Go starts the servers, Node drives the browser (scenarios.mjs and the files
// beside it) and says on its standard output how each scenario went, one JSON
// line each. There are two servers: a scripted one that speaks the API of the
// service and can be told to be slow, cut a stream, lose a receipt or refuse a
// token; and the real one, with Postgres, an embedder and the demo shop.
//
// Without node, without its packages or without a browser the tests skip, and
// say what is missing; where CI is set, that is a failure.
package browser
