package model

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"errors"
	"fmt"
	"math"
	"slices"
)

// List is what is learned of a site whose entries have example questions: which
// entry a message belongs to, and whether it belongs to any. It is fitted to
// the site's own examples when they are published.
//
// The probability of an entry comes from a softmax regression over the examples'
// vectors. Whether a message belongs to any entry at all is told by how the
// regression and the nearest examples do on messages of entries that they were
// kept from: the list examines itself, so that the same number means the same on
// every site.
type List struct {
	Models  []string // names of the models whose vectors stand in a row, one after another
	Dims    []int
	Entries []string // ids of the articles, by class
	Class   []int    // of each example
	Rows    []int8   // examples: each model's vector of unit length, times 127
	Weights []float32
	Exam    Exam
	Asked   [][]float64 // by entry: how probable each desk is by the way customers ask; empty: not told

	width int
	of    [][]int // places of each entry's examples
}

// Exam is what the three numbers were on messages of known entries and of
// unknown ones.
type Exam struct {
	In, Out [3]Spread // nearest examples, regression's total, regression's best
}

// Spread is a mean with its standard deviation.
type Spread struct{ Mean, SD float64 }

const (
	listPull    = 1.0 / 30 // L2 of the regression, for the sum over examples
	listSteps   = 25       // where it is converged
	topExamples = 3        // examples of an entry that say how near it is
	likely      = 10       // entries whose examples are looked at
	mostRows    = 3000
	examRows    = 120 // of a part of the exam
	listUnit    = 127
)

// MostEntries is how many entries a list may have; beyond it articles' votes serve.
const MostEntries = 300

// ErrNoList: there is nothing to learn a list from.
var ErrNoList = errors.New("a list needs three entries with two examples each, and at most 300 entries")

// FitList fits a list to examples: rows are their vectors under all models, one
// after another, each of unit length. Deterministic.
func FitList(models []string, dims []int, entries []string, class []int, rows [][]float32) (*List, error) {
	counts := make([]int, len(entries))
	for _, c := range class {
		counts[c]++
	}
	pairs := 0
	for _, n := range counts {
		if n >= 2 {
			pairs++
		}
	}
	if pairs < 3 || len(entries) > MostEntries || len(class) != len(rows) {
		return nil, ErrNoList
	}
	l := &List{Models: models, Dims: dims, Entries: entries, Class: class}
	l.arrange()
	l.Rows = make([]int8, 0, len(rows)*l.width)
	for _, r := range rows {
		if len(r) != l.width {
			return nil, errors.New("an example's vector has another width than the models")
		}
		for _, x := range r {
			l.Rows = append(l.Rows, int8(math.Round(float64(min(max(x, -1), 1))*listUnit)))
		}
	}
	some := fewer(class, len(entries), mostRows)
	l.Weights = fitHead(rows, class, some, len(entries))
	l.Exam = examine(dims, rows, class, fewer(class, len(entries), mostRows/3), len(entries))
	return l, nil
}

// Entry is a class with its part.
type Entry struct {
	ID string
	P  float64
}

// Told is what a list says of a message.
type Told struct {
	Entries []Entry    // best first
	U       [3]float64 // nearest examples, total, best: against the exam
}

// Tell says which entry a message belongs to. x is its vector as rows are.
func (l *List) Tell(x []float32) (t Told, ok bool) {
	if len(x) != l.width {
		return t, false
	}
	logits := make([]float64, len(l.Entries))
	headLogits(l.Weights, x, logits)
	var n [3]float64
	n[1], n[2] = totals(logits)
	order := make([]int, len(logits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(logits[b], logits[a]) })
	n[0] = l.near(order[:min(len(order), likely)], x)
	for k := range n {
		t.U[k] = l.Exam.grade(k, n[k])
	}
	p := normalised(logits)
	for _, c := range order {
		t.Entries = append(t.Entries, Entry{l.Entries[c], p[c]})
	}
	return t, true
}

// near is how near the nearest of some entries is.
func (l *List) near(entries []int, x []float32) float64 {
	near := newNearness()
	for _, c := range entries {
		for _, i := range l.of[c] {
			near.add(c, l.cosine(i, x))
		}
	}
	return near.best()
}

// grade is where a number lies between what it is for known entries and for
// unknown ones: positive for known.
func (e Exam) grade(k int, x float64) float64 {
	in, out := e.In[k], e.Out[k]
	const most = 5
	if e.In == e.Out { // nothing could be kept back: fixed points, and less is said
		at, scale := [3]float64{.53, 0, 1.5}, [3]float64{.13, math.Inf(1), 1.3}
		return .6 * min(max((x-at[k])/scale[k], -most), most)
	}
	return min(max((x-(in.Mean+out.Mean)/2)/max((in.SD+out.SD)/2, 1e-3), -most), most)
}

// arrange finds what is derived from a list's parts.
func (l *List) arrange() {
	l.width = 0
	for _, d := range l.Dims {
		l.width += d
	}
	l.of = make([][]int, len(l.Entries))
	for i, c := range l.Class {
		l.of[c] = append(l.of[c], i)
	}
}

// cosine is the mean of the models' cosines with an example.
func (l *List) cosine(i int, x []float32) float64 {
	row := l.Rows[i*l.width : (i+1)*l.width]
	sum, from := 0.0, 0
	for _, d := range l.Dims {
		var s0, s1, s2, s3 float32
		a, b := row[from:from+d], x[from:from+d]
		j := 0
		for ; j+4 <= len(a); j += 4 {
			s0 += float32(a[j]) * b[j]
			s1 += float32(a[j+1]) * b[j+1]
			s2 += float32(a[j+2]) * b[j+2]
			s3 += float32(a[j+3]) * b[j+3]
		}
		for ; j < len(a); j++ {
			s0 += float32(a[j]) * b[j]
		}
		sum += float64(s0+s1+s2+s3) / (listUnit * l.unit())
		from += d
	}
	return sum / float64(len(l.Dims))
}

// unit is what a cosine of 1 is as a product of two rows' parts: where there is
// one model only, its vectors weigh as much as two models' do together.
func (l *List) unit() float64 {
	if len(l.Dims) == 1 {
		return 2
	}
	return 1
}

// Some are the places of at most as many examples as a list takes, the same
// number of each entry as far as there are.
func Some(class []int, classes int) []int { return fewer(class, classes, mostRows) }

// Bytes is a list as it is kept.
func (l *List) Bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(l); err != nil {
		return nil, fmt.Errorf("write a list: %w", err)
	}
	return b.Bytes(), nil
}

// ReadList reads what Bytes wrote.
func ReadList(data []byte) (*List, error) {
	var l List
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&l); err != nil {
		return nil, fmt.Errorf("read a list: %w", err)
	}
	for _, c := range l.Class {
		if c < 0 || c >= len(l.Entries) {
			return nil, errors.New("read a list: an example of no entry")
		}
	}
	l.arrange()
	if len(l.Models) != len(l.Dims) || len(l.Weights) != len(l.Entries)*(l.width+1) || len(l.Rows) != len(l.Class)*l.width {
		return nil, errors.New("read a list: its parts do not fit")
	}
	return &l, nil
}
