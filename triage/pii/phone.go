package pii

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// A phone number has at most 15 digits with its country's code (E.164), and
// hardly fewer than six without.
const fewestPhone, mostPhone = 6, 15

// groupings are the ways in which hardly anything but a phone number is grouped.
var groupings = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`^\(\d{3}\) ?\d{3}[-. ]\d{4}$`),              // North America
		regexp.MustCompile(`^\d{3}([-.])\d{3}[-.]\d{4}$`),               //
		regexp.MustCompile(`^1[-. ]\d{3}[-. ]\d{3}[-. ]\d{4}$`),         //
		regexp.MustCompile(`^0\d(?:[ .-]\d\d){4}$`),                     // France
		regexp.MustCompile(`^0\d{1,5}[ /-]{1,3}\d{2,}(?:[ -]\d{2,})*$`), // an area's code and the rest
		regexp.MustCompile(`^\(0\d{1,5}\) ?\d{2,}(?:[ -]\d{2,})*$`),     //
		regexp.MustCompile(`^\(\d{2}\) ?9?\d{4}[- ]\d{4}$`),             // Brazil
		regexp.MustCompile(`^0[1-9]\d{8,9}$`),                           // in one
		regexp.MustCompile(`^1[3-9]\d{9}$`),                             // China, mobile
		regexp.MustCompile(`^1[3-9]\d[ -]\d{4}[ -]\d{4}$`),              //
		regexp.MustCompile(`^\d{2}-\d{2}-\d{2}-\d{2}$`),                 // pairs
		regexp.MustCompile(`^[5-9]\d{2} \d{3} \d{3}$`),                  // Spain, Poland, mobile
		regexp.MustCompile(`^[67]\d{2} \d{2} \d{2} \d{2}$`),             // Spain, in pairs
	}
})

// numbers finds phone numbers.
func (f *Finder) numbers(s string, a *around, found []Span) []Span {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isDigit(r) && r != '+' && r != '(' && r != '＋' && r != '（' {
			i += size
			continue
		}
		n := numberAt(s, i)
		if n.to <= i {
			i += size
			continue
		}
		if isPhone(s, n, a) {
			found = append(found, Span{Phone, n.from, n.to})
		}
		i = n.to
	}
	return found
}

// number is a run of digits and of what stands between those of one number.
type number struct {
	from, to  int
	digits    int
	shape     string // ASCII digits, separators as they are
	extension bool
}

// numberAt reads the number that begins at i; to is 0 where there is none.
func numberAt(s string, i int) number {
	n := number{from: i}
	var shape strings.Builder
	gap := 0 // separators since the last digit
	end := i
	open := 0
	for j := i; j < len(s); {
		r, size := utf8.DecodeRuneInString(s[j:])
		d, ok := text.Digit(r)
		if ok {
			n.digits, gap = n.digits+1, 0
			shape.WriteByte(byte('0' + d))
			end = j + size
			n.shape = shape.String()
			j += size
			continue
		}
		sign := narrow(r)
		if sign == 0 || sign == '+' && j > i || gap >= 3 {
			break
		}
		if sign == '(' {
			open++
		}
		if sign == ')' {
			if open--; open < 0 {
				break
			}
			if n.shape == shape.String() {
				end = j + size
			}
		}
		shape.WriteRune(sign)
		gap++
		j += size
	}
	if n.digits == 0 {
		return number{}
	}
	n.to = end
	if strings.Count(n.shape, "(") > strings.Count(n.shape, ")") {
		n.shape += ")"
	}
	if ext := extension().FindString(s[n.to:min(len(s), n.to+12)]); ext != "" && n.digits >= 7 {
		n.to += len(ext)
		n.extension = true
	}
	return n
}

var extension = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:x| ?ext\.? ?| x ?)\d{1,5}\b`) })

// narrow is a sign that may stand within a number, in ASCII; 0 for another.
func narrow(r rune) rune {
	switch r {
	case ' ', '-', '.', '/', '(', ')', '+':
		return r
	case '（':
		return '('
	case '）':
		return ')'
	case '＋':
		return '+'
	}
	if r >= 0x80 && (unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Cf, r)) {
		return ' '
	}
	if r >= 0x80 && (unicode.Is(unicode.Pd, r) || r == '\u2212') {
		return '-'
	}
	return 0
}

func isPhone(s string, n number, a *around) bool {
	if n.digits < fewestPhone || n.digits > mostPhone+2 {
		return false
	}
	was, is := utf8.DecodeLastRuneInString(s[:n.from])
	next, _ := utf8.DecodeRuneInString(s[n.to:])
	if is > 0 && (unicode.IsLetter(was) && !wide(was) || strings.ContainsRune("#€$£¥₺_=/", was)) ||
		unicode.IsLetter(next) && !wide(next) || strings.ContainsRune("€$£¥₺%_@", next) {
		return false
	}
	if was == '-' {
		if r, _ := utf8.DecodeLastRuneInString(s[:n.from-1]); unicode.IsLetter(r) && !wide(r) || isDigit(r) {
			return false // the end of a code: W9R-0031-66
		}
	}
	if a.follows(unit, n.to) {
		return false
	}
	bare := strings.TrimSpace(n.shape)
	switch {
	case strings.HasPrefix(bare, "+"):
		return n.digits >= 8 && n.digits <= mostPhone
	case dateLike(bare), odd(bare):
		return false
	case a.right(otherWord, n.from), a.right(orderWord, n.from):
		return false
	case strings.HasPrefix(bare, "00") && n.digits >= 10 && !strings.HasPrefix(bare, "000"):
		return true
	case n.extension && n.digits >= 7:
		return true
	case grouped(bare):
		return true
	case n.digits == fewestPhone && a.near(codeWord, n.from):
		return false // "the code of your SMS, 482913"
	default:
		return n.digits <= 13 && (a.near(phoneNear, n.from) || a.follows(phoneSoon, n.to))
	}
}

func grouped(shape string) bool {
	return slices.ContainsFunc(groupings(), func(re *regexp.Regexp) bool { return re.MatchString(shape) })
}

// odd says whether digits are grouped as something else is: four numbers up to
// 255 are an address on the net, 123-45-6789 an American insurance number, 2024/883
// and 2023 2024 begin with a year, and thousands, decimals, times and dates with
// times are amounts.
func odd(shape string) bool {
	switch {
	case !strings.ContainsAny(shape, " -./"):
		return false
	case oddShapes().MatchString(shape):
		return true
	}
	first, rest, ok := strings.Cut(shape, " ")
	return ok && dateLike(first) && rest != ""
}

var oddShapes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\d{1,3}(?:\.\d{1,3}){3}|\d{3}-\d{2}-\d{4}|\d{1,3}(?:[. ]\d{3})+\.\d\d?|\d{1,3}(?:\.\d{3})+|\d+\.\d+|\d{1,4}\.\d{1,2}(?: \d{1,4}(?:\.\d{1,2})?)+|(?:19|20)\d\d(?: | ?[-/] ?)(?:19|20)\d\d|(?:19|20)\d\d/\d{1,5}|\d{1,2}/\d{1,2} \d{1,2}|\d{4}-\d{2}-\d{2} .*|\d{5}-\d{3,4})$`)
})
