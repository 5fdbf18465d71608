package evals

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// PrintTriage prints a table of scores, one row each.
func PrintTriage(w io.Writer, list []TriageScores) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tn\tdesk F1\ttopic\tarticle\tin scope\tAUROC\tMCC .5\tbest\tout recall\trefused\tout@4%\tECE desk\tECE scope\taccount\tunsure")
	of := func(i Interval) string {
		if i == (Interval{}) {
			return "-"
		}
		return fmt.Sprintf("%.3f [%.2f %.2f]", i.Value, i.Low, i.High)
	}
	for _, s := range list {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%.3f\t%.3f\t%.3f\t%s\t%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.2f\n", s.Name, s.N, of(s.Desk), of(s.Topic), of(s.Article), of(s.Scope),
			s.AUROC, s.MCC, s.BestMCC, of(s.OutRec), of(s.Refused), s.OutAt4, s.DeskECE.Above(), s.ScopeECE.Above(), s.Account, s.Unsure)
	}
	return t.Flush()
}

// PrintReliability prints what was said against what was true.
func PrintReliability(w io.Writer, name string, e ECE) {
	fmt.Fprintf(w, "%s: %d, error %.3f, of which chance alone %.3f\n ", name, e.N, e.Raw, e.Simulated)
	for _, b := range e.Bins {
		fmt.Fprintf(w, " %.2f:%.2f", b.Said, b.True)
	}
	fmt.Fprintln(w)
}

// MeanDesk is the mean over businesses, each counting alike, with the worst.
func MeanDesk(list []TriageScores) (mean Interval, worst TriageScores) {
	var values []float64
	for i, s := range list {
		values = append(values, s.Desk.Value)
		if i == 0 || s.Desk.Value < worst.Desk.Value {
			worst = s
		}
	}
	if len(values) == 0 {
		return Interval{}, worst
	}
	return Mean(values), worst
}
