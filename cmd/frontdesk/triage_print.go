package main

import (
	"fmt"
	"io"
	"strings"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/triage"
)

// saidBefore is a history as a conversation has it, newest first; a turn of
// somebody who does not exist is left out.
func saidBefore(history []triage.Said) []convo.Message {
	var past []convo.Message
	for i := len(history) - 1; i >= 0; i-- {
		h := history[i]
		switch h.Role {
		case triage.RoleCustomer, triage.RoleBot, triage.RoleAgent:
			past = append(past, convo.Message{ID: bot.NewID(), Author: convo.Author(h.Role), Text: h.Text})
		}
	}
	return past
}

// saidInLine is the history of a batch line, newest first. Other than in a
// conversation, where what the customer wrote since anybody answered is part of
// the message, all of it went before; only the message itself may end it.
func saidInLine(text string, history []triage.Said) []convo.Message {
	if n := len(history); n > 0 && history[n-1].Role == triage.RoleCustomer && history[n-1].Text == text {
		history = history[:n-1]
	}
	past := saidBefore(history)
	if len(past) > 0 && past[0].Author == convo.Customer {
		past = append([]convo.Message{{ID: bot.NewID(), Author: convo.Bot}}, past...)
	}
	return past
}

// printDecision prints a decision for people.
func printDecision(w io.Writer, d triage.Decision) {
	p := d.DeskP
	fmt.Fprintf(w, "%s   (service %.2f, support %.2f, both %.2f, none %.2f)\n", d.Desk, p.Service, p.Support, p.Both, p.None)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-12s "+format+"\n", append([]any{name}, args...)...)
	}
	if d.Topic != "" {
		row("topic", "%s (%.2f)", d.Topic, d.TopicP)
	}
	if d.Article != "" {
		row("article", "%s (%.2f)", d.Article, d.ArticleP)
	}
	row("in scope", "%.2f", d.InScopeP)
	row("a person", "%.2f", d.WantsHumanP)
	row("own data", "%.2f", d.OwnDataP)
	row("mood", "%+.2f, urgency %.2f", d.Mood, d.Urgency)
	if d.Language != "" {
		row("language", "%s", d.Language)
	}
	if d.Product != "" || len(d.Products) > 0 {
		row("product", "%s", strings.Join(append(d.Products, d.Product), " "))
	}
	if d.Rule != "" {
		row("must go", "%s (%.2f)", d.Rule, d.RuleP)
	}
	if len(d.Matters) > 1 {
		for i, m := range d.Matters {
			row(fmt.Sprintf("matter %d", i+1), "%s, %s, %s, bytes %d–%d", m.Desk, m.Topic, m.Article, m.Span[0], m.Span[1])
		}
	}
	for _, x := range d.Personal {
		row("personal", "%s, bytes %d–%d", x.Kind, x.From, x.To)
	}
	for _, x := range d.Unsure {
		row("UNSURE", "%s: %s", x.What, x.Why)
	}
	if d.Why != nil {
		fmt.Fprintln(w, "\n  why:")
		explainDecision(func(format string, args ...any) { fmt.Fprintf(w, "    "+format+"\n", args...) }, d)
	}
}

// explainDecision says which entries voted, which rules fired, and what moved
// the probabilities.
func explainDecision(line func(string, ...any), d triage.Decision) {
	for _, v := range d.Why.Voters {
		name := v.Article
		if v.Example != "" {
			name = strings.TrimSpace(name + " by example " + v.Example)
		}
		desk, _ := v.Desk.Best()
		line("%.3f of the votes: %s, %s %.2f, topic %s (label: %s)", v.Weight, name, desk, v.Desk.Of(desk), orNone(v.Topic), v.From)
		if v.Asked != "" {
			line("      nearest by the question %q", v.Asked)
		}
	}
	for _, r := range d.Why.Rules {
		line("rule %s", r)
	}
	for _, m := range d.Why.Moves {
		line("%s", m)
	}
}

// explainTriage says in a turn's trace what triage decided, and why.
func explainTriage(line func(string, ...any), d triage.Decision) {
	line("triage: %s (%.2f), topic %s (%.2f), in scope %.2f, wants a person %.2f, own data %.2f, mood %+.2f, urgency %.2f",
		d.Desk, d.DeskP.Of(d.Desk), orNone(d.Topic), d.TopicP, d.InScopeP, d.WantsHumanP, d.OwnDataP, d.Mood, d.Urgency)
	if d.Rule != "" {
		line("  must go to a person: %s (%.2f)", d.Rule, d.RuleP)
	}
	if len(d.Matters) > 1 {
		line("  %d matters", len(d.Matters))
	}
	for _, x := range d.Unsure {
		line("  unsure of %s: %s", x.What, x.Why)
	}
	if d.Why != nil {
		explainDecision(func(format string, args ...any) { line("  "+format, args...) }, d)
	}
}
