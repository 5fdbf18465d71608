package faults

import (
	"context"
	"regexp"
	"slices"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/evals/stages"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
	"frontdesk/retrieval"
	"frontdesk/triage"
	"frontdesk/triage/own"
)

func firstSectionOnly(next stages.Store) stages.Store {
	return stages.AroundStore{Store: next, Article: func(_ string, list []retrieval.Passage) []retrieval.Passage { return list[:min(1, len(list))] }}
}

// decided changes decisions.
func decided(change func(triage.Reading, triage.Decision) triage.Decision) func(stages.Decider) stages.Decider {
	return func(next stages.Decider) stages.Decider { return stages.Around{Decider: next, Decided: change} }
}

// recorded changes what comes back when a message was recorded.
func recorded(change func(bot.Recorded) bot.Recorded) func(stages.Store) stages.Store {
	return func(next stages.Store) stages.Store { return stages.AroundStore{Store: next, Recorded: change} }
}

// recording changes what is recorded.
func recording(change func(bot.Record) bot.Record) func(stages.Store) stages.Store {
	return func(next stages.Store) stages.Store { return stages.AroundStore{Store: next, Recording: change} }
}

// opening changes what the desk is asked.
func opening(change func(handoff.Request) handoff.Request) func(stages.Desk) stages.Desk {
	return func(next stages.Desk) stages.Desk { return stages.AroundDesk{Desk: next, Opening: change} }
}

// packed changes what a packet is made of.
func packed(change func(packet.Input) packet.Input) func(stages.Packer) stages.Packer {
	return func(next stages.Packer) stages.Packer {
		return stages.PackerFunc(func(in packet.Input) packet.Packet { return next.Make(change(in)) })
	}
}

func inScopeByDesk(_ triage.Reading, d triage.Decision) triage.Decision {
	d.InScopeP = 1 - d.DeskP.None
	return d
}

func rulesByPhrases(r triage.Readers) triage.Readers {
	deaf := func(rules func(string) func([]float32) []triage.Fired) func(string) func([]float32) []triage.Fired {
		if rules == nil {
			return nil
		}
		return func(s string) func([]float32) []triage.Fired {
			heard := rules(s)
			return func([]float32) []triage.Fired { return heard(nil) }
		}
	}
	site := r.Site
	r.Rules = deaf(r.Rules)
	r.Site = func(p triage.Policy) (triage.SiteReaders, error) {
		own, err := site(p)
		own.Rules = deaf(own.Rules)
		return own, err
	}
	return r
}

func offersForgotten(r bot.Recorded) bot.Recorded {
	r.Past = slices.Clone(r.Past)
	for i := range r.Past {
		r.Past[i].OfferPerson = false
	}
	return r
}

var longNumber = regexp.MustCompile(`\d(?:[ .-]?\d){7,18}`)

func longNumbersMasked(r bot.Record) bot.Record {
	r.Message.Text = longNumber.ReplaceAllStringFunc(r.Message.Text, shortMask)
	return r
}

// shortMask is a number as a card's is shown.
func shortMask(s string) string {
	var digits []rune
	for _, x := range s {
		if x >= '0' && x <= '9' {
			digits = append(digits, x)
		}
	}
	const shown = 4
	return "•••• " + string(digits[len(digits)-shown:])
}

func pagesLanguage(r triage.Readers) triage.Readers {
	read := r.Language
	r.Language = func(text, page string) (string, float64) {
		const sure = 0.99
		if page != "" {
			return primary(page), sure
		}
		return read(text, page)
	}
	return r
}

func ownDataByBoth() stages.Seams {
	return stages.Seams{
		Readers: func(r triage.Readers) triage.Readers {
			r.OwnData = func(string) (float64, string) { return 0, "" }
			return r
		},
		Decider: func(next stages.Decider) stages.Decider {
			reader, err := own.New()
			if err != nil {
				return next // a test makes it
			}
			return ownData{next, reader}
		},
	}
}

// ownData decides by the lower of two readers.
type ownData struct {
	stages.Decider
	reader *own.Reader
}

func (o ownData) Decide(ctx context.Context, r triage.Reading, ev retrieval.Evidence, look triage.Look) (triage.Decision, error) {
	d, err := o.Decider.Decide(ctx, r, ev, look)
	if err != nil {
		return d, err
	}
	p, _ := o.reader.Read(r.Text)
	if triage.LocalVector(ev) == nil {
		d.OwnDataP = p
	} else {
		d.OwnDataP = min(d.OwnDataP, p)
	}
	return d, nil
}

func pastReversed(r bot.Recorded) bot.Recorded {
	r.Past = slices.Clone(r.Past)
	slices.Reverse(r.Past)
	return r
}

func moodAndUrgencySwapped(r handoff.Request) handoff.Request {
	swap := func(t *handoff.Triage) *handoff.Triage {
		if t == nil {
			return nil
		}
		c := *t
		c.Mood, c.Urgency = c.Urgency, c.Mood
		return &c
	}
	r.Triage, r.Second = swap(r.Triage), swap(r.Second)
	return r
}

func eventsReversed(in packet.Input) packet.Input {
	in.Events = slices.Clone(in.Events)
	slices.Reverse(in.Events)
	return in
}

func firstFence() stages.Seams {
	fences := map[convo.Key]int64{}
	return stages.Seams{Store: func(next stages.Store) stages.Store { return fenced{next, fences} }}
}

// fenced remembers the first fence of each conversation.
type fenced struct {
	stages.Store
	fences map[convo.Key]int64
}

func (f fenced) Record(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	out, err := f.Store.Record(ctx, r)
	if err != nil {
		return out, err
	}
	if first, ok := f.fences[r.Key]; ok {
		out.Fence = first
	} else {
		f.fences[r.Key] = out.Fence
	}
	return out, nil
}

// nextRule is the rule after one, of those with words of their own, in the order
// of the list of rules; what stands last, or is a site's own, stays.
func nextRule(rule string) string {
	rules := []string{"self_harm", "health", "danger", "minor", "fraud", "bereavement", "discrimination", "legal", "privacy", "press"}
	if i := slices.Index(rules, rule); i >= 0 && i+1 < len(rules) {
		return rules[i+1]
	}
	return rule
}

func nextRulesWords(next stages.Decider) stages.Decider { return wordsOfNext{next} }

type wordsOfNext struct{ stages.Decider }

func (w wordsOfNext) Safety(r triage.Reading, rule string) string {
	return w.Decider.Safety(r, nextRule(rule))
}
