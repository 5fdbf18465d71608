package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folder cuts a text into words and folds them.
type folder struct {
	s     string
	latin bool // most letters of the text are Latin ones
	out   []Word
	raw   []rune // the letters and digits of the word under way, compatibility forms undone
	marks bool   // the word has digits or signs that may stand for letters
	from  int
	to    int
}

func newFolder(s string) *folder {
	latin, alike := 0, 0
	for _, r := range s {
		switch {
		case r < 0x80:
			if r|0x20 >= 'a' && r|0x20 <= 'z' {
				latin++
			}
		case lookalike(r) != 0:
			alike++
		}
	}
	return &folder{s: s, latin: latin > alike, from: -1}
}

func (f *folder) words() []Word {
	f.out = make([]Word, 0, len(f.s)/6)
	for i := 0; i < len(f.s); {
		r, size := utf8.DecodeRuneInString(f.s[i:])
		f.take(r, i, size)
		i += size
	}
	f.end()
	return f.out
}

// take adds a character to the word under way, or ends it.
func (f *folder) take(r rune, at, size int) {
	if r < 0x80 {
		f.takeASCII(r, at)
		return
	}
	if r == utf8.RuneError && size == 1 {
		f.end()
		return
	}
	if unseen(r) {
		if f.from >= 0 {
			f.to = at + size // belongs to the word, if the word goes on or ends here
		}
		return
	}
	if apostrophe(r) {
		f.apostrophe(at, size)
		return
	}
	if Unspaced(r) || r >= 0xff70 && r <= 0xff9f { // the narrow marks of kana are of no script
		f.end()
		f.character(r, at, size)
		return
	}
	switch {
	case unicode.IsLetter(r), unicode.IsDigit(r):
		f.add(r, at, size)
	case unicode.Is(unicode.Mn, r):
		if f.from >= 0 {
			f.to = at + size
		} else if (r == 0x3099 || r == 0x309a) && len(f.out) > 0 && f.out[len(f.out)-1].To == at {
			f.voiced(r, at+size)
		}
	default:
		f.compatible(r, at, size)
	}
}

func (f *folder) takeASCII(r rune, at int) {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		f.add(r, at, 1)
	case r >= 'A' && r <= 'Z':
		f.add(r+'a'-'A', at, 1)
	case r == '\'' || r == '`':
		f.apostrophe(at, 1)
	case (r == '@' || r == '$' || r == '!' || r == '|') && f.from >= 0 && f.letterAt(at+1) && f.letterAt(at-1):
		f.add(r, at, 1) // inside a word: "pers@n"
	default:
		f.end()
	}
}

func (f *folder) letterAt(i int) bool {
	if i < 0 || i >= len(f.s) {
		return false
	}
	c := f.s[i] | 0x20
	return c >= 'a' && c <= 'z'
}

// compatible takes signs that are letters in another dress: ⓗ, 𝐡, ㎏.
func (f *folder) compatible(r rune, at, size int) {
	d := norm.NFKC.String(string(r))
	if d == string(r) {
		f.end()
		return
	}
	for _, x := range d {
		if !unicode.IsLetter(x) && !unicode.IsDigit(x) {
			f.end()
			return
		}
	}
	f.add(r, at, size)
}

// character makes a word of one character of an unspaced script.
func (f *folder) character(r rune, at, size int) {
	form := r
	if r >= 0xff00 || r >= 0xf900 && r <= 0xfaff || r >= 0x2e80 && r <= 0x2fff {
		form, _ = utf8.DecodeRuneInString(norm.NFKC.String(string(r)))
	}
	f.out = append(f.out, Word{Form: string(form), From: at, To: at + size})
	if r == 0xff9e || r == 0xff9f { // halfwidth voicing marks belong to the kana before them
		f.out = f.out[:len(f.out)-1]
		if n := len(f.out); n > 0 && f.out[n-1].To == at {
			f.voiced(r-0xff9e+0x3099, at+size)
		}
	}
}

