package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"frontdesk/triage/text"
)

// counted says whether what stands right after a number makes it a quantity, a
// duration or a sum.
func (s *said) counted(to int) bool {
	i := s.wordAt(to)
	if i > 0 && i < len(s.words) && s.words[i-1].To == to {
		if n, tail := digits(s.body[s.words[i-1].From:to]); n >= 6 && tail == "" {
			return strings.ContainsRune(signs, firstRune(strings.TrimLeft(s.body[to:], " \u00a0")+" ")) || s.hasFrom(currency, i)
		}
	}
	if i >= len(s.words) || s.words[i].From-to > 3 || strings.TrimLeft(s.body[to:s.words[i].From], " -\u00a0") != "" {
		rest := strings.TrimLeft(s.body[to:], " ")
		return rest != "" && strings.ContainsRune(signs+"%°″", firstRune(rest))
	}
	w := s.words[i]
	if w.Alt == unitClass || w.Alt == monthClass {
		return true
	}
	for _, g := range []group{currency, measure, piece} {
		for _, h := range s.hits[g] {
			if h.from == w.From {
				return true
			}
		}
	}
	return false
}

// quantities finds how many of a thing there are: a number before a thing that
// is sold.
func (x *reading) quantities(s *said) {
	for i, w := range s.words {
		if dual(w.Form) {
			x.take(s, Quantity, w.From, w.To, 3)
		}
		if !s.counts(i) {
			continue
		}
		to := s.counter(i)
		if x.article(s, w) && !x.onlyOne(s, i) && (to == w.To || !text.Unspaced(firstRune(s.body[w.From:])) || strings.HasSuffix(s.body[:to], "个") || !s.boughtNear(i, i) && len(s.hits[bought]) == 0) {
			continue
		}
		if i+1 >= len(s.words) {
			if x.short(s, i) {
				x.take(s, Quantity, w.From, w.To, 3)
			}
			continue
		}
		next := s.words[i+1]
		if w.From > 0 && strings.ContainsRune(".:/-,", rune(s.body[w.From-1])) || i > 0 && w.From-s.words[i-1].To == 1 && capital(s.body[s.words[i-1].From:]) && !s.begins(s.words[i-1].From) {
			continue // a part of another number, or of a name: Route 66
		}
		if x.short(s, i) {
			x.take(s, Quantity, w.From, to, 3)
			continue
		}
		if next.From-w.To > 2 || strings.ContainsAny(s.body[w.To:next.From], ".,;:/") {
			continue
		}
		thing := x.further(s, i) || slices.ContainsFunc(x.found, func(c candidate) bool { return c.label == Product && c.from == next.From })
		thing = thing || s.boughtBefore(i) && next.Alt == "" && !s.counted(w.To) && unicode.IsLetter(firstRune(s.body[next.From:]))
		thing = thing || to > w.To && (s.boughtNear(i, i+1) || slices.ContainsFunc(x.found, func(c candidate) bool { return c.label == Product && c.to <= w.From && w.From-c.to <= 20 }))
		thing = thing || !s.counted(w.To) && s.noun(i+1) && s.boughtNear(i, i+1)
		thing = thing || s.lang.thing(next.Form)
		for _, g := range []group{piece, device} {
			thing = thing || slices.ContainsFunc(s.hits[g], func(h hit) bool { return h.from == next.From })
		}
		if thing {
			x.take(s, Quantity, s.runStart(i), to, 3)
		}
	}
	x.dozens(s)
	x.weighed(s)
	x.persons(s)
	x.outOf(s)
}

// runStart is where a number in words begins that ends with a word: "twenty five",
// "三十".
func (s *said) runStart(i int) int {
	for i > 0 && s.counts(i-1) && s.words[i].From-s.words[i-1].To <= 1 && s.words[i].Alt != yearClass {
		if n, _ := digits(s.body[s.words[i-1].From:s.words[i-1].To]); n > 0 {
			break
		}
		if gap := s.body[s.words[i-1].To:s.words[i].From]; gap != "" && gap != " " && gap != "-" {
			break
		}
		i--
	}
	return s.words[i].From
}

