package chatapi

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

// article is one of a published generation, with its sections.
type article struct {
	id, title, superseded string
	audience              int
	sections              []string
}

// publish makes a generation of these articles what readers see.
func (b *bench) publish(tb testing.TB, site int32, generation int, list ...article) {
	tb.Helper()
	exec := func(sql string, args ...any) {
		tb.Helper()
		if _, err := b.pool.Exec(context.Background(), sql, args...); err != nil {
			tb.Fatal(err)
		}
	}
	exec(`INSERT INTO generations (site_id, generation, state, source_hash) VALUES ($1, $2, 'published', '')`, site, generation)
	chunk := 0
	for n, a := range list {
		exec(`INSERT INTO articles (site_id, generation, article, article_id, title, audience, superseded_by, body, content_hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')`, site, generation, n+1, a.id, a.title, a.audience, a.superseded, strings.Join(a.sections, "\n\n"))
		from := 0
		for _, s := range a.sections {
			chunk++
			exec(`INSERT INTO chunks (site_id, generation, chunk, article, kind, section, span_from, span_to, body, words, embed_hash)
				VALUES ($1, $2, $3, $4, 0, $3, $5, $6, $7, 1, '')`, site, generation, chunk, n+1, from, from+len(s), s)
			from += len(s) + 2
		}
	}
	exec(`UPDATE sites SET published = $2 WHERE site_id = $1`, site, generation)
}

const (
	fountain = "A fountain goes back within 30 days. The label costs 4."
	feeder   = "A feeder goes back within 60 days.\n\n- Put the lid on.\n- The box costs nothing."
	care     = "Wash it by hand."
)

func twoArticles() []article {
	return []article{
		{id: "fountain", title: "Returning a fountain", sections: []string{care, fountain}},
		{id: "feeder", title: "Returning a feeder", sections: []string{feeder}},
	}
}

// offers is what a search finds that is sure of nothing.
func offers(p float64, generation int) retrieval.Evidence {
	return retrieval.Evidence{Generation: generation, P: p, Lang: "en", Hits: []retrieval.Hit{
		{Passage: retrieval.Passage{ArticleID: "fountain", Title: "Returning a fountain", Desk: "service", From: len(care) + 2, To: len(care) + 2 + len(fountain), Text: fountain, Chunk: 2}, Score: 5},
		{Passage: retrieval.Passage{ArticleID: "feeder", Title: "Returning a feeder", To: len(feeder), Text: feeder, Chunk: 3}, Score: 4.5},
		{Passage: retrieval.Passage{ArticleID: "old", Title: "Returns until 2024", Superseded: "fountain", Text: "Long ago.", Chunk: 4}, Score: 4.4},
		{Passage: retrieval.Passage{ArticleID: "far", Title: "Something else", Text: "Far away.", Chunk: 5}, Score: 1},
	}}
}

// asked begins a conversation in which two articles were offered.
func asked(t *testing.T, b *bench) (*visitor, convo.Message) {
	t.Helper()
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) { return offers(.4, 1), nil })
	v := b.visitor(t, nil)
	m := v.say(t, "how many days do I have and what does it cost")
	if m.Outcome != convo.Clarify || len(m.Messages) != 1 || len(m.Messages[0].Choices) != 2 {
		t.Fatalf("got %+v", m)
	}
	return v, m.Messages[0]
}

func (v *visitor) press(t *testing.T, id, text string, message convo.ID, articleID string) response {
	t.Helper()
	return v.do(t, "POST", "/messages", messageRequest{ClientMsgID: id, Text: text, Choice: &convo.Chosen{Message: message, Article: articleID}})
}

func TestClarify_OffersEachWithTheLineThatAnswersBest(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
	_, m := asked(t, b)
	if m.Text != "Which of these do you mean?" || m.OfferPerson || len(m.Citations) != 0 {
		t.Errorf("said %+v", m)
	}
	body := care + "\n\n" + fountain
	for i, want := range []convo.Choice{
		{Article: "fountain", Title: "Returning a fountain", Quote: "The label costs 4."},
		{Article: "feeder", Title: "Returning a feeder", Quote: "A feeder goes back within 60 days."},
	} {
		c := m.Choices[i]
		if c.Article != want.Article || c.Title != want.Title || c.Generation != 1 {
			t.Errorf("choice %d: %+v", i, c)
		}
		if i == 0 && body[c.From:c.To] != c.Quote || c.Quote == "" {
			t.Errorf("choice %d is no span of the article: %+v", i, c)
		}
	}
}

