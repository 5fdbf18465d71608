package hours

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// The most that is read: nobody has more, and each day is looked through.
const (
	maxText     = 64 << 10
	maxSpans    = 24
	maxHolidays = 1000
)

type raw struct {
	Zone     string               `json:"zone"`
	Week     map[string]spanTexts `json:"week"`
	Holidays []rawHoliday         `json:"holidays"`
	Always   bool                 `json:"always"`
	Never    bool                 `json:"never"`
}

type rawHoliday struct {
	Date string    `json:"date"`
	Name string    `json:"name"`
	Open spanTexts `json:"open"`
}

// spanTexts is a list of spans, or one.
type spanTexts []string

func (s *spanTexts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		if *s = nil; one != "" {
			*s = spanTexts{one}
		}
		return nil
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		return errors.New(`spans are written ["09:00-12:30", "13:30-18:00"]`)
	}
	*s = list
	return nil
}

// Parse reads hours. An empty text or null is always open. The error says in
// one sentence which part is wrong and how it is written; whoever set the hours
// may read it.
func Parse(text []byte) (Hours, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || string(text) == "null" {
		return Always(), nil
	}
	if len(text) > maxText {
		return Hours{}, fmt.Errorf("hours: at most %d bytes", maxText)
	}
	var r raw
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return Hours{}, fmt.Errorf("hours: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Hours{}, errors.New("hours: something follows after the closing brace")
	}
	h, err := r.hours()
	if err != nil {
		return Hours{}, fmt.Errorf("hours: %w", err)
	}
	return h, nil
}

func (r raw) hours() (Hours, error) {
	loc, err := zone(r.Zone)
	if err != nil {
		return Hours{}, err
	}
	switch {
	case r.Always && r.Never:
		return Hours{}, errors.New("always and never at once")
	case (r.Always || r.Never) && (len(r.Week) > 0 || len(r.Holidays) > 0):
		return Hours{}, errors.New("always and never stand alone: leave week and holidays out")
	case r.Always:
		return Hours{kind: always, loc: loc}, nil
	case r.Never:
		return Hours{kind: never, loc: loc}, nil
	case len(r.Week) == 0 && len(r.Holidays) == 0:
		return Hours{}, errors.New(`say week, {"always": true} or {"never": true}`)
	}
	h := Hours{kind: weekly, loc: loc}
	if err := h.readWeek(r.Week); err != nil {
		return Hours{}, err
	}
	if err := h.readHolidays(r.Holidays); err != nil {
		return Hours{}, err
	}
	if !h.everOpen() {
		h.kind = never
	}
	return h, nil
}

func zone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("zone %q is no time zone: write it like Europe/Berlin", name)
	}
	return loc, nil
}

func (h *Hours) readWeek(week map[string]spanTexts) error {
	seen := [7]string{}
	for _, key := range slices.Sorted(maps.Keys(week)) {
		days, err := weekdays(key)
		if err != nil {
			return err
		}
		spans, err := readSpans(key, week[key])
		if err != nil {
			return err
		}
		for _, d := range days {
			if seen[d] != "" {
				return fmt.Errorf("week: %s stands in %q and in %q", names[d], seen[d], key)
			}
			seen[d], h.week[d] = key, spans
		}
	}
	return nil
}

var names = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} //nolint:gochecknoglobals // a constant

// weekdays reads "mon", "mon-fri" (also round the end of the week) or "daily".
func weekdays(key string) ([]time.Weekday, error) {
	if key == "daily" {
		return []time.Weekday{0, 1, 2, 3, 4, 5, 6}, nil
	}
	first, last, ranged := strings.Cut(key, "-")
	if !ranged {
		last = first
	}
	a, b := slices.Index(names[:], first), slices.Index(names[:], last)
	if a < 0 || b < 0 {
		return nil, fmt.Errorf("week: %q is no day: write mon, tue, wed, thu, fri, sat or sun, mon-fri for several, or daily", key)
	}
	days := []time.Weekday{time.Weekday(a)}
	for d := a; d != b; {
		d = (d + 1) % 7
		days = append(days, time.Weekday(d))
	}
	return days, nil
}

func readSpans(where string, texts spanTexts) ([]span, error) {
	if len(texts) > maxSpans {
		return nil, fmt.Errorf("%s: at most %d spans a day", where, maxSpans)
	}
	spans := make([]span, 0, len(texts))
	for _, text := range texts {
		s, err := readSpan(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		spans = append(spans, s)
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return nil, fmt.Errorf("%s: %s and %s overlap", where, spans[i-1], spans[i])
		}
	}
	return spans, nil
}

const dayMinutes = 24 * 60

func readSpan(text string) (span, error) {
	a, b, ok := strings.Cut(text, "-")
	from, err1 := clock(a)
	to, err2 := clock(b)
	switch {
	case !ok || err1 != nil || err2 != nil:
		return span{}, fmt.Errorf("%q is no span: write it like 09:00-17:30, from 00:00 to 24:00", text)
	case from == dayMinutes:
		return span{}, fmt.Errorf("%q begins at the end of the day: let it begin at 00:00 of the next", text)
	case from == to:
		return span{}, fmt.Errorf("%q has no length: the whole day is 00:00-24:00, a closed one has no span", text)
	case to < from:
		to += dayMinutes // past midnight
	}
	return span{from, to}, nil
}

// clock reads "09:00" as minutes of the day.
func clock(s string) (int, error) {
	s = strings.TrimSpace(s)
	if s == "24:00" {
		return dayMinutes, nil
	}
	if len(s) == 4 {
		s = "0" + s // 9:00
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, fmt.Errorf("%q is no time of day", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

func (s span) String() string {
	to := s.to
	if to > dayMinutes {
		to -= dayMinutes
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.from/60, s.from%60, to/60, to%60)
}

func (h *Hours) readHolidays(list []rawHoliday) error {
	if len(list) > maxHolidays {
		return fmt.Errorf("holidays: at most %d", maxHolidays)
	}
	h.on, h.each = map[date][]span{}, map[date][]span{}
	for _, r := range list {
		spans, err := readSpans("holiday "+r.Date, r.Open)
		if err != nil {
			return err
		}
		into, d, err := h.holidayDate(r.Date)
		if err != nil {
			return err
		}
		if _, twice := into[d]; twice {
			return fmt.Errorf("holidays: %s stands there twice", r.Date)
		}
		into[d] = spans
	}
	return nil
}

// holidayDate reads "2026-12-25", or "12-25" for every year (2000 was a leap
// year, so that 02-29 is a date).
func (h *Hours) holidayDate(s string) (map[date][]span, date, error) {
	if t, err := time.Parse("2006-01-02", s); err == nil && t.Year() >= 1 {
		return h.on, dateOf(t), nil
	}
	t, err := time.Parse("2006-01-02", "2000-"+s)
	if err != nil {
		return nil, date{}, fmt.Errorf("holidays: %q is no date: write 2026-12-25, or 12-25 for every year", s)
	}
	return h.each, date{0, t.Month(), t.Day()}, nil
}

func (h *Hours) everOpen() bool {
	for _, w := range h.week {
		if len(w) > 0 {
			return true
		}
	}
	for _, m := range []map[date][]span{h.on, h.each} {
		for _, s := range m {
			if len(s) > 0 {
				return true
			}
		}
	}
	return false
}
