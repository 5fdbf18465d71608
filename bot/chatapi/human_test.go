package chatapi

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

func TestHuman_NeedsNoSearchAndSilencesTheBot(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", `{"queue":"front","language":"fr"}`)
	b.finder.set(nil, func(retrieval.Query) (retrieval.Evidence, error) {
		return retrieval.Evidence{}, errors.New("searched")
	})
	v := b.visitor(t, nil)
	r := v.do(t, "POST", "/human", `{"reason":"angry","text":"It leaks! Card 4111111111111111","contact":"ada@example.org"}`)
	var c humanResponse
	r.json(t, &c)
	if r.status != 200 || c.Queue != "front" || c.Position != 1 || c.Reference == "" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if m := v.say(t, "are you there?"); m.Outcome != convo.Relayed || len(m.Messages) != 0 {
		t.Errorf("the bot spoke: %+v", m)
	}
	events := v.watch(t, "").until(convo.KindDone)
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.event)
	}
	if fmt.Sprint(kinds) != "[message owner message message done]" {
		t.Errorf("events %v", kinds)
	}
	if !strings.Contains(events[2].data, c.Reference) || !strings.Contains(events[2].data, "référence") {
		t.Errorf("not the server's own words in the site's language: %s", events[2].data)
	}
	var note, contact, reason string
	err := b.pool.QueryRow(t.Context(), `SELECT note, contact, reason FROM cases`).Scan(&note, &contact, &reason)
	if err != nil || note != "It leaks! Card •••• 1111" || contact != "ada@example.org" || reason != "angry" {
		t.Errorf("%v: %q %q %q", err, note, contact, reason)
	}
	var view conversationView
	v.do(t, "GET", "", nil).json(t, &view)
	if view.Owner != convo.OwnerQueue || view.Queue != "front" {
		t.Errorf("got %+v", view)
	}
}

func TestHuman_PressedAgainIsTheSameCase(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	cases := make(chan humanResponse, 8)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var c humanResponse
			v.do(t, "POST", "/human", nil).json(t, &c)
			cases <- c
		})
	}
	wg.Wait()
	close(cases)
	seen := map[humanResponse]int{}
	for c := range cases {
		seen[c]++
	}
	if len(seen) != 1 {
		t.Errorf("cases %v", seen)
	}
	var n int
	if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE kind = 'owner'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%v: %d changes of owner", err, n)
	}
	other := b.visitor(t, nil)
	var c humanResponse
	other.do(t, "POST", "/human", "{}").json(t, &c)
	if c.Position != 2 {
		t.Errorf("the next stands at %d", c.Position)
	}
}

func TestHuman_DuringATurnDropsTheReply(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	hold := make(chan struct{})
	b.finder.set(hold, nil)
	said := make(chan messageResponse, 1)
	go func() { said <- v.say(t, "How long?") }()
	eventually(t, "the search", func() bool { return len(b.finder.questions()) == 1 })
	v.do(t, "POST", "/human", nil)
	close(hold)
	if m := <-said; m.Outcome != convo.Queued || len(m.Messages) != 0 {
		t.Errorf("got %+v", m)
	}
	var n int
	if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE body ->> 'author' = 'bot'`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%v: the bot spoke %d times after a person took over", err, n)
	}
}

func TestFeedback_OnAQuoteMovesTheSitesThreshold(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	for _, sql := range []string{ // what the quote stands on
		`INSERT INTO generations (site_id, generation, state, source_hash, stats) SELECT site_id, 3, 'published', '', '{"models": ["test/3"]}' FROM sites`,
		`INSERT INTO articles (site_id, generation, article, article_id, title, body, content_hash) SELECT site_id, 3, 1, 'returns-policy', 'Returns', '', '' FROM sites`,
		`UPDATE sites SET published = 3`,
	} {
		if _, err := b.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	v := b.visitor(t, nil)
	m := v.say(t, "How long?")
	learned := func(helpful bool) (shift float64, ratings int) {
		t.Helper()
		if r := v.do(t, "POST", "/feedback", fmt.Sprintf(`{"message":%q,"helpful":%v}`, m.Messages[0].ID, helpful)); r.status != 204 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if err := b.pool.QueryRow(t.Context(), `SELECT learned_shift, learned_ratings FROM sites`).Scan(&shift, &ratings); err != nil {
			t.Fatal(err)
		}
		return shift, ratings
	}
	if shift, n := learned(false); !(shift < 0) || n != 1 {
		t.Errorf("after a no: moved by %g from %d ratings", shift, n)
	}
	if shift, n := learned(true); shift != 0 || n != 1 { // the last word counts, and one yes promises nothing
		t.Errorf("after a yes: moved by %g from %d ratings", shift, n)
	}
}

func TestFeedback_TheLastWordCounts(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	m := v.say(t, "How long?")
	for _, body := range []string{
		fmt.Sprintf(`{"message":%q,"helpful":false,"comment":"no"}`, m.Messages[0].ID),
		fmt.Sprintf(`{"message":%q,"helpful":true}`, m.Messages[0].ID),
	} {
		if r := v.do(t, "POST", "/feedback", body); r.status != 204 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	var helpful bool
	var comment string
	if err := b.pool.QueryRow(t.Context(), `SELECT helpful, comment FROM feedback`).Scan(&helpful, &comment); err != nil || !helpful || comment != "" {
		t.Errorf("%v: %v %q", err, helpful, comment)
	}
	var view struct{ Messages []convo.Message }
	v.do(t, "GET", "", nil).json(t, &view)
	if r := v.do(t, "POST", "/feedback", fmt.Sprintf(`{"message":%q,"helpful":true}`, view.Messages[0].ID)); r.status != 404 || r.code() != "no_such_message" {
		t.Errorf("on the customer's own message: %d %s", r.status, r.body)
	}
}

func TestConversation_PagesReachEveryMessageOnce(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, map[string]any{"page": map[string]string{"url": "https://shop.example/kettle"}, "language": "en-GB"})
	for range 5 {
		v.say(t, "How long?")
	}
	var ids []convo.ID
	path := "?limit=3"
	for path != "" {
		var view struct {
			Messages  []convo.Message
			Earlier   string
			LastEvent int64 `json:"last_event"`
		}
		r := v.do(t, "GET", path, nil)
		r.json(t, &view)
		if view.LastEvent != 20 {
			t.Errorf("last event %d", view.LastEvent)
		}
		page := make([]convo.ID, 0, 3)
		for _, m := range view.Messages {
			page = append(page, m.ID)
		}
		ids = append(page, ids...)
		if path = ""; view.Earlier != "" {
			path = "?limit=3&before=" + view.Earlier
		}
	}
	seen := map[convo.ID]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	if len(ids) != 10 || len(seen) != 10 {
		t.Errorf("%d messages, %d of them different", len(ids), len(seen))
	}
}
