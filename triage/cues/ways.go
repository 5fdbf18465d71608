package cues

import (
	"iter"
	"slices"

	"frontdesk/triage/text"
)

// ways are phrases as tokens, one behind the other: books hold ten thousands of
// them, most of one or two tokens, and a list of lists takes five times as much.
type ways struct {
	tokens []text.TokenID
	ends   []int32 // of each
}

func (w *ways) add(way []text.TokenID) {
	w.tokens = append(w.tokens, way...)
	w.ends = append(w.ends, int32(len(w.tokens)))
}

func (w *ways) join(list ways) {
	for way := range list.all() {
		w.add(way)
	}
}

func (w ways) all() iter.Seq[[]text.TokenID] { return w.some(0, len(w.ends)) }

// some are the ways from one number to before another.
func (w ways) some(first, after int) iter.Seq[[]text.TokenID] {
	return func(yield func([]text.TokenID) bool) {
		from := int32(0)
		if first > 0 {
			from = w.ends[first-1]
		}
		for _, to := range w.ends[first:after] {
			if !yield(w.tokens[from:to]) {
				return
			}
			from = to
		}
	}
}

// fit is the same with no room to grow.
func (w ways) fit() ways {
	return ways{slices.Concat(w.tokens), slices.Concat(w.ends)}
}

// lists are lists of numbers by a small number, one behind the other.
type lists struct {
	of   []int32
	ends []int32
}

// at is the list of n; empty beyond the last.
func (l lists) at(n int) []int32 {
	if n >= len(l.ends) {
		return nil
	}
	from := int32(0)
	if n > 0 {
		from = l.ends[n-1]
	}
	return l.of[from:l.ends[n]]
}

// pack puts lists one behind the other.
func pack(all [][]int32) lists {
	var l lists
	l.of = slices.Concat(all...)
	end := int32(0)
	for _, list := range all {
		end += int32(len(list))
		l.ends = append(l.ends, end)
	}
	l.ends = slices.Concat(l.ends)
	return l
}
