package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// weighed takes weights of what is sold by weight, where it is bought or named
// behind: "half a kilo of Cinder", "ein Kilo Cinder", "500グラム". A dose is none:
// grams count from a hundred on.
func (x *reading) weighed(s *said) {
	if !s.mentions("kil", "kg", "fund", "pound", "livre", "chil", "etto", "quil", "pond", "كيلو", "グラム", "キロ", "斤", "克") && (!s.figured() || !s.mentions("0g", "5g", "0 g", "5 g")) {
		return
	}
	for _, m := range weight().FindAllStringSubmatchIndex(s.body, 6) {
		from, to := m[2], m[3]
		if from < 0 {
			from, to = m[4], m[5]
		}
		first, next := s.wordAt(from), s.wordAt(to)
		if n, _ := digits(s.body[from:to]); first >= len(s.words) || n == 0 && strings.Count(s.body[from:to], " ") == 1 && !s.counts(first) && !halved(s.words[first].Form) {
			continue
		}
		sold := first < len(s.words) && next > 0 && s.boughtNear(first, max(first, next-1))
		for _, c := range x.found {
			sold = sold || c.label == Product && c.from >= to && s.wordAt(c.from)-next <= 3 && c.from-to <= 30
		}
		eastern := text.Unspaced(lastRune(s.body[:to]))
		if sold || eastern && (len(s.hits[bought]) > 0 || slices.ContainsFunc(x.found, func(c candidate) bool { return c.label == Product })) {
			x.take(s, Quantity, from, to, 5)
		}
	}
}

