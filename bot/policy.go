package bot

import (
	"math"
	"slices"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// Action is what a plan does.
type Action string

const (
	ActAnswer  Action = "answer"
	ActClarify Action = "clarify"
	ActNone    Action = "none"
	ActHandoff Action = "handoff"
)

// Reasons of actions that are not a handoff's.
const (
	ReasonSmalltalk  = "smalltalk"
	ReasonNoAnswer   = "no_answer"
	ReasonAsked      = "asked"
	ReasonChosen     = "chosen"       // quoted because the customer chose it
	ReasonOutOfRange = "out_of_range" // a number that none of the choices has
	ReasonGone       = "gone"         // what was chosen is published no longer
	ReasonUnhelped   = "unhelped"     // what was quoted before did not help
	ReasonNarrowed   = "narrowed"     // quoted at even odds: a question back was answered
)

// Band is how sure the evidence is.
type Band string

const (
	BandSure  Band = "sure"  // quoted
	BandMaybe Band = "maybe" // choices are offered
	BandNo    Band = "no"    // an honest no, and a person
)

// FixedThresholds are the same for every risk: what there is without a
// calibration by risk.
type FixedThresholds struct{ Sure, Maybe float64 }

// Thresholds gives both.
func (f FixedThresholds) Thresholds(float64) (sure, maybe float64) { return f.Sure, f.Maybe }

// Policy is what a site does when, as data.
type Policy struct {
	// Risk is the share of quotes that may be wrong, as the site set it.
	Risk float64
	// Sure is the calibrated probability from which the first passage is quoted.
	Sure float64
	// Only names the plans of the search whose probabilities are sure enough for the
	// risk at all; none: those of every plan. What another plan found is offered.
	Only []string
	// Maybe is the probability that one of the first three articles answers
	// from which choices are offered. It may lie above Sure: it is about three.
	Maybe float64
	// Choices is how many are offered at most; 0: none, which leaves two bands.
	Choices int
	// Behind is how far a choice may lie behind the first, as a part of how far
	// the last one found does; what lies farther behind is left out. It knows
	// no unit, so that it outlives a change of the ranking.
	Behind float64
	// Learned is what moved Sure; zero: nothing.
	Learned Learned
	// Asked is what an explicit wish for a person does.
	Asked Action
}

const (
	// maxChoices is as many as are read at a glance on a phone.
	maxChoices = 3
	// defaultBehind was measured on 3,416 messages of the corpus that got
	// choices: .9 leaves 2.8 choices in the mean and the right article shown to
	// .740 of the answerable, .8 leaves 2.5 and .728, and always three .744.
	defaultBehind = 0.9
)

// DefaultPolicy is the policy of a site that set nothing. The thresholds come
// from the calibration of the evidence, never from taste.
func DefaultPolicy(c calibration) Policy {
	p := Policy{Choices: maxChoices, Behind: defaultBehind, Asked: ActHandoff}
	return p.at(c, defaultRisk)
}

func (p Policy) at(c calibration, risk float64) Policy {
	p.Risk = risk
	p.Sure, p.Maybe = c.Thresholds(risk)
	p.Only = nil
	if by, ok := c.(interface{ Quoting(risk float64) []string }); ok {
		p.Only = by.Quoting(risk)
	}
	return p
}

// PolicyFor is the policy of a site: its risk gives the thresholds, and those
// it set itself go before them.
func PolicyFor(c calibration, s Settings) Policy {
	p := DefaultPolicy(c).at(c, s.AcceptedRisk())
	if s.Threshold != nil {
		p.Sure, p.Only = *s.Threshold, nil // the site's own word, whatever found it
	}
	if s.Maybe != nil {
		p.Maybe = *s.Maybe
	}
	return p
}

// PolicyOf is PolicyFor with what the site's customers said of quotes, which
// moves a threshold that the site did not set itself.
func PolicyOf(c calibration, site Site) Policy {
	p := PolicyFor(c, site.Settings)
	if site.Settings.Threshold == nil {
		p.Learned = site.Learned
		p.Sure = site.Learned.Sure(p.Sure)
	}
	return p
}

// Plan is what a turn is about to do.
type Plan struct {
	Action  Action
	Reason  string
	Band    Band            // empty where nothing was judged
	Hit     *retrieval.Hit  // what is quoted
	Second  *retrieval.Hit  // what is quoted beside it, for a second question in the message
	Offers  []retrieval.Hit // what is offered, where choices come of a search
	Choices []convo.Choice  // the same with their lines, or those offered once more
	Small   triage.Small    // kind of small talk
	P       float64
	Near    float64 // of choices: that one of them answers

	Rule    string   // of a handoff: the must-go rule that fired
	First   string   // of a handoff: what is said first, such as "unplug it"
	Own     bool     // the customer's own data would have to be looked up: the reply says so and offers a person
	Outside bool     // of none: the site's knowledge does not cover the matter at all
	Memo    *Settled // what people did, where that was asked
}

// BeforeSearch decides what needs no search: a wish for a person and small
// talk. ok is false for everything else.
func (p Policy) BeforeSearch(s triage.Signals) (plan Plan, ok bool) {
	switch {
	case s.WantsPerson && p.Asked == ActHandoff:
		return Plan{Action: ActHandoff, Reason: ReasonAsked}, true
	case s.Small != triage.NoSmall:
		return Plan{Action: ActAnswer, Reason: ReasonSmalltalk, Small: s.Small}, true
	default:
		return Plan{}, false
	}
}

// AfterSearch decides by the evidence.
func (p Policy) AfterSearch(e retrieval.Evidence) Plan {
	if plan, ok := p.which(e); ok {
		return plan
	}
	if len(e.Hits) > 0 && p.sure(e) && e.Hits[0].Text != "" {
		return Plan{Action: ActAnswer, Band: BandSure, Hit: &e.Hits[0], P: e.P}
	}
	return p.withoutQuote(e, p.Offers(e.Hits))
}

// sure says whether what was found may be quoted.
func (p Policy) sure(e retrieval.Evidence) bool {
	return e.P >= p.Sure && (len(p.Only) == 0 || slices.Contains(p.Only, e.Plan))
}

// AfterFailure decides after the customer said that what was quoted did not
// help: found is what the search brought, fresh the same without what was shown
// before. Where the first hit is among what was shown, the next one is not as
// sure as it was, and is offered at most.
func (p Policy) AfterFailure(found, fresh retrieval.Evidence) Plan {
	if len(fresh.Hits) == len(found.Hits) {
		return p.AfterSearch(found)
	}
	if len(fresh.Hits) > 0 && fresh.Hits[0].Chunk == found.Hits[0].Chunk {
		return p.AfterSearch(fresh)
	}
	plan := p.withoutQuote(fresh, p.offers(fresh.Hits, found.Hits))
	plan.Reason = ReasonUnhelped
	return plan
}

// withoutQuote offers choices, or says that there is no answer.
func (p Policy) withoutQuote(e retrieval.Evidence, offers []retrieval.Hit) Plan {
	if len(offers) > 0 && nearness(e) >= p.Maybe {
		return Plan{Action: ActClarify, Band: BandMaybe, Offers: offers, P: e.P, Near: nearness(e)}
	}
	return Plan{Action: ActNone, Reason: ReasonNoAnswer, Band: BandNo, P: e.P}
}

// nearness is the probability that one of the first three answers; where the
// ranking does not say, that of the first.
func nearness(e retrieval.Evidence) float64 {
	if e.Near > 0 {
		return e.Near
	}
	return e.P
}

// Offers are the hits that are worth a choice, best first: the first, and those
// not far behind it. A replaced article is none.
func (p Policy) Offers(hits []retrieval.Hit) []retrieval.Hit { return p.offers(hits, hits) }

// offers picks from some of all hits.
func (p Policy) offers(hits, all []retrieval.Hit) []retrieval.Hit {
	farthest := math.Inf(1)
	if len(all) > p.Choices { // else nothing found is known to be far
		farthest = p.Behind * (all[0].Score - all[len(all)-1].Score)
	}
	var out []retrieval.Hit
	for _, h := range hits {
		switch {
		case len(out) >= p.Choices:
			return out
		case h.Superseded != "" || h.Text == "":
		case h.Other && all[0].Named: // the S2, of who asked about the S3
		case len(out) > 0 && !(all[0].Score-h.Score <= farthest):
		default:
			out = append(out, h)
		}
	}
	return out
}
