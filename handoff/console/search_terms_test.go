package console

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

func termsOf(text string) []string {
	var out []string
	for t := range SearchTerms(text) {
		out = append(out, t.Text)
	}
	return out
}

func TestSearchTerms_AreOneWordForAllWaysToWriteIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Rückgabe, STRASSE und Straße": "ruckgabe strasse und strasse",
		"devolución Devolucion":        "devolucion devolucion",
		"KW-204417 (E-04)":             "kw 204417 e 04",
		"ann@example.org":              "ann example org",
		"İade ıslak":                   "iade islak",
		"退货政策":                         "退货 货政 政策 策",
		"ケトルが壊れた K2":                   "ケト トル ルが が壊 壊れ れた た k2",
		"반품 규정":                        "반품 규정",
		"إرجاع الطَّلَب":               "ارجاع الطلب",
		"Ｋ２ ﬁlter":                     "k2 filter",
		"":                             "",
		"… — !":                        "",
	} {
		if got := strings.Join(termsOf(text), " "); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

// Whatever the text is: terms are valid, short, of letters, digits and marks,
// and stand in order where they say they do.
func TestSearchTerms_HoldForAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkTerms(t, rapid.String().Draw(t, "text"))
	})
}

func FuzzSearchTerms(f *testing.F) {
	for _, s := range []string{"KW-204417", "退货政策", "a\u0301\u0301", "ﬁ\xff ß", "ー々", "กำลัง"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { checkTerms(t, text) })
}

type failer interface {
	Fatalf(format string, args ...any)
}

func checkTerms(t failer, text string) {
	at := 0
	for term := range SearchTerms(text) {
		if term.From < at || term.To <= term.From || term.To > len(text) {
			t.Fatalf("%q: %+v stands nowhere", text, term)
		}
		at = term.From
		if term.Text == "" || strings.ContainsAny(term.Text, "'\\: &|!<>*#\x00") || len([]rune(term.Text)) > maxTermRunes {
			t.Fatalf("%q: %q is no term", text, term.Text)
		}
		if !slices.Contains(termsOf(text[term.From:term.To]), term.Text) {
			t.Fatalf("%q: %q is not in %q", text, term.Text, text[term.From:term.To])
		}
	}
}

func someNames() names {
	mara, ole := convo.ID{1}, convo.ID{2}
	return names{
		me:     handoff.Actor{Agent: ole, Queues: []string{"support", "sales"}},
		queues: []handoff.Queue{{Queue: "support", Name: "Support"}, {Queue: "sales", Name: "New sales"}, {Queue: "secret", Name: "Secret"}},
		agents: []handoff.Agent{{ID: mara, Name: "Mara Lind"}, {ID: ole, Name: "Ole"}},
		zone:   time.FixedZone("", 3600), now: time.Unix(0, 0),
	}
}

func TestParseSearch_ReadsWordsAndFilters(t *testing.T) {
	t.Parallel()
	s, err := parseSearch(`Refund "three weeks" queue:"new sales" queue:support agent:mara topic:Refunds language:de-AT before:2026-11-01 is:open has:file ended:solved ref:tr4w-x KW-2044 at 10:30`, someNames())
	if err != nil {
		t.Fatal(err)
	}
	words := []SearchWord{{[]string{"refund"}, false}, {[]string{"three", "weeks"}, true}, {[]string{"kw", "2044"}, false}, {[]string{"at"}, false}, {[]string{"10"}, false}, {[]string{"30"}, false}}
	if !slices.EqualFunc(s.Words, words, func(a, b SearchWord) bool { return slices.Equal(a.Terms, b.Terms) && a.Whole == b.Whole }) {
		t.Errorf("words %+v", s.Words)
	}
	if !slices.Equal(s.Queues, []string{"sales", "support"}) || !slices.Equal(s.Agents, []convo.ID{{1}}) || !slices.Equal(s.Topics, []string{"refunds"}) ||
		!slices.Equal(s.Languages, []string{"de"}) || s.State != "open" || !slices.Equal(s.Has, []string{"file"}) || !slices.Equal(s.Ended, []string{"solved"}) || s.Reference != "TR4WX" {
		t.Errorf("%+v", s)
	}
	if !s.Before.Equal(time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("the day begins at %v", s.Before)
	}
	if s, _ := parseSearch("agent:me", someNames()); !slices.Equal(s.Agents, []convo.ID{{2}}) {
		t.Errorf("me: %v", s.Agents)
	}
}

