package pii

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostAddresses is how many addresses are looked for in a text, by each way of
// writing one.
const mostAddresses = 20

// addresses finds streets with a number, as the ways of writing them in
// company.json have it. A way's first group, where it has one, is the address.
func (f *Finder) addresses(text string, a *around, found []Span) []Span {
	if len(text) > longestAddressed {
		text = text[:longestAddressed]
	}
	if !numbered(text, found) {
		return found
	}
	has := scripts(text)
	for _, st := range f.streets {
		if !has[st.script] {
			continue
		}
		re := st.is
		for _, m := range re.FindAllStringSubmatchIndex(text, mostAddresses) {
			from, to := m[0], m[1]
			if len(m) >= 4 && m[2] >= 0 {
				from, to = m[2], m[3]
			}
			part := text[from:to]
			to = from + len(strings.TrimRight(part, " \t\r\n,.;"))
			if to > from && !yearOnly(text[from:to]) && !goesOn(text, to) && !f.noStreet(text[from:to]) && !measured(text, from, to, a) {
				found = append(found, Span{Address, from, to})
			}
		}
	}
	return found
}

// yearOnly says whether the only number is a year: "During 1971".
func yearOnly(s string) bool {
	numbers := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	return len(numbers) == 1 && len(numbers[0]) == 4 && (strings.HasPrefix(numbers[0], "19") || strings.HasPrefix(numbers[0], "20"))
}

// noStreet says whether what looks like a street has a word that no street has: "6
// same street", "Bahnsteig 7", "via PayPal 20".
func (f *Finder) noStreet(s string) bool {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains(f.noneAs, word) || slices.Contains(f.none, strings.ToLower(word)) {
			return true
		}
	}
	return false
}

// measured says whether the number is an amount: "10 minutes down the road",
// "Garantie 2 ans".
func measured(text string, from, to int, a *around) bool {
	digits := len(text[from:to]) - len(strings.TrimLeft(text[from:to], "0123456789"))
	if rest := text[from+digits : to]; digits > 0 && len(rest) > 2 && rest[0] == ' ' && 'a' <= rest[1] && rest[1] <= 'z' && rest[2] != ' ' {
		return a.follows(unit, from+digits)
	}
	next, _ := utf8.DecodeRuneInString(text[to:])
	return (unicode.IsSpace(next) || unicode.IsLetter(next)) && a.follows(unit, to)
}

// longestAddressed is how much of a text is looked through for addresses, in
// bytes: the expressions are the slowest part, and nobody writes an address
// behind five pages.
const longestAddressed = 16000

// goesOn says whether a word goes on where an address would end: "30 km st" of
// "30 km stąd". The expressions know bounds of ASCII words only.
func goesOn(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	return unicode.IsLetter(before) && unicode.IsLetter(after) && after >= 0x80 && !wide(before) && !wide(after)
}

// street is a way of writing an address.
type street struct {
	is     *regexp.Regexp
	script string // of its letters
}

func streetOf(s string) (street, error) {
	re, err := regexp.Compile(s)
	if err != nil {
		return street{}, fmt.Errorf("a street: %w", err)
	}
	switch {
	case strings.Contains(s, `\p{Han}`):
		return street{re, "Han"}, nil
	case strings.Contains(s, `\p{Arabic}`):
		return street{re, "Arabic"}, nil
	default:
		return street{re, "Latin"}, nil
	}
}

// scripts are those of a text that addresses are written in: looking for the
// others is what would take the time.
func scripts(text string) map[string]bool {
	has := map[string]bool{}
	for _, r := range text {
		switch {
		case r < 0x80:
			if asciiLetter(byte(r)) {
				has["Latin"] = true
			}
		case unicode.Is(unicode.Han, r):
			has["Han"] = true
		case unicode.Is(unicode.Arabic, r):
			has["Arabic"] = true
		}
	}
	return has
}

// numbered says whether a text has a short number that nothing was found in: the
// house's.
func numbered(text string, found []Span) bool {
	digits, from := 0, 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && asciiDigit(text[i]) {
			if digits == 0 {
				from = i
			}
			digits++
			continue
		}
		referred := from > 0 && text[from-1] == '#' // "#4711" is an order's, or a list's
		if digits > 0 && digits <= 5 && !referred && !slices.ContainsFunc(found, func(s Span) bool { return s.From <= from && from < s.To }) {
			return true
		}
		digits = 0
	}
	return strings.ContainsAny(text, "一二三四五六七八九十") // a house of Japan's or China's
}
