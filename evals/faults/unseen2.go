package faults

import (
	"slices"

	"frontdesk/evals/stages"
)

// unseen2 are the faults of unseen2.md, in its order.
func unseen2() []Fault {
	list := slices.Concat(unseen2Search(), unseen2Quotes(), unseen2Triage(), unseen2Turns())
	for i := range list {
		list[i].Author = Unseen2
	}
	return list
}

func unseen2Search() []Fault {
	return []Fault{
		{
			Name: "article-language-keeps-its-region", Stage: stages.Knowledge, Told: "knowledge/ingest", Suites: asked(),
			What:   "an article's language keeps its region",
			Notice: "English is found worse than before, inflected words and short questions most",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: regionsKept} },
		},
		{
			Name: "replaced-article-not-marked", Stage: stages.Knowledge, Told: "knowledge/ingest", Suites: asked(),
			What:   "no article is known to be replaced",
			Notice: "the old fee stands beside the new one, or alone",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: nothingReplaced} },
		},
		{
			Name: "questions-encoded-as-passages", Stage: stages.Retrieval, Told: "retrieval (vectors)", Suites: phrased(),
			What:   "questions are encoded as passages are",
			Notice: "right articles a place or two lower, in other languages most",
			Make:   func() stages.Seams { return stages.Seams{Embedder: asPassages} },
		},
		{
			Name: "language-remembered-per-site", Stage: stages.Retrieval, Told: "retrieval (language of the question)", Suites: asked(),
			What:   "the first question's language, an English one's, is every later one's",
			Notice: "German questions are ranked by the English plan",
			Make:   func() stages.Seams { return stages.Seams{Detect: firstLanguage} },
		},
		{
			Name: "names-not-read-back", Stage: stages.Ranking, Told: "ranking", Suites: asked(),
			What:   "what the knowledge calls its products is not read back",
			Notice: "asked about the S3 the bot quotes the S2",
			Make:   func() stages.Seams { return stages.Seams{Current: withoutNames} },
		},
		{
			Name: "ranking-parsed-bare", Stage: stages.Ranking, Told: "ranking", Suites: asked(),
			What:   "the ranking comes without lenses and without the weights of asked tokens",
			Notice: "near neighbours win over what answers",
			Make:   func() stages.Seams { return stages.Seams{Ranking: bare} },
		},
	}
}

func unseen2Quotes() []Fault {
	return []Fault{
		{
			Name: "pieces-best-first", Stage: stages.Span, Told: "span/quote", Suites: quoted(),
			What:   "the pieces of a quote come in reverse",
			Notice: "step 5 above step 2",
			Make:   func() stages.Seams { return stages.Seams{Finder: eachHit(piecesBestFirst)} },
		},
		{
			Name: "exception-left-behind", Stage: stages.Span, Told: "span/quote", Suites: quoted(),
			What:   "what limits the sentence before it is not quoted with it",
			Notice: "\"Returns are free.\" without \"Except sale items.\"",
			Make:   func() stages.Seams { return stages.Seams{Finder: eachHit(withoutException)} },
		},
		{
			Name: "near-lost", Stage: stages.Threshold, Told: "evidence/threshold", Suites: answered(),
			What:   "whether one of the first three answers is not told",
			Notice: "an honest-sounding no where three good choices stood",
			Make:   func() stages.Seams { return stages.Seams{Finder: found(nearLost)} },
		},
		{
			Name: "choices-read-back-in-reverse", Stage: stages.Policy, Told: "choices/clarify", Suites: talked(),
			What:   "the choices of earlier replies are read back in reverse",
			Notice: "who writes \"1\" gets the last one",
			Make:   func() stages.Seams { return stages.Seams{Store: recorded(choicesReadReversed)} },
		},
	}
}

