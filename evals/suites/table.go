package suites

import (
	"frontdesk/evals/grade"
	"frontdesk/evals/stats"
)

// Row is what a business's customers get, by suite.
type Row struct {
	Business string          `json:"business"`
	Frozen   bool            `json:"frozen,omitempty"`
	Talks    int             `json:"conversations"`
	Suites   map[string]Rate `json:"suites"`
}

// Rate is how many of a suite's cases pass.
type Rate struct {
	Cases int            `json:"cases"`
	Pass  stats.Interval `json:"pass"`
}

// RowOf counts a business's grades. Where several businesses are one row, give all
// of theirs.
func RowOf(business string, frozen bool, talks int, grades []grade.Grade) Row {
	r := Row{Business: business, Frozen: frozen, Talks: talks, Suites: map[string]Rate{}}
	for _, name := range Names() {
		n, k := 0, 0
		for _, g := range grades {
			if g.Suite != name {
				continue
			}
			n++
			if g.Pass {
				k++
			}
		}
		if n > 0 {
			r.Suites[name] = Rate{n, stats.Wilson(k, n)}
		}
	}
	return r
}
