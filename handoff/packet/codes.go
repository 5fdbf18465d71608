package packet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// code is a run of letters and digits that may be a number of something: of an
// order, a machine, an error.
type code struct {
	from, to        int
	digits, letters int
	upper           bool // its letters are capitals
	groups          int  // parts that blanks stand between
}

// codesIn finds codes: letters and digits that begin where a word does, with
// dashes, slashes and dots between them, and groups of digits that blanks stand
// between ("99-12 774").
func codesIn(s string) []code {
	var out []code
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !codeRune(r) {
			i += size
			continue
		}
		prev, n := utf8.DecodeLastRuneInString(s[:i])
		c := codeAt(s, i)
		if n == 0 || !unicode.IsLetter(prev) || text.Unspaced(prev) {
			if c.digits > 0 {
				out = append(out, c)
			}
		}
		i = max(c.to, i+size)
	}
	return out
}

func codeRune(r rune) bool {
	if r < 0x80 {
		return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	_, ok := text.Digit(r)
	return ok || r >= 'Ａ' && r <= 'Ｚ' || r >= 'ａ' && r <= 'ｚ'
}

// codeAt reads the code that begins at i.
func codeAt(s string, i int) code {
	c := code{from: i, to: i, upper: true, groups: 1}
	lastSep := false
	for j := i; j < len(s); {
		r, size := utf8.DecodeRuneInString(s[j:])
		switch _, digit := text.Digit(r); {
		case digit:
			c.digits++
		case codeRune(r):
			c.letters++
			c.upper = c.upper && (r < 'a' || r > 'z')
		case (r == '-' || r == '/' || r == '_' || r == '.' || r == '–' || r == '‑' || r == '#' || r == '٫') && !lastSep && follows(s, j+size):
			lastSep = true
			j += size
			continue
		case unicode.IsLetter(r) && !text.Unspaced(r):
			// A word in another alphabet, or with accents, is no code.
			return code{from: i, to: wordEnd(s, j)}
		default:
			return c
		}
		lastSep = false
		j += size
		c.to = j
	}
	return c
}

func follows(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return i < len(s) && codeRune(r)
}

func wordEnd(s string, i int) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) {
			return i
		}
		i += size
	}
	return i
}

// joined makes one code of groups that blanks stand between: digits after
// digits, or digits after a few capitals, unless what follows says that they
// count something. stop says so of the byte after a group.
func joined(s string, list []code, stop func(from, to int) bool) []code {
	var out []code
	for i := 0; i < len(list); i++ {
		c := list[i]
		for i+1 < len(list) && len(out) < 1000 {
			n := list[i+1]
			if s[c.to:n.from] != " " || n.letters > 0 || n.digits < 2 && c.groups < 3 || stop(n.from, n.to) {
				break
			}
			if c.letters > 0 && (!c.upper && (c.letters > 2 || s[c.from] < 'A') || c.groups == 1 && c.digits+c.letters > 6) || c.letters == 0 && c.digits < 2 || c.digits+n.digits > 22 {
				break
			}
			c.to, c.digits, c.groups = n.to, c.digits+n.digits, c.groups+1
			i++
		}
		if c.groups > 1 && c.letters == 0 {
			c = suffixed(s, c)
		}
		out = append(out, c)
	}
	return out
}

// prefixed takes the capitals before a code in: "KW 2048113", "E 07".
func prefixed(s string, c code) code {
	if c.letters > 3 || c.letters > 0 && (c.digits < 7 || s[c.from] > '9') || c.from < 2 || s[c.from-1] != ' ' && s[c.from-1] != '-' {
		return c
	}
	i := c.from - 1
	for i > 0 && s[i-1] >= 'A' && s[i-1] <= 'Z' && c.from-i <= 4 {
		i--
	}
	n := c.from - 1 - i
	if n == 0 || n > 3 || i > 0 && (s[i-1] >= 0x80 || codeRune(rune(s[i-1]))) || s[i:c.from-1] == "I" || s[i:c.from-1] == "A" {
		return c
	}
	c.from, c.letters = i, c.letters+n
	return c
}

// spelled takes the word "Err" before an error's number in: a display shows both.
func spelled(s string, c code) code {
	if c.letters == 0 && c.digits <= 3 && c.from >= 4 && strings.EqualFold(s[c.from-4:c.from-1], "err") && s[c.from-1] == ' ' && (c.from == 4 || !codeRune(rune(s[c.from-5]))) {
		c.from, c.letters = c.from-4, 3
	}
	return c
}

// suffixed takes one to three capitals behind groups of digits in: "8830 221 NI".
func suffixed(s string, c code) code {
	rest := s[c.to:]
	n := 0
	for n+1 < len(rest) && n < 4 && rest[n+1] >= 'A' && rest[n+1] <= 'Z' {
		n++
	}
	if n == 0 || n > 3 || rest[0] != ' ' || n+1 < len(rest) && (codeRune(rune(rest[n+1])) || rest[n+1] >= 0x80) || rest[1:n+1] == "I" {
		return c
	}
	c.to += n + 1
	c.letters += n
	return c
}

