package chatapi

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func TestSay_QuotesByteForByteAndCites(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	m := v.say(t, "How long may I return things?")
	if m.Outcome != convo.Answer || len(m.Messages) != 1 {
		t.Fatalf("got %+v", m)
	}
	got := m.Messages[0]
	if got.Text != quote || got.Author != convo.Bot || len(got.Citations) != 1 || got.Citations[0].Quote != quote {
		t.Errorf("got %+v", got)
	}
	if c := got.Citations[0]; c.Article != "returns-policy" || c.Generation != 3 || c.From != 10 || c.To != 10+len(quote) || c.URL != "/help/returns-policy" {
		t.Errorf("citation %+v", c)
	}
}

func TestSay_TwoQuestionsGetAQuoteEachAndPiecesACitationEach(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	hit := func(article string, texts ...string) retrieval.Evidence {
		h := retrieval.Hit{Passage: retrieval.Passage{ArticleID: article, Title: article, Lang: "en", Text: strings.Join(texts, " "), To: 40}}
		for i, s := range texts {
			h.Pieces = append(h.Pieces, retrieval.Piece{From: 20 * i, To: 20*i + len(s), Text: s})
		}
		return retrieval.Evidence{Generation: 3, P: 0.9, Near: 0.9, Lang: "en", Hits: []retrieval.Hit{h}}
	}
	b.finder.set(nil, func(q retrieval.Query) (retrieval.Evidence, error) {
		switch {
		case strings.HasPrefix(q.Text, "can I"):
			return hit("parking", "Parking is free."), nil
		default:
			return hit("pool", "The pool is warm.", "From May on."), nil
		}
	})
	v := b.visitor(t, nil)
	m := v.say(t, "Is the pool heated, and can I park my car there?")
	if m.Outcome != convo.Answer || len(m.Messages) != 2 {
		t.Fatalf("got %+v", m)
	}
	first, second := m.Messages[0], m.Messages[1]
	if first.Text != "The pool is warm.\n\n…\n\nFrom May on." || len(first.Citations) != 2 || first.Citations[1].Quote != "From May on." || first.Citations[1].From != 20 {
		t.Errorf("first %+v", first)
	}
	if second.Text != "Parking is free." || len(second.Citations) != 1 || second.Citations[0].Article != "parking" || second.Citations[0].Generation != 3 {
		t.Errorf("second %+v", second)
	}
}

func TestSay_StreamHasTheSameContentAsJSON(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	s := b.open(t, "POST", v.path("/messages"), messageRequest{ClientMsgID: "a", Text: "How long?"}, append(v.auth(), "Accept", "text/event-stream")...)
	var events []string
	var streamed []json.RawMessage
	for _, f := range s.until(convo.KindDone) {
		events = append(events, f.event)
		if f.event == "message" {
			streamed = append(streamed, json.RawMessage(f.data))
		}
	}
	if _, more := s.next(); more {
		t.Error("the stream goes on after its turn's end")
	}
	got := strings.TrimPrefix(strings.Join(events, " "), "typing ")
	if got != "decision message done" {
		t.Errorf("events %q", got)
	}
	again := v.do(t, "POST", "/messages", messageRequest{ClientMsgID: "a", Text: "How long?"}) // the same turn, as JSON
	var m struct{ Messages []json.RawMessage }
	again.json(t, &m)
	if len(m.Messages) != len(streamed) || string(m.Messages[0]) != string(streamed[0]) {
		t.Errorf("streamed %s\nJSON %s", streamed, m.Messages)
	}
}

func TestSay_HonestNoOffersAPerson(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	for text, ev := range map[string]retrieval.Evidence{
		"a weak passage":      found(.2),
		"nothing at all":      {Generation: 3},
		"unpublished":         {},
		"Ich weiß nicht weit": {Generation: 3, Lang: "de"},
	} {
		b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) { return ev, nil })
		m := v.say(t, text)
		if m.Outcome != convo.None || !m.Messages[0].OfferPerson || len(m.Messages[0].Citations) != 0 {
			t.Errorf("%s: %+v", text, m)
		}
		if ev.Lang == "de" && !strings.Contains(m.Messages[0].Text, "Menschen") {
			t.Errorf("not in the customer's language: %s", m.Messages[0].Text)
		}
	}
}

func TestSay_EmojiOnlyIsAnsweredHonestly(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) {
		return retrieval.Evidence{}, retrieval.ErrQuestion
	})
	if m := b.visitor(t, nil).say(t, "😀😀"); m.Outcome != convo.None {
		t.Errorf("got %+v", m)
	}
}

