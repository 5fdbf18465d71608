package people

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestRule_NeverMoreThanItsBurstAndItsRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := Rule{Burst: rapid.IntRange(1, 20).Draw(t, "burst"), Every: time.Duration(rapid.IntRange(1, 100).Draw(t, "every")) * time.Second}
		start := time.Unix(1_800_000_000, 0)
		now, full := start, time.Time{}
		var taken []time.Time
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 300), 1, 200).Draw(t, "seconds between tries") {
			now = now.Add(time.Duration(step) * time.Second)
			next, wait := r.Take(full, now)
			if wait > 0 {
				if !next.Equal(full) {
					t.Fatal("a refused try is counted")
				}
				if _, again := r.Take(full, now.Add(wait)); again > 0 {
					t.Fatalf("after the wait of %s it is refused once more, for %s", wait, again)
				}
				continue
			}
			full = next
			taken = append(taken, now)
		}
		for i, from := range taken { // in any window
			for j := i; j < len(taken); j++ {
				if most := r.Burst + int(taken[j].Sub(from)/r.Every); j-i+1 > most {
					t.Fatalf("%d tries within %s, at most %d are allowed", j-i+1, taken[j].Sub(from), most)
				}
			}
		}
	})
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::1": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := Place(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	if got := Place(netip.Addr{}); got != "unknown" {
		t.Errorf("none: %s", got)
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Mara@Example.com": "mara@example.com", "  a@b ": "a@b", "a.b+c@d-e.example": "a.b+c@d-e.example",
		"": "", "a": "", "@b": "", "a@": "", "a@b@c": "", "a b@c": "", "a@b..c": "", "a@.b": "", "a@b.": "", "a\n@b": "", "<a@b>": "", "ä@b": "",
		strings.Repeat("a", 65) + "@b": "", "a@" + strings.Repeat("b", 260): "", "a\x00@b": "",
	} {
		got, err := Email(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Mara": "Mara", "  Mara \t Lindqvist\n": "Mara Lindqvist", "李 明": "李 明", "Ma<b>ra": "Ma<b>ra",
		"": "", " \n ": "", "a\x00b": "", "a\u202eb": "", "\xff": "", strings.Repeat("x", 101): "",
	} {
		got, err := Name(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
}

func TestCheckQueues(t *testing.T) {
	t.Parallel()
	there := []string{"sales", "support"}
	if got, err := checkQueues(nil, there); got != nil || err != nil {
		t.Errorf("all: %v %v", got, err)
	}
	if got, err := checkQueues([]string{}, there); got == nil || len(got) != 0 || err != nil {
		t.Errorf("none: %#v %v", got, err)
	}
	if got, err := checkQueues([]string{"support", "sales", "support"}, there); !slices.Equal(got, there) || err != nil {
		t.Errorf("two: %v %v", got, err)
	}
	if _, err := checkQueues([]string{"support", "attic"}, there); err == nil {
		t.Error("a queue that is not there is taken")
	}
}

func TestSession_EndsByWhicheverComesFirst(t *testing.T) {
	t.Parallel()
	l := lifetimes{idle: time.Hour, absolute: 150 * time.Minute}
	at := time.Unix(1_800_000_000, 0)
	s := l.begin(uuid.New(), uuid.New(), "192.0.2.1", "a browser\x00 "+strings.Repeat("ä", 300), at)
	if len(s.UserAgent) > 200 || strings.ContainsRune(s.UserAgent, 0) || !strings.HasSuffix(s.UserAgent, "ä") {
		t.Errorf("user agent %q", s.UserAgent)
	}
	if s.Live(at.Add(time.Hour)) || !s.Live(at.Add(time.Hour-1)) {
		t.Error("not over after an hour without use")
	}
	if _, moved := l.slide(s, "", "", at.Add(59*time.Second)); moved {
		t.Error("written down within the minute")
	}
	for range 2 {
		s, _ = l.slide(s, "192.0.2.2", "another browser", s.SeenAt.Add(50*time.Minute))
	}
	if s.Address != "192.0.2.2" || s.UserAgent != "another browser" {
		t.Errorf("the last use is not shown: %+v", s)
	}
	if !s.ExpiresAt.Equal(s.EndsAt) || s.Live(at.Add(150*time.Minute)) || !s.Live(at.Add(149*time.Minute)) {
		t.Errorf("use moves it past its absolute end: %+v", s)
	}
	s.EndedAt = at
	if s.Live(at) {
		t.Error("one that has ended is live")
	}
}

func TestEntry_TakesIDsAndFixedWordsOnly(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range maxDetail + 1 {
		many[strings.Repeat("k", i+1)] = "v"
	}
	for name, c := range map[string]struct {
		e    Entry
		good bool
	}{
		"an action":       {Entry{Action: ActLogin}, true},
		"with a queue":    {Entry{Action: ActSettingsChanged, Detail: map[string]string{"queue": "support-2"}}, true},
		"none":            {Entry{}, false},
		"a sentence":      {Entry{Action: "I want my money back"}, false},
		"a long text":     {Entry{Action: ActLogin, Detail: map[string]string{"text": strings.Repeat("x", 201)}}, false},
		"a text of lines": {Entry{Action: ActLogin, Detail: map[string]string{"text": "Hello,\nmy order"}}, false},
		"broken bytes":    {Entry{Action: ActLogin, Detail: map[string]string{"text": "\xff"}}, false},
		"many":            {Entry{Action: ActLogin, Detail: many}, false},
	} {
		if err := c.e.check(); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
