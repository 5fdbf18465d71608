// Package split cuts an article into the chunks that are embedded, ranked and
// quoted, along the headings of its Markdown tree (goldmark).
//
// Words: a block is a top-level piece of the tree (paragraph, list, table, code,
// …); a section is what stands between two headings; a unit is the least that
// is kept together (a block, or an item, row, line or sentence of one that is
// too long); a chunk is a run of units of one section.
//
// How long: about MaxWords words or ten times as many characters, whichever is
// reached first (the second bounds tables of addresses, HTML and code, whose
// tokens are many and words few). A list, table or code block, and a paragraph
// together with what it announces, may be a quarter longer before it is cut.
// Scripts without spaces count two characters as one word.
//
// Invariants:
//   - Text == Body[From:To], spans are in order and do not overlap;
//   - every line with words in it, headings aside, is in exactly one chunk;
//   - no chunk is longer than a quarter over MaxWords;
//   - an article with words has a section chunk; its question chunks point to
//     the first;
//   - any bytes at all are cut without a panic.
//
// langchaingo's recursive splitter cuts what has no structure left: sentences
// longer than a whole chunk. Its Markdown splitter is not used: it keeps no
// spans and parts tables from their headers. TextSplitter offers this package's
// cutting to users of langchaingo.
//
// Nothing here fails: there is no input and no other part to depend on.
package split
