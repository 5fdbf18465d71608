// Package hours reads a queue's business hours and counts with them.
//
// Words: hours are a week of spans (times of day of a time zone) with the
// holidays that replace single days; a span belongs to the day it begins on and
// may run past midnight; open and closed are of a moment; business time is time
// that lies within spans.
//
// Format (JSON; everything but week is optional):
//
//	{"zone": "Europe/Berlin",
//	 "week": {"mon-thu": ["09:00-12:30", "13:30-18:00"], "fri": ["09:00-15:00"], "sat": "22:00-02:00"},
//	 "holidays": [{"date": "12-25", "name": "Christmas"},
//	              {"date": "2026-12-24", "open": ["09:00-12:00"]}]}
//
// or {"always": true} or {"never": true}. No hours at all mean always open. A
// date without a year comes back every year.
//
// Invariants: a span is what the clock on the wall says, its length what really
// passes: on the night when clocks go forward a shift from 22:00 to 06:00 is
// seven hours long, on the other one nine. A time that the clock skips is the
// moment of the skip; of a time that comes twice, opening takes the first and
// closing the last, so that nobody stands before a closed door at a time when
// the sign says open. Within(t, Add(t, d)) is d wherever Add finds an end.
//
// When a part fails: this is arithmetic; what can be wrong is the text, and
// Parse says where. The time zones are linked in.
package hours