// boughtBefore says whether a word of buying or sending stands right before a
// number: "ordered 12 …".
func (s *said) boughtBefore(i int) bool {
	return slices.ContainsFunc(s.hits[bought], func(h hit) bool { return h.last < i && i-h.last <= 2 && s.words[i].From-h.to <= 12 })
}

// article says whether a number's word is the indefinite article, or no number
// of things: "one", "a few".
func (x *reading) article(s *said, w text.Word) bool {
	raw := s.body[w.From:w.To]
	if n, _ := digits(raw); n > 0 {
		return n > 3
	}
	switch w.Form {
	case "one", "ein", "eine", "einen", "einem", "einer", "un", "une", "una", "uno", "um", "uma", "een", "bir", "half", "several", "few", "couple", "paar",
		"some", "一", "数", "几", "半", "um par", "quelques", "unos", "unas", "uns", "umas", "alcuni", "alcune", "qualche", "kilka", "kilku", "pare", "paru":
		return true
	default:
		return false
	}
}

// further says whether a thing that is sold follows a number after a word or two:
// "two of the K2", "4 large black mugs", "6 x Mill 60".
func (x *reading) further(s *said, i int) bool {
	if i < 0 || i >= len(s.words) || s.counted(s.words[i].To) {
		return false
	}
	for k := i + 1; k < len(s.words) && k <= i+4; k++ {
		w := s.words[k]
		if w.From-s.words[k-1].To > 2 || strings.ContainsAny(s.body[s.words[k-1].To:w.From], ".,;:!?\n") {
			return false
		}
		if slices.ContainsFunc(x.found, func(c candidate) bool { return c.label == Product && c.from == w.From }) {
			return true
		}
		for _, g := range []group{piece, device} {
			if slices.ContainsFunc(s.hits[g], func(h hit) bool { return h.from == w.From }) {
				return true
			}
		}
		if k == i+4 || w.Alt != "" || capital(s.body[w.From:]) || s.verbLike(k) {
			return false
		}
	}
	return false
}

// verbLike says whether a word ends what a number counts: what follows it belongs
// to something else.
func (s *said) verbLike(k int) bool {
	switch s.words[k].Form {
	case "is", "are", "was", "were", "on", "in", "at", "to", "for", "with", "and", "or", "but", "not", "auf", "am", "an", "mit", "und", "oder", "ist", "sind", "im", "sur", "avec", "et", "ou", "est", "sont", "dans", "en", "con", "y", "o", "es", "son", "su", "e", "sono", "nel", "com", "no", "na", "sao", "op", "met", "zijn", "w", "z", "i", "lub", "sa", "ve", "veya", "ile":
		return true
	default:
		return false
	}
}

// short says whether a number stands for how many there are without its thing:
// "make it five", "only three in the box", "drei bestellt".
func (x *reading) short(s *said, i int) bool {
	w := s.words[i]
	if n, _ := digits(s.body[w.From:w.To]); n > 2 || s.counted(w.To) || i > 0 && w.From > 0 && strings.ContainsRune(".:/-,#€$£", rune(s.body[w.From-1])) {
		return false
	}
	if s.hasAt(instead, i-1) && (i+1 >= len(s.words) || s.words[i+1].Alt == "") {
		return true
	}
	end := i+1 >= len(s.words) || strings.ContainsAny(s.body[w.To:s.words[i+1].From], ".,;!?)\n")
	if !end {
		next := s.words[i+1]
		if strings.TrimSpace(s.body[w.To:next.From]) != "" {
			return false
		}
		if s.hasFrom(bought, i+1) || s.hasFrom(instead, i+1) {
			return true
		}
		if i > 0 && s.words[i-1].Form == "the" && (next.Form == "i" || next.Form == "we" || next.Form == "you" || next.Form == "that") {
			return true // "the two I got"
		}
		if stays(next.Form) && slices.ContainsFunc(x.found, func(c candidate) bool { return c.label == Quantity }) {
			return true // "four of them, two are chipped"
		}
		switch next.Form {
		case "in", "left", "came", "arrived", "not", "instead", "turned", "now", "da", "angekommen", "gekommen", "statt", "arrives", "arrivees", "dans", "au", "llegaron", "arrivati", "invece", "chegaram", "gekregen", "przyszlo", "geldi":
		default:
			return false
		}
	}
	for back := 1; back <= 2 && i-back >= 0; back++ {
		p := s.words[i-back]
		if strings.ContainsAny(s.body[p.To:s.words[i-back+1].From], ".,;:!?\n") {
			return false
		}
		if s.hasAt(bought, i-back) || makes(s, i-back) {
			return true
		}
	}
	return false
}

