package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/evals/runner"
)

// lampCases writes knowledge about lamps and conversations about it.
func (k *knowledge) lampCases() (knowledge, suites string) {
	k.t.Helper()
	k.folder = k.t.TempDir()
	k.write("knowledge/returns.md", "---\nid: returns\ntitle: Sending it back\ndesk: service\ntopic: returns\n---\n\nYou have 45 days to send a lamp back, and it is free.\n")
	k.write("knowledge/light.md", "---\nid: light\ntitle: The light flickers\ndesk: support\ntopic: light\n---\n\nPress the red button for ten seconds until the light stays on.\n")
	k.write("knowledge/inner.md", "---\nid: inner\ntitle: Goodwill\naudience: agents\n---\n\nGoodwill ends at fifty euro for a flickering lamp.\n")
	k.write("cases/lamps.yaml", `suite: lamps
latency: {say: normal, press: instant}
cases:
  - id: lamps-1
    turns:
      - {say: "45 days to send a lamp back", expect: {articles: [returns], forbid: ["fifty euro"], handoff: must_not}}
      - {say: "my order KL-4471882, I want to talk to a human", expect: {action: handoff, reason: asked, handoff: must, packet: {order: "KL-4471882"}}}
      - {say: "hello?", expect: {action: relay, packet: {order: "KL-4471882"}}}
  - id: lamps-2
    turns:
      - {say: "the light flickers, red button", expect: {top: [light]}}
      - {press: human, expect: {handoff: must, queue: [service, support, quick]}}
  - id: lamps-3
    turns:
      - {say: "Hello!", expect: {action: answer, handoff: must_not}}
`)
	return filepath.Join(k.folder, "knowledge"), filepath.Join(k.folder, "cases")
}

func TestEvalRun_TwoRunsAreTheSameAndLeaveNothing(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, suites := k.lampCases()
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	out, errs := k.run(0, "", "eval", "run", "--knowledge", articles, "--cases", suites, "--out", one, "--baseline", "none")
	contains(t, "stdout", out, "lamps", "3 of 3 cases pass", "report.html")
	contains(t, "stderr", errs, "3 of 3 cases played", "normal (1000 ms): ", "instant (100 ms): 1 replies", "cost: the encoders were asked for ", " searches, ", " trips to the database")
	k.run(0, "", "eval", "run", "--knowledge", articles, "--cases", suites, "--out", two, "--baseline", "none")
	for _, name := range []string{"meta.json", "cases.jsonl", "outputs.jsonl", "grades.jsonl", "report.html", "report.md", "junit.xml"} {
		a, errA := os.ReadFile(filepath.Join(one, name))
		b, errB := os.ReadFile(filepath.Join(two, name))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s of two runs differs: %v %v", name, errA, errB)
		}
	}
	run, err := runner.Read(one)
	if err != nil {
		t.Fatal(err)
	}
	took := run.Timings[0]
	if took.Suite != "lamps" || len(took.Costs) != 3 || took.Costs[0].Embeddings == 0 || took.Costs[0].Searches == 0 || took.Costs[0].Queries < 3 {
		t.Errorf("what a question costs: %+v", took)
	}
	if c := took.Costs[2]; c.Searches != 0 || c.Queries == 0 {
		t.Errorf("what is said to a person is not looked for: %+v", c)
	}
	if len(took.Classes) != 3 || took.Classes[0].Class != "normal" {
		t.Errorf("the file's class: %+v", took.Classes)
	}
	contains(t, "the page of times", readText(t, filepath.Join(one, "timing.html")), "By class", "By suite", "lamps", "report.html#c-lamps-")
	if r := run.Outputs[0].Replies[1]; r.Action != "handoff" || len(r.Packet) == 0 || len(r.Invented) > 0 {
		t.Errorf("the handoff: %+v", r)
	}
	if k.sites() != 0 {
		t.Error("the sites of the run stay")
	}
}

