package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"frontdesk/evals"
	"frontdesk/retrieval"
)

func TestTrainRank_LearnsNothingFromASearchThatLackedAModel(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	dir, out := k.smallCorpus(), filepath.Join(t.TempDir(), "ranking.json")
	_, errs := k.run(exitFailed, "", "train", "rank", "--corpus", dir, "--out", out)
	contains(t, "stderr", errs, "lamps-0", "there is no learning from that")
	if _, err := os.Stat(out); err == nil {
		t.Error("a ranking was written")
	}
}

func TestTrainRank_NeverReadsAFrozenBusiness(t *testing.T) {
	t.Parallel()
	c, err := openCorpus("")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Frozen()) < 3 {
		t.Fatalf("frozen: %v", c.Frozen())
	}
	list, err := trainRankFlags{}.choose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 11 {
		t.Errorf("%d businesses to learn from", len(list))
	}
	for _, b := range list {
		if slices.Contains(c.Frozen(), b.Slug) {
			t.Errorf("%s is frozen and would be learned from", b.Slug)
		}
	}
	// Of a name that is frozen, a corpus without its hashes is no corpus.
	k := newKnowledge(t)
	dir := k.smallCorpus()
	if err := os.CopyFS(filepath.Join(dir, c.Frozen()[0]), os.DirFS(filepath.Join(dir, "lamps"))); err != nil {
		t.Fatal(err)
	}
	_, errs := k.run(exitFailed, "", "train", "rank", "--corpus", dir)
	contains(t, "stderr", errs, c.Frozen()[0], "frozen")
	if n := k.model.Calls(); n != 0 {
		t.Errorf("the embedder was asked %d times", n)
	}
}

func TestFindingsHash_TellsOtherMessagesAndOtherFindings(t *testing.T) {
	t.Parallel()
	finding := func() evals.Found {
		return evals.Found{
			Business: "lamps", Message: evals.Message{ID: "lamps-1", Text: "it flickers", Gold: []string{"light"}},
			Found: retrieval.Found{Candidates: retrieval.Candidates{List: []retrieval.Candidate{{Passage: retrieval.Passage{ArticleID: "light"}, ChunkNo: 1, Cosine: 0.5, Cosine2: 0.4, MaxSim: 0.3, BM25: 2}}}},
		}
	}
	base, err := findingsHash([]evals.Found{finding()})
	if err != nil || len(base) != 16 {
		t.Fatalf("%q %v", base, err)
	}
	for name, change := range map[string]func(*evals.Found){
		"nothing":             func(*evals.Found) {},
		"a rounding":          func(f *evals.Found) { f.Found.List[0].Cosine += 1e-7 },
		"the text":            func(f *evals.Found) { f.Message.Text += "!" },
		"a label":             func(f *evals.Found) { f.Message.Gold = []string{"returns"} },
		"a cosine":            func(f *evals.Found) { f.Found.List[0].Cosine2 = 0.41 },
		"token vectors":       func(f *evals.Found) { f.Found.List[0].MaxSim = 0 },
		"words":               func(f *evals.Found) { f.Found.List[0].BM25 = 1 },
		"the article":         func(f *evals.Found) { f.Found.List[0].ArticleID = "returns" },
		"one candidate fewer": func(f *evals.Found) { f.Found.List = nil },
	} {
		f := finding()
		change(&f)
		got, err := findingsHash([]evals.Found{f})
		if same := name == "nothing" || name == "a rounding"; err != nil || (got == base) != same {
			t.Errorf("%s: %s beside %s, %v", name, got, base, err)
		}
	}
}
