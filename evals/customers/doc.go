// Package customers plays people who want something: scripted customers with a
// goal, facts, patience, a mood and a way of typing, in conversations of several
// turns.
//
// Words: a script is a customer; their goal is an article or words they came for,
// or a person; wordings are the ways they say it, the next one where the last did
// not help; what they tell is what they know and say when asked; a miss is a
// reply that does not help, and patience how many they bear; a story is one
// conversation of a script, and has an ending: answered, person, left, or long
// (they were still at it after the most turns). A loop is a reply they got before,
// word for word; a repeated question is one that was asked before.
//
// Graded is the outcome alone: the ending is one the script takes for good, within
// its turns, without loops and repeated questions, and whoever got it knows the
// facts that were told. How the bot got there is the other suites' matter.
//
// Invariants: a story depends on the script, the seed and the replies alone; what
// is typed wrongly is letters of longer words, never numbers and codes; a story
// ends after mostTurns at the latest; chance is told by pass^k: how likely k
// stories of a script all go well.
//
// A script that cannot be read is an error with file and line; all that is wrong
// is listed at once.
package customers
