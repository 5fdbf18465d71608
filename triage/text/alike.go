package text

import "unicode"

// lookalike is the Latin letter that a letter of another script looks like, in
// lower case; 0 where there is none. Only letters that are hard to tell apart
// in usual typefaces stand here.
func lookalike(r rune) rune {
	if r < 0x250 {
		return 0
	}
	switch r {
	// Cyrillic
	case 'а', 'А':
		return 'a'
	case 'е', 'Е', 'ё':
		return 'e'
	case 'о', 'О':
		return 'o'
	case 'р', 'Р':
		return 'p'
	case 'с', 'С':
		return 'c'
	case 'у', 'У', 'ү', 'Ү':
		return 'y'
	case 'х', 'Х':
		return 'x'
	case 'і', 'І', 'ӏ', 'Ӏ':
		return 'i'
	case 'ј', 'Ј':
		return 'j'
	case 'ѕ', 'Ѕ':
		return 's'
	case 'ԁ':
		return 'd'
	case 'һ', 'Һ':
		return 'h'
	case 'ԛ':
		return 'q'
	case 'ԝ':
		return 'w'
	case 'к', 'К':
		return 'k'
	case 'М', 'м':
		return 'm'
	case 'Т', 'т':
		return 't'
	case 'В':
		return 'b'
	case 'Н':
		return 'h'
	case 'п':
		return 'n'
	// Greek
	case 'α', 'Α':
		return 'a'
	case 'ο', 'Ο', 'σ':
		return 'o'
	case 'ρ', 'Ρ':
		return 'p'
	case 'ε', 'Ε':
		return 'e'
	case 'ι', 'Ι':
		return 'i'
	case 'κ', 'Κ':
		return 'k'
	case 'ν':
		return 'v'
	case 'τ', 'Τ':
		return 't'
	case 'υ':
		return 'u'
	case 'χ', 'Χ':
		return 'x'
	case 'γ', 'Υ':
		return 'y'
	case 'η':
		return 'n'
	case 'Η':
		return 'h'
	case 'Β':
		return 'b'
	case 'Μ':
		return 'm'
	case 'Ν':
		return 'n'
	case 'Ζ':
		return 'z'
	// small capitals and their like, which no compatibility form undoes
	case 'ᴀ', 'ɑ':
		return 'a'
	case 'ʙ':
		return 'b'
	case 'ᴄ':
		return 'c'
	case 'ᴅ':
		return 'd'
	case 'ᴇ':
		return 'e'
	case 'ꜰ':
		return 'f'
	case 'ɢ', 'ɡ':
		return 'g'
	case 'ʜ':
		return 'h'
	case 'ɪ':
		return 'i'
	case 'ᴊ':
		return 'j'
	case 'ᴋ':
		return 'k'
	case 'ʟ':
		return 'l'
	case 'ᴍ':
		return 'm'
	case 'ɴ':
		return 'n'
	case 'ᴏ':
		return 'o'
	case 'ᴘ':
		return 'p'
	case 'ʀ':
		return 'r'
	case 'ꜱ':
		return 's'
	case 'ᴛ':
		return 't'
	case 'ᴜ':
		return 'u'
	case 'ᴠ':
		return 'v'
	case 'ᴡ':
		return 'w'
	case 'ʏ':
		return 'y'
	case 'ᴢ':
		return 'z'
	default:
		return 0
	}
}

// unalike makes Latin letters of those that only look like them: in a word that
// has Latin letters too, or in a Latin text a word that consists of nothing
// else. Cyrillic and Greek words that are meant stay as they are.
func unalike(rs []rune, latinText bool) []rune {
	latin, alike, other := 0, 0, 0
	for _, r := range rs {
		switch {
		case lookalike(r) != 0:
			alike++
			if unicode.Is(unicode.Latin, r) { // a small capital
				latin++
			}
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.IsLetter(r):
			other++
		}
	}
	if alike == 0 || other > 0 || latin == 0 && !latinText {
		return rs
	}
	out := make([]rune, len(rs))
	for i, r := range rs {
		if l := lookalike(r); l != 0 {
			r = l
		}
		out[i] = r
	}
	return out
}

// letter is a Latin letter whose other spelling no Unicode form brings together.
func letter(r rune) string {
	switch r {
	case 'İ', 'I', 'ı':
		return "i"
	case 'ł', 'Ł':
		return "l"
	case 'ø', 'Ø':
		return "o"
	case 'đ', 'Đ':
		return "d"
	case 'ß', 'ẞ':
		return "ss"
	case 'æ', 'Æ':
		return "ae"
	case 'œ', 'Œ':
		return "oe"
	default:
		return string(r)
	}
}

func alikeArabic(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ی':
		return 'ي'
	case 'ک':
		return 'ك'
	case 'ة':
		return 'ه'
	case 'ـ':
		return -1
	default:
		return r
	}
}

// Digit is the value of a decimal digit of any script: Unicode keeps each
// script's ten together, and every block of them begins at a zero.
func Digit(r rune) (int, bool) {
	if r >= '0' && r <= '9' {
		return int(r - '0'), true
	}
	if r < 0x660 || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	if r >= 0x1D7CE && r <= 0x1D7FF { // mathematical digits: five alphabets in a row
		return int(r-0x1D7CE) % 10, true
	}
	zero := r
	for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
		zero--
	}
	return int(r - zero), true
}

// leet reads digits and signs that stand for letters. Only those between
// letters do, and at the ends of a word that has one there: codes and products
// (K2, mp3, usb3, iphone15, 3months) keep their digits.
func leet(w string) (form, alt string) {
	letters, inside := 0, false
	for i := range len(w) {
		switch {
		case w[i] >= 'a' && w[i] <= 'z':
			letters++
		case w[i] >= 0x80:
			return w, ""
		case i > 0 && i < len(w)-1 && alpha(w[i-1]) && (alpha(w[i+1]) || i < len(w)-2 && alpha(w[i+2])):
			inside = true
		}
	}
	if !inside || letters < 2 || len(w) < 4 || letters*2 < len(w) {
		return w, ""
	}
	first, second := []byte(w), []byte(w)
	for i := range first {
		switch w[i] {
		case '0':
			first[i] = 'o'
		case '1', '!', '|':
			first[i] = 'i'
			second[i] = 'l'
			continue
		case '3':
			first[i] = 'e'
		case '4', '@':
			first[i] = 'a'
		case '5', '$':
			first[i] = 's'
		case '7':
			first[i] = 't'
		case '8':
			first[i] = 'b'
		case '9':
			first[i] = 'g'
		case '2', '6':
			return w, "" // nobody's letters: a code
		}
		second[i] = first[i]
	}
	if string(first) == string(second) {
		return string(first), w
	}
	return string(first), string(second)
}

func alpha(c byte) bool { return c >= 'a' && c <= 'z' }

// stretched takes letters that were held down out: sooo, heeelp, coool. Twice
// is the language's own.
func stretched(w string) (short, long string, ok bool) {
	run, most := 0, 0
	for i := range len(w) {
		if i > 0 && w[i] != w[i-1] || !alpha(w[i]) {
			run = 0
		}
		run++
		most = max(most, run)
	}
	if most < 3 {
		return "", "", false
	}
	var one, two []byte
	for i := 0; i < len(w); {
		n := 1
		for i+n < len(w) && w[i+n] == w[i] {
			n++
		}
		keep := n
		if n >= 3 && alpha(w[i]) {
			keep = 1
		}
		for range keep {
			one, two = append(one, w[i]), append(two, w[i])
		}
		if keep < n {
			two = append(two, w[i])
		}
		i += n
	}
	return string(one), string(two), true
}
