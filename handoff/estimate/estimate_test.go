package estimate

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func noon() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

// same gives n samples of one wait, at place 1 with one agent, an hour apart.
func same(n int, wait time.Duration) []Sample {
	var list []Sample
	for i := range n {
		list = append(list, Sample{Wait: wait, Position: 1, Agents: 1, At: noon().Add(-time.Duration(i) * 24 * time.Hour / 4)})
	}
	return list
}

func TestOf_SaysNothingItDoesNotKnow(t *testing.T) {
	t.Parallel()
	now := Now{At: noon(), Position: 1, Agents: 1}
	for _, c := range []struct {
		name    string
		samples []Sample
		now     Now
	}{
		{"no samples", nil, now},
		{"one too few", same(MinSamples-1, time.Minute), now},
		{"nobody there", same(100, time.Minute), Now{At: noon(), Position: 1}},
		{"not in line", same(100, time.Minute), Now{At: noon(), Agents: 1}},
		{"all too long ago", same(100, time.Minute), Now{At: noon().AddDate(0, 2, 0), Position: 1, Agents: 1}},
		{"all from the future", same(100, time.Minute), Now{At: noon().AddDate(0, -2, 0), Position: 1, Agents: 1}},
		{"longer than anybody plans", same(100, 100*time.Hour), now},
	} {
		if r := Of(c.samples, c.now); r.Known() {
			t.Errorf("%s: %v", c.name, r)
		}
	}
	// Waits from seconds to hours: true, and of no use to anybody.
	var wild []Sample
	for i := range 40 {
		wild = append(wild, Sample{Wait: time.Second << (i % 15), Position: 1, Agents: 1, At: noon().AddDate(0, 0, -i/2)})
	}
	if r := Of(wild, now); r.Known() {
		t.Errorf("seconds to hours: %v", r)
	}
}

func TestOf_ScalesWithTheLineAndTheAgents(t *testing.T) {
	t.Parallel()
	list := same(20, 6*time.Minute)
	for _, c := range []struct {
		name      string
		now       Now
		low, high time.Duration
	}{
		{"as before", Now{noon(), 1, 1}, 5, 10},
		{"third in line", Now{noon(), 3, 1}, 15, 20},
		{"third, three agents", Now{noon(), 3, 3}, 5, 10},
		{"far more agents", Now{noon(), 1, 60}, 0, 2},
	} {
		if r := Of(list, c.now); r != (Range{c.low * time.Minute, c.high * time.Minute}) {
			t.Errorf("%s: %v", c.name, r)
		}
	}
}

func TestOf_MostlyOfThisHour(t *testing.T) {
	t.Parallel()
	var list []Sample
	for d := range 12 {
		list = append(list,
			Sample{Wait: 2 * time.Minute, Position: 1, Agents: 1, At: noon().AddDate(0, 0, -d)},
			Sample{Wait: 40 * time.Minute, Position: 1, Agents: 1, At: noon().AddDate(0, 0, -d).Add(8 * time.Hour)})
	}
	day, evening := Of(list, Now{noon(), 1, 1}), Of(list, Now{noon().Add(8 * time.Hour), 1, 1})
	if day.Low >= evening.Low || day.Low > 2*time.Minute || evening.High < 40*time.Minute {
		t.Errorf("at noon %v, in the evening %v", day, evening)
	}
}

func TestOf_IsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list []Sample
		for range rapid.IntRange(0, 60).Draw(t, "samples") {
			list = append(list, Sample{
				Wait: time.Duration(rapid.Int64Range(0, 3*3600).Draw(t, "wait")) * time.Second, Position: rapid.IntRange(0, 20).Draw(t, "place"),
				Agents: rapid.IntRange(0, 9).Draw(t, "agents"), At: noon().Add(-time.Duration(rapid.Int64Range(0, 40*24*3600).Draw(t, "ago")) * time.Second),
			})
		}
		n := Now{At: noon(), Position: rapid.IntRange(1, 30).Draw(t, "now at"), Agents: rapid.IntRange(1, 9).Draw(t, "now with")}
		behind, more := n, n
		behind.Position++
		more.Agents++
		here, there, fewer := Of(list, n), Of(list, behind), Of(list, more)
		for _, r := range []Range{here, there, fewer} {
			if r.Known() && (r.Low >= r.High || r.High > longest || r.Low > 0 && !slices.Contains(steps, r.Low) || !slices.Contains(steps, r.High)) {
				t.Fatalf("no honest range: %v", r)
			}
		}
		if here.Known() && there.Known() && (there.Low < here.Low || there.High < here.High) {
			t.Fatalf("farther back it is shorter: %v, %v", here, there)
		}
		if here.Known() && fewer.Known() && (fewer.Low > here.Low || fewer.High > here.High) {
			t.Fatalf("with more people it is longer: %v, %v", here, fewer)
		}
	})
}

// TestOf_IsTrueOfASimulatedQueue plays a queue with random arrivals and service
// times and agents who come and go by the hour, and holds each estimate against
// the wait that followed.
func TestOf_IsTrueOfASimulatedQueue(t *testing.T) {
	t.Parallel()
	for _, load := range []float64{.5, .8, .95} {
		said, within, asked := 0, 0, 0
		for seed := range uint64(2) {
			s, w, a := simulate(seed, load)
			said, within, asked = said+s, within+w, asked+a
		}
		if share := float64(within) / float64(max(said, 1)); share < .75 || said < asked/3 {
			t.Errorf("load %.2f: said %d of %d, true %.3f", load, said, asked, share)
		} else {
			t.Logf("load %.2f: said %d of %d, true %.3f", load, said, asked, share)
		}
	}
}

type waiting struct {
	came           time.Time
	place, present int
	said           Range
}

