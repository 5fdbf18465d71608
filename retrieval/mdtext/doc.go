// Package mdtext reads the words out of goldmark's tree.
//
// It is for what two adapters need alike: the reader of sources, which makes a
// title of a first heading, and the splitter, which keeps the path of headings
// with each chunk. A heading must read the same in both, or a title would not be
// recognised where it is repeated.
//
// Words: the *plain text* of a node is what a reader of the page sees of it:
// no marks, no addresses of links, entities and backslashes undone, except in
// code, which is shown as it is written.
//
// Invariants: the functions keep nothing and change nothing; they read any tree
// that goldmark makes, of any text.
package mdtext
