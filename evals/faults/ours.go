package faults

import (
	"slices"

	"frontdesk/evals/stages"
)

// ours are the faults of those who know the suites.
func ours() []Fault {
	list := slices.Concat(oursKnowledge(), oursSearch(), oursDecisions(), oursTurns(), oursCosts())
	for i := range list {
		list[i].Author, list[i].Told = Ours, string(list[i].Stage)
	}
	return list
}

func oursKnowledge() []Fault {
	return []Fault{
		{
			Name: "newest-articles-missing", Stage: stages.Knowledge, Suites: asked(),
			What:   "the ten articles that were changed last are not published",
			Notice: "what is new is not known",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: withoutNewest} },
		},
		{
			Name: "a-product-line-for-agents-only", Stage: stages.Knowledge, Suites: asked(),
			What:   "the articles of one product line are marked as for agents",
			Notice: "no customer is told anything about grinders",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: lineForAgents} },
		},
		{
			Name: "stale-generation", Stage: stages.Knowledge, Suites: quoted(),
			What:   "what is found is said to be of the generation before",
			Notice: "links lead to text that is not there any more",
			Make:   func() stages.Seams { return stages.Seams{Finder: found(olderGeneration)} },
		},
		{
			Name: "articles-published-twice", Stage: stages.Knowledge, Suites: asked(),
			What:   "every public article is published twice, under two ids",
			Notice: "the same page twice among the choices",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: eachTwice} },
		},
		{
			Name: "figures-of-last-year", Stage: stages.Knowledge, Suites: quoted(),
			What:   "every number of two digits or more in an article is one less",
			Notice: "44 days instead of 45",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: figuresOneLess} },
		},
	}
}

func oursSearch() []Fault {
	return []Fault{
		{
			Name: "title-boost-dropped", Stage: stages.Retrieval, Suites: asked(),
			What:   "neither words nor vectors know the titles of articles",
			Notice: "a page that is about it stands behind one that mentions it",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: titlesAlike, Index: titlesCountNothing} },
		},
		{
			Name: "questions-embedded-crossways", Stage: stages.Retrieval, Suites: asked(),
			What:   "the numbers of a question's vector arrive in the wrong order",
			Notice: "by vectors, anything is found",
			Make:   func() stages.Seams { return stages.Seams{Embedder: crossways} },
		},
		{
			Name: "embedder-away", Stage: stages.Retrieval, Suites: asked(),
			What:   "the embedder gives no answer, and words alone are searched for",
			Notice: "what is said in other words is not found",
			Make:   func() stages.Seams { return stages.Seams{Embedder: away} },
		},
		{
			Name: "few-candidates", Stage: stages.Retrieval, Suites: asked(),
			What:   "the database brings three candidates",
			Notice: "the right page is not among the choices",
			Make:   func() stages.Seams { return stages.Seams{Finds: fewCandidates} },
		},
		{
			Name: "language-filter-off", Stage: stages.Retrieval, Suites: asked(),
			What:   "every question is taken for an English one",
			Notice: "other languages are searched with an English model",
			Make:   func() stages.Seams { return stages.Seams{Finder: allEnglish} },
		},
		{
			Name: "fusion-off", Stage: stages.Ranking, Suites: asked(),
			What:   "articles are ranked by one model's cosine alone",
			Notice: "the exact word does not help",
			Make:   func() stages.Seams { return stages.Seams{Ranking: cosineAlone} },
		},
		{
			Name: "second-before-first", Stage: stages.Ranking, Suites: asked(),
			What:   "the first two articles change places",
			Notice: "the next best page is quoted",
			Make:   func() stages.Seams { return stages.Seams{Finder: found(secondFirst)} },
		},
		{
			Name: "spans-shifted-by-one", Stage: stages.Span, Suites: quoted(),
			What:   "what is quoted begins and ends one byte too late",
			Notice: "the first letter is missing",
			Make:   func() stages.Seams { return stages.Seams{Finder: eachHit(spansShifted)} },
		},
		{
			Name: "other-section-quoted", Stage: stages.Span, Suites: quoted(),
			What:   "the article's first section is quoted instead of the words that answer",
			Notice: "the right page, and the wrong part of it",
			Make:   func() stages.Seams { return stages.Seams{Ranking: noPieces} },
		},
		{
			Name: "threshold-moved-down", Stage: stages.Threshold, Suites: answered(),
			What:   "quotes begin at .35",
			Notice: "wrong answers instead of choices",
			Make:   func() stages.Seams { return stages.Seams{Thresholds: bounds(0.35, 0)} },
		},
		{
			Name: "threshold-moved-up", Stage: stages.Threshold, Suites: answered(),
			What:   "quotes begin at .95",
			Notice: "choices instead of answers",
			Make:   func() stages.Seams { return stages.Seams{Thresholds: bounds(0.95, 0)} },
		},
		{
			Name: "choices-hardly-ever", Stage: stages.Threshold, Suites: answered(),
			What:   "choices begin at .95",
			Notice: "a no where choices were",
			Make:   func() stages.Seams { return stages.Seams{Thresholds: bounds(0, 0.95)} },
		},
	}
}

