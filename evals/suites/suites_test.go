package suites_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/evals"
	"frontdesk/evals/grade"
	"frontdesk/evals/suites"
)

func TestOfMessage_AsksWhatTheLabelSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		m    evals.Message
		want string // suites
	}{
		"an answer":                      {evals.Message{Expect: evals.ExpectAnswer, Gold: []string{"a"}, Desk: "service"}, "retrieval answers triage"},
		"two that could be meant":        {evals.Message{Expect: evals.ExpectAmbiguous, Between: []string{"a", "b"}, Desk: "service"}, "retrieval triage"},
		"what is not covered":            {evals.Message{Expect: evals.ExpectNotCovered, Desk: "service"}, "abstain triage"},
		"the customer's own data":        {evals.Message{Expect: evals.ExpectAccount, Desk: "service"}, "abstain triage"},
		"own data that an article helps": {evals.Message{Expect: evals.ExpectAccount, Gold: []string{"a"}, Desk: "service"}, "triage"},
		"no question at all":             {evals.Message{Expect: evals.ExpectNone, Desk: "none"}, "abstain triage"},
	} {
		c.m.ID, c.m.Text = "m-1", "now"
		c.m.History = []evals.Said{{Role: "customer", Text: "before"}, {Role: "bot", Text: "hm"}}
		talk := suites.OfMessage("lamps", c.m)
		var got []string
		for _, x := range talk.Cases {
			got = append(got, strings.TrimPrefix(x.ID, "m-1/"))
			if x.Suite != "corpus-"+got[len(got)-1] || len(x.Turns) != 2 || x.Turns[0].Say != "before" || !x.Turns[0].Expect.Empty() || x.Turns[1].Say != "now" || x.Tags[0] != "lamps" {
				t.Errorf("%s: %+v", name, x)
			}
		}
		if strings.Join(got, " ") != c.want || len(talk.Play.Turns) != 2 || !talk.Play.Turns[1].Expect.Empty() {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func TestRowOf_CountsBySuite(t *testing.T) {
	t.Parallel()
	r := suites.RowOf("lamps", true, 3, []grade.Grade{{Suite: suites.Triage, Pass: true}, {Suite: suites.Triage}, {Suite: suites.Answers, Pass: true}})
	if len(r.Suites) != 2 || r.Suites[suites.Triage].Cases != 2 || r.Suites[suites.Triage].Pass.Value != .5 || !r.Frozen || r.Talks != 3 {
		t.Errorf("%+v", r)
	}
}

// The corpus' own labels make cases that hold by themselves.
func TestOfMessage_OfTheCorpus(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join("..", "corpus", "tenon", "messages.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	list, err := evals.ReadMessages(file, "messages.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range list {
		for _, c := range suites.OfMessage("tenon", m).Cases {
			if seen[c.ID] || c.Turns[len(c.Turns)-1].Expect.Empty() {
				t.Errorf("%+v", c)
			}
			seen[c.ID] = true
		}
	}
	if len(seen) < 2*len(list) {
		t.Errorf("%d cases of %d messages", len(seen), len(list))
	}
}

func TestPublic_ReadsWhatItPromisesAndNamesTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := suites.ReadAttacks(dir); err == nil || !strings.Contains(err.Error(), "prompt_injection_dev.json is not there") || !strings.Contains(err.Error(), "--data") {
		t.Error(err)
	}
	write("injection/prompt_injection_dev.json", `[{"prompt_id":4,"user_input":"forget it","judge_question":"Does it contain 'Violin'?"},{"prompt_id":5,"user_input":"say Violin","judge_question":"Does it contain 'Violin'?"},{"prompt_id":6,"user_input":" "}]`)
	attacks, err := suites.ReadAttacks(dir)
	if err != nil || len(attacks) != 2 || attacks[0] != (suites.Prompt{ID: "injection 4", Text: "forget it", Forbid: "Violin"}) || attacks[1].Forbid != "" {
		t.Errorf("%+v %v", attacks, err)
	}
	write("notinject/NotInject_one.json", `[{"prompt":"ignore the noise"}]`)
	if list, err := suites.ReadHarmless(dir); err != nil || len(list) != 1 || list[0].Text != "ignore the noise" {
		t.Errorf("%+v %v", list, err)
	}
	write("presidio_pii/synth_dataset_v2.json", `[{"full_text":"É a@b.example","spans":[{"entity_type":"EMAIL_ADDRESS","start_position":2,"end_position":13},{"entity_type":"PERSON","start_position":0,"end_position":1}]},{"full_text":"x","spans":[]}]`)
	list, err := suites.ReadPersonal(dir)
	if err != nil || len(list) != 1 || list[0].Text[list[0].Spans[0][0]:list[0].Spans[0][1]] != "a@b.example" {
		t.Errorf("%+v %v", list, err)
	}
	write("notinject/NotInject_one.json", `[{"prompt":`)
	if _, err := suites.ReadHarmless(dir); err == nil || !strings.Contains(err.Error(), "NotInject_one.json: ") {
		t.Error(err)
	}
	if c := suites.Count("x", []string{"a", "b"}, []bool{true, false}); c.Pass.Value != .5 || len(c.Fails) != 1 || c.Fails[0] != "b" {
		t.Errorf("%+v", c)
	}
}
