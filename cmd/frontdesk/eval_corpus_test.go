package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/evals"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
)

// smallCorpus writes a corpus of one business with messages of every
// expectation, and of a frozen one.
func (k *knowledge) smallCorpus() (dir string) {
	k.t.Helper()
	k.folder = k.t.TempDir()
	business := func(slug string) {
		k.write(slug+"/business.json", `{"slug":"`+slug+`","name":"Lamps","trade":"lamps","languages":["en","de"],"voice":"plain","products":[],"topics":{"returns":"service","light":"support"}}`)
		k.write(slug+"/knowledge/returns.md", "---\nid: returns\ntitle: Sending it back\n---\n\nYou have 45 days to send a lamp back, and it is free.\n")
		k.write(slug+"/knowledge/light.md", "---\nid: light\ntitle: The light flickers\n---\n\nPress the red button for ten seconds until the light stays on.\n")
		k.write(slug+"/knowledge/inner.md", "---\nid: inner\ntitle: Goodwill\naudience: agents\n---\n\nGoodwill ends at fifty euro for a flickering lamp.\n")
		var lines strings.Builder
		for i, m := range []string{
			`"text":"flickers until the red button","expect":"answer","gold":["light"],"facts":["ten seconds"],"kind":["indirect"],"desk":"support","topic":"light"`,
			`"text":"45 days to send a lamp back","expect":"answer","gold":["returns"],"facts":["45 days"],"kind":["direct"],"desk":"service","topic":"returns"`,
			`"text":"goodwill of fifty euro","expect":"not_covered","near":["returns"],"kind":["near_miss","not_covered"],"desk":"service","topic":"returns"`,
			`"text":"Hello!","expect":"none","kind":["none"],"desk":"none","topic":""`,
			`"text":"...","expect":"none","kind":["none"],"desk":"none","topic":""`,
			`"text":"and that one?","expect":"answer","gold":["light"],"facts":["red button"],"kind":["follow_up"],"history":[{"role":"customer","text":"the light flickers"}],"desk":"support","topic":"light"`,
		} {
			fmt.Fprintf(&lines, "{\"id\":\"%s-%d\",\"language\":\"en\",%s}\n", slug, i, m)
		}
		k.write(slug+"/messages.jsonl", lines.String())
	}
	business("lamps")
	return k.folder
}

func readReport(t *testing.T, path string) (r evals.CorpusReport) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEvalCorpus_AsksEveryMessageAndTheSecondRunEmbedsNothing(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	dir, file := k.smallCorpus(), filepath.Join(t.TempDir(), "report.json")
	out, errs := k.run(0, "", "eval", "corpus", "--corpus", dir, "--json", file, "--each", "--threshold", "0.42")
	contains(t, "stdout", out, "6 messages of 1 businesses", "lamps", "R@1", "quotes wrong", "0.420", "What each part brings", "vectors", "words")
	contains(t, "stderr", errs, "3 articles", "6 of 6 messages asked", "without words")
	r := readReport(t, file)
	if r.Messages != 6 || len(r.Asked) != 6 || len(r.Ablations) != len(partNames()) || r.All.Scores["r5"].Of != 2 {
		t.Errorf("%+v", r)
	}
	for i, a := range r.Asked {
		if a.ID != fmt.Sprint("lamps-", i) || slices.Contains(a.Hits, "inner") {
			t.Errorf("%d: %+v", i, a)
		}
	}
	if hello := r.Asked[3]; hello.Action != evals.ActAnswer || len(hello.Hits) > 0 {
		t.Errorf("small talk was searched for: %+v", hello)
	}
	// A model that nothing is known about says its width with a first answer.
	first := k.model.Texts()
	again, _ := k.run(0, "", "eval", "corpus", "--corpus", dir, "--each", "--threshold", "0.42")
	if n := k.model.Texts() - first; n > 2 {
		t.Errorf("the second run embedded %d texts", n)
	}
	if again != out {
		t.Errorf("two runs differ:\n%s\n%s", out, again)
	}
	if k.sites() != 0 {
		t.Error("the site of the measurement stays")
	}
}

