package report

import (
	"fmt"
	"strings"

	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
	"frontdesk/evals/stats"
)

// clip shortens a text to so many characters, and says that it did.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return strings.TrimSpace(string(r[:most])) + fmt.Sprintf(" … (%d more characters)", len(r)-most)
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func signed(x float64) string {
	s := fmt.Sprintf("%+.1f", 100*x)
	if s == "-0.0" || s == "+0.0" {
		return "0.0"
	}
	return strings.Replace(s, "-", "−", 1)
}

func between(i stats.Interval) string {
	return fmt.Sprintf("%.1f–%.1f", 100*i.Low, 100*i.High)
}

func betweenSigned(i stats.Interval) string { return signed(i.Low) + " to " + signed(i.High) }

func pValue(p float64) string {
	if p < 0.0005 {
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// heading is the verdict in a word.
func heading(v gate.Verdict) string {
	switch v {
	case gate.Regression:
		return "Fail"
	case gate.Broken:
		return "Broken run"
	case gate.NotComparable:
		return "Not comparable"
	case gate.NotCompared:
		return "Not compared"
	case gate.Soft:
		return "Pass, with a warning"
	case gate.Insufficient:
		return "Pass, little known"
	}
	return "Pass"
}

// tone groups verdicts by how they look.
func tone(v gate.Verdict) string {
	switch v {
	case gate.Regression, gate.Broken, gate.NotComparable:
		return "bad"
	case gate.Soft:
		return "warn"
	case gate.Improvement:
		return "good"
	case gate.Stable:
		return "even"
	}
	return "dim"
}

// verdictWord is how a part's verdict reads in a table.
func verdictWord(v gate.Verdict) string {
	switch v {
	case gate.Insufficient:
		return "insufficient data"
	case "":
		return "not compared"
	}
	return string(v)
}

// sentence is the gate's sentence without its first word, which is the heading.
func sentence(r gate.Result) string {
	if _, rest, ok := strings.Cut(r.Why, ": "); ok {
		return strings.ToUpper(rest[:1]) + rest[1:]
	}
	return strings.TrimPrefix(r.Why, "Not compared, since there is no baseline: ")
}

// did is what the product did in a turn, in a few words.
func did(r grade.Reply) string {
	var with []string
	for _, w := range []struct{ name, value string }{{"desk", r.Desk}, {"topic", r.Topic}, {"queue", r.Queue}, {"reason", r.Reason}, {"rule", r.Rule}} {
		if w.value != "" {
			with = append(with, w.name+" "+w.value)
		}
	}
	if r.P > 0 {
		with = append(with, fmt.Sprintf("sure to %.0f %%", 100*r.P))
	}
	if len(with) == 0 {
		return r.Action
	}
	return r.Action + " · " + strings.Join(with, " · ")
}

// said is what a customer does in a turn.
func said(say, press string) string {
	if say != "" {
		return say
	}
	return "(presses " + press + ")"
}
