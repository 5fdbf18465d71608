package mustgo

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"frontdesk/triage/cues"
	"frontdesk/triage/head"
	"frontdesk/triage/text"
)

//go:embed weights.json
var weightsJSON []byte

// deepJSON are weights over a message's vector and what inner layers of the model
// make of it; they are read beside weights.json, which is read alone where an encoder
// gives no such layers.
//
//go:embed deep.json
var deepJSON []byte

const (
	// plain is the probability of a rule that a phrase says by itself and no vector
	// is there to weigh: danger said in words is not talked away by a guess.
	plain = 0.9
	// least is the probability below which a match is not worth a line.
	least = 0.1
	// toldMost is what a message is given at most that orders its label and has
	// nothing else of a rule: its vector is near the label it names.
	toldMost = 0.2
	// hintMost is what a message is given at most of which no phrase says a rule
	// and no vector is there: hints want the vector to decide.
	hintMost = 0.2
	// doubtful is how far the words of a message have to be believed, by its writing
	// alone, to act before its vector is known: three in five plain messages are
	// believed so far, and one in six of those with the same words and no danger.
	// The others wait for a search that a handoff waits for, too.
	doubtful = 0.99
)

// Match is a rule that may hold of a message.
type Match struct {
	Rule string
	P    float64 // calibrated: that the message must go to a person for it
	Why  string  // "phrase:en", "phrase:site" or "learned"
	// From and To are the bytes of the message that say it; To is 0 where it is
	// the whole message.
	From, To int
	// Doubt says that a phrase says it and the rest of the writing speaks against
	// it ("a smoke-grey sofa that burns with colour"): with no vector it holds, and
	// who can wait for one does.
	Doubt bool
}

// Reader reads rules; it is safe for concurrent use.
type Reader struct {
	phrases *Phrases
	model   *head.Model
	deep    *head.Model // for vectors with inner layers
	safety  map[string]map[string]string
	site    Rules
}

// New returns a Reader of the rules that are built in.
func New() (*Reader, error) {
	p, err := NewPhrases()
	if err != nil {
		return nil, err
	}
	m, err := readWeights(weightsJSON)
	if err != nil {
		return nil, err
	}
	deep, err := readWeights(deepJSON)
	if err != nil {
		return nil, err
	}
	shipped, err := Shipped()
	if err != nil {
		return nil, err
	}
	r := &Reader{phrases: p, model: m, deep: deep, safety: map[string]map[string]string{}}
	for _, one := range shipped {
		r.safety[one.Rule] = one.Safety
	}
	return r, nil
}

func readWeights(data []byte) (*head.Model, error) {
	m, err := head.Read(data)
	if err != nil {
		return nil, fmt.Errorf("mustgo: %w", err)
	}
	if len(m.Signals) != len(SignalNames()) || !slices.Equal(m.Classes[1:], RuleNames()) {
		return nil, fmt.Errorf("mustgo weights are for %d signals and the classes %s; train them again", len(m.Signals), strings.Join(m.Classes, ", "))
	}
	return m, nil
}

// weigh reads a message by the weights that know its vector; known is false where
// none do. Where both do, what no phrase says is what lies between them: they err on
// different messages, and by writers left out their mean tells what is veiled from
// ordinary messages better than either. How far a phrase is believed the message's
// own vector alone tells: with inner layers, of the plain messages that phrases say
// one in twenty was not believed any more, and without them one in four hundred.
func (r *Reader) weigh(x head.Message) (reading head.Reading, known bool) {
	if len(x.Vec) != r.deep.Dims {
		return r.model.Read(x), len(x.Vec) == r.model.Dims
	}
	deep := r.deep.Read(x)
	x.Vec = x.Vec[:r.model.Dims]
	return head.Between(r.model.Read(x), deep), true
}

// With is the Reader with a site's own rules instead of those it has; it shares
// what is large with r. An error names what is wrong with the rules.
func (r *Reader) With(site Rules) (*Reader, error) {
	if err := site.check(); err != nil {
		return nil, err
	}
	out := *r
	out.site = site
	if len(site.Words) > 0 {
		p, err := r.phrases.with(site.Words)
		if err != nil {
			return nil, err
		}
		out.phrases = p
	}
	return &out, nil
}

// Heard is what the words of a message say.
type Heard struct {
	reader *Reader
	found  cues.Found
	grams  []uint16
}

// Hear reads the words of a message: once, whether its vector is known yet or
// not.
func (r *Reader) Hear(message string) Heard {
	t := text.Normal(message)
	return Heard{r, r.phrases.book.Find(t), t.Grams()}
}

// Read is Hear and Match.
func (r *Reader) Read(message string, vec []float32) []Match { return r.Hear(message).Match(vec) }

// Match lists the rules that may hold of the message, the most probable first,
// of equals the one that can wait least. vec is the message's vector as a
// question under the multilingual model that weights.json names (384 numbers, unit
// length), with what its inner layers make of it behind that where they are known
// (768 numbers), nil without.
func (h Heard) Match(vec []float32) []Match {
	r, f := h.reader, h.found
	if f.Words == 0 {
		return nil
	}
	out := said(f)
	reading, known := r.weigh(head.Message{Vec: vec, Signals: signals(f), Grams: h.grams})
	switch {
	case slices.ContainsFunc(out, func(m Match) bool { return m.Why != bySite }):
		reading.P = reading.Said
		believe(out, reading.Said, known)
	case len(out) > 0:
	case f.Told:
		reading.P = min(reading.P, toldMost)
	case !known:
		reading.P = min(reading.P, hintMost)
	}
	top := slices.Max(reading.Share)
	for i, name := range RuleNames() {
		p := reading.P * reading.Share[i] / top
		at := slices.IndexFunc(out, func(m Match) bool { return m.Rule == name })
		switch {
		case at >= 0:
			out[at].P = max(out[at].P, p)
		case p >= least:
			out = append(out, Match{Rule: name, P: p, Why: "learned"})
		}
	}
	out = slices.DeleteFunc(out, func(m Match) bool { return slices.Contains(r.site.Off, m.Rule) })
	slices.SortStableFunc(out, func(a, b Match) int {
		switch {
		case a.P > b.P:
			return -1
		case a.P < b.P:
			return 1
		default:
			return urgency(a.Rule) - urgency(b.Rule)
		}
	})
	return out
}

// bySite is why a rule holds that a site's own words say: those are its owner's to
// judge.
const bySite = "phrase:site"

// believe says how far what the words say can be believed.
func believe(list []Match, p float64, vector bool) {
	for i := range list {
		switch m := &list[i]; {
		case m.Why == bySite:
		case vector:
			m.P = p
		default:
			m.Doubt = p < doubtful
		}
	}
}

// said are the rules that phrases say by themselves.
func said(f cues.Found) []Match {
	var out []Match
	for _, c := range f.Cues {
		if strings.HasSuffix(c.Rule, hint) {
			continue
		}
		m := Match{Rule: c.Rule, P: plain, Why: "phrase:" + c.Lang, From: c.From, To: c.To}
		switch at := slices.IndexFunc(out, func(m Match) bool { return m.Rule == c.Rule }); {
		case at < 0:
			out = append(out, m)
		case m.Why == bySite:
			out[at] = m
		}
	}
	return out
}

// urgency orders rules by what cannot wait; a site's own come last.
func urgency(rule string) int {
	if i := slices.Index(RuleNames(), rule); i >= 0 {
		return i
	}
	return math.MaxInt32
}
