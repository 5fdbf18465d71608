package cues

import (
	"iter"
	"slices"
)

// ways are phrases as tokens, one behind the other: books hold ten thousands of
// them, most of one or two tokens, and a list of lists takes five times as much.
type ways struct {
	tokens []tokenID
	ends   []int32 // of each
}

func (w *ways) add(way []tokenID) {
	w.tokens = append(w.tokens, way...)
	w.ends = append(w.ends, int32(len(w.tokens)))
}

func (w *ways) join(list ways) {
	for way := range list.all() {
		w.add(way)
	}
}

func (w ways) all() iter.Seq[[]tokenID] {
	return func(yield func([]tokenID) bool) {
		from := int32(0)
		for _, to := range w.ends {
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
