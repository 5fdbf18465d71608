package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"frontdesk/retrieval"
)

// printEvidence shows a result to a person.
func printEvidence(w io.Writer, ev retrieval.Evidence, explain bool) {
	switch {
	case ev.Generation == 0:
		fmt.Fprintln(w, "the site has no published knowledge yet: `frontdesk ingest` makes some")
		return
	case len(ev.Hits) == 0:
		fmt.Fprintln(w, "nothing found")
	default:
		fmt.Fprintf(w, "answers with probability %.2f\n", ev.P)
	}
	for _, part := range ev.Degraded {
		fmt.Fprintf(w, "degraded: %s took no part\n", part)
	}
	for i, h := range ev.Hits {
		fmt.Fprintf(w, "\n%d. %s  [%s]  score %.3f\n", i+1, strings.Join(append([]string{h.Title}, h.Heading...), " > "), h.ArticleID, h.Score)
		fmt.Fprintln(w, indent(h.Text, "   "))
		for _, line := range h.Why {
			fmt.Fprintln(w, "   · "+line)
		}
	}
	if !explain {
		return
	}
	fmt.Fprintf(w, "\nlanguage %s, generation %d, models %s; embedding %s, database %s, ranking %s\n",
		orNone(ev.Lang), ev.Generation, orNone(strings.Join(ev.Models, ", ")),
		ev.Took.Embed.Round(10*time.Microsecond), ev.Took.Database.Round(10*time.Microsecond), ev.Took.Rank.Round(10*time.Microsecond))
	for _, line := range ev.Why {
		fmt.Fprintln(w, line)
	}
	if len(ev.Why) == 0 {
		for _, name := range slices.Sorted(maps.Keys(ev.Features)) {
			fmt.Fprintf(w, "  %s %.3f\n", name, ev.Features[name])
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func indent(s, by string) string {
	return by + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+by)
}
