package bot

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/retrieval/words"
)

func knower(tb testing.TB) *Engine {
	tb.Helper()
	return &Engine{Deps: Deps{Triage: reader(tb), Terms: words.Terms}}
}

func TestMemo_IsMeantByWhoAsksWhatWasDone(t *testing.T) {
	t.Parallel()
	e := knower(t)
	address := Settled{Reference: "TR4W-XX3H", Name: "Mara", Memo: "Changed the delivery address to Harbour Street 4.", Problem: "My address is wrong on order KW-204417", Topic: "account"}
	base := Settled{Reference: "AB2C-DE3F", Name: "Robin Okafor", Memo: "Sent a new base for the K2.", Problem: "K2 blinkt dreimal rot"}
	for text, want := range map[string]string{
		"what happened with my address?":           "TR4W-XX3H",
		"What happened to my address":              "TR4W-XX3H",
		"did you change it?":                       "TR4W-XX3H",
		"Have you changed the address yet?":        "TR4W-XX3H",
		"has my address been changed?":             "TR4W-XX3H",
		"What did Mara do?":                        "TR4W-XX3H",
		"did mara sort it out":                     "TR4W-XX3H",
		"what was done?":                           "TR4W-XX3H", // the last one
		"Any news?":                                "TR4W-XX3H",
		"did you send it?":                         "TR4W-XX3H", // nothing says which: the last one
		"What did Robin do about the kettle":       "AB2C-DE3F",
		"has the new base been sent?":              "AB2C-DE3F",
		"what happened with the K2":                "AB2C-DE3F",
		"Wurde das schon erledigt?":                "TR4W-XX3H",
		"Hat Mara die Lieferadresse geändert?":     "TR4W-XX3H",
		"Was ist mit dem K2?":                      "AB2C-DE3F",
		"Qu’a fait Mara ?":                         "TR4W-XX3H",
		"Avez-vous déjà changé cela ?":             "TR4W-XX3H",
		"¿Qué hizo Mara?":                          "TR4W-XX3H",
		"Che cosa ha fatto Mara?":                  "TR4W-XX3H",
		"O que a Mara fez? O que foi feito?":       "TR4W-XX3H",
		"Wat heeft Mara gedaan?":                   "TR4W-XX3H",
		"Co zrobiła Mara?":                         "TR4W-XX3H",
		"Mara ne yaptı?":                           "TR4W-XX3H",
		"ماذا فعلت Mara؟":                          "TR4W-XX3H",
		"Maraさんは何をしましたか？":                          "TR4W-XX3H",
		"处理好了吗？":                                   "TR4W-XX3H",
		"How do I change my address?":              "",
		"Can you change my address?":               "",
		"When do you open on Sunday?":              "",
		"Did you know that the address is fine?":   "",
		"What happened with my refund?":            "",
		"Did you stop selling gift cards in May?":  "",
		"Do you ship to Austria":                   "",
		"Wie ändere ich meine Adresse?":            "",
		"Wann haben Sie am Sonntag geöffnet?":      "",
		"What is the status of my warranty claim?": "",
		"":  "",
		"🙂": "",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got := ""
			if a, ok := readAsked(text); ok {
				if s := e.meantCase(a, []Settled{address, base}, ""); s != nil {
					got = s.Reference
				}
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestMemo_IsToldInTheirWordsWithNameAndDay(t *testing.T) {
	t.Parallel()
	table, err := memos()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 23, 30, 0, 0, time.FixedZone("", 3600))
	for lang := range texts.byLang {
		w, ok := table.words[lang]
		if !ok || len(w.Asked) < 8 {
			t.Errorf("%s: nobody can ask, or be told", lang)
		}
		s := Settled{Reference: "TR4W-XX3H", Name: "Mara", Memo: "Changed {name} to <b>*4*</b>.", At: at}
		got := memoText(s, lang)
		for _, part := range []string{"Mara", "TR4W-XX3H", "Changed {name} to <b>*4*</b>.", "22", "2026"} {
			if !strings.Contains(got, part) {
				t.Errorf("%s lacks %q: %s", lang, part, got)
			}
		}
		if s.Memo = ""; strings.Contains(memoText(s, lang), "{") || strings.Contains(memoText(s, lang), "“”") {
			t.Errorf("%s: %s", lang, memoText(s, lang))
		}
	}
	if got := memoText(Settled{Reference: "TR4W-XX3H", Name: "Mara", Memo: "Done.", At: at}, "en"); got != "Mara wrote on 22 November 2026, when your request TR4W-XX3H was closed: “Done.”\n\nWould you like to talk to a person about it?" {
		t.Error(got)
	}
	if got := memoText(Settled{Name: "Mara", At: at}, "xx"); !strings.Contains(got, "Mara closed") {
		t.Error(got)
	}
}

// TestMemo_NothingIsMeantWithoutAsking: whatever is written, a memo is told only
// to a message that has one of the asking phrases, and never where nothing was
// closed.
func TestMemo_NothingIsMeantWithoutAsking(t *testing.T) {
	t.Parallel()
	e := knower(t)
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"what", "happened", "with", "my", "address", "did", "you", "change", "it", "kettle", "Mara", "was", "done", "please", "wurde", "erledigt", "何", "吗", "了",
		}), 0, 9).Draw(r, "words"), " ")
		a, ok := readAsked(text)
		if e.meantCase(a, nil, "en") != nil {
			t.Fatal("a case that is not there")
		}
		if s := e.meantCase(a, []Settled{{Name: "Mara", Memo: "address"}}, "en"); ok && s == nil && a.rest == "" {
			t.Fatalf("%q asks for nothing else and is not told", text)
		}
	})
}
