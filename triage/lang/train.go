package lang

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Sample is a text in a known language.
type Sample struct{ Lang, Text string }

// Corpus is what the model learns from.
type Corpus struct {
	Sentences []Sample
	Words     []Sample // lists of usual words, by language
	Phrases   int      // how many phrases to make of the words of each
}

const (
	epochs        = 6
	rate          = 0.5 // of the first steps; each weight's own shrinks as it learns
	decay         = 2e-5
	longestPhrase = 4 // words of the longest phrase that is made of usual ones
)

// Train learns weights and gives them as weights.bin.gz has them. The same
// corpus gives the same bytes.
func Train(c Corpus) ([]byte, error) {
	codes := classes()
	samples, err := c.samples(codes)
	if err != nil {
		return nil, err
	}
	n := len(codes)
	w, g := make([]float64, buckets*n), make([]float64, buckets*n)
	rnd := rand.New(rand.NewPCG(11, 7))
	var f features
	p := make([]float64, n)
	for range epochs {
		rnd.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
		for _, s := range samples {
			f.read(s.text)
			if len(f.at) > 0 {
				learn(w, g, p, &f, s.class)
			}
		}
	}
	return quantised(w).pack()
}

// learn takes one step down the gradient of the log loss (AdaGrad).
func learn(w, g, p []float64, f *features, class int) {
	n := len(p)
	scale := f.scale()
	clear(p)
	for _, b := range f.at {
		row := w[int(b)*n : int(b)*n+n]
		for c := range p {
			p[c] += row[c]
		}
	}
	top := math.Inf(-1)
	for c := range p {
		p[c] *= scale
		top = max(top, p[c])
	}
	sum := 0.0
	for c := range p {
		p[c] = math.Exp(p[c] - top)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
		if c == class {
			p[c]--
		}
	}
	for _, b := range f.at {
		i := int(b) * n
		for c := range p {
			d := p[c]*scale + decay*w[i+c]
			g[i+c] += d * d
			w[i+c] -= rate * d / math.Sqrt(g[i+c]+1e-4)
		}
	}
}

func quantised(w []float64) *model {
	largest := 0.0
	for _, x := range w {
		largest = max(largest, math.Abs(x))
	}
	m := &model{step: largest / 127, weights: make([]int8, len(w))}
	for i, x := range w {
		m.weights[i] = int8(math.Round(x / m.step))
	}
	return m
}

type labelled struct {
	class int
	text  string
}

// samples spells the corpus out: sentences whole and in pieces of a few words,
// words alone and in bags, each with and without its accents.
func (c Corpus) samples(codes []string) ([]labelled, error) {
	rnd := rand.New(rand.NewPCG(3, 5))
	var out []labelled
	add := func(class int, s string) {
		out = append(out, labelled{class, s})
		if b := bare(s); b != s && rnd.IntN(3) == 0 {
			out = append(out, labelled{class, b})
		}
	}
	seen := make([]bool, len(codes))
	for _, s := range c.Sentences {
		class := slices.Index(codes, s.Lang)
		if class < 0 {
			continue
		}
		s := plain(s.Text)
		add(class, s)
		ws := strings.Fields(s)
		for _, n := range []int{2, 3, 3, 4, 5, 7} {
			if len(ws) > n {
				at := rnd.IntN(len(ws) - n)
				add(class, strings.Join(ws[at:at+n], " "))
			}
		}
	}
	lists := slices.Clone(c.Words)
	slices.SortStableFunc(lists, func(a, b Sample) int { return cmp.Compare(a.Lang, b.Lang) })
	for _, l := range lists {
		class := slices.Index(codes, l.Lang)
		if class < 0 {
			return nil, fmt.Errorf("words of %q, which is no class", l.Lang)
		}
		seen[class] = true
		ws := strings.Fields(plain(l.Text))
		for _, w := range ws {
			add(class, w)
		}
		for range c.Phrases {
			n := 2 + rnd.IntN(longestPhrase-1)
			bag := make([]string, n)
			for i := range bag {
				bag[i] = ws[rnd.IntN(len(ws))]
			}
			add(class, strings.Join(bag, " "))
		}
	}
	for class, ok := range seen {
		if !ok {
			return nil, fmt.Errorf("no words of %q", codes[class])
		}
	}
	return out, nil
}
