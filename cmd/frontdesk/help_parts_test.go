package main

import (
	"strings"
	"testing"
)

// A card number that somebody types into a search is nobody's business but
// theirs, least of all that of an embedder somewhere else.
func TestSearches_NeverSendACardNumberToTheEmbedder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := s.serve(t)
	for _, path := range []string{
		"/help?q=refund+to+4111+1111+1111+1111",
		"/help?suggest=1&q=refunds+to+4111+1111+1111+1111",
	} {
		if status, body, err := p.call("GET", path, ""); err != nil || status != 200 {
			t.Fatalf("%s: %d %s %v", path, status, body, err)
		}
	}
	p.open(t)
	if status, body, err := p.say("1", "refund me to 4111 1111 1111 1111"); err != nil || status != 200 {
		t.Fatalf("%d %s %v", status, body, err)
	}
	s.command(t, 0, "", "search", "money back to 4111-1111-1111-1111")
	s.command(t, 0, `{"id":"1","text":"paid with 4111111111111111"}`+"\n", "search", "--jsonl")
	masked := map[string]bool{}
	for _, text := range s.model.Inputs() {
		if strings.Contains(text, "4111") {
			t.Errorf("the embedder was sent %q", text)
		}
		if before, _, ok := strings.Cut(text, "•••• 1111"); ok {
			masked[before] = true
		}
	}
	for _, asked := range []string{"refund to ", "refunds to ", "refund me to ", "money back to ", "paid with "} {
		if !masked[asked] {
			t.Errorf("%q… was not asked for at all: %v", asked, s.model.Inputs())
		}
	}
}
