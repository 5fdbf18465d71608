package faults

import (
	"slices"

	"frontdesk/evals/stages"
)

// unseen are the faults of unseen.md, in its order.
func unseen() []Fault {
	list := slices.Concat(unseenKnowledge(), unseenSearch(), unseenQuotes(), unseenTriage(), unseenTurns())
	for i := range list {
		list[i].Author = Unseen
	}
	return list
}

func unseenKnowledge() []Fault {
	return []Fault{
		{
			Name: "ways-to-ask-arrive-as-one", Stage: stages.Knowledge, Told: "knowledge/ingest", Suites: asked(),
			What:   "an article's ways to ask arrive as one, with bars between",
			Notice: "paraphrases that stood in the FAQ get choices or a no",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: questionsAsOne} },
		},
		{
			Name: "soft-wraps-joined-through-lists", Stage: stages.Knowledge, Told: "knowledge/ingest", Suites: quoted(),
			What:   "single line ends in bodies become blanks, in lists and tables too",
			Notice: "steps run together, a question for one row gets the whole table",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: wrapsJoined} },
		},
	}
}

func unseenSearch() []Fault {
	return []Fault{
		{
			Name: "lens-of-the-other-model", Stage: stages.Retrieval, Told: "retrieval, vectors", Suites: asked(),
			What:   "the two models' lenses are swapped",
			Notice: "fewer right first articles in every language, more choices",
			Make:   func() stages.Seams { return stages.Seams{Ranking: lensesSwapped} },
		},
		{
			Name: "codes-are-no-words", Stage: stages.Retrieval, Told: "retrieval, words", Suites: asked(),
			What:   "terms of questions that hold a digit are dropped",
			Notice: "error E-04 ranks like error E-07; \"the S3\" is no choice",
			Make:   func() stages.Seams { return stages.Seams{Terms: withoutCodes} },
		},
		{
			Name: "only-pages-in-the-questions-language", Stage: stages.Retrieval, Told: "retrieval, language", Suites: asked(),
			What:   "only articles in the question's language are searched",
			Notice: "who writes German to a shop with English pages is told that there is nothing",
			Make:   func() stages.Seams { return stages.Seams{Finder: onlyInItsLanguage} },
		},
		{
			Name: "site-names-not-read-back", Stage: stages.Ranking, Told: "ranking", Suites: asked(),
			What:   "what the knowledge calls its products is not read back",
			Notice: "asked about the S3, the page of the S2 is quoted",
			Make:   func() stages.Seams { return stages.Seams{Current: withoutNames} },
		},
		{
			Name: "replaced-page-named-with-its-extension", Stage: stages.Ranking, Told: "ranking (superseded articles)", Suites: asked(),
			What:   "what replaces an article is named by its file",
			Notice: "last year's conditions are quoted with confidence",
			Make:   func() stages.Seams { return stages.Seams{Knowledge: replacedByFile} },
		},
	}
}

func unseenQuotes() []Fault {
	return []Fault{
		{
			Name: "pieces-in-reverse", Stage: stages.Span, Told: "span/quote", Suites: quoted(),
			What:   "the pieces of a quote come in reverse",
			Notice: "step 4 stands before step 1",
			Make:   func() stages.Seams { return stages.Seams{Finder: eachHit(piecesReversed)} },
		},
		{
			Name: "no-room-for-the-exception", Stage: stages.Span, Told: "span/quote", Suites: quoted(),
			What:   "a quote has 45 words at most instead of 160",
			Notice: "conditions and steps are cut off",
			Make:   func() stages.Seams { return stages.Seams{Ranking: shortQuotes} },
		},
		{
			Name: "one-of-three-read-as-the-first", Stage: stages.Threshold, Told: "evidence/threshold", Suites: answered(),
			What:   "that one of three answers is taken for that the first does",
			Notice: "no choices any more, every third answer from a wrong page",
			Make:   func() stages.Seams { return stages.Seams{Finder: nearAsFirst} },
		},
		{
			Name: "choice-lines-one-off", Stage: stages.Span, Told: "choices/clarify", Suites: answered(),
			What:   "each choice has the next one's line",
			Notice: "below the title of one page stands a line of another",
			Make:   func() stages.Seams { return stages.Seams{Finder: linesOneOff} },
		},
		{
			Name: "pressed-choice-shows-the-introduction", Stage: stages.Span, Told: "choices/clarify", Suites: talked(),
			What:   "of a chosen article only the first section is read",
			Notice: "pressing the line that answers brings the page's introduction",
			Make:   func() stages.Seams { return stages.Seams{Store: firstSectionOnly} },
		},
	}
}

