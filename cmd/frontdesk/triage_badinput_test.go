package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"frontdesk/triage"
)

// decisions runs lines through the batch and gives the decision of each; a line
// that is an error has none.
func (k *knowledge) decisions(want int, site string, lines ...string) []*triageReply {
	k.t.Helper()
	out, _ := k.run(want, strings.Join(lines, "\n"), "triage", "--site", site, "--jsonl")
	got := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(got) != len(lines) {
		k.t.Fatalf("%d lines for %d:\n%s", len(got), len(lines), out)
	}
	all := make([]*triageReply, len(got))
	for i, line := range got {
		var failed struct{ Error string }
		if err := json.Unmarshal([]byte(line), &failed); err != nil {
			k.t.Fatalf("%s: %v", line, err)
		}
		if failed.Error != "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &all[i]); err != nil {
			k.t.Fatalf("%s: %v", line, err)
		}
	}
	return all
}

const (
	lidArticle    = "---\ndesk: support\ntopic: faults\n---\n# Lids\n\nThe lid opens by a button.\n"
	parcelArticle = "---\ndesk: service\ntopic: delivery\n---\n# Parcels\n\nThe parcel comes by van.\n"
)

func TestTriageLines_HistoryOfEveryShape(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", lidArticle)
	k.write("parcels.md", parcelArticle)
	k.ingest(0)
	type shape struct {
		name, line string
		article    string // empty: any
		doubt      bool   // of the history
		bad        bool
	}
	line := func(text, history string) string {
		b, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"id":1,"text":%s,"history":%s}`, b, history)
	}
	const mail = "thanks, and the parcel by van?\n\nOn Mon, 3 Nov 2026, Jo <jo@x.example> wrote:\n> the lid the lid the lid opens by a button, a button, I want to speak to a human"
	rows := []shape{
		{"as a conversation has it", line("and that one?", `[{"role":"customer","text":"the parcel by van"},{"role":"bot","text":"lid"}]`), "parcels", false, false},
		{"what the customer said alone", line("and that one?", `[{"role":"customer","text":"the parcel by van"}]`), "parcels", false, false},
		{"what the customer said alone, of something else", line("and that one?", `[{"role":"customer","text":"the lid and its button"}]`), "lids", false, false},
		{"in a wrong order, of something else", line("and that one?", `[{"role":"bot","text":"by van"},{"role":"customer","text":"the lid and its button"}]`), "lids", false, false},
		{"in a wrong order", line("and that one?", `[{"role":"bot","text":"the lid"},{"role":"customer","text":"the parcel by van"}]`), "parcels", false, false},
		{"with the message itself as its last word", line("and that one?", `[{"role":"customer","text":"the parcel by van"},{"role":"customer","text":"and that one?"}]`), "parcels", false, false},
		{"a role that does not exist", line("the lid and its button", `[{"role":"wizard","text":"the parcel by van"}]`), "lids", true, false},
		{"a role with another case", line("the lid and its button", `[{"role":"Customer","text":"the parcel by van"}]`), "lids", true, false},
		{"no role", line("the lid and its button", `[{"text":"the parcel by van"}]`), "lids", true, false},
		{"null", line("the lid and its button", `null`), "lids", false, false},
		{"empty", line("the lid and its button", `[]`), "lids", false, false},
		{"a thousand turns", line("the lid and its button", `[`+strings.Repeat(`{"role":"customer","text":"by van"},`, 1000)+`{"role":"bot","text":"x"}]`), "lids", false, false},
		{"a long one", line("and that one?", `[{"role":"customer","text":"the parcel by van `+strings.Repeat("van ", 25000)+`"},{"role":"bot","text":"x"}]`), "parcels", false, false},
		{"no list", line("the lid", `"the parcel"`), "", false, true},
		{"a list of texts", line("the lid", `["the parcel"]`), "", false, true},
		{"a role that is a number", line("the lid", `[{"role":1,"text":"x"}]`), "", false, true},
		{"old mail below the message", line(mail, `[]`), "parcels", false, false},
		{"old mail below what was said before", line("the parcel by van", `[{"role":"customer","text":"lid\n\n-----Original Message-----\nFrom: Jo\nI want to speak to a human"},{"role":"bot","text":"x"}]`), "parcels", false, false},
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, r.line)
	}
	for i, d := range k.decisions(exitFailed, "shop", lines...) {
		r := rows[i]
		switch {
		case r.bad != (d == nil):
			t.Errorf("%s: an error: %v", r.name, d == nil)
		case d == nil:
		case r.article != "" && d.Article != r.article, d.UnsureOf("history") != r.doubt, d.WantsHumanP > .5, d.Rule != "":
			t.Errorf("%s: article %s, wants a person %.2f, rule %q, unsure %+v", r.name, d.Article, d.WantsHumanP, d.Rule, d.Unsure)
		}
	}
}

func TestTriageLines_SitesOfEveryShape(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	publish := func(site string) {
		t.Helper()
		k.run(0, "", "ingest", "--site", site, k.folder)
	}
	k.write("lids.md", lidArticle)
	publish("one")
	k.write("lids.md", "---\ndesk: [service, support]\ntopic: faults\n---\n# Lids\n\nThe lid opens by a button.\n")
	_, said := k.run(0, "", "ingest", "--site", "two-desks", k.folder)
	contains(t, "stderr", said, "lids.md:2", `"desk" must be a single text`)
	k.write("lids.md", "---\ndesk: service\ndesk: support\n---\n# Lids\n\nThe lid opens by a button.\n")
	_, said = k.run(0, "", "ingest", "--site", "desk-twice", k.folder)
	contains(t, "stderr", said, "given twice")
	k.run(0, "", "site", "add", "none")
	k.remove("lids.md")
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, `{"id":"a%d","title":"Lid %d","answer":"The lid of kettle %d opens by a button.","desk":"support","topic":"faults"}`+"\n", i, i, i)
	}
	k.write("many.jsonl", many.String())
	k.run(0, "", "ingest", "--site", "many", k.folder)
	k.remove("many.jsonl")
	k.write("lids.md", lidArticle)
	k.run(0, "", "ingest", "--site", "words", "--without-vectors", k.folder)
	const line = `{"id":"1","text":"the lid and its button"}`
	for site, c := range map[string]struct {
		desk   triage.Desk
		topic  string
		doubts string // fields, in any order
	}{
		"none":       {"", "", "desk topic article"},
		"one":        {triage.Support, "faults", ""},
		"two-desks":  {"", "faults", ""},
		"desk-twice": {triage.Service, "", "topic"},
		"many":       {triage.Support, "faults", "article"},
		"words":      {triage.Support, "faults", "search"},
	} {
		d := k.decisions(0, site, line)[0]
		if c.desk != "" && d.Desk != c.desk || d.Topic != c.topic || d.Article == "" && site != "none" {
			t.Errorf("%s: %s %q %q, %+v", site, d.Desk, d.Topic, d.Article, d.Unsure)
		}
		for _, field := range strings.Fields(c.doubts) {
			if !d.UnsureOf(field) {
				t.Errorf("%s: no doubt of %s: %+v", site, field, d.Unsure)
			}
		}
	}
	if d := k.decisions(0, "words", line)[0]; len(d.Degraded) == 0 {
		t.Error("a search without vectors, and the line does not say so")
	}
}

func TestTriageLines_LabelsAndExamplesThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", lidArticle)
	k.ingest(0)
	k.run(0, `{"topics":[{"topic":"water","desk":"support"},{"topic":"money","desk":"service"}]}`, "labels", "policy", "import", "--site", "shop", "-")
	const line = `{"id":"1","text":"the lid and its button"}`
	if d := k.decisions(0, "shop", line)[0]; d.Topic != "faults" || !strings.Contains(fmt.Sprint(d.Unsure), "site's table") {
		t.Errorf("a topic that the site's table lacks: %q, %+v", d.Topic, d.Unsure)
	}
	k.run(0, "", "labels", "set", "--site", "shop", "lids", "topic=water")
	if d := k.decisions(0, "shop", line)[0]; d.Topic != "water" || strings.Contains(fmt.Sprint(d.Unsure), "site's table") {
		t.Errorf("one that it has: %q, %+v", d.Topic, d.Unsure)
	}
	_, said := k.run(0, `{"id":"gone","text":"crypto coins please","desk":"service","topic":"money","article":"nowhere"}`, "labels", "examples", "import", "--site", "shop", "-")
	contains(t, "stderr", said, `example gone names the article "nowhere"`)
	if d := k.decisions(0, "shop", `{"id":"1","text":"crypto coins please"}`)[0]; d.Article == "nowhere" || d.Topic != "money" {
		t.Errorf("an example that names no article of the site: %q, topic %q", d.Article, d.Topic)
	}
	// The same words are refused; nearly the same leave a doubt.
	k.run(exitFailed, `{"id":"other","text":"Crypto coins, please!","desk":"support","topic":"water"}`, "labels", "examples", "import", "--site", "shop", "-")
	k.run(0, `{"id":"other","text":"please coins crypto","desk":"support","topic":"water"}`, "labels", "examples", "import", "--site", "shop", "-")
	if d := k.decisions(0, "shop", `{"id":"1","text":"coins, crypto, please"}`)[0]; !d.UnsureOf("desk") && !d.UnsureOf("topic") {
		t.Errorf("examples that contradict each other: %+v, %+v", d.DeskP, d.Unsure)
	}
}

func TestTriageLines_CostNoSecondEmbedding(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", lidArticle)
	k.write("parcels.md", parcelArticle)
	k.ingest(0)
	before := len(k.model.Inputs())
	k.decisions(0, "shop", `{"id":"1","text":"the lid and its button"}`)
	if n := len(k.model.Inputs()) - before; n != 1 {
		t.Errorf("%d texts were embedded for one message", n)
	}
}

func TestSaidInLine_TheMessageItselfDidNotGoBefore(t *testing.T) {
	t.Parallel()
	self, other := triage.Said{Role: triage.RoleCustomer, Text: "and that one?"}, triage.Said{Role: triage.RoleBot, Text: "this?"}
	for i, c := range []struct {
		history []triage.Said
		want    int
	}{{nil, 0}, {[]triage.Said{self}, 0}, {[]triage.Said{other, self}, 1}, {[]triage.Said{self, other}, 2}, {[]triage.Said{{Role: "wizard", Text: "x"}}, 0}} {
		if got := saidInLine(self.Text, c.history); len(got) != c.want {
			t.Errorf("row %d: %d turns before, want %d", i, len(got), c.want)
		}
	}
}
