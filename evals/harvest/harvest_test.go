package harvest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"frontdesk/evals/cases"
	"frontdesk/evals/harvest"
)

func maker(t *testing.T, frozen float64) *harvest.Maker {
	t.Helper()
	m, err := harvest.New(harvest.Config{Key: []byte("sixteen bytes are enough"), Frozen: frozen})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func day(n int) time.Time { return time.Date(2026, 11, n, 9, 0, 0, 0, time.UTC) }

func plain(s string) string { return s }

func talk(n int) harvest.Talk {
	return harvest.Talk{
		ID: fmt.Sprintf("conversation-%d", n), Language: "en",
		Turns: []harvest.Turn{
			{ID: "a", Text: "Hello", Action: "answer", Reason: "smalltalk"},
			{ID: "b", Text: fmt.Sprintf("My kettle %d hums", n), Action: "answer", Articles: []string{"k2-noise"}, P: .62},
			{ID: "c", Text: "!!!", Action: "none"},
		},
		Signs: []harvest.Sign{{Turn: "b", Why: harvest.NotQuite, At: day(3)}, {Turn: "b", Why: harvest.Corrected, At: day(2), Desk: "support", Article: "k2-hum"}, {Turn: "c", Why: harvest.Abstained, At: day(3)}, {Turn: "gone", Why: harvest.Reopened, At: day(3)}},
	}
}

func TestCandidates_OneForEachTurnWithASign(t *testing.T) {
	t.Parallel()
	list := maker(t, .3).Candidates(talk(1), strings.ToUpper)
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	c := list[0]
	got := strings.Join(c.Say, "|") + "; " + strings.Join(c.Why, "|") + "; " + c.Day + "; " + c.Was + "; " + strings.Join(c.Proposed, "|")
	if got != "HELLO|MY KETTLE 1 HUMS; corrected|not_quite; 2026-11-02; answer k2-noise, sure to 0.62; desk: support|articles: k2-hum" {
		t.Errorf("%s", got)
	}
	if strings.Contains(fmt.Sprint(c), "conversation-1") {
		t.Errorf("the conversation's id is in %+v", c)
	}
}

func TestCandidates_OfALongTalkTheLastTurns(t *testing.T) {
	t.Parallel()
	long := harvest.Talk{ID: "x", Signs: []harvest.Sign{{Turn: "19", Why: harvest.Abstained, At: day(1)}}}
	for i := range 20 {
		long.Turns = append(long.Turns, harvest.Turn{ID: fmt.Sprint(i), Text: fmt.Sprint("turn ", i)})
	}
	c := maker(t, .3).Candidates(long, plain)[0]
	if len(c.Say) != 8 || !c.Cut || c.Say[7] != "turn 19" {
		t.Errorf("%+v", c)
	}
}

func TestSplit_IsTheConversationsAndOfTheShare(t *testing.T) {
	t.Parallel()
	frozen := 0
	for i := range 2000 {
		first := maker(t, .3).Candidates(talk(i), plain)[0]
		if again := maker(t, .3).Candidates(talk(i), strings.ToUpper)[0]; again.Split != first.Split || again.ID != first.ID {
			t.Fatalf("%+v and %+v", first, again)
		}
		if first.Split == harvest.Frozen {
			frozen++
		}
	}
	if frozen < 530 || frozen > 670 {
		t.Errorf("%d of 2000 are frozen", frozen)
	}
}

func open(t *testing.T, dir string) *harvest.Folder {
	t.Helper()
	f, err := harvest.Open(dir, meta(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func meta(t *testing.T) harvest.Meta {
	t.Helper()
	return harvest.Meta{Site: "shop", Frozen: .3, Mark: maker(t, .3).Mark()}
}

func some(t *testing.T, from, to int) []harvest.Candidate {
	t.Helper()
	var list []harvest.Candidate
	for i := from; i < to; i++ {
		list = append(list, maker(t, .3).Candidates(talk(i), plain)...)
	}
	return list
}

func TestFolder_ASecondHarvestAddsOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := open(t, dir).Add(some(t, 0, 20), "2026-11-05")
	if err != nil || a.Train+a.Frozen != 20 || a.Train == 0 || a.Frozen == 0 || len(a.Files) != 2 {
		t.Fatalf("%+v %v", a, err)
	}
	labelled := filepath.Join(dir, "train", "2026-11-05.yaml")
	before, err := os.ReadFile(labelled)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody deletes all but the head: a no counts as well as a label.
	if err := os.WriteFile(labelled, before[:200], 0o644); err != nil {
		t.Fatal(err)
	}
	a, err = open(t, dir).Add(some(t, 0, 25), "2026-11-05")
	if err != nil || a.Train+a.Frozen != 5 || a.Known != 20 {
		t.Fatalf("%+v %v", a, err)
	}
	if after, err := os.ReadFile(labelled); err != nil || string(after) != string(before[:200]) {
		t.Errorf("what somebody labels was touched: %v", err)
	}
	if a, err := open(t, dir).Add(some(t, 0, 25), "2026-11-06"); err != nil || a.Known != 25 || len(a.Files) > 0 {
		t.Errorf("%+v %v", a, err)
	}
	if n := len(open(t, dir).Entries()); n != 25 {
		t.Errorf("%d entries", n)
	}
}

func TestFolder_WhatWasWrittenWithoutTheLedgerIsKnown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := open(t, dir).Add(some(t, 0, 20), "2026-11-05"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "harvest.jsonl")); err != nil { // killed before it was written
		t.Fatal(err)
	}
	if a, err := open(t, dir).Add(some(t, 0, 20), "2026-11-05"); err != nil || a.Known != 20 {
		t.Errorf("%+v %v", a, err)
	}
}

func TestFolder_TheSameWordsAreInOneSplitOnly(t *testing.T) {
	t.Parallel()
	m := maker(t, .5)
	var list []harvest.Candidate
	for i := range 20 {
		k := talk(i)
		k.Turns[1].Text = "My kettle hums when it boils" + strings.Repeat("!", i)
		list = append(list, m.Candidates(k, plain)...)
	}
	f, err := harvest.Open(t.TempDir(), harvest.Meta{Site: "shop", Frozen: .5, Mark: m.Mark()})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := f.Add(list, "2026-11-05"); err != nil || a.Train+a.Frozen != 1 || a.Twice != 19 {
		t.Errorf("%+v %v", a, err)
	}
}

func TestCandidates_AShortMessageIsTheSameAfterTheSameWordsOnly(t *testing.T) {
	t.Parallel()
	words := func(before, said string) string {
		k := talk(1)
		k.Turns[0].Text, k.Turns[1].Text = before, said
		return maker(t, .5).Candidates(k, plain)[0].Words
	}
	const long = "My kettle hums when it boils"
	if words("The toaster", "and how much?") == words("The kettle", "and how much?") || words("The toaster", "How much?") != words("the toaster!", "how much") || words("Hello", long) != words("Hi there", long) {
		t.Error("what is the same is not")
	}
}

func TestFolder_MixedSplitsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(dir string) error
		want   string
	}{
		"a frozen file among those to train": {func(dir string) error {
			return os.Rename(filepath.Join(dir, "frozen", "2026-11-05.yaml"), filepath.Join(dir, "train", "more.yaml"))
		}, "more.yaml:9: case h-"},
		"a frozen case copied, and the ledger gone": {func(dir string) error {
			data, err := os.ReadFile(filepath.Join(dir, "frozen", "2026-11-05.yaml"))
			if err != nil {
				return err
			}
			if err := os.Remove(filepath.Join(dir, "harvest.jsonl")); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "train", "more.yaml"), data, 0o644)
		}, "stands in"},
		"half a ledger":           {func(dir string) error { return os.Truncate(filepath.Join(dir, "harvest.jsonl"), 40) }, "harvest.jsonl:1 is no entry"},
		"half a description":      {func(dir string) error { return os.Truncate(filepath.Join(dir, "harvest.json"), 10) }, "harvest.json: "},
		"of another format":       {rewrite(`{"format":9}`), "format 9"},
		"of another site":         {rewrite(`{"format":1,"site":"other"}`), "the site other"},
		"of another share":        {rewrite(`{"format":1,"site":"shop","frozen":0.5,"mark":"` + maker(t, .3).Mark() + `"}`), "freezes 0.5"},
		"of another installation": {rewrite(`{"format":1,"site":"shop","frozen":0.3,"mark":"x"}`), "another installation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if _, err := open(t, dir).Add(some(t, 0, 20), "2026-11-05"); err != nil {
				t.Fatal(err)
			}
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := harvest.Open(dir, meta(t)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func rewrite(text string) func(string) error {
	return func(dir string) error { return os.WriteFile(filepath.Join(dir, "harvest.json"), []byte(text), 0o644) }
}

// What was written is refused by a run until it is labelled, and then says what
// was said, whatever that is.
func TestFolder_IsReadAsCasesOnceItIsLabelled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		said := rapid.SliceOfN(rapid.String(), 1, 3).Draw(rt, "said")
		k := harvest.Talk{ID: "x", Language: "en"}
		for i, s := range said { // the database keeps no character 0
			k.Turns = append(k.Turns, harvest.Turn{ID: fmt.Sprint(i), Text: strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "") + " x" + fmt.Sprint(i), Action: "answer\nno: more"})
		}
		k.Signs = []harvest.Sign{{Turn: fmt.Sprint(len(said) - 1), Why: harvest.Abstained, At: day(1), Topic: "a\nexpect: b"}}
		dir, err := os.MkdirTemp(t.TempDir(), "h")
		if err != nil {
			rt.Fatal(err)
		}
		added, err := open(t, dir).Add(maker(t, .3).Candidates(k, plain), "2026-11-05")
		if err != nil || len(added.Files) != 1 {
			rt.Fatal(added, err)
		}
		folder := os.DirFS(filepath.Dir(added.Files[0]))
		if _, err := cases.Read(context.Background(), folder); err == nil || !strings.Contains(err.Error(), "expects nothing") {
			rt.Fatalf("taken without a label: %v", err)
		}
		data, err := os.ReadFile(added.Files[0])
		if err != nil {
			rt.Fatal(err)
		}
		if err := os.WriteFile(added.Files[0], []byte(strings.Replace(string(data), "expect: {}", "expect: {action: none}", 1)), 0o644); err != nil {
			rt.Fatal(err)
		}
		list, err := cases.Read(context.Background(), folder)
		if err != nil || len(list) != 1 || len(list[0].Turns) != len(said) {
			rt.Fatalf("%v\n%s", err, data)
		}
		for i, turn := range list[0].Turns {
			if turn.Say != k.Turns[i].Text {
				rt.Fatalf("%q became %q", k.Turns[i].Text, turn.Say)
			}
		}
	})
}

func TestNew_RefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	for _, c := range []harvest.Config{{Key: []byte("short"), Frozen: .3}, {Key: make([]byte, 32)}, {Key: make([]byte, 32), Frozen: 1}} {
		if _, err := harvest.New(c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}
