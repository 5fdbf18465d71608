package pgconvo

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

// offer ends a turn with choices and returns the message that has them.
func offer(t *testing.T, s *Store, key convo.Key, rec bot.Recorded) convo.Message {
	t.Helper()
	now := time.Now().UTC()
	m := convo.Message{
		ID: bot.NewID(), Turn: &rec.Turn, Author: convo.Bot, Text: "Which?", At: now,
		Choices: []convo.Choice{{Article: "a", Title: "A", Quote: "line", Generation: 1, From: 2, To: 6}},
	}
	_, err := s.Finish(t.Context(), bot.End{
		Key: key, Turn: rec.Turn, Fence: rec.Fence, Outcome: convo.Clarify, Trace: json.RawMessage(`{}`), Started: now, At: now,
		Events: []convo.Draft{
			{Kind: convo.KindMessage, Turn: rec.Turn, Body: m},
			{Kind: convo.KindDone, Turn: rec.Turn, Body: convo.Done{Turn: rec.Turn, Outcome: convo.Clarify}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestChoices_OnlyOfTheVisitorsOwnConversation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site := newSite(t, s, "shop")
	key, visitor := newConversation(t, s, site)
	rec, err := s.Record(t.Context(), record(key, visitor, "1", "which one"))
	if err != nil {
		t.Fatal(err)
	}
	m := offer(t, s, key, rec)
	got, err := s.Choices(t.Context(), key, visitor, m.ID)
	if err != nil || !slices.Equal(got, m.Choices) {
		t.Fatalf("got %+v, %v", got, err)
	}
	other, stranger := newConversation(t, s, site)
	own := rec.Events[0]
	var said convo.Message
	if err := json.Unmarshal(own.Body, &said); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key     convo.Key
		visitor convo.ID
		message convo.ID
	}{
		"another visitor":        {key, stranger, m.ID},
		"another conversation":   {other, stranger, m.ID},
		"another site":           {convo.Key{Site: site + 1, ID: key.ID}, visitor, m.ID},
		"no such message":        {key, visitor, bot.NewID()},
		"a customer's message":   {key, visitor, said.ID},
		"no conversation at all": {convo.Key{Site: site, ID: bot.NewID()}, visitor, m.ID},
	} {
		if _, err := s.Choices(t.Context(), c.key, c.visitor, c.message); !errors.Is(err, bot.ErrNoChoice) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRecord_BringsWhatWasSaidBefore(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site := newSite(t, s, "shop")
	key, visitor := newConversation(t, s, site)
	other, stranger := newConversation(t, s, site)
	if _, err := s.Record(t.Context(), record(other, stranger, "1", "somebody else's words")); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		rec, err := s.Record(t.Context(), record(key, visitor, fmt.Sprint(i), fmt.Sprint("say ", i)))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for n := i - 1; n >= 0 && len(want) < bot.PastMessages; n-- {
			want = append(want, fmt.Sprint("reply ", n), fmt.Sprint("say ", n))
		}
		if got := textsOf(rec.Past); !slices.Equal(got, want) {
			t.Errorf("before message %d stands %q, want %q", i, got, want)
		}
		if _, err := s.Finish(t.Context(), done(key, rec, fmt.Sprint("reply ", i))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRecord_BringsWhatWasSaidBeforeAlsoWhereItMerges(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	key, visitor := newConversation(t, s, newSite(t, s, "shop"))
	rec, err := s.Record(t.Context(), record(key, visitor, "1", "first"))
	if err != nil || rec.Past != nil {
		t.Fatalf("%+v, %v", rec, err)
	}
	offer(t, s, key, rec)
	if _, err := s.Record(t.Context(), record(key, visitor, "2", "second")); err != nil {
		t.Fatal(err)
	}
	merged, err := s.Record(t.Context(), record(key, visitor, "3", "third"))
	if err != nil || merged.Input != "second\nthird" {
		t.Fatalf("%+v, %v", merged, err)
	}
	if got := textsOf(merged.Past); !slices.Equal(got, []string{"second", "Which?", "first"}) || len(merged.Past[1].Choices) != 1 {
		t.Errorf("got %q", got)
	}
}

func TestRecord_AnotherChoiceIsNoRepeat(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	key, visitor := newConversation(t, s, newSite(t, s, "shop"))
	rec, err := s.Record(t.Context(), record(key, visitor, "1", "which"))
	if err != nil {
		t.Fatal(err)
	}
	m := offer(t, s, key, rec)
	press := func(article string) bot.Record {
		r := record(key, visitor, "2", "Same title")
		if article != "" {
			r.Message.Choice = &convo.Chosen{Message: m.ID, Article: article}
		}
		return r
	}
	if _, err := s.Record(t.Context(), press("a")); err != nil {
		t.Fatal(err)
	}
	if rec, err := s.Record(t.Context(), press("a")); err != nil || !rec.Repeat {
		t.Errorf("the same: %+v, %v", rec, err)
	}
	for _, other := range []string{"b", ""} {
		if _, err := s.Record(t.Context(), press(other)); !errors.Is(err, bot.ErrReused) {
			t.Errorf("choice %q: %v", other, err)
		}
	}
}

func textsOf(list []convo.Message) []string {
	var out []string
	for _, m := range list {
		out = append(out, m.Text)
	}
	return out
}

func TestSections_OnlyOfWhatThePublicReadsNow(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site, other := newSite(t, s, "shop"), newSite(t, s, "other")
	for _, sql := range []string{
		`INSERT INTO generations (site_id, generation, state, source_hash) VALUES ($1, 1, 'retired', ''), ($1, 2, 'published', '')`,
		`INSERT INTO articles (site_id, generation, article, article_id, title, audience, body, content_hash) VALUES
			($1, 1, 1, 'gone', 'Gone', 0, 'x', ''), ($1, 1, 2, 'a', 'A then', 0, 'x', ''),
			($1, 2, 1, 'a', 'A', 0, 'one two', ''), ($1, 2, 2, 'secret', 'S', 1, 'x', '')`,
		`INSERT INTO chunks (site_id, generation, chunk, article, kind, section, heading, span_from, span_to, body, words, embed_hash) VALUES
			($1, 1, 1, 1, 0, 1, '{}', 0, 1, 'x', 1, ''), ($1, 2, 1, 1, 0, 1, '{H}', 0, 3, 'one', 1, ''), ($1, 2, 2, 1, 0, 2, '{}', 4, 7, 'two', 1, ''),
			($1, 2, 3, 1, 1, 1, '{}', 0, 0, 'a way to ask', 1, ''), ($1, 2, 4, 2, 0, 4, '{}', 0, 1, 'x', 1, '')`,
		`UPDATE sites SET published = 2 WHERE site_id = $1`,
	} {
		if _, err := s.pool.Exec(t.Context(), sql, site); err != nil {
			t.Fatal(err)
		}
	}
	generation, got, err := s.Sections(t.Context(), site, "a")
	if err != nil || generation != 2 || len(got) != 2 || got[0].Text != "one" || got[1].From != 4 || got[0].Title != "A" || got[0].Heading[0] != "H" {
		t.Errorf("got %d %+v, %v", generation, got, err)
	}
	for article, site := range map[string]int32{"gone": site, "secret": site, "none": site, "a": other} {
		if _, got, err := s.Sections(t.Context(), site, article); err != nil || len(got) > 0 {
			t.Errorf("%s of site %d: %+v, %v", article, site, got, err)
		}
	}
}