func TestEvalRun_WhatGotWorseStopsTheRelease(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, suites := k.lampCases()
	baselines := filepath.Join(k.folder, "baselines")
	run := func(want int, more ...string) string {
		t.Helper()
		out, errs := k.run(want, "", append([]string{"eval", "run", "--knowledge", articles, "--cases", suites, "--out", filepath.Join(k.folder, "run"), "--baselines", baselines}, more...)...)
		return out + errs
	}
	run(0)
	k.run(0, "", "eval", "accept", filepath.Join(k.folder, "run"), "--as", "default", "--reason", "all read", "--baselines", baselines)
	contains(t, "unchanged", run(0), "Pass")
	k.write("knowledge/light.md", "---\nid: light\ntitle: A bulb\ndesk: support\ntopic: light\n---\n\nBulbs are sold in pairs.\n")
	k.write("knowledge/returns.md", "---\nid: returns\ntitle: The light flickers\ndesk: service\ntopic: returns\n---\n\nA light that flickers has a red button. You have 45 days to send a lamp back.\n")
	worse := run(2, "--strict")
	contains(t, "an article that lost its answer", worse, "lamps-2")
	changed := "Not the same configuration as baseline default. Changed: knowledge (2 articles changed: light, returns). As one configuration the two are not comparable; they are compared as a change"
	contains(t, "on the terminal", worse, changed)
	for _, name := range []string{"report.html", "report.md", "verdict.json"} {
		contains(t, name, readText(t, filepath.Join(k.folder, "run", name)), changed)
	}
	contains(t, "verdict.json", readText(t, filepath.Join(k.folder, "run", "verdict.json")), `"same": false`)
	k.write("knowledge/light.md", "---\nid: sofa\ntitle: A sofa\n---\n\nSofas come with legs.\n")
	k.write("knowledge/inner.md", "---\nid: bed\ntitle: A bed\n---\n\nBeds come flat.\n")
	k.write("cases/lamps.yaml", strings.Replace(readText(t, filepath.Join(suites, "lamps.yaml")), "top: [light]", "top: [returns]", 1))
	contains(t, "another shop's knowledge", run(1), "the knowledge is another one: of the 3 articles of baseline default 1 are in it", "--knowledge", "nothing is compared here")
}

func TestEvalRun_RefusesWhatCannotBeMeasured(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, suites := k.lampCases()
	_, errs := k.run(1, "", "eval", "run", "sofas", "--knowledge", articles, "--cases", suites)
	contains(t, "another suite", errs, `no suite "sofas"`, "lamps")
	_, errs = k.run(1, "", "eval", "run", "--knowledge", articles, "--cases", filepath.Join(suites, "away"))
	contains(t, "no folder", errs, "the cases")
	k.write("cases/more.yaml", "suite: more\ncases:\n  - id: m-1\n    turns:\n      - {say: x, expect: {articles: [inner], facts: [\"45 days\"]}}\n")
	_, errs = k.run(1, "", "eval", "run", "--knowledge", articles, "--cases", suites)
	contains(t, "gold that no customer sees", errs, "more.yaml:3", "for agents only", "stands in none")
	if k.model.Calls() > 0 || k.sites() != 0 {
		t.Error("something was done all the same")
	}
}

// Nobody's work goes because of a slip in --out, a suite's file that went is no
// pass, and what cannot be played is named.
func TestEvalRun_HoldsAgainstSlips(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, suites := k.lampCases()
	k.write("cases/more.yaml", "suite: more\ncases:\n  - id: m-1\n    turns:\n      - {say: \"45 days to send a lamp back\", expect: {handoff: must_not}}\n")
	baselines, out := filepath.Join(k.folder, "baselines"), filepath.Join(k.folder, "run")
	run := func(want int, more ...string) string {
		t.Helper()
		stdout, stderr := k.run(want, "", append([]string{"eval", "run", "--knowledge", articles, "--cases", suites, "--out", out, "--baselines", baselines}, more...)...)
		return stdout + stderr
	}
	contains(t, "the cases' folder as the run's", run(1, "--out", suites), "holds lamps.yaml", "--out")
	contains(t, "a file as the run's", run(1, "--out", filepath.Join(suites, "lamps.yaml")), "--out")
	if k.model.Calls() > 0 {
		t.Error("it was found out too late")
	}
	run(0)
	accept := func(want int) string {
		t.Helper()
		stdout, stderr := k.run(want, "", "eval", "accept", out, "--as", "default", "--reason", "all read", "--baselines", baselines)
		return stdout + stderr
	}
	accept(0)
	contains(t, "one file of them", run(0, "more", "--cases", filepath.Join(suites, "more.yaml"), "--baseline", "default"), "of 1 case 0 newly fail", "more")
	contains(t, "accepting some for all", accept(1), "the run is of more alone", "the suite lamps, too")
	if err := os.Remove(filepath.Join(suites, "more.yaml")); err != nil {
		t.Fatal(err)
	}
	contains(t, "a suite that went", run(1), "Broken: 1 case of baseline default not run", "m-1", "put them back")
	contains(t, "accepted without it", accept(0), "1 cases that the baseline had are in it no more")
	contains(t, "and then", run(0), "Pass")
	long := strings.Repeat("word ", 3000)
	k.write("cases/long.yaml", "suite: long\ncases:\n  - id: l-1\n    turns:\n      - {say: \""+long+"\", expect: {handoff: must_not}}\n")
	contains(t, "what cannot be said", run(1), filepath.Join(suites, "long.yaml")+":3: case l-1: ", "longer than")
	if k.sites() != 0 {
		t.Error("the sites of the run stay")
	}
}