func TestSay_SmallTalkAndWishesNeedNoSearch(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) {
		return retrieval.Evidence{}, errors.New("searched")
	})
	v := b.visitor(t, nil)
	if m := v.say(t, "hello!"); m.Outcome != convo.Answer || len(m.Messages[0].Citations) != 0 {
		t.Errorf("greeting: %+v", m)
	}
	if m := v.say(t, "vielen Dank"); m.Outcome != convo.Answer || !strings.Contains(m.Messages[0].Text, "Gern") {
		t.Errorf("thanks: %+v", m)
	}
	m := v.say(t, "Ich möchte mit einem Menschen sprechen")
	if m.Outcome != convo.Queued || m.Messages[0].Author != convo.System || !strings.Contains(m.Messages[0].Text, "Vorgangsnummer") {
		t.Errorf("wish: %+v", m)
	}
	if m := v.say(t, "und noch etwas"); m.Outcome != convo.Relayed || len(m.Messages) != 0 {
		t.Errorf("the bot is not silent: %+v", m)
	}
	if q := b.finder.questions(); len(q) != 0 {
		t.Errorf("searched for %q", q)
	}
}

func TestSay_APartThatFailsEndsTheTurnHonestly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(retrieval.Query) (retrieval.Evidence, error)
		code   string
	}{
		"an error": {func(retrieval.Query) (retrieval.Evidence, error) {
			return retrieval.Evidence{}, errors.New("boom secret")
		}, "search_failed"},
		"a panic": {func(retrieval.Query) (retrieval.Evidence, error) { panic("boom secret") }, "search_failed"},
		"a part away": {func(retrieval.Query) (retrieval.Evidence, error) {
			return retrieval.Evidence{}, fault.New(fault.Unavailable, "x", "x")
		}, "part_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, options{})
			b.site(t, "shop", "")
			b.finder.set(nil, c.answer)
			v := b.visitor(t, nil)
			m := v.say(t, "How long?")
			if m.Outcome != convo.Failed || len(m.Messages) != 1 || !m.Messages[0].OfferPerson || m.Messages[0].Author != convo.System {
				t.Errorf("got %+v", m)
			}
			events := v.watch(t, "").until(convo.KindError)
			last := events[len(events)-1]
			if !strings.Contains(last.data, c.code) || strings.Contains(last.data, "secret") {
				t.Errorf("got %s", last.data)
			}
			b.finder.set(nil, nil)
			if m := v.say(t, "How long then?"); m.Outcome != convo.Answer {
				t.Errorf("the conversation does not go on: %+v", m)
			}
		})
	}
}

func TestSay_RepeatsReturnTheSameTurn(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	first := v.sayAs(t, "same", "How long?")
	again := v.sayAs(t, "same", "How long?")
	if first.Turn != again.Turn || first.Messages[0].ID != again.Messages[0].ID {
		t.Errorf("%+v\n%+v", first, again)
	}
	if r := v.do(t, "POST", "/messages", messageRequest{ClientMsgID: "same", Text: "Other words"}); r.status != 409 || r.code() != "client_msg_id_reused" {
		t.Errorf("other words: %d %s", r.status, r.body)
	}
	if n := len(b.finder.questions()); n != 1 {
		t.Errorf("searched %d times", n)
	}
}

func TestSay_TwoAtOnceAreOneTurn(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	hold := make(chan struct{})
	b.finder.set(hold, nil)
	got := make(chan messageResponse, 8)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var m messageResponse
			v.do(t, "POST", "/messages", messageRequest{ClientMsgID: "same", Text: "How long?"}).json(t, &m)
			got <- m
		})
	}
	eventually(t, "all eight are inside", func() bool { return b.engine.Running() == 8 })
	close(hold)
	wg.Wait()
	close(got)
	turns := map[convo.ID]int{}
	for m := range got {
		turns[m.Turn]++
		if m.Outcome != convo.Answer || len(m.Messages) != 1 {
			t.Errorf("got %+v", m)
		}
	}
	if len(turns) != 1 || len(b.finder.questions()) != 1 {
		t.Errorf("turns %v, searches %d", turns, len(b.finder.questions()))
	}
}

func TestSay_ANewMessageMergesTheUnfinishedOne(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	b.finder.set(make(chan struct{}), nil) // the first search never ends by itself
	first := make(chan messageResponse, 1)
	go func() {
		var m messageResponse
		v.do(t, "POST", "/messages", messageRequest{ClientMsgID: "1", Text: "my kettle"}).json(t, &m)
		first <- m
	}()
	eventually(t, "the first search", func() bool { return len(b.finder.questions()) == 1 })
	b.finder.set(nil, nil)
	second := v.sayAs(t, "2", "leaks at the base")
	if m := <-first; m.Outcome != convo.Merged || len(m.Messages) != 0 {
		t.Errorf("the first: %+v", m)
	}
	if second.Outcome != convo.Answer {
		t.Errorf("the second: %+v", second)
	}
	if q := b.finder.questions(); q[len(q)-1] != "my kettle\nleaks at the base" {
		t.Errorf("asked %q", q)
	}
}

