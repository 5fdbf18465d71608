package chatapi

import (
	"slices"
	"strings"
	"testing"

	"frontdesk/bot/convo"
)

func TestSay_IsEmbeddedAheadAsItIsSearchedAndNotForPeople(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	if m := v.say(t, "My card 4111111111111111 was refused, why?"); m.Outcome != convo.Answer {
		t.Fatalf("got %+v", m)
	}
	if r := v.do(t, "POST", "/human", `{}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for _, s := range []string{"I am waiting", "my diary says Thursday", "and my sister agrees"} {
		if m := v.say(t, s); m.Outcome != convo.Relayed {
			t.Fatalf("%s: got %+v", s, m)
		}
	}
	b.stop() // whatever runs ahead is over then
	b.finder.mu.Lock()
	defer b.finder.mu.Unlock()
	if len(b.finder.asked) != 1 || !slices.Contains(b.finder.early, b.finder.asked[0]) {
		t.Errorf("searched for %q, embedded ahead %q", b.finder.asked, b.finder.early)
	}
	for _, s := range b.finder.early {
		if s == "my diary says Thursday" || s == "and my sister agrees" {
			t.Errorf("%q was said to a person and embedded", s)
		}
	}
}

func TestSay_OldMailQuotedBelowIsNotSearchedFor(t *testing.T) {
	t.Parallel()
	b := start(t, options{decider: builtIn(t)})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	m := v.say(t, "Danke, hat sich erledigt. Wo finde ich die Rechnung?\n\nAm 3.11.2026 schrieb Jo:\n> Das ist unmöglich, ich will sofort mit einem Menschen sprechen!")
	if m.Outcome != convo.Answer {
		t.Fatalf("got %+v", m)
	}
	b.finder.mu.Lock()
	defer b.finder.mu.Unlock()
	for _, q := range b.finder.asked {
		if strings.Contains(q, "Menschen") || !strings.Contains(q, "Rechnung") {
			t.Errorf("searched for %q", q)
		}
	}
}
