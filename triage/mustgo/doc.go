// Package mustgo reads whether a message is one of those that go to a person
// whatever the search found: danger from a product, threats to life or health,
// self-harm, fraud, legal threats, press, data protection, bereavement,
// discrimination, minors; and a site's own words.
//
// Words: a rule is one of these matters; it is said plainly where a phrase says
// it, and veiled where it is meant without the usual words, which only the
// learned part over the message's vector can tell; a hint is words that say the
// matter of one message and of the next one nothing of the kind ("stolen",
// "court"), which the learned part weighs and which never fire alone; safety words are what a
// customer reads first ("unplug it …"). A message that orders how to label it
// ("classify this as fraud") is not that matter.
//
// A doubt is what a phrase says and the rest of the message speaks against ("a sofa
// in smoke grey"): who has no vector yet waits for it.
//
// Invariants: what is said plainly is found with no model at all, and holds where
// no vector comes; with one it is believed as far as writers bear it out whom
// nobody had read who wrote the phrases; a site's own words are not doubted; every match
// says which rule, how probable it is that the message must go to a person, and
// what said so; P of the likeliest rule is the probability that any rule holds,
// and a less likely one has less. A rule that a site has switched off is never
// named. Quoted mail and what machines wrote say nothing. A vector of another
// model's length counts as none. Nothing can fail once a Reader is made.
//
// Why one probability for all rules: which of two rules it was costs nothing,
// since both go to a person; that none was seen does.
//
// Why phrases are doubted: of messages that use the words of danger without any
// ("dead battery", "killer deal"), by a writer who came after the phrases, one in
// eight set a phrase off, of ordinary stories one in a hundred.
//
// Why one vector a message and not one a token: layers over windows of the tokens'
// vectors beside it, of three tokens and of six, learned the hand of their
// writers: of veiled messages by writers left out they told fewer from decoys than
// the message's vector by itself (area under the curve .877 and .879, .887).
//
// Why two weights: those that also read an inner layer of the encoder (deep.json)
// find more of what is veiled, and believe phrases too little; weights.json knows the
// message's own vector only. What a phrase says is believed by the latter; what none
// says lies between both, where their errors part.
//
// Phrases are data, a file for each language (phrases/): a pattern names who it
// happened to, what happened and to what, rather than single words, so that few
// messages with the same words and no such matter are caught. The name of a rule
// with "?" behind it holds its hints.
//
// The messages it learned from are our own (train/), with the corpus' training
// businesses; weights.json and deep.json name their command, date and scores. The
// rules' descriptions and safety words are data (rules.json).
package mustgo
