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
	end.Trace = json.RawMessage(fmt.Sprintf(`{"band":%q,"p":%g}`, band, p))
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

func TestRatings_AreOfSureQuotesOfTheSiteOnceAConversation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	site, other := newSite(t, s, "shop"), newSite(t, s, "other")
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
