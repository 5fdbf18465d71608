// Package serve is the HTTP server around the local encoders: the embeddings
// API that remote servers speak too, so that one client reaches both.
//
//	POST /v1/embeddings  {"model", "input": text or [texts], "input_type"?: query|passage,
//	                      "encoding_format"?: float|base64, "dimensions"?: the model's own}
//	GET  /v1/models      the models, with "dims", "token_dims" and "max_tokens" beside OpenAI's fields
//	GET  /health         {"status": "ok"}, or 503 and "stuck" when a run has not ended for long
//
// Words: a call is one request with its texts; a run is one text through one
// encoder. A worker makes one run at a time. Token vectors are asked for by
// name: the model "<name>+tokens" answers each text with one long row, which
// holds the text's vector, of a query then what inner layers of the model make of
// it (none, or as many numbers as the model has depths of its width), then for each
// token 2 + token_dims numbers: its id, its place, its vector (local.Flatten). A client that
// knows only vectors can carry them so.
//
// Invariants:
//   - A question goes ahead of every passage that is not being run, so it waits
//     for one run at most, whatever is queued behind it; those of a kind go in
//     the order they came.
//   - Memory is bounded: by the bytes of bodies being read, by the texts that
//     wait, by the bytes kept of each. What does not fit is refused with 429 and
//     Retry-After, before it is read where its length is known.
//   - A long text is cut, not refused; an encoder reads its beginning only.
//   - A caller that leaves takes along what it had queued.
//   - No log line and no error holds a word of a text. Errors have OpenAI's
//     shape: {"error": {"message", "type", "param", "code"}}.
//
// When a part fails: an encoder's error or panic fails its call with 500 and
// code "encode_failed", the worker goes on with the next. A run that never ends
// keeps its worker; /health then says so, and who supervises the process
// replaces it. At the end of Serve's context nothing new is taken, what was
// taken is finished within Config.StopWait, and the rest is given up.
package serve
