package loadgen

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

func TestConfig_RefusesWhatIsNotThisMachinesAndWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	good := Config{URLs: []string{"http://127.0.0.1:8080"}, Customers: 10}
	for name, c := range map[string]struct {
		change  func(*Config)
		ok      bool
		foreign bool
	}{
		"this machine":           {func(*Config) {}, true, false},
		"its name":               {func(c *Config) { c.URLs = []string{"http://localhost:8080"} }, true, false},
		"version six":            {func(c *Config) { c.URLs = []string{"http://[::1]:8080"} }, true, false},
		"another one":            {func(c *Config) { c.URLs = []string{"https://shop.example"} }, false, true},
		"another, beside ours":   {func(c *Config) { c.URLs = append(c.URLs, "http://10.0.0.1") }, false, true},
		"a name that looks ours": {func(c *Config) { c.URLs = []string{"http://localhost.example.com"} }, false, true},
		"another one, allowed":   {func(c *Config) { c.URLs, c.Foreign = []string{"https://shop.example"}, true }, true, false},
		"a path":                 {func(c *Config) { c.URLs = []string{"http://127.0.0.1:8080/desk"} }, false, false},
		"a password in it":       {func(c *Config) { c.URLs = []string{"http://me:secret@127.0.0.1"} }, false, false},
		"no address":             {func(c *Config) { c.URLs = nil }, false, false},
		"nobody":                 {func(c *Config) { c.Customers = 0 }, false, false},
		"a town":                 {func(c *Config) { c.Customers = MostCustomers + 1 }, false, false},
		"faster than we can":     {func(c *Config) { c.Rate = MostRate + 1 }, false, false},
		"backwards":              {func(c *Config) { c.Rate = -1 }, false, false},
		"for ever":               {func(c *Config) { c.For = MostTime + 1 }, false, false},
		"for a moment":           {func(c *Config) { c.For = time.Millisecond }, false, false},
	} {
		cfg := good
		c.change(&cfg)
		_, err := New(cfg)
		if (err == nil) != c.ok || errors.Is(err, ErrForeign) != c.foreign {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") && c.foreign {
			t.Errorf("%s: it tells the password: %v", name, err)
		}
	}
}

