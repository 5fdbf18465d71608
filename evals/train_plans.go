package evals

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"frontdesk/retrieval"
)

// Found is a message of the corpus with what a search found for it.
type Found struct {
	Business string
	Message  Message
	Found    retrieval.Found
}

// Trains says whether a message is one to learn ranking from: it stands alone
// and asks one thing.
func (m Message) Trains() bool { return !m.Is(KindTwo) && !m.Is(KindFollowUp) }

// example is a finding as a fit takes it. What may be shown for a message that
// is not answerable (an account's own article, one of two that could be meant)
// counts for how sure a plan is, not for its order.
func (f Found) example() retrieval.Example {
	m := f.Message
	return retrieval.Example{
		Found: f.Found, Group: f.Business, Answerable: m.Answerable(),
		RightArticle: func(id string) bool { return m.reached([]string{id}) },
		Answers: func(id, passage string) bool {
			return verdict(m, []Quote{{Article: id, Text: passage}}) == RightQuote
		},
		Holds: m.question().holdsOne,
	}
}

// PlanScores is what a plan is worth on businesses left out of its fit.
type PlanScores struct {
	Plan       string
	N          int // answerable messages
	R1, R3, R5 float64
	ByBusiness map[string][3]float64 // R@1, R@3, R@5

	Quote CorpusCalibration // P against "the passage answers"
	Near  CorpusCalibration // Near against "one of the first three articles does"

	Facts      float64    // part of the quotes from a right article that hold every fact
	QuoteWords QuoteWords // of those quotes
}

// PlansReport is what a fit of all plans is worth.
type PlansReport struct {
	Plans []PlanScores
	Risks []RiskScores
	Maybe float64
	Shown float64 // part of the answerable with a right article among the first three, at Maybe
	Spare float64 // part of the unanswerable that get no choices there
}

// RiskScores is what quoting at a risk's threshold leads to.
type RiskScores struct {
	Risk, Sure   float64
	Quoted       float64 // part of the answerable that get a quote
	Wrong        float64 // part of the quotes that are wrong
	Unanswerable float64 // part of the unanswerable that get a quote
	N            int     // quotes

	Only []string // plans that alone quote at this risk; none: all
}

// outcome is one message judged by plans that have not seen its business.
type outcome struct {
	finding  Found
	evidence retrieval.Evidence
	rank     int
	right    bool // what would be quoted answers
	near     bool // one of the first three articles does
}

// TrainPlans fits every plan of a ranking to the findings, cross-validated by
// business: what is reported, and the thresholds, come from fits that have seen
// no message of the business. Deterministic.
func TrainPlans(findings []Found, start retrieval.Ranking, progress func(string)) (retrieval.Ranking, PlansReport, error) {
	findings = withLess(findings, start.Plans)
	var examples []retrieval.Example
	groups := map[string]bool{}
	for _, f := range findings {
		if slices.Contains(frozenNames(), f.Business) {
			return start, PlansReport{}, fmt.Errorf("train: %s is frozen: it is measured on, never learned from", f.Business)
		}
		examples = append(examples, f.example())
		groups[f.Business] = true
	}
	if len(groups) < 2 {
		return start, PlansReport{}, fmt.Errorf("train: messages of %d businesses; to leave one out takes two", len(groups))
	}
	var judged []outcome
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		progress("fitting without " + g)
		others := slices.DeleteFunc(slices.Clone(examples), func(e retrieval.Example) bool { return e.Group == g })
		plans := fitPlans(others, start.Plans)
		for _, f := range findings {
			if f.Business == g {
				judged = append(judged, judgeBy(f, plans, start))
			}
		}
	}
	progress("fitting to all")
	out := start
	out.Plans = fitPlans(examples, start.Plans)
	report := reportPlans(judged, start.Plans)
	out.Risks = nil
	for _, r := range report.Risks {
		out.Risks = append(out.Risks, retrieval.RiskPoint{Risk: r.Risk, Sure: r.Sure, Only: r.Only})
	}
	out.Maybe = report.Maybe
	return out, report, nil
}

