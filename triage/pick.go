package triage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:embed choices.json
var choicesJSON []byte

// PickKind is what a message says about choices that were offered.
type PickKind int

const (
	NoPick    PickKind = iota
	PickOne            // the one of a number
	PickThat           // "yes": the one there is, where there is one
	PickOther          // none of them
)

// Last is the number of "the last one".
const Last = -1

// Pick is how a message answers choices.
type Pick struct {
	Kind PickKind
	N    int    // from 1, or Last; only with PickOne; as large as the customer wrote it
	Rule string // "number:en", for the trace
}

// choicePhrases are one language's, as written in choices.json.
type choicePhrases struct {
	Numbers map[string][]string `json:"numbers"` // by the number they say; "last"
	Around  []string            `json:"around"`  // words that may stand around a number
	Yes     []string            `json:"yes"`
	Neither []string            `json:"neither"`
	// Unspaced languages are written without spaces.
	Unspaced bool `json:"unspaced"`
}

// picker reads answers to choices in one language.
type picker struct {
	code                         string
	numbers                      map[int]*node // spaced
	around, yes, neither         *node
	flat                         map[int][]string // unspaced, longest first
	flatAround, flatYes, flatNot []string
	unspaced                     bool
}

func readPickers() ([]picker, error) {
	var all map[string]choicePhrases
	if err := json.Unmarshal(choicesJSON, &all); err != nil {
		return nil, fmt.Errorf("triage choices: %w", err)
	}
	var out []picker
	for _, code := range slices.Sorted(maps.Keys(all)) {
		p, err := newPicker(code, all[code])
		if err != nil {
			return nil, fmt.Errorf("triage choices: %s: %w", code, err)
		}
		out = append(out, p)
	}
	return out, nil
}

func newPicker(code string, c choicePhrases) (picker, error) {
	p := picker{code: code, unspaced: c.Unspaced, numbers: map[int]*node{}, flat: map[int][]string{}}
	for key, list := range c.Numbers {
		n, err := strconv.Atoi(key)
		if key == "last" {
			n, err = Last, nil
		}
		if err != nil || n == 0 {
			return p, fmt.Errorf("%q is no number", key)
		}
		p.numbers[n], p.flat[n] = phraseNode(list), flattened(list)
	}
	p.around, p.yes, p.neither = phraseNode(c.Around), phraseNode(c.Yes), phraseNode(c.Neither)
	p.flatAround, p.flatYes, p.flatNot = flattened(c.Around), flattened(c.Yes), flattened(c.Neither)
	return p, nil
}

func phraseNode(list []string) *node {
	n := newNode()
	for _, s := range list {
		n.add(words(s))
	}
	return n
}

// flattened is phrases as unspaced text is compared, longest first.
func flattened(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, strings.Join(words(s), ""))
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// longestAnswer is how many words an answer to choices has at most; what is
// longer says more than which one.
const longestAnswer = 9

// Pick reads how a message answers choices: it consists of a number and words
// around it, or of a yes or a no, and of nothing else.
func (r *Reader) Pick(text string) Pick {
	ws := words(text)
	if len(ws) == 0 || len(ws) > longestAnswer {
		return Pick{}
	}
	joined := strings.Join(ws, "")
	for i := range r.pickers {
		p := &r.pickers[i]
		if n, ok := p.number(ws, joined); ok {
			return Pick{Kind: PickOne, N: n, Rule: "number:" + p.code}
		}
	}
	for i := range r.pickers {
		p := &r.pickers[i]
		switch {
		case p.says(ws, joined, p.neither, p.flatNot):
			return Pick{Kind: PickOther, Rule: "neither:" + p.code}
		case p.says(ws, joined, p.yes, p.flatYes):
			return Pick{Kind: PickThat, Rule: "yes:" + p.code}
		}
	}
	return Pick{}
}

// number is the one number in a text that says nothing else.
func (p *picker) number(ws []string, joined string) (n int, ok bool) {
	if n, at := digits(ws); at >= 0 {
		rest := slices.Delete(slices.Clone(ws), at, at+1)
		return n, len(rest) == 0 || p.only(rest, strings.Join(rest, ""))
	}
	for n, said := range p.numbers {
		if p.unspaced && unspacedCovers(joined, p.flat[n], p.flatAround) || !p.unspaced && covers(ws, false, said, p.around) {
			return n, true
		}
	}
	return 0, false
}

// only says whether words are nothing but those around a number.
func (p *picker) only(ws []string, joined string) bool {
	if p.unspaced {
		return unspacedCovers(joined, p.flatAround, nil)
	}
	return covers(ws, true, p.around)
}

func (p *picker) says(ws []string, joined string, said *node, flat []string) bool {
	if p.unspaced {
		return unspacedCovers(joined, flat, p.flatAround)
	}
	return covers(ws, true, said, p.around)
}

// digits finds the one word that is a number in digits of any script; at is -1
// where there is none, or more than one.
func digits(ws []string) (n, at int) {
	at = -1
	for i, w := range ws {
		v, ok := digitsOf(w)
		if !ok {
			continue
		}
		if at >= 0 {
			return 0, -1
		}
		n, at = v, i
	}
	return n, at
}

func digitsOf(w string) (n int, ok bool) {
	if w == "" || utf8.RuneCountInString(w) > 4 { // what is longer is an order's number
		return 0, false
	}
	for _, r := range norm.NFKC.String(w) {
		d := digitValue(r)
		if d < 0 {
			return 0, false
		}
		n = 10*n + d
	}
	return n, true
}

func digitValue(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= '٠' && r <= '٩':
		return int(r - '٠')
	case r >= '۰' && r <= '۹':
		return int(r - '۰')
	default:
		return -1
	}
}