func TestReadLogins_TakesLinesAndNeverRepeatsOne(t *testing.T) {
	t.Parallel()
	list, err := ReadLogins(strings.NewReader("# the desk\n\na1@shop.example  aaa bbb\r\na2@shop.example ccc"))
	if err != nil || len(list) != 2 || list[0].Password != "aaa bbb" || list[1].Email != "a2@shop.example" {
		t.Errorf("%d logins, %v", len(list), err)
	}
	for _, text := range []string{"a1@shop.example", "verysecret", "a1@shop.example ", "name verysecret"} {
		_, err := ReadLogins(strings.NewReader(text))
		if err == nil || strings.Contains(err.Error(), "verysecret") || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// noted is a load that has nobody in it, for what is noted and checked.
func noted(t *testing.T) (*Load, *Talk) {
	t.Helper()
	l, err := New(Config{URLs: []string{"http://127.0.0.1:1"}, Customers: 1})
	if err != nil {
		t.Fatal(err)
	}
	talk := newTalk(l.ledger, "talk", "token")
	l.ledger.begin(talk)
	return l, talk
}

// wants holds what is broken against what should be.
func wants(t *testing.T, name string, l *Load, want map[Promise]int) {
	t.Helper()
	r := l.report(time.Second, time.Second)
	for _, k := range kinds() {
		if r.Broken[k] != want[k] {
			t.Errorf("%s: %s %d, want %d: %q", name, k, r.Broken[k], want[k], r.Wrong[k])
		}
	}
	if r.Kept() != (len(want) == 0) {
		t.Errorf("%s: kept: %v", name, r.Kept())
	}
}

func shown(id int, name, data string) event {
	return event{id: fmt.Sprint(id), name: name, data: []byte(data)}
}

func TestTalk_SeesWhatAReaderMayNotBeShown(t *testing.T) {
	t.Parallel()
	said := func(id int, author, text string) event {
		return shown(id, "message", fmt.Sprintf(`{"author":%q,"text":%q}`, author, text))
	}
	for name, c := range map[string]struct {
		events []event
		want   map[Promise]int
	}{
		"all is well": {[]event{
			said(1, "customer", "help [c1.1.1]"), said(2, "bot", "so"), shown(3, "done", `{"turn":"a"}`), shown(4, "owner", `{"owner":"queue"}`),
			said(5, "system", "reference KCMJ-37TR"), shown(6, "owner", `{"owner":"agent"}`), said(7, "agent", "hello [a1.1]"), shown(8, "owner", `{"owner":"bot"}`), said(9, "bot", "so"),
		}, nil},
		"a beat":                {[]event{{}, {name: "typing"}}, nil},
		"one is left out":       {[]event{said(1, "bot", ""), said(3, "bot", "")}, map[Promise]int{ReaderGap: 1}},
		"one comes again":       {[]event{said(1, "bot", ""), said(1, "bot", "")}, map[Promise]int{ReaderGap: 1}},
		"a text under two":      {[]event{said(1, "customer", "x [c1.1.1]"), said(2, "customer", "x [c1.1.1]")}, map[Promise]int{LostMessage: 1}},
		"a bot while one waits": {[]event{shown(1, "owner", `{"owner":"queue"}`), said(2, "bot", "")}, map[Promise]int{BotSpoke: 1}},
		"a bot over a person":   {[]event{shown(1, "owner", `{"owner":"agent"}`), said(2, "bot", "")}, map[Promise]int{BotSpoke: 1}},
		"a turn ends twice":     {[]event{shown(1, "done", `{"turn":"a"}`), shown(2, "error", `{"turn":"a"}`)}, map[Promise]int{TurnEnds: 1}},
		"nonsense":              {[]event{shown(1, "owner", `{`), {id: "x"}}, map[Promise]int{BadAnswer: 1, ReaderGap: 1}},
	} {
		l, talk := noted(t)
		for _, e := range c.events {
			talk.take(e, time.Now())
		}
		wants(t, name, l, c.want)
	}
	_, talk := noted(t)
	talk.take(said(1, "system", "Your reference is KCMJ-37TR."), time.Now())
	talk.take(said(2, "customer", "mine is QQQQ-7777"), time.Now())
	if told := talk.Told(); len(told) != 1 || told[0] != "KCMJ-37TR" {
		t.Errorf("told of %v", told)
	}
}

func TestCheck_TextsAreThereOnceAndInOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		taken [3]bool
		at    map[string][]int
		want  int
	}{
		"all there":               {[3]bool{true, true, true}, map[string][]int{"0": {0}, "1": {2}, "2": {5}}, 0},
		"never confirmed, gone":   {[3]bool{true, false, true}, map[string][]int{"0": {0}, "2": {5}}, 0},
		"never confirmed, there":  {[3]bool{true, false, true}, map[string][]int{"0": {0}, "1": {3}, "2": {5}}, 0},
		"confirmed, gone":         {[3]bool{true, true, true}, map[string][]int{"0": {0}, "2": {5}}, 1},
		"twice":                   {[3]bool{true, true, true}, map[string][]int{"0": {0, 1}, "1": {2}, "2": {5}}, 1},
		"never confirmed, twice":  {[3]bool{true, false, true}, map[string][]int{"0": {0}, "1": {2, 3}, "2": {5}}, 1},
		"the second before first": {[3]bool{true, true, true}, map[string][]int{"0": {2}, "1": {0}, "2": {5}}, 1},
	} {
		l, talk := noted(t)
		for i, taken := range c.taken {
			s := &Said{Name: fmt.Sprint(i)}
			talk.writes(s)
			if taken {
				talk.taken(s)
			}
		}
		l.checkSaid(talk, c.at)
		var want map[Promise]int
		if c.want > 0 {
			want = map[Promise]int{LostMessage: c.want}
		}
		wants(t, name, l, want)
	}
}

