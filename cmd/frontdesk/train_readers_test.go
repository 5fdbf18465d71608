package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/triage/head"
)

// publicData is where the public sets are, or the test is skipped, loudly.
func publicData(t *testing.T) string {
	t.Helper()
	folder := cmp.Or(os.Getenv("FRONTDESK_EVAL_DATA"), filepath.FromSlash("../../../shared/data"))
	if _, err := os.Stat(filepath.Join(folder, "nlupp")); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED: no public data at %s; set FRONTDESK_EVAL_DATA to the folder that holds nlupp", folder)
	}
	return folder
}

func readerTasksHere(t *testing.T) []readerTask {
	t.Helper()
	tasks, err := readerTasks(t.Context(), filepath.FromSlash("../../triage"), publicData(t))
	if err != nil {
		t.Fatal(err)
	}
	return tasks
}

func TestTrainReaders_LearnsFromEnoughAndFromNoFrozenBusiness(t *testing.T) {
	t.Parallel()
	c, err := openCorpus("")
	if err != nil {
		t.Fatal(err)
	}
	least := map[string]int{"wish": 400, "mustgo": 700}
	decoys := 0
	for _, task := range readerTasksHere(t) {
		ids, langs := map[string]bool{}, map[string]bool{}
		positives := 0
		for _, l := range task.lines {
			if ids[l.ID] {
				t.Errorf("%s: %s is there twice", task.name, l.ID)
			}
			ids[l.ID] = true
			if slices.Contains(c.Frozen(), l.source) {
				t.Errorf("%s: %s is of a frozen business", task.name, l.ID)
			}
			if l.source != sourceOwn {
				continue
			}
			switch {
			case task.class(l) > 0:
				positives++
				langs[l.Language] = true
			case l.Kind == kindDecoy:
				decoys++
			}
			if l.Rule != "" && task.class(l) == 0 {
				t.Errorf("%s: %s is of %q, which is no class", task.name, l.ID, l.Rule)
			}
		}
		if positives < least[task.name] || len(langs) != 12 {
			t.Errorf("%s: %d messages of our own in %d languages", task.name, positives, len(langs))
		}
	}
	if decoys < 800 {
		t.Errorf("%d messages with the same words and no such matter", decoys)
	}
}

func TestTrainReaders_TheWeightsAreOfTheMessagesThatAreThere(t *testing.T) {
	t.Parallel()
	for _, task := range readerTasksHere(t) {
		for _, file := range readerFiles() {
			if file.deep && !task.deep {
				continue
			}
			data, err := os.ReadFile(filepath.Join("..", "..", "triage", task.name, file.name))
			if err != nil {
				t.Fatal(err)
			}
			m, err := head.Read(data)
			if err != nil {
				t.Fatal(err)
			}
			if got := readerHash(task); m.Origin.Data != got || m.Origin.Messages != len(task.lines) {
				t.Errorf("%s/%s was fitted on other messages (%s, now %s): run %s", task.name, file.name, m.Origin.Data, got, m.Origin.Command)
			}
		}
	}
}

func TestReaderGroups_AWritersMessagesStayTogether(t *testing.T) {
	t.Parallel()
	line := func(file string, batch int, source string) readerLine {
		return readerLine{file: file, Batch: batch, source: source}
	}
	g := readerGroups([]readerLine{
		line("danger", 1, sourceOwn), line("health", 1, sourceOwn), line("danger", 2, sourceOwn),
		line("b3-danger", 3, sourceOwn), line("b3-health", 3, sourceOwn), line("b3e-danger", 3, sourceOwn),
		line("danger", 3, sourceOwn), line("", 0, "tenon"), line("", 0, "tenon"),
	})
	if g[0] != g[1] || g[0] != g[2] || g[3] != g[4] || g[7] != g[8] {
		t.Errorf("parted: %q", g)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(g)))) != 4 {
		t.Errorf("not told apart: %q", g)
	}
}

func TestReaderFold_KeepsGroupsWholeAndFoldsEven(t *testing.T) {
	t.Parallel()
	var list []head.Example
	for i := range 8 * readerFolds {
		list = append(list, head.Example{Group: string(rune('a' + i%(2*readerFolds)))})
	}
	fold, in := readerFold(list), map[int]int{}
	for _, e := range list {
		f := fold(e.Group)
		if f < 0 || f >= readerFolds || f != fold(e.Group) {
			t.Fatalf("%q is in fold %d", e.Group, f)
		}
		in[f]++
	}
	if len(in) != readerFolds || in[readerFolds-1] < 8 {
		t.Errorf("%v", in)
	}
}

func TestReadReaderLines_NamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const good = `{"id":"wish-en-1","text":"a person please","language":"en","kind":"outright","batch":1}`
	for name, c := range map[string]struct{ data, want string }{
		"a key that is not known": {good + "\n" + `{"id":"x","text":"y","language":"en","kind":"decoy","mood":1}`, "x.jsonl:2"},
		"no text":                 {`{"id":"x","language":"en","kind":"decoy"}`, "x.jsonl:1"},
		"no kind":                 {`{"id":"x","text":"y","language":"en"}`, "missing"},
		"no JSON":                 {good + "\n{", "x.jsonl:2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "x.jsonl"), []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := readReaderLines(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := readReaderLines(t.TempDir()); err == nil {
		t.Error("an empty folder gave messages")
	}
	if _, err := handoffLines(t.TempDir()); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("%v", err)
	}
	if _, err := clincLines(t.TempDir()); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("%v", err)
	}
}

func TestCorpusLines_RelabelsOnlyWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(r relabels) {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "corpus.json"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(relabels{Is: map[string]string{"tenon-096": "danger"}, LeaveOut: []string{"tenon-001"}})
	list, err := corpusLines(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if l.ID == "tenon-001" || l.ID == "tenon-096" != (l.Rule == "danger") {
			t.Errorf("%+v", l)
		}
	}
	write(relabels{Is: map[string]string{"tenon-none": "danger"}})
	if _, err := corpusLines(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "tenon-none") {
		t.Errorf("%v", err)
	}
}

func TestReaderScores_CountWhatIsFound(t *testing.T) {
	t.Parallel()
	list := []head.Example{
		{Class: 1, Signals: []float64{1, 0}, Slice: "plain/en"},
		{Class: 1, Signals: []float64{0, 0}, Slice: "plain/en"},
		{Class: 2, Signals: []float64{0, 0}, Slice: "plain/de"},
		{Signals: []float64{0, 0}, Slice: "decoy/de"},
	}
	unseen := []head.Unseen{
		{P: 0.1, Share: []float64{1, 0}},
		{P: 0.9, Share: []float64{1, 0}},
		{P: 0.9, Share: []float64{1, 0}},
		{P: 0.7, Share: []float64{0, 1}},
	}
	got := readerScores(3, 0.5, list, unseen)
	for name, want := range map[string]float64{
		"found plain": 0.6667, "right class, found plain": 0.3333, "phrases alone: found plain": 0.3333,
		"false alarms decoy": 1, "found, en": 0.5, "found, de": 1,
	} {
		if got[name] != want {
			t.Errorf("%s: %v, want %v", name, got[name], want)
		}
	}
}
