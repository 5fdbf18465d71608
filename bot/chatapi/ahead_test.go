package chatapi

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/retrieval"
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

func TestSay_WhereThereIsTimeItIsSearchedForWhileItIsRecorded(t *testing.T) {
	t.Parallel()
	b := start(t, options{engine: bot.Config{Early: 1}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), "SELECT FROM conversations FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	said := make(chan messageResponse, 1)
	go func() { said <- v.say(t, "how long may I return something") }()
	for len(b.finder.questions()) == 0 { // nothing can be recorded until the row is let go
		runtime.Gosched()
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := <-said; m.Outcome != convo.Answer {
		t.Fatalf("got %+v", m)
	}
	if asked := b.finder.questions(); len(asked) != 1 {
		t.Errorf("searched for %q: once was enough", asked)
	}
}

func TestSay_ASearchAheadThatFailsIsMadeGood(t *testing.T) {
	t.Parallel()
	b := start(t, options{engine: bot.Config{Early: 1}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	for _, breaks := range []func(){func() {}, func() { panic("in a search") }} {
		tries := 0
		b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) {
			if tries++; tries == 1 {
				breaks()
				return retrieval.Evidence{}, errors.New("not now")
			}
			return found(.9), nil
		})
		if m := v.say(t, "how long may I return something"); m.Outcome != convo.Answer || tries != 2 {
			t.Errorf("after %d searches %+v", tries, m)
		}
	}
}

func TestSay_AFollowUpIsSearchedForAsItIsMeant(t *testing.T) {
	t.Parallel()
	b := start(t, options{engine: bot.Config{Early: 1}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	v.say(t, "how long may I return something")
	v.say(t, "and how much is it?")
	asked := b.finder.questions()
	if last := asked[len(asked)-1]; !strings.Contains(last, "return something") {
		t.Errorf("searched for %q", asked)
	}
}
