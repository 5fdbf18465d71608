package text

import (
	"strings"
	"unicode"
)

// Span is a part of a text, in bytes.
type Span struct{ From, To int }

// Word is a word of a text.
type Word struct {
	Form string // as words are compared
	// Alt is a second way to read what can be read in two: "he1p" is heip or
	// help, "sooo" is so or soo. Empty as a rule.
	Alt      string
	From, To int // bytes of the original
}

// Text is a text as phrases are looked for in it.
type Text struct {
	Words     []Word
	Sentences []Span // of the speech, in order; blanks around them left out
	Quoted    []Span // old mail: what others said, or the customer before
	Machine   []Span // lines that a program wrote: logs, traces, base64
}

// longestWord is how many letters a word has at most; what is longer is a key,
// a link or base64, and says nothing.
const longestWord = 60

// Normal reads a text.
func Normal(s string) Text {
	t := Text{}
	t.Quoted = quoted(s)
	t.Machine = machine(s, t.Quoted)
	speech := blanked(s, t.Quoted, t.Machine)
	r := newFolder(speech)
	t.Words = joinSpelled(speech, r.words())
	t.Sentences = sentences(speech)
	return t
}

// Folded lists all the words of s, those of old mail and of programs too.
func Folded(s string) []Word { return newFolder(s).words() }

// Speech is s with old mail blanked out, as long in bytes as s, so that places
// in the one are places in the other.
func Speech(s string) string {
	return blanked(s, quoted(s))
}

// blanked puts blanks over parts of s; ends of lines stay.
func blanked(s string, lists ...[]Span) string {
	var b []byte
	for _, list := range lists {
		for _, p := range list {
			if b == nil {
				b = []byte(s)
			}
			for i := p.From; i < p.To; i++ {
				if b[i] != '\n' && b[i] != '\r' {
					b[i] = ' '
				}
			}
		}
	}
	if b == nil {
		return s
	}
	return string(b)
}

// Forms joins the forms of words by spaces.
func Forms(ws []Word) string {
	var b strings.Builder
	for i, w := range ws {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.Form)
	}
	return b.String()
}

// In lists the words within a part of the original.
func (t Text) In(s Span) []Word {
	from, to := t.Range(s)
	return t.Words[from:to]
}

// Range says which words stand within a part of the original: those from the
// first to before the second.
func (t Text) Range(s Span) (from, to int) {
	lo, hi := 0, len(t.Words)
	for lo < hi {
		if m := (lo + hi) / 2; t.Words[m].From < s.From {
			lo = m + 1
		} else {
			hi = m
		}
	}
	from = lo
	for hi = len(t.Words); lo < hi; {
		if m := (lo + hi) / 2; t.Words[m].To <= s.To {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return from, max(from, lo)
}

// Unspaced says whether r is of a script that is written without spaces and
// whose characters are words of their own here.
func Unspaced(r rune) bool {
	return r >= 0x2e80 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == 'ー')
}

// joinSpelled makes one word of letters that stand apart: "h u m a n",
// "h.u.m.a.n". Three may be initials; four and more are a word.
func joinSpelled(s string, ws []Word) []Word {
	const fewest = 4
	out := ws[:0]
	for i := 0; i < len(ws); {
		n := 1
		for single(ws[i]) && i+n < len(ws) && single(ws[i+n]) && narrow(s[ws[i+n-1].To:ws[i+n].From]) {
			n++
		}
		if n < fewest {
			out = append(out, ws[i])
			i++
			continue
		}
		if n <= longestWord {
			out = append(out, Word{Form: strings.ReplaceAll(Forms(ws[i:i+n]), " ", ""), From: ws[i].From, To: ws[i+n-1].To})
		}
		i += n
	}
	return out
}

func single(w Word) bool {
	return len(w.Form) == 1 && w.Form[0] >= 'a' && w.Form[0] <= 'z'
}

// narrow says whether what stands between two letters is one mark or blank.
func narrow(gap string) bool {
	switch gap {
	case " ", ".", "-", "_", "*", "·", "\u00a0", ". ", "/":
		return true
	default:
		return false
	}
}
