package quote

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is where the first sentence of a text ends.
func sentence(s string) int {
	for i, r := range s {
		after := i + utf8.RuneLen(r)
		switch r {
		case '。', '！', '？', '｡', '؟', '۔', '।':
			return after + len(s[after:]) - len(strings.TrimLeft(s[after:], "」』）”*_"))
		case '…', '.', '!', '?':
		default:
			continue
		}
		if r == utf8.RuneError {
			continue
		}
		after = len(s) - len(strings.TrimLeft(s[after:], "\"'”’»)*_"))
		if endsSentence(s[:i], s[after:], r != '.') {
			return after
		}
	}
	return len(s)
}

// endsSentence says whether a sign between two texts ends a sentence: before a
// space and what may begin one, and, where it is a full stop, after a word that
// is no abbreviation.
func endsSentence(before, after string, sure bool) bool {
	if after == "" {
		return true
	}
	space, n := utf8.DecodeRuneInString(after)
	if !unicode.IsSpace(space) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(after[n:], func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("*_\"'“„«([", r)
	}))
	if unicode.IsLower(next) {
		return false
	}
	if sure {
		return true
	}
	word := before[strings.LastIndexFunc(before, unicode.IsSpace)+1:]
	if strings.Contains(strings.TrimLeft(word, "."), ".") {
		// "e.g." and "z.B.", but not "9.30." or "frontdesk.example."
		return strings.ContainsFunc(word, unicode.IsDigit) || utf8.RuneCountInString(word) > 6
	}
	letters := strings.TrimFunc(word, func(r rune) bool { return !isWord(r) })
	if abbreviations[strings.ToLower(letters)] {
		return false
	}
	if unicode.IsDigit(next) && utf8.RuneCountInString(letters) <= 3 && strings.ContainsFunc(letters, unicode.IsUpper) {
		return false // "Nr. 5", "Art. 12"
	}
	// An initial, "Z. B.", or an enumeration's number ("1. Open it").
	return utf8.RuneCountInString(letters) > 1 && (!allDigits(letters) || utf8.RuneCountInString(letters) > 2)
}

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
}

// abbreviations end in a full stop that ends no sentence. Those of one letter,
// and those with a full stop inside, need no list.
var abbreviations = map[string]bool{ //nolint:gochecknoglobals // a table
	"approx": true, "ca": true, "cf": true, "dept": true, "dr": true, "ext": true, "fig": true, "incl": true, "mr": true, "mrs": true,
	"ms": true, "no": true, "nos": true, "nr": true, "prof": true, "resp": true, "st": true, "tel": true, "vs": true,
	"abs": true, "art": true, "bzw": true, "evtl": true, "ggf": true, "inkl": true, "max": true, "mind": true, "min": true, "mio": true,
	"mwst": true, "sog": true, "std": true, "str": true, "usw": true, "vgl": true, "zzgl": true,
	"av": true, "env": true, "mme": true, "núm": true, "pág": true, "sr": true, "sra": true, "ud": true, "uds": true,
	"bijv": true, "blz": true, "evt": true, "mevr": true, "bl": true, "dvs": true, "osv": true, "kl": true, "ul": true, "wg": true, "np": true, "tzn": true,
}

// endsInColon says whether a text announces what follows it.
func endsInColon(s string) bool {
	s = strings.TrimRight(s, "*_ ")
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
}

// inBold says whether a text is one line in bold: a heading that is written as
// none.
func inBold(s string) bool {
	inner, ok := strings.CutPrefix(strings.TrimRight(s, ":："), "**")
	if !ok || strings.Contains(s, "\n") {
		return false
	}
	inner, ok = strings.CutSuffix(strings.TrimRight(inner, ":："), "**")
	return ok && inner != "" && !strings.Contains(inner, "**")
}

// itemMarker is the length of the marker that a list's item begins with, or a
// quotation's line; 0 where there is none.
func itemMarker(s string) int {
	if rest, ok := strings.CutPrefix(s, ">"); ok {
		return len(s) - len(strings.TrimLeft(rest, "> \t"))
	}
	digits := 0
	for digits < len(s) && digits < 9 && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	n := digits
	switch {
	case digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')'):
		n++
	case digits == 0 && s != "" && strings.IndexByte("-*+", s[0]) >= 0:
		n = 1
	default:
		return 0
	}
	if n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		return n + 1
	}
	return 0
}

func isHeading(s string) bool {
	rest := strings.TrimLeft(s, "#")
	level := len(s) - len(rest)
	return level > 0 && level <= 6 && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// isRule says whether a line is the one below a table's header.
func isRule(s string) bool {
	return strings.Contains(s, "-") && strings.Trim(s, "|:- \t") == ""
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// trimmed is a span without the white space around it.
func trimmed(s string, from, to int) (int, int) {
	part := s[from:to]
	left := strings.TrimLeftFunc(part, unicode.IsSpace)
	from += len(part) - len(left)
	return from, from + len(strings.TrimRightFunc(left, unicode.IsSpace))
}
