package model

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"frontdesk/retrieval/dots"
)

// Targets are what the general channel tells of a message, in the order of its
// weights.
func Targets() []string {
	return []string{"sv", "none", "both", "account", "uncovered", "complaint"}
}

// Channel is what is learned of messages whatever the business: a memory of
// labelled messages, weights of words, and weights of a message's vector. It
// says how customers write who want this or that; the site's own entries say
// what its products are called.
type Channel struct {
	Linear [][]float64          // by target: one weight a dimension, then the bias
	Bias   []float64            // of words, by target
	Words  map[string][]float64 // a word or two → rarity, then a weight for each target
	Memory Memory
}

// channelFile is how a channel is written beside its memory.
type channelFile struct {
	Targets []string             `json:"targets"`
	Linear  [][]float64          `json:"linear"`
	Bias    []float64            `json:"bias"`
	Words   map[string][]float64 `json:"words"`
}

// Memory is labelled messages by their vectors, in few dimensions.
type Memory struct {
	Full, Dims int
	Projection []float32 // Full × Dims
	Rows       []int8    // of unit length, times 127
	Marks      []uint8   // one a row: the desk in two bits, then account, uncovered, complaint
	priors     [marks]float64
	wide       []float32 // Rows, for arithmetic
}

// Bits and places of marks.
const (
	MarkAccount   = 1 << 2
	MarkUncovered = 1 << 3
	MarkComplaint = 1 << 4
	deskBits      = 3
	marks         = 7 // service, support, both, none, account, uncovered, complaint
)

const memoryMagic = "FDMEM001"

// ReadChannel reads a channel from its two files.
func ReadChannel(words, memory []byte) (*Channel, error) {
	var f channelFile
	if err := json.Unmarshal(words, &f); err != nil {
		return nil, fmt.Errorf("the general channel: %w", err)
	}
	if !slices.Equal(f.Targets, Targets()) || len(f.Linear) != len(f.Targets) || len(f.Bias) != len(f.Targets) {
		return nil, errors.New("the general channel is for other targets")
	}
	c := &Channel{Linear: f.Linear, Bias: f.Bias, Words: f.Words}
	for w, row := range f.Words {
		if len(row) != len(f.Targets)+1 {
			return nil, fmt.Errorf("the general channel: %q has %d numbers", w, len(row))
		}
	}
	var err error
	if c.Memory, err = readMemory(memory); err != nil {
		return nil, err
	}
	for i, row := range f.Linear {
		if len(row) != c.Memory.Full+1 {
			return nil, fmt.Errorf("the general channel: target %s has %d weights", f.Targets[i], len(row))
		}
	}
	return c, nil
}

func readMemory(data []byte) (Memory, error) {
	var m Memory
	bad := errors.New("the memory of messages is damaged")
	if len(data) < len(memoryMagic)+12 || string(data[:len(memoryMagic)]) != memoryMagic {
		return m, bad
	}
	data = data[len(memoryMagic):]
	m.Full, m.Dims = int(binary.LittleEndian.Uint32(data)), int(binary.LittleEndian.Uint32(data[4:]))
	n := int(binary.LittleEndian.Uint32(data[8:]))
	data = data[12:]
	if m.Full <= 0 || m.Dims <= 0 || n <= 0 || len(data) != 2*m.Full*m.Dims+n*(m.Dims+1) {
		return m, bad
	}
	m.Projection = make([]float32, m.Full*m.Dims)
	for i := range m.Projection {
		m.Projection[i] = float32(int16(binary.LittleEndian.Uint16(data[2*i:]))) / projectionUnit
	}
	data = data[2*len(m.Projection):]
	m.Rows = make([]int8, n*m.Dims)
	for i := range m.Rows {
		m.Rows[i] = int8(data[i])
	}
	m.Marks = slices.Clone(data[len(m.Rows):])
	m.count()
	return m, nil
}

// projectionUnit is what a component of 1 is written as.
const projectionUnit = 32000

// count finds how much of the memory has each mark, and widens its rows.
func (m *Memory) count() {
	m.wide = make([]float32, len(m.Rows))
	for i, x := range m.Rows {
		m.wide[i] = float32(x)
	}
	m.priors = [marks]float64{}
	for _, x := range m.Marks {
		for j := range marks {
			if marked(x, j) {
				m.priors[j] += 1 / float64(len(m.Marks))
			}
		}
	}
}

// marked says whether a row has the j-th mark: four desks, then the others.
func marked(x uint8, j int) bool {
	if j < 4 {
		return int(x&deskBits) == j
	}
	return x&(MarkAccount<<(j-4)) != 0
}

