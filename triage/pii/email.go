package pii

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest parts of an address by RFC 5321.
const longestLocal, longestDomain = 64, 255

// emails finds e-mail addresses around an at sign, that of East Asian width too.
func (f *Finder) emails(text string, found []Span) []Span {
	last := 0
	for i := 0; i < len(text); {
		n := strings.IndexAny(text[i:], "@＠")
		if n < 0 {
			return found
		}
		at := i + n
		_, size := utf8.DecodeRuneInString(text[at:])
		i = at + size
		from := local(text, at, last)
		to := domain(text, i)
		if from < at && to > i {
			found = append(found, Span{Email, from, to})
			last, i = to, to
		}
	}
	return found
}

// local is where the part before the sign begins, not before floor.
func local(text string, at, floor int) int {
	from := at
	if strings.HasSuffix(text[floor:at], `"`) { // "ann lee"@shop.example
		if n := strings.LastIndexByte(text[max(floor, at-longestLocal):at-1], '"'); n >= 0 {
			return max(floor, at-longestLocal) + n
		}
	}
	for from > floor && at-from < longestLocal {
		r, size := utf8.DecodeLastRuneInString(text[floor:from])
		if !unicode.IsLetter(r) && !isDigit(r) && !strings.ContainsRune("._%+-'!#$&*=?^~", r) || wide(r) {
			break
		}
		from -= size
	}
	for from < at && strings.ContainsRune("._%+-'!#$&*=?^~", rune(text[from])) {
		from++
	}
	return from
}

// wide is a letter of a script that is written without spaces: what stands
// before it belongs to the sentence.
func wide(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// domain is where the domain that begins at i ends, which has two labels or
// more, the last of letters; i where there is none.
func domain(text string, i int) int {
	end, good := i, i
	for labels := 1; ; labels++ {
		from, letters := end, true
		for end < len(text) && end-i < longestDomain {
			r, size := utf8.DecodeRuneInString(text[end:])
			if (!unicode.IsLetter(r) || wide(r)) && !isDigit(r) && (r != '-' || end == from) {
				break
			}
			letters = letters && unicode.IsLetter(r)
			end += size
		}
		if end-from >= 2 && letters && labels >= 2 {
			good = end
		}
		if end == from || end >= len(text) || text[end] != '.' || end-i >= longestDomain {
			return good
		}
		end++
	}
}

// mostWritten is how many addresses written out are looked for in a text.
const mostWritten = 20

// writtenOut is what e-mail addresses look like whose signs are written out, or
// have blanks around them: "ann (at) shop.example", "ann at shop dot example".
// The at alone is a word like others: then the dot has to be written out, too.
// The last label is then one of those that most addresses have, so that "at
// what point do" is none.
func writtenOut(at, dot []string) (*regexp.Regexp, error) {
	or := func(list []string) string {
		quoted := make([]string, len(list))
		for i, w := range list {
			quoted[i] = regexp.QuoteMeta(w)
		}
		return "(?:" + strings.Join(quoted, "|") + ")"
	}
	const word = `[a-z0-9][a-z0-9._+-]{0,40}`
	sign := `(?: ?[(\[{<] ?(?:@|` + or(at) + `) ?[)\]}>] ?| @ )`
	point := `(?: ?[(\[{<] ?(?:\.|` + or(dot) + `) ?[)\]}>] ?| ` + or(dot) + ` )`
	local := `(` + word + `(?:` + point + word + `){0,3}`
	const usual = `(?:com|net|org|info|biz|edu|gov|eu|io|app|shop|dev|email|online|example|test|de|at|ch|fr|be|lu|es|mx|ar|co|it|pt|br|nl|pl|tr|sa|ae|eg|ma|jp|cn|tw|hk|uk|ie|us|ca|au|nz|se|dk|no|fi)`
	label := `[a-z0-9][a-z0-9-]{0,40}`
	return regexp.Compile(`(?i)(?:^|[^\pL\pN])` + local +
		`(?:` + sign + label + `(?:(?:\.|` + point + `)` + label + `){0,3}(?:\.|` + point + `)[a-z]{2,7}` +
		`| ` + or(at) + ` ` + label + `(?:\.` + label + `){0,2}` + point + `(?:` + label + point + `)?` + usual + `))(?:$|[^\pL\pN@])`)
}

// spoken finds e-mail addresses whose signs are written out.
func (f *Finder) spoken(text string, found []Span) []Span {
	if len(text) > longestAddressed {
		text = text[:longestAddressed]
	}
	if !f.hinted(text) {
		return found
	}
	for _, m := range f.written.FindAllStringSubmatchIndex(text, mostWritten) {
		found = append(found, Span{Email, m[2], m[3]})
	}
	return found
}

// hinted spares the usual message the expression: without a bracketed sign, or
// two words for signs, it finds nothing.
func (f *Finder) hinted(text string) bool {
	if strings.Contains(text, " @ ") {
		return true
	}
	low, n := strings.ToLower(text), 0
	brackets := strings.ContainsAny(text, "([{<")
	for _, w := range f.signs {
		if strings.Contains(low, " "+w+" ") {
			n++
		}
		if brackets && strings.Contains(low, w) {
			return true
		}
	}
	return n >= 2 || brackets && strings.ContainsRune(text, '@')
}
