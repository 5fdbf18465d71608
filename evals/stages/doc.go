// Package stages says at which stage of a turn a case was lost, by playing it
// again with the right thing put in place stage by stage.
//
// Words: a stage is a part of the way from a message to its reply; a seam is a
// place between two parts of the engine where something can be put around one
// of them; gold is what a case says is right; a rung is how far gold is in place
// when a case is played again: at a stage and at all before it.
//
// The stages, in the order of a turn:
//
//	knowledge   the article, or the fact, is not published for customers
//	retrieval   it is, and was not among what the search found
//	ranking     it was found, and stood behind another, or too little spoke for it
//	span        it stood first, and other words of it were quoted
//	threshold   it was quoted, offered or left out on the wrong side of a threshold
//	triage      desk, topic, a wish for a person or a must-go rule was read wrongly
//	routing     the case went to another queue than its matter says
//	policy      everything was known, and something else was done
//	packet      the agent was not given what was said, or what nobody said
//	wording     the service's own words were wrong
//	safety      something was shown, said or kept that must not be
//
// A case is lost at the first stage from which on, with gold in place there and
// before, one of the checks holds that failed first. Where it is known what came
// back when the case passed, what became otherwise first goes before that: gold
// repairs what lies behind it, too. What no rung repairs is told by the kind of
// the check, and so are checks that hold of every reply.
//
// Invariants: a case that passes is lost nowhere; the same case, output and
// engine give the same stage; playing again changes nothing that the run keeps;
// seams are put around parts when an engine is made, and an engine that was made
// without them has none.
//
// When a case cannot be played again the error names it: a stage that was
// guessed would send people to the wrong part.
package stages
