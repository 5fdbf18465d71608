package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// names finds names of people after what says that one follows ("my name is"),
// or at the end of a letter.
func (x *reading) names(s *said) {
	for _, h := range s.hits[nameCue] {
		if h.from > 0 && s.body[h.from-1] == '@' {
			continue
		}
		from, to := capitalised(s.body, h.to, 3)
		if to == from {
			from, to = unspacedName(s.body, h.to)
		}
		if to == from && s.lang == x.m.book.langs["ar"] {
			from, to = s.arabicName(h)
		}
		if to == from {
			from, to = s.introduced(h)
		}
		if to == from {
			from, to = s.smallName(h)
		}
		if to > from && s.nameLike(from, to) {
			x.take(s, Name, from, to, 4)
		}
	}
	x.rung(s)
	x.signed(s)
	x.named(s)
	x.family(s)
	x.pairs(s)
	x.titled(s)
	x.alone(s)
	x.companies(s)
	x.japaneseName(s)
	x.accounts(s)
	x.whole(s)
	x.ending(s)
	x.first(s)
	x.eastern(s)
	x.under(s)
	x.beside(s)
	x.honoured(s)
	x.firms(s)
	x.again(s)
}

// rung finds who is to be rung: a name right before a telephone number, "ring
// Rob on 07700 900118".
func (x *reading) rung(s *said) {
	for _, c := range slices.Clone(x.found) {
		if c.label != Phone {
			continue
		}
		if m := beforeNumber().FindStringSubmatchIndex(s.body[:c.from]); m != nil && s.nameLike(m[2], m[3]) && (strings.Contains(s.body[m[2]:m[3]], " ") || !s.begins(m[2]) || given(s.body[m[2]:m[3]]) || strings.HasSuffix(strings.TrimRight(s.body[:m[2]], " "), ":")) {
			x.take(s, Name, m[2], m[3], 4)
		}
	}
}

// begins says whether a place is where a sentence begins, so that a capital says
// nothing.
func (s *said) begins(at int) bool {
	before := strings.TrimRight(s.body[:at], " ")
	return before == "" || strings.ContainsRune(".!?:;\n…", rune(before[len(before)-1]))
}

