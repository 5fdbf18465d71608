package pgconvo

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/retrieval"
)

// rate records a turn that ended in a band with a probability, and what the
// customer said of it.
func rate(t *testing.T, s *Store, key convo.Key, visitor convo.ID, n int, band string, p float64, helpful bool) (quoted bool) {
	t.Helper()
	rec, err := s.Record(t.Context(), record(key, visitor, fmt.Sprint("c", n), "how long do refunds take?"))
	if err != nil {
		t.Fatal(err)
	}
	end := done(key, rec, "Ten days.")
	end.Trace = json.RawMessage(fmt.Sprintf(`{"band":%q,"p":%g,"generation":1,"models":["m"],"passages":[{"article":"refunds"}]}`, band, p))
	if _, err := s.Finish(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	quoted, err = s.PutFeedback(t.Context(), bot.Feedback{
		Key: key, Visitor: visitor, Message: end.Events[0].Body.(convo.Message).ID, Helpful: helpful, At: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return quoted
}

// knows publishes a generation of a site with one article, found by one model.
func knows(t *testing.T, s *Store, site int32, generation int, text, model string) {
	t.Helper()
	for _, sql := range []string{
		fmt.Sprintf(`INSERT INTO generations (site_id, generation, state, source_hash, stats) VALUES (%d, %d, 'published', '', '{"models": [%q]}')`, site, generation, model),
		fmt.Sprintf(`INSERT INTO articles (site_id, generation, article, article_id, title, body, content_hash) VALUES (%d, %d, 1, 'refunds', 'Refunds', '%s', sha256('%[3]s'))`, site, generation, text),
		fmt.Sprintf(`UPDATE sites SET published = %d WHERE site_id = %d`, generation, site),
	} {
		if _, err := s.pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v in %s", err, sql)
		}
	}
}

// What customers said of an article that reads otherwise now, or of what another
// model found, moves nothing any more; when the old text is back, so are they.
func TestRatings_AreOfWhatTheSiteStillKnows(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site := newSite(t, s, "shop")
	knows(t, s, site, 1, "ten days", "m")
	key, visitor := newConversation(t, s, site)
	if !rate(t, s, key, visitor, 1, "sure", 0.75, false) {
		t.Fatal("a sure quote is not known as one")
	}
	for _, step := range []struct {
		name, text, model string
		want              int
	}{
		{"another article changed", "ten days", "m", 1},
		{"this one changed", "twelve days", "m", 0},
		{"the old text is back", "ten days", "m", 1},
		{"another model", "ten days", "n", 0},
	} {
		var generation int
		if err := s.pool.QueryRow(t.Context(), `SELECT published + 1 FROM sites WHERE site_id = $1`, site).Scan(&generation); err != nil {
			t.Fatal(err)
		}
		knows(t, s, site, generation, step.text, step.model)
		if err := bot.Relearn(t.Context(), s, retrieval.SiteID(site)); err != nil {
			t.Fatal(err)
		}
		sites, err := s.Sites(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range sites {
			if got.ID == retrieval.SiteID(site) && (got.Learned.Ratings != step.want || (got.Learned.Shift != 0) != (step.want > 0)) {
				t.Errorf("%s: learned %+v, want %d ratings", step.name, got.Learned, step.want)
			}
		}
	}
}

func TestRatings_AreOfSureQuotesOfTheSiteOnceAConversation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site, other := newSite(t, s, "shop"), newSite(t, s, "other")
	knows(t, s, site, 1, "ten days", "m")
	knows(t, s, other, 1, "ten days", "m")
	one, visitor := newConversation(t, s, site)
	two, second := newConversation(t, s, site)
	far, stranger := newConversation(t, s, other)
	if !rate(t, s, one, visitor, 1, "sure", 0.75, true) || !rate(t, s, one, visitor, 2, "sure", 0.5, false) || !rate(t, s, two, second, 1, "sure", 0.25, true) {
		t.Error("a sure quote is not known as one")
	}
	if rate(t, s, one, visitor, 3, "maybe", 0.3, false) || rate(t, s, two, second, 2, "", 0, false) {
		t.Error("choices and small talk count as quotes")
	}
	rate(t, s, far, stranger, 1, "sure", 0.9, false)
	list, err := s.Ratings(t.Context(), retrieval.SiteID(one.Site))
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, want := range []bot.Rating{{P: 0.5, Helpful: false}, {P: 0.25, Helpful: true}} {
		if list[0] != want && list[1] != want {
			t.Errorf("%v lacks %v", list, want)
		}
	}
}
