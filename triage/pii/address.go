package pii

import "strings"

// mostAddresses is how many addresses are looked for in a text, by each way of
// writing one.
const mostAddresses = 20

// addresses finds streets with a number, as the ways of writing them in
// company.json have it. A way's first group, where it has one, is the address.
func (f *Finder) addresses(text string, found []Span) []Span {
	if len(text) > longestAddressed {
		text = text[:longestAddressed]
	}
	for _, re := range f.streets {
		for _, m := range re.FindAllStringSubmatchIndex(text, mostAddresses) {
			from, to := m[0], m[1]
			if len(m) >= 4 && m[2] >= 0 {
				from, to = m[2], m[3]
			}
			part := text[from:to]
			to = from + len(strings.TrimRight(part, " \t\r\n,.;"))
			if to > from && !yearOnly(text[from:to]) {
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

// longestAddressed is how much of a text is looked through for addresses, in
// bytes: the expressions are the slowest part, and nobody writes an address
// behind five pages.
const longestAddressed = 16000
