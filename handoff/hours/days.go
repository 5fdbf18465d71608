package hours

import (
	"iter"
	"time"
)

const day = 24 * time.Hour

// Where looking ahead ends. Hours that open in a year at all open within nine:
// the rarest day, 29 February, can be eight years away. Hours that do open are
// followed for as long as anybody could mean.
const (
	emptyDays = 9 * 366
	mostDays  = 500 * 366
)

// interval is one stretch of being open; stretches that touch are one.
type interval struct{ from, to time.Time }

// from gives the stretches that end after t, in order and merged; it ends where
// nothing more comes.
func (h Hours) from(t time.Time) iter.Seq[interval] {
	return func(yield func(interval) bool) {
		if h.kind != weekly {
			return
		}
		var open interval
		have := false
		// A span of the day before may run on into this one.
		d := dateOf(t.In(h.Location())).next(-1)
		for n, last := 0, 0; n < mostDays && n-last < emptyDays; n++ {
			for _, s := range h.spans(d) {
				last = n
				iv := interval{h.at(d, s.from, false), h.at(d, s.to, true)}
				switch {
				case !iv.to.After(iv.from): // a span that the clock skipped
				case have && !iv.from.After(open.to):
					open.to = later(open.to, iv.to)
				default:
					if have && open.to.After(t) && !yield(open) {
						return
					}
					open, have = iv, true
				}
			}
			// A stretch that began long ago need not wait for its end to be known:
			// whoever asks goes on from there.
			if have && open.to.After(t) && open.to.Sub(open.from) > 400*day {
				if !yield(open) {
					return
				}
				open.from = open.to
			}
			d = d.next(1)
		}
		if have && open.to.After(t) {
			yield(open)
		}
	}
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

func (d date) next(n int) date {
	return dateOf(time.Date(d.year, d.month, d.day+n, 12, 0, 0, 0, time.UTC))
}

// at is the moment when the clock on the wall of a day shows so many minutes
// since midnight. Of a time that comes twice it is the first, or the last where
// last is asked for; a time that is skipped is the moment of the skip.
func (h Hours) at(d date, minutes int, last bool) time.Time {
	loc := h.Location()
	wall := time.Date(d.year, d.month, d.day, 0, minutes, 0, 0, time.UTC)
	// The zone's offsets a day before and after: no zone changes twice in that.
	_, before := wall.Add(-day).In(loc).Zone()
	_, after := wall.Add(day).In(loc).Zone()
	a := wall.Add(-time.Duration(before) * time.Second)
	b := wall.Add(-time.Duration(after) * time.Second)
	switch fits := func(t time.Time) bool {
		_, o := t.In(loc).Zone()
		return t.Add(time.Duration(o) * time.Second).Equal(wall)
	}; {
	case fits(a) && fits(b):
		if last {
			return later(a, b)
		}
		return earlier(a, b)
	case fits(a):
		return a
	case fits(b):
		return b
	}
	// Skipped: a lies after the change by what the clock jumped.
	if start, _ := a.In(loc).ZoneBounds(); !start.IsZero() {
		return start
	}
	return a
}