// halved says whether a word before a weight is a part of one, or the article.
func halved(form string) bool {
	switch form {
	case "a", "one", "another", "half", "ein", "halbes", "anderthalb", "un", "une", "medio", "cuarto", "mezzo", "meio", "um", "een", "anderhalve", "pol", "pół", "cwierc", "yarim", "bir", "نصف", "ربع":
		return true
	default:
		return false
	}
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

var weight = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\pL\pN.,])((?:\pL{2,6}|\d{1,2}) (?:kilos?|kg|quilos|chili)|half a kilo|(?:a|one|another) (?:kilo|pound)|[1-9]\d{2,3} ?(?:g|gr|grams?|gramm|grammes?|gramos|grammi|gramas|gramów)|[1-9]\d?(?:[.,]\d)? ?(?:kg|kilos?)` +
		`|(?:ein|ein halbes|halbes|anderthalb|ein viertel) (?:kilo|pfund)|un (?:demi-)?kilo(?: et demi)?|une livre|medio kilo|un kilo(?: y medio)?|kilo y medio|cuarto de kilo` +
		`|mezzo chilo|un chilo(?: e mezzo)?|un etto|meio quilo|um quilo(?: e meio)?|(?:een halve|een|anderhalve) kilo|een (?:half )?pond|pół kilo|ćwierć kilo|(?:yarım|bir|bir buçuk) kilo|نصف كيلو|ربع كيلو|كيلو ونصف)(?:$|[^\pL\pN])` +
		`|((?:[1-9]\d{2,3}|[1-9１-９][０-９]{2}|[一二三五]百)(?:グラム|g|克)|(?:半|[一二两三四五1-9])(?:キロ|公斤|斤|千克))`)
})

// persons takes how many come to what was booked, and other numbers of things that
// small phrases tell of: "party of nine", "on est 6", "one of each", "5 not 4".
func (x *reading) persons(s *said) {
	for _, of := range []struct {
		re    *regexp.Regexp
		words []string
	}{
		{heads(), []string{" of ", "people", "person", "adult", "attendees", "guests", "leute", "teilnehmer", "participant", "plazas", "partecipanti", "pessoas", "mensen", "deelnemers", "osób", "osoby", "uczestnik", "kişi", "أشخاص", "اشخاص", "مقاعد", "sommes", "on est", "on sera", "wir sind", "siamo", "saremo", "somos", "seremos", "we are", "we're", "there are", "zijn met", "jest nas", "biz", "chaque", "cada", "ciascun", "van elk", "von jede", "jeweils", "po ", "名", "人分", "个人", "位"}},
		{between(), []string{" not ", " nicht ", " non ", " no ", " pas ", " não ", " niet ", " nie "}},
		{columns(), []string{"qty", "quantity", "items", "anzahl", "menge", "zahl", "qté", "qte", "quantité", "nombre", "cantidad", "cant", "unidades", "quantità", "tà", "quantidade", "qtd", "aantal", "ilość", "liczba", "miktar", "adet", "sayı", "العدد", "الكمية", "عدد", "数", "x", "×"}},
	} {
		if !s.mentions(of.words...) {
			continue
		}
		for _, m := range of.re.FindAllStringSubmatchIndex(s.body, 6) {
			for k := 2; k+1 < len(m); k += 2 {
				if m[k] >= 0 && s.small(m[k], m[k+1]) {
					x.take(s, Quantity, m[k], m[k+1], 3)
				}
			}
		}
	}
	for _, h := range s.hits[instead] {
		after := h.last + 1
		if after < len(s.words) && !s.counts(after) {
			after++
		}
		if after >= len(s.words) || !s.counts(after) || s.counted(s.words[after].To) || s.words[after].Alt == yearClass {
			continue
		}
		for before := h.first - 1; before >= 0 && h.first-before <= 6; before-- {
			if s.counts(before) && !s.counted(s.words[before].To) && s.small(s.words[before].From, s.words[before].To) && s.small(s.words[after].From, s.words[after].To) {
				x.take(s, Quantity, s.words[before].From, s.words[before].To, 3)
				x.take(s, Quantity, s.words[after].From, s.words[after].To, 3)
				break
			}
		}
	}
}

// small says whether a part is a number of one or two digits, or one in words.
func (s *said) small(from, to int) bool {
	i := s.wordAt(from)
	if i >= len(s.words) || s.words[i].From != from {
		n, tail := digits(s.body[from:to])
		return n > 0 && n <= 2 && (tail == "" || text.Unspaced(firstRune(tail)))
	}
	n, tail := digits(s.body[from:to])
	return (n > 0 && n <= 2 && tail == "" || n == 0 && (s.counts(i) || text.Unspaced(firstRune(s.body[from:])))) && !vague(s.words[i].Form) && s.words[i].Alt != monthClass
}

var (
	heads = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:party|group|table|team) of (\pL+|\d{1,2})\b` +
			`|(?:^|[^\pL\pN.,-])(\pL+|\d{1,2}) (?:people|persons|adults|attendees|guests|of us|personen|leute|teilnehmer|personnes|participants|personas|plazas|persone|partecipanti|pessoas|participantes|mensen|deelnemers|osób|osoby|uczestników|kişilik|kişi|أشخاص|اشخاص|مقاعد)(?:$|[^\pL])` + //nolint:misspell // Spanish
			`|(?:nous sommes|on est|on sera|wir sind|wir sind zu|siamo in|saremo in|somos|seremos|we are|we're|there are|we zijn met|we zijn met z'n|jest nas|biz) (\pL+|\d{1,2})(?:$|[ ,.;!?])(?:$|[^\pL]|à |in |en |for |für |per |para |voor |na |im |au |al )` +
			`|(?:^|[^\pL])(\pL+|\d{1,2}) (?:of each|de chaque|de cada|di ciascun[oa]?|van elk|von jedem|von jeder)(?:$|[^\pL])|(?:jeweils|po) (\pL+|\d{1,2}) ` +
			`|((?:[\d０-９]{1,2}|[一二两三四五六七八九十]{1,2})(?:名様|名|人分|个人|位))`)
	})
	// columns are quantities as forms and pasted orders have them.
	columns = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL])(?:qty|quantity|no\. of items|anzahl|menge|stückzahl|qté|qte|quantité|nombre|cantidad|cant\.?|unidades|quantità|q\.?tà|quantidade|qtd\.?|qtde|aantal|ilość|liczba|liczba sztuk|miktar|adet|sayı|العدد|الكمية|عدد|数量|個数|台数|枚数|件数)(?: ?[:：=] ?| | is | ist | est | es | è | é | jest )(\pL+|[\d０-９]{1,2})` +
			`|(?:^|\n)[-–•* ]*(\d{1,2}) ?[x×] ?\pL`)
	})
	between = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL\pN.,:/-])(\pL+|\d{1,2}),? (?:not|nicht|und nicht|non|no|pas|e não|não|niet|en niet|nie|a nie) (\pL+|\d{1,2})(?:$|[.,;!?\n)])`)
	})
)
