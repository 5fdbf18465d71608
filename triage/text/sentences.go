package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentences cuts a text after what ends a sentence, or a line. A full stop ends
// one only before a blank, and not after a letter alone or a short form: z. B.,
// e.g., Nr. 5, 2.5, shop.example.
func sentences(s string) []Span {
	var out []Span
	from := 0
	add := func(to int) {
		part := s[from:to]
		a := from + len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
		b := from + len(strings.TrimRightFunc(part, unicode.IsSpace))
		if a < b {
			out = append(out, Span{a, b})
		}
		from = to
	}
	for i, r := range s {
		if i < from {
			continue
		}
		size := utf8.RuneLen(r)
		if size < 0 {
			size = 1
		}
		switch r {
		case '\n', '\r', '\u2028', '\u2029', '。', '！', '？', '；', '؟', '؛', '｡':
			add(i + size)
		case '!', '?', ';', '…':
			if i+size == len(s) || !strings.ContainsRune("!?;…", rune(s[i+size])) {
				add(i + size)
			}
		case '.':
			if ends(s, from, i) {
				add(i + 1)
			}
		}
	}
	add(len(s))
	return out
}

// ends says whether the full stop at i ends the sentence that began at from.
func ends(s string, from, i int) bool {
	if i+1 < len(s) && s[i+1] == '.' {
		return false
	}
	next, _ := utf8.DecodeRuneInString(s[i+1:])
	if i+1 < len(s) && !unicode.IsSpace(next) && !strings.ContainsRune(`"'”’)»`, next) && !Unspaced(next) {
		return false
	}
	before := s[from:i]
	if at := strings.LastIndexFunc(before, unicode.IsSpace); at >= 0 {
		before = before[at+1:]
	}
	if utf8.RuneCountInString(before) == 1 && !strings.ContainsFunc(before, unicode.IsDigit) {
		return false
	}
	if i+1 < len(s) {
		// A sentence does not go on with a small letter, unless it was typed so:
		// after a short form it does.
		switch strings.ToLower(before) {
		case "e.g", "i.e", "etc", "vs", "no", "nr", "st", "mr", "mrs", "ms", "dr", "bzw", "ca", "z.b", "d.h", "u.a", "inkl", "zzgl", "str", "tel", "p.ej", "p.ex", "sr", "sra", "sig", "dott", "art", "num", "núm", "bv", "o.a", "m.b.t", "np", "ul", "vb", "av", "approx", "max", "min", "incl", "apt":
			return false
		}
	}
	return true
}