// withLess adds to each finding what it would have been with fewer models or
// without token vectors, for the plans that stand in then.
func withLess(findings []Found, plans []retrieval.Plan) []Found {
	out := slices.Clone(findings)
	for _, f := range findings {
		for i := range plans {
			if less, ok := plans[i].Without(f.Found); ok && plans[i].Name != f.Found.Plan.Name {
				out = append(out, Found{Business: f.Business, Message: f.Message, Found: less})
			}
		}
	}
	return out
}

func fitPlans(examples []retrieval.Example, start []retrieval.Plan) []retrieval.Plan {
	out := make([]retrieval.Plan, len(start))
	for i, p := range start {
		out[i] = retrieval.FitPlan(examples, p).Rounded()
	}
	return out
}

// judgeBy ranks a finding by the plan of the same name among others.
func judgeBy(f Found, plans []retrieval.Plan, r retrieval.Ranking) outcome {
	if f.Found.Plan != nil {
		i := slices.IndexFunc(plans, func(p retrieval.Plan) bool { return p.Name == f.Found.Plan.Name })
		if i >= 0 {
			f.Found.Plan = &plans[i]
		}
	}
	o := outcome{finding: f}
	r.Judge(&o.evidence, f.Found, 10, false)
	e := f.example()
	for i, h := range o.evidence.Hits {
		if e.RightArticle(h.ArticleID) {
			if o.rank == 0 {
				o.rank = i + 1
			}
			o.near = o.near || i < 3
		}
	}
	if len(o.evidence.Hits) > 0 {
		o.right = e.Answers(o.evidence.Hits[0].ArticleID, o.evidence.Hits[0].Quote())
	}
	return o
}

func reportPlans(judged []outcome, plans []retrieval.Plan) PlansReport {
	var report PlansReport
	for _, p := range plans {
		s := PlanScores{Plan: p.Name, ByBusiness: map[string][3]float64{}}
		var quote, near []Judged
		var words []int
		facts := 0.0
		counts := map[string]int{}
		for _, o := range judged {
			if o.finding.Found.Plan == nil || o.finding.Found.Plan.Name != p.Name {
				continue
			}
			quote = append(quote, Judged{o.evidence.P, o.right})
			near = append(near, Judged{o.evidence.Near, o.near})
			if !o.finding.Message.Answerable() {
				continue
			}
			if o.rank == 1 {
				words = append(words, countWords(o.evidence.Hits[0].Quote()))
				facts += yes(o.right)
			}
			b := s.ByBusiness[o.finding.Business]
			for k, at := range []int{1, 3, 5} {
				b[k] += yes(o.rank > 0 && o.rank <= at)
			}
			s.ByBusiness[o.finding.Business] = b
			counts[o.finding.Business]++
			s.N++
			s.R1, s.R3, s.R5 = s.R1+yes(o.rank == 1), s.R3+yes(o.rank > 0 && o.rank <= 3), s.R5+yes(o.rank > 0 && o.rank <= 5)
		}
		if s.N > 0 {
			s.R1, s.R3, s.R5 = s.R1/float64(s.N), s.R3/float64(s.N), s.R5/float64(s.N)
		}
		for b, v := range s.ByBusiness {
			n := float64(counts[b])
			s.ByBusiness[b] = [3]float64{v[0] / n, v[1] / n, v[2] / n}
		}
		s.Quote, _ = calibrate(quote)
		s.Near, _ = calibrate(near)
		if len(words) > 0 {
			s.Facts = facts / float64(len(words))
			s.QuoteWords = wordsOf(words)
		}
		report.Plans = append(report.Plans, s)
	}
	// The thresholds are those of a product that lacks nothing.
	judged = slices.DeleteFunc(judged, func(o outcome) bool { return o.finding.Found.Plan == nil || o.finding.Found.Plan.Tokens == "" })
	for _, risk := range []float64{0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4} {
		r := thresholdFor(judged, risk)
		if r.N == 0 {
			r = thresholdForOne(judged, risk)
		}
		report.Risks = append(report.Risks, r)
	}
	report.chooseMaybe(judged)
	return report
}

