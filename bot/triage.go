package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// decider says what messages are; *triage.Engine is the one implementation.
type decider interface {
	// Read reads a message by itself, before anything is looked up.
	Read(ctx context.Context, m triage.Message) triage.Reading
	// Decide decides by what a search for the message found on its way.
	Decide(ctx context.Context, r triage.Reading, ev retrieval.Evidence, look triage.Look) (triage.Decision, error)
	// Safety are the first words to a customer for a must-go rule.
	Safety(r triage.Reading, rule string) string
}

// Reasons that triage gives.
const (
	ReasonSensitive = "sensitive" // a must-go rule fired
	ReasonOwnData   = "own_data"  // quoted or offered, and the customer's own data would have to be looked up
)

const (
	// wanted is the probability from which a wish for a person is one. It is
	// calibrated, so that this is even odds: a person asked for in vain costs
	// less than one refused.
	wanted = 0.5
	// ownData is the one from which a general article alone is no answer.
	ownData = 0.5
	// evenOdds is the probability from which the best passage is quoted after a
	// question back was answered.
	evenOdds = 0.5
	// helps is the probability that one of the pages answers from which one is
	// worth a look beside the offer of a person.
	helps = 0.5
	// outside is the one of the site's knowledge covering a message below which
	// no choices are offered: three in four of them or more would be beside
	// the matter. At .3 four of the 1,807 cases of evals/suites fare worse.
	outside = 0.25
	// lookUpFor is how long a handoff that is certain already waits for what
	// tells its desk and topic.
	lookUpFor = 300 * time.Millisecond
	// mostAsked is how many questions back in a row there are at most. With one,
	// of 40 follow-ups to choices in evals/suites that were told that there is no
	// answer, 31 had the right article among the first three.
	mostAsked = 2
	// says is how many words a message has at most that wants a person and
	// says nothing about what.
	says = 8
)

// ByWords decides what needs no search: a must-go rule, a wish for a person,
// small talk. ok is false for everything else.
func (p Policy) ByWords(r triage.Reading) (plan Plan, ok bool) {
	if len(r.Rules) > 0 {
		return Plan{Action: ActHandoff, Reason: ReasonSensitive, Rule: r.Rules[0].Rule}, true
	}
	return p.BeforeSearch(triage.Signals{WantsPerson: r.Wish.Outright, Small: r.Small, Lang: r.Lang, Rule: r.Rule})
}

// ByAnswer decides by the answer to the offer of a person: a yes is a wish for
// one, and after a no there is nothing to look up.
func (p Policy) ByAnswer(pick triage.Pick) (plan Plan, ok bool) {
	switch {
	case pick.Kind == triage.PickThat && p.Asked == ActHandoff:
		return Plan{Action: ActHandoff, Reason: ReasonAsked}, true
	case pick.Kind == triage.PickOther:
		return Plan{Action: ActAnswer, Reason: ReasonSmalltalk, Small: triage.Thanks}, true
	default:
		return Plan{}, false
	}
}

// ByTriage is a plan after triage has seen what the search found. follows says
// that the message goes on about something; asked how many of the bot's last
// replies in a row were questions back.
func (p Policy) ByTriage(plan Plan, d triage.Decision, follows bool, asked int) Plan {
	switch {
	case d.Rule != "":
		return Plan{Action: ActHandoff, Reason: ReasonSensitive, Rule: d.Rule, P: plan.P}
	case d.WantsHumanP >= wanted && p.Asked == ActHandoff:
		return Plan{Action: ActHandoff, Reason: ReasonAsked, P: plan.P}
	case plan.Action == ActClarify && asked > 0 && follows && (plan.Reason == "" || plan.Reason == ReasonVariant) && plan.narrowed():
		return Plan{Action: ActAnswer, Reason: ReasonNarrowed, Band: BandMaybe, Hit: &plan.Offers[0], Own: d.OwnDataP >= ownData, P: plan.P}
	case plan.Action == ActClarify && asked >= mostAsked && follows:
		// A question is help, and so is the next one where the answer to it was a
		// question of its own; a third one about the same is a maze.
		return Plan{Action: ActNone, Reason: ReasonNoAnswer, Band: BandNo, Own: d.OwnDataP >= ownData, P: plan.P}
	case d.OwnDataP >= ownData:
		plan.Own = true
		if plan.Action == ActClarify && max(plan.P, plan.Near) < helps {
			return plan.onlyOwn()
		}
		if plan.Reason == "" {
			plan.Reason = ReasonOwnData
		}
		return plan
	case plan.Action == ActClarify && d.InScopeP < outside, plan.Action == ActNone && plan.Reason == ReasonNoAnswer && d.InScopeP < outside:
		return Plan{Action: ActNone, Reason: ReasonNoAnswer, Band: BandNo, Outside: true, P: plan.P}
	default:
		return plan
	}
}

// narrowed says whether the answer to a question back makes it worth saying what
// is probably meant: even odds are enough, or, where the first article carries
// the name that was answered with, that it is one of the first.
func (p Plan) narrowed() bool {
	if len(p.Offers) == 0 || p.Offers[0].Superseded != "" {
		return false
	}
	return p.P >= evenOdds || p.Offers[0].Named && p.Near >= evenOdds
}