func TestClarify_IsAnsweredByPressNumberAndWords(t *testing.T) {
	t.Parallel()
	for say, want := range map[string]string{
		"2":                            feeder,
		"the second":                   feeder,
		"Yes, the second one please!":  feeder,
		"die zweite bitte":             feeder,
		"le deuxième":                  feeder,
		"la segunda, por favor":        feeder,
		"第二个":                          feeder,
		"二番目です":                        feeder,
		"the last one":                 feeder,
		"1.":                           fountain,
		"the fountain":                 fountain,
		"I mean the one for a feeder.": feeder,
	} {
		t.Run(say, func(t *testing.T) {
			t.Parallel()
			b := start(t, options{})
			b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
			v, _ := asked(t, b)
			n := len(b.finder.questions())
			m := v.say(t, say)
			if m.Outcome != convo.Answer || m.Messages[0].Text != want || m.Messages[0].Citations[0].Quote != want {
				t.Errorf("got %+v", m)
			}
			if len(b.finder.questions()) != n {
				t.Error("it was searched for once more")
			}
		})
	}
}

func TestClarify_APressIsATurnOfItsOwn(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
	v, m := asked(t, b)
	var first, again, later messageResponse
	v.press(t, "p", "Returning a feeder", m.ID, "feeder").json(t, &first)
	if first.Outcome != convo.Answer || first.Messages[0].Citations[0].Article != "feeder" || first.Messages[0].Citations[0].Generation != 1 {
		t.Fatalf("got %+v", first)
	}
	v.press(t, "p", "Returning a feeder", m.ID, "feeder").json(t, &again)
	if again.Turn != first.Turn || again.Messages[0].ID != first.Messages[0].ID {
		t.Errorf("pressed twice: %+v", again)
	}
	if r := v.press(t, "p", "Returning a feeder", m.ID, "fountain"); r.status != 409 || r.code() != "client_msg_id_reused" {
		t.Errorf("another choice under the same id: %d %s", r.status, r.body)
	}
	v.press(t, "q", "Returning a fountain", m.ID, "fountain").json(t, &later)
	if later.Outcome != convo.Answer || later.Messages[0].Text != fountain {
		t.Errorf("another press, later: %+v", later)
	}
	r := v.do(t, "GET", "", nil) // the customer's own message says what it pressed
	if !strings.Contains(string(r.body), `"choice":{"message":"`+m.ID.String()+`","article":"feeder"}`) {
		t.Errorf("the conversation reads %s", r.body)
	}
	if got := v.say(t, "and the first?"); got.Outcome != convo.Answer || got.Messages[0].Text != fountain {
		t.Errorf("the other one, by number, after a choice: %+v", got)
	}
}

