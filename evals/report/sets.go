package report

import (
	"fmt"
	"slices"
)

// set is the cases behind a figure.
type set struct {
	ID    string
	Title string
	Cases []string
	More  int // that are not listed

	// Of a table's figure:
	Rest     []string // those that are not wrong, by their ids alone
	MoreRest int
	Word     string // what these do
	Note     string // instead of cases

	nowhere bool            // its cases are none of the run
	folded  map[string]bool // cases that the page has no line of
}

// Listed says whether a case has a line on the page to lead to.
func (s set) Listed(id string) bool { return !s.nowhere && !s.folded[id] }

// How many cases of a set are listed, and how many once all sets together have
// taken setBudget bytes.
const (
	mostInSet  = 60
	fewInSet   = 5
	setBudget  = 400_000
	costOfCase = 70
)

// sets are all that figures link to.
type sets struct {
	list []set
	cost int
}

// add makes a set, and gives what links to it.
func (s *sets) add(title string, ids []string) string {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	shown := min(len(ids), mostInSet)
	if s.cost > setBudget {
		shown = min(shown, fewInSet)
	}
	s.cost += 200 + shown*costOfCase
	return s.put(set{Title: title, Cases: ids[:shown], More: len(ids) - shown})
}

// put numbers a set, and gives what links to it.
func (s *sets) put(x set) string {
	x.ID = fmt.Sprintf("set-%d", len(s.list)+1)
	s.list = append(s.list, x)
	return x.ID
}
