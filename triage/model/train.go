package model

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"frontdesk/triage/head"
)

// Labelled is a message that the channel learns from.
type Labelled struct {
	Text string
	Vec  []float32 // under the multilingual model
	// Marks are its labels: the desk in two bits, then MarkAccount and the others.
	Marks uint8
	// Unsaid says that it is not known whether businesses cover it.
	Unsaid bool
}

const (
	memoryDims   = 64
	fewestSeen   = 4  // messages that hold a word
	linearC      = 10 // how little weights of the vector are pulled towards 0
	wordsC       = 5
	channelSteps = 200
)

// FitChannel fits the general channel to messages of several businesses.
// Deterministic; what it gives is rounded as it is written.
func FitChannel(list []Labelled) (*Channel, error) {
	if len(list) == 0 || len(list[0].Vec) == 0 {
		return nil, errors.New("fit the general channel: no messages, or none with a vector")
	}
	c := &Channel{Memory: remember(list)}
	dense := make([]row, len(list))
	for i, m := range list {
		if len(m.Vec) != c.Memory.Full {
			return nil, errors.New("fit the general channel: vectors of two widths")
		}
		dense[i].v = make([]float64, len(m.Vec))
		for j, x := range m.Vec {
			dense[i].v[j] = float64(x)
		}
	}
	vocabulary, rarity, sparse := countWords(list)
	c.Words = make(map[string][]float64, len(vocabulary))
	for i, w := range vocabulary {
		c.Words[w] = []float64{rarity[i]}
	}
	for t := range Targets() {
		var vecs, words []row
		var y []bool
		for i, m := range list {
			if yes, known := target(m, t); known {
				vecs, words, y = append(vecs, dense[i]), append(words, sparse[i]), append(y, yes)
			}
		}
		w := fitLogistic(vecs, y, c.Memory.Full, linearC)
		c.Linear = append(c.Linear, roundAll(w, 3))
		w = fitLogistic(words, y, len(vocabulary), wordsC)
		w = roundAll(w, 3)
		c.Bias = append(c.Bias, w[len(vocabulary)])
		for i, word := range vocabulary {
			c.Words[word] = append(c.Words[word], w[i])
		}
	}
	return c, nil
}

// target says whether a message is one of a target, and whether that is known.
func target(m Labelled, t int) (yes, known bool) {
	desk := m.Marks & deskBits
	switch Targets()[t] {
	case "sv":
		return desk == 0, desk <= 1
	case "both":
		return desk == 2, true
	case "none":
		return desk == 3, true
	case "account":
		return m.Marks&MarkAccount != 0, true
	case "uncovered":
		return m.Marks&MarkUncovered != 0, !m.Unsaid
	default:
		return m.Marks&MarkComplaint != 0, true
	}
}

func roundAll(w []float64, digits int) []float64 {
	unit := math.Pow(10, float64(digits))
	for i := range w {
		w[i] = math.Round(w[i]*unit) / unit
	}
	return w
}

// remember makes a memory of messages, in the directions in which they differ most.
func remember(list []Labelled) Memory {
	full := len(list[0].Vec)
	m := Memory{Full: full, Dims: min(memoryDims, full)}
	m.Projection = principal(list, full, m.Dims)
	for i, p := range m.Projection { // as it is read back
		m.Projection[i] = float32(math.Round(float64(p)*projectionUnit)) / projectionUnit
	}
	for _, x := range list {
		for _, v := range m.project(x.Vec) {
			m.Rows = append(m.Rows, int8(math.Round(float64(v)*127)))
		}
		m.Marks = append(m.Marks, x.Marks)
	}
	m.count()
	return m
}

