// Package quote cuts a section's Markdown into the least that can be quoted, and
// puts together of it what is quoted.
//
// Words: a unit is a sentence, a list's item, a table's row, a table's header or
// a line that announces what follows (a lead); a piece is a run of units, byte
// for byte as they stand in the section. A unit leans on its lead: a row on its
// table's header, an item on the sentence that announced the list. A bound is a
// sentence that limits the one before it ("Not for opened goods.").
//
// How a quote is picked: each unit has a probability of holding what was asked.
// The most probable by the word are taken first, with what they lean on and with
// the bounds that follow them, in at most three pieces of at most two sections,
// until there are words enough and nothing probable is left, or no room.
//
// Invariants:
//   - units are in order, do not overlap, and hold every letter and digit of the
//     section but a table's rulings and fences of code;
//   - no unit is longer than MaxUnit words, and none begins or ends in a word;
//   - pieces are in the article's order and do not overlap; together they have
//     at most Limits.Most words;
//   - any bytes at all are cut without a panic.
//
// It is a leaf: it knows text and probabilities, no questions and no models.
// Nothing here fails.
package quote
