// Package seek tells what kind of words an answer to a question holds, as far as
// the question's own words tell it, and whether a text holds such words.
//
// Words: a question seeks money, a time, another number, a way (where to press,
// what to do) or leave (whether something may or can be). A text holds them: an
// amount with its currency, a number of days, digits, a path or something in
// bold, a "not" or "only".
//
// The words of each language are data (words.json): a question's phrases, "*" at
// the end of one for any ending, "^" where it counts at the beginning alone; the
// units of time and the numbers in letters that a text is searched for. What a
// match is worth is fitted by `frontdesk train rank`, not decided here.
//
// Invariants: any bytes at all are read without a panic; a language without words
// seeks nothing, and of its texts only digits, currencies and paths are seen.
// It is a leaf, and nothing in it fails but a broken words.json at the start.
package seek
