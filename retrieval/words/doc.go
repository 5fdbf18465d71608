// Package words turns text into the terms that BM25 counts, and tells in which
// language a text is.
//
// Words: a term is what two texts must share to be alike in words: a word's stem
// without accents, a code, a number, or two neighbouring characters of a script
// that is written without spaces.
//
// How a term is made: compatibility forms and case are folded; Markdown's link
// targets, HTML tags and entities are left out; words are stemmed by Snowball's
// algorithm of their language and lose their accents only then, for the stemmers
// read them. Where customers leave accents out that a stemmer needs (devolucion,
// devolucao), the usual endings get them back first. Polish, which has none
// there, and Turkish, whose one needs every accent, have plain ways of our own. Codes stay whole, however they are joined
// (E-04, E04), a number and its unit come apart (230V, 230 V), digits are
// written one way (1,7 and 1.7; 2,000 and 2000).
//
// There is no list of words to leave out: the store leaves out a site's own
// commonest terms.
//
// Invariants: the same text and language give the same terms on every machine;
// no text makes it fail; a term is valid UTF-8, lower case, and at most MaxTerm
// bytes long. Version changes whenever terms would.
package words
