package main

import (
	"encoding/json"
	"testing"
)

// Whoever answers after their case was closed because they said nothing has it
// back, and not the assistant's guess at two words.
func TestServe_AnAnswerThatComesLateGoesOnWithTheCase(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.command(t, 0, "", "agent", "add", "mara@shop.example", "--name", "Mara")
	p := s.serve(t)
	p.open(t)
	status, body, err := p.call("POST", "/v1/conversations/"+p.conversation+"/human", `{"text":"My kettle shows a light"}`)
	if err != nil || status != 200 {
		t.Fatalf("%d %s %v", status, body, err)
	}
	var opened struct{ Reference string }
	if err := json.Unmarshal([]byte(body), &opened); err != nil {
		t.Fatal(err)
	}
	s.command(t, 0, "", "case", "claim", opened.Reference, "--as", "mara@shop.example")
	s.command(t, 0, "", "case", "reply", opened.Reference, "Which colour is it?", "--as", "mara@shop.example")
	s.command(t, 0, "", "case", "close", opened.Reference, "--ended", "no_answer")
	say := func(id, text, want string) {
		t.Helper()
		status, body, err := p.call("POST", "/v1/conversations/"+p.conversation+"/messages", `{"client_msg_id":"`+id+`","text":"`+text+`"}`)
		var r struct{ Outcome string }
		if err != nil || status != 200 || json.Unmarshal([]byte(body), &r) != nil || r.Outcome != want {
			t.Errorf("%s: %d %s %v, want %s", text, status, body, err, want)
		}
	}
	say("1", "Red", "queued")
	say("2", "Three times", "relayed")
	var state string
	s.scan(t, `SELECT state FROM cases WHERE reference = '`+opened.Reference+`'`, &state)
	if state != "waiting" {
		t.Errorf("the case is %s", state)
	}
}
