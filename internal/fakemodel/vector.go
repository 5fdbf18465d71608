package fakemodel

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"unicode"
)

// vector returns the unit vector of a text.
func (s *Server) vector(text string, dims int) []float32 {
	if v, ok := s.cfg.Vectors[text]; ok {
		return v
	}
	s.unknown.Add(1)
	if dims <= 0 {
		dims = s.cfg.Dims
	}
	if s.cfg.Hashed {
		return Hashed(text, dims)
	}
	return Words(text, dims)
}

// Hashed is a unit vector seeded by a hash of the text: texts that differ at
// all are unrelated.
func Hashed(text string, dims int) []float32 {
	sum := make([]float64, dims)
	add(sum, text, 1)
	return unit(sum)
}

// Words is a unit vector made of the text's words, so that texts which share
// words lie near each other. A little of the whole text goes in, so that no two
// texts are equal and a text without a word has a vector too.
func Words(text string, dims int) []float32 {
	sum := make([]float64, dims)
	notWord := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }
	words := strings.FieldsFunc(strings.ToLower(text), notWord)
	seen := make(map[string]bool, len(words))
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			add(sum, w, 1)
		}
	}
	// The whole text weighs as much as half a word: ties are broken, order stays.
	add(sum, text, 0.5)
	return unit(sum)
}

func add(sum []float64, text string, weight float64) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	rnd := rand.New(rand.NewPCG(h.Sum64(), 0x9e3779b97f4a7c15))
	for i := range sum {
		sum[i] += weight * rnd.NormFloat64()
	}
}

func unit(sum []float64) []float32 {
	var norm float64
	for _, x := range sum {
		norm += x * x
	}
	norm = math.Sqrt(norm)
	v := make([]float32, len(sum))
	for i, x := range sum {
		v[i] = float32(x / norm)
	}
	return v
}