func unseen2Triage() []Fault {
	return []Fault{
		{
			Name: "owner-desk-lost-on-the-way", Stage: stages.Triage, Told: "triage (desk)", Suites: told(),
			What:   "the desks that articles' owners named do not reach triage",
			Notice: "support's articles go to service",
			Make:   func() stages.Seams { return stages.Seams{Finder: found(ownersDeskLost)} },
		},
		{
			Name: "scope-of-the-other-class", Stage: stages.Triage, Told: "triage (in scope)", Suites: answered(),
			What:   "whether a message is the shop's is turned round",
			Notice: "choices for strangers' matters, \"not something I know about\" for the shop's",
			Make:   func() stages.Seams { return stages.Seams{Decider: decided(scopeTurned)} },
		},
		{
			Name: "veiled-danger-not-weighed", Stage: stages.Triage, Told: "triage (must-go)", Suites: handed(),
			What:   "must-go rules hear phrases alone",
			Notice: "\"my hand went numb\" gets a cleaning tip",
			Make:   func() stages.Seams { return stages.Seams{Readers: rulesByPhrases} },
		},
		{
			Name: "every-reply-offers-a-person", Stage: stages.Triage, Told: "triage (wish for a person), choices", Suites: slices.Concat(handed(), []string{"conversation"}),
			What:   "every reply without choices counts as an offer of a person",
			Notice: "\"right\" after a quote opens a case",
			Make:   func() stages.Seams { return stages.Seams{Store: recorded(alwaysOffered)} },
		},
		{
			Name: "last-matter-names-the-case", Stage: stages.Triage, Told: "triage (topic, several matters)", Suites: told(),
			What:   "of several matters the last one's desk and topic are the message's",
			Notice: "a charge waits behind a question about cleaning",
			Make:   func() stages.Seams { return stages.Seams{Decider: decided(lastMatterFirst)} },
		},
		{
			Name: "personal-spans-in-characters", Stage: stages.Triage, Told: "triage (personal data)", Suites: slices.Concat(told(), []string{"safety", "handoff", "languages"}),
			What:   "where personal data stands is told in characters, not bytes",
			Notice: "after an umlaut the end of an address stays readable",
			Make:   func() stages.Seams { return stages.Seams{Decider: decided(spansInCharacters)} },
		},
		{
			Name: "page-language-always-wins", Stage: stages.Triage, Told: "triage (language)", Suites: handed(),
			What:   "a message is in its page's or conversation's language",
			Notice: "who writes German on an English page is connected in English words",
			Make:   func() stages.Seams { return stages.Seams{Readers: pagesLanguage} },
		},
	}
}

func unseen2Turns() []Fault {
	return []Fault{
		{
			Name: "only-the-first-message-is-said", Stage: stages.Policy, Told: "policy (what the bot does with the decision)", Suites: slices.Concat(answered(), talked()),
			What:   "of a reply of several messages the first alone is said",
			Notice: "the general article, and no word that a person can look",
			Make:   func() stages.Seams { return stages.Seams{Store: ending(firstMessageOnly)} },
		},
		{
			Name: "routes-last-first", Stage: stages.Routing, Told: "routing (queue)", Suites: handed(),
			What:   "the routing table is read from its end",
			Notice: "a sensitive message waits at normal priority in Support",
			Make:   func() stages.Seams { return stages.Seams{Routes: routesReversed} },
		},
		{
			Name: "events-newest-first", Stage: stages.Packet, Told: "packet", Suites: handed(),
			What:   "a packet is made of the conversation in reverse",
			Notice: "a corrected order number stands as superseded",
			Make:   func() stages.Seams { return stages.Seams{Packer: packed(eventsReversed)} },
		},
		{
			Name: "first-half-forgotten", Stage: stages.Policy, Told: "case life and fences (merged turns)", Suites: talked(),
			What:   "of two messages that are answered together the first is forgotten",
			Notice: "\"since yesterday, what now?\" means nothing",
			Make:   func() stages.Seams { return stages.Seams{Store: lastBubble} },
		},
		{
			Name: "closing-settles-nothing", Stage: stages.Policy, Told: "case life and fences (after closing)", Suites: slices.Concat(handed(), []string{"conversation"}),
			What:   "closing a case does not settle what was said before",
			Notice: "\"2\" means the choices from before the case",
			Make:   func() stages.Seams { return stages.Seams{Append: settlesNothing} },
		},
		{
			Name: "safety-words-asked-for-no-language", Stage: stages.Wording, Told: "wording/masking/safety", Suites: handed(),
			What:   "what is said first is said in English",
			Notice: "\"Unplug it\" to who writes German",
			Make:   func() stages.Seams { return stages.Seams{Decider: noLanguageFirst} },
		},
		{
			Name: "every-long-number-is-a-card", Stage: stages.Triage, Told: "wording/masking/safety (personal data)", Suites: handed(),
			What:   "every run of 13 to 19 digits is masked",
			Notice: "tracking and serial numbers are gone, agents ask again",
			Make:   func() stages.Seams { return stages.Seams{Store: recording(longestMasked)} },
		},
	}
}
