package hours

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawHours draws hours of any shape, as text, so that Parse is drawn with them.
func drawHours(t *rapid.T) Hours {
	zone := rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca", "America/Sao_Paulo", "Africa/Cairo"}).Draw(t, "zone")
	spans := func(name string) string {
		var list []string
		at := 0
		for i := range rapid.IntRange(0, 3).Draw(t, name) {
			from := at + rapid.IntRange(0, 300).Draw(t, fmt.Sprint(name, i, "from"))
			to := from + rapid.IntRange(1, 500).Draw(t, fmt.Sprint(name, i, "length"))
			if from >= dayMinutes || to > dayMinutes+from {
				break
			}
			list = append(list, `"`+span{from, to}.String()+`"`)
			if at = to; at >= dayMinutes {
				break
			}
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	var week []string
	for _, d := range names {
		week = append(week, fmt.Sprintf("%q: %s", d, spans(d)))
	}
	return mustDraw(t, fmt.Sprintf(`{"zone": %q, "week": {%s}, "holidays": [{"date": "2026-03-29", "open": %s}, {"date": "10-25", "open": %s}]}`,
		zone, strings.Join(week, ","), spans("dated"), spans("yearly")))
}

func mustDraw(t *rapid.T, text string) Hours {
	h, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return h
}

// drawTime draws around the nights when clocks change, and anywhere else.
func drawTime(t *rapid.T, name string) time.Time {
	base := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 4, 12, 0, 0, 0, time.UTC), time.Date(2011, 12, 29, 0, 0, 0, 0, time.UTC), time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC),
	}).Draw(t, name+" near")
	return base.Add(time.Duration(rapid.Int64Range(-3*86400, 3*86400).Draw(t, name)) * time.Second)
}

// openByClock reads the sign on the door: the slow and obvious definition.
func openByClock(h Hours, t time.Time) bool {
	if h.kind != weekly {
		return h.kind == always
	}
	local := t.In(h.Location())
	for back := range 3 {
		d := dateOf(local).next(-back)
		for _, s := range h.spans(d) {
			if !t.Before(h.at(d, s.from, false)) && t.Before(h.at(d, s.to, true)) {
				return true
			}
		}
	}
	return false
}

func TestHours_OpenIsWhatTheSignSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, at := drawHours(t), drawTime(t, "at")
		if got, want := h.Open(at), openByClock(h, at); got != want {
			t.Fatalf("open at %v is %v", at.In(h.Location()), got)
		}
	})
}

func TestHours_NextIsTheFirstOpenMoment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, at := drawHours(t), drawTime(t, "at")
		next, ok := h.Next(at)
		if !ok {
			next = at.Add(20 * day)
		} else if !h.Open(next) || next.Before(at) {
			t.Fatalf("next %v is not open", next)
		}
		if h.Within(at, next) != 0 {
			t.Fatalf("open before the next opening %v", next)
		}
		closes, ok := h.Closes(at)
		if ok && (h.Open(closes) || h.Within(at, closes) != closes.Sub(at)) {
			t.Fatalf("closes at %v, and is open then, or was closed before", closes)
		}
	})
}

func TestHours_AddIsWhatWithinMeasures(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, at := drawHours(t), drawTime(t, "at")
		a := time.Duration(rapid.Int64Range(1, int64(60*time.Hour)).Draw(t, "a"))
		b := time.Duration(rapid.Int64Range(1, int64(60*time.Hour)).Draw(t, "b"))
		end, ok := h.Add(at, a)
		if !ok {
			if h.kind != never && len(h.spans(date{2027, 6, 1})) > 0 {
				t.Fatalf("%v never passes", a)
			}
			return
		}
		if h.Within(at, end) != a {
			t.Fatalf("%v after %v is %v, where %v have passed", a, at, end, h.Within(at, end))
		}
		if got := h.Within(at, end.Add(-1)); got != a-1 {
			t.Fatalf("%v is not the first such moment: a nanosecond before it is %v", end, got)
		}
		once, ok1 := h.Add(at, a+b)
		twice, ok2 := h.Add(end, b)
		if ok1 != ok2 || !once.Equal(twice) {
			t.Fatalf("%v and then %v ends at %v, both at once at %v", a, b, twice, once)
		}
	})
}

func TestHours_WithinAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, a := drawHours(t), drawTime(t, "a")
		b := a.Add(time.Duration(rapid.Int64Range(0, int64(5*day)).Draw(t, "b")))
		c := b.Add(time.Duration(rapid.Int64Range(0, int64(5*day)).Draw(t, "c")))
		whole, parts := h.Within(a, c), h.Within(a, b)+h.Within(b, c)
		if whole != parts || whole > c.Sub(a) || whole < 0 {
			t.Fatalf("%v in one, %v in two", whole, parts)
		}
	})
}