// onlyOne says whether a word for one counts: "only one turned up".
func (x *reading) onlyOne(s *said, i int) bool {
	switch s.words[i].Form {
	case "one", "uno", "una", "eins", "eine", "einen", "un", "une", "um", "uma", "een", "jeden", "jedna", "bir":
		return i > 0 && makes(s, i-1) && x.short(s, i)
	default:
		return false
	}
}

// hasFrom says whether a phrase of a group begins with a word.
func (s *said) hasFrom(g group, word int) bool {
	return slices.ContainsFunc(s.hits[g], func(h hit) bool { return h.first == word })
}

// makes says whether a word says that a number follows of how many there are, or
// are to be.
func makes(s *said, i int) bool {
	switch s.words[i].Form {
	case "it", "that":
		return i > 0 && s.words[i-1].Form == "make"
	case "only", "just", "meant", "nur", "bloss", "lediglich", "seulement", "solo", "soltanto", "apenas", "maar", "slechts", "tylko", "sadece", "فقط":
		return true
	default:
		return false
	}
}

// times are numbers before or behind the sign for so many of a thing: 2x Mill 60.
func (x *reading) times(s *said) {
	for _, m := range timesSign().FindAllStringSubmatchIndex(s.body, 10) {
		if m[2] > 0 && codeRune(rune(s.body[m[2]-1])) {
			continue
		}
		x.take(s, Quantity, m[2], m[3], 3)
	}
	for _, m := range timesSmall().FindAllStringSubmatchIndex(s.body, 10) {
		if i := s.wordAt(m[3]); x.further(s, i-1) || x.further(s, i) {
			x.take(s, Quantity, m[2], m[3], 3)
		}
	}
	for _, m := range timesBehind().FindAllStringSubmatchIndex(s.body, 10) {
		x.take(s, Quantity, m[2], m[3], 3)
	}
}

var timesSign = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL\pN.,:/-])(\d{1,3}) ?(?:[x×*]|mal|fois|veces) ?(?:\p{Lu}|the |die |den |le |la |el )`)
})

// timesSmall are numbers before the sign and small letters: 2x de T2; of a thing, if
// one follows, for "3x tried" is how often.
var timesSmall = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL\pN.,:/-])(\d{1,2}) ?[x×] ?\p{Ll}`)
})

// timesBehind are numbers behind the sign: kettle x2.
var timesBehind = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\pL ?[x×] ?(\d{1,2})(?:$|[^\pL\pN.,:])`)
})

// stays says whether a word tells what became of so many of them.
func stays(form string) bool {
	switch form {
	case "are", "were", "have", "had", "arrived", "came", "broke", "died", "work", "sind", "waren", "kamen", "haben", "gehen", "sont", "etaient", "marchent", "fonctionnent", "son", "estan", "eran", "funcionan", "han", "sono", "erano", "funzionano", "hanno", "sao", "estao", "eram", "funcionam", "vieram", "zijn", "werken", "kwamen", "sa", "byly", "dzialaja", "przyszly", "tanesi", "geldi":
		return true
	default:
		return false
	}
}

// dual says whether an Arabic word says of a thing that there are two.
func dual(form string) bool {
	switch form {
	case "كيسين", "علبتين", "كيسان", "علبتان", "قطعتان", "غلايتان", "جهازان", "صندوقان", "زجاجتان", "مطحنتان", "فلتران", "كوبان", "حبتان", "نسختان", "عبوتان", "طقمين", "كرتونين", "كرتونتين", "بكيتين", "باكيتين", "مقعدين", "مقعدان", "قطعتين", "غلايتين", "جهازين", "صندوقين", "زجاجتين", "مطحنتين", "فلترين", "كوبين", "حبتين", "نسختين", "ماكينتين", "طردين", "عبوتين", "محمصتين", "خلاطين", "ميزانين":
		return true
	default:
		return false
	}
}
