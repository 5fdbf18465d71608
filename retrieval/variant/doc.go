// Package variant knows a site's names: what its articles call products, plans
// and places ("Brisa S2", "K2 Mini", "Belgium"), learned from the articles
// themselves, and tells which of them a question names.
//
// Words: a piece is a run of letters of one kind, or of digits: "S2" has two. A
// name is a run of pieces that an article's title or its product line holds and
// the texts write with a capital in mid-sentence, or with a number. The frame of a title is what is left
// of it without its names; twins are two titles of one frame that differ in
// their names ("Descaling the Brisa S2", "Descaling the Brisa S3"), and what
// they differ in are alternates of each other.
//
// Invariants: everything here is a function of texts, deterministic, and bounded
// (MaxNames names, MaxPieces pieces a name); names of articles that only agents
// may read are not learned, so that no question back can tell them.
//
// When nothing is known of a site, or of a language that writes every noun with
// a capital, there are no names: nothing is marked and nobody is asked.
package variant
