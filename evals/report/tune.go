package report

import (
	"bytes"
	"cmp"
	_ "embed" // the page of a tuning
	"fmt"
	"html/template"
	"slices"
	"strings"

	"frontdesk/evals/tune"
)

//go:embed tune.html
var tuneText string

// tuneView is what the page of a tuning shows.
type tuneView struct {
	CSS       template.CSS
	Tone      string
	Word, Why string
	R         tune.Result
	Costs     []costRow
	Tables    []confusion
	Charts    []chart
}

type costRow struct {
	Name string
	Cost float64
}

// confusion is what was done, by what was wanted.
type confusion struct {
	Title string
	Head  []string
	Rows  [][]string
}

// TunePage is a tuning as one page for people: it works from a disk, without
// network and without script.
func TunePage(r tune.Result) ([]byte, error) {
	t, err := template.New("tune").Parse(tuneText)
	if err != nil {
		return nil, err
	}
	v := tuneView{CSS: template.CSS(css), Tone: "even", Word: "Nothing is proposed", Why: r.Why, R: r} //nolint:gosec // a file of ours
	if r.Pays {
		v.Tone, v.Word = "good", fmt.Sprintf("Threshold %.2f and maybe %.2f cost less", r.Found.Sure, r.Found.Maybe)
	}
	for _, e := range tune.Endings()[1:] {
		v.Costs = append(v.Costs, costRow{strings.ReplaceAll(string(e), "_", " "), r.Costs[e]})
	}
	v.Tables = []confusion{confusionOf("As it is", r.Before), confusionOf("As found", r.After)}
	v.Charts = tuneCharts(r)
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func confusionOf(title string, t tune.Table) confusion {
	actions := []string{"answer", "clarify", "none", "handoff"}
	c := confusion{Title: title, Head: append([]string{"wanted"}, actions...)}
	for _, w := range tune.AllWants() {
		row := []string{string(w)}
		for _, a := range actions {
			row = append(row, fmt.Sprint(t[w][a]))
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func tuneCharts(r tune.Result) []chart {
	list := tunePoints(r.CheckSet)
	var out []chart
	if len(list) >= leastPoints {
		out = append(out, tuneRisk(list, r), tuneReliability(list))
	}
	return append(out, tuneCurve(r), tuneLearning(r))
}

// tunePoints are the turns that could be quoted, surest first.
func tunePoints(items []tune.Item) []point {
	var out []point
	for _, i := range items {
		if i.Does[tune.Sure] == "answer" && i.P > 0 && i.Does[tune.No] != "answer" { // small talk is answered in every band
			out = append(out, point{i.Case, i.P, i.Ends[tune.Sure] == tune.Right})
		}
	}
	slices.SortStableFunc(out, func(a, b point) int { return cmp.Or(cmp.Compare(b.p, a.p), strings.Compare(a.id, b.id)) })
	return out
}

func tuneRisk(list []point, r tune.Result) chart {
	curve := riskCurve(list)
	most := heightOf(curve)
	f := newFrame("Risk and coverage", "quoted, % of the questions, surest first", "wrong, % of those", 1, most)
	f.line(len(curve), "curve", func(i int) (x, y float64) { return curve[i].coverage, min(curve[i].wrong, most) })
	at := func(threshold float64, class, name string) string {
		n, wrong := 0, 0
		for _, p := range list {
			if p.p >= threshold {
				n++
				if !p.right {
					wrong++
				}
			}
		}
		x, y := float64(n)/float64(len(list)), float64(wrong)/float64(max(1, n))
		f.add(`<circle cx="%.1f" cy="%.1f" r="6" class="%s"><title>%s</title></circle>`, f.x(x), f.y(min(y, most)), class, template.HTMLEscapeString(name))
		return fmt.Sprintf("%s %s are quoted and %s of these wrong", name, percent(x), percent(y))
	}
	was, is := at(r.Now.Sure, "was", "now"), at(r.Found.Sure, "dot", "as found")
	return chart{Title: "Risk and coverage", SVG: f.done(), Caption: fmt.Sprintf("If only the surest of %d questions of the check split were quoted, so many quotes would be wrong. The hollow dot: %s; the full one: %s.", len(list), was, is)}
}

func tuneReliability(list []point) chart {
	f := newFrame("Reliability", "how sure, % (mean of a tenth of the questions)", "right, %", 1, 1)
	f.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="ideal"/>`, f.x(0), f.y(0), f.x(1), f.y(1))
	all := reliability(list)
	for _, b := range all {
		x := f.x(b.said)
		f.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="whisker"/><circle cx="%.1f" cy="%.1f" r="5" class="dot"><title>%d of %d right</title></circle>`,
			x, f.y(b.right.Low), x, f.y(b.right.High), x, f.y(b.right.Value), b.n-len(b.wrong), b.n)
	}
	return chart{Title: "Reliability", SVG: f.done(), Caption: fmt.Sprintf("What the product says of how sure it is, against how often the quote is right, with 95 %% intervals. Honest probabilities lie on the dashed line. The mean gap over %d questions is %.3f.", len(list), calibrationError(all))}
}

// tuneCurve is the cost of a turn by the threshold, on both splits.
func tuneCurve(r tune.Result) chart {
	most := 0.1
	for _, p := range r.Curve {
		most = max(most, p.Calibration, p.Check)
	}
	f := newCostFrame("Cost by threshold", "threshold, %", most)
	f.line(len(r.Curve), "other", func(i int) (x, y float64) { return r.Curve[i].Sure, r.Curve[i].Calibration })
	f.line(len(r.Curve), "curve", func(i int) (x, y float64) { return r.Curve[i].Sure, r.Curve[i].Check })
	for _, v := range []struct {
		at    float64
		class string
	}{{r.Now.Sure, "ideal"}, {r.Found.Sure, "whisker"}} {
		f.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`, f.x(v.at), f.y(0), f.x(v.at), f.y(most), v.class)
	}
	return chart{Title: "Cost by threshold", SVG: f.done(), Caption: fmt.Sprintf("What a turn costs in the mean, at maybe %.2f: the full line on the check split, the dotted one on the calibration split, which chose. The dashed upright line is the threshold of now, the full one what was found.", r.Found.Maybe)}
}

func tuneLearning(r tune.Result) chart {
	most, items := 0.1, 1.0
	for _, l := range r.Learning {
		most, items = max(most, l.High), max(items, float64(l.Items))
	}
	f := newCostFrame("Learning curve", "of the calibration split, %", most)
	f.line(len(r.Learning), "curve", func(i int) (x, y float64) { return r.Learning[i].Share, r.Learning[i].Mean })
	for _, l := range r.Learning {
		x := f.x(l.Share)
		f.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="whisker"/><circle cx="%.1f" cy="%.1f" r="5" class="dot"><title>%d turns: %.3f</title></circle>`, x, f.y(l.Low), x, f.y(l.High), x, f.y(l.Mean), l.Items, l.Mean)
	}
	return chart{Title: "Learning curve", SVG: f.done(), Caption: fmt.Sprintf("What a turn of the check split costs with thresholds that so much of the calibration split chose (all of it is %.0f turns); the lines span four draws in five. Where it is still falling at the right, more labelled cases would help.", items)}
}

// newCostFrame is a frame whose height is a cost rather than a rate.
func newCostFrame(title, xName string, most float64) frame {
	f := frame{newSVG(440, 330, title), 56, 14, 0, 1, most}
	for i := range 6 {
		v := float64(i) / 5
		f.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="grid"/>`, f.left, f.y(v*most), f.x(1), f.y(v*most))
		f.text(f.left-8, f.y(v*most)+4, "end", "tick", fmt.Sprintf("%.2f", v*most))
		f.text(f.x(v), f.y(0)+18, "middle", "tick", fmt.Sprintf("%.0f", 100*v))
	}
	f.text(f.x(0.5), 326, "middle", "axis", xName)
	f.add(`<text x="14" y="%.1f" text-anchor="middle" class="axis" transform="rotate(-90 14 %.1f)">cost of a turn</text>`, f.y(most/2), f.y(most/2))
	return f
}

// line draws through points.
func (f frame) line(n int, class string, at func(int) (x, y float64)) {
	var path strings.Builder
	for i := range n {
		x, y := at(i)
		cmd := "L"
		if i == 0 {
			cmd = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", cmd, f.x(x), f.y(y))
	}
	f.add(`<path d="%s" class="%s"/>`, path.String(), class)
}
