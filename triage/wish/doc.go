// Package wish reads whether a customer wants a person instead of a machine: by
// what phrases say in twelve languages, and, where the message's vector is
// there, by a small learned part that also finds it in a story or in despair
// ("this is useless, is anybody there?").
//
// Words: a wish is outright where a phrase says it and nothing else that is known
// of the message speaks against it, so that nothing has to be looked up to know; a mask is words of a wish that mean something else ("the
// cleaning agent", "a manager's signature"); a wish that lies in the past, or
// that somebody says not to have, is none; a cry is a short sentence of a longer
// message that consists of nothing but the wish ("Ten times now. A PERSON.").
//
// Invariants: a message whose words say it is found with no model at all, and is
// believed where no vector comes; with one, as far as writers bear phrases out whom
// nobody had read who wrote them;
// the probability is calibrated on messages that no fit had seen; quoted mail
// and what machines wrote say nothing. A vector of another model's length counts
// as none: the phrases alone decide then. Nothing can fail once a Reader is made.
//
// The messages it learned from are our own (train/), with the corpus' training
// businesses and a public set; weights.json names its command, date and scores.
package wish
