package evals

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/triage"
)

const shippedMessages = "triage"

func TestMessageSets_AreThereInHalvesAndSealed(t *testing.T) {
	t.Parallel()
	open, err := ReadMessageSets(shippedMessages, Open)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := ReadMessageSets(shippedMessages, Sealed)
	if err != nil {
		t.Fatal(err)
	}
	third, err := ReadMessageSets(shippedMessages, Third)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, want := range map[string]int{"mustgo": 200, "mustgo_decoys": 200, "person": 160, "person_decoys": 200, "matters": 80, "account": 80} {
		if len(third[name]) != want || len(langs(third[name])) != 12 {
			t.Errorf("third part, %s: %d in %d languages, want %d in 12", name, len(third[name]), len(langs(third[name])), want)
		}
	}
	for name, want := range map[string]int{"mustgo": 250, "mustgo_decoys": 125, "person": 150, "person_decoys": 125, "mood": 180, "matters": 120, "account": 80, "pii": 120} {
		if len(open[name]) != want || len(sealed[name]) != want {
			t.Errorf("%s: %d open and %d sealed, want %d each", name, len(open[name]), len(sealed[name]), want)
		}
		for _, m := range append(open[name], sealed[name]...) {
			if other := texts[m.Text]; other != "" {
				t.Errorf("%s has the words of %s", m.ID, other)
			}
			texts[m.Text] = m.ID
		}
		if n := len(langs(append(open[name], sealed[name]...))); n != 12 {
			t.Errorf("%s: %d languages", name, n)
		}
	}
}

func TestMessageSets_ASealedFileThatWasChangedIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(shippedMessages)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sealed", "mood.jsonl")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadMessageSets(dir, Sealed); err == nil || !strings.Contains(err.Error(), "mood.jsonl is sealed and was changed") {
		t.Errorf("got %v", err)
	}
}

func TestReadLabelled_NamesTheLineThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"half a line":                       `{"id":"a","text":"x","lang":"en"}` + "\n" + `{"id":"b"`,
		"an unknown key":                    `{"id":"a","text":"x","lang":"en"}` + "\n" + `{"id":"b","text":"x","lang":"en","tone":1}`,
		"no text":                           `{"id":"a","text":"x","lang":"en"}` + "\n" + `{"id":"b","lang":"en"}`,
		"a part that is not of the message": `{"id":"a","text":"x","lang":"en"}` + "\n" + `{"id":"b","text":"x","lang":"en","parts":[{"text":"y","desk":"service"}]}`,
	} {
		if _, err := readLabelled([]byte(text), "m.jsonl"); err == nil || !strings.Contains(err.Error(), "m.jsonl:2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readLabelled(nil, "m.jsonl"); err == nil {
		t.Error("an empty file was taken")
	}
}

// The interval is Wilson's: 81 of 263 is the worked example of Newcombe (1998),
// .2553–.3662.
func TestShareOf_IsTheIntervalOfTheBook(t *testing.T) {
	t.Parallel()
	s := shareOf(81, 263)
	if math.Abs(s.Low-.2553) > 5e-4 || math.Abs(s.High-.3662) > 5e-4 {
		t.Errorf("%.4f–%.4f", s.Low, s.High)
	}
	if s := shareOf(0, 10); s.Low != 0 || !(s.High > .2) {
		t.Errorf("none of ten: %.3f–%.3f", s.Low, s.High)
	}
}

func TestMeasureMessages_CountsWhatWasFoundAndWhatWasNot(t *testing.T) {
	t.Parallel()
	mood, account := -1.0, true
	message := func(set, text string, d triage.Decision) Read {
		return Read{Labelled: Labelled{ID: set, Text: text, Lang: "en", Kind: "plain", Mood: &mood, Urgency: new(float64), Account: &account}, Decision: d}
	}
	pii := message("pii", "mail me at a@example.org", triage.Decision{Personal: []triage.Personal{{Kind: "email", From: 11, To: 24}}})
	pii.Spans = append(pii.Spans, struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
	}{"email", "a@example.org"})
	r := MeasureMessages(map[string][]Read{
		"mustgo":        {message("a", "smoke", triage.Decision{Rule: "danger"}), message("b", "smoke", triage.Decision{})},
		"mustgo_decoys": {message("c", "smoke grey", triage.Decision{Rule: "danger"})},
		"pii":           {pii},
		"mood":          {message("d", "bad", triage.Decision{Mood: -.8})},
		"account":       {message("e", "where is my order", triage.Decision{OwnDataP: .9})},
	})
	got := map[string]Share{}
	for _, m := range r.Measures {
		got[strings.TrimSpace(m.Name)] = m.Share
	}
	for name, want := range map[string]float64{
		"must-go, plain: found": .5, "must-go: false alarms": 1, "personal data: spans found": 1, "email": 1,
		"mood: bad, fair or good": 1, "own data needed or not": 1,
	} {
		if got[name].Value != want || got[name].Of == 0 {
			t.Errorf("%s: %.2f of %d, want %.2f", name, got[name].Value, got[name].Of, want)
		}
	}
}

func FuzzReadLabelled(f *testing.F) {
	f.Add(`{"id":"a","text":"x","lang":"en"}`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := readLabelled([]byte(text), "m.jsonl")
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%d messages, %v", len(list), err)
		}
	})
}
