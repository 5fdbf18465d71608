package bot

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// aboutJSON is, by language, what stands above a reply about one of two matters.
//
//go:embed second.json
var aboutJSON []byte

// twoMatters are the parts of a message that seems to have two matters.
type twoMatters struct {
	whole Plan // what the message as a whole would come to
	said  [2]string
	found [2]retrieval.Evidence
	plans [2]Plan // once it is decided that each is answered by itself
}

// eachChoices is how many choices each of two matters gets at most: two lists
// are read on one phone.
const eachChoices = 2

// Each decides about two matters apart: each is quoted, or gets choices of its
// own, or is said to have no answer; a and b are what was found for them, and da
// and db what triage makes of them. What the message as a whole is sure of is quoted
// for one of them only where nothing answers the other. ok is false where they are
// no two matters: both find the same article, nothing can be said about either,
// or the message as a whole is answered by an article that is the best of neither.
func (p Policy) Each(whole Plan, a, b retrieval.Evidence, da, db triage.Decision) (each [2]Plan, ok bool) {
	x, y := best(a), best(b)
	if x == nil || y == nil || sameArticle(*x, *y) {
		return each, false
	}
	quoted := whole.Hit
	if quoted != nil && !sameArticle(*quoted, *x) && !sameArticle(*quoted, *y) {
		return each, false
	}
	each = [2]Plan{p.alone(a, da), p.alone(b, db)}
	for i, first := range []*retrieval.Hit{x, y} {
		if other := each[1-i]; quoted != nil && each[i].Hit == nil && sameArticle(*quoted, *first) && other.Hit == nil && len(other.Offers) == 0 {
			each[i] = each[i].quoting(quoted, whole.P)
		}
		each[i] = each[i].without(each[1-i].Hit)
	}
	says := func(pl Plan) bool { return pl.Hit != nil || len(pl.Offers) > 0 }
	return each, says(each[0]) || says(each[1])
}

// alone decides about one matter.
func (p Policy) alone(e retrieval.Evidence, d triage.Decision) Plan {
	plan := p.AfterSearch(e)
	if by := p.ByTriage(plan, d, false, 0); by.Action != ActHandoff { // that was decided for the message
		plan = by
	}
	if plan.Reason != ReasonVariant {
		plan.Offers = plan.Offers[:min(len(plan.Offers), eachChoices)]
	}
	return plan
}

// quoting is a matter's plan that quotes what the whole message is sure of.
func (p Plan) quoting(hit *retrieval.Hit, sure float64) Plan {
	p.Action, p.Band, p.Hit, p.Offers, p.P = ActAnswer, BandSure, hit, nil, sure
	if !p.Own {
		p.Reason = ""
	}
	p.Outside = false
	return p
}

// without leaves out of a plan's choices what the other matter is answered with.
func (p Plan) without(other *retrieval.Hit) Plan {
	if other == nil || len(p.Offers) == 0 {
		return p
	}
	p.Offers = slices.DeleteFunc(slices.Clone(p.Offers), func(h retrieval.Hit) bool { return sameArticle(h, *other) })
	if len(p.Offers) == 0 {
		p.Action, p.Reason, p.Band = ActNone, ReasonNoAnswer, BandNo
	}
	return p
}

// apart is the plan of a message whose two matters are each answered by
// themselves; any other plan stays. What makes the whole message a person's is
// left to it.
func (t *Turn) apart(ctx context.Context, policy Policy, plan Plan) Plan {
	two := t.two
	if two == nil || plan.Action == ActHandoff || plan.Small != triage.NoSmall {
		return plan
	}
	a, okA := t.judge(ctx, two.said[0], two.found[0])
	b, okB := t.judge(ctx, two.said[1], two.found[1])
	each, ok := policy.Each(two.whole, two.found[0], two.found[1], a, b)
	if !ok || !okA || !okB {
		return plan
	}
	t.trace.Choices = nil // those of the whole are not shown
	for i := range each {
		switch {
		case len(each[i].Offers) == 0:
		case each[i].Reason == ReasonVariant:
			each[i].Choices = variantChoices(two.found[i], each[i].Offers)
		default:
			each[i].Choices = t.e.choicesOf(each[i], two.said[i], two.found[i])
		}
		t.trace.offered(each[i].Choices)
	}
	two.plans, t.each = each, true
	return together(each)
}

