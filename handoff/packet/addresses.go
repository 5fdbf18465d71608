package packet

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// addressEnd is where an address ends whose street ends at a place: behind the
// parts after commas that belong to it ("…, Hinterhaus, 10999 Berlin").
func (s *said) addressEnd(to int) int {
	for _, more := range []string{" bis", " ter"} {
		if strings.HasPrefix(s.body[to:], more) {
			to += len(more)
		}
	}
	for range 3 {
		rest := s.body[to:]
		if !strings.HasPrefix(rest, ", ") {
			return to
		}
		part := rest[2:]
		end := len(part)
		for i, r := range part {
			if strings.ContainsRune(",;!?\n()", r) || r == '.' && (i+1 == len(part) || part[i+1] == ' ' || part[i+1] == '\n') {
				end = i
				break
			}
		}
		part = strings.TrimRight(part[:end], " ")
		if !addressPart(part) || s.dated(to+2, to+2+len(part)) {
			return to
		}
		to += 2 + len(part)
	}
	return to
}

// addressStart is where an address begins whose postcode begins at a place: the
// parts before it that belong to it.
func (s *said) addressStart(from int) int {
	for range 4 {
		before := s.body[:from]
		before, ok := strings.CutSuffix(before, " ")
		if !ok {
			return from
		}
		before = strings.TrimSuffix(before, ",")
		at := strings.LastIndexAny(before, ",;:.!?\n()") + 1
		part := strings.TrimLeft(before[at:], " ")
		if !addressPart(part) || s.dated(len(before)-len(part), len(before)) {
			return from
		}
		from = len(before) - len(part)
	}
	return from
}

// addressPart says whether every word of a part begins with a capital or a
// digit, small words in it aside.
func addressPart(part string) bool {
	fields := strings.Fields(part)
	if len(fields) > 0 {
		switch strings.ToLower(strings.TrimRight(fields[0], ".:")) {
		case "tel", "telefon", "telephone", "phone", "mobile", "mobil", "fax", "handy", "order", "bestellung", "commande", "pedido", "ordine":
			return false
		}
	}
	if len(fields) == 0 || len(fields) > 5 || len(part) > 48 {
		return false
	}
	for i, f := range fields {
		r, _ := utf8.DecodeRuneInString(f)
		switch {
		case unicode.IsUpper(r), unicode.IsDigit(r):
		case i > 0 && len(f) <= 4:
		default:
			return false
		}
	}
	return len(fields) > 1 || len(part) > 2
}

// dated says whether a date lies in a part of the message.
func (s *said) dated(from, to int) bool { return s.has(date, from, to) || s.has(month, from, to) }

// houses are addresses that no street's name shows: a house with a name, a
// postcode of Britain, of Ireland, the Netherlands, Poland or Portugal, a place of
// collection in Chinese, a postcode of five digits with its town.
var houses = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?:\p{Lu}[\pL'’]+ ){1,2}(?:House|Cottage|Farm|Lodge|Barn|Villa|Manor|Court|Hall)\b`),
		regexp.MustCompile(`\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b`),
		regexp.MustCompile(`\b(?:[A-Z]\d[\dW] ?[A-Z\d]{4}|\d{4} [A-Z]{2}(?: \p{Lu}\pL+)?|\d{2}-\d{3} \p{Lu}\pL+|\d{4}-\d{3} \p{Lu}\pL+)\b`),
		regexp.MustCompile(`\p{Han}{2,10}(?:火车站|地铁站|驿站|自提点)`),
		regexp.MustCompile(`\b\d{5} \p{Lu}\pL{2,}\b`),
	}
})