func TestSay_BeyondItsBoundSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	b := start(t, options{engine: bot.Config{MaxTurns: 1}})
	b.site(t, "shop", "")
	one, other := b.visitor(t, nil), b.visitor(t, nil)
	hold := make(chan struct{})
	b.finder.set(hold, nil)
	done := make(chan response, 1)
	go func() { done <- one.do(t, "POST", "/messages", messageRequest{ClientMsgID: "1", Text: "How long?"}) }()
	eventually(t, "the one place is taken", func() bool { return b.engine.Running() == 1 })
	r := other.do(t, "POST", "/messages", messageRequest{ClientMsgID: "1", Text: "How long?"})
	if r.status != 503 || r.code() != "busy" || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %s %v", r.status, r.body, r.header)
	}
	close(hold)
	if r := <-done; r.status != 200 {
		t.Errorf("the turn that ran: %d %s", r.status, r.body)
	}
	if m := other.sayAs(t, "1", "How long?"); m.Outcome != convo.Answer {
		t.Errorf("afterwards: %+v", m)
	}
}

func TestSay_ATurnOutlivesItsClient(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	hold := make(chan struct{})
	b.finder.set(hold, nil)
	s := b.open(t, "POST", v.path("/messages"), messageRequest{ClientMsgID: "1", Text: "How long?"}, append(v.auth(), "Accept", "text/event-stream")...)
	eventually(t, "the search", func() bool { return len(b.finder.questions()) == 1 })
	s.close()
	close(hold)
	events := v.watch(t, "").until(convo.KindDone)
	if len(events) != 4 {
		t.Errorf("got %v", events)
	}
}

func TestSay_ATurnHasABudget(t *testing.T) {
	t.Parallel()
	b := start(t, options{engine: bot.Config{Budget: 50 * time.Millisecond}})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	b.finder.set(make(chan struct{}), nil)
	m := v.say(t, "How long?")
	if m.Outcome != convo.Failed || !m.Messages[0].OfferPerson {
		t.Errorf("got %+v", m)
	}
	events := v.watch(t, "").until(convo.KindError)
	if last := events[len(events)-1]; !strings.Contains(last.data, "turn_timeout") {
		t.Errorf("got %s", last.data)
	}
}

func TestSay_CardNumbersAreMaskedBeforeAnythingSeesThem(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	v.say(t, "I paid with 4111 1111 1111 1111 for order 20261122-000017")
	want := "I paid with •••• 1111 for order 20261122-000017"
	if q := b.finder.questions(); q[0] != want {
		t.Errorf("asked %q", q[0])
	}
	var all string
	err := b.pool.QueryRow(t.Context(), `SELECT string_agg(body::text, ' ') || coalesce((SELECT string_agg(input, ' ') FROM open_turns), '') FROM events`).Scan(&all)
	if err != nil || strings.Contains(all, "4111") || !strings.Contains(all, "•••• 1111") {
		t.Errorf("%v: stored %s", err, all)
	}
	if strings.Contains(b.log.String(), "4111") || strings.Contains(b.log.String(), "I paid") {
		t.Error("a customer's words are in the log")
	}
}

func TestSay_WhatIsInNoLanguageIsAnsweredInThePages(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", `{"language":"fr"}`)
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) {
		return retrieval.Evidence{Generation: 3, Lang: "de"}, nil // what the letters of tags look like
	})
	v := b.visitor(t, `{"language":"en"}`)
	for _, text := range []string{"😀 🎉 👍 🙏 ❤️", `<script>alert("xss")</script> <img src=x onerror=alert(1)> <b>😀</b> <i>🎉</i>`} {
		m := v.say(t, text)
		if len(m.Messages) != 1 || m.Messages[0].Lang != "en" {
			t.Errorf("%s: %+v", text, m)
		}
	}
	if m := v.say(t, "Wo bleibt denn meine Bestellung von letzter Woche"); len(m.Messages) != 1 || m.Messages[0].Lang != "de" {
		t.Errorf("words: %+v", m)
	}
	if m := v.say(t, "<b>👍</b> <i>👍</i> <u>👍</u> <s>👍</s>"); len(m.Messages) != 1 || m.Messages[0].Lang != "de" {
		t.Errorf("after them: %+v", m)
	}
}
