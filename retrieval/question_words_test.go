package retrieval

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestQuestionWords_RepeatingWordsSaysNothingMore(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 500 {
		fmt.Fprintf(&many, "word%d ", i)
	}
	for name, row := range map[string]struct {
		text string
		want int
	}{
		"none":                   {"", 0},
		"a question":             {"How do I send the kettle back?", 7},
		"a word said thrice":     {"agent. agent. agent.", 3},
		"with other signs":       {"Refund! refund, REFUND… (refund) refund?", 3},
		"one word 50,000 times":  {strings.Repeat("a ", 50_000), 3},
		"two words, over again":  {strings.Repeat("yes no ", 50_000), 6},
		"signs, over again":      {strings.Repeat("? ! ", 50_000), 3},
		"as long as any we know": {strings.Repeat("the lid leaks and it is wet ", 3), 21},
		"500 different words":    {many.String(), mostQuestionWords},
		"no blanks":              {"我的包裹在哪里？", 1},
	} {
		if got := questionWords(row.text); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
}

// The bounds lie beyond all that figures are measured by: none of them moves.
func TestQuestionWords_AreAllOfThemForEveryMessageThatIsMeasured(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.FromSlash("../evals/corpus/*/messages.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, path := range append(files, filepath.FromSlash("../evals/shop/questions.jsonl")) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var m struct {
				Text    string
				History []struct{ Role, Text string }
			}
			if err := json.Unmarshal(line, &m); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			said := ""
			for _, h := range m.History {
				if h.Role == "customer" {
					said += h.Text + "\n"
				}
			}
			for _, text := range []string{m.Text, said + m.Text} {
				if got, all := questionWords(text), len(strings.Fields(text)); got != all {
					t.Errorf("%s: %d of %d words count: %.60q", path, got, all, text)
				}
			}
			checked++
		}
	}
	if checked < 5000 {
		t.Errorf("%d messages", checked)
	}
}

func TestQuestionWords_NeverMoreThanThereAreAndWordsAddedNeverLowerIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.SampledFrom([]string{"lid", "Lid", "leaks", "the", "7", "水", "?", "refund"})).Draw(t, "words")
		n, before := len(words), 0
		for i := range n + 1 {
			got := questionWords(strings.Join(words[:i], " "))
			if got > i || got < before || got > mostQuestionWords || i > 0 && got == 0 {
				t.Fatalf("%d words: %d after %d", i, got, before)
			}
			before = got
		}
	})
}

// By the plans as they ship: what is found for a word is as near to the question
// however often the word is said, and so it must be as sure.
func TestSearch_AWordSaid50000TimesIsNoSurerThanSaidThrice(t *testing.T) {
	t.Parallel()
	ranking, err := DefaultRanking()
	if err != nil {
		t.Fatal(err)
	}
	w := newTwoModels(t, nil, text{1, "en", "the lid leaks", []string{"the lid leaks"}}, text{2, "en", "refund", []string{"refund"}})
	asked := func(text string) Found {
		f, err := w.searcher.Find(context.Background(), Query{Site: 1, Text: text, Lang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	thrice, over := asked("a a a"), asked(strings.Repeat("a ", 50_000))
	for i := range ranking.Plans {
		p := &ranking.Plans[i]
		sure := func(words int) (quote, near float64) {
			var ev Evidence
			f := planned(p, candidate(1, 1, 0.5, 0), candidate(2, 2, 0.4, 0))
			f.QuestionWords = words
			p.judge(&ev, f, 5, false)
			return ev.P, ev.Near
		}
		p3, near3 := sure(thrice.QuestionWords)
		pMany, nearMany := sure(over.QuestionWords)
		if pMany > p3 || nearMany > near3 {
			t.Errorf("%s: P %.3f and %.3f said thrice, %.3f and %.3f said 50,000 times", p.Name, p3, near3, pMany, nearMany)
		}
		if p40, _ := sure(40); p40 <= p3 {
			t.Errorf("%s: 40 words are no surer (%.3f) than three (%.3f)", p.Name, p40, p3)
		}
	}
}
