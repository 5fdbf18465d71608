package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// askedTurn is what comes back of one thing said.
type askedTurn struct {
	Action, Text, Reason string
	Citations            []struct{ Article, Quote string }
	Choices              []struct{ Article, Title, Quote string }
}

// TestAsk_SitesOfEveryShapeAreAnsweredSanely: nothing to find, one article, 300
// near-twins, and knowledge in a language that nobody asks in. Whatever comes back
// is a quote with its citation, a choice, or an honest no; never silence, and never
// what does not stand there.
func TestAsk_SitesOfEveryShapeAreAnsweredSanely(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	dir := t.TempDir()
	put := func(site, name, text string) {
		path := filepath.Join(dir, site, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("one", "hours.md", "# Opening hours\n\nWe are open Monday to Friday from 9 to 17.\n")
	put("finnish", "palautus.md", "# Palautukset\n\nVoit palauttaa tuotteen 30 päivän kuluessa. Palautus on maksuton Suomessa.\n")
	put("finnish", "toimitus.md", "# Toimitus\n\nToimitamme kaikkialle Suomeen 2–4 arkipäivässä.\n")
	for i := range 300 {
		put("twins", fmt.Sprintf("lamp-%d.md", i+1), fmt.Sprintf("---\ntitle: Lamp Lumo %d\nproduct: Lumo %d\n---\nThe Lumo %d weighs %d grams.\n", i+1, i+1, i+1, 200+i))
	}
	k.run(0, "", "site", "add", "none")
	for _, site := range []string{"one", "finnish", "twins"} {
		k.run(0, "", "ingest", "--site", site, filepath.Join(dir, site))
		k.run(0, "", "site", "set", site, "threshold=0.3", "maybe=0.05") // of vectors that mean little
	}
	for _, c := range []struct {
		site, say string
		fits      func(askedTurn) bool
		want      string
	}{
		{"none", "how do I return something", func(a askedTurn) bool { return a.Action == "none" }, "an honest no"},
		{"none", "I want to talk to a person", func(a askedTurn) bool { return a.Action == "handoff" }, "a person"},
		{"one", "Opening hours", quotes("hours"), "a quote: the question is the title"},
		{"one", "xylophone", func(a askedTurn) bool { return a.Action != "answer" }, "no quote"},
		{"twins", "Lamp Lumo 17", quotes("lamp-17"), "the twin that is named"},
		{"twins", "how heavy is the Lumo 212", func(a askedTurn) bool {
			return quotes("lamp-212")(a) || a.Action == "none" || len(a.Choices) > 0 && a.Choices[0].Article == "lamp-212"
		}, "no twin before the one that is named"},
		{"twins", "lamp", func(a askedTurn) bool { return a.Action != "answer" && len(a.Choices) <= 3 }, "no quote of any one"},
		{"finnish", "how do I return something", func(a askedTurn) bool { return a.Action == "none" || a.Action == "clarify" || a.Action == "answer" }, "an end"},
		{"finnish", "Palautukset", quotes("palautus"), "a quote in its own language"},
	} {
		line, err := json.Marshal(map[string]any{"id": "1", "say": []string{c.say}})
		if err != nil {
			t.Fatal(err)
		}
		out, _ := k.run(0, string(line)+"\n", "ask", "--site", c.site, "--jsonl")
		var got struct{ Turns []askedTurn }
		if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Turns) != 1 {
			t.Fatalf("%s, %q: %v in %s", c.site, c.say, err, out)
		}
		turn := got.Turns[0]
		if !c.fits(turn) || turn.Text == "" {
			t.Errorf("%s, %q: want %s, got %s", c.site, c.say, c.want, out)
		}
		for _, cited := range turn.Citations {
			b, err := os.ReadFile(filepath.Join(dir, c.site, cited.Article+".md"))
			if err != nil || !strings.Contains(string(b), cited.Quote) {
				t.Errorf("%s, %q: %q does not stand in %s (%v)", c.site, c.say, cited.Quote, cited.Article, err)
			}
		}
	}
}

func quotes(article string) func(askedTurn) bool {
	return func(a askedTurn) bool {
		return a.Action == "answer" && len(a.Citations) > 0 && a.Citations[0].Article == article
	}
}
