package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"frontdesk/triage/text"
)

// dozens takes numbers of things that have words of their own: "half a dozen",
// "une douzaine", "un par", "半ダース"; a pair only where things are bought or
// follow, for a pair of hours is none.
func (x *reading) dozens(s *said) {
	if !s.mentions("doz", "dutz", "douz", "diz", "quinz", "vingt", "trent", "docen", "decen", "veinten", "decin", "ventin", "quindicin", "úzi", "dezen", "vinten", "tiental", "tuzin", "düzine", "درز", "دزين", "دست", "ダース", "打", "对", "双", "pair", "couple", "brace", "par", "paio", "çift", "زوج") {
		return
	}
	for _, m := range dozen().FindAllStringSubmatchIndex(s.body, 10) {
		if next := s.wordAt(m[3]); next < len(s.words) && s.words[next].Alt == unitClass {
			continue // dozens of weeks
		}
		x.take(s, Quantity, m[2], m[3], 4)
	}
	for _, m := range easternDozen().FindAllStringIndex(s.body, 10) {
		if len(s.hits[bought]) > 0 || len(s.hits[orderCue]) > 0 {
			x.take(s, Quantity, m[0], m[1], 4)
		}
	}
	for _, m := range couple().FindAllStringSubmatchIndex(s.body, 10) {
		last := s.wordAt(m[3]) - 1
		next := last + 1
		if last < 0 || next >= len(s.words) || s.lastingWord(next) || next+1 < len(s.words) && joining(s.words[next].Form) && s.lastingWord(next+1) {
			continue
		}
		if x.further(s, last) || s.boughtNear(s.wordAt(m[2]), last) {
			x.take(s, Quantity, m[2], m[3], 4)
		}
	}
}

var (
	dozen = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])((?:half a|a half|one|two|three|four|five|a|another|\d{1,2}) dozen` +
			`|(?:ein |'n )?halbes dutzend|(?:ein|zwei|drei|zwo|\d{1,2}) dutzend` +
			`|(?:une )?demi-douzaine|(?:une|deux|trois) (?:douzaine|dizaine|quinzaine|vingtaine|trentaine)s?` +
			`|media docena|(?:una|dos|tres) docenas?|una (?:decena|veintena)` +
			`|mezza dozzina|(?:una|due|tre) dozzin[ae]|una (?:decina|ventina|quindicina)` +
			`|meia dúzia|(?:uma|duas|três) dúzias?|uma (?:dezena|vintena)` +
			`|(?:een )?half dozijn|(?:een|twee|drie) dozijn|een (?:tiental|twintigtal)` +
			`|pół tuzina|(?:dwa |trzy )?tuziny?` +
			`|yarım düzine|(?:bir|iki|üç|\d{1,2}) düzine` +
			`|نصف (?:درزن|دزينة|دستة|دزينه)|درزن|دزينة|درزنين|دزينتين|دستة` +
			`)(?:$|[^\pL\pN])`)
	})
	easternDozen = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:半|[一二三四1-9１-９])ダース|半打|[一两二三]打|[一两二三](?:对|双)`)
	})
	couple = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])((?:a|one|another|the) pair of|(?:a|another) couple(?: of)?|a brace of|une paire|un par|un paio|um par|parę|parkę|bir çift|زوج)(?:$|[^\pL\pN])`)
	})
)

// lastingWord says whether a word is a time's or a measure's, or tells of what is
// not sold: a couple of days, a pair of tries.
func (s *said) lastingWord(i int) bool {
	w := s.words[i]
	if w.Alt == unitClass || s.hasFrom(measure, i) || s.hasFrom(currency, i) {
		return true
	}
	switch w.Form {
	case "times", "tries", "attempts", "questions", "things", "issues", "problems", "calls", "emails", "messages", "people", "photos", "pictures", "hundred", "thousand", "veces", "cosas", "preguntas", "volte", "cose", "domande", "vezes", "coisas", "perguntas", "fois", "choses", "razy", "spraw", "rzeczy", "pytań", "keer", "dingen", "vragen", "mal", "male", "fragen", "sachen":
		return true
	default:
		return false
	}
}

// joining says whether a word stands between a number and its things.
func joining(form string) bool {
	switch form {
	case "of", "de", "d", "di", "von", "van", "the", "those", "these", "more", "weitere", "autres", "altri", "mas", "mais":
		return true
	default:
		return false
	}
}

