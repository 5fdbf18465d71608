package hours

import (
	"time"
	_ "time/tzdata" // a machine without time zones is no reason to be closed at the wrong time
)

// Hours are a place's business hours. The zero Hours are always open. They are
// not changed after Parse and safe for concurrent use.
type Hours struct {
	kind kind
	loc  *time.Location
	week [7][]span // by time.Weekday, in order
	on   map[date][]span
	each map[date][]span // year 0: the same date of every year
}

type kind int

const (
	always kind = iota
	never
	weekly
)

// span is in minutes of its day; to may lie past midnight: 22:00-06:00 is 1320
// to 1800.
type span struct{ from, to int }

type date struct {
	year  int
	month time.Month
	day   int
}

// Always and Never are the two simplest.
func Always() Hours { return Hours{kind: always} }

// Never is closed for good.
func Never() Hours { return Hours{kind: never} }

// Location is the time zone of the hours; UTC where none was given.
func (h Hours) Location() *time.Location {
	if h.loc == nil {
		return time.UTC
	}
	return h.loc
}

// Open says whether it is open at a moment. The first moment of a span is open,
// the last one is closed.
func (h Hours) Open(t time.Time) bool {
	switch h.kind {
	case always:
		return true
	case never:
		return false
	}
	for iv := range h.from(t) {
		if iv.from.After(t) {
			return false
		}
		if t.Before(iv.to) {
			return true
		}
	}
	return false
}

// Next is the first moment at or after t when it is open: t itself where it is
// open then. ok is false where it never opens again.
func (h Hours) Next(t time.Time) (at time.Time, ok bool) {
	if h.kind == always {
		return t, true
	}
	for iv := range h.from(t) {
		if iv.to.After(t) {
			return later(iv.from, t), true
		}
	}
	return time.Time{}, false
}

// Closes is the first moment at or after t when it is closed; ok is false where
// it never closes.
func (h Hours) Closes(t time.Time) (at time.Time, ok bool) {
	if h.kind == always {
		return time.Time{}, false
	}
	at = t
	for iv := range h.from(t) {
		switch {
		case iv.from.After(at):
			return at, true
		case iv.to.After(at):
			at = iv.to
		}
		// Open without a gap for a year is open for good.
		if at.Sub(t) > 366*day {
			return time.Time{}, false
		}
	}
	return at, true
}

// Within is the business time between two moments; 0 where to is not after from.
func (h Hours) Within(from, to time.Time) time.Duration {
	switch {
	case !to.After(from):
		return 0
	case h.kind == always:
		return to.Sub(from)
	}
	var sum time.Duration
	for iv := range h.from(from) {
		if !iv.from.Before(to) {
			break
		}
		if a, b := later(iv.from, from), earlier(iv.to, to); b.After(a) {
			sum += b.Sub(a)
		}
	}
	return sum
}

// Add is the first moment until which so much business time has passed since t:
// t itself for none or less. ok is false where that never comes.
func (h Hours) Add(t time.Time, d time.Duration) (at time.Time, ok bool) {
	switch {
	case d <= 0:
		return t, true
	case h.kind == always:
		return t.Add(d), true
	}
	for iv := range h.from(t) {
		a := later(iv.from, t)
		have := iv.to.Sub(a)
		if have <= 0 {
			continue
		}
		if d <= have {
			return a.Add(d), true
		}
		d -= have
	}
	return time.Time{}, false
}

// spans are those of one day.
func (h Hours) spans(d date) []span {
	if s, ok := h.on[d]; ok {
		return s
	}
	if s, ok := h.each[date{0, d.month, d.day}]; ok {
		return s
	}
	return h.week[time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC).Weekday()]
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
