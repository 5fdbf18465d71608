package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"frontdesk/triage/text"
)

// dates finds days and times past and to come: by figures ("12.09.2026"), and as
// people say them ("three weeks ago", "last Tuesday").
func (x *reading) dates(s *said) {
	for _, c := range codesIn(s.body) {
		if slices.ContainsFunc(x.found, func(o candidate) bool { return o.label == Address && o.from <= c.from && c.to <= o.to }) {
			continue // a house and a door: 15/4
		}
		if c.letters == 0 && (numericDate(s.body[c.from:c.to], s.body[c.to:]) || s.dayBefore(c.from) && numericDate(s.body[c.from:c.to], ".")) {
			x.take(s, Date, c.from, c.to, 9)
		}
	}
	for _, h := range s.hits[date] {
		if h.first == h.last && s.words[h.first].Alt == monthClass && h.first+1 < len(s.words) && s.counts(h.first+1) {
			continue // the longer one has it
		}
		if s.shortly(h) || s.loose(h) || h.last < len(s.words) && s.words[h.last].Alt == numClass && s.counted(h.to) {
			continue
		}
		if s.ordinalOnly(h) || h.lead && h.first == h.last && !s.dayAlone(h) {
			continue
		}
		to := h.to
		if i := h.last + 1; i < len(s.words) && s.words[i].Alt == yearClass && s.words[i].From-to == 1 {
			to = s.words[i].To // Christmas 2024
		} else if y := s.body[to:]; len(y) >= 4 && y[0] == ' ' && y[1] == '\'' && allDigits(y[2:4]) {
			to += 4 // summer '24
		}
		if m := behindDay().FindString(s.body[to:]); m != "" {
			to += len(m)
		}
		x.take(s, Date, h.from, to, 5)
	}
	x.ages(s)
	for i, w := range s.words { // "2019 vintage"
		if n, tail := digits(s.body[w.From:w.To]); w.Alt == yearClass && n == 4 && tail == "" && (i == 0 || w.From-s.words[i-1].To <= 2) && !s.counted(w.To) &&
			s.body[w.From:w.To] >= "2005" && s.body[w.From:w.To] <= "2039" && (w.To == len(s.body) || !strings.ContainsAny(s.body[w.To:w.To+1], "-/.:") || w.To+1 == len(s.body) || s.body[w.To+1] == ' ') && (w.From == 0 || !strings.ContainsAny(s.body[w.From-1:w.From], "-/.:#€£$")) {
			x.take(s, Date, w.From, w.To, 1)
		}
	}
	for _, w := range s.words {
		if w.Alt == monthClass && w.To-w.From >= 5 && w.Form != "march" && w.Form != "ocak" && w.Form != "maja" {
			x.take(s, Date, w.From, w.To, 4)
		}
	}
}

