package report

import (
	"fmt"
	"html/template"
	"strings"

	"frontdesk/evals/stats"
)

// chart is a picture with what to see in it.
type chart struct {
	Title, Caption string
	SVG            template.HTML // of numbers and of words of ours alone
}

// svg writes one picture. Everything that is put into it is a number, a link to a
// set, or a word of ours; names of cases never are.
type svg struct {
	b    strings.Builder
	w, h int
}

func newSVG(w, h int, title string) *svg {
	s := &svg{w: w, h: h}
	fmt.Fprintf(&s.b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, w, h, template.HTMLEscapeString(title))
	return s
}

func (s *svg) add(format string, args ...any) { fmt.Fprintf(&s.b, format, args...) }

func (s *svg) text(x, y float64, anchor, class, words string) {
	s.add(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, template.HTMLEscapeString(words))
}

func (s *svg) done() template.HTML { return template.HTML(s.b.String() + "</svg>") }

// frame is the axes of a square of rates, 0 to 1 each way.
type frame struct {
	*svg
	left, top, side, xMost, yMost float64
}

func newFrame(title, xName, yName string, xMost, yMost float64) frame {
	f := frame{newSVG(440, 330, title), 56, 14, 0, xMost, yMost}
	for i := range 6 {
		v := float64(i) / 5
		f.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="grid"/>`, f.left, f.y(v*yMost), f.x(xMost), f.y(v*yMost))
		f.text(f.left-8, f.y(v*yMost)+4, "end", "tick", fmt.Sprintf("%.0f", 100*v*yMost))
		f.text(f.x(v*xMost), f.y(0)+18, "middle", "tick", fmt.Sprintf("%.0f", 100*v*xMost))
	}
	f.text(f.x(xMost/2), 326, "middle", "axis", xName)
	f.add(`<text x="14" y="%.1f" text-anchor="middle" class="axis" transform="rotate(-90 14 %.1f)">%s</text>`, f.y(yMost/2), f.y(yMost/2), template.HTMLEscapeString(yName))
	return f
}

func (f frame) x(v float64) float64 { return f.left + v/f.xMost*370 }
func (f frame) y(v float64) float64 { return f.top + (1-v/f.yMost)*270 }

// least points that a curve is drawn through.
const leastPoints = 20

func charts(d *data, s *sets) []chart {
	var out []chart
	if list := points(d); len(list) >= leastPoints {
		out = append(out, riskChart(list, s), reliabilityChart(list, s))
	}
	if ids, n := deskTable(d); n > 0 {
		out = append(out, deskChart(ids, n, s))
	}
	return out
}

// heightOf is how far up a chart of the curve has to go.
func heightOf(curve []risk) float64 {
	most := 0.1
	for _, r := range curve {
		if r.n >= leastPoints {
			most = max(most, r.wrong)
		}
	}
	return most
}

func riskChart(list []point, s *sets) chart {
	curve := riskCurve(list)
	most := heightOf(curve)
	f := newFrame("Risk and coverage", "answered, % of the questions, surest first", "wrong, % of those", 1, most)
	var path strings.Builder
	for _, r := range thin(curve, 300) {
		cmd := "L"
		if path.Len() == 0 {
			cmd = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", cmd, f.x(r.coverage), f.y(min(r.wrong, most)))
	}
	f.add(`<path d="%s" class="curve"/>`, path.String())
	var at []string
	for _, allowed := range []float64{0.02, 0.05, 0.10} {
		reached := risk{}
		for _, r := range curve {
			if r.wrong <= allowed {
				reached = r
			}
		}
		at = append(at, fmt.Sprintf("%s of them at %.0f %% wrong", percent(reached.coverage), 100*allowed))
	}
	for part := 1; part <= 4; part++ { // where a quarter more is answered
		upTo := list[:part*len(list)/4]
		var ids []string
		for _, p := range upTo {
			if !p.right {
				ids = append(ids, p.id)
			}
		}
		r := risk{coverage: float64(len(upTo)) / float64(len(list)), wrong: float64(len(ids)) / float64(max(1, len(upTo)))}
		f.add(`<a href="#%s"><circle cx="%.1f" cy="%.1f" r="5" class="dot"/><title>%s</title></a>`,
			s.add(fmt.Sprintf("Wrong among the surest %.0f %%", 25*float64(part)), ids), f.x(r.coverage), f.y(min(r.wrong, most)),
			template.HTMLEscapeString(fmt.Sprintf("%d wrong of %d", len(ids), len(upTo))))
	}
	return chart{
		Title: "Risk and coverage", SVG: f.done(),
		Caption: fmt.Sprintf("If only the surest of %d questions were answered, so many of the answers would be wrong: %s. Lower is better; the dots lead to the cases that are wrong up to there.", len(list), strings.Join(at, ", ")),
	}
}

func thin(list []risk, most int) []risk {
	if len(list) <= most {
		return list
	}
	out := make([]risk, 0, most)
	for i := range most {
		out = append(out, list[i*(len(list)-1)/(most-1)])
	}
	return out
}

func reliabilityChart(list []point, s *sets) chart {
	f := newFrame("Reliability", "how sure, % (mean of a tenth of the questions)", "right, %", 1, 1)
	f.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="ideal"/>`, f.x(0), f.y(0), f.x(1), f.y(1))
	all := reliability(list)
	for _, b := range all {
		x := f.x(b.said)
		f.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="whisker"/>`, x, f.y(b.right.Low), x, f.y(b.right.High))
		f.add(`<a href="#%s"><circle cx="%.1f" cy="%.1f" r="5" class="dot"/><title>%s</title></a>`,
			s.add(fmt.Sprintf("Wrong though sure to %.0f %%", 100*b.said), b.wrong), x, f.y(b.right.Value),
			template.HTMLEscapeString(fmt.Sprintf("%d of %d right", b.n-len(b.wrong), b.n)))
	}
	return chart{
		Title: "Reliability", SVG: f.done(),
		Caption: fmt.Sprintf("What the product says of how sure it is, against how often it is right, with 95 %% intervals. Honest probabilities lie on the dashed line; below it they promise too much. The mean gap over %d questions is %.3f. The dots lead to the cases that are wrong.", len(list), calibrationError(all)),
	}
}

func deskChart(ids [4][4][]string, n int, s *sets) chart {
	names := deskNames()
	v := newSVG(440, 260, "Desks, wanted and said")
	const left, top, w, h = 96.0, 40.0, 84.0, 50.0
	v.text(left+2*w, 14, "middle", "axis", "said")
	right := 0
	for i, name := range names {
		v.text(left+(float64(i)+0.5)*w, top-8, "middle", "tick", name)
		v.text(left-8, top+(float64(i)+0.5)*h+4, "end", "tick", name)
		row := 0
		for k := range names {
			row += len(ids[i][k])
		}
		for k := range names {
			c := len(ids[i][k])
			class, share := "wrong", 0.0
			if row > 0 {
				share = float64(c) / float64(row)
			}
			if i == k {
				class, right = "right", right+c
			}
			x, y := left+float64(k)*w, top+float64(i)*h
			cell := fmt.Sprintf(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="cell"/><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="%s" fill-opacity="%.2f"/>`,
				x+1, y+1, w-2, h-2, x+1, y+1, w-2, h-2, class, 0.35*share) // deeper, and the number would be hard to read
			if c > 0 {
				v.add(`<a href="#%s">%s<text x="%.1f" y="%.1f" text-anchor="middle" class="count">%d</text></a>`,
					s.add(fmt.Sprintf("Desk %s, said %s", name, names[k]), ids[i][k]), cell, x+w/2, y+h/2+5, c)
			} else {
				v.add(`%s<text x="%.1f" y="%.1f" text-anchor="middle" class="tick">·</text>`, cell, x+w/2, y+h/2+4)
			}
		}
	}
	v.add(`<text x="16" y="%.1f" text-anchor="middle" class="axis" transform="rotate(-90 16 %.1f)">wanted</text>`, top+2*h, top+2*h)
	return chart{
		Title: "Desks", SVG: v.done(),
		Caption: fmt.Sprintf("Which desk was wanted, by row, and which was said, by column: %d of %d are right. The deeper the colour, the larger its part of the row; every number leads to its cases.", right, n),
	}
}

// whisker is a rate and its interval on a line from 0 to 100 %, then and now.
func whisker(is, was stats.Interval, compared bool) template.HTML {
	v := newSVG(160, 18, fmt.Sprintf("%.1f %%, between %.1f and %.1f", 100*is.Value, 100*is.Low, 100*is.High))
	x := func(p float64) float64 { return 4 + 152*p }
	v.add(`<line x1="4" y1="9" x2="156" y2="9" class="grid"/><line x1="%.1f" y1="9" x2="%.1f" y2="9" class="whisker"/>`, x(is.Low), x(is.High))
	if compared {
		v.add(`<circle cx="%.1f" cy="9" r="4" class="was"/>`, x(was.Value))
	}
	v.add(`<circle cx="%.1f" cy="9" r="4" class="is"/>`, x(is.Value))
	return v.done()
}
