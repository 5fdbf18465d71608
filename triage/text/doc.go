// Package text brings what a customer typed into the form in which phrases are
// compared, without losing where in the message each word stood.
//
// Words: a form is a word in lower case, without accents, of one width and one
// script; speech is what the customer says now, without old mail below it
// (quoted) and without what a program wrote (machine); a character of a script
// that is written without spaces (Chinese, Japanese) is a word of its own, so
// that one way of comparing does for every language.
//
// Why forms are folded so far: people leave accents out, autocorrect puts
// typographic marks in, and whoever wants to slip by a rule writes with letters
// of another script, with marks of no width, or with digits for letters. One
// place undoes all of that, or every reader would do it in its own way.
//
// Invariants: a word's span is a part of the original, in bytes, on the bounds
// of characters; spans go up and never overlap; quoted and machine text gives
// no words; the same text gives the same words on every machine; time grows
// with the length of the text and nothing else. Nothing here can fail: a text
// that is not valid UTF-8 has words where it is.
package text