// plain is a code as codes are compared: letters and digits alone, in small.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if d, ok := text.Digit(r); ok {
			return rune('0' + d)
		}
		if unicode.IsLetter(r) || r == '@' || r == '+' {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// cue is where something says what kind of code is near.
type cue struct {
	label string
	h     hit
}

// cuesOf lists the cues of a message, in order of their groups.
func cuesOf(s *said) []cue {
	var out []cue
	for _, of := range []struct {
		g     group
		label string
	}{
		{serialCue, Serial},
		{trackingCue, Tracking},
		{returnCue, ReturnCode},
		{invoiceCue, Invoice},
		{voucherCue, Voucher},
		{orderCue, OrderNumber},
		{errorCue, ErrorCode},
		{versionCue, SoftVersion},
		{vatCue, TaxNumber},
		{cardEndCue, CardEnd},
		{refCue, Reference},
		{numCue, Code},
	} {
		for _, h := range s.hits[of.g] {
			out = append(out, cue{of.label, h})
		}
	}
	return out
}

// cueFor finds the cue that says what a code is: the nearest before it with
// nothing but words that say nothing between, else one right after it.
func cueFor(s *said, cues []cue, c code, before []code) (label string, ok bool) {
	best, length := 1<<30, 0
	for _, q := range cues {
		if !fits(q.label, c) || q.h.to > c.from && q.h.from < c.to {
			continue
		}
		if q.label == ErrorCode && c.letters == 0 && !s.has(errorWord, q.h.from, q.h.to) && !s.wordBetween(errorWord, q.h.from, c.from) {
			if c.digits > 3 || c.from-q.h.to > 2 || !s.has(voucherCue, q.h.from, q.h.to) { // "declined, code 51" is one
				continue // "it shows 91", "the code is 4471": nobody says that it is an error's
			}
		}
		if q.label == ErrorCode && slices.ContainsFunc(before, func(o code) bool { return o.from >= q.h.to && o.to <= c.from && fits(ErrorCode, o) }) {
			continue // the code nearer to it is the error's
		}
		d := 0
		switch {
		case q.h.to <= c.from && s.idle(q.h.to, c.from, q.label == ErrorCode || q.label == Serial && c.digits >= 3):
			d = c.from - q.h.to
		case q.label == ErrorCode && q.h.from >= c.to && q.h.from-c.to <= 1 && s.has(errorWord, q.h.from, q.h.to): // "a 503 error"
			d = q.h.from - c.to
		case q.h.from >= c.to && q.label != ErrorCode && q.label != SoftVersion && q.h.from-c.to <= 40 && !strings.Contains(s.body[c.to:q.h.from], ".") && s.idle(c.to, q.h.from, false):
			d = 100 + q.h.from - c.to
		default:
			continue
		}
		if q.label == Code {
			d += 50 // anything that says of what goes before
		}
		if d < best || d == best && q.h.to-q.h.from > length {
			best, length, label, ok = d, q.h.to-q.h.from, q.label, true
		}
	}
	return label, ok
}

// wordBetween says whether a phrase of a group stands between two places.
func (s *said) wordBetween(g group, from, to int) bool { return s.has(g, from, to) }

// idle says whether nothing but signs and words that say nothing stands between
// two places, in one sentence; or, for what is loose, a word or two that do.
func (s *said) idle(from, to int, loose bool) bool {
	if to-from > 60 || strings.ContainsAny(s.body[from:to], "?!。！？") || strings.Contains(s.body[from:to], ". ") && !shortForm(s.body[:from], s.body[from:to]) {
		return false
	}
	strange := 0
	for i := s.wordAt(from); i < len(s.words) && s.words[i].From < to; i++ {
		if s.lang.single[s.words[i].Form]&(1<<filler) == 0 {
			strange++
		}
	}
	if mark := strings.TrimRight(s.body[from:to], " "); strings.HasSuffix(mark, ":") || strings.HasSuffix(mark, "：") {
		return strange <= 3 // "error ref on the page: 7f3a-22c1"
	}
	return strange == 0 || loose && strange <= 2 && to-from <= 30
}

// shortForm says whether the full stop belongs to a short form: "order no. 4711",
// "Bestellnr. 4711".
func shortForm(before, between string) bool {
	head, _, _ := strings.Cut(between, ". ")
	if head == "" {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(head)) {
	case "no", "nr", "num", "núm", "ref", "nº", "n":
		return true
	default:
		return len(before) == 0
	}
}

// fits says whether a code may be of a kind at all.
func fits(label string, c code) bool {
	n := c.digits + c.letters
	switch label {
	case ErrorCode:
		return (c.upper || c.letters == 1) && c.digits <= 4 && c.letters <= 5 && n <= 7 && c.groups == 1 && (c.letters > 0 && c.digits > 0 || c.digits >= 1 && c.letters == 0 && c.digits <= 4)
	case CardEnd:
		return c.digits >= 3 && c.digits <= 4 && c.letters == 0
	case TaxNumber:
		return c.digits >= 7 && n <= 20
	case Reference:
		return (c.digits >= 3 || c.digits >= 1 && c.upper && n >= 6) && n <= 30
	case Code:
		return c.digits >= 5 && n <= 20
	case SoftVersion:
		return c.digits >= 1 && c.letters <= 2 && n <= 10
	case Voucher:
		return n >= 5 && n <= 20 && (c.digits >= 2 && (c.letters >= 3 || c.digits >= 8) || c.digits == 1 && c.upper && c.letters >= 5)
	case Serial, Tracking, ReturnCode:
		return n >= 4 && c.digits >= 2 && n <= 34
	default:
		return c.digits >= 3 && n <= 24
	}
}