// confidence is that of the bound on the part of wrong quotes: with 80 % over
// messages the stated risk was kept in the mean of businesses left out; single
// businesses differ by more than any bound over messages covers.
const confidence = 0.8

// thresholdForOne is thresholdFor for the messages of one plan, the one that most
// can be quoted by; those of the others are not quoted at all. Of what the plan for
// other languages is surest of, every fourth quote is wrong, of the English one's
// every eleventh: together they allow no quote at one wrong in ten.
func thresholdForOne(judged []outcome, risk float64) RiskScores {
	best := RiskScores{Risk: risk, Sure: 1.01}
	by := map[string][]outcome{}
	for _, o := range judged {
		by[o.finding.Found.Plan.Name] = append(by[o.finding.Found.Plan.Name], o)
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		r := thresholdFor(by[name], risk)
		if r.N <= best.N {
			continue
		}
		r.Only = []string{name}
		part := func(is func(Message) bool) float64 { // of all messages, the plan's
			own, all := 0.0, 0.0
			for _, o := range judged {
				all += yes(is(o.finding.Message))
				own += yes(is(o.finding.Message) && o.finding.Found.Plan.Name == name)
			}
			return own / max(all, 1)
		}
		r.Quoted, r.Unanswerable = r.Quoted*part(Message.Answerable), r.Unanswerable*part(Message.Unanswerable)
		best = r
	}
	return best
}

// thresholdFor takes the lowest threshold from which on the upper bound of the part
// of wrong quotes (Clopper and Pearson, 1934) is at most the risk.
func thresholdFor(judged []outcome, risk float64) RiskScores {
	list := slices.Clone(judged)
	slices.SortStableFunc(list, func(a, b outcome) int {
		switch {
		case a.evidence.P > b.evidence.P:
			return -1
		case a.evidence.P < b.evidence.P:
			return 1
		}
		return 0
	})
	out := RiskScores{Risk: risk, Sure: 1.01}
	wrong, best := 0, 0
	for i, o := range list {
		wrong += 1 - int(yes(o.right))
		sure := math.Floor(o.evidence.P*1e4) / 1e4
		if i+1 < len(list) && list[i+1].evidence.P >= sure {
			continue // it is quoted from there on as well
		}
		// The bound is at most the risk where under that risk so few wrong ones
		// would hardly be seen.
		if wrong <= i && atMost(wrong, i+1, risk) <= 1-confidence {
			best, out.Sure = i+1, sure
		}
	}
	var answerable, unanswerable float64
	for i, o := range list {
		switch {
		case o.finding.Message.Answerable():
			answerable++
			out.Quoted += yes(i < best)
		case o.finding.Message.Unanswerable():
			unanswerable++
			out.Unanswerable += yes(i < best)
		}
		out.Wrong += yes(i < best && !o.right)
	}
	out.N = best
	out.Quoted, out.Unanswerable = out.Quoted/max(answerable, 1), out.Unanswerable/max(unanswerable, 1)
	out.Wrong /= math.Max(float64(best), 1)
	return out
}

// UpperBound is the highest part of wrong ones that k wrong of n are still
// likely under: under any higher one so few would be seen with a probability of
// less than 1 - confidence.
func UpperBound(k, n int, confidence float64) float64 {
	if k >= n {
		return 1
	}
	low, high := float64(k)/float64(n), 1.0
	for range 60 {
		p := (low + high) / 2
		if atMost(k, n, p) > 1-confidence {
			low = p
		} else {
			high = p
		}
	}
	return high
}

