package loadgen

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what came of a run.
type Report struct {
	Seed      uint64               `json:"seed"`
	Customers int                  `json:"customers"`
	Agents    int                  `json:"agents"`
	Rate      float64              `json:"rate"`     // messages and presses a second that were meant
	Played    float64              `json:"played_s"` // until everybody had finished
	Whole     float64              `json:"whole_s"`  // with signing in and checking
	Counts    map[string]int       `json:"counts"`
	Broken    map[Promise]int      `json:"broken"` // every kind; all are 0 where all was kept
	Wrong     map[Promise][]string `json:"wrong,omitempty"`
	Took      []Took               `json:"took"`
}

func (l *Load) report(whole, played time.Duration) Report {
	l.ledger.mu.Lock()
	defer l.ledger.mu.Unlock()
	r := Report{
		Seed: l.cfg.Seed, Customers: l.cfg.Customers, Agents: len(l.cfg.Logins), Rate: l.cfg.Rate, Played: played.Seconds(), Whole: whole.Seconds(),
		Counts: map[string]int{}, Broken: map[Promise]int{}, Wrong: map[Promise][]string{}, Took: l.times.all(),
	}
	for k, n := range l.ledger.counts {
		r.Counts[k] = n
	}
	for _, k := range kinds() {
		r.Broken[k] = r.Counts[string(k)]
		delete(r.Counts, string(k))
		if w := l.ledger.wrong[k]; len(w) > 0 {
			r.Wrong[k] = slices.Clone(w)
		}
	}
	r.Counts["requests without an answer"] = int(l.client.broken.Load())
	r.Counts["answers that said not now"] = int(l.client.away.Load())
	r.Counts["cases told of"] = len(l.ledger.cases)
	return r
}

// Kept says whether nothing is broken.
func (r Report) Kept() bool {
	for _, n := range r.Broken {
		if n > 0 {
			return false
		}
	}
	return true
}

// Turns is how many messages of customers were answered or passed on.
func (r Report) Turns() int {
	n := 0
	for k, c := range r.Counts {
		if strings.HasPrefix(k, "turns: ") {
			n += c
		}
	}
	return n
}

// Print writes the report as a table.
func (r Report) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "players\t%d customers, %d agents, %.1f messages a second meant, seed %d\n", r.Customers, r.Agents, r.Rate, r.Seed)
	fmt.Fprintf(t, "played\t%.1f s\n", r.Played)
	names := make([]string, 0, len(r.Counts))
	for k := range r.Counts {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		fmt.Fprintf(t, "%s\t%d\n", k, r.Counts[k])
	}
	fmt.Fprintf(t, "\nTOOK\tP50\tP95\tP99\tMAX\tCOUNT\n")
	for _, k := range r.Took {
		fmt.Fprintf(t, "%s\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%d\n", k.Name, k.P50, k.P95, k.P99, k.Max, k.Count)
	}
	fmt.Fprintln(t)
	for _, k := range kinds() {
		fmt.Fprintf(t, "%s\t%d\n", k, r.Broken[k])
		for _, line := range r.Wrong[k] {
			fmt.Fprintf(t, "  %s\n", line)
		}
	}
	return t.Flush()
}
