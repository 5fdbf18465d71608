package cues

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/triage/text"
)

const small = `{
  "en": {
    "groups": {"who": ["human", "human being", "member of staff"]},
    "not": ["dont want to", "never"],
    "mask": ["smoke alarm", "cleaning agent"],
    "told": ["classify … as"],
    "polite": ["please", "hi"],
    "rules": {
      "wish": {"says": ["talk|speak to … @who", "get me [a|the] manager"], "alone": ["agent", "human being"]},
      "danger": {"says": ["smok*", "smoke"]}
    }
  },
  "pl": {"not": ["nie"], "rules": {"wish": {"says": ["rozmawiac z"]}}},
  "zh": {"rules": {"wish": {"says": ["找 … 经理"]}}}
}`

func book(tb testing.TB) *Book {
	tb.Helper()
	b, err := Read([]byte(small), 1)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func says(f Found) string {
	var out []string
	for _, c := range f.Cues {
		out = append(out, c.Rule)
	}
	if f.Masked {
		out = append(out, "masked")
	}
	if f.Told {
		out = append(out, "told")
	}
	return strings.Join(out, " ")
}

func TestBook_FindsWhatPatternsSay(t *testing.T) {
	t.Parallel()
	b := book(t)
	for name, c := range map[string]struct{ text, want string }{
		"words in a row":                         {"I must talk to a human", "wish"},
		"a group's phrase of two words":          {"speak to a human being", "wish"},
		"a gap of three words":                   {"talk to one of your human helpers", "wish"},
		"no gap of four":                         {"talk to one of your very human helpers", ""},
		"what may be there is":                   {"get me the manager", "wish"},
		"what may be there is not":               {"get me manager", "wish"},
		"something else is there":                {"get me my manager", ""},
		"a word's beginning":                     {"it is smoking", "danger"},
		"not over the end of a sentence":         {"Let us talk to. Human rights?", ""},
		"a negation in front":                    {"I don't want to talk to a human", ""},
		"a negation one word away":               {"I never ever talk to a human", ""},
		"a negation behind a comma":              {"never, talk to a human", "wish"},
		"a negation too far away":                {"never will I again talk to a human", "wish"},
		"a mask over it":                         {"the smoke alarm", "masked"},
		"a mask beside it":                       {"the smoke alarm and smoke", "danger danger masked"},
		"an order how to label":                  {"classify this as smoke", "told"},
		"before an order how to label":           {"smoke! now classify this as smoke", "danger danger told"},
		"alone":                                  {"agent", "wish"},
		"alone, with politeness":                 {"Hi, agent please!", "wish"},
		"alone is not all":                       {"agent orange", ""},
		"alone, in two words":                    {"human being please", "wish"},
		"characters without spaces":              {"我要找你们公司负责售后的经理", "wish"},
		"more characters than a gap has":         {"找" + strings.Repeat("我", 13) + "经理", ""},
		"letters of another script":              {"tаlk to a humаn", "wish"}, // Cyrillic а
		"marks of no width":                      {"smo\u200bke", "danger danger"},
		"digits for letters":                     {"sm0ke", "danger danger"},
		"nothing":                                {"", ""},
		"quoted mail says nothing":               {"> talk to a human\n> smoke", ""},
		"what stands above quoted mail does":     {"smoke again\n\nOn 3 May 2026 Ann <a@shop.example> wrote:\n> talk to a human", "danger danger"},
		"a negation of its own language":         {"nie rozmawiac z", ""},
		"a negation of another language is none": {"nie talk to a human", "wish"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := says(b.Find(text.Normal(c.text))); got != c.want {
				t.Errorf("%q says %q, want %q", c.text, got, c.want)
			}
		})
	}
}

func TestBook_SpansAreOfTheMessage(t *testing.T) {
	t.Parallel()
	b := book(t)
	const message = "Grüße! Lеt me talk to a hum\u200ban, bitte"
	f := b.Find(text.Normal(message))
	if len(f.Cues) != 1 || message[f.Cues[0].From:f.Cues[0].To] != "talk to a hum\u200ban" {
		t.Errorf("%+v", f.Cues)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SliceOf(rapid.SampledFrom([]string{"talk ", "to ", "human", "smoke", "烟", "找经理", " ", ". ", "é", "\u200b", "agent", "> ", "\n", "never "})).Draw(t, "parts")
		message := strings.Join(s, "")
		for _, c := range b.Find(text.Normal(message)).Cues {
			if c.From < 0 || c.From >= c.To || c.To > len(message) {
				t.Fatalf("%q: %+v", message, c)
			}
		}
	})
}

func TestBook_WithASitesOwnWords(t *testing.T) {
	t.Parallel()
	b := book(t)
	own, err := b.With(map[string][]string{"recall": {"lot|batch 77"}, "danger": {"wobbles"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := says(own.Find(text.Normal("batch 77 wobbles, smoke"))); got != "recall danger danger danger" {
		t.Errorf("says %q", got)
	}
	if got := says(b.Find(text.Normal("batch 77 wobbles"))); got != "" {
		t.Errorf("the book it was made from says %q", got)
	}
	if _, err := b.With(map[string][]string{"recall": {"…"}}); err == nil || !strings.Contains(err.Error(), "own words") {
		t.Errorf("%v", err)
	}
}

func TestRead_RefusesPatternsThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ pattern, want string }{
		"without words":           {"!!!", "no words"},
		"a gap alone":             {"…", "begin with a word"},
		"a gap in front":          {"… human", "begin with a word"},
		"something that may be":   {"[a] human", "begin with a word"},
		"an alternative of none":  {"human|!", "no words"},
		"a bracket without end":   {"get [a human", "bracket"},
		"a group that is unknown": {"get @nobody", "nobody"},
		"nothing":                 {"", "begin with a word"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(map[string]Language{"en": {Rules: map[string]Rule{"x": {Says: []string{c.pattern}}}}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Read(data, 1); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want something about %q", err, c.want)
			}
		})
	}
	if _, err := Read([]byte("{"), 1); err == nil {
		t.Error("half a file was read")
	}
}

func TestBook_TimeGrowsWithTheMessageOnly(t *testing.T) {
	t.Parallel()
	b := book(t)
	for name, s := range map[string]string{
		"one word": strings.Repeat("talk ", 20000), "beginnings": strings.Repeat("talk to get me the ", 5200),
		"characters": strings.Repeat("找", 33000), "one letter": strings.Repeat("a", 100000),
	} {
		if f := b.Find(text.Normal(s)); len(f.Cues) > 0 {
			t.Errorf("%s: %d cues", name, len(f.Cues))
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"talk|speak to … @who", "get me [a|the] x*", "…", "[", "a_b|c", "找 … 经理", "@"} {
		f.Add(s)
	}
	groups := map[string][]string{"who": {"human being"}}
	ws := text.Normal("talk to a human being").Words
	f.Fuzz(func(t *testing.T, s string) {
		a := author{groups: groups, phrases: map[string]ways{}, known: map[string]int32{}}
		p, err := a.pattern(s)
		if err != nil {
			return
		}
		c := a.done()
		l := c.spelling.Spell(ws)
		for i := range ws {
			if end, ok := c.match(p, l, i); ok && (end <= i || end > len(ws)) {
				t.Fatalf("%q ends at %d of %d", s, end, len(ws))
			}
		}
	})
}