func TestCheck_ACaseHasOneOwnerAtATime(t *testing.T) {
	t.Parallel()
	claimed := func(who string) logged { return logged{Kind: "claimed", Agent: who} }
	for name, c := range map[string]struct {
		log    []logged
		claims []Claim
		want   int
	}{
		"taken and closed":       {[]logged{{Kind: "opened"}, claimed("a"), {Kind: "closed"}}, []Claim{{Agent: "a"}}, 0},
		"given back, and taken":  {[]logged{claimed("a"), {Kind: "released"}, claimed("b")}, []Claim{{Agent: "a"}, {Agent: "b"}}, 0},
		"taken from another one": {[]logged{claimed("a"), claimed("b")}, nil, 1},
		"told, and not in it":    {[]logged{claimed("a")}, []Claim{{Agent: "a"}, {Agent: "b"}}, 1},
		"told twice, in it once": {[]logged{claimed("a")}, []Claim{{Agent: "a"}, {Agent: "a"}}, 1},
	} {
		l, _ := noted(t)
		l.checkLog("case", c.log, c.claims)
		var want map[Promise]int
		if c.want > 0 {
			want = map[Promise]int{OwnedTwice: c.want}
		}
		wants(t, name, l, want)
	}
}

func TestFits_TheOwnerGoesWithTheCase(t *testing.T) {
	t.Parallel()
	waits, held, closed := row{State: "waiting", Queue: "q"}, row{State: "claimed", Agent: "a"}, row{State: "closed"}
	aside, second := row{State: "waiting", Queue: "q", Aside: true}, row{State: "waiting", Queue: "q", Link: "second"}
	for name, c := range map[string]struct {
		owner string
		cases []row
		ok    bool
	}{
		"waits":                    {"queue", []row{closed, waits}, true},
		"is helped":                {"agent", []row{held, second}, true},
		"is over":                  {"bot", []row{closed}, true},
		"talks meanwhile":          {"bot", []row{aside}, true},
		"only the second matter":   {"bot", []row{closed, second}, true},
		"waits for nothing":        {"queue", []row{closed}, false},
		"waits, held":              {"queue", []row{held}, false},
		"a person's, nobody's":     {"agent", []row{waits}, false},
		"forgotten":                {"bot", []row{waits}, false},
		"held, and the bot speaks": {"bot", []row{held}, false},
		"in no queue":              {"queue", []row{{State: "waiting"}}, false},
		"nobody's":                 {"agent", []row{{State: "claimed"}}, false},
		"in no state":              {"bot", []row{{State: "lost"}}, false},
	} {
		if got := fits(c.owner, c.cases); (got == "") != c.ok {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTimes_CountOnlyWhatWasAwaited(t *testing.T) {
	t.Parallel()
	l, talk := noted(t)
	before := time.Now()
	talk.writes(&Said{Name: "c1", At: time.Now().Add(time.Millisecond)})
	l.ledger.hears(TookToAgent, "c1", before)
	l.ledger.hears(TookToAgent, "c1", before) // a second reader
	talk.writes(&Said{Name: "c2", At: before.Add(-time.Second)})
	l.ledger.hears(TookToAgent, "c2", before) // written before anybody looked
	l.ledger.pressed("k", before)
	l.ledger.shown("k")
	l.ledger.shown("k")
	if n, m := l.times.Of(TookToAgent).Count, l.times.Of(TookVisible).Count; n != 1 || m != 1 {
		t.Errorf("%d and %d, want one each", n, m)
	}
}

func streamOf(text string) *events {
	return &events{body: io.NopCloser(strings.NewReader("")), in: bufio.NewReader(strings.NewReader(text))}
}

func TestEvents_HalfAnEventIsNone(t *testing.T) {
	t.Parallel()
	s := streamOf("retry: 2000\n\n:\n\nid: 7\nevent: message\ndata: {\"a\":1}\n\nid: 8\nevent: done\ndata: {")
	for _, want := range []event{{}, {}, {id: "7", name: "message", data: []byte(`{"a":1}`)}} {
		e, err := s.read()
		if err != nil || e.id != want.id || e.name != want.name || string(e.data) != string(want.data) {
			t.Fatalf("got %+v, %v; want %+v", e, err, want)
		}
	}
	if e, err := s.read(); err == nil {
		t.Errorf("half an event is taken for %+v", e)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add("id: 1\nevent: message\ndata: {}\n\n")
	f.Add(":\n\ndata\n\n\r\n")
	f.Add("id: 1\nid: 2\ndata:x\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := streamOf(text)
		for range strings.Count(text, "\n") + 2 {
			e, err := s.read()
			if err != nil {
				return
			}
			if strings.ContainsAny(e.id+e.name, "\n") || strings.Contains(string(e.data), "\n") {
				t.Fatalf("an event of several lines: %+v", e)
			}
		}
		t.Fatal("it does not end")
	})
}
