package packet

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode"
)

// mostGroups is how many groups one code has at most that blanks stand between.
const mostGroups = 7

// lengthened is a code with the groups of capitals and digits behind it, as long
// numbers are printed: "KW93 TTQ2 08DE 5W7A", "L 2643 B". What is read is what
// something says the kind of: capitals in a sentence are otherwise words.
func (s *said) lengthened(c code) code {
	for n := 0; n < mostGroups && c.to+1 < len(s.body); n++ {
		if s.body[c.to] != ' ' && s.body[c.to] != '-' || strings.TrimFunc(s.body[c.from:c.to], capitalOrDigit) != "" && !strings.ContainsAny(s.body[c.from:c.to], " -/.") {
			return c
		}
		g := groupAt(s.body, c.to+1)
		if g == "" || s.counted(c.to+1+len(g)) {
			return c
		}
		d := strings.Count(strings.Map(digitMark, g), "0")
		if d == 0 && (len(g) > 3 || len(g) == 1 && (g == "I" || g == "A")) {
			return c
		}
		if d == len(g) && len(g) < 2 && c.letters == 0 {
			return c
		}
		c.to += 1 + len(g)
		c.digits += d
		c.letters += len(g) - d
		c.groups++
	}
	return c
}

func capitalOrDigit(r rune) bool { return r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' }

func digitMark(r rune) rune {
	if r >= '0' && r <= '9' {
		return '0'
	}
	return r
}

// groupAt is the group of one to eight capitals and digits that begins at a
// place and ends where a word does.
func groupAt(s string, at int) string {
	i := at
	for i < len(s) && (s[i] >= 'A' && s[i] <= 'Z' || s[i] >= '0' && s[i] <= '9') {
		i++
	}
	if i == at || i-at > 8 {
		return ""
	}
	if r := firstRune(s[i:]); i < len(s) && (unicode.IsLetter(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Arabic) || r == '@' || r == '_') {
		return ""
	}
	return s[at:i]
}

// printed takes codes by how they are printed, whatever is said of them: four
// groups of four as gift cards have them, a serial number with a part that
// cannot be read, the system of a phone with its version.
func (x *reading) printed(s *said) {
	if !s.figured() {
		return
	}
	for _, m := range fourGroups().FindAllStringSubmatchIndex(s.body, 5) {
		v := s.body[m[2]:m[3]]
		if strings.ContainsAny(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && strings.ContainsAny(v, "0123456789") {
			x.take(s, Voucher, m[2], m[3], 8)
		}
	}
	for _, m := range worn().FindAllStringSubmatchIndex(s.body, 5) {
		head, _, _ := strings.Cut(s.body[m[2]:m[3]], "-")
		if n := strings.Count(strings.Map(digitMark, s.body[m[2]:m[3]]), "0"); n < 3 {
			continue // "GP... wait"
		}
		if x.speaksOf(serialCue) || mixed(head) || x.in.Catalogue.knows(head) || strings.Count(s.body[m[2]:m[3]], "-") >= 2 {
			x.take(s, Serial, m[2], m[3], 9)
		}
	}
	for _, m := range machine().FindAllStringSubmatchIndex(s.body, 5) {
		x.machine(s, m[2], m[3])
	}
	if x.speaksOf(vatCue) || x.speaksOf(invoiceCue) {
		for _, m := range taxed().FindAllStringSubmatchIndex(s.body, 3) {
			x.take(s, TaxNumber, m[2], m[3], 8)
		}
	}
	for _, m := range systems().FindAllStringSubmatchIndex(s.body, 5) {
		x.take(s, SoftVersion, m[2], m[3], 9)
	}
}

// machine takes what is written as serial numbers are, whatever stands between its
// parts: a model, two digits, a number. Blanks and commas are such signs only
// right behind a word for a serial number.
func (x *reading) machine(s *said, from, to int) {
	v := s.body[from:to]
	head := v[:strings.IndexFunc(v, func(r rune) bool { return strings.ContainsRune(" ,-–—‑－/._", r) })]
	near := false
	for _, h := range s.hits[serialCue] {
		near = near || h.to <= from && from-h.to <= 40 && !strings.ContainsAny(s.body[h.to:from], "?!\n")
	}
	known := x.in.Catalogue.knows(head) || mixed(head)
	if near || known && strings.ContainsAny(v, "-–—‑－") && !strings.ContainsAny(v, " ,") || x.speaksOf(serialCue) && known && !strings.Contains(v, ",") {
		x.take(s, Serial, from, to, 9)
	}
}

var (
	machine = sync.OnceValue(func() *regexp.Regexp {
		const sep = `(?: ?[-–—‑－/._] ?|, ?| )`
		return regexp.MustCompile(`(?:^|[^\p{Latin}\pN-])([A-Za-zＡ-Ｚ]{1,3}[0-9０-９]{0,3}[A-Za-z]?` + sep + `[0-9٠-٩０-９?O]{2}` + sep + `[0-9٠-٩０-９?OoXx_]{3,7}(?: \d)?(?:[- ]?[A-Z]\b)?)(?:$|[^\p{Latin}\pN])`)
	})
	fourGroups = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[^\pL\pN])([A-Z0-9]{4}(?:(?:-[A-Z0-9]{4}){2,3}|(?: [A-Z0-9]{4}){3}))(?:$|[^A-Za-z0-9-])`)
	})
	// The letters of a country of Europe's VAT numbers, then digits in groups.
	taxed = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[^\pL\pN])((?:DE|FR|ES|IT|NL|PL|IE|GB|AT|BE|PT|DK|SE|FI|LU|CZ|CHE|XI)[ -]?[A-Z]?\d(?:[ .-]?\d){6,11}(?:[ .]?[A-Z]\d{0,2})?)(?:$|[^\pL\pN])`)
	})
	worn = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[^\pL\pN-])([A-Z]{1,3}\d{0,3}(?:[- ]\d{1,6})*-?(?:…|\.{3,4}|\*{1,6}|\?{2,6}|_{2,6}|[xX]{3,6})(?:-?[A-Z0-9]{1,6}(?:-[A-Z0-9]{1,6})*)?)(?:$|[^\pL\pN])`)
	})
	systems = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])((?:ios|ipados|android|harmonyos|hyperos|windows|macos|one ui) \d{1,2}(?:\.\d{1,2}){0,2})(?:$|[^\pL\pN.]|\.(?:$|[^\d]))`)
	})
)

// headOf is the letters that every number of a pattern of a site's begins with:
// "KW" of `(?i)\bKW[- ]?\d{7}\b`; empty where there are none.
func headOf(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	for _, p := range parts {
		switch p.Op {
		case syntax.OpWordBoundary, syntax.OpBeginText, syntax.OpBeginLine:
			continue
		case syntax.OpLiteral:
			return string(p.Rune)
		default:
			return ""
		}
	}
	return ""
}

// ours says whether a code is one of the site's order numbers with other blanks
// and signs in it, or without the letters that they begin with.
func (x *reading) ours(value string, bare bool) bool {
	for _, p := range x.in.OrderNumbers {
		head := headOf(p)
		if head == "" {
			continue
		}
		v := plain(value)
		if rest, ok := strings.CutPrefix(v, strings.ToLower(head)); ok {
			v = rest
		} else if !bare {
			continue
		}
		if allDigits(v) && x.m.patterned(head+v, x.in.OrderNumbers) {
			return true
		}
	}
	return false
}
