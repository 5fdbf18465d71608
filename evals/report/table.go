package report

import "slices"

// Table is anything else that belongs beside the figures.
type Table struct {
	Title   string
	Caption string // what to see in it
	Head    []string
	Rows    [][]string
	// Behind are the cases of the figures, by row and column from 0. A cell that
	// has none is no figure.
	Behind map[[2]int]Behind
}

// Behind is what a figure of a table is made of.
type Behind struct {
	Title string
	Fails []string // cases that do not hold; they lead to their lines on the page
	Rest  []string // all others, by their ids alone
	Word  string   // what the others do; empty: pass
	Note  string   // instead of cases, where there are none to show
}

// How many cases of a table's figure are listed, and how many bytes those of all
// tables together may take; beyond that, few of each.
const (
	mostFails   = 100
	mostRest    = 300
	tableBudget = 500_000
)

type tableView struct {
	Title, Caption string
	Head           []string
	Rows           [][]cellView
}

type cellView struct{ Text, Set string }

// tableViews are the tables, each figure with what it leads to.
func (d *data) tableViews(s *sets) []tableView {
	var out []tableView
	left := tableBudget
	for _, t := range d.Tables {
		v := tableView{Title: t.Title, Caption: t.Caption, Head: t.Head}
		for i, row := range t.Rows {
			cells := make([]cellView, len(row))
			for k, text := range row {
				cells[k].Text = text
				if b, ok := t.Behind[[2]int{i, k}]; ok {
					cells[k].Set = s.behind(b, d, &left)
				}
			}
			v.Rows = append(v.Rows, cells)
		}
		out = append(out, v)
	}
	return out
}

// behind makes a set of a figure of a table, for as long as there is room.
func (s *sets) behind(b Behind, d *data, left *int) string {
	wrong, right := sorted(b.Fails), sorted(b.Rest)
	fails, rest := min(len(wrong), mostFails), min(len(right), mostRest)
	if *left < 0 {
		fails, rest = min(fails, fewInSet), min(rest, fewInSet)
	}
	x := set{
		Title: b.Title, Note: b.Note, Word: b.Word,
		Cases: wrong[:fails], More: len(wrong) - fails, Rest: right[:rest], MoreRest: len(right) - rest,
	}
	if x.Word == "" {
		x.Word = "pass"
	}
	*left -= 200
	for _, id := range x.Cases {
		*left -= 2*len(id) + 30
		if _, ok := d.cases[id]; !ok { // the run has no such line
			x.nowhere = true
		}
	}
	for _, id := range x.Rest {
		*left -= len(id) + 1
	}
	return s.put(x)
}

func sorted(ids []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}
