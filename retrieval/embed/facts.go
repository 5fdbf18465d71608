package embed

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"

	"frontdesk/retrieval"
)

// facts is what is known about a model, from facts.json: the first entry with
// a pattern that matches the model's name, lower-cased and without its owner.
type facts struct {
	Match  []string `json:"match"` // glob patterns of path.Match
	Source string   `json:"source"`
	// Own says that only the model's own server answers under these names, so
	// that its answer tells how it wants to be asked whatever name it was given.
	Own bool `json:"own"`
	// Rev goes into the identity of vectors. It changes when anything below
	// changes what a vector of the same text would be.
	Rev string `json:"rev"`

	Dims       int  `json:"dims"`       // 0: not known
	Ask        int  `json:"ask"`        // > 0: sent as `dimensions`
	Matryoshka bool `json:"matryoshka"` // the first numbers of a vector are a vector

	// TokenDims is the width of the token vectors that follow a text's own in
	// each answer; 0: there are none.
	TokenDims int `json:"token_dims"`
	// DepthDims is the width of what inner layers of the model make of a question,
	// which stands between its vector and its tokens'; 0: there is nothing.
	DepthDims int `json:"depth_dims"`

	MaxTokens int    `json:"max_tokens"` // of one text; 0: 512
	Rates     *rates `json:"rates"`      // nil: a cautious guess
	Query     style  `json:"query"`
	Passage   style  `json:"passage"`
	Batch     int    `json:"batch"`    // texts a call; 0: 16
	Encoding  string `json:"encoding"` // base64 (default) or float

	Parallel bool `json:"parallel"`  // one call does not wait for another
	InFlight int  `json:"in_flight"` // calls with questions at a time; 0: 64
	// TwoPieces says that its server writes the head and the body of an answer
	// apart, which costs 40 ms where a connection is used again without care.
	TwoPieces bool `json:"two_pieces"`
}

// style is how a model wants one side of a search marked.
type style struct {
	Prefix string            `json:"prefix"`
	Fields map[string]string `json:"fields"` // added to the request's body
}

// rates are tokens a character, by what the character is: enough to cut a text
// near a limit without the model's tokenizer. Spaces cost nothing.
type rates struct {
	Letter float64 `json:"letter"` // Latin, Greek and Cyrillic
	Mark   float64 `json:"mark"`   // punctuation
	Digit  float64 `json:"digit"`
	CJK    float64 `json:"cjk"`    // Han, kana, hangul
	Other  float64 `json:"other"`  // every other script
	Symbol float64 `json:"symbol"` // emoji and the like
}

//go:embed facts.json
var factsJSON []byte

// allFacts reads the embedded data once; a test reads it too, so that a
// mistake in it never reaches a user.
var allFacts = sync.OnceValues(func() ([]facts, error) {
	var all []facts
	dec := json.NewDecoder(strings.NewReader(string(factsJSON)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&all); err != nil {
		return nil, fmt.Errorf("read facts.json: %w", err)
	}
	for i := range all {
		if err := all[i].check(); err != nil {
			return nil, fmt.Errorf("facts.json, entry %d: %w", i+1, err)
		}
	}
	return all, nil
})

func (f facts) check() error {
	if len(f.Match) == 0 {
		return fmt.Errorf("no pattern")
	}
	for _, p := range f.Match {
		if _, err := path.Match(p, ""); err != nil || p != strings.ToLower(p) {
			return fmt.Errorf("pattern %q", p)
		}
	}
	if f.Dims < 0 || f.Dims > maxDims || f.Ask < 0 || f.Ask > maxDims {
		return fmt.Errorf("width %d, asked %d", f.Dims, f.Ask)
	}
	if f.TokenDims < 0 || f.TokenDims%16 != 0 { // what token vectors are multiplied in
		return fmt.Errorf("tokens' width %d", f.TokenDims)
	}
	if f.DepthDims < 0 || f.DepthDims > 0 && (f.TokenDims == 0 || f.DepthDims%(tokenHead+f.TokenDims) == 0) { // an answer without it would look like tokens
		return fmt.Errorf("width %d of inner layers", f.DepthDims)
	}
	if f.Encoding != "" && f.Encoding != "float" && f.Encoding != "base64" {
		return fmt.Errorf("encoding %q", f.Encoding)
	}
	return nil
}

// factsOf returns what is known about a model, with defaults for what is not.
func factsOf(model string) (facts, error) {
	all, err := allFacts()
	if err != nil {
		return facts{}, err
	}
	name := strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
	var found facts
	for _, f := range all {
		if f.matches(name) {
			found = f
			break
		}
	}
	return found.withDefaults(), nil
}

func (f facts) matches(name string) bool {
	for _, p := range f.Match {
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	return false
}

func (f facts) withDefaults() facts {
	if f.MaxTokens == 0 {
		f.MaxTokens = 512 // the least of the models in use
	}
	if f.Rates == nil {
		f.Rates = &rates{Letter: 0.3, Mark: 1, Digit: 1, CJK: 1.2, Other: 1.1, Symbol: 2}
	}
	if f.Batch == 0 {
		f.Batch = 16
	}
	if f.InFlight == 0 {
		f.InFlight = 64
	}
	if f.Encoding == "" {
		f.Encoding = "base64"
	}
	return f
}

func (f facts) style(kind retrieval.EmbedKind) style {
	if kind == retrieval.EmbedQuery {
		return f.Query
	}
	return f.Passage
}
