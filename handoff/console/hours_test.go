package console

import (
	"testing"
	"time"

	"frontdesk/handoff/hours"
)

func TestHoursNow_SaysWhatTheSignOnTheDoorMeans(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, clock string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return v.UTC()
	}
	const week = `{"zone":"Europe/Berlin","week":{"mon-fri":["09:00-12:30","13:30-18:00"],"sat":"22:00-06:00"}`
	for _, c := range []struct {
		name, hours string
		now         time.Time
		want        hoursState
	}{
		{"no hours", "", at("2026-11-23", "03:00"), hoursState{Open: true, Always: true, Zone: "UTC"}},
		{"never", `{"never":true}`, at("2026-11-23", "03:00"), hoursState{Never: true, Zone: "UTC"}},
		{"open", week + "}", at("2026-11-23", "10:00"), hoursState{
			Open: true, Zone: "Europe/Berlin", Next: at("2026-11-23", "12:30"), Then: at("2026-11-23", "13:30"),
			Clock: &clockState{At: at("2027-03-28", "03:00"), ByS: 3600, Open: true},
		}},
		{"closed", week + "}", at("2026-11-22", "10:00"), hoursState{
			Zone: "Europe/Berlin", Next: at("2026-11-23", "09:00"), Then: at("2026-11-23", "12:30"),
			Clock: &clockState{At: at("2027-03-28", "03:00"), ByS: 3600, Open: true},
		}},
		{"a holiday", week + `,"holidays":[{"date":"11-23"}]}`, at("2026-11-23", "10:00"), hoursState{
			Zone: "Europe/Berlin", Next: at("2026-11-24", "09:00"), Then: at("2026-11-24", "12:30"),
			Clock: &clockState{At: at("2027-03-28", "03:00"), ByS: 3600, Open: true},
		}},
		{"back in autumn, nobody there", `{"zone":"Europe/Berlin","week":{"mon":"09:00-17:00"}}`, at("2026-10-20", "10:00"), hoursState{
			Zone: "Europe/Berlin", Next: at("2026-10-26", "09:00"), Then: at("2026-10-26", "17:00"),
			Clock: &clockState{At: time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), ByS: -3600},
		}},
		{"a zone without it", `{"zone":"Asia/Tokyo","week":{"daily":"00:00-24:00"}}`, at("2026-10-20", "10:00"), hoursState{Open: true, Always: true, Zone: "Asia/Tokyo"}},
	} {
		h, err := hours.Parse([]byte(c.hours))
		if err != nil {
			t.Fatal(err)
		}
		got := hoursNow(h, c.now)
		if got.Open != c.want.Open || got.Always != c.want.Always || got.Never != c.want.Never || !got.Next.Equal(c.want.Next) || !got.Then.Equal(c.want.Then) || got.Zone != c.want.Zone ||
			(got.Clock == nil) != (c.want.Clock == nil) || got.Clock != nil && *got.Clock != *c.want.Clock {
			t.Errorf("%s: %+v (clock %+v), not %+v", c.name, got, got.Clock, c.want)
		}
	}
}