var (
	beforeNumber = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[ (])(\p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’-]+){0,2}),?(?: (?:on|at|under|unter|auf|au|al|no|op|pod|nr|tel|Tel\.?))? $`)
	})
	greeting = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[.,!?\n] ?)(\p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’-]+){0,2}) (?:here|speaking|calling|writing)\b`)
	})
	signature = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:\n|[.!?,] ?[-–—] ?|[-–—]{1,2} ?)(\p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’.-]+){0,2})\.?\s*$`)
	})
)

// signed finds the name under a letter, and the one that somebody begins with:
// "Dan Mercer here".
func (x *reading) signed(s *said) {
	if m := greeting().FindStringSubmatchIndex(s.body); m != nil && s.nameLike(m[2], m[3]) {
		x.take(s, Name, m[2], m[3], 4)
	}
	if m := signature().FindStringSubmatchIndex(s.body); m != nil && m[0] > 0 && m[3]-m[2] >= 3 && s.nameLike(m[2], m[3]) && !s.sold(x, m[2], m[3]) {
		x.take(s, Name, m[2], m[3], 3)
	}
}

// pairs takes two or three words with capitals within a sentence, where the
// shop's own articles know neither: a person's name, as a rule. German gives every
// noun a capital, so nothing can be told there.
func (x *reading) pairs(s *said) {
	if s.lang == x.m.book.langs["de"] || x.in.Catalogue == nil {
		return
	}
	for i := 1; i+1 < len(s.words); i++ {
		from := s.words[i].From
		if s.words[i].From-s.words[i-1].To != 1 || s.body[from-1] != ' ' || s.begins(from) || !capital(s.body[from:]) {
			continue
		}
		a, b := capitalised(s.body, from, 3)
		words := strings.Fields(s.body[a:b])
		if a != from || len(words) < 2 || capital(s.body[s.words[i-1].From:]) || !s.nameLike(a, b) || s.sold(x, a, b) ||
			slices.ContainsFunc(words, func(w string) bool {
				return len(w) < 3 || strings.ToUpper(w) == w || x.in.Catalogue.terms[strings.ToLower(w)] || public(w)
			}) {
			continue
		}
		x.take(s, Name, a, b, 2)
		i += len(words) - 1
	}
}

// public says whether a word belongs to names that are no person's: firms,
// places, holidays.
func public(w string) bool {
	switch strings.ToLower(w) {
	case "royal", "mail", "apple", "google", "pay", "amazon", "black", "friday", "bank", "post", "street", "road", "lane", "avenue", "square", "court", "park", "house", "hill", "city", "new", "york", "san", "los", "north", "south", "east", "west", "great", "britain", "united", "kingdom",
		"states", "station", "airport", "hotel", "club", "cafe", "café", "school", "university", "hospital", "church", "centre", "center", "services", "service", "support", "customer", "team", "act", "rights", "consumer", "trading", "standards", "christmas", "easter", "eve", "day", "pro", "mini", "plus", "store", "play", "windows",
		"android", "samsung", "galaxy", "pixel", "iphone", "facebook", "trustpilot", "instagram", "whatsapp", "google maps", "paypal", "klarna", "stripe", "revolut", "monzo", "barclays", "lloyds", "dhl", "evri", "hermes", "dpd", "ups", "fedex", "bizum", "mastercard", "visa", "firefox", "chrome", "safari", "edge", "english", "french", "german", "spanish", "irish", "british", "european", "calle", "rue", "via", "rua", "plaza", "piazza", "avenida", "saint", "santa", "saudi", "hong", "kong", "de", "la", "el", "le", "les", "il", "bay", "beach", "river", "bridge", "green", "town", "county", "district", "ltd", "gmbh":
		return true
	default:
		return false
	}
}

// titled finds names behind a title, with it: "Mrs Aldous".
func (x *reading) titled(s *said) {
	for _, h := range s.hits[title] {
		at := h.to
		if at < len(s.body) && s.body[at] == '.' {
			at++
		}
		from, to := capitalised(s.body, at, 2)
		if to > from && from-at <= 1 && s.nameLike(from, to) && (unicode.IsUpper(firstRune(s.body[h.from:])) || plainTitle(s.words[h.first].Form)) {
			x.take(s, Name, h.from, to, 5)
		}
	}
}

// plainTitle says whether a title is no other word in small letters.
func plainTitle(form string) bool {
	switch form {
	case "mr", "mrs", "ms", "mme", "mlle", "dr", "prof", "sig", "dott", "sra", "srta", "dhr", "mevr", "mevrouw", "frau", "herr", "herrn", "madame", "monsieur", "señora", "señor", "senora", "senor", "signora", "signor", "pani", "dona", "don", "doña", "ing", "avv":
		return true
	default:
		return false
	}
}

// alone finds names that stand alone between signs, in a message that gives
// other particulars: "KW-5171205, Desmond Achebe.".
func (x *reading) alone(s *said) {
	if !slices.ContainsFunc(x.found, func(c candidate) bool {
		return c.label == OrderNumber || c.label == Phone || c.label == Email || c.label == Address || c.label == Serial
	}) {
		return
	}
	from := 0
	for i := 0; i <= len(s.body); i++ {
		if i < len(s.body) && !s.splits(i) {
			continue
		}
		part := s.body[from:i]
		start := from + len(part) - len(strings.TrimLeft(part, " "))
		a, b := capitalised(s.body, start, 3)
		if a == start && b == from+len(strings.TrimRight(part, " ")) && !strings.HasPrefix(s.body[min(i, len(s.body)):], ":") && len(strings.Fields(s.body[a:b])) >= 2 && s.nameLike(a, b) && !s.sold(x, a, b) && !x.ordinaryIn(s, s.body[a:b]) {
			x.take(s, Name, a, b, 4)
		}
		from = i + 1
	}
}

// splits says whether a byte parts what is listed: a comma, a full stop that ends
// something.
func (s *said) splits(i int) bool {
	switch s.body[i] {
	case ',', ';', '\n', ':':
		return true
	case '.':
		return i+1 == len(s.body) || s.body[i+1] == ' ' || s.body[i+1] == '\n'
	default:
		return false
	}
}

// inName says whether a character may stand in a name.
func inName(r rune) bool {
	return unicode.IsLetter(r) || r == '\'' || r == '’' || r == '-' || unicode.Is(unicode.Mn, r)
}

// sold says whether a product's name lies in a part of the message.
func (s *said) sold(x *reading, from, to int) bool {
	return slices.ContainsFunc(x.found, func(c candidate) bool { return c.from < to && from < c.to && c.label != Name })
}

// company is a firm's name, by what stands at its end.
var company = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:\p{Lu}[\pL'’&.-]*(?: (?:&|and|und|et|y|e|of) | )){1,4}(?:\((?:UK|EU|Ireland|Deutschland|France|Europe)\) )?(?:Ltd|Limited|LLP|PLC|Inc|LLC|GmbH|AG|KG|UG|OHG|SARL|SAS|SA|S\.A\.|SL|S\.L\.|Srl|S\.r\.l\.|SpA|BV|B\.V\.|NV|Lda|Sp\. z o\.o\.|sp\. z o\.o\.|s\.c\.|sp\. j\.|e\.K\.|e\.V\.|GbR|KGaA|EIRL|S\.C\.|S\.n\.c\.|Snc|S\.a\.s\.|V\.O\.F\.|VOF|CIC|A\.Ş\.|Ltd\. Şti\.|Co\.)`)
})

