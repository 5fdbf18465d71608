package evals

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"frontdesk/triage"
)

// TriageCase is a labelled message with what triage decided about it. Labels
// that are not known are left empty.
type TriageCase struct {
	Business string
	ID       string
	Language string

	Desk     triage.Desk // empty: not labelled
	Topic    string
	Product  string
	Articles []string // any of them is right; empty where none is
	Scope    Scope
	Account  *bool // the customer's own data would have to be looked up

	Decision triage.Decision
}

// Scope is whether a site's knowledge covers a message.
type Scope int

const (
	ScopeUnknown Scope = iota
	InScope
	OutOfScope
)

// TriageScores are the measures of one business, or of several together.
type TriageScores struct {
	Name     string   `json:"name"`
	N        int      `json:"n"`
	Desk     Interval `json:"desk_macro_f1"` // service, support, none; gold both left out
	Topic    Interval `json:"topic"`
	Article  Interval `json:"article"` // of messages in scope: the nearest entry is a right one
	Scope    Interval `json:"in_scope"`
	AUROC    float64  `json:"in_scope_auroc"`
	MCC      float64  `json:"mcc_at_half"` // entries, and out of scope as one more, at 0.5
	BestMCC  float64  `json:"mcc_best"`
	OutAt4   float64  `json:"out_recall_at_4"` // out of scope that is refused where 4 % in scope are
	OutRec   Interval `json:"out_recall"`      // at 0.5
	Refused  Interval `json:"in_refused"`      // at 0.5
	Account  float64  `json:"account_auroc"`
	DeskECE  ECE      `json:"desk_ece"`
	ScopeECE ECE      `json:"in_scope_ece"`
	Unsure   float64  `json:"unsure_of_desk"`
}

// ECE is a calibration error with what a perfect calibration of this size shows.
type ECE struct {
	N         int     `json:"n"`
	Raw       float64 `json:"raw"`
	Simulated float64 `json:"simulated"`
	Bins      []Bin   `json:"bins,omitempty"`
}

// Above is the error above what chance alone makes of a perfect calibration.
func (e ECE) Above() float64 { return max(0, e.Raw-e.Simulated) }

// Bin is a row of a reliability table.
type Bin struct {
	N    int     `json:"n"`
	Said float64 `json:"said"`
	True float64 `json:"true"`
}

// ScoreTriage measures cases; a measure without a labelled case is the zero
// value.
func ScoreTriage(name string, list []TriageCase) TriageScores {
	s := TriageScores{Name: name, N: len(list)}
	s.Desk = bootstrap(list, deskF1)
	s.Topic = rateOf(list, func(c TriageCase) (right, counts bool) {
		return c.Decision.Topic == c.Topic, c.Topic != "" && c.Desk != triage.None && c.Scope != OutOfScope
	})
	s.Article = rateOf(list, func(c TriageCase) (right, counts bool) {
		return slices.Contains(c.Articles, c.Decision.Article), len(c.Articles) > 0 && c.Scope == InScope
	})
	s.Scope = rateOf(list, func(c TriageCase) (right, counts bool) {
		return (c.Decision.InScopeP >= .5) == (c.Scope == InScope), c.Scope != ScopeUnknown
	})
	s.OutRec = rateOf(list, func(c TriageCase) (right, counts bool) { return c.Decision.InScopeP < .5, c.Scope == OutOfScope })
	s.Refused = rateOf(list, func(c TriageCase) (right, counts bool) { return c.Decision.InScopeP < .5, c.Scope == InScope })
	if scope := judgedBy(list, inScope); len(scope) > 0 {
		s.AUROC, s.ScopeECE = Calibrate(scope).AUROC, CalibrationError(scope)
	}
	if desk := judgedBy(list, deskSaid); len(desk) > 0 {
		s.DeskECE = CalibrationError(desk)
	}
	if own := judgedBy(list, account); len(own) > 0 {
		s.Account = Calibrate(own).AUROC
	}
	s.MCC = scopeMCC(list, .5)
	for at := .02; at < 1; at += .02 {
		s.BestMCC = max(s.BestMCC, scopeMCC(list, at))
	}
	s.OutAt4 = outRecallAt(list, .04)
	unsure := 0
	for _, c := range list {
		if c.Decision.UnsureOf("desk") {
			unsure++
		}
	}
	s.Unsure = float64(unsure) / float64(max(len(list), 1))
	return s
}

func inScope(c TriageCase) (Judged, bool) {
	return Judged{c.Decision.InScopeP, c.Scope == InScope}, c.Scope != ScopeUnknown
}

func deskSaid(c TriageCase) (Judged, bool) {
	return Judged{c.Decision.DeskP.Of(c.Decision.Desk), c.Decision.Desk == c.Desk}, c.Desk != ""
}

func account(c TriageCase) (Judged, bool) {
	if c.Account == nil {
		return Judged{}, false
	}
	return Judged{c.Decision.OwnDataP, *c.Account}, true
}

func judgedBy(list []TriageCase, f func(TriageCase) (Judged, bool)) []Judged {
	var out []Judged
	for _, c := range list {
		if j, ok := f(c); ok {
			out = append(out, j)
		}
	}
	return out
}

