package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maker collects the terms of one text.
type maker struct {
	dst  []string
	lang string
	stem stem
}

// text finds the runs of a normalised text: of characters without spaces, and of
// word characters with what may join them.
func (m *maker) text(s string) {
	for i := 0; i < len(s); {
		if skip := markup(s[i:]); skip > 0 {
			i += skip
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case spaceless(r):
			end := i + n
			for end < len(s) {
				r, n := utf8.DecodeRuneInString(s[end:])
				if !spaceless(r) && !unicode.Is(unicode.M, r) {
					break
				}
				end += n
			}
			m.dst = appendBigrams(m.dst, s[i:end])
			i = end
		case isWord(r):
			end := runEnd(s, i)
			m.run(s[i:end])
			i = end
		default:
			i += n
		}
	}
}

// runEnd is the end of the run of word characters that begins at i. A hyphen or
// apostrophe between two of them joins, a full stop or comma between two digits.
func runEnd(s string, i int) int {
	var last rune
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if isWord(r) && !spaceless(r) {
			last = r
			i += n
			continue
		}
		if r != '-' && r != '\'' && r != '.' && r != ',' {
			return i
		}
		next, _ := utf8.DecodeRuneInString(s[i+n:])
		switch {
		case spaceless(next) || !isWord(next):
			return i
		case r == '\'' && (isDigit(last) || isDigit(next)):
			return i
		case (r == '.' || r == ',') && (!isDigit(last) || !isDigit(next)):
			return i
		}
		i += n
	}
	return i
}

// markupWindow is how far the end of a tag or link target is looked for, in bytes.
const markupWindow = 1000

// markup is the length of the tag, link target or entity that s begins with.
func markup(s string) int {
	if len(s) < 3 {
		return 0
	}
	window := s[:min(len(s), markupWindow)]
	switch s[0] {
	case '<':
		if s[1] != '/' && s[1] != '!' && !isLetter(rune(s[1])) || strings.HasPrefix(s, "<http") || strings.HasPrefix(s, "<mailto") {
			return 0
		}
		return strings.IndexByte(window, '>') + 1
	case ']':
		if s[1] != '(' {
			return 0
		}
		if end := strings.IndexAny(window, ")\n"); end > 0 && window[end] == ')' {
			return end + 1
		}
	case '&':
		end := strings.IndexByte(window[:min(len(window), 10)], ';')
		if end > 1 && !strings.ContainsAny(window[1:end], " &,.") {
			return end + 1
		}
	}
	return 0
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLetter(r rune) bool {
	return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= utf8.RuneSelf && unicode.IsLetter(r)
}

// run makes the terms of one run.
func (m *maker) run(s string) {
	s = m.lower(s)
	if strings.IndexByte(s, '-') < 0 {
		m.part(s)
		return
	}
	parts := strings.Split(s, "-")
	switch {
	case isCode(parts):
		m.add(strings.Join(parts, ""))
	case strings.ContainsAny(s, "0123456789"):
		for _, p := range parts {
			m.part(p)
		}
	default:
		short := false
		for _, p := range parts {
			if utf8.RuneCountInString(p) < 3 {
				short = true
				continue
			}
			m.part(p)
		}
		if short { // e-mail and email, wi-fi and wifi, t-shirt and tshirt
			m.part(strings.Join(parts, ""))
		}
	}
}

// isCode reports whether hyphens join a code: few letters first, digits in every
// other part or letters alone in it, as in E-04 or AB-12-C.
func isCode(parts []string) bool {
	if utf8.RuneCountInString(parts[0]) > 4 || strings.ContainsAny(parts[0], "0123456789") {
		return false
	}
	digits := false
	for _, p := range parts[1:] {
		digits = digits || strings.ContainsAny(p, "0123456789")
		if utf8.RuneCountInString(p) > 6 {
			return false
		}
	}
	return digits && isDigit(rune(parts[1][0]))
}

// part makes the terms of a run without hyphens.
func (m *maker) part(s string) {
	if s == "" {
		return
	}
	if strings.ContainsAny(s, "0123456789") {
		m.number(s)
		return
	}
	if strings.IndexByte(s, '\'') >= 0 {
		s = m.apostrophes(s)
	}
	if s != "" {
		m.add(m.stem.word(s))
	}
}

// number makes the terms of what holds a digit: a number, a number with its
// unit, or a code.
func (m *maker) number(s string) {
	end := 0
	for end < len(s) && (isDigit(rune(s[end])) || s[end] == '.' || s[end] == ',') {
		end++
	}
	switch {
	case end == len(s):
		m.add(canonical(s))
	case end > 0 && isUnit(s[end:]):
		m.add(canonical(s[:end]))
		m.add(fold(s[end:]))
	default:
		m.add(fold(s))
	}
}

// canonical writes a number one way: without marks between thousands, with a
// point before its decimals.
func canonical(s string) string {
	if !strings.ContainsAny(s, ".,") {
		return s
	}
	groups := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == ',' })
	thousands := len(groups) > 1 && len(groups[0]) <= 3 && groups[0] != "0"
	for _, g := range groups[1:] {
		thousands = thousands && len(g) == 3
	}
	if thousands {
		return strings.Join(groups, "")
	}
	return strings.Join(groups, ".")
}

// isUnit reports whether letters behind digits are a unit rather than the rest of
// a code (230v, but 2fa).
func isUnit(s string) bool {
	switch s {
	case "l", "ml", "cl", "dl", "g", "kg", "mg", "mm", "cm", "m", "km", "w", "kw", "v", "kv", "a", "ma", "mah", "wh", "kwh",
		"hz", "khz", "mhz", "ghz", "kb", "mb", "gb", "tb", "h", "hr", "hrs", "min", "s", "sec", "ms", "d", "bar", "db", "px",
		"c", "f", "eur", "usd", "gbp", "x", "oz", "lb", "lbs", "ft", "in", "inch", "st", "nd", "rd", "th", "er", "e", "days", "day", "tage":
		return true
	}
	return false
}

// apostrophes takes what an apostrophe joins apart, as the language does.
func (m *maker) apostrophes(s string) string {
	front, back, _ := strings.Cut(s, "'")
	switch m.lang {
	case "fr", "it", "ca":
		// An elided article or pronoun goes: l', d', qu', dell'.
		if utf8.RuneCountInString(front) <= 4 && back != "" {
			return strings.ReplaceAll(back, "'", "")
		}
	case "tr":
		return front // endings of names stand behind it
	case "en":
		if back == "s" {
			return front
		}
	}
	return strings.ReplaceAll(s, "'", "")
}

// lower folds case. Turkish has a dotless i of its own.
func (m *maker) lower(s string) string {
	if m.lang == "tr" {
		return strings.ToLowerSpecial(unicode.TurkishCase, s)
	}
	return strings.ToLower(s)
}

func (m *maker) add(term string) {
	if len(term) > MaxTerm {
		n := MaxTerm
		for n > 0 && !utf8.RuneStart(term[n]) {
			n--
		}
		term = term[:n]
	}
	if term != "" {
		m.dst = append(m.dst, term)
	}
}
