package bot

import (
	"slices"
	"testing"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

func found(p, near float64, articles ...string) retrieval.Evidence {
	ev := retrieval.Evidence{P: p, Near: near}
	for i, a := range articles {
		ev.Hits = append(ev.Hits, retrieval.Hit{Passage: retrieval.Passage{ArticleID: a, Text: "words of " + a}, Score: float64(9 - i)})
	}
	return ev
}

func TestPolicy_BothPartsOfAMessage(t *testing.T) {
	t.Parallel()
	const sure, maybe, no = .7, .4, .1
	replaced := found(sure, sure, "b")
	replaced.Hits[0].Superseded = "c"
	for name, c := range map[string]struct {
		whole, first, second retrieval.Evidence
		action               Action
		hit, beside, offers  string
	}{
		"both sure of their own":             {found(no, no, "x"), found(sure, sure, "a"), found(sure, sure, "b"), ActAnswer, "a", "b", ""},
		"the same article twice":             {found(sure, sure, "a"), found(sure, sure, "a"), found(sure, sure, "a", "b"), ActAnswer, "a", "", ""},
		"the whole is sure, one part is not": {found(sure, sure, "a"), found(maybe, maybe, "a"), found(sure, sure, "b"), ActClarify, "", "", "a b"},
		"the whole is sure, no part is":      {found(sure, sure, "b"), found(maybe, maybe, "a"), found(maybe, maybe, "b"), ActClarify, "", "", "a b"},
		"the whole alone is sure":            {found(sure, sure, "a"), found(no, no, "a"), found(no, no, "b"), ActAnswer, "a", "", ""},
		"the other part has no answer":       {found(sure, sure, "a"), found(maybe, maybe, "a"), found(no, no, "b"), ActAnswer, "a", "", ""},
		"the first is sure, the second none": {found(maybe, maybe, "x"), found(sure, sure, "a"), found(no, no, "b"), ActAnswer, "a", "", ""},
		"the second is sure, the first none": {found(maybe, maybe, "x"), found(no, no, "a"), found(sure, sure, "b"), ActAnswer, "b", "", ""},
		"one is sure, nothing else is":       {found(maybe, maybe, "x", "y"), found(sure, sure, "a"), found(maybe, maybe, "b"), ActClarify, "", "", "a b x"},
		"choices begin with the parts' own":  {found(maybe, maybe, "b", "x", "y"), found(maybe, maybe, "a"), found(maybe, maybe, "b"), ActClarify, "", "", "a b x"},
		"parts near enough by themselves":    {found(no, no, "x"), found(maybe, maybe, "a"), found(maybe, maybe, "b"), ActClarify, "", "", "a b"},
		"neither part is near":               {found(no, no, "x"), found(no, no, "a"), found(no, no, "b"), ActNone, "", "", ""},
		"a part that finds nothing":          {found(maybe, maybe, "x"), found(sure, sure, "a"), found(no, no), ActClarify, "", "", "x"},
		"a part that finds what is replaced": {found(maybe, maybe, "x"), found(sure, sure, "a"), replaced, ActClarify, "", "", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := PolicyFor(FixedThresholds{.6, .3}, Settings{})
			plan := p.Both(p.AfterSearch(c.whole), c.whole, c.first, c.second)
			id := func(h *retrieval.Hit) string {
				if h == nil {
					return ""
				}
				return h.ArticleID
			}
			offers := ""
			for i, h := range plan.Offers {
				if i > 0 {
					offers += " "
				}
				offers += h.ArticleID
			}
			if plan.Action != c.action || id(plan.Hit) != c.hit || id(plan.Second) != c.beside || offers != c.offers {
				t.Errorf("%s of %q and %q, offers %q", plan.Action, id(plan.Hit), id(plan.Second), offers)
			}
			if plan.Second != nil && plan.P < p.Sure {
				t.Errorf("two quotes, of which one is not sure: %g", plan.P)
			}
		})
	}
}

func TestOfferedLast_NumbersAllListsOfOneReplyInTheirOrder(t *testing.T) {
	t.Parallel()
	list := func(articles ...string) convo.Message {
		m := convo.Message{Author: convo.Bot}
		for _, a := range articles {
			m.Choices = append(m.Choices, convo.Choice{Article: a})
		}
		return m
	}
	customer := convo.Message{Author: convo.Customer}
	for name, c := range map[string]struct {
		past  []convo.Message // newest first
		want  []string
		fresh bool
	}{
		"two lists":                      {[]convo.Message{customer, list("c", "d"), list("a", "b"), customer}, []string{"a", "b", "c", "d"}, true},
		"a quote after the list":         {[]convo.Message{customer, list(), list("a", "b"), customer}, []string{"a", "b"}, true},
		"a list before another message":  {[]convo.Message{customer, list("c"), customer, list("a"), customer}, []string{"c"}, true},
		"a choice was made since":        {[]convo.Message{customer, list(), customer, list("a", "b"), customer}, []string{"a", "b"}, false},
		"nothing was offered":            {[]convo.Message{customer, list(), customer}, nil, false},
		"nobody but the customer spoke":  {[]convo.Message{customer}, nil, false},
		"it is too long ago":             {[]convo.Message{customer, list(), customer, list(), customer, list(), customer, list(), customer, list(), customer, list("a")}, nil, false},
		"the bot spoke last, unanswered": {[]convo.Message{list("a"), customer}, []string{"a"}, true},
	} {
		got, fresh := offeredLast(c.past)
		var ids []string
		for _, x := range got {
			ids = append(ids, x.Article)
		}
		if !slices.Equal(ids, c.want) || len(got) > 0 && fresh != c.fresh {
			t.Errorf("%s: %v, fresh %v", name, ids, fresh)
		}
	}
}