// addresses finds those that no street's name shows.
func (x *reading) addresses(s *said) {
	for i, re := range houses() {
		for _, m := range re.FindAllStringIndex(s.body, 5) {
			from, to := m[0], m[1]
			switch i {
			case 0:
				to = s.addressEnd(to)
			case 1, 2, 4:
				from = s.addressStart(from)
			}
			x.take(s, Address, from, to, 5)
		}
	}
	for _, c := range codesIn(s.body) {
		for _, h := range s.hits[postcodeCue] {
			if h.to <= c.from && s.idle(h.to, c.from, false) && c.digits+c.letters <= 8 && c.digits >= 1 {
				end := c.to
				if r := s.body[end:]; len(r) >= 4 && r[0] == ' ' && inward(r[1:]) {
					end += 4
				}
				x.take(s, Address, c.from, end, 7)
			}
		}
		if v := s.body[c.from:c.to]; c.letters == 2 && c.digits >= 1 && c.digits <= 2 && c.upper && v[1] >= 'A' && v[2] < 'A' && !x.in.Catalogue.knows(v) {
			if i := s.wordAt(c.from); i > 0 && c.from-s.words[i-1].To == 1 && s.body[c.from-1] == ' ' && capital(s.body[s.words[i-1].From:]) && !s.begins(s.words[i-1].From) {
				x.take(s, Address, s.addressStart(s.words[i-1].From), c.to, 4) // "Leeds LS6"
			}
		}
		if v := s.body[c.from:c.to]; c.letters == 2 && c.digits >= 1 && c.digits <= 2 && c.upper && v[1] >= 'A' && v[2] < 'A' && !x.in.Catalogue.knows(v) && s.afterPlace(c.from) {
			x.take(s, Address, c.from, c.to, 4)
		}
	}
}

// pickups finds places of collection: what has a capital behind a word for one.
func (x *reading) pickups(s *said) {
	for _, h := range s.hits[pickup] {
		at := h.to
		for _, small := range []string{" in", " at", " am", " an der", " im", " bei", " de", " di", " du", " em", " no", " na", " bij", " przy", " w", " der", " named", " called", " on"} {
			if strings.HasPrefix(s.body[h.to:], small+" ") {
				at = h.to + len(small)
				break
			}
		}
		from, to := capitalised(s.body, at, 4)
		if from == at+1 && to-from >= 3 && s.nameLike(from, to) && !s.classAt(from) {
			x.take(s, Address, from, s.addressEnd(to), 4)
		}
	}
}

// inward says whether a text begins with the second half of a British postcode.
func inward(s string) bool {
	return s[0] >= '0' && s[0] <= '9' && s[1] >= 'A' && s[1] <= 'Z' && s[2] >= 'A' && s[2] <= 'Z' && (len(s) == 3 || !codeRune(rune(s[3])))
}

// afterPlace says whether a word that a place follows stands right before.
func (s *said) afterPlace(at int) bool {
	i := s.wordAt(at) - 1
	if i < 0 || at-s.words[i].To != 1 {
		return false
	}
	switch s.words[i].Form {
	case "in", "to", "near", "at", "from", "nach", "aus", "en", "a":
		return true
	default:
		return false
	}
}

// wordings finds what is to be engraved: what stands in quotation marks where
// engraving is spoken of.
func (x *reading) wordings(s *said) {
	if !x.speaksOf(engraveCue) {
		return
	}
	for _, h := range s.hits[engraveCue] { // "it should read Happy 40th Dee"
		switch s.words[h.last].Form {
		case "read", "say", "be", "stehen", "lire":
			from, to := s.upToEnd(h.to)
			if to > from && to-from <= 40 {
				x.take(s, Wording, from, to, 4)
			}
		}
	}
	for i := 0; i < len(s.body); {
		r, size := utf8.DecodeRuneInString(s.body[i:])
		i += size
		closing := closes(r)
		if closing == "" || r == '\'' && i >= 2 && s.body[i-2] != ' ' && s.body[i-2] != '\n' { // don't
			continue
		}
		n := strings.IndexAny(s.body[i:], closing)
		if n <= 0 || n > 60 {
			continue
		}
		x.take(s, Wording, i, i+n, 6)
		_, size = utf8.DecodeRuneInString(s.body[i+n:])
		i += n + size
	}
}

// closes are the marks that end what one begins; empty: it begins nothing.
func closes(r rune) string {
	switch r {
	case '"':
		return "\""
	case '\'':
		return "'"
	case '“', '„':
		return "”“\""
	case '«':
		return "»"
	case '‘', '‚':
		return "’‘"
	case '「':
		return "」"
	case '『':
		return "』"
	default:
		return ""
	}
}
