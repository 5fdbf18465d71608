package matters

import (
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// reading is a text with what its words do in the language it is in.
type reading struct {
	in     string
	ws     []text.Word
	sent   []int        // the sentence of each word
	at     [kinds][]int // by kind and word: how many words the longest phrase that begins there has
	last   bool         // openers may stand at the end: Turkish, Japanese, Chinese
	wide   bool         // most words are characters
	listed bool         // it says that it has several things to say
}

// read finds the phrases of the language that has the most of them, or of the
// one that the text is said to be in.
func (s *Splitter) read(in string, t text.Text, lang string) *reading {
	r := &reading{in: in, ws: t.Words, sent: make([]int, len(t.Words))}
	n, wide := 0, 0
	for i, w := range t.Words {
		for n < len(t.Sentences)-1 && w.From >= t.Sentences[n].To {
			n++
		}
		r.sent[i] = n
		if c, _ := utf8.DecodeRuneInString(w.Form); text.Unspaced(c) {
			wide++
		}
	}
	r.wide = wide*2 > len(t.Words)
	found := s.phrases.In(t.Words)
	votes := map[string]int{}
	for _, f := range found {
		votes[s.codes[f.ID/int(kinds)]] += f.To - f.From
	}
	tongue := s.tongue(t.Words, votes, lang)
	best := slices.Index(s.codes, tongue)
	for k := range r.at {
		r.at[k] = make([]int, len(t.Words))
	}
	for _, f := range found {
		if f.ID/int(kinds) == best {
			k := f.ID % int(kinds)
			r.at[k][f.From] = max(r.at[k][f.From], f.To-f.From)
		}
	}
	r.listed = r.has(several, 0, len(r.ws))
	r.last = slices.Contains([]string{"tr", "ja", "zh"}, tongue)
	return r
}

// tongue is the language whose phrases are used.
func (s *Splitter) tongue(ws []text.Word, votes map[string]int, lang string) string {
	if votes[lang] > 0 {
		return lang
	}
	tongue := s.tongues.Of(ws, votes)
	for _, code := range s.codes {
		if votes[code] > votes[tongue] && slices.Contains([]string{"sv", "da", "nb"}, code) { // Tongues does not know them
			tongue = code
		}
	}
	return tongue
}

// has says whether a phrase of a kind begins within words from to before to.
func (r *reading) has(k kind, from, to int) bool {
	for i := from; i < min(to, len(r.ws)); i++ {
		if r.at[k][i] > 0 {
			return true
		}
	}
	return false
}

// speaks says whether words ask for something or report something.
func (r *reading) speaks(from, to int) bool {
	return r.has(opener, from, to) || r.has(fault, from, to) || r.asks(from, to)
}

// asks says whether words end in a question mark.
func (r *reading) asks(from, to int) bool {
	if from >= to {
		return false
	}
	return strings.ContainsAny(r.gap(to-1), "?？؟") || strings.ContainsAny(r.in[r.ws[from].From:r.ws[to-1].To], "?？؟")
}

// gap is what stands between a word and the next one.
func (r *reading) gap(i int) string {
	to := len(r.in)
	if i+1 < len(r.ws) {
		to = r.ws[i+1].From
	}
	return r.in[r.ws[i].To:to]
}

// few is fewest in words or characters.
func (r *reading) few() int {
	if r.wide {
		return 2 * fewest
	}
	return fewest
}

// ends of the sentence that word i stands in, as words.
func (r *reading) sentence(i int) (from, to int) {
	from, to = i, i
	for from > 0 && r.sent[from-1] == r.sent[i] {
		from--
	}
	for to < len(r.ws) && r.sent[to] == r.sent[i] {
		to++
	}
	return from, to
}

// parts cuts the words.
func (r *reading) parts() [][2]int {
	var out [][2]int
	from := 0
	for i := 1; i < len(r.ws); i++ {
		if r.cut(from, i) {
			out = append(out, [2]int{from, i})
			from = i
		}
	}
	return append(out, [2]int{from, len(r.ws)})
}