// judge is what triage makes of one of the matters; ok is false where it fails,
// which leaves the message as it was.
func (t *Turn) judge(ctx context.Context, said string, found retrieval.Evidence) (d triage.Decision, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			t.e.Log.Error("panic in triage of a part", "turn", t.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			ok = false
		}
	}()
	r := t.e.Decider.Read(ctx, triage.Message{Site: t.say.Site.ID, Text: said, Lang: t.rec.Language})
	d, err := t.e.Decider.Decide(ctx, r, found, nil)
	return d, err == nil
}

// together is what a turn with two replies comes to: an answer where one of them
// is.
func together(each [2]Plan) Plan {
	a, b := each[0], each[1]
	switch {
	case a.Hit != nil && b.Hit != nil:
		return Plan{Action: ActAnswer, Band: BandSure, Hit: a.Hit, Second: b.Hit, P: min(a.P, b.P)}
	case a.Hit != nil:
		return Plan{Action: ActAnswer, Band: a.Band, Hit: a.Hit, P: a.P}
	case b.Hit != nil:
		return Plan{Action: ActAnswer, Band: b.Band, Hit: b.Hit, P: b.P}
	default:
		return Plan{Action: ActClarify, Band: BandMaybe, Offers: slices.Concat(a.Offers, b.Offers), Choices: slices.Concat(a.Choices, b.Choices), P: max(a.P, b.P)}
	}
}

// eachMessage are the replies about two matters, one after the other. What is no
// quote says what it is about.
func (t *Turn) eachMessage(words Words, lang string, now time.Time) []convo.Message {
	var out []convo.Message
	for i, plan := range t.two.plans {
		about := aboutWords(lang, t.two.said[i]) + "\n"
		say := func(text string, person bool, choices []convo.Choice) {
			out = append(out, convo.Message{ID: t.e.NewID(), Turn: &t.ID, Author: convo.Bot, Text: about + text, OfferPerson: person, Choices: choices, Lang: lang, At: now.UTC()})
		}
		if plan.Hit != nil {
			out = append(out, t.quoted(*plan.Hit, t.two.found[i].Generation, now))
		}
		if plan.Own {
			say(words.OwnData, true, nil)
		}
		switch {
		case len(plan.Choices) > 0:
			say(clarifyWords(plan, words), false, plan.Choices)
		case plan.Hit == nil && !plan.Own:
			say(noWords(plan, words), true, nil)
		}
	}
	return out
}

// longestAbout is how much of a matter is said back, in characters.
const longestAbout = 80

// aboutWords say in a language what a reply is about, in the customer's own words.
func aboutWords(lang, said string) string {
	said = strings.TrimRightFunc(strings.Join(strings.Fields(said), " "), func(r rune) bool { return unicode.IsPunct(r) && !strings.ContainsRune(")）\"”»’", r) })
	if utf8.RuneCountInString(said) > longestAbout {
		short := string([]rune(said)[:longestAbout])
		if at := strings.LastIndexByte(short, ' '); at > len(short)/2 {
			short = short[:at]
		}
		said = short + "…"
	}
	table, err := abouts()
	if err != nil {
		return said + ":" // a test reads the table
	}
	return strings.Replace(cmp.Or(table[lang], table[defaultLanguage]), "{matter}", said, 1)
}

var abouts = sync.OnceValues(func() (table map[string]string, err error) {
	if err = json.Unmarshal(aboutJSON, &table); err != nil {
		return nil, fmt.Errorf("read what replies are about: %w", err)
	}
	return table, nil
})
