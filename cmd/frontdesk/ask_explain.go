package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"frontdesk/bot"
)

// askOnce says the messages in turn and prints the replies for people.
func (a *app) askOnce(ctx context.Context, f *front, site *bot.Site, flags askFlags, messages []string) error {
	talk, err := openTalk(ctx, f, site)
	if err != nil {
		return err
	}
	if flags.keep {
		fmt.Fprintf(a.stderr, "conversation %s\n", talk.key.ID)
	} else {
		defer talk.forget(ctx)
	}
	for i, text := range messages {
		turn, reply, err := talk.say(ctx, text)
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		printTurn(a.stdout, turn)
		if !flags.explain {
			continue
		}
		trace, err := f.convs.Trace(ctx, talk.key, reply.Turn)
		if err != nil {
			return err
		}
		explainTrace(a.stdout, trace)
	}
	return nil
}

func printTurn(w io.Writer, t askTurn) {
	fmt.Fprintln(w, t.Text)
	for i, c := range t.Citations {
		if i == 0 || c.Article != t.Citations[i-1].Article { // several pieces of one article are one source
			fmt.Fprintf(w, "\n  from: %s (%s)\n", c.Title, c.Article)
		}
	}
	for i, c := range t.Choices {
		fmt.Fprintf(w, "\n  %d. %s (%s)\n", i+1, c.Title, c.Article)
		if c.Header != "" {
			fmt.Fprintf(w, "     %s\n", c.Header)
		}
		fmt.Fprintf(w, "     %s\n", strings.ReplaceAll(c.Quote, "\n", "\n     "))
	}
	fmt.Fprintf(w, "\n  %s", t.Action)
	if t.Reason != "" {
		fmt.Fprintf(w, ", %s", t.Reason)
	}
	if t.Queue != "" {
		fmt.Fprintf(w, ", queue %s", t.Queue)
	}
	fmt.Fprintf(w, ", %.1f ms\n", t.TotalMS)
}

// explainTrace says in words and numbers why a turn ended as it did.
func explainTrace(w io.Writer, t bot.Trace) {
	fmt.Fprintln(w, "\n  why:")
	line := func(format string, args ...any) { fmt.Fprintf(w, "    "+format+"\n", args...) }
	switch {
	case t.Error != "":
		line("a part failed: %s", t.Error)
	case t.Owner != "" && t.Action == "":
		line("the conversation belongs to %s: the bot was silent", t.Owner)
	case t.Chosen != nil:
		line("the customer chose %s (%s)", t.Chosen.Article, t.Chosen.By)
	case t.Triage != nil && t.Reason == bot.ReasonSensitive:
		line("a must-go rule fired (%s): a person sees to it, whatever was found", t.Triage.Rule)
	case t.Rule != "" && t.Generation == 0:
		line("the words themselves decided (%s)", t.Rule)
	case t.Generation == 0:
		line("the site has no published knowledge, or there was nothing to look for")
	case t.Action == bot.ActAnswer:
		line("the best passage answers with probability %.2f, at or above the threshold of %.2f", t.P, t.Threshold)
	default:
		line("the best passage answers with probability %.2f, below the threshold of %.2f", t.P, t.Threshold)
	}
	explainBands(line, t)
	if t.Triage != nil {
		explainTriage(line, t.Triage.Decision)
	}
	if t.Lang != "" {
		line("language: %s", t.Lang)
	}
	if t.Generation > 0 {
		line("generation %d, models: %s", t.Generation, strings.Join(t.Models, ", "))
	}
	if len(t.Degraded) > 0 {
		line("DEGRADED, without: %s", strings.Join(t.Degraded, ", "))
	}
	if len(t.Features) > 0 {
		line("the probability comes from %s", numbers(t.Features))
	}
	for i, p := range t.Passages {
		where := p.Article
		if len(p.Heading) > 0 {
			where += " > " + strings.Join(p.Heading, " > ")
		}
		line("%d. %s  (bytes %d–%d, score %.3f)", i+1, where, p.From, p.To, p.Score)
		if p.Asked != "" {
			line("   matched the question %q", p.Asked)
		}
		if len(p.Pieces) > 0 {
			line("   would be quoted: %s", spansOf(p.Pieces))
		}
		if len(p.Signals) > 0 {
			line("   %s", numbers(p.Signals))
		}
	}
	m := t.Micros
	line("time: record %s, embed %s, database %s, rank %s, whole search %s, all %s",
		micros(m.Record), micros(m.Embed), micros(m.Database), micros(m.Rank), micros(m.Search), micros(m.Total))
}

// explainBands says which band the turn fell into, what was offered, and what
// it was taken to go on about.
func explainBands(line func(string, ...any), t bot.Trace) {
	if t.Band != "" {
		line("band %s: quoted from %.2f on, choices from %.2f on, at a risk of %.0f %% wrong quotes", t.Band, t.Threshold, t.Maybe, 100*t.Risk)
		if t.Shift != 0 {
			line("the threshold was moved by what this site's customers said of quotes: %+.2f in log-odds", -t.Shift)
		}
	}
	if t.Near > 0 {
		line("one of the first three answers with probability %.2f", t.Near)
	}
	for i, c := range t.Choices {
		line("choice %d: %s, bytes %d–%d: %q", i+1, c.Article, c.From, c.To, c.Line)
	}
	if f := t.Follow; f != nil {
		line("taken as a follow-up (%s) of %d messages before it; %d passages were shown before and left out", f.Rule, len(f.Of), f.Left)
	}
}

func spansOf(pieces [][2]int) string {
	var parts []string
	for _, p := range pieces {
		parts = append(parts, fmt.Sprintf("bytes %d–%d", p[0], p[1]))
	}
	return strings.Join(parts, ", ")
}

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

func numbers(m map[string]float64) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %.3g", k, m[k]))
	}
	return strings.Join(parts, ", ")
}
