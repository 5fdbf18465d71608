package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// manyLamps writes articles about lamps, and a question to each.
func (k *knowledge) manyLamps(n int) (knowledge, suites string) {
	k.t.Helper()
	k.folder = k.t.TempDir()
	var b strings.Builder
	b.WriteString("suite: lamps\ncases:\n")
	for i := range n {
		name := fmt.Sprintf("lamp%c%c", 'a'+i%26, 'a'+i/26)
		k.write("knowledge/"+name+".md", fmt.Sprintf("---\nid: %s\ntitle: The %s\ndesk: support\ntopic: light\n---\n\nThe %s is switched on at its foot number %d.\n", name, name, name, i))
		fmt.Fprintf(&b, "  - {id: on-%d, turns: [{say: \"where is the %s switched on\", expect: {articles: [%s], facts: [\"foot number %d\"]}}]}\n", i, name, name, i)
		if i%2 == 0 {
			fmt.Fprintf(&b, "  - {id: off-%d, turns: [{say: \"is the %s sold in Peru\", expect: {missing: true}}]}\n", i, name)
		}
	}
	k.write("cases/lamps.yaml", b.String())
	return filepath.Join(k.folder, "knowledge"), filepath.Join(k.folder, "cases")
}

func TestEvalTune_FindsChecksAndLeavesNothing(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, suites := k.manyLamps(60)
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	out, errs := k.run(0, "", "eval", "tune", "--knowledge", articles, "--cases", suites, "--out", one, "--threshold", "0", "--maybe", "0")
	contains(t, "stdout", out, "calibration", "check", "threshold 0.000, maybe 0.000", "tune.html")
	contains(t, "stderr", errs, "90 of 90 turns played in each band")
	again, _ := k.run(0, "", "eval", "tune", "--knowledge", articles, "--cases", suites, "--out", two, "--threshold", "0", "--maybe", "0")
	if strings.ReplaceAll(again, two, one) != out {
		t.Errorf("two runs differ:\n%s\n%s", out, again)
	}
	for _, name := range []string{tuneResult, tunePage} {
		if readText(t, filepath.Join(one, name)) != readText(t, filepath.Join(two, name)) {
			t.Errorf("%s of two runs differs", name)
		}
	}
	if k.sites() != 0 {
		t.Error("the sites of the run stay")
	}
}

func TestEvalTune_RefusesWhatCannotBeTuned(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, suites := k.lampCases()
	k.write("costs.yaml", "wrong_answer: {cost: 10}\nanger: {cost: 1}\n")
	named := []string{"eval", "tune", "--knowledge", articles, "--cases", suites, "--out", t.TempDir()}
	_, errs := k.run(1, "", append(named, "--costs", filepath.Join(k.folder, "costs.yaml"))...)
	contains(t, "an unknown cost", errs, "costs.yaml:2", "anger", "needless_handoff")
	_, errs = k.run(1, "", append(named, "--costs", filepath.Join(k.folder, "away.yaml"))...)
	contains(t, "no costs", errs, "away.yaml")
	if k.model.Calls() > 0 {
		t.Error("something was done all the same")
	}
	_, errs = k.run(1, "", named...)
	contains(t, "three cases", errs, "label more cases")
	k.run(1, "", append(named, "--threshold", "7")...)
	if k.sites() != 0 {
		t.Error("the sites of the run stay")
	}
}
