package variant

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is a run of letters of one kind, or of digits.
type piece struct {
	text     string // lower case
	from, to int    // bytes
	capital  bool   // it begins with a capital
	digits   bool
	joins    bool // nothing, one blank or a hyphen stands between it and the one before
}

type kind uint8

const (
	noKind kind = iota
	digitKind
	casedKind // of a script with capitals
	plainKind
)

func kindOf(r rune) kind {
	switch {
	case unicode.IsDigit(r):
		return digitKind
	case !unicode.IsLetter(r) && !unicode.IsMark(r):
		return noKind
	case unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) || unicode.IsMark(r):
		return casedKind
	default:
		return plainKind
	}
}

// cut takes a text apart.
func cut(text string) []piece {
	var out []piece
	end := 0
	for at := 0; at < len(text); {
		r, n := utf8.DecodeRuneInString(text[at:])
		k := kindOf(r)
		if k == noKind {
			at += n
			continue
		}
		to := at + n
		for to < len(text) {
			next, m := utf8.DecodeRuneInString(text[to:])
			if goesOn := kindOf(next) == k || unicode.IsMark(next) && k != digitKind; !goesOn {
				break
			}
			to += m
		}
		p := piece{text: strings.ToLower(text[at:to]), from: at, to: to, capital: unicode.IsUpper(r), digits: k == digitKind}
		p.joins = len(out) > 0 && joins(text[end:at])
		out = append(out, p)
		end, at = to, to
	}
	return out
}

func joins(gap string) bool {
	switch gap {
	case "", " ", "-", "\u2011", "\u00a0":
		return true
	}
	return false
}

// begins says whether a sentence, an item or a quotation begins behind a gap.
func begins(gap string) bool { return strings.ContainsAny(gap, ".!?:|\"“”„«»(*\n•–—#`") }

// key is a run of pieces as a map knows it.
func key(run []piece) string {
	var b strings.Builder
	for i, p := range run {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// isYear says whether a piece is a year: dates are no names.
func isYear(p piece) bool {
	return p.digits && len(p.text) == 4 && (strings.HasPrefix(p.text, "19") || strings.HasPrefix(p.text, "20"))
}
