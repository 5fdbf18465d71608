// Package lang tells in which language a customer writes: the product's twelve
// (English, German, French, Spanish, Italian, Portuguese, Dutch, Polish,
// Turkish, Arabic, Japanese, Chinese) and some more.
//
// Words: a script is a set of letters (Latin, Cyrillic, …); a class is a
// language that the model tells apart by parts of words; the page is the
// language of the page on which a message was written.
//
// How: the script decides first, since most scripts have one language of the
// product. Han is told by kana and by the characters that only one of Japanese
// and Chinese has. Among the languages of Latin and Cyrillic letters a linear
// model decides, by the beginnings, ends and middles of words and by usual words
// whole; the page's language counts as evidence of its own, which decides where
// a message says too little ("ok", "K2?"), and p says that it is little.
//
// Decision: a model of our own, since what customers write is two to ten words
// long. Measured on the same 20 languages, right on whole sentences, five words,
// three words, and phrases without a page: this model .994 .973 .932 .966 in
// 0.01 to 0.02 ms and 0.3 MB; whatlanggo 1.0.1 .964 .877 .781 .669 in 0.1 ms;
// lingua-go 1.4.0 .997 .975 .938 .978 in 0.6 ms, as a program of 135 MB.
//
// Weights are made by `go run ./triage/lang/train` from words.txt beside it (our
// own lists) and every second sentence of lingua_langid (Leipzig's corpora, CC
// BY); the same data give the same bytes.
//
// Invariants: the same text and page give the same answer on every machine; no
// text makes it fail; what is quoted from old mail or written by a program does
// not count; a text without a letter gives the page's language, with little
// trust, or none at all.
package lang