func TestClarify_WhatWasNeverOfferedCannotBePressed(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
	v, m := asked(t, b)
	other, _ := asked(t, b)
	own := v.say(t, "hello").Messages[0]
	for name, r := range map[string]response{
		"another article":             v.press(t, "1", "x", m.ID, "old"),
		"no such message":             v.press(t, "2", "x", uuid.New(), "feeder"),
		"a message without choices":   v.press(t, "3", "x", own.ID, "feeder"),
		"somebody else's":             other.press(t, "4", "x", m.ID, "feeder"),
		"an article by a quoted name": v.press(t, "5", "x", m.ID, "' OR 1=1 --"),
	} {
		if r.status != 404 || r.code() != "no_such_choice" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	for _, body := range []string{`{"client_msg_id":"a","text":"x","choice":{"message":"no","article":"a"}}`, `{"client_msg_id":"a","text":"x","choice":[]}`, `{"client_msg_id":"a","text":"x","choice":{"n":1}}`} {
		if r := v.do(t, "POST", "/messages", body); r.status != 400 {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
}

func TestClarify_ANumberThatIsNotThereRepeatsTheChoices(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
	v, first := asked(t, b)
	for _, say := range []string{"7", "number 3", "the fifth one", "0"} {
		m := v.say(t, say)
		if m.Outcome != convo.Clarify || len(m.Messages[0].Choices) != 2 || m.Messages[0].Choices[0] != first.Choices[0] || !strings.HasPrefix(m.Messages[0].Text, "There is no such number") {
			t.Errorf("%s: %+v", say, m)
		}
	}
	if m := v.say(t, "yes"); m.Outcome != convo.Clarify {
		t.Errorf("yes, to two: %+v", m)
	}
	if m := v.say(t, "2"); m.Outcome != convo.Answer {
		t.Errorf("a number after that: %+v", m)
	}
}

func TestClarify_NeitherOffersAPerson(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
	for _, say := range []string{"none of these", "No.", "keins davon", "aucun", "都不是"} {
		v, _ := asked(t, b)
		if m := v.say(t, say); m.Outcome != convo.None || !m.Messages[0].OfferPerson {
			t.Errorf("%s: %+v", say, m)
		}
	}
}

func TestClarify_WhatWasTakenDownIsNotQuoted(t *testing.T) {
	t.Parallel()
	for name, now := range map[string][]article{
		"gone":               {{id: "feeder", title: "Returning a feeder", sections: []string{feeder}}},
		"for agents only":    {{id: "fountain", title: "Returning a fountain", audience: 1, sections: []string{fountain}}},
		"replaced":           {{id: "fountain", title: "Returning a fountain", superseded: "new", sections: []string{fountain}}},
		"nothing at all now": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, options{})
			site := b.site(t, "shop", "")
			b.publish(t, site, 1, twoArticles()...)
			v, m := asked(t, b)
			b.publish(t, site, 2, now...)
			var got messageResponse
			v.press(t, "p", "Returning a fountain", m.ID, "fountain").json(t, &got)
			if got.Outcome != convo.None || !got.Messages[0].OfferPerson || len(got.Messages[0].Citations) != 0 || strings.Contains(got.Messages[0].Text, "30 days") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestClarify_AChangedArticleIsQuotedAsItIsNow(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	site := b.site(t, "shop", "")
	b.publish(t, site, 1, twoArticles()...)
	v, m := asked(t, b)
	now := "A fountain goes back within 14 days. The label costs 4."
	b.publish(t, site, 2, article{id: "fountain", title: "Returning a fountain", sections: []string{"Something new about hands.", care, now}})
	var got messageResponse
	v.press(t, "p", "Returning a fountain", m.ID, "fountain").json(t, &got)
	if got.Outcome != convo.Answer || got.Messages[0].Text != now || got.Messages[0].Citations[0].Generation != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestClarify_AQuestionBetweenIsAQuestion(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
	v, _ := asked(t, b)
	n := len(b.finder.questions())
	if m := v.say(t, "Where do you deliver the kettles on Saturdays?"); m.Outcome != convo.Clarify {
		t.Errorf("got %+v", m)
	}
	if q := b.finder.questions(); len(q) != n+1 || q[n] != "Where do you deliver the kettles on Saturdays?" {
		t.Errorf("asked %q", q[n:])
	}
	v.say(t, "with express?") // a few words more about the same
	if q := b.finder.questions(); q[len(q)-1] != "Where do you deliver the kettles on Saturdays?\nwith express?" {
		t.Errorf("asked %q", q[len(q)-1])
	}
}

func TestClarify_WordsWrittenJustBeforeAPressAreAnsweredToo(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.publish(t, b.site(t, "shop", ""), 1, twoArticles()...)
	v, m := asked(t, b)
	n := len(b.finder.questions())
	b.finder.set(make(chan struct{}), nil)
	merged := make(chan messageResponse, 1)
	go func() {
		var m messageResponse
		v.do(t, "POST", "/messages", messageRequest{ClientMsgID: "w", Text: "my kettle leaks at the base"}).json(t, &m)
		merged <- m
	}()
	eventually(t, "the search", func() bool { return len(b.finder.questions()) == n+1 })
	b.finder.set(nil, nil)
	v.press(t, "p", "Returning a feeder", m.ID, "feeder")
	if got := <-merged; got.Outcome != convo.Merged {
		t.Errorf("the first: %+v", got)
	}
	if q := b.finder.questions(); q[len(q)-1] != "my kettle leaks at the base\nReturning a feeder" {
		t.Errorf("asked %q", q[len(q)-1])
	}
}
