package lang

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/triage/text"
)

const (
	// window is how much of a text is looked at, in bytes.
	window = 4000
	// What the page's language is worth, in logits: measured on phrases of two to
	// four words, and held so low that a sentence in another language wins.
	pageWorth = 2.2
	// What a language of the page that is no class has to beat: it is taken where
	// the model is not sure of any of its own.
	otherWorth = 4.5
	// sharpness makes p what it says (TestDetect_Calibrated).
	sharpness = 1.2
	// fewLetters is under how many letters a text says less than its parts do:
	// "ok" and "no" are many languages' words.
	fewLetters = 7
	little     = 0.3 // p where the text says nothing and the page everything
)

// Detector tells languages. It is safe for concurrent use.
type Detector struct{ m *model }

// New reads the model that is built in.
func New() (*Detector, error) {
	m, err := readModel(weightsGz)
	if err != nil {
		return nil, err
	}
	return &Detector{m}, nil
}

// Detect gives the language of a text as an ISO 639-1 code and the probability
// of it. page is the language of the page, or of the conversation so far; empty
// where that is not known. Without a letter and a page the code is empty and p 0.
func (d *Detector) Detect(s, page string) (lang string, p float64) {
	page = base(page)
	t := text.Normal(cut(s))
	said := speech(cut(s), t)
	n := countScripts(said)
	if n.total() == 0 {
		if n = countScripts(cut(s)); n.total() == 0 {
			return unknown(page)
		}
		said = cut(s) // nothing but old mail or a log: better than nothing
	}
	script, share := n.most()
	switch script {
	case latinScript:
		lang, p = d.among(said, page, 0, latin)
	case cyrillicScript:
		if lang, ok := bySign(said, cyrillicSigns()); ok {
			return lang, share
		}
		lang, p = d.among(said, page, latin, len(classes()))
	case arabicScript:
		if lang, ok := bySign(said, arabicSigns()); ok {
			return lang, share
		}
		lang, p = "ar", .99
		if page == "fa" || page == "ur" {
			lang, p = page, .6
		}
	case hanScript:
		lang, p = han(said, n, page)
	default:
		lang, p = script, .99
	}
	return lang, p * (.5 + .5*share)
}

func unknown(page string) (string, float64) {
	if page == "" {
		return "", 0
	}
	return page, little
}

// base is the language of a tag: "pt-BR" is Portuguese.
func base(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	tag, _, _ = strings.Cut(tag, "_")
	if tag == "no" || tag == "nn" {
		return "nb"
	}
	return tag
}

func cut(s string) string {
	if len(s) <= window {
		return s
	}
	to := window
	for to > 0 && !utf8.RuneStart(s[to]) {
		to--
	}
	return s[:to]
}

// speech is s without what is quoted and what a program wrote.
func speech(s string, t text.Text) string {
	if len(t.Quoted) == 0 && len(t.Machine) == 0 {
		return s
	}
	b := []byte(s)
	for _, list := range [][]text.Span{t.Quoted, t.Machine} {
		for _, p := range list {
			for i := p.From; i < p.To; i++ {
				b[i] = ' '
			}
		}
	}
	return string(b)
}

// among asks the model for one of the classes from the first to before the last.
func (d *Detector) among(s, page string, first, last int) (string, float64) {
	var f features
	f.read(plain(s))
	if len(f.at) == 0 {
		return unknown(page)
	}
	codes := classes()
	scores := make([]float64, len(codes), len(codes)+1)
	d.m.scores(&f, scores)
	for i := range scores {
		scores[i] *= min(1, float64(f.letters)/fewLetters)
	}
	scores, codes = scores[first:last], slices.Clone(codes[first:last])
	if i := slices.Index(codes, page); i >= 0 {
		scores[i] += pageWorth
	} else if written(page, first == 0) {
		// What the model has no weights for has to be guessed: the page's language
		// where the best of the others is a neighbour's.
		codes, scores = append(codes, page), append(scores, average(scores)+otherWorth)
	}
	if first == 0 {
		codes, scores = nordic(s, page, codes, scores)
	}
	return best(codes, scores)
}

// average is the mean of the scores: where a language stands that is like no
// other.
func average(scores []float64) float64 {
	sum := 0.0
	for _, x := range scores {
		sum += x
	}
	return sum / float64(len(scores))
}

func best(codes []string, scores []float64) (string, float64) {
	at := 0
	for i, x := range scores {
		if x > scores[at] {
			at = i
		}
	}
	sum := 0.0
	for _, x := range scores {
		sum += math.Exp(sharpness * (x - scores[at]))
	}
	return codes[at], 1 / sum
}

// written says whether a language is written in Latin (or else Cyrillic)
// letters, as far as is known here.
func written(page string, inLatin bool) bool {
	list := []string{"da", "nb", "fi", "ro", "hu", "ca", "sk", "sl", "hr", "bs", "lt", "lv", "et", "is", "ms", "tl", "sq", "eu", "gl", "ga", "cy", "mt", "af", "sw", "lb"}
	if !inLatin {
		list = []string{"be", "bg", "sr", "mk", "kk", "ky", "mn"}
	}
	return slices.Contains(list, page)
}

// nordic tells Danish and Norwegian by their letters, which Swedish has not: the
// model knows Swedish alone.
func nordic(s, page string, codes []string, scores []float64) ([]string, []float64) {
	if !strings.ContainsAny(s, "øæØÆ") {
		return codes, scores
	}
	at, sv := slices.Index(codes, "da"), slices.Index(codes, "sv")
	if page == "nb" {
		at = slices.Index(codes, "nb")
	}
	if at < 0 {
		codes, scores = append(codes, "da"), append(scores, scores[sv])
		at = len(codes) - 1
	}
	scores[at] = max(scores[at], scores[sv]) + 2
	return codes, scores
}

// New from weights other than those built in, for training.
func newDetector(packed []byte) (*Detector, error) {
	m, err := readModel(packed)
	if err != nil {
		return nil, fmt.Errorf("new weights: %w", err)
	}
	return &Detector{m}, nil
}
