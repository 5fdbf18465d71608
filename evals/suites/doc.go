// Package suites makes cases of what was labelled before there were cases: the
// corpus' businesses. (The demo shop's own suites are the files beside it.)
//
// Words: a message is a line of a business's messages.jsonl; its conversation is
// what its customer said before, and the message; the same conversation is in
// several suites, which ask different things of it: retrieval (a right article is
// shown), answers (with its facts), abstain (no answer where there is none),
// triage (the desk).
//
// Invariants: a conversation is played once, whatever suites it is in; its cases
// differ in what they expect of the last turn alone, and their ids say where they
// come from; what a frozen business's messages say stands in no run's folder, and
// is counted only.
//
// Nothing here fails.
package suites