// boughtNear says whether a word of buying or sending stands in the clause of a
// number: up to five words before it, or up to four behind.
func (s *said) boughtNear(first, last int) bool {
	for i := first; i > 0 && first-i < 5; i-- {
		if s.parted(i - 1) {
			break
		}
		if s.hasAt(bought, i-1) {
			return true
		}
	}
	for i := last; i+1 < len(s.words) && i-last < 4; i++ {
		if s.parted(i) {
			break
		}
		if s.hasFrom(bought, i+1) {
			return true
		}
	}
	return false
}

// parted says whether a sign stands behind a word that ends a clause.
func (s *said) parted(i int) bool {
	return strings.ContainsAny(s.body[s.words[i].To:s.words[i+1].From], ",.;:!?()\n。、，；：！？،؛")
}

// noun says whether a word may be a thing that is counted, where buying is spoken
// of: no time, no measure, no word that only joins.
func (s *said) noun(i int) bool {
	w := s.words[i]
	return w.Alt == "" && !s.lastingWord(i) && !s.verbLike(i) && !clock(w.Form) && len(w.Form) >= 3 &&
		unicode.IsLetter(firstRune(s.body[w.From:])) && s.lang.single[w.Form]&(1<<filler) == 0
}

// clock says whether a word makes the number before it a time of day, or a part
// of something that is counted on.
func clock(form string) bool {
	switch form {
	case "uhr", "oclock", "clock", "noon", "pm", "am", "hrs", "heures", "horas", "saat", "uur", "ore", "godz", "star", "stars", "sterne", "years", "working", "business", "percent", "prozent", "people", "persons", "personen", "personnes", "personas", "persone", "pessoas", "kinder", "kids", "children", "werktage", "werktagen", "jours", "hours", "different", "or", "other", "others", "times", "iş", "is", "gunu", "mal", "fach", "main", "per",
		"stelle", "stellen", "ziffern", "digits", "chiffres", "cifras", "cifre", "dígitos", "digitos", "cijfers", "cyfry", "cyfr", "letters", "steps", "lines", "lights", "leds", "lampen", "blinks", "beeps":
		return true
	default:
		return false
	}
}

// counter is where the classifier ends that a number's word has behind it, where
// one writes both together or in a short form: "3 szt.", "iki tane", "zwei Kilo",
// "一台".
func (s *said) counter(i int) int {
	to := s.words[i].To
	if i+1 >= len(s.words) || s.words[i+1].From-to > 1 {
		return to
	}
	w := s.words[i+1]
	if text.Unspaced(firstRune(s.body[w.From:])) {
		for _, c := range []string{"セット", "パック", "ケース", "個", "台", "箱", "枚", "本", "袋", "缶", "足", "キロ", "件", "盒", "包", "瓶", "套", "罐", "张", "公斤", "个", "つ", "点", "組", "客", "通", "只"} {
			if strings.HasPrefix(s.body[w.From:], c) {
				return w.From + len(c)
			}
		}
		return to
	}
	switch w.Form {
	case "szt", "stk", "kilo", "kilos", "kg", "tane", "adet", "pcs", "uds", "pz", "st", "stuck", "stueck", "stuks", "sztuk", "sztuki", "pezzi", "piezas", "unidades":
		return w.To
	default:
		return to
	}
}

// outOf takes the number that another one is a part of: "two of the four mugs",
// "drei von fünf", "tre su dieci".
func (x *reading) outOf(s *said) {
	for _, c := range slices.Clone(x.found) {
		if c.label != Quantity {
			continue
		}
		first := s.wordAt(c.to)
		for k := first; k+1 < len(s.words) && k < first+4 && !s.parted(max(k-1, 0)); k++ {
			if k > 0 && s.words[k].From-s.words[k-1].To > 1 {
				break
			}
			switch s.words[k].Form {
			case "of", "von", "der", "sur", "su", "de", "van", "z", "ze", "من", "dos", "das", "delle", "dei":
			default:
				continue
			}
			n := k + 1
			if n < len(s.words) && joining(s.words[n].Form) {
				n++
			}
			if n >= len(s.words) || !s.counts(n) || s.counted(s.words[n].To) || x.article(s, s.words[n]) || s.words[n].Alt == yearClass {
				continue
			}
			if d, _ := digits(s.body[s.words[n].From:s.words[n].To]); d <= 2 && (n+1 >= len(s.words) || !s.lastingWord(n+1) && s.words[n+1].Alt == "") {
				x.take(s, Quantity, s.words[n].From, s.words[n].To, 3)
			}
			break
		}
	}
}