func oursDecisions() []Fault {
	return []Fault{
		{
			Name: "desks-swapped", Stage: stages.Triage, Suites: told(),
			What:   "service and support change places in what triage says",
			Notice: "the wrong people get the case",
			Make:   func() stages.Seams { return stages.Seams{Decider: decided(desksSwapped)} },
		},
		{
			Name: "topic-lost", Stage: stages.Triage, Suites: told(),
			What:   "triage tells no topic",
			Notice: "every case waits in the general line",
			Make:   func() stages.Seams { return stages.Seams{Decider: decided(withoutTopic)} },
		},
		{
			Name: "wish-for-a-person-ignored", Stage: stages.Triage, Suites: handed(),
			What:   "nobody is ever heard to want a person",
			Notice: "the bot goes on",
			Make:   func() stages.Seams { return stages.Seams{Decider: wishIgnored} },
		},
		{
			Name: "must-go-ignored", Stage: stages.Triage, Suites: handed(),
			What:   "no must-go rule ever fires",
			Notice: "a help page for a burning kettle",
			Make:   func() stages.Seams { return stages.Seams{Decider: mustGoIgnored} },
		},
		{
			Name: "greetings-swallow-the-question", Stage: stages.Triage, Suites: answered(),
			What:   "a message of up to ten words is taken for a greeting",
			Notice: "\"Hello! How can I help?\" to a question",
			Make:   func() stages.Seams { return stages.Seams{Decider: asRead(shortIsGreeting)} },
		},
		{
			Name: "queues-swapped", Stage: stages.Routing, Suites: handed(),
			What:   "the desk routes service's cases to support, and the other way round",
			Notice: "cases wait where nobody can solve them",
			Make:   queuesSwapped,
		},
		{
			Name: "one-queue-for-all", Stage: stages.Routing, Suites: handed(),
			What:   "the desk is told nothing of a case's matter",
			Notice: "every case waits in one line",
			Make:   func() stages.Seams { return stages.Seams{Desk: untold} },
		},
	}
}

func oursTurns() []Fault {
	return []Fault{
		{
			Name: "bot-speaks-after-takeover", Stage: stages.Policy, Suites: handed(),
			What:   "a message to a person is answered by the bot as well",
			Notice: "two voices in one conversation",
			Make:   func() stages.Seams { return stages.Seams{Store: speaksAnyway} },
		},
		{
			Name: "choices-in-reverse", Stage: stages.Policy, Suites: talked(),
			What:   "choices are shown in reverse",
			Notice: "the best one stands last",
			Make:   func() stages.Seams { return stages.Seams{Store: ending(choicesReversed)} },
		},
		{
			Name: "own-data-always", Stage: stages.Triage, Suites: answered(),
			What:   "every message is taken to need the customer's own data",
			Notice: "a person is offered beside every answer",
			Make:   func() stages.Seams { return stages.Seams{Decider: decided(ownDataAlways)} },
		},
		{
			Name: "nothing-said-before", Stage: stages.Policy, Suites: talked(),
			What:   "each message is taken for the first one",
			Notice: "\"and for the smaller one?\" means nothing",
			Make:   func() stages.Seams { return stages.Seams{Store: recorded(withoutPast)} },
		},
		{
			Name: "packet-without-order-numbers", Stage: stages.Packet, Suites: handed(),
			What:   "order numbers are lost from the packet",
			Notice: "agents ask for the number again",
			Make:   func() stages.Seams { return stages.Seams{Packer: made(withoutOrders)} },
		},
		{
			Name: "packet-invents-a-fact", Stage: stages.Packet, Suites: handed(),
			What:   "the packet names an order that nobody spoke of",
			Notice: "agents look at somebody else's order",
			Make:   func() stages.Seams { return stages.Seams{Packer: made(inventsOrder)} },
		},
		{
			Name: "packet-of-the-last-message", Stage: stages.Packet, Suites: handed(),
			What:   "the packet is made of the last message alone",
			Notice: "what was said before has to be said again",
			Make:   func() stages.Seams { return stages.Seams{Packer: packed(lastMessageOnly)} },
		},
		{
			Name: "safety-words-dropped", Stage: stages.Wording, Suites: handed(),
			What:   "nothing is said first where there is danger",
			Notice: "nobody says: unplug it",
			Make:   func() stages.Seams { return stages.Seams{Decider: wordless} },
		},
		{
			Name: "uncited-answer-allowed", Stage: stages.Safety, Suites: quoted(),
			What:   "answers go out without their sources",
			Notice: "nothing says where it is from",
			Make:   func() stages.Seams { return stages.Seams{Store: ending(withoutCitations)} },
		},
		{
			Name: "agents-only-text-leaked", Stage: stages.Safety, Suites: guarded(),
			What:   "what is for agents is searched for customers",
			Notice: "how far goodwill goes, told to everybody",
			Make:   func() stages.Seams { return stages.Seams{Finder: forAgents} },
		},
		{
			Name: "masking-off", Stage: stages.Safety, Suites: guarded(),
			What:   "card numbers are kept as they were typed",
			Notice: "whole card numbers in the desk",
			Make:   maskingOff,
		},
		{
			Name: "site-filter-off", Stage: stages.Safety, Suites: guarded(),
			What:   "the best passage is another shop's",
			Notice: "another shop's conditions",
			Make:   func() stages.Seams { return stages.Seams{Finder: found(otherShopFirst)} },
		},
	}
}
