package faults

import (
	"context"

	"frontdesk/bot"
	"frontdesk/evals/stages"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// oursCosts leave every reply as it is and have it ask for more than it needs.
func oursCosts() []Fault {
	return []Fault{
		{
			Name: "searched-twice", Stage: stages.Policy, Suites: costed(),
			What:   "every search is made twice",
			Notice: "replies come later, and the encoders' bill doubles",
			Make:   func() stages.Seams { return stages.Seams{Finder: twice} },
		},
		{
			Name: "plain-wish-looked-up", Stage: stages.Policy, Suites: costed(),
			What:   "an outright wish for a person is searched for before it is granted",
			Notice: "\"agent please\" waits for a search that nobody needs",
			Make:   func() stages.Seams { return stages.Seams{Decider: asRead(neverOutright)} },
		},
		{
			Name: "each-message-read-back", Stage: stages.Policy, Suites: costed(),
			What:   "after a message is recorded its turn is read back",
			Notice: "one more trip to the database before every reply",
			Make:   func() stages.Seams { return stages.Seams{Store: readBack} },
		},
	}
}

func twice(next retrieval.Finder) retrieval.Finder {
	return stages.FinderFunc(func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
		if _, err := next.Search(ctx, q); err != nil {
			return retrieval.Evidence{}, err
		}
		return next.Search(ctx, q)
	})
}

// neverOutright leaves of a wish what would be known of it after a search.
func neverOutright(_ triage.Message, r triage.Reading) triage.Reading {
	r.Wish.Outright = false
	return r
}

func readBack(next stages.Store) stages.Store { return readingBack{next} }

type readingBack struct{ stages.Store }

func (s readingBack) Record(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	out, err := s.Store.Record(ctx, r)
	if err == nil {
		_, err = s.Turn(ctx, r.Key, out.Turn)
	}
	return out, err
}
