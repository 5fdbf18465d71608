package report

import (
	"cmp"
	"slices"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/stats"
)

// point is a turn for which it is known whether the best passage was right, and
// how sure the product was of it.
type point struct {
	id    string
	p     float64
	right bool
}

// points are the turns that the bot answered itself and whose case says what is
// right. What was quoted is right where every check of its articles and facts
// held; where nothing was quoted, the article found first stands for it.
func points(d *data) []point {
	var out []point
	for _, c := range d.Run.Cases {
		for i, t := range c.Turns {
			o := d.outputs[c.ID]
			if i >= len(o.Replies) {
				break
			}
			r := o.Replies[i]
			gold := slices.Concat(t.Expect.Top, t.Expect.Articles)
			if len(gold) == 0 && !t.Expect.Missing || len(r.Hits) == 0 || r.P <= 0 || r.Reason == "smalltalk" {
				continue
			}
			switch r.Action {
			case "answer":
				out = append(out, point{c.ID, r.P, heldAll(d.grades[c.ID], i+1)})
			case "clarify", "none":
				out = append(out, point{c.ID, r.P, !t.Expect.Missing && slices.Contains(gold, r.Hits[0])})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b point) int { return cmp.Compare(b.p, a.p) })
	return out
}

func heldAll(g grade.Grade, turn int) bool {
	return !slices.ContainsFunc(g.Checks, func(c grade.Check) bool {
		return c.Turn == turn && !c.OK && (c.Kind == grade.Articles || c.Kind == grade.Top || c.Kind == grade.Facts || c.Kind == grade.Missing)
	})
}

// risk is what answering the surest so many leads to.
type risk struct {
	coverage, wrong float64 // of all points; of those covered
	n               int
}

// riskCurve is one risk for each number of points that share no probability with
// the next: between equals nobody can choose.
func riskCurve(list []point) []risk {
	var out []risk
	wrong := 0
	for i, p := range list {
		if !p.right {
			wrong++
		}
		if i+1 == len(list) || list[i+1].p != p.p {
			out = append(out, risk{float64(i+1) / float64(len(list)), float64(wrong) / float64(i+1), i + 1})
		}
	}
	return out
}

// bin is points of about one probability.
type bin struct {
	said  float64 // their mean
	right stats.Interval
	n     int
	wrong []string // ids
}

const bins = 10

// reliability cuts points, surest first, into bins of as many each, surest last.
func reliability(list []point) []bin {
	var out []bin
	for b := range bins {
		part := list[b*len(list)/bins : (b+1)*len(list)/bins]
		if len(part) == 0 {
			continue
		}
		x, k := bin{n: len(part)}, 0
		for _, p := range part {
			x.said += p.p / float64(len(part))
			if p.right {
				k++
			} else {
				x.wrong = append(x.wrong, p.id)
			}
		}
		x.right = stats.Wilson(k, len(part))
		out = append(out, x)
	}
	slices.Reverse(out)
	return out
}

// calibrationError is the mean gap between said and true over the bins.
func calibrationError(list []bin) float64 {
	sum, n := 0.0, 0
	for _, b := range list {
		sum += float64(b.n) * max(b.said-b.right.Value, b.right.Value-b.said)
		n += b.n
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// deskNames are the rows and columns of the confusion table.
func deskNames() []string { return []string{"service", "support", "both", "none"} }

// deskTable counts turns by the desk that was wanted and the one that was said;
// ids are by row and column. Where several would do, the one that was said
// counts if it is among them, else the first.
func deskTable(d *data) (ids [4][4][]string, n int) {
	names := deskNames()
	for _, c := range d.Run.Cases {
		for i, t := range c.Turns {
			o := d.outputs[c.ID]
			if i >= len(o.Replies) || len(t.Expect.Desk) == 0 || o.Replies[i].Action == "relay" {
				continue
			}
			got := slices.Index(names, o.Replies[i].Desk)
			want := slices.Index(names, wantedDesk(t.Expect, o.Replies[i].Desk))
			if got < 0 || want < 0 {
				continue
			}
			ids[want][got] = append(ids[want][got], c.ID)
			n++
		}
	}
	return ids, n
}

func wantedDesk(e cases.Expect, got string) string {
	if e.Desk.Has(got) {
		return got
	}
	return e.Desk[0]
}