// atMost is the probability of at most k of n under p.
func atMost(k, n int, p float64) float64 {
	logN, _ := math.Lgamma(float64(n) + 1)
	sum := 0.0
	for i := range k + 1 {
		a, _ := math.Lgamma(float64(i) + 1)
		b, _ := math.Lgamma(float64(n-i) + 1)
		sum += math.Exp(logN - a - b + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// kept is the part of the answerable messages with a right article among the
// first three that still get to see it: choices given to everybody are padding.
const kept = 0.97

func (r *PlansReport) chooseMaybe(judged []outcome) {
	var near []float64
	for _, o := range judged {
		if o.finding.Message.Answerable() && o.near {
			near = append(near, o.evidence.Near)
		}
	}
	if len(near) == 0 {
		return
	}
	slices.Sort(near)
	r.Maybe = math.Floor(near[int((1-kept)*float64(len(near)))]*1e4) / 1e4
	var answerable, unanswerable float64
	for _, o := range judged {
		switch {
		case o.finding.Message.Answerable():
			answerable++
			r.Shown += yes(o.near && o.evidence.Near >= r.Maybe)
		case o.finding.Message.Unanswerable():
			unanswerable++
			r.Spare += yes(o.evidence.Near < r.Maybe)
		}
	}
	r.Shown, r.Spare = r.Shown/max(answerable, 1), r.Spare/max(unanswerable, 1)
}

// Scores are the report's numbers by name, as they go with what was fitted.
func (r PlansReport) Scores() map[string]float64 {
	m := map[string]float64{"shown": r.Shown, "spared_choices": r.Spare}
	for _, p := range r.Plans {
		for name, v := range map[string]float64{
			"r1": p.R1, "r3": p.R3, "r5": p.R5, "messages": float64(p.N),
			"quote_auroc": p.Quote.AUROC, "quote_ece_excess": p.Quote.Excess, "near_auroc": p.Near.AUROC, "near_ece_excess": p.Near.Excess,
			"facts_inside": p.Facts, "quote_words_median": float64(p.QuoteWords.Median), "quote_words_most": float64(p.QuoteWords.Max),
		} {
			m[p.Plan+"_"+name] = v
		}
	}
	for k, v := range m {
		m[k] = round4(v)
	}
	return m
}

// Print shows a report to a person.
func (r PlansReport) Print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "businesses left out in turn\tn\tR@1\tR@3\tR@5\tquote right: AUROC\tECE over chance\tin first three: AUROC\tECE over chance\tfacts inside\twords: median\t9 of 10\tmost")
	for _, p := range r.Plans {
		fmt.Fprintf(tw, "%s\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%d\t%d\t%d\n", p.Plan, p.N, p.R1, p.R3, p.R5, p.Quote.AUROC, p.Quote.Excess, p.Near.AUROC, p.Near.Excess,
			p.Facts, p.QuoteWords.Median, p.QuoteWords.P90, p.QuoteWords.Max)
		for _, b := range slices.Sorted(maps.Keys(p.ByBusiness)) {
			v := p.ByBusiness[b]
			fmt.Fprintf(tw, "  %s\t\t%.3f\t%.3f\t%.3f\n", b, v[0], v[1], v[2])
		}
	}
	fmt.Fprintln(tw, "risk\tquote from\tanswerable quoted\tquotes wrong\tunanswerable quoted\tquotes\tonly by")
	for _, s := range r.Risks {
		fmt.Fprintf(tw, "%.2f\t%.3f\t%.3f\t%.3f\t%.3f\t%d\t%s\n", s.Risk, s.Sure, s.Quoted, s.Wrong, s.Unanswerable, s.N, strings.Join(s.Only, ", "))
	}
	fmt.Fprintf(tw, "choices from %.3f on: right article among the first three for %.3f of the answerable; %.3f of the unanswerable get none\n", r.Maybe, r.Shown, r.Spare)
	tw.Flush() //nolint:errcheck // to standard error
}
