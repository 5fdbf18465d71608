package triage

import (
	"fmt"
	"strings"
)

// shownVoters is how many voters an explanation names: the rest hardly weigh.
const shownVoters = 8

// explain says why a decision came out as it did.
func explain(c *circumstances, v verdict, d Decision) *Explanation {
	out := &Explanation{Voters: []Voter{}, Moves: v.moves}
	for _, b := range c.votes.ballots[:min(len(c.votes.ballots), shownVoters)] {
		out.Voters = append(out.Voters, Voter{
			Article: b.article, Example: b.example, Title: b.title, Asked: b.asked, Weight: round(b.weight),
			Desk: b.named.desks.rounded(), Topic: b.named.topic, From: b.named.from,
		})
	}
	for _, r := range c.rules {
		out.Rules = append(out.Rules, fmt.Sprintf("%s %.2f: %s", r.Rule, r.P, r.Why))
	}
	if w := c.reading.Wish; w.Rule != "" {
		out.Rules = append(out.Rules, fmt.Sprintf("%s: wants a person %.2f", w.Rule, d.WantsHumanP))
	}
	if c.ownWhy != "" {
		out.Moves = append(out.Moves, fmt.Sprintf("the customer's own data %.2f: %s", d.OwnDataP, c.ownWhy))
	}
	if len(c.feelings) > 0 {
		out.Moves = append(out.Moves, "mood and urgency: "+strings.Join(c.feelings, "; "))
	}
	if c.parts != "" {
		out.Moves = append(out.Moves, c.parts)
	}
	if c.reading.Message.Follows {
		out.Moves = append(out.Moves, "taken as going on about what was said before: its words were searched for together")
	}
	return out
}
