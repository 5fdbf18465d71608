package packet

import (
	"strings"
	"unicode/utf8"

	"frontdesk/triage/text"
)

const signs = "€$£¥₺₹￥＄￡"

// figure is a number as people write amounts: 1,299.00, 39,90, 12 000.
type figure struct{ from, to int }

// figures lists the numbers of a text that stand alone.
func figures(s string) []figure {
	var out []figure
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if _, ok := text.Digit(r); !ok {
			i += size
			continue
		}
		end := i
		for j := i; j < len(s); {
			r, n := utf8.DecodeRuneInString(s[j:])
			if _, ok := text.Digit(r); ok {
				j += n
				end = j
				continue
			}
			next, _ := utf8.DecodeRuneInString(s[j+n:])
			_, more := text.Digit(next)
			if (r == '.' || r == ',' || r == '\'' || r == '’' || r == '٫' || r == '٬') && more {
				j += n
				continue
			}
			if (r == ' ' || r == '\u00a0' || r == '\u202f') && more && threeDigits(s[j+n:]) && end-i <= 3 {
				j += n
				continue
			}
			break
		}
		out = append(out, figure{i, end})
		i = end
	}
	return out
}

func threeDigits(s string) bool {
	n, _ := digits(s[:min(len(s), 16)])
	return n == 3
}

// amounts finds sums of money: a number with a currency's sign or word beside
// it.
func (x *reading) amounts(s *said) {
	for _, f := range figures(s.body) {
		from, to, ok := s.money(f)
		if ok || s.sum(f) {
			x.take(s, Amount, from, to, 6)
		}
	}
	for _, h := range s.hits[currency] { // nine hundred pounds
		i := h.first
		for i > 0 && h.first-i < 5 && (s.counts(i-1) || s.words[i-1].Form == "hundred" || s.words[i-1].Form == "thousand") && s.words[i].From-s.words[i-1].To <= 2 {
			i--
		}
		if n, _ := digits(s.body[s.words[i].From:s.words[i].To]); i < h.first && n == 0 && h.to-h.from > 1 {
			x.take(s, Amount, s.words[i].From, h.to, 6)
		}
	}
}

// sum says whether a number with cents follows a word for a sum: "the total is
// 1.029,00".
func (s *said) sum(f figure) bool {
	v := s.body[f.from:f.to]
	if len(v) < 4 || v[len(v)-3] != '.' && v[len(v)-3] != ',' {
		return false
	}
	for _, h := range s.hits[amountCue] {
		if h.to <= f.from && f.from-h.to <= 30 && !strings.ContainsAny(s.body[h.to:f.from], "?!") {
			return true
		}
	}
	return false
}

// money widens a number to the amount that it is.
func (s *said) money(f figure) (from, to int, ok bool) {
	from, to = f.from, f.to
	before, size := utf8.DecodeLastRuneInString(s.body[:from])
	gap := 0
	if before == ' ' || before == '\u00a0' {
		gap = size
		before, size = utf8.DecodeLastRuneInString(s.body[:from-gap])
	}
	if size > 0 && strings.ContainsRune(signs, before) {
		return from - gap - size, to, true
	}
	rest := s.body[to:]
	trimmed := strings.TrimLeft(rest, " \u00a0\u202f")
	if len(rest)-len(trimmed) <= 3 {
		if r, n := utf8.DecodeRuneInString(trimmed); n > 0 && strings.ContainsRune(signs, r) {
			return from, len(s.body) - len(trimmed) + n, true
		}
		at := len(s.body) - len(trimmed)
		for _, h := range s.hits[currency] {
			if h.from == at {
				to, ok = max(to, h.to), true
			}
		}
	}
	if ok {
		return from, to, true
	}
	for _, h := range s.hits[currency] { // EUR 39,90
		if h.to <= from && h.to < len(s.body) && from-h.to <= 2 && strings.TrimSpace(s.body[h.to:from]) == "" && h.to-h.from == 3 {
			return h.from, to, true
		}
	}
	return f.from, f.to, false
}
