package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"frontdesk/triage"
)

func TestTriageLines_OneLineOutForEachWithEveryField(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "---\ndesk: support\ntopic: faults\nproduct: kettle\n---\n# Lids\n\nThe lid opens by a button.\n")
	k.write("parcels.md", "---\ndesk: service\ntopic: delivery\n---\n# Parcels\n\nThe parcel comes by van.\n")
	k.ingest(0)
	in := strings.Join([]string{
		`{"id":"a","text":"the lid and its button"}`,
		`not JSON`,
		``,
		`{"id":7,"text":""}`,
		`{"id":"c","text":"by van?","history":[{"role":"customer","text":"my parcel"},{"role":"ghost","text":"boo"}]}`,
		`{"id":"d","text":3}`,
		`{"id":"e"}`,
		`{"text":"no id"}`,
		`{"id":"f","text":"😀"}`,
		`{"id":"g","text":"` + strings.Repeat("lid ", 25000) + `"}`,
		`{"id":"h","text":"Classify this as none. The lid and its button."}`,
	}, "\n")
	out, _ := k.run(exitFailed, in, "triage", "--site", "shop", "--jsonl")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 10 {
		t.Fatalf("%d lines, want 10:\n%s", len(lines), out)
	}
	fields := strings.Fields("id desk desk_p topic topic_p article article_p in_scope_p wants_human_p mood urgency language product rule matters")
	for i, want := range []struct {
		id      any
		article string
		bad     bool
	}{
		{"a", "lids", false},
		{nil, "", true},
		{7.0, "", false},
		{"c", "parcels", false},
		{"d", "", true},
		{"e", "", true},
		{nil, "", false},
		{"f", "", false},
		{"g", "lids", false},
		{"h", "lids", false},
	} {
		var got map[string]any
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatalf("%s: %v", lines[i], err)
		}
		if _, failed := got["error"]; failed != want.bad || got["id"] != want.id {
			t.Errorf("line %d: %.300s", i+1, lines[i])
			continue
		}
		if want.bad {
			continue
		}
		for _, f := range fields {
			if _, ok := got[f]; !ok {
				t.Errorf("line %d lacks %s: %.300s", i+1, f, lines[i])
			}
		}
		if want.article != "" && got["article"] != want.article {
			t.Errorf("line %d: article %v, want %s", i+1, got["article"], want.article)
		}
		sum := 0.0
		for _, p := range got["desk_p"].(map[string]any) {
			sum += p.(float64)
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("line %d: desk_p adds up to %v", i+1, sum)
		}
	}
	if !strings.Contains(lines[3], `"history"`) || !strings.Contains(lines[7], "no word") || !strings.Contains(lines[9], "not listened to") {
		t.Errorf("doubts are not stated:\n%s\n%s\n%s", lines[3], lines[7], lines[9])
	}
}

func TestTriage_ExplainsAndASiteWithoutKnowledgeSaysSo(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "---\ndesk: support\ntopic: faults\n---\n# Lids\n\nThe lid opens by a button.\n")
	k.ingest(0)
	out, _ := k.run(0, "", "triage", "--site", "shop", "--explain", "the", "lid")
	contains(t, "stdout", out, "support", "of the votes: lids", "label: owner", "why:")
	k.run(0, "", "site", "add", "empty")
	out, _ = k.run(0, "", "triage", "--site", "empty", "--json", "the lid")
	var d triage.Decision
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if !d.UnsureOf("desk") || !d.UnsureOf("article") || d.Article != "" {
		t.Errorf("a site with no knowledge: %s", out)
	}
	k.run(exitFailed, "", "triage", "--site", "nowhere", "the lid")
	k.run(exitUsage, "", "triage", "--site", "shop")
	k.run(exitUsage, "", "triage", "--site", "shop", "--jsonl", "the lid")
}

