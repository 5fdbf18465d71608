package own

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"frontdesk/triage/text"
)

//go:embed phrases.json
var phrasesJSON []byte

//go:embed weights.json
var weightsJSON []byte

// sign is a group of phrases.
type sign int

const (
	mine sign = iota
	record
	status
	left
	past
	nothing
	charged
	since
	general
	signs
)

func (s sign) String() string {
	return [signs]string{"mine", "record", "status", "left", "past", "nothing", "charged", "since", "general"}[s]
}

// Reader tells whose data a message is about. It is safe for concurrent use.
type Reader struct {
	codes   []string
	tongues *text.Tongues
	phrases text.Phrases // ids: the language's place × signs + sign
	weights []float64    // of features, by their place in names()
}

// Weights are what training learned: by feature.
type Weights map[string]float64

// New reads the phrases and weights that are built in.
func New() (*Reader, error) {
	var w Weights
	if err := json.Unmarshal(weightsJSON, &w); err != nil {
		return nil, fmt.Errorf("own data: weights.json: %w", err)
	}
	return NewWith(w)
}

// NewWith is New with other weights, for training.
func NewWith(w Weights) (*Reader, error) {
	var all map[string]map[string][]string
	if err := json.Unmarshal(phrasesJSON, &all); err != nil {
		return nil, fmt.Errorf("own data: phrases.json: %w", err)
	}
	tongues, err := text.NewTongues()
	if err != nil {
		return nil, fmt.Errorf("own data: %w", err)
	}
	r := &Reader{codes: slices.Sorted(maps.Keys(all)), tongues: tongues}
	var phrases text.PhraseList
	for i, code := range r.codes {
		for s := range signs {
			list := all[code][s.String()]
			if len(list) == 0 {
				return nil, fmt.Errorf("own data: phrases.json: %s has no %s", code, s)
			}
			for _, p := range list {
				if err := phrases.Add(p, i*int(signs)+int(s)); err != nil {
					return nil, fmt.Errorf("own data: phrases.json: %s: %w", code, err)
				}
			}
		}
	}
	r.phrases = phrases.Phrases()
	for _, name := range names() {
		r.weights = append(r.weights, w[name])
	}
	return r, nil
}

// longest is how many words of a text are read: the question stands among the
// first or the last.
const longest = 400

// Read gives the probability that the customer's own data would have to be
// looked up, and what speaks for it most.
func (r *Reader) Read(s string) (p float64, why string) {
	f, phrases := r.features(s)
	z := 0.0
	names := names()
	most, by := 0.0, ""
	for i, x := range f {
		z += x * r.weights[i]
		if part := x * r.weights[i]; part > most && names[i] != "bias" {
			most, by = part, names[i]
		}
	}
	p = 1 / (1 + math.Exp(-z))
	if by == "" {
		return p, "nothing speaks of the customer's own data"
	}
	if phrases != "" {
		return p, by + ": " + phrases
	}
	return p, by
}

// Features are what is weighed, by name; for training.
func (r *Reader) Features(s string) map[string]float64 {
	f, _ := r.features(s)
	out := map[string]float64{}
	for i, name := range names() {
		if f[i] != 0 {
			out[name] = f[i]
		}
	}
	return out
}

// read finds the signs of a text in its language.
func (r *Reader) read(s string) (ws []text.Word, found []text.Found) {
	ws = text.Normal(s).Words
	if len(ws) > longest {
		ws = slices.Concat(ws[:longest/2], ws[len(ws)-longest/2:])
	}
	all := r.phrases.In(ws)
	votes := map[string]int{}
	for _, f := range all {
		votes[r.codes[f.ID/int(signs)]] += f.To - f.From
	}
	best := slices.Index(r.codes, r.tongues.Of(ws, votes))
	for _, f := range all {
		if f.ID/int(signs) == best {
			found = append(found, text.Found{ID: f.ID % int(signs), From: f.From, To: f.To})
		}
	}
	return ws, found
}

// quote is the words of the first finds, for the trace.
func quote(s string, ws []text.Word, found []text.Found) string {
	var out []string
	for _, f := range found {
		switch sign(f.ID) {
		case status, left, past, nothing, charged:
			part := s[ws[f.From].From:ws[f.To-1].To]
			if len(out) < 3 && !slices.Contains(out, part) && len(part) < 80 {
				out = append(out, part)
			}
		}
	}
	return strings.Join(out, " / ")
}
