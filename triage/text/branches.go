package text

import (
	"slices"
	"strings"
)

// Branches are the steps after one in a tree of words, by word. Nearly all steps
// have one or two, and a list of these takes a quarter of a map's memory; where
// there are many, as at the root, they stand in a map.
type Branches[S any] struct {
	few  []branch[S] // by word
	many map[string]*S
}

type branch[S any] struct {
	word string
	to   *S
}

// fewBranches is how many stand in a list: five comparisons find one of them.
const fewBranches = 32

// At is the step after a word; nil where there is none.
func (b *Branches[S]) At(word string) *S {
	if b.many != nil {
		return b.many[word]
	}
	if i, ok := b.find(word); ok {
		return b.few[i].to
	}
	return nil
}

func (b *Branches[S]) find(word string) (int, bool) {
	return slices.BinarySearchFunc(b.few, word, func(x branch[S], word string) int { return strings.Compare(x.word, word) })
}

// To is the step after a word; where there is none an empty one is added.
func (b *Branches[S]) To(word string) *S {
	if s := b.At(word); s != nil {
		return s
	}
	s := new(S)
	if b.many == nil && len(b.few) < fewBranches {
		i, _ := b.find(word)
		b.few = slices.Insert(b.few, i, branch[S]{word, s})
		return s
	}
	if b.many == nil {
		b.many = make(map[string]*S, 2*len(b.few))
		for _, x := range b.few {
			b.many[x.word] = x.to
		}
		b.few = nil
	}
	b.many[word] = s
	return s
}