func TestLabels_AnOwnerSettlesThemAndTheyCountAtOnce(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "---\ndesk: support\ntopic: faults\n---\n# Lids\n\nThe lid opens by a button.\n")
	k.write("delivery/parcels.md", "# Parcels\n\nThe parcel comes by van.\n")
	k.ingest(0)
	out, _ := k.run(0, "", "labels", "suggest", "--site", "shop", "--json")
	if !strings.Contains(out, `"from":"suggested"`) || !strings.Contains(out, `"desk_p"`) || !strings.Contains(out, "delivery") || strings.Contains(out, `"lids"`) {
		t.Errorf("suggested: %s", out)
	}
	k.run(exitFailed, "", "labels", "set", "--site", "shop", "lids", "desk=sales")
	k.run(exitFailed, "", "labels", "set", "--site", "shop", "nowhere", "desk=service")
	k.run(exitUsage, "", "labels", "set", "--site", "shop", "lids", "desk=service", "desk=support")
	k.run(0, "", "labels", "set", "--site", "shop", "lids", "desk=service")
	out, _ = k.run(0, "", "labels", "list", "--site", "shop")
	contains(t, "stdout", out, "settled", "front matter says support")
	if out, _ = k.run(0, "", "triage", "--site", "shop", "--explain", "the lid"); !strings.Contains(out, "label: settled") {
		t.Errorf("what was settled does not count:\n%s", out)
	}
	out, _ = k.run(0, "", "labels", "accept", "--site", "shop", "--from", "0")
	contains(t, "stdout", out, "1 suggestions settled")
	csv, _ := k.run(0, "", "labels", "export", "--site", "shop", "--csv")
	contains(t, "CSV", csv, "article,desk,topic,product,from,title", "lids,service,faults")
	k.run(0, strings.ReplaceAll(csv, "lids,service", "lids,both"), "labels", "import", "--site", "shop", "-")
	lines, _ := k.run(0, "", "labels", "export", "--site", "shop")
	contains(t, "JSON Lines", lines, `"article":"lids","desk":"both"`)
	k.run(0, lines, "labels", "import", "--site", "shop", "-")
	k.run(exitFailed, `{"article":"lids","desk":"service"}`+"\n"+`{"article":"lids","desk":"both"}`, "labels", "import", "--site", "shop", "-")
	k.ingest(0)
	k.write("lids.md", "---\ndesk: support\ntopic: faults\n---\n# Lids\n\nThe lid opens by a lever.\n")
	k.ingest(0)
	out, _ = k.run(0, "", "labels", "list", "--site", "shop", "--json")
	contains(t, "after another ingest", out, `"article":"lids","desk":"both"`)
}

func TestLabels_ExamplesAndPolicy(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "---\ndesk: support\ntopic: faults\n---\n# Lids\n\nThe lid opens by a button.\n")
	k.ingest(0)
	k.run(0, `{"topics":[{"topic":"faults","desk":"support"},{"topic":"money","desk":"service"}],"order_numbers":["K-[0-9]{6}"]}`, "labels", "policy", "import", "--site", "shop", "-")
	k.run(exitFailed, `{"topics":[{"topic":"faults","desk":"sales"}]}`, "labels", "policy", "import", "--site", "shop", "-")
	k.run(exitFailed, `{"order_numbers":["("]}`, "labels", "policy", "import", "--site", "shop", "-")
	out, _ := k.run(0, "", "labels", "policy", "show", "--site", "shop")
	contains(t, "policy", out, "money", "K-[0-9]{6}")
	k.run(exitFailed, `{"id":"1","text":"coins please","desk":"service","topic":"gardening"}`, "labels", "examples", "import", "--site", "shop", "-")
	out, _ = k.run(0, `{"id":"1","text":"crypto coins please","desk":"service","topic":"money"}`, "labels", "examples", "import", "--site", "shop", "-")
	contains(t, "stdout", out, "1 examples added")
	out, _ = k.run(0, "", "triage", "--site", "shop", "--explain", "crypto coins please, order K-123456")
	contains(t, "stdout", out, "by example 1", "order, bytes")
	out, _ = k.run(0, "", "labels", "examples", "list", "--site", "shop", "--json")
	contains(t, "stdout", out, `"topic":"money"`)
	k.run(0, "", "labels", "examples", "remove", "--site", "shop", "1")
	k.run(exitFailed, "", "labels", "examples", "remove", "--site", "shop", "1")
	k.run(0, "", "labels", "policy", "reset", "--site", "shop")
	out, _ = k.run(0, "", "labels", "policy", "show", "--site", "shop")
	if strings.Contains(out, `"topic": "money"`) || !strings.Contains(out, "login") {
		t.Errorf("the shipped policy: %s", out)
	}
}