func TestParseSearch_SaysWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	for q, want := range map[string]string{
		"queue:secret":              `"secret"`,
		"queue:nowhere":             `"nowhere"`,
		"agent:nobody":              `"nobody"`,
		"is:asleep":                 "is:",
		"before:yesterday":          "before:",
		"has:":                      "has:",
		"ref:----":                  "ref:",
		strings.Repeat("x", 501):    "500",
		"zero \x00 byte":            "500",
		"desk:elsewhere or nothing": "desk:",
	} {
		if _, err := parseSearch(q, someNames()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", q, err)
		}
	}
}

func FuzzParseSearch(f *testing.F) {
	for _, s := range []string{`a "b c" queue:support`, `"`, `queue:"`, `before:2026-11-01`, `退货 is:open`, `ref:tr4w`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, q string) {
		s, err := parseSearch(q, someNames())
		if err != nil {
			return
		}
		for _, w := range s.Words {
			if len(w.Terms) == 0 || len(s.Words) > maxWords {
				t.Fatalf("%q: %+v", q, s.Words)
			}
		}
	})
}

// What is typed is found where it stands, and what is marked is what was found.
func TestExtracts_MarkWhatWasFound(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, c := range []struct{ name, q, text, want string }{
		{"a beginning", "refund", "Where are my refunds?", "Where are my [refunds]?"},
		{"accents", "ruckgabe", "Die Rückgabe dauert", "Die [Rückgabe] dauert"},
		{"a code with its sign", "kw-2044", "order KW-204417 please", "order [KW-204417] please"},
		{"a code without it is two words", "kw 2044", "order KW-204417 please", "order [KW]-[204417] please"},
		{"quoted words side by side", `"red light"`, "a red light, light red", "a [red light], light red"},
		{"quoted to its end", `"red"`, "reddish red", "reddish [red]"},
		{"no spaces between words", "退货", "请问退货政策是什么", "请问[退货]政策是什么"},
		{"longer than a pair", "退货政策", "请问退货政策是什么", "请问[退货政策]是什么"},
		{"a single character", "货", "请问退货政策", "请问退[货政]策"},
		{"white space is one space", "x1", "a\n\n\tb   x1", "a b [x1]"},
		{"markup is text", "script", "<script>alert(1)</script>", "<[script]>alert(1)</[script]>"},
	} {
		s, err := parseSearch(c.q, someNames())
		if err != nil {
			t.Fatal(err)
		}
		list := s.Extracts([]Saying{{By: "customer", Text: c.text, At: now}})
		if len(list) != 1 || marked(list[0]) != c.want {
			t.Errorf("%s: %+v", c.name, list)
		}
	}
}

func marked(x Extract) string {
	var b strings.Builder
	for _, p := range x.Pieces {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestExtracts_AreShortAndWholeWhateverTheText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abc kettle 退货 ü\n")), 0, 900, -1).Draw(t, "text")
		s := Search{Words: []SearchWord{{Terms: []string{"kettle"}}, {Terms: []string{"a"}}, {Terms: []string{"退货"}, Whole: true}}}
		for _, x := range s.Extracts([]Saying{{Text: text}}) {
			n, hits := 0, 0
			for _, p := range x.Pieces {
				if p.Text == "" || !strings.Contains(spaced(text)+"… …", strings.TrimSpace(p.Text)) && !strings.Contains(p.Text, "…") {
					t.Fatalf("%q is not of the text", p.Text)
				}
				if p.Hit {
					hits++
				}
				n += len(p.Text)
			}
			if hits == 0 || n > extractBytes+extractLead+3*maxTermRunes*4 {
				t.Fatalf("%d hits in %d bytes: %+v", hits, n, x)
			}
		}
	})
}