func unseenTriage() []Fault {
	return []Fault{
		{
			Name: "votes-by-share-not-log-odds", Stage: stages.Triage, Told: "triage, desk and topic", Suites: told(),
			What:   "articles near a message vote by their share",
			Notice: "desk and topic drift to what most pages are about",
			Make:   func() stages.Seams { return stages.Seams{Finder: votesByShare} },
		},
		{
			Name: "in-scope-is-all-but-none", Stage: stages.Triage, Told: "triage, in scope", Suites: answered(),
			What:   "a message is the shop's where its desk is any",
			Notice: "choices beside the point for what the pages do not cover",
			Make:   func() stages.Seams { return stages.Seams{Decider: decided(inScopeByDesk)} },
		},
		{
			Name: "must-go-by-phrases-only", Stage: stages.Triage, Told: "triage, must-go", Suites: handed(),
			What:   "must-go rules do not see what a message means",
			Notice: "danger in free words gets a help page",
			Make:   func() stages.Seams { return stages.Seams{Readers: rulesByPhrases} },
		},
		{
			Name: "yes-to-the-offer-unheard", Stage: stages.Triage, Told: "triage, wish for a person", Suites: handed(),
			What:   "that a person was offered is not read back",
			Notice: "\"yes please\" gets the same no once more",
			Make:   func() stages.Seams { return stages.Seams{Store: recorded(offersForgotten)} },
		},
		{
			Name: "any-long-number-is-a-card", Stage: stages.Triage, Told: "triage, personal data; masking", Suites: handed(),
			What:   "every run of 8 to 19 digits is masked",
			Notice: "order and serial numbers are gone, agents ask again",
			Make:   func() stages.Seams { return stages.Seams{Store: recording(longNumbersMasked)} },
		},
		{
			Name: "the-pages-language-wins", Stage: stages.Triage, Told: "triage, language", Suites: handed(),
			What:   "a message is in the page's language",
			Notice: "safety words in English for who writes German",
			Make:   func() stages.Seams { return stages.Seams{Readers: pagesLanguage} },
		},
	}
}

func unseenTurns() []Fault {
	return []Fault{
		{
			Name: "own-data-only-where-both-say-so", Stage: stages.Policy, Told: "policy (what the bot does with the decision)", Suites: slices.Concat(answered(), handed()),
			What:   "own data is needed only where both readers say so",
			Notice: "\"where is my parcel?\" gets the general page alone",
			Make:   ownDataByBoth,
		},
		{
			Name: "what-was-said-comes-oldest-first", Stage: stages.Policy, Told: "policy, follow-ups", Suites: talked(),
			What:   "what was said before comes in the wrong order",
			Notice: "\"the second\" means the choices of the first reply",
			Make:   func() stages.Seams { return stages.Seams{Store: recorded(pastReversed)} },
		},
		{
			Name: "mood-and-urgency-change-places", Stage: stages.Routing, Told: "routing", Suites: handed(),
			What:   "mood and urgency are swapped on the way to the desk",
			Notice: "urgent cases lose their place in line",
			Make:   func() stages.Seams { return stages.Seams{Desk: opening(moodAndUrgencySwapped)} },
		},
		{
			Name: "packet-reads-backwards", Stage: stages.Packet, Told: "packet", Suites: handed(),
			What:   "a packet is made of the conversation in reverse",
			Notice: "the number that the customer corrected is the one that holds",
			Make:   func() stages.Seams { return stages.Seams{Packer: packed(eventsReversed)} },
		},
		{
			Name: "fence-remembered-by-conversation", Stage: stages.Policy, Told: "case life and fences", Suites: handed(),
			What:   "the first fence of a conversation is given with every later message",
			Notice: "after people closed the case, silence",
			Make:   firstFence,
		},
		{
			Name: "first-words-of-the-next-rule", Stage: stages.Wording, Told: "wording/safety", Suites: handed(),
			What:   "the first words are those of the next rule",
			Notice: "\"please unplug it\" to somebody who was poisoned",
			Make:   func() stages.Seams { return stages.Seams{Decider: nextRulesWords} },
		},
	}
}
