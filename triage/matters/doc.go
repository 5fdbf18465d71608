// Package matters finds the parts of a message that may be matters of their
// own: "cancel my second order, and the kettle leaks" has two.
//
// Words: a part is a stretch of the text that could stand alone as a message; a
// mark says that something else comes ("also", "another thing"); a join ties
// parts together ("and"); an opener begins a question or a request; a fault is a
// word that reports one.
//
// How: a message is cut where a mark stands, where a join is followed by an
// opener or a report and what stands before has one too, and where a list is
// numbered. A story, a reason, a greeting is no matter: sentences that neither
// ask nor report stay out of the parts of a message that has several.
//
// What is found here are candidates. Whether two parts are two matters, the
// engine says, by what each is about: "my kettle leaks, and can I return it?" is
// cut, and comes back together where both are answered alike.
//
// On the corpus' eleven open businesses, by which the phrases were corrected, 87 %
// of the messages with two matters are cut and both parts found in 78 %; 4 % of
// the others are cut, which costs the engine a look-up and changes nothing where
// the parts are answered alike.
//
// Phrases of the twelve languages stand in parts.json. Invariants: there is at
// least one part, parts go up and never overlap, each has a word; a text without
// words is one part, the whole of it. Nothing here can fail.
package matters
