package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed/local"
	"frontdesk/retrieval/embed/local/ort"
)

// headsBench is a head's training on two small businesses.
type headsBench struct {
	headTraining
	list []evals.Business

	mu   sync.Mutex
	said []string
}

func newHeadsBench(t *testing.T) *headsBench {
	t.Helper()
	f := testFolders(t)
	lib, err := ort.Load(f.Library, ort.ThisMachine())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lib.Close)
	bare, err := local.OpenBare(t.Context(), lib, f, local.MiniLM, local.MakeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bare.Close)
	b := &headsBench{list: []evals.Business{
		lampBusiness("lamps", "lamp", "light"), lampBusiness("kettles", "kettle", "lid"),
	}}
	b.headTraining = headTraining{bare: bare, name: local.MiniLM, folder: f.Made, tell: func(format string, args ...any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.said = append(b.said, fmt.Sprintf(format, args...))
	}}
	return b
}

// lampBusiness sells one thing, which has one part.
func lampBusiness(slug, thing, part string) evals.Business {
	article := func(id, lang, body string) retrieval.Article {
		return retrieval.Article{ID: id, Title: id, Lang: lang, Body: strings.NewReplacer("THING", thing, "PART", part).Replace(body)}
	}
	message := func(text, lang, gold string, kind ...string) evals.Message {
		m := evals.Message{ID: text, Text: strings.NewReplacer("THING", thing, "PART", part).Replace(text), Language: lang, Expect: evals.ExpectNone, Kind: kind}
		if gold != "" {
			m.Expect, m.Gold = evals.ExpectAnswer, []string{gold}
		}
		return m
	}
	inner := article("inner", "en", "Goodwill for a THING ends at fifty euro, and is for a senior colleague to grant.\n")
	inner.Audience = retrieval.AgentsOnly
	return evals.Business{
		Slug: slug,
		Articles: []retrieval.Article{
			article("returns", "en", "You have 45 days to send a THING back. Postage is free within the country, and the refund follows in five working days, on the card that paid for it. A THING that was used, wrapped badly or lost on its way costs its value.\n"),
			article("faults", "en", "Where the PART of your THING does not work, press the red button for ten seconds until it blinks twice, then wait an hour. Clean the PART with warm water, vinegar and a soft brush, dry it overnight, and write to our workshop with pictures, serial number and date of purchase where that changes nothing.\n"),
			article("garantie", "de", "Die Garantie läuft zwei Jahre ab dem Tag der Lieferung.\n"),
			inner,
		},
		Messages: []evals.Message{
			message("I want my money back for this THING", "en", "returns"),
			message("the PART is broken", "en", "faults"),
			message("Hello!", "en", ""),
			message("and for the PART?", "en", "faults", evals.KindFollowUp),
			message("Wie lange ist Garantie?", "de", "garantie"),
		},
	}
}

func TestTrainHeads_LearnsTheSameTwiceAndEncodesNothingAgain(t *testing.T) {
	t.Parallel()
	b := newHeadsBench(t)
	file, trial, err := b.learn(t.Context(), b.list)
	if err != nil {
		t.Fatal(err)
	}
	if trial.Passages != 6 || trial.Questions != 8 || len(trial.Tried) != 4 || !trial.English {
		t.Errorf("learned from %d passages and %d questions, %d ranked", trial.Passages, trial.Questions, len(trial.Tried))
	}
	for _, q := range trial.Tried {
		for _, n := range q.Near {
			if len(n.Vector) != 3 { // the German one counts and has no vector; the agents' own is none
				t.Errorf("%d articles", len(n.Vector))
			}
			if at := evals.PlaceOf(n.Article, q.Right); at == 0 {
				t.Error("the right article was not compared")
			}
		}
	}
	encoded := func() int {
		return len(slices.DeleteFunc(slices.Clone(b.said), func(s string) bool { return !strings.Contains(s, "encoded") }))
	}
	if encoded() != 2 {
		t.Errorf("said: %q", b.said)
	}
	again, _, err := b.learn(t.Context(), b.list)
	if err != nil || !bytes.Equal(again, file) || encoded() != 2 {
		t.Errorf("a second time another head, or texts encoded anew: %q: %v", b.said, err)
	}
	// What was kept of a run that was cut off is not used.
	kept, err := filepath.Glob(filepath.Join(b.folder, "*lamps*.gob"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("%v: %v", kept, err)
	}
	if err := os.Truncate(kept[0], 2000); err != nil {
		t.Fatal(err)
	}
	read := func() headVectors {
		t.Helper()
		_, v, err := b.read(t.Context(), b.list[0])
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	first := read()
	if second := read(); encoded() != 3 || !slices.Equal(first[0].Tokens, second[0].Tokens) || !slices.Equal(first[0].Pooled, second[0].Pooled) {
		t.Errorf("after a file was cut short: %q", b.said)
	}
	// Another message is another business.
	b.list[0].Messages[0].Text += " now"
	if other := read(); encoded() != 4 || len(other) != len(first) {
		t.Errorf("of other messages the same vectors: %q", b.said)
	}
}

func TestTrainHeads_TheHeadOfABusinessLeftOutHasNotSeenIt(t *testing.T) {
	t.Parallel()
	b := newHeadsBench(t)
	sums := make([]local.HeadSums, len(b.list))
	for i, business := range b.list {
		texts, vectors, err := b.read(t.Context(), business)
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = b.sum(texts, vectors)
	}
	for i := range sums {
		if got, want := joined(sums, i).Texts(local.Query), sums[1-i].Texts(local.Query); got != want {
			t.Errorf("without %s: %d questions, want %d", b.list[i].Slug, got, want)
		}
	}
	if got := joined(sums, -1).Texts(local.Passage); got != 6 {
		t.Errorf("%d passages of all", got)
	}
}

func TestWriteHeads_UnderTheNamesTheyAreBuiltInBy(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "heads")
	if err := writeHeads(dir, map[string][]byte{local.E5: {1}, local.MiniLM: {2}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"head-e5.bin", "head-minilm.bin"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join("..", "..", "retrieval", "embed", "local", "data", name)); err != nil {
			t.Error(err)
		}
	}
	if err := writeHeads("", map[string][]byte{"nobody's": {1}}); err != nil {
		t.Error(err)
	}
}