func TestEvalCorpus_WithoutVectorsNothingIsEmbedded(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	dir := k.smallCorpus()
	out, _ := k.run(0, "", "eval", "corpus", "--corpus", dir, "--business", "lamps", "--without", "vectors")
	contains(t, "stdout", out, "words, follow_ups, quotes, two_questions, bands", "switched off: vectors")
	if k.model.Calls() > 0 {
		t.Error("the embedder was asked")
	}
}

func TestEvalCorpus_AnEmbedderThatGoesAwayIsNoMeasurement(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	dir := k.smallCorpus()
	k.run(0, "", "eval", "corpus", "--corpus", dir)
	k.model.Close()
	k.write("lamps/messages.jsonl", `{"id":"x","text":"never asked before","language":"en","expect":"not_covered","kind":[],"desk":"service"}`)
	_, errs := k.run(exitFailed, "", "eval", "corpus", "--corpus", dir)
	contains(t, "stderr", errs, "cannot be reached")
	if k.sites() != 0 {
		t.Error("the site of the measurement stays")
	}
}

func TestEvalCorpus_RefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	dir := k.smallCorpus()
	for name, row := range map[string]struct {
		status int
		says   string
		args   []string
	}{
		"a part that does not exist":          {exitUsage, "words, follow_ups, quotes, two_questions, bands", []string{"--without", "magic"}},
		"nothing left to search by":           {exitUsage, "nothing is left", []string{"--without", "vectors,words"}},
		"a threshold that is no probability":  {exitUsage, "--threshold", []string{"--threshold", "2"}},
		"a business that does not exist":      {exitFailed, "lights", []string{"--business", "lights"}},
		"frozen ones where there are none":    {exitFailed, "no such business", []string{"--frozen"}},
		"a business that is not frozen":       {exitUsage, "not frozen", []string{"--frozen", "--business", "lamps"}},
		"a folder that is no corpus":          {exitFailed, "no business", []string{"--corpus", t.TempDir()}},
		"a frozen one of ours without a word": {exitUsage, "--frozen", []string{"--corpus", filepath.Join("..", "..", "evals", "corpus"), "--business", "cabinet"}},
		"an argument that is no flag":         {exitUsage, "unknown command", []string{"velora"}},
	} {
		args := append([]string{"eval", "corpus", "--corpus", dir}, row.args...)
		_, errs := k.run(row.status, "", args...)
		if !strings.Contains(errs, row.says) {
			t.Errorf("%s: %s, want words about %q", name, errs, row.says)
		}
	}
}

func TestEvalCorpus_LintSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	out, errs := k.run(exitFailed, "", "eval", "corpus", "--corpus", k.smallCorpus(), "--lint")
	contains(t, "stdout", out, "lamps: 3 articles, 6 messages", "articles: there are 3, and must be 40", "words alone")
	contains(t, "stderr", errs, "findings")
	if k.model.Calls() > 0 || k.sites() != 0 {
		t.Error("a lint embedded something, or left its site")
	}
}

// inner is an embedder that remembers what it was asked.
type inner struct {
	model retrieval.Model
	asked [][]string
	fail  func(texts []string) error
}

func (e *inner) Model() retrieval.Model { return e.model }

func (e *inner) Embed(_ context.Context, _ retrieval.EmbedKind, texts []string) ([][]float32, error) {
	e.asked = append(e.asked, slices.Clone(texts))
	if e.fail != nil {
		if err := e.fail(texts); err != nil {
			return nil, err
		}
	}
	var out [][]float32
	for _, t := range texts {
		x := float32(len(t)) / 100
		out = append(out, []float32{x, 1 - x*x/2}) // near enough to unit length
	}
	return out, nil
}

