// Package triage says what a message is, from its text. This is the smallest
// part of it that the bot cannot do without: an explicit wish for a person,
// greetings and thanks, answers to choices, and whether a message leans on what
// was said before, in twelve languages, from phrases kept as data. Desks,
// topics, moods and learned models come later and replace it behind the same
// question.
//
// Words: a signal is something a text says plainly; a rule is the phrase that
// said so; a pick is a number, a yes or a no in answer to choices; a message
// leans where it says too little by itself or says that something did not help.
//
// Invariants: a wish is only taken where the words say it, since a handoff
// nobody asked for costs a person's time; small talk is only what consists of
// nothing else, since a question after "hello" wants its answer. Nothing here
// looks anything up or can fail.
package triage