func rateOf(list []TriageCase, f func(TriageCase) (right, counts bool)) Interval {
	k, n := 0, 0
	for _, c := range list {
		right, counts := f(c)
		if !counts {
			continue
		}
		n++
		if right {
			k++
		}
	}
	if n == 0 {
		return Interval{}
	}
	return Rate(k, n)
}

// deskF1 is the macro-F1 over service, support and none; messages whose gold is
// both are left out, one taken for both is wrong. A desk that no message has
// counts nothing.
func deskF1(list []TriageCase) float64 {
	var sum, classes float64
	for _, desk := range []triage.Desk{triage.Service, triage.Support, triage.None} {
		var hit, said, gold float64
		for i := range list {
			c := &list[i]
			if c.Desk == "" || c.Desk == triage.Both {
				continue
			}
			if c.Desk == desk {
				gold++
			}
			if c.Decision.Desk == desk {
				said++
				if c.Desk == desk {
					hit++
				}
			}
		}
		if gold == 0 {
			continue
		}
		classes++
		sum += 2 * hit / (said + gold)
	}
	if classes == 0 {
		return 0
	}
	return sum / classes
}

// bootstrap is a measure with an interval by drawing the cases again.
func bootstrap(list []TriageCase, measure func([]TriageCase) float64) Interval {
	if len(list) == 0 {
		return Interval{}
	}
	const draws = 400
	rng := rand.New(rand.NewPCG(1, uint64(len(list))))
	values := make([]float64, draws)
	drawn := make([]TriageCase, len(list))
	for i := range values {
		for j := range drawn {
			drawn[j] = list[rng.IntN(len(list))]
		}
		values[i] = measure(drawn)
	}
	slices.Sort(values)
	return Interval{Value: measure(list), Low: values[draws/40], High: values[draws-1-draws/40]}
}

// scopeMCC is Matthews' correlation over all entries, with out of scope as one
// more class, refusing below a probability.
func scopeMCC(list []TriageCase, at float64) float64 {
	const out = ""
	n, right := 0.0, 0.0
	said, gold := map[string]float64{}, map[string]float64{}
	for _, c := range list {
		if c.Scope == ScopeUnknown {
			continue
		}
		g := out
		if c.Scope == InScope {
			if len(c.Articles) == 0 {
				continue
			}
			g = c.Articles[0]
		}
		p := out
		if c.Decision.InScopeP >= at {
			p = c.Decision.Article
			if slices.Contains(c.Articles, p) {
				p = g
			}
		}
		n++
		if p == g {
			right++
		}
		said[p]++
		gold[g]++
	}
	var both, ss, gg float64
	for _, k := range slices.Sorted(keysOf(said, gold)) {
		both += said[k] * gold[k]
		ss += said[k] * said[k]
		gg += gold[k] * gold[k]
	}
	if d := math.Sqrt((n*n - ss) * (n*n - gg)); d > 0 {
		return (right*n - both) / d
	}
	return 0
}

func keysOf(a, b map[string]float64) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range a {
			if !yield(k) {
				return
			}
		}
		for k := range b {
			if _, seen := a[k]; !seen && !yield(k) {
				return
			}
		}
	}
}

// outRecallAt is the part of what is out of scope that is refused where a part
// of what is in scope is.
func outRecallAt(list []TriageCase, refused float64) float64 {
	var in, out []float64
	for _, c := range list {
		switch c.Scope {
		case InScope:
			in = append(in, c.Decision.InScopeP)
		case OutOfScope:
			out = append(out, c.Decision.InScopeP)
		}
	}
	if len(in) == 0 || len(out) == 0 {
		return 0
	}
	slices.Sort(in)
	at := in[min(int(refused*float64(len(in))), len(in)-1)]
	n := 0
	for _, p := range out {
		if p < at {
			n++
		}
	}
	return float64(n) / float64(len(out))
}

// CalibrationError is the expected calibration error over 15 bins of equal
// mass, with that of probabilities of this size that are true: 200 draws.
func CalibrationError(list []Judged) ECE {
	const bins, draws = 15, 200
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Judged) int { return cmp.Compare(a.P, b.P) })
	e := ECE{N: len(list)}
	e.Raw, e.Bins = reliability(list, bins)
	rng := rand.New(rand.NewPCG(2, uint64(len(list))))
	drawn := slices.Clone(list)
	for range draws {
		for i := range drawn {
			drawn[i].Right = rng.Float64() < drawn[i].P
		}
		raw, _ := reliability(drawn, bins)
		e.Simulated += raw / draws
	}
	return e
}

func reliability(list []Judged, bins int) (ece float64, table []Bin) {
	for b := range bins {
		part := list[b*len(list)/bins : (b+1)*len(list)/bins]
		if len(part) == 0 {
			continue
		}
		row := Bin{N: len(part)}
		for _, j := range part {
			row.Said += j.P / float64(len(part))
			if j.Right {
				row.True += 1 / float64(len(part))
			}
		}
		ece += math.Abs(row.Said-row.True) * float64(len(part)) / float64(len(list))
		table = append(table, row)
	}
	return ece, table
}
