// Package maxsim compares a question with texts token by token (late
// interaction): for each token of the question the most similar token of the
// text counts, and the weighted mean of these is the text's score. It sees what
// one vector a text cannot: that a long section holds the one thing asked for.
// The measure is ColBERT's (Khattab and Zaharia, 2020).
//
// Words: a row is one token's vector, Dims numbers in int8, unit length times a
// scale that is the same for all rows of a model; best is the highest product
// that each token of a question has found so far.
//
// Invariants: a score does not depend on the order of a text's tokens, adding
// tokens never lowers it, and a text read in parts scores as the whole one.
//
// Nothing here can fail: rows of the wrong width are a caller's error and panic.
package maxsim
