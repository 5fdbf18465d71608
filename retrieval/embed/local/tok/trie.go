package tok

import (
	"errors"
	"fmt"
	"slices"
)

// ErrVocabulary is wrapped by constructors whose vocabulary cannot be a
// model's.
var ErrVocabulary = errors.New("not a vocabulary")

// trie finds pieces by their bytes. Nodes are numbered level by level, so that
// a node's children stand side by side: those of n are first[n] to first[n+1],
// in the order of their labels. Node 0 is the root.
type trie struct {
	first []int32
	label []byte
	id    []int32 // of the piece that ends here; -1: none
}

// noNode is what follows where no piece goes on.
const noNode = -1

// span is a run of pieces, in order, that share the bytes down to a node.
type span struct{ from, to int32 }

// newTrie takes pieces by id; empty ones are left out. Pieces are put in order
// byte by byte as nodes grow, which reads every byte once: sorting 250,000
// pieces first took most of the time.
func newTrie(pieces []string) (trie, error) {
	g := grower{pieces: pieces}
	for id, text := range pieces {
		if text != "" {
			g.order = append(g.order, int32(id))
		}
	}
	g.spare = make([]int32, len(g.order))
	t := trie{label: []byte{0}, id: []int32{noNode}}
	level := []span{{0, int32(len(g.order))}}
	var below []span
	for depth := 0; len(level) > 0; depth++ {
		below = below[:0]
		for _, s := range level {
			t.first = append(t.first, int32(len(t.id)))
			var err error
			if below, err = g.children(&t, below, s, depth); err != nil {
				return trie{}, err
			}
		}
		level, below = below, level
	}
	t.first = append(t.first, int32(len(t.id)))
	return trie{slices.Clip(t.first), slices.Clip(t.label), slices.Clip(t.id)}, nil
}

type grower struct {
	pieces       []string
	order, spare []int32 // ids
}

// children adds the children of the node that s belongs to, and their spans.
func (g *grower) children(t *trie, below []span, s span, depth int) ([]span, error) {
	if s.from < s.to && len(g.pieces[g.order[s.from]]) == depth {
		s.from++ // the node's own piece: sorted first, when the node was made
	}
	g.sort(s, depth)
	for s.from < s.to {
		c := g.pieces[g.order[s.from]][depth]
		end, own := s.from, int32(noNode)
		for ; end < s.to && g.pieces[g.order[end]][depth] == c; end++ {
			id := g.order[end]
			if len(g.pieces[id]) > depth+1 {
				continue
			}
			if own >= 0 {
				return nil, fmt.Errorf("pieces %d and %d are the same: %w", own, id, ErrVocabulary)
			}
			own = id
			g.order[s.from], g.order[end] = id, g.order[s.from]
		}
		t.label = append(t.label, c)
		t.id = append(t.id, own)
		below = append(below, span{s.from, end})
		s.from = end
	}
	return below, nil
}

// few is how many pieces are put in order by comparing; more are counted out.
const few = 48

// sort puts the pieces of s in order by their byte at depth, which all have.
func (g *grower) sort(s span, depth int) {
	ids := g.order[s.from:s.to]
	if len(ids) <= few {
		slices.SortFunc(ids, func(a, b int32) int { return int(g.pieces[a][depth]) - int(g.pieces[b][depth]) })
		return
	}
	var at [257]int32 // [c]: where the next piece with byte c goes
	for _, id := range ids {
		at[int(g.pieces[id][depth])+1]++
	}
	for c := range 256 {
		at[c+1] += at[c]
	}
	spare := g.spare[:len(ids)]
	for _, id := range ids {
		c := g.pieces[id][depth]
		spare[at[c]] = id
		at[c]++
	}
	copy(ids, spare)
}

// next is the node after n by a byte, or noNode.
func (t *trie) next(n int32, c byte) int32 {
	from, to := t.first[n], t.first[n+1]
	for from < to {
		mid := (from + to) / 2
		switch l := t.label[mid]; {
		case l == c:
			return mid
		case l < c:
			from = mid + 1
		default:
			to = mid
		}
	}
	return noNode
}

// walk is the node after n by all bytes of s, or noNode.
func (t *trie) walk(n int32, s string) int32 {
	for i := 0; i < len(s) && n != noNode; i++ {
		n = t.next(n, s[i])
	}
	return n
}

// longest finds the longest piece at the beginning of s, from node n on. size
// is 0 where there is none.
func (t *trie) longest(n int32, s []byte) (id int32, size int) {
	for i, c := range s {
		if n = t.next(n, c); n == noNode {
			break
		}
		if t.id[n] >= 0 {
			id, size = t.id[n], i+1
		}
	}
	return id, size
}
