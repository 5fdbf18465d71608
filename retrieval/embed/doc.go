// Package embed turns texts into vectors through any server that speaks
// OpenAI's embeddings API, by way of go-openai, and trusts nothing it answers.
//
// Words: a question is embedded as a query, what an article holds as a passage;
// some models want to know which. A route is how calls to a model are made, a
// manner what was learned about the server's likes. What is known about models
// (prefixes, fields, widths, limits) is data: facts.json, matched by name. An
// unknown model works too: its width is learned from its first answer and then
// held.
//
// The library has a place for fields that OpenAI's API does not have
// (EmbeddingRequest.ExtraBody), so input_type and the like travel there and the
// model's name stays the model's name: it is part of what is stored.
//
// Invariants:
//   - what Embed returns are as many vectors as texts, in their order, of
//     Model().Dims finite numbers each, of unit length;
//   - Model() never changes once it is known, whatever the server answers;
//   - a text goes out as valid UTF-8 without control characters, no longer than
//     the model reads;
//   - no error, log line or counter holds a word of a text, of the server's
//     answer, or the key: they hold codes, counts and durations;
//   - a question never waits behind a passage that has not been sent yet, and
//     never for a server that is known to be away;
//   - every call ends: by an answer, by its limit of time or size, or with its
//     context.
//
// When a part fails: an error of kind fault.Unavailable, fault.Timeout or
// fault.Invalid whose code names the remedy. 429, 5xx and broken connections
// are tried again as far as the time allows, Retry-After honoured. After a few
// failures in a row the breaker opens: questions are refused at once (search
// goes on without vectors), passages wait, and a probe in the background finds
// out when the server is back, so that no customer has to try it out.
package embed
