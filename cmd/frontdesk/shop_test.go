package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/sources"
)

// What the demo shop has to hold, so that figures measured on it mean something.
func TestDemoShop_HoldsEveryKindOfArticleAndQuestion(t *testing.T) {
	t.Parallel()
	root, ok := repositoryRoot()
	if !ok {
		t.Fatal("no repository")
	}
	shop := filepath.Join(root, "evals", "shop")
	found, err := sources.Walk(t.Context(), []string{filepath.Join(shop, "knowledge")}, sources.Options{})
	if err != nil || len(found.Problems) > 0 {
		t.Fatalf("%v %v", err, found.Problems)
	}
	articles := map[string]retrieval.Article{}
	have := map[string]int{}
	for _, a := range found.Articles {
		articles[a.ID] = a
		have["articles"]++
		have["desk "+a.Desk]++
		for what, is := range map[string]bool{
			"for agents": a.Audience == retrieval.AgentsOnly, "superseded": a.SupersededBy != "", "with questions": len(a.Questions) > 0,
			"with a table": strings.Contains(a.Body, "\n|"), "with steps": strings.Contains(a.Body, "\n2. "),
			"of a product line": a.Product != "", "in another language": a.Lang != "" && a.Lang != "en",
		} {
			if is {
				have[what]++
			}
		}
	}
	lines := map[string]bool{}
	for _, a := range found.Articles {
		if a.SupersededBy != "" && articles[a.SupersededBy].ID == "" {
			t.Errorf("%s is superseded by %q, which is not there", a.ID, a.SupersededBy)
		}
		lines[a.Product] = true
	}
	have["product lines"] = len(lines) - 1 // one is none
	questions, err := readQuestions(filepath.Join(shop, "questions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range questions {
		have["questions"]++
		if !q.Answerable {
			have["nearly answered"]++
		}
		if q.Language != "en" {
			have["questions in another language"]++
		}
		for _, k := range q.Kind {
			have["kind "+k]++
		}
		goldIsThere(t, q, articles)
	}
	for what, least := range map[string]int{
		"articles": 60, "desk service": 10, "desk support": 10, "for agents": 2, "superseded": 1, "with questions": 10, "with a table": 5,
		"with steps": 5, "of a product line": 20, "product lines": 3,
		"questions": 150, "nearly answered": 30, "questions in another language": 10, "kind typo": 10, "kind story": 10, "kind short": 10,
	} {
		if have[what] < least {
			t.Errorf("%s: %d, want %d at least", what, have[what], least)
		}
	}
	if t.Failed() {
		t.Logf("there is %v", have)
	}
}

// goldIsThere checks that a question's articles exist, may be quoted to a
// visitor, and hold the facts of a right answer word for word.
func goldIsThere(t *testing.T, q evals.Question, articles map[string]retrieval.Article) {
	t.Helper()
	var words strings.Builder
	for _, id := range slices.Concat(q.Gold, q.Also, q.Near) {
		a, ok := articles[id]
		if !ok {
			t.Errorf("%s names %q, which is no article", q.ID, id)
		}
		if a.Audience == retrieval.AgentsOnly && q.Answerable {
			t.Errorf("%s: %s is for agents", q.ID, id)
		}
		words.WriteString(strings.ToLower(strings.Join(strings.Fields(a.Title+" "+a.Body), " ")) + "\n")
	}
	for _, f := range q.Facts {
		if !strings.Contains(words.String(), strings.ToLower(strings.Join(strings.Fields(f), " "))) {
			t.Errorf("%s: %q stands in none of its articles", q.ID, f)
		}
	}
}
