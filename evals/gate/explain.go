package gate

import (
	"fmt"
	"strings"
)

// explain puts the verdict in a sentence.
func (r *Result) explain() {
	switch r.Verdict {
	case Broken:
		r.Why = "Broken: " + r.Problems[0].What + more(len(r.Problems)-1) + "."
	case NotComparable:
		r.Why = "Not comparable: " + r.Problems[0].What + more(len(r.Problems)-1) + "."
	case NotCompared:
		r.Why = fmt.Sprintf("Not compared, since there is no baseline: %s%s.", r.passing(), r.severeNow())
	case Regression:
		r.Why = "Fail: " + r.worse() + r.lostAt() + "."
	case Soft:
		r.Why = fmt.Sprintf("Pass, with a warning: %s; %s%s.", r.flipped(), r.worst(Soft, "may be worse by"), r.lostAt())
	case Improvement:
		r.Why = fmt.Sprintf("Pass: %s; %s.", r.flipped(), r.worst(Improvement, "is better by"))
	case Insufficient:
		r.Why = fmt.Sprintf("Pass, and little is known: %s; with %s only a change of %s or more would show.", r.flipped(), count(r.All.Cases, "case"), points(r.All.Least))
	default:
		r.Why = fmt.Sprintf("Pass: %s, which is no more than chance.", r.flipped())
		if len(r.Flips) == 0 {
			r.Why = fmt.Sprintf("Pass: no case changed; %s.", r.passing())
		}
	}
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n)
}

func (r *Result) passing() string {
	return fmt.Sprintf("%d of %s pass", r.Cases-r.Failing, count(r.Cases, "case"))
}

func (r *Result) severeNow() string {
	if len(r.Severe) == 0 {
		return ""
	}
	return fmt.Sprintf(", %d that fail are severe", len(r.Severe))
}

func (r *Result) flipped() string {
	return fmt.Sprintf("of %s %d newly fail and %d newly pass", count(r.All.Cases, "case"), len(r.All.Lost), len(r.All.Gained))
}

// worse says what fails the run: severe cases, then the part that fell furthest,
// else what a strict gate stops for.
func (r *Result) worse() string {
	var say []string
	if n := len(r.All.Severe); n > 0 {
		say = append(say, fmt.Sprintf("%s newly failing (%s%s)", count(n, "severe case"), r.All.Severe[0], more(n-1)))
	}
	if s := r.worst(Regression, "is worse by"); s != "" {
		say = append(say, s)
	}
	if n := len(r.All.Lost); len(say) == 0 && n > 0 { // nothing fell by more than chance
		say = append(say, fmt.Sprintf("%s newly failing (%s%s), and strictly none may", count(n, "case"), r.All.Lost[0], more(n-1)))
	}
	return strings.Join(append(say, r.flipped()), "; ")
}

// lostAt names the stages that most of the lost cases were lost at.
func (r *Result) lostAt() string {
	if len(r.LostAt) == 0 {
		return ""
	}
	const most = 3
	var say []string
	for _, l := range r.LostAt[:min(most, len(r.LostAt))] {
		say = append(say, fmt.Sprintf("%s (%d)", l.Stage, len(l.Cases)))
	}
	return "; lost at " + strings.Join(say, ", ")
}

// worst names the part of a verdict that changed most; of a regression, by more
// than chance: neither a severe case nor a strict gate makes a part worse.
func (r *Result) worst(v Verdict, changed string) string {
	var most *Part
	parts := []*Part{&r.All}
	for i := range r.Suites {
		parts = append(parts, &r.Suites[i])
	}
	for i := range r.Slices {
		parts = append(parts, &r.Slices[i])
	}
	for _, p := range parts {
		if p.Verdict != v || v == Regression && (!p.Sure || p.effect() >= 0) {
			continue
		}
		// A suite says more than a slice of it does.
		if most == nil || most.Kind == p.Kind && abs(p.effect()) > abs(most.effect()) || most.Kind == KindAll && p.Kind == KindSuite {
			most = p
		}
	}
	if most == nil {
		return ""
	}
	name := most.Kind + " " + most.Name
	if most.Kind == KindAll {
		name = "the whole"
	}
	s := fmt.Sprintf("%s %s %s", name, changed, points(abs(most.effect())))
	if most.Change.Low != most.Change.High {
		s += fmt.Sprintf(" (95 %%: %s to %s)", signed(most.Change.Low), signed(most.Change.High))
	}
	return s
}

func abs(x float64) float64 { return max(x, -x) }

func points(x float64) string { return fmt.Sprintf("%.1f points", 100*x) }

func signed(x float64) string {
	s := fmt.Sprintf("%+.1f", 100*x)
	return strings.Replace(s, "-", "−", 1)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
