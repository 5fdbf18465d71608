package chatapi

import (
	"testing"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

func TestFollowUp_CarriesWhatItNeeds(t *testing.T) {
	t.Parallel()
	first := "How do I return a fountain?"
	for say, want := range map[string]string{
		"How much is it?":           first + "\nHow much is it?",
		"and for the smaller one?":  first + "\nand for the smaller one?",
		"what about Germany?":       first + "\nwhat about Germany?",
		"until when":                first + "\nuntil when",
		"Und in der Schweiz?":       first + "\nUnd in der Schweiz?",
		"Do you sell gift vouchers": "Do you sell gift vouchers",
		"How do I descale the Brew kettle after a year of hard water?": "How do I descale the Brew kettle after a year of hard water?",
	} {
		t.Run(say, func(t *testing.T) {
			t.Parallel()
			b := start(t, options{})
			b.site(t, "shop", "")
			v := b.visitor(t, nil)
			v.say(t, first)
			v.say(t, say)
			if q := b.finder.questions(); len(q) != 2 || q[1] != want {
				t.Errorf("asked %q", q)
			}
		})
	}
}

func TestFollowUp_GoesBackToWhatStandsAlone(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	for _, say := range []string{"Do you repair grinders?", "How do I return a fountain?", "how much is it?", "thanks!", "and in Germany?"} {
		v.say(t, say)
	}
	q := b.finder.questions()
	if want := "How do I return a fountain?\nhow much is it?\nand in Germany?"; q[len(q)-1] != want {
		t.Errorf("asked %q", q[len(q)-1])
	}
}

func TestFollowUp_WithNothingBeforeIsSearchedAsItIs(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	for i, say := range []string{"that didn't work", "hello", "how much is it?"} {
		if m := v.say(t, say); i != 1 && m.Outcome != convo.Answer {
			t.Errorf("%s: %+v", say, m)
		}
	}
	if q := b.finder.questions(); q[0] != "that didn't work" || q[1] != "how much is it?" {
		t.Errorf("asked %q", q)
	}
}

func TestFollowUp_ThatDidNotWorkNeverGetsTheSameWordsAgain(t *testing.T) {
	t.Parallel()
	for _, say := range []string{"that didn't work", "did that, still nothing", "Das hat nicht funktioniert", "ça ne marche pas", "no funciona", "没用", "うまくいきませんでした", "لم ينجح"} {
		t.Run(say, func(t *testing.T) {
			t.Parallel()
			b := start(t, options{})
			b.site(t, "shop", "")
			b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) { return offers(.9, 1), nil })
			v := b.visitor(t, nil)
			first := v.say(t, "How do I return it within the days?")
			if first.Outcome != convo.Answer || first.Messages[0].Text != fountain {
				t.Fatalf("got %+v", first)
			}
			next := v.say(t, say)
			if next.Outcome != convo.Clarify || len(next.Messages[0].Choices) != 1 || next.Messages[0].Choices[0].Article != "feeder" || !next.Messages[0].OfferPerson {
				t.Fatalf("got %+v", next)
			}
			last := v.say(t, say) // the next one was offered by now: only what is far behind is left
			if last.Outcome == convo.Answer || !last.Messages[0].OfferPerson {
				t.Errorf("got %+v", last)
			}
			for _, c := range last.Messages[0].Choices {
				if c.Article == "feeder" || c.Article == "fountain" {
					t.Errorf("offered again: %+v", c)
				}
			}
		})
	}
}

func TestFollowUp_WhenTheSearchFindsSomethingBetterItIsQuoted(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	v.say(t, "How long may I return things?")
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) { return offers(.9, 1), nil })
	if m := v.say(t, "did that, still no label for the fountain"); m.Outcome != convo.Answer || m.Messages[0].Text != fountain {
		t.Errorf("got %+v", m)
	}
}