// voiced adds a voicing mark to the kana that stands before it.
func (f *folder) voiced(mark rune, to int) {
	w := &f.out[len(f.out)-1]
	w.Form, w.To = norm.NFC.String(w.Form+string(mark)), to
}

func (f *folder) add(r rune, at, size int) {
	if f.from < 0 {
		f.from, f.raw, f.marks = at, f.raw[:0], false
	}
	f.to = at + size
	if r < 0x80 {
		f.marks = f.marks || r < 'a'
		f.raw = append(f.raw, r)
		return
	}
	if v, ok := Digit(r); ok {
		f.marks = true
		f.raw = append(f.raw, '0'+rune(v))
		return
	}
	f.raw = append(f.raw, r)
}

// apostrophe goes with the word, as in don't, but ends an elided one before a
// vowel, as in l'argent or dell'ordine.
func (f *folder) apostrophe(at, size int) {
	if f.from < 0 {
		return
	}
	next, _ := utf8.DecodeRuneInString(f.s[at+size:])
	if !unicode.IsLetter(next) || elided(string(f.raw)) && vowel(next) {
		f.end()
		return
	}
	f.to = at + size
}

func elided(before string) bool {
	switch strings.ToLower(before) {
	case "l", "d", "j", "m", "t", "s", "n", "c", "qu", "lorsqu", "puisqu", "jusqu", "quelqu", "presqu", "aujourd", "entr",
		"un", "dell", "all", "nell", "sull", "dall", "coll", "quest", "quell", "dov", "com", "cos", "c\u2019", "anch", "tutt", "bell", "sant", "nient", "senz", "v", "dev", "pos":
		return true
	default:
		return false
	}
}

func vowel(r rune) bool {
	d, _ := utf8.DecodeRuneInString(norm.NFD.String(string(unicode.ToLower(r))))
	return strings.ContainsRune("aeiouyhœæ", d)
}

// end closes the word under way.
func (f *folder) end() {
	if f.from < 0 {
		return
	}
	w := Word{From: f.from, To: f.to}
	f.from = -1
	if len(f.raw) == 0 || len(f.raw) > longestWord {
		return
	}
	form := f.folded()
	if form == "" {
		return
	}
	w.Form = form
	if f.marks {
		w.Form, w.Alt = leet(form)
	}
	if short, long, ok := stretched(w.Form); ok {
		w.Form, w.Alt = short, long
	}
	f.out = append(f.out, w)
}

// folded is the word under way without case, accents, width and foreign
// look-alikes.
func (f *folder) folded() string {
	plain := true
	for _, r := range f.raw {
		plain = plain && r < 0x80
	}
	if plain {
		return string(f.raw)
	}
	rs := unalike(f.raw, f.latin)
	var b strings.Builder
	for _, r := range rs {
		b.WriteString(letter(r))
	}
	s := b.String()
	if !norm.NFKD.IsNormalString(s) || strings.ContainsFunc(s, unicode.IsUpper) {
		s = norm.NFKD.String(strings.ToLower(norm.NFKC.String(s)))
	}
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unseen(r) {
			return -1
		}
		return r
	}, s)
	if f.arabic(s) {
		s = strings.Map(alikeArabic, s)
	}
	return norm.NFC.String(s) // Korean, which has come apart, is put together again
}

func (f *folder) arabic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x600 && r <= 0x6ff })
}

// unseen says whether a character has no width: marks of direction, joiners,
// soft hyphens, fillers, tags, variation selectors.
func unseen(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x34f, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x3164, r == 0xffa0:
		return true
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0000 && r <= 0xe0fff:
		return true
	default:
		return unicode.Is(unicode.Cf, r)
	}
}

func apostrophe(r rune) bool {
	switch r {
	case '’', '‘', 'ʼ', 'ʹ', '´', '＇', '′', 'ʻ', '‛':
		return true
	default:
		return false
	}
}
