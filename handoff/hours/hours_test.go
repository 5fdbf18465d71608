package hours

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func must(tb testing.TB, text string) Hours {
	tb.Helper()
	h, err := Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func moment(tb testing.TB, zone, text string) time.Time {
	tb.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		tb.Fatal(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

const shop = `{"zone": "Europe/Berlin",
 "week": {"mon-thu": ["13:30-18:00", "09:00-12:30"], "fri": "9:00-15:00"},
 "holidays": [{"date": "12-25", "name": "Christmas"}, {"date": "2026-12-24", "open": ["09:00-12:00"]}]}`

func TestHours_OpenAndNext(t *testing.T) {
	t.Parallel()
	h := must(t, shop)
	for _, c := range []struct {
		name, at, next string
		open           bool
	}{
		{"within the first span", "2026-11-23 10:00", "2026-11-23 10:00", true},
		{"its first moment", "2026-11-23 09:00", "2026-11-23 09:00", true},
		{"its last moment is closed", "2026-11-23 12:30", "2026-11-23 13:30", false},
		{"over lunch", "2026-11-23 13:00", "2026-11-23 13:30", false},
		{"in the evening", "2026-11-23 18:00", "2026-11-24 09:00", false},
		{"over the weekend", "2026-11-27 15:00", "2026-11-30 09:00", false},
		{"a holiday with hours of its own", "2026-12-24 11:59", "2026-12-24 11:59", true},
		{"from then over a yearly holiday and a weekend", "2026-12-24 12:00", "2026-12-28 09:00", false},
		{"the yearly holiday of another year", "2028-12-25 10:00", "2028-12-26 09:00", false},
		{"the dated one of another year is an ordinary Friday", "2027-12-24 12:00", "2027-12-24 12:00", true},
	} {
		at := moment(t, "Europe/Berlin", c.at)
		if got := h.Open(at); got != c.open {
			t.Errorf("%s: open is %v", c.name, got)
		}
		next, ok := h.Next(at)
		if want := moment(t, "Europe/Berlin", c.next); !ok || !next.Equal(want) {
			t.Errorf("%s: next is %v, want %v", c.name, next, want)
		}
	}
}

func TestHours_DaylightSaving(t *testing.T) {
	t.Parallel()
	night := must(t, `{"zone": "Europe/Berlin", "week": {"daily": "22:00-06:00"}}`)
	early := must(t, `{"zone": "Europe/Berlin", "week": {"daily": "02:30-04:00"}}`)
	until := must(t, `{"zone": "Europe/Berlin", "week": {"daily": "00:00-02:30"}}`)
	skipped := must(t, `{"zone": "Europe/Berlin", "week": {"daily": "02:10-02:50"}}`)
	all := must(t, `{"zone": "Europe/Berlin", "week": {"daily": "00:00-24:00"}}`)
	for _, c := range []struct {
		name     string
		h        Hours
		from, to string
		want     time.Duration
	}{
		{"the short night of a shift", night, "2026-03-28 12:00", "2026-03-29 12:00", 7 * time.Hour},
		{"the long night of a shift", night, "2026-10-24 12:00", "2026-10-25 12:00", 9 * time.Hour},
		{"opening at a skipped time is the skip", early, "2026-03-29 00:00", "2026-03-29 12:00", time.Hour},
		{"opening at a time that comes twice is the first", early, "2026-10-25 00:00", "2026-10-25 12:00", 150 * time.Minute},
		{"closing at a time that comes twice is the last", until, "2026-10-25 00:00", "2026-10-25 12:00", 210 * time.Minute},
		{"closing at a skipped time is the skip", until, "2026-03-29 00:00", "2026-03-29 12:00", 2 * time.Hour},
		{"a span that is skipped whole is none", skipped, "2026-03-29 00:00", "2026-03-29 12:00", 0},
		{"a day of 23 hours", all, "2026-03-29 00:00", "2026-03-30 00:00", 23 * time.Hour},
		{"a day of 25 hours", all, "2026-10-25 00:00", "2026-10-26 00:00", 25 * time.Hour},
	} {
		from, to := moment(t, "Europe/Berlin", c.from), moment(t, "Europe/Berlin", c.to)
		if got := c.h.Within(from, to); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if c.want == 0 {
			continue
		}
		if at, ok := c.h.Add(from, c.want); !ok || c.h.Within(from, at) != c.want || at.After(to) {
			t.Errorf("%s: adding %v ends at %v", c.name, c.want, at)
		}
	}
}

func TestHours_Zones(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, from, to string
		want                 time.Duration
	}{
		// Samoa left 30 December 2011 out.
		{"a day that was left out", "Pacific/Apia", "2011-12-29 12:00", "2011-12-31 12:00", 8 * time.Hour},
		{"half an hour's change", "Australia/Lord_Howe", "2026-10-04 00:00", "2026-10-05 00:00", 8 * time.Hour},
		{"a zone of three quarters", "Asia/Kathmandu", "2026-06-01 00:00", "2026-06-02 00:00", 8 * time.Hour},
		{"a change at midnight", "Africa/Cairo", "2026-04-23 00:00", "2026-04-25 00:00", 16 * time.Hour},
	} {
		h := must(t, `{"zone": "`+c.zone+`", "week": {"daily": "09:00-17:00"}}`)
		if got := h.Within(moment(t, c.zone, c.from), moment(t, c.zone, c.to)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestHours_NeverAndAlways(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for _, text := range []string{`{"never": true}`, `{"week": {"mon": []}}`, `{"week": {"mon-sun": ""}, "holidays": [{"date": "12-25"}]}`} {
		h := must(t, text)
		if _, ok := h.Next(now); ok || h.Open(now) {
			t.Errorf("%s: opens", text)
		}
		if _, ok := h.Add(now, time.Second); ok {
			t.Errorf("%s: business time passes", text)
		}
		if at, ok := h.Closes(now); !ok || !at.Equal(now) {
			t.Errorf("%s: closes at %v", text, at)
		}
	}
	for _, text := range []string{``, `null`, `{"always": true}`, `{"zone": "Asia/Tokyo", "always": true}`, `{"week": {"daily": "00:00-24:00"}}`} {
		h := must(t, text)
		if _, ok := h.Closes(now); ok || !h.Open(now) || h.Within(now, now.Add(100*time.Hour)) != 100*time.Hour {
			t.Errorf("%s: closes", text)
		}
	}
	// Hours that have ended, and hours that open once in eight years.
	if at, ok := must(t, `{"holidays": [{"date": "2020-01-01", "open": "09:00-10:00"}]}`).Next(now); ok {
		t.Errorf("a day of the past comes again: %v", at)
	}
	leap := must(t, `{"holidays": [{"date": "02-29", "open": "09:00-10:00"}]}`)
	if at, ok := leap.Next(time.Date(2096, 3, 1, 0, 0, 0, 0, time.UTC)); !ok || at.Year() != 2104 {
		t.Errorf("the next leap day is %v", at)
	}
}

func TestParse_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, says string }{
		{`{`, "unexpected EOF"},
		{`[]`, "hours"},
		{`{} {}`, "after the closing brace"},
		{`{}`, "say week"},
		{`{"wek": {}}`, `unknown field "wek"`},
		{`{"zone": "Mars/Olympus", "always": true}`, `"Mars/Olympus" is no time zone`},
		{`{"zone": "Local", "always": true}`, "no time zone"},
		{`{"always": true, "never": true}`, "at once"},
		{`{"always": true, "week": {"mon": "09:00-10:00"}}`, "alone"},
		{`{"week": {"moon": "09:00-10:00"}}`, `"moon" is no day`},
		{`{"week": {"mon-fry": "09:00-10:00"}}`, "is no day"},
		{`{"week": {"mon": 9}}`, "spans are written"},
		{`{"week": {"mon": "9-5"}}`, `mon: "9-5" is no span`},
		{`{"week": {"mon": "09:00-25:00"}}`, "is no span"},
		{`{"week": {"mon": "09:00"}}`, "is no span"},
		{`{"week": {"mon": "24:00-06:00"}}`, "begins at the end of the day"},
		{`{"week": {"mon": "09:00-09:00"}}`, "has no length"},
		{`{"week": {"mon": ["09:00-12:00", "11:00-13:00"]}}`, "09:00-12:00 and 11:00-13:00 overlap"},
		{`{"week": {"mon-wed": "09:00-10:00", "tue": "09:00-10:00"}}`, "tue stands in"},
		{`{"week": {"daily": ""}, "holidays": [{"date": "25.12.2026"}]}`, `"25.12.2026" is no date`},
		{`{"week": {"daily": ""}, "holidays": [{"date": "2026-02-29"}]}`, "is no date"},
		{`{"week": {"daily": ""}, "holidays": [{"date": "12-25"}, {"date": "12-25"}]}`, "twice"},
	} {
		_, err := Parse([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %q", c.text, err, c.says)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{shop, `{"never":true}`, `{"week":{"sun-mon":["00:00-24:00"]}}`, `{"zone":"Pacific/Apia","week":{"daily":"22:00-06:00"},"holidays":[{"date":"02-29","open":["01:00-02:00"]}]}`} {
		f.Add([]byte(s))
	}
	now := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := Parse(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n") && json.Valid(text) {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		at, ok := h.Next(now)
		if ok && (at.Before(now) || !h.Open(at)) {
			t.Errorf("opens at %v and is closed then", at)
		}
		if end, ok := h.Add(now, time.Hour); ok && h.Within(now, end) != time.Hour {
			t.Errorf("an hour after %v is %v, which is %v", now, end, h.Within(now, end))
		}
	})
}