func TestKeptEmbedder_GivesTheSameAgainFromItsFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "evals")
	e := &inner{model: retrieval.Model{Name: "m/2", Dims: 2}}
	one := &keptEmbedder{Embedder: e, folder: dir}
	first, err := one.Embed(t.Context(), retrieval.EmbedQuery, []string{"a", "bb"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Embed(t.Context(), retrieval.EmbedPassage, []string{"a"}); err != nil { // the other side of a search
		t.Fatal(err)
	}
	other := &keptEmbedder{Embedder: e, folder: dir} // another run at the same time
	if _, err := other.Embed(t.Context(), retrieval.EmbedQuery, []string{"dddd"}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(other.Close(), one.Close()); err != nil {
		t.Fatal(err)
	}
	e.asked = nil
	two := &keptEmbedder{Embedder: e, folder: dir}
	again, err := two.Embed(t.Context(), retrieval.EmbedQuery, []string{"dddd", "a", "ccc", "bb"})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.asked) != 1 || !slices.Equal(e.asked[0], []string{"ccc"}) {
		t.Errorf("asked for %q", e.asked)
	}
	if !slices.Equal(again[1], first[0]) || !slices.Equal(again[3], first[1]) {
		t.Errorf("%v, then %v", first, again)
	}
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	// A file that was cut short costs its vectors and no run.
	files, err := filepath.Glob(filepath.Join(dir, "*.bin"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.Truncate(files[0], 50); err != nil {
		t.Fatal(err)
	}
	e.asked = nil
	three := &keptEmbedder{Embedder: e, folder: dir}
	if _, err := three.Embed(t.Context(), retrieval.EmbedQuery, []string{"a"}); err != nil || len(e.asked) != 1 {
		t.Errorf("%v, asked %q", err, e.asked)
	}
	if err := three.Close(); err != nil {
		t.Error(err)
	}
}

func TestKeptEmbedder_AnErrorNamesTheTextAmongAll(t *testing.T) {
	t.Parallel()
	e := &inner{model: retrieval.Model{Name: "m/2", Dims: 2}}
	e.fail = func(texts []string) error {
		if i := slices.Index(texts, "bad"); i >= 0 {
			return &embed.TextError{Index: i, Err: fault.New(fault.Invalid, "bad_text", "")}
		}
		return nil
	}
	k := &keptEmbedder{Embedder: e, folder: t.TempDir()}
	if _, err := k.Embed(t.Context(), retrieval.EmbedQuery, []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	_, err := k.Embed(t.Context(), retrieval.EmbedQuery, []string{"a", "b", "bad"})
	if at, ok := blamedText(err); !ok || at != 2 {
		t.Errorf("%v: text %d", err, at)
	}
}

func TestKeptEmbedder_WaitsForOneThatIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &inner{model: retrieval.Model{Name: "m/2", Dims: 2}}
		away := fault.New(fault.Timeout, "embedder_slow", "")
		e.fail = func([]string) error {
			if len(e.asked) < 5 {
				return away
			}
			return nil
		}
		k := &keptEmbedder{Embedder: e, folder: t.TempDir(), patience: time.Minute}
		if _, err := k.Embed(t.Context(), retrieval.EmbedQuery, []string{"a"}); err != nil || len(e.asked) != 5 {
			t.Errorf("%v after %d calls", err, len(e.asked))
		}
		e.fail = func([]string) error { return away }
		began := time.Now()
		if _, err := k.Embed(t.Context(), retrieval.EmbedQuery, []string{"b"}); !errors.Is(err, away) || time.Since(began) > time.Minute {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		k.patience = 0
		e.asked = nil
		if _, err := k.Embed(t.Context(), retrieval.EmbedQuery, []string{"b"}); !errors.Is(err, away) || len(e.asked) != 1 {
			t.Errorf("%v after %d calls", err, len(e.asked))
		}
	})
}
