package pii

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// mostOrders is how many order numbers of one pattern are looked for in a
	// text: a pattern that fits everywhere must not cost more.
	mostOrders = 50
	// mostPatterns is how many patterns are kept ready, all sites together.
	mostPatterns = 10000
)

// Patterns checks a site's patterns of order numbers: each a regular expression
// in Go's syntax that does not fit an empty text.
func Patterns(list []string) error {
	for _, p := range list {
		re, err := regexp.Compile(p)
		if err != nil {
			return fmt.Errorf("order number %q: %w", p, err)
		}
		if re.MatchString("") {
			return fmt.Errorf("order number %q fits an empty text", p)
		}
	}
	return nil
}

// pattern is a site's pattern, compiled once; nil where it is none.
func (f *Finder) pattern(p string) *regexp.Regexp {
	if re, ok := f.patterns.Load(p); ok {
		return re.(*regexp.Regexp)
	}
	re, err := regexp.Compile(p)
	if err != nil {
		re = nil
	}
	if f.kept.Add(1) <= mostPatterns {
		f.patterns.Store(p, re)
	}
	return re
}

// patterned finds order numbers by a site's patterns.
func (f *Finder) patterned(text string, patterns []string, found []Span) []Span {
	for _, p := range patterns {
		re := f.pattern(p)
		if re == nil {
			continue
		}
		for _, m := range re.FindAllStringIndex(text, mostOrders) {
			if m[0] < m[1] {
				found = append(found, Span{Order, m[0], m[1]})
			}
		}
	}
	return found
}

// orders finds order numbers where what stands before says so: "order no.
// 12345", "Bestellung #A-1029"; or what follows: "TR-55810 numaralı siparişim".
func (f *Finder) orders(text string, a *around, found []Span) []Span {
	for _, c := range codes(text) {
		if a.follows(unit, c.To) {
			continue
		}
		// "TR-55810 kargo" has letters; digits alone may be any number, unless
		// something says that they are one: "55810 numaralı sipariş".
		said, ok := a.after(orderSoon, c.To)
		lettered := strings.ContainsFunc(text[c.From:c.To], unicode.IsLetter)
		if a.right(orderWord, c.From) && !counts(text, c, a) || ok && (said || lettered) {
			found = append(found, c)
		}
	}
	return found
}

// counts says whether digits right behind a word such as "order" are a year or an
// amount: "invoice 2023", "order 1000 napkins". With a sign or a word between that
// says that a number follows they are the order's.
func counts(text string, c Span, a *around) bool {
	at := len(strings.TrimRightFunc(text[:c.From], unicode.IsSpace))
	digits := text[c.From:c.To]
	if a.last(bareWord, at).To != at || len(digits) > 5 || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[c.To:], " "))
	return yearOnly(digits) || strings.HasSuffix(digits, "00") && unicode.IsLetter(next)
}

// codes finds runs of letters, digits and dashes that have four digits or more
// and begin where a word does: what order numbers look like.
func codes(text string) []Span {
	var out []Span
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r >= 0x80 && !isDigit(r) || r < 0x80 && !asciiAlnum(byte(r)) {
			i += size
			continue
		}
		from, digits, letters := i, 0, 0
		for i < len(text) {
			r, size = utf8.DecodeRuneInString(text[i:])
			switch {
			case isDigit(r):
				digits++
			case r < 0x80 && asciiLetter(byte(r)):
				letters++
			case (r == '-' || r == '/' || r == '_') && i+1 < len(text) && asciiAlnum(text[i+1]):
			default:
				size = 0
			}
			if size == 0 {
				break
			}
			i += size
		}
		if prev, _ := utf8.DecodeLastRuneInString(text[:from]); unicode.IsLetter(prev) && !wide(prev) {
			continue
		}
		code := text[from:i]
		if digits >= 4 && (digits >= letters || letters <= 8 && strings.ContainsAny(code, "-/_")) && i-from <= 32 && !dateLike(code) {
			out = append(out, Span{Order, from, i})
		}
	}
	return out
}

// dateLike says whether digits and separators are a date: 2026-11-03, 3/11/2026.
func dateLike(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' || r == ' ' })
	if len(parts) != 3 || len(parts[0])+len(parts[1])+len(parts[2]) > 8 {
		return false
	}
	y, m, d := parts[0], parts[1], parts[2]
	if len(y) != 4 {
		y, d = d, y
	}
	return (len(y) == 4 && (strings.HasPrefix(y, "19") || strings.HasPrefix(y, "20")) || len(y) == 2) &&
		len(m) <= 2 && len(d) <= 2 && small(m, 31) && small(d, 31) && (len(y) == 4 || len(m) == 2 && len(d) == 2 && (small(m, 12) || small(d, 12)))
}

// small says whether s is a number from 1 to most.
func small(s string, most int) bool {
	n := 0
	for i := range len(s) {
		if !asciiDigit(s[i]) {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n >= 1 && n <= most
}