func (x *reading) companies(s *said) {
	for _, m := range company().FindAllStringIndex(s.body, 5) {
		if m[1] == len(s.body) || !unicode.IsLetter(firstRune(s.body[m[1]:])) {
			x.take(s, Name, m[0], m[1], 6)
		}
	}
}

// smallName reads a name that was typed without capitals: one to three words up
// to the end of the clause, after a cue that speaks of a name.
func (s *said) smallName(h hit) (from, to int) {
	named, verb := false, false
	for _, w := range s.words[h.first : h.last+1] {
		switch w.Form {
		case "name", "names", "nom", "nombre", "nome", "naam":
			named = true
		case "llamo", "chiamo", "appelle", "heisse", "heet", "nazywam", "adim", "ismim", "chamo", "imie":
			return s.upToEnd(h.to)
		}
	}
	switch s.words[h.last].Form { // "name is"; not the "name" of "my name on the label"
	case "is", "ist", "est", "es", "e", "lautet":
		verb = true
	}
	if !named || !verb {
		return h.to, h.to
	}
	return s.upToEnd(h.to)
}

// upToEnd reads one to three words from a place up to the end of the clause.
func (s *said) upToEnd(at int) (from, to int) {
	rest := s.body[at:]
	if !strings.HasPrefix(rest, " ") {
		return at, at
	}
	end := strings.IndexAny(rest, ",.;!?\n()")
	if end < 0 {
		end = len(rest)
	}
	part := strings.TrimSpace(rest[:end])
	if n := len(strings.Fields(part)); n < 1 || n > 3 || strings.ContainsFunc(part, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" '’-&+", r)
	}) {
		return at, at
	}
	from = at + strings.Index(rest, part)
	return from, from + len(part)
}

// nameLike refuses what stands after "I am" and is no name.
func (s *said) nameLike(from, to int) bool {
	for _, g := range []group{device, weekday, matter, person, fault, nameCue, polite, date, orderCue, not, correct, failed} {
		for _, h := range s.hits[g] {
			if h.from < to && h.to > from {
				return false
			}
		}
	}
	w := s.body[from:to]
	return utf8.RuneCountInString(w) >= 2 && !strings.ContainsAny(w, "0123456789@٠١٢٣٤٥٦٧٨٩") && strings.ToUpper(w) != w || text.Unspaced(firstRune(w)) || unicode.Is(unicode.Arabic, firstRune(w))
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// capitalised reads up to so many words with a capital that begin right after a
// place: blanks, a colon and ends of lines aside.
func capitalised(s string, at, most int) (from, to int) {
	i := at
	for i < len(s) && strings.ContainsRune(" :,\n\r\"", rune(s[i])) && i-at < 4 {
		i++
	}
	from, to = i, i
	for n := 0; n < most && i < len(s); n++ {
		r, _ := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsUpper(r) {
			break
		}
		j := i
		for j < len(s) {
			r, size := utf8.DecodeRuneInString(s[j:])
			if !inName(r) && (r != '.' || j-i != 1) { // J. Whitcombe
				break
			}
			j += size
		}
		word := s[i:j]
		word = strings.TrimRight(word, "'’-")
		for _, end := range []string{"'s", "’s"} {
			if w, ok := strings.CutSuffix(word, end); ok {
				return from, i + len(w)
			}
		}
		to = i + len(word)
		if j >= len(s) || s[j] != ' ' {
			break
		}
		i = j + 1
		for _, p := range []string{"van der ", "van den ", "du ", "des ", "do ", "dos ", "das ", "van de ", "van ", "von ", "de la ", "de ", "da ", "di ", "del ", "el ", "al-", "bin "} {
			if strings.HasPrefix(s[i:], p) && len(s) > i+len(p) && unicode.IsUpper(firstRune(s[i+len(p):])) {
				i += len(p)
				break
			}
		}
	}
	return from, to
}

// places finds names of places after what says that one follows: a word with a
// capital that is nothing else.
func (x *reading) places(s *said) {
	de := s.lang == x.m.book.langs["de"] // every noun has a capital
	for _, h := range s.hits[placeCue] {
		if de && h.first == h.last && !strings.HasPrefix(s.words[h.first].Form, "nach") {
			continue
		}
		from, to := capitalised(s.body, h.to, 2)
		if to-from < 3 || from-h.to != 1 || !s.nameLike(from, to) || s.body[h.to] != ' ' || s.classAt(from) {
			continue
		}
		x.take(s, Place, from, to, 3)
	}
}

// classAt says whether the word at a place is a month or a day.
func (s *said) classAt(at int) bool {
	i := s.wordAt(at)
	return i < len(s.words) && s.words[i].Alt != ""
}