// Bytes is the memory as it is written.
func (m *Memory) Bytes() []byte {
	out := []byte(memoryMagic)
	out = binary.LittleEndian.AppendUint32(out, uint32(m.Full))
	out = binary.LittleEndian.AppendUint32(out, uint32(m.Dims))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.Marks)))
	for _, p := range m.Projection {
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(math.Round(float64(p)*projectionUnit))))
	}
	for _, r := range m.Rows {
		out = append(out, byte(r))
	}
	return append(out, m.Marks...)
}

const (
	nearest   = 20 // rows of the memory that vote
	sharpness = 12 // nats that a cosine of 1 is worth among them
	smooth    = 0.02
)

// recall is how the nearest rows are marked, against how the memory is, in nats.
func (m *Memory) recall(vec []float32) (k [marks]float64, ok bool) {
	if len(vec) != m.Full {
		return k, false
	}
	q := m.project(vec)
	best := make([]recalled, 0, nearest+1)
	for i := range m.Marks {
		sum := dots.Dot(m.wide[i*m.Dims:(i+1)*m.Dims], q)
		if len(best) == nearest && sum <= best[nearest-1].dot {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, sum, func(a recalled, s float32) int { return cmp.Compare(s, a.dot) })
		best = slices.Insert(best, at, recalled{sum, m.Marks[i]})
		best = best[:min(len(best), nearest)]
	}
	all := 0.0
	for _, b := range best {
		w := math.Exp(sharpness * (float64(b.dot)/127 - 1))
		all += w
		for j := range k {
			if marked(b.marks, j) {
				k[j] += w
			}
		}
	}
	for j := range k {
		k[j] = math.Log((k[j]/all + smooth) / (m.priors[j] + smooth))
	}
	return k, true
}

type recalled struct {
	dot   float32
	marks uint8
}

// project is a vector in the memory's dimensions, of unit length.
func (m *Memory) project(vec []float32) []float32 {
	q := make([]float32, m.Dims)
	for i, x := range vec {
		row := m.Projection[i*m.Dims : (i+1)*m.Dims]
		for j := range q {
			q[j] += x * row[j]
		}
	}
	length := 0.0
	for _, x := range q {
		length += float64(x) * float64(x)
	}
	if length > 0 {
		for j := range q {
			q[j] /= float32(math.Sqrt(length))
		}
	}
	return q
}

// Features are what the channel tells of a message, by name: k_ from the
// memory, e_ from the vector, w_ from the words. Without a vector the first two
// are 0, which is to say nothing.
func (c *Channel) Features(text string, vec []float32) map[string]float64 {
	out := make(map[string]float64, 24)
	if k, ok := c.Memory.recall(vec); ok {
		out["k_sv"], out["k_both"], out["k_none"] = k[0]-k[1], k[2], k[3]
		out["k_account"], out["k_uncovered"], out["k_complaint"] = k[4], k[5], k[6]
		for i, t := range Targets() {
			row := c.Linear[i]
			sum := row[len(row)-1]
			for j, x := range vec {
				sum += row[j] * float64(x)
			}
			out["e_"+t] = sum
		}
	}
	grams := Grams(text)
	sums, length := make([]float64, len(c.Bias)), 0.0
	for _, g := range grams.List {
		if row, ok := c.Words[g]; ok {
			length += row[0] * row[0]
			for i := range sums {
				sums[i] += row[0] * row[i+1]
			}
		}
	}
	if length > 0 {
		for i := range sums {
			sums[i] /= math.Sqrt(length)
		}
	}
	for i, t := range Targets() {
		out["w_"+t] = sums[i] + c.Bias[i]
	}
	out["lw"] = math.Log1p(float64(grams.Words))
	if strings.ContainsAny(text, "?？؟") {
		out["q"] = 1
	}
	if strings.ContainsFunc(text, unicode.IsDigit) {
		out["dig"] = 1
	}
	return out
}

// Gram are the words of a text and its pairs of words, each once.
type Gram struct {
	List  []string
	Words int
}

// mostWords bounds what is read of a long text.
const mostWords = 2000

// Grams cuts a text into words, in lower case.
func Grams(text string) Gram {
	ws := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_'
	})
	ws = ws[:min(len(ws), mostWords)]
	g := Gram{Words: len(ws)}
	seen := make(map[string]bool, 2*len(ws))
	add := func(s string) {
		if !seen[s] {
			seen[s] = true
			g.List = append(g.List, s)
		}
	}
	for i, w := range ws {
		add(w)
		if i > 0 {
			add(ws[i-1] + " " + w)
		}
	}
	return g
}
