package handoff

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func f(x float64) *float64 { return &x }

func TestRoute_Fits(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	no, yes := false, true
	closed := func(string) bool { return false }
	m := Matter{Triage: Triage{Desk: "support", Topic: "Faults", Product: "kettle", Language: "de-AT", Mood: -.5, Urgency: .5}, Reason: Angry, Group: "gold", Triaged: true, At: noon}
	unseen := Matter{Reason: Asked, At: noon}
	for name, x := range map[string]struct {
		r    Route
		m    Matter
		want bool
	}{
		"always":                     {Route{}, m, true},
		"one of several":             {Route{Desk: []string{"service", "support"}}, m, true},
		"another desk":               {Route{Desk: []string{"service"}}, m, false},
		"case does not matter":       {Route{Topic: []string{"faults"}}, m, true},
		"the language's first part":  {Route{Language: []string{"de"}}, m, true},
		"all conditions":             {Route{Desk: []string{"support"}, Group: []string{"silver"}}, m, false},
		"the customer's group":       {Route{Group: []string{"gold"}}, m, true},
		"the reason":                 {Route{Reason: []string{"angry"}}, m, true},
		"mood":                       {Route{MoodBelow: f(-.4)}, m, true},
		"better mood":                {Route{MoodBelow: f(-.6)}, m, false},
		"urgency":                    {Route{UrgencyAbove: f(.4)}, m, true},
		"less urgent":                {Route{UrgencyAbove: f(.5)}, m, false},
		"nothing known has no mood":  {Route{MoodBelow: f(1)}, unseen, false},
		"nothing known has no desk":  {Route{Desk: []string{"support"}}, unseen, false},
		"only what is unseen":        {Route{Triaged: &no}, unseen, true},
		"only what was seen":         {Route{Triaged: &yes}, unseen, false},
		"hours open":                 {Route{Hours: "open"}, m, true},
		"hours closed":               {Route{Hours: "closed"}, m, false},
		"hours closed, and they are": {Route{Hours: "closed"}, Matter{At: noon, Open: closed}, true},
		"a span":                     {Route{Hours: "09:00-17:00"}, m, true},
		"over midnight":              {Route{Hours: "22:00-06:00"}, m, false},
		"over midnight, at night":    {Route{Hours: "22:00-06:00"}, Matter{At: noon.Add(11 * time.Hour)}, true},
		"no span":                    {Route{Hours: "late"}, m, false},
	} {
		if got := x.r.Fits(x.m); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestDefaults_LeadSomewhereSane(t *testing.T) {
	t.Parallel()
	s, err := Defaults()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range s.Queues {
		if up, ok := s.Above(q); ok && up.Tier <= q.Tier {
			t.Errorf("from %s up to %s", q.Queue, up.Queue)
		} else if !ok && q.Tier != topTier {
			t.Errorf("nothing is above %s", q.Queue)
		}
	}
	for _, broken := range []func(*Setup){
		func(s *Setup) { s.Rules.DefaultQueue = "gone" },
		func(s *Setup) { s.Rules.Zone = "Mars/Olympus" },
		func(s *Setup) { s.Rules.Zone = "Local" },
		func(s *Setup) { s.Queues[0].Overflow = []string{"gone"} },
		func(s *Setup) { s.Routes = append(s.Routes, Route{Queue: "gone"}) },
		func(s *Setup) { s.Routes[0].Hours = "25:00-26:00" },
		func(s *Setup) { s.Routes[0].Reason = []string{"because"} },
	} {
		s, _ := Defaults()
		broken(&s)
		if s.Check() == nil {
			t.Errorf("taken: %+v", s)
		}
	}
}

// Whatever the table and whatever the matter, it waits in a queue that is there
// and takes something.
func TestSetup_EveryMatterGoesSomewhere(t *testing.T) {
	t.Parallel()
	words := rapid.SampledFrom([]string{"", "service", "support", "both", "none", "kettle", "de", "faults"})
	rapid.Check(t, func(t *rapid.T) {
		s, err := Defaults()
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.Queues {
			if s.Queues[i].Queue != s.Rules.DefaultQueue {
				s.Queues[i].Closed = rapid.Bool().Draw(t, "closed")
			}
		}
		s.Routes = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Route {
			r := Route{Queue: rapid.SampledFrom(s.Queues).Draw(t, "queue").Queue}
			if w := words.Draw(t, "desk"); w != "" {
				r.Desk = []string{w}
			}
			return r
		}), 0, 5).Draw(t, "routes")
		m := Matter{Triage: Triage{Desk: words.Draw(t, "is")}, Triaged: rapid.Bool().Draw(t, "triaged"), At: time.Now()}
		q, _, line := s.Route(m, words.Draw(t, "fallback"))
		there, ok := s.Queue(q.Queue)
		if !ok || there.Closed {
			t.Fatalf("waits in %q", q.Queue)
		}
		if line > 0 && !s.Routes[line-1].Fits(m) {
			t.Fatalf("line %d does not fit", line)
		}
	})
}

func FuzzSpan(f *testing.F) {
	for _, s := range []string{"09:00-17:00", "22:00-06:00", "", "-", "24:00-25:00", "9:5-7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if from, to, err := span(s); err == nil && (from < 0 || from >= 1440 || to < 0 || to >= 1440) {
			t.Errorf("%q is %d to %d", s, from, to)
		}
	})
}
