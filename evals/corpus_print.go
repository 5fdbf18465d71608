package evals

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// column is a measure in a table, under a short head.
type column struct{ head, measure string }

// Print shows a report to a person.
func (r CorpusReport) Print(w io.Writer) error {
	fmt.Fprintf(w, "%d messages of %d businesses; parts at work: %s", r.Messages, len(r.Businesses), strings.Join(r.Parts, ", "))
	if len(r.Without) > 0 {
		fmt.Fprintf(w, "; switched off: %s", strings.Join(r.Without, ", "))
	}
	fmt.Fprint(w, "\nIntervals: 95 %, by drawing articles with all messages about them.\n")

	groups := [][]Slice{append([]Slice{r.All}, r.Businesses...), r.Languages, r.Kinds}
	for _, table := range []struct {
		title   string
		columns []column
	}{
		{"Ranking, single answerable questions (all answerable ones in the rows of kinds)", []column{
			{"R@1", measureR1}, {"R@3", "r3"}, {"R@5", measureR5}, {"MRR", "mrr"}, {"nDCG@10", "ndcg10"}, {"all gold@5", "all_gold5"},
		}},
		{"What is quoted", []column{
			{"quoted", measureQuoted},
			{"rightly", "quoted_right"},
			{"quotes wrong", measureWrong},
			{"article", "wrong_article"},
			{"fact", "wrong_fact_missing"},
			{"not to quote", "wrong_not_to_quote"},
			{"facts inside", measureFacts},
		}},
		{"What is shown", []column{
			{"shown", measureShown},
			{"choices", "choices"},
			{"hit", "choices_hit"},
			{"ambiguous shown", "ambiguous_shown"},
			{"two questions", "two_firsts"},
			{"unanswerable quoted", measureUnQuoted},
			{"given choices", "unanswerable_choices"},
			{"not covered quoted", "not_covered_quoted"},
		}},
	} {
		fmt.Fprintf(w, "\n%s\n", table.title)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprint(t, "\tn")
		for _, c := range table.columns {
			fmt.Fprintf(t, "\t%s", c.head)
		}
		fmt.Fprintln(t)
		for _, g := range groups {
			for _, s := range g {
				printSlice(t, s, table.columns)
			}
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if err := r.printRisk(w); err != nil {
		return err
	}
	return r.printAblations(w)
}

// leastInterval is how many messages an interval by resampling needs: of fewer,
// all alike, it would have no width and say that all is known.
const leastInterval = 10

func printSlice(w io.Writer, s Slice, columns []column) {
	fmt.Fprintf(w, "%s\t%d", s.Name, s.Messages)
	for _, c := range columns {
		switch v, ok := s.Scores[c.measure]; {
		case !ok:
			fmt.Fprint(w, "\t-")
		case v.Of < leastInterval:
			fmt.Fprintf(w, "\t%.3f of %d", v.Value, v.Of)
		default:
			fmt.Fprintf(w, "\t%.3f [%.2f %.2f]", v.Value, v.Low, v.High)
		}
	}
	fmt.Fprintln(w)
}

func (r CorpusReport) printRisk(w io.Writer) error {
	fmt.Fprintf(w, "\nQuotes have %d words in the median, nine of ten at most %d, and %d at most.\n", r.QuoteWords.Median, r.QuoteWords.P90, r.QuoteWords.Max)
	for _, row := range []struct {
		of string
		c  CorpusCalibration
	}{{"the quote answers", r.Quote}, {"the knowledge answers", r.Answerable}} {
		if row.c.N > 0 {
			fmt.Fprintf(w, "P against %q: true of %.3f of %d; ECE %.3f, of a perfect one %.3f, excess %.3f; AUROC %.3f\n",
				row.of, row.c.Base, row.c.N, row.c.ECE, row.c.Perfect, row.c.Excess, row.c.AUROC)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\nRisk and coverage (thresholds chosen on these messages)\n\tfrom P\tquotes\twrong\tquoted\trightly\tunanswerable quoted\n")
	for _, a := range r.Allowed {
		printRiskRow(t, fmt.Sprintf("at most %.0f %% wrong", 100*a.Allowed), a.Risk)
	}
	for _, c := range r.Coverage {
		printRiskRow(t, fmt.Sprintf("the surest %.0f %%", 100*float64(c.Quotes)/float64(r.Messages)), c)
	}
	for _, c := range r.Thresholds {
		printRiskRow(t, "threshold", c)
	}
	if len(r.Choosing) > 0 {
		fmt.Fprint(t, "\nChoices for what is not quoted\tfrom P\tshown\tunanswerable given choices\tof all messages\n")
		for _, c := range r.Choosing {
			fmt.Fprintf(t, "\t%.2f\t%.3f\t%.3f\t%.3f\n", c.Threshold, c.Shown, c.Given, c.Offered)
		}
	}
	return t.Flush()
}

func printRiskRow(w io.Writer, name string, r Risk) {
	fmt.Fprintf(w, "%s\t%.3f\t%d\t%.3f\t%.3f\t%.3f\t%.3f\n", name, r.Threshold, r.Quotes, r.Wrong, r.Quoted, r.QuotedRight, r.Unanswered)
}

// printAblations shows what each part brings to the measures that a part is
// there for.
func (r CorpusReport) printAblations(w io.Writer) error {
	if len(r.Ablations) == 0 {
		return nil
	}
	shown := []column{
		{"R@1", measureR1},
		{"R@5", measureR5},
		{"quoted", measureQuoted},
		{"quotes wrong", measureWrong},
		{"shown", measureShown},
		{"facts inside", measureFacts},
		{"unanswerable quoted", measureUnQuoted},
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\nWhat each part brings (with it, less without)")
	for _, c := range shown {
		fmt.Fprintf(t, "\t%s", c.head)
	}
	fmt.Fprintln(t)
	for _, a := range r.Ablations {
		fmt.Fprint(t, a.Part)
		for _, c := range shown {
			cell := "-"
			for _, d := range a.Measures {
				if d.Measure == c.measure {
					cell = fmt.Sprintf("%+.3f [%+.2f %+.2f]", d.Brings.Value, d.Brings.Low, d.Brings.High)
				}
			}
			fmt.Fprintf(t, "\t%s", cell)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}
