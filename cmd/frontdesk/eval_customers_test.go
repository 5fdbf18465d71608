package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestEvalCustomers_TwoRunsAreTheSameAndLeaveNothing(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, _ := k.lampCases()
	k.write("people/a.yaml", `customers:
  - {id: returner, tags: [returns], goal: {articles: [returns], facts: ["45 days"]}, typing: 0.3, patience: 3, says: ["45 days to send a lamp back", "send a lamp back", "returns"]}
  - {id: asker, goal: {person: true}, within: 2, says: ["I want to talk to a human"]}
  - {id: leaver, goal: {facts: ["purple"]}, then: leave, ends: [answered], says: ["a purple lamp"]}
`)
	people := filepath.Join(k.folder, "people")
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	named := []string{"eval", "customers", "--knowledge", articles, "--scripts", people, "--runs", "2"}
	out, errs := k.run(0, "", append(named, "--out", one, "--stories")...)
	contains(t, "stdout", out, "3 customers, 2 times each", "pass^2 0.667", "person 2", "left 2", "leaver: 0 of 2; ended left", "a purple lamp")
	contains(t, "stderr", errs, "6 of 6 conversations")
	k.run(2, "", append(named, "--out", two, "--least", "0.9")...)
	if readText(t, filepath.Join(one, "customers.jsonl")) != readText(t, filepath.Join(two, "customers.jsonl")) {
		t.Error("two runs differ")
	}
	if k.sites() != 0 {
		t.Error("the sites of the run stay")
	}
}

func TestEvalCustomers_RefusesWhatCannotBePlayed(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, _ := k.lampCases()
	k.write("people/a.yaml", "customers:\n  - {id: a, goal: {articles: [inner]}, says: [x]}\n")
	people := filepath.Join(k.folder, "people")
	named := []string{"eval", "customers", "--knowledge", articles, "--scripts", people}
	_, errs := k.run(1, "", named...)
	contains(t, "a goal no customer sees", errs, "a.yaml:2", "for agents only")
	k.write("people/a.yaml", "customers:\n  - {id: a, goal: {person: true}, mood: sunny}\n")
	_, errs = k.run(1, "", named...)
	contains(t, "a broken script", errs, "a.yaml:2", "sunny", "says nothing")
	k.run(1, "", append(named, "--runs", "0")...)
	_, errs = k.run(1, "", "eval", "customers", "--knowledge", articles, "--scripts", filepath.Join(people, "away"))
	contains(t, "no folder", errs, "the scripts")
	if k.model.Calls() > 0 || strings.Contains(errs, "panic") {
		t.Error("something was done all the same")
	}
}