// aside keeps, beside the word that a person has to look into it, the one page
// that is general about the same thing ("How to track an order"): one whose title
// has a word of the message's own. By its rank alone "Where is my order?" came
// with how to get an invoice. Other choices would only stand between the customer
// and that person.
func (e *Engine) aside(p Plan, text string) Plan {
	own := e.Terms(strings.Join(e.Triage.Own(text), " "), "")
	for _, h := range p.Offers {
		title := e.Terms(h.Title, "")
		if slices.ContainsFunc(own, func(t string) bool { return slices.Contains(title, t) }) {
			p.Offers, p.Reason = []retrieval.Hit{h}, ReasonOwnData
			return p
		}
	}
	return p.onlyOwn()
}

// onlyOwn says that a person has to look into it, and nothing beside.
func (p Plan) onlyOwn() Plan {
	return Plan{Action: ActNone, Reason: ReasonNoAnswer, Band: BandNo, Own: true, P: p.P}
}

// read reads the message as part of its conversation.
func (t *Turn) read(ctx context.Context, follow Follow) triage.Reading {
	return t.e.Decider.Read(ctx, triage.Message{
		Site: t.say.Site.ID, Text: t.rec.Input, History: saidBefore(t.rec.Past), Query: follow.Text,
		Lang: t.rec.Language, Shown: shown(t.rec.Past), Follows: follow.Kind != triage.NoLean, Explain: true,
	})
}

// readAhead reads beside the search what triage will want of the words. Whatever
// goes wrong in it goes wrong again, and is told, where its result is wanted.
func (t *Turn) readAhead(r triage.Reading) {
	defer func() { _ = recover() }()
	r.Ahead()
}

// saidBefore is what was said before anybody answered last, oldest first.
func saidBefore(past []convo.Message) []triage.Said {
	var out []triage.Said
	for _, m := range slices.Backward(before(past)) {
		role := triage.RoleBot
		switch m.Author {
		case convo.Customer:
			role = triage.RoleCustomer
		case convo.Agent:
			role = triage.RoleAgent
		}
		out = append(out, triage.Said{Role: role, Text: m.Text})
	}
	return out
}

// shown are the articles that were quoted, the last ones first.
func shown(past []convo.Message) []string {
	var out []string
	for _, m := range past {
		for _, c := range m.Citations {
			if !slices.Contains(out, c.Article) {
				out = append(out, c.Article)
			}
		}
	}
	return out
}

// askedLast is how many of the bot's last replies in a row were questions back.
func askedLast(past []convo.Message) (n int) {
	for rest := before(past); len(rest) > 0 && len(choicesOf(lastReply(rest))) > 0; n++ {
		rest = before(rest[len(lastReply(rest)):])
	}
	return n
}

// triage decides what the message is. It never fails a turn: without a
// decision the plan stands as the evidence made it.
func (t *Turn) triage(ctx context.Context, r triage.Reading, ev retrieval.Evidence) (d triage.Decision, ok bool) {
	e := t.e
	began := e.Now()
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("panic in triage", "turn", t.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			ok = false
		}
		took := e.Now().Sub(began)
		t.trace.Micros.Triage = took.Microseconds()
		e.Meter.Stage("triage", took)
	}()
	d, err := e.Decider.Decide(ctx, r, ev, t.look)
	if err != nil {
		e.Log.Warn("triage went without the parts of a message", "turn", t.ID, "cause", err.Error())
		if d, err = e.Decider.Decide(ctx, r, ev, nil); err != nil {
			return d, false
		}
	}
	t.decided = &d
	t.trace.triaged(d)
	return d, true
}

// look searches for a part of the message, once.
func (t *Turn) look(ctx context.Context, query string) (retrieval.Evidence, error) {
	if ev, ok := t.looked[query]; ok {
		return ev, nil
	}
	ev, err := t.search(ctx, query)
	if err == nil {
		if t.looked == nil {
			t.looked = map[string]retrieval.Evidence{}
		}
		t.looked[query] = ev
	}
	return ev, err
}

// subjectOf finds out, for a handoff that is certain already, what it is about,
// so that its case has a desk and a topic. Nothing depends on it, and it takes
// no longer than lookUpFor.
func (t *Turn) subjectOf(ctx context.Context, r triage.Reading) retrieval.Evidence {
	if len(r.Rules) == 0 && len(strings.Fields(r.Text)) <= says {
		d, err := t.e.Decider.Decide(ctx, r, retrieval.Evidence{}, nil)
		if err == nil {
			t.decided = &d
			t.trace.triaged(d)
		}
		return retrieval.Evidence{Lang: r.Lang}
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	ev, err := t.look(ctx, r.Query)
	if err != nil {
		if !errors.Is(err, context.DeadlineExceeded) && fault.KindOf(err) == fault.Internal {
			t.e.Log.Warn("a handoff goes without its topic", "turn", t.ID, "cause", err.Error())
		}
		ev = retrieval.Evidence{}
	}
	t.triage(ctx, r, ev)
	if r.Lang != "" {
		ev.Lang = r.Lang
	}
	return ev
}