// simulate plays 10 days of 10 hours; each case takes six minutes on average.
func simulate(seed uint64, load float64) (said, within, asked int) {
	r := rand.New(rand.NewPCG(seed, 7))
	const service = 6 * time.Minute
	var history []Sample
	for d := range 10 {
		start := noon().AddDate(0, 0, d).Add(-3 * time.Hour)
		free := make([]time.Time, 3+int(seed%3)) // when each agent is free
		for i := range free {
			free[i] = start
		}
		gap := float64(service) / float64(len(free)) / load
		var line []waiting
		for at := start.Add(time.Duration(r.ExpFloat64() * gap)); at.Before(start.Add(10 * time.Hour)); at = at.Add(time.Duration(r.ExpFloat64() * gap)) {
			line, history = serve(r, line, history, free, at, service, &said, &within)
			w := waiting{came: at, place: len(line) + 1, present: len(free)}
			w.said = Of(history, Now{At: at, Position: w.place, Agents: w.present})
			if line = append(line, w); d > 2 {
				asked++
			} else {
				line[len(line)-1].said = Range{}
			}
		}
	}
	return said, within, asked
}

// serve lets whoever is free before a moment take the first in line.
func serve(r *rand.Rand, line []waiting, history []Sample, free []time.Time, until time.Time, service time.Duration, said, within *int) ([]waiting, []Sample) {
	for len(line) > 0 {
		i := slices.Index(free, slices.MinFunc(free, func(a, b time.Time) int { return cmp.Compare(a.UnixNano(), b.UnixNano()) }))
		w := line[0]
		at := free[i]
		if at.Before(w.came) {
			at = w.came
		}
		at = at.Add(time.Duration(5+r.IntN(40)) * time.Second) // to notice and open it
		if at.After(until) {
			return line, history
		}
		free[i] = at.Add(time.Duration(r.ExpFloat64() * float64(service)))
		wait := at.Sub(w.came)
		history = append(history, Sample{Wait: wait, Position: w.place, Agents: w.present, At: at})
		if len(history) > 300 {
			history = history[1:]
		}
		if w.said.Known() {
			*said++
			if wait >= w.said.Low && wait <= w.said.High {
				*within++
			}
		}
		line = line[1:]
	}
	return line, history
}

func TestWords_EveryLanguageSaysEveryRange(t *testing.T) {
	t.Parallel()
	w, err := LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	if len(w.in) != 12 {
		t.Errorf("%d languages", len(w.in))
	}
	for lang := range w.in {
		for i, low := range append([]time.Duration{0}, steps...) {
			for _, high := range steps[max(i, 1):] {
				s := w.Say(Range{low, high}, lang)
				if s == "" || strings.ContainsAny(s, "{}") || strings.Contains(s, " 0 ") {
					t.Errorf("%s: %v to %v is %q", lang, low, high, s)
				}
			}
		}
	}
}

func TestWords_Say(t *testing.T) {
	t.Parallel()
	w, err := LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	m, h := time.Minute, time.Hour
	for _, c := range []struct {
		low, high  time.Duration
		lang, want string
	}{
		{5 * m, 15 * m, "en", "5 to 15 minutes"},
		{0, 2 * m, "en-GB", "less than 2 minutes"},
		{45 * m, 2 * h, "en", "45 minutes to 2 hours"},
		{h, 90 * m, "en", "60 to 90 minutes"},
		{h, 2 * h, "en", "1 to 2 hours"},
		{30 * m, h, "en", "30 minutes to 1 hour"},
		{12 * h, 24 * h, "en", "12 hours to 1 day"},
		{5 * m, 15 * m, "de-AT", "5 bis 15 Minuten"},
		{5 * m, 15 * m, "fr", "de 5 à 15 minutes"},
		{30 * m, h, "pl", "od 30 minut do 1 godziny"},
		{5 * m, 10 * m, "ar", "من 5 إلى 10 دقائق"},
		{0, 2 * m, "ar", "أقل من دقيقتين"},
		{5 * m, 15 * m, "ja", "5～15分"},
		{2 * h, 4 * h, "zh-CN", "2到4小时"},
		{5 * m, 15 * m, "xx", "5 to 15 minutes"},
		{0, 0, "en", ""},
	} {
		if got := w.Say(Range{c.low, c.high}, c.lang); got != c.want {
			t.Errorf("%s: %q, want %q", c.lang, got, c.want)
		}
	}
}

// A rush is longer than every line before it: what those say of it is nothing,
// and nobody is told that the 5,000th in line waits half an hour.
func TestOf_SaysNothingOfALineFarLongerThanAnyBefore(t *testing.T) {
	t.Parallel()
	var list []Sample
	for i := range 40 {
		list = append(list, Sample{Wait: 5 * time.Minute, Position: 1 + i%5, Agents: 3, At: noon().Add(-time.Duration(i) * time.Hour)})
	}
	for _, c := range []struct {
		name  string
		now   Now
		known bool
	}{
		{"as long as ever", Now{At: noon(), Position: 5, Agents: 3}, true},
		{"500th", Now{At: noon(), Position: 500, Agents: 3}, false},
		{"5,000th", Now{At: noon(), Position: 5000, Agents: 3}, false},
		{"5,000th, with far more people than ever", Now{At: noon(), Position: 5000, Agents: 300}, false},
	} {
		if r := Of(list, c.now); r.Known() != c.known {
			t.Errorf("%s: %v", c.name, r)
		}
	}
	// Who has seen such a line can say something of it.
	for i := range list {
		list[i].Position, list[i].Wait = 4000+i, 6*time.Hour
	}
	if r := Of(list, Now{At: noon(), Position: 5000, Agents: 3}); !r.Known() || r.Low < 6*time.Hour {
		t.Errorf("5,000th, after 4,000 before: %v", r)
	}
}
