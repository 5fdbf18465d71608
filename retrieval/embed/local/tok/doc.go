// Package tok cuts texts into the tokens that the local encoders were trained
// on: WordPiece for MiniLM, Unigram for multilingual e5. Both are held against
// stored outputs of the programs that made the models' own tokens, in some
// twenty languages and over every code point there is (testdata/make.py).
//
// Words: a piece is an entry of a vocabulary, its id its place there. Marks are
// the ids a model wants at a text's beginning and end.
//
// Invariants:
//   - Any string is taken: invalid UTF-8, NUL, unassigned code points. Nothing
//     panics, and time and memory grow no faster than the text.
//   - What Encode returns begins and ends with the marks and has no more ids
//     than asked for. A lower limit gives the same ids, fewer of them: with a
//     limit of n, the first n-1 of any higher limit's and the end mark. So
//     asking for one id more than a model reads tells whether a text was cut.
//   - Reading ends where the limit is sure to be reached: a text of 100,000
//     words costs hardly more than one of 500. (One letter 100,000 times is read
//     to its end: which way is best there is known only at the end.)
//   - Text never makes a mark: "[CLS]" or "</s>" in a text are brackets and
//     letters, whatever the vocabulary holds.
//   - A tokenizer never changes once it is made; any number of goroutines may
//     use it.
//
// What a tokenizer does to characters is frozen with the model it belongs to,
// not with the Unicode version of the day: the tables in classes.go and
// charsmap.bin are those of the originals. charsmap.bin is the table "nmt_nfkc"
// of sentencepiece 0.1.91 (Apache-2.0, Google), byte for byte: the one XLM-R was
// trained with, which shows in that its entries for single characters are those
// in e5's weight file.
//
// When a part fails: a vocabulary that cannot be the model's (without marks, a
// piece twice, a score that is no number) is refused when the tokenizer is
// made. After that nothing can fail.
package tok