// principal are the first directions of vectors by size, found by turning a
// block of them until it stays.
func principal(list []Labelled, full, dims int) []float32 {
	gram := make([]float64, full*full)
	for _, x := range list {
		for i, a := range x.Vec {
			row := gram[i*full : (i+1)*full]
			for j, b := range x.Vec[:i+1] {
				row[j] += float64(a) * float64(b)
			}
		}
	}
	for i := range full {
		for j := range i {
			gram[j*full+i] = gram[i*full+j]
		}
	}
	const rounds = 60
	block := make([][]float64, dims)
	for d := range block { // any start serves that no direction is at right angles to
		block[d] = make([]float64, full)
		for i := range full {
			block[d][i] = math.Sin(float64((d+1)*(i+1)) * 0.7310585786)
		}
	}
	for range rounds {
		for d, v := range block {
			next := make([]float64, full)
			for i := range full {
				next[i] = inner(gram[i*full:(i+1)*full], v)
			}
			block[d] = next
		}
		for d, v := range block { // Gram and Schmidt
			for _, u := range block[:d] {
				k := inner(u, v)
				for i := range v {
					v[i] -= k * u[i]
				}
			}
			length := math.Sqrt(inner(v, v))
			for i := range v {
				v[i] /= max(length, 1e-12)
			}
		}
	}
	out := make([]float32, full*dims)
	for d, v := range block {
		for i, x := range v {
			out[i*dims+d] = float32(x)
		}
	}
	return out
}

// countWords finds the words that several messages hold, how rare each is, and
// each message as a row of them.
func countWords(list []Labelled) (vocabulary []string, rarity []float64, rows []row) {
	seen := map[string]int{}
	grams := make([][]string, len(list))
	for i, m := range list {
		grams[i] = Grams(m.Text).List
		for _, g := range grams[i] {
			seen[g]++
		}
	}
	for w, n := range seen {
		if n >= fewestSeen {
			vocabulary = append(vocabulary, w)
		}
	}
	slices.Sort(vocabulary)
	place := make(map[string]int32, len(vocabulary))
	for i, w := range vocabulary {
		place[w] = int32(i)
		rarity = append(rarity, math.Round(1e3*(math.Log(float64(1+len(list))/float64(1+seen[w]))+1))/1e3)
	}
	rows = make([]row, len(list))
	for i, gs := range grams {
		r := row{at: []int32{}}
		length := 0.0
		for _, g := range gs {
			if p, ok := place[g]; ok {
				r.at = append(r.at, p)
				length += rarity[p] * rarity[p]
			}
		}
		slices.SortFunc(r.at, cmp.Compare)
		for _, p := range r.at {
			r.v = append(r.v, rarity[p]/math.Sqrt(length))
		}
		rows[i] = r
	}
	return vocabulary, rarity, rows
}

// row is features of a message; at nil: all of them.
type row struct {
	at []int32
	v  []float64
}

func (r row) dot(w []float64) float64 {
	if r.at == nil {
		return inner(r.v, w[:len(r.v)])
	}
	sum := 0.0
	for i, p := range r.at {
		sum += r.v[i] * w[p]
	}
	return sum
}

func (r row) addTo(grad []float64, k float64) {
	if r.at == nil {
		for i, x := range r.v {
			grad[i] += k * x
		}
		return
	}
	for i, p := range r.at {
		grad[p] += k * r.v[i]
	}
}

// fitLogistic fits weights and, last, a bias.
func fitLogistic(rows []row, y []bool, width int, c float64) []float64 {
	return head.Minimise(width+1, channelSteps, func(w, grad []float64) float64 {
		clear(grad)
		value := 0.0
		for i, r := range rows {
			z := r.dot(w[:width]) + w[width]
			sign := -1.0
			if y[i] {
				sign = 1
			}
			value += softplus(-sign * z)
			k := -sign / (1 + math.Exp(sign*z))
			r.addTo(grad[:width], k)
			grad[width] += k
		}
		for i, x := range w[:width] {
			value += x * x / (2 * c)
			grad[i] += x / c
		}
		return value
	})
}

func softplus(x float64) float64 {
	if x > 30 {
		return x
	}
	return math.Log1p(math.Exp(x))
}

// File is the channel but its memory, as it is written.
func (c *Channel) File() any {
	return channelFile{Targets: Targets(), Linear: c.Linear, Bias: c.Bias, Words: c.Words}
}
