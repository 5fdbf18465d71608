package split

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tmc/langchaingo/textsplitter"
)

// cut takes prose that is too long apart: at sentence ends, and a sentence that
// is still too long wherever there is a blank, or none.
func (s *Splitter) cut(body string, from, to int, html bool) []unit {
	var out []unit
	at := from
	for _, end := range sentences(body[from:to], html) {
		lo, hi := trim(body, at, from+end)
		at = from + end
		if lo >= hi {
			continue
		}
		size := measure(body[lo:hi])
		if size.fits(s.soft) {
			out = append(out, unit{from: lo, to: hi, size: size})
			continue
		}
		out = append(out, s.long(body, lo, hi)...)
	}
	return out
}

// long cuts one sentence that is longer than a chunk, by langchaingo's recursive
// splitter: between lines, then between words. It returns trimmed pieces of the
// text in order, so their places are found again by looking for each behind the
// one before it.
func (s *Splitter) long(body string, from, to int) []unit {
	limit := runesPerWord * s.cfg.MaxWords
	rc := textsplitter.NewRecursiveCharacter(
		textsplitter.WithSeparators([]string{"\n", " "}),
		textsplitter.WithChunkSize(limit),
		textsplitter.WithChunkOverlap(0),
		// Words and characters on one scale, whichever is more.
		textsplitter.WithLenFunc(func(t string) int {
			l := measure(t)
			return max(l.runes, l.halves*runesPerWord/2)
		}),
	)
	pieces, err := rc.SplitText(body[from:to])
	if err != nil { // it has none to give; the hard cut below needs no help
		pieces = nil
	}
	var out []unit
	at := from
	for _, p := range pieces {
		i := strings.Index(body[at:to], p)
		if p == "" || i < 0 {
			continue
		}
		if strings.TrimSpace(body[at:at+i]) != "" {
			break // something would be left out: the rest is cut below
		}
		out = append(out, s.hard(body, at+i, at+i+len(p))...)
		at += i + len(p)
	}
	return append(out, s.hard(body, at, to)...)
}

// hard cuts what has no blanks: behind the last comma of its script in the second
// half of what fits, else by length alone, never before a mark that belongs to
// the character in front of it.
func (s *Splitter) hard(body string, from, to int) []unit {
	from, to = trim(body, from, to)
	if from >= to {
		return nil
	}
	if size := measure(body[from:to]); size.fits(s.soft) {
		return []unit{{from: from, to: to, size: size}}
	}
	var out []unit
	var now length
	start, comma := from, 0
	for i := from; i < to; {
		r, n := utf8.DecodeRuneInString(body[i:to])
		one := length{runes: 1}
		if spaceless(r) {
			one.halves = 1
		}
		joined := unicode.Is(unicode.M, r) || r == 0x200D
		if !now.plus(one).fits(s.soft) && (!joined || now.runes >= s.whole.runes) {
			end := i
			if comma > start+(i-start)/2 {
				end = comma
			}
			out = s.append(out, body, start, end)
			start, now, i = end, length{}, end
			continue
		}
		now = now.plus(one)
		i += n
		if r == '，' || r == '、' || r == '；' || r == '：' {
			comma = i
		}
	}
	return s.append(out, body, start, to)
}

// append adds a span as a unit. Odd markup can count more words in a part than in
// the whole (half a tag is text): what is too long then is halved.
func (s *Splitter) append(out []unit, body string, from, to int) []unit {
	from, to = trim(body, from, to)
	if from >= to {
		return out
	}
	size := measure(body[from:to])
	if size.fits(s.whole) {
		return append(out, unit{from: from, to: to, size: size})
	}
	mid := from + (to-from)/2
	for mid < to && !utf8.RuneStart(body[mid]) {
		mid++
	}
	if mid == from || mid == to {
		return append(out, unit{from: from, to: to, size: size})
	}
	return s.append(s.append(out, body, from, mid), body, mid, to)
}

// sentences are the ends of the sentences of s, its own end last. A full stop
// ends one before a blank, unless a lower-case letter follows or the word before
// it is a usual abbreviation; the full stops of East Asia end one by themselves.
// In HTML the ends of rows, items and paragraphs do, too.
func sentences(s string, html bool) []int {
	var ends []int
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch r {
		case '。', '！', '？', '｡', '．':
			i += closers(s[i:])
			ends = append(ends, i)
		case '.', '!', '?', '…', '؟', '।', '۔':
			next := i + closers(s[i:])
			if r == '.' && abbreviated(s[:i-1]) || !blank(s[next:]) || lower(s[next:]) {
				continue
			}
			i = next
			ends = append(ends, i)
		case '>':
			if html && closesBlock(s[:i]) {
				ends = append(ends, i)
			}
		}
	}
	if len(ends) == 0 || ends[len(ends)-1] < len(s) {
		ends = append(ends, len(s))
	}
	return ends
}

// closers is the length of the quotation marks, brackets and emphasis that s
// begins with.
func closers(s string) int {
	for i, r := range s {
		if !strings.ContainsRune("\"'”’»)]}*_`」』）】", r) {
			return i
		}
	}
	return len(s)
}

func blank(s string) bool {
	return s == "" || s[0] == ' ' || s[0] == '\n' || s[0] == '\t'
}

func lower(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \n\t"))
	return unicode.IsLower(r)
}

// abbreviated reports whether the word that s ends in is one that a full stop
// follows within a sentence: a single letter (p., z. B.) or one of the list.
func abbreviated(s string) bool {
	start := strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if start >= 0 {
		_, n := utf8.DecodeRuneInString(s[start:])
		start += n
	} else {
		start = 0
	}
	word := s[start:]
	if len(word) > 8 {
		return false
	}
	if utf8.RuneCountInString(word) == 1 {
		return true
	}
	switch strings.ToLower(word) {
	case "approx", "art", "bzw", "ca", "dr", "fig", "inc", "incl", "inkl", "ltd", "max", "min", "mr", "mrs", "ms",
		"nr", "núm", "num", "pág", "par", "prof", "sr", "sra", "st", "str", "tel", "usw", "vs", "vgl", "ext":
		return true
	}
	return false
}

// closesBlock reports whether s ends in a tag that ends a line for the reader.
func closesBlock(s string) bool {
	tag := s[max(strings.LastIndexByte(s, '<'), 0):]
	switch strings.ToLower(tag) {
	case "</tr>", "</p>", "</li>", "</div>", "</table>", "</ul>", "</ol>", "</figure>", "</details>", "</summary>",
		"</h1>", "</h2>", "</h3>", "</h4>", "</dd>", "</dt>", "<br>", "<br/>", "<br />":
		return true
	}
	return false
}