// behindDay is a day of the week in brackets behind a Japanese or Chinese date.
var behindDay = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[（(](?:[月火水木金土日]|周[一二三四五六日]|星期[一二三四五六日])[)）]`)
})

// ordinalOnly says whether a phrase is a number in words alone, or with "the": the
// second of something.
func (s *said) ordinalOnly(h hit) bool {
	w := s.words[h.last]
	if n, _ := digits(s.body[w.From:w.To]); n > 0 || h.last-h.first > 1 || w.Alt != ordClass && w.Alt != numClass {
		return false
	}
	return h.first == h.last || s.words[h.first].Form == "the"
}

// dayAlone says whether a number behind "on the" or "le" may be a day: from 1 to
// 31, with a sign, an end or the time of day behind it.
func (s *said) dayAlone(h hit) bool {
	w := s.words[h.last]
	n, tail := digits(s.body[w.From:w.To])
	if n == 0 || tail != "" || w.Alt == yearClass {
		return true // a word, or a year: its phrase says enough
	}
	if v := s.body[w.From:w.To]; n > 2 || len(v) == 2 && (v[0] > '3' || v[0] == '3' && v[1] > '1') {
		return false
	}
	rest := s.body[w.To:]
	if trimmed := strings.TrimLeft(rest, " "); trimmed == "" || strings.ContainsRune(",;!?)\n。，", firstRune(trimmed)) || strings.HasPrefix(trimmed, ". ") || trimmed == "." {
		return !s.has(errorCue, max(0, h.from-30), h.from) && !s.has(orderCue, max(0, h.from-20), h.from)
	}
	i := h.last + 1
	if i >= len(s.words) {
		return false
	}
	switch s.words[i].Form {
	case "por", "de", "del", "a", "au", "et", "und", "and", "at", "y", "e", "en", "om", "i", "puis", "matin", "sera", "mattina", "but", "pero", "mais", "ma", "maar", "ale", "aber":
		return true
	default:
		return false
	}
}

// dayBefore says whether a word right before a place says that a day follows:
// "am 12.10".
func (s *said) dayBefore(at int) bool {
	i := s.wordAt(at) - 1
	if i < 0 || at-s.words[i].To != 1 {
		return false
	}
	switch s.words[i].Form {
	case "am", "vom", "seit", "bis", "zum", "den", "od", "dnia", "do", "il", "dal", "le", "du", "el", "op", "sinds", "dia", "em", "desde", "del":
		return true
	default:
		return false
	}
}

// merged makes one date of parts of one: "marzo del año pasado", "Samstag,
// 17.10.", "去年の3月". The list is settled.
func (s *said) merged(list []candidate) []candidate {
	var out []candidate
	for _, c := range list {
		if n := len(out); n > 0 && c.label == Date && out[n-1].label == Date && s.joins(out[n-1], c) {
			out[n-1].to = c.to
			continue
		}
		out = append(out, c)
	}
	return out
}

// joins says whether nothing but words that join stand between two dates, the
// second of which tells more about the first.
func (s *said) joins(a, b candidate) bool {
	gap := s.body[a.to:b.from]
	if len(gap) > 12 || strings.ContainsAny(gap, "\n.;:!?/") {
		return false
	}
	day := s.words[min(s.wordAt(a.from), len(s.words)-1)].Alt == weekdayClass
	other := s.words[min(s.wordAt(b.from), len(s.words)-1)].Alt == weekdayClass
	switch strings.TrimSpace(strings.Trim(gap, "'’")) {
	case "":
		return day != other || !day
	case ",", ", den", ", le", ", the", ", el", ", il", "the", "den", "le", "el", "der", "dem":
		return day && !other
	case "de", "del", "dell", "of", "in", "im", "vom", "des", "du", "do", "da", "di", "d", "van", "の", "的", "في", "من", "en", "w", "am", "l", "de l", "dello", "della", "em", "no", "na":
		return true
	default:
		return false
	}
}

// ages takes weeks, months and years that nothing more is said of ("3 weeks and
// it broke"), unless something is said to take so long.
func (x *reading) ages(s *said) {
	for i := 0; i+1 < len(s.words); i++ {
		w, u := s.words[i], s.words[i+1]
		if !s.counts(i) || u.Alt != unitClass || u.From-w.To > 2 || !long(u.Form) || text.Unspaced(firstRune(s.body[u.From:])) {
			continue
		}
		if n, _ := digits(s.body[w.From:w.To]); n > 2 || n == 0 && w.To-w.From < 2 {
			continue
		}
		if i > 0 && lasting(s.words[i-1].Form) || i+2 < len(s.words) && lasting(s.words[i+2].Form) || i > 1 && lasting(s.words[i-2].Form) {
			continue
		}
		x.take(s, Date, w.From, u.To, 3)
	}
}

// long says whether a unit is one in which the age of things is told.
func long(form string) bool {
	switch form {
	case "week", "weeks", "wks", "wk", "month", "months", "mths", "year", "years", "yrs", "yr", "woche", "wochen", "monat", "monate", "monaten", "jahr", "jahre", "jahren",
		"semaine", "semaines", "mois", "an", "ans", "semana", "semanas", "mes", "meses", "ano", "anos", "settimana", "settimane", "mese", "mesi", "anno", "anni",
		"weken", "maand", "maanden", "jaar", "tydzien", "tygodni", "tygodnie", "miesiac", "miesiace", "miesiecy", "rok", "lata", "lat", "hafta", "ay", "yil", "sene",
		"اسبوع", "اسابيع", "اسبوعين", "شهر", "اشهر", "شهور", "شهرين", "سنه", "سنوات", "سنتين":
		return true
	default:
		return false
	}
}

// lasting says whether a word beside a time tells that something takes so long,
// is promised for so long, or is so old.
func lasting(form string) bool {
	switch form {
	case "within", "takes", "take", "taking", "took", "upto", "to", "every", "another", "least", "in", "warranty", "guarantee", "guaranteed", "notice", "working", "per", "each", "old", "aged", "age", "than", "free", "minimum", "maximum", "max", "min", "plan", "contract",
		"binnen", "innerhalb", "dauert", "garantie", "gewahrleistung", "alle", "jede", "pro", "mindestens", "alt", "in_den", "dans", "durent", "dure", "garantia", "tous", "toutes", "par", "cada", "dentro", "en", "plazo", "tarda", "entro", "ogni", "garanzia", "di", "de",
		"duurt", "elke", "oud", "gwarancji", "gwarancja", "co", "ciagu", "za", "garanti", "garantisi", "her", "icinde", "surer", "خلال", "كل", "ضمان", "عمره", "عمرها", "تستغرق":
		return true
	default:
		return false
	}
}

// shortly says whether a phrase tells how long something takes: hours and
// minutes, unless they are gone.
func (s *said) shortly(h hit) bool {
	short := false
	for _, w := range s.words[h.first : h.last+1] {
		short = short || brief(w.Form)
	}
	if !short {
		return false
	}
	switch s.words[h.first].Form {
	case "vor", "hace", "il", "ya", "ha", "قبل", "منذ":
		return false
	}
	switch s.words[h.last].Form {
	case "ago", "fa", "geleden", "temu", "once", "atras", "back":
		return false
	default:
		return true
	}
}

// loose says whether a phrase ends in a number in words behind a day or month:
// "Saturday one of them …".
func (s *said) loose(h hit) bool {
	if h.last == h.first || !s.counts(h.last) {
		return false
	}
	w, p := s.words[h.last], s.words[h.last-1]
	n, _ := digits(s.body[w.From:w.To])
	return n == 0 && (p.Alt == weekdayClass || p.Alt == monthClass) && !text.Unspaced(firstRune(s.body[w.From:]))
}

// brief says whether a word is a unit shorter than a day.
func brief(form string) bool {
	switch form {
	case "hour", "hours", "hrs", "minutes", "mins", "stunde", "stunden", "minuten", "heure", "heures", "hora", "horas", "minutos", "ora", "ore", "minuti", "uur",
		"godzin", "godziny", "godzine", "godzinami", "minut", "saat", "dakika", "ساعه", "ساعات", "ساعتين":
		return true
	default:
		return false
	}
}

// counts says whether a word is a number.
func (s *said) counts(i int) bool { return s.words[i].Alt == numClass || s.words[i].Form == numClass }

// numericDate says whether digits and separators are a date; after is what
// stands behind them.
func numericDate(s, after string) bool {
	sep := strings.TrimFunc(s, func(r rune) bool { _, ok := text.Digit(r); return ok })
	parts := strings.FieldsFunc(s, func(r rune) bool { _, ok := text.Digit(r); return !ok })
	var n []int
	for _, p := range parts {
		v := 0
		for _, r := range p {
			d, _ := text.Digit(r)
			v = v*10 + d
			if v > 9999 {
				return false
			}
		}
		n = append(n, v)
	}
	day := func(v int) bool { return v >= 1 && v <= 31 }
	mon := func(v int) bool { return v >= 1 && v <= 12 }
	year := func(v int, w string) bool {
		return v >= 1990 && v <= 2099 || len(w) == 2 && v >= 10 && v <= 49
	}
	switch {
	case len(n) == 3 && len(parts[0]) == 4:
		return year(n[0], "") && mon(n[1]) && day(n[2])
	case len(n) == 3:
		return (day(n[0]) && mon(n[1]) || mon(n[0]) && day(n[1])) && year(n[2], parts[2]) && len(parts[0]) <= 2 && len(parts[1]) <= 2 && !strings.ContainsAny(sep, "#_")
	case len(n) == 2 && strings.Contains(s, "."): // 12.9.
		return day(n[0]) && mon(n[1]) && strings.HasPrefix(after, ".") && len(parts[0]) <= 2 && len(parts[1]) <= 2
	case len(n) == 2 && strings.Contains(s, "/"):
		return (day(n[0]) && mon(n[1]) || mon(n[0]) && day(n[1])) && len(s) >= 4 && s != "24/7"
	default:
		return false
	}
}
