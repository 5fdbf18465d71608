package pii

// ibans finds account numbers: two letters, two digits, then letters and digits
// to the country's length, blanks or dashes between groups, with the check of
// ISO 7064.
func (f *Finder) ibans(text string, found []Span) []Span {
	for i := 0; i+4 < len(text); i++ {
		if !asciiLetter(text[i]) || !asciiLetter(text[i+1]) || !asciiDigit(text[i+2]) || i > 0 && asciiAlnum(text[i-1]) {
			continue
		}
		length := f.iban[string([]byte{text[i] &^ 0x20, text[i+1] &^ 0x20})]
		if length == 0 {
			continue
		}
		if to, ok := ibanAt(text, i, length); ok {
			found = append(found, Span{IBAN, i, to})
			i = to - 1
		}
	}
	return found
}

func ibanAt(text string, from, length int) (to int, ok bool) {
	number := make([]byte, 0, length)
	for i := from; i < len(text); i++ {
		c := text[i]
		switch {
		case asciiAlnum(c):
			if c >= 'a' {
				c -= 'a' - 'A'
			}
			number = append(number, c)
			if len(number) == length {
				if i+1 < len(text) && asciiAlnum(text[i+1]) {
					return 0, false
				}
				return i + 1, mod97(number)
			}
		case (c == ' ' || c == '-' || c == '.') && i+1 < len(text) && asciiAlnum(text[i+1]) && len(number) >= 2:
		default:
			return 0, false
		}
	}
	return 0, false
}

// mod97 is the check of ISO 7064: the first four characters moved to the end,
// letters as 10 to 35, the remainder by 97 is 1.
func mod97(n []byte) bool {
	rest := 0
	for i := range n {
		c := n[(i+4)%len(n)]
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

func asciiLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func asciiDigit(c byte) bool  { return c >= '0' && c <= '9' }
func asciiAlnum(c byte) bool  { return asciiLetter(c) || asciiDigit(c) }
