package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// talkOf asks one conversation as a batch and returns its turns.
func talkOf(t *testing.T, s *shop, say ...string) []askTurn {
	t.Helper()
	in, err := json.Marshal(askLine{ID: json.RawMessage(`"x"`), Say: say})
	if err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := cli(t, s.env, string(in), "ask", "--site", "shop", "--jsonl")
	var out askReply
	if err := json.Unmarshal([]byte(stdout), &out); err != nil || status != 0 || len(out.Turns) != len(say) {
		t.Fatalf("%d, %v: %s%s", status, err, stdout, stderr)
	}
	return out.Turns
}

func set(t *testing.T, s *shop, settings ...string) {
	t.Helper()
	if status, _, stderr := cli(t, s.env, "", append([]string{"site", "set", "shop"}, settings...)...); status != 0 {
		t.Fatal(stderr)
	}
}

func TestAsk_ChoicesAreAnsweredByNumberAndWords(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	set(t, s, "threshold=1", "maybe=0") // never sure, always worth a choice
	turns := talkOf(t, s, "How long do I have to send something back?", "9", "1")
	first := turns[0]
	if first.Action != "clarify" || len(first.Choices) == 0 || first.Choices[0].Article != "returns" || len(first.Citations) != 0 {
		t.Fatalf("got %+v", first)
	}
	for _, c := range first.Choices {
		if c.Title == "" || c.Quote == "" {
			t.Errorf("got %+v", c)
		}
	}
	if !strings.Contains(returnsArticle, first.Choices[0].Quote) {
		t.Errorf("not a line of the article: %q", first.Choices[0].Quote)
	}
	if turns[1].Action != "clarify" || turns[1].Reason != "out_of_range" || len(turns[1].Choices) != len(first.Choices) {
		t.Errorf("a number that is not there: %+v", turns[1])
	}
	if got := turns[2]; got.Action != "answer" || got.Reason != "chosen" || got.Citations[0].Article != "returns" || !strings.Contains(returnsArticle, got.Text) {
		t.Errorf("a number: %+v", got)
	}
	set(t, s, "maybe=1")
	if got := talkOf(t, s, "How long do I have to send something back?")[0]; got.Action != "none" || len(got.Choices) != 0 {
		t.Errorf("without choices: %+v", got)
	}
}

func TestAsk_ExplainsBandsAndFollowUps(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	set(t, s, "threshold=1", "maybe=0", "risk=10%")
	status, stdout, stderr := cli(t, s.env, "", "ask", "--site", "shop", "--explain", "How long do I have to send something back?", "and for a gift?", "the first")
	if status != 0 {
		t.Fatal(stderr)
	}
	for _, part := range []string{"1. Returns and refunds (returns)", "band maybe: quoted from 1.00 on, choices from 0.00 on, at a risk of 10 % wrong quotes", "choice 1: returns, bytes", "taken as a follow-up (begins:en) of 1 messages", "the customer chose"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("no %q in %s", part, stdout)
		}
	}
}

func TestSite_RiskIsAShareOrPerCent(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]float64{"0.05": .05, "5%": .05, "12.5 %": .125, "0.5": .5} {
		if got, err := parseRisk(in); err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "0", "-1", "5", "60%", "NaN", "Inf", "a lot"} {
		if got, err := parseRisk(in); err == nil || !strings.Contains(err.Error(), "0.05 or 5%") {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
}
