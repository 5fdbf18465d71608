package packet

import (
	"regexp"
	"strings"
	"sync"

	"frontdesk/triage/text"
)

// worded takes sums in words that no currency follows, beside a word that tells
// of money: "the refund of forty nine ninety nine", "me cobraron ciento veinte
// con cincuenta", "扣了四百二".
func (x *reading) worded(s *said) {
	for i := 0; i < len(s.words); i++ {
		end := s.inWords(i)
		if end == i {
			continue
		}
		first := i
		i = end
		if !s.large(first, end) || end < len(s.words) && (s.lastingWord(end) || s.words[end].Alt == monthClass || s.hasFrom(piece, end) || s.hasFrom(device, end)) && s.words[end].From-s.words[end-1].To <= 2 {
			continue
		}
		for back := 1; back <= 4 && first-back >= 0; back++ {
			w := s.words[first-back]
			if strings.ContainsAny(s.body[w.To:s.words[first-back+1].From], ".!?;:\n") {
				break
			}
			if spent(w.Form) || s.hasAt(amountCue, first-back) {
				x.take(s, Amount, s.words[first].From, s.words[end-1].To, 5)
				break
			}
			if !about(w.Form) && !joining(w.Form) {
				break
			}
		}
	}
	if s.mentions("扣", "付", "收", "花", "退", "转", "刷", "赔", "补") {
		for _, m := range easternSum().FindAllStringSubmatchIndex(s.body, 5) {
			x.take(s, Amount, m[2], m[3], 5)
		}
	}
	if !s.mentions("tenner", "fiver", "grand", "zehner", "fünfziger", "hunderter", "zwanziger") {
		return
	}
	for _, m := range notes().FindAllStringSubmatchIndex(s.body, 5) {
		x.take(s, Amount, m[2], m[3], 5)
	}
}

// inWords is where the number in words ends that begins at a word: behind its
// last word; the word itself where none begins.
func (s *said) inWords(i int) int {
	end := i
	for k := i; k < len(s.words) && k-i < 9; k++ {
		w := s.words[k]
		if k > i && (w.From-s.words[k-1].To != 1 || s.body[w.From-1] != ' ' && s.body[w.From-1] != '-') {
			break
		}
		n, _ := digits(s.body[w.From:w.To])
		switch {
		case s.counts(k) && n == 0 && !vague(w.Form) && !text.Unspaced(firstRune(s.body[w.From:])):
			end = k + 1
		case k > i && end == k && (adds(w.Form) || tenths(w.Form)) && k+1 < len(s.words) && s.counts(k+1):
		default:
			return end
		}
	}
	return end
}

// tenths says whether a word parts pounds from pence in a sum that is said.
func tenths(form string) bool {
	switch form {
	case "con", "komma", "virgule", "virgola", "virgula", "przecinek", "point", "i":
		return true
	default:
		return false
	}
}

// large says whether a number in words has two words or more, or one for twenty
// or more: fewer are how many there are.
func (s *said) large(first, end int) bool {
	if end-first >= 2 {
		return true
	}
	form := s.words[first].Form
	if len(form) >= 9 && s.lang.compound(form) {
		return true
	}
	switch form {
	case "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "zwanzig", "dreissig", "vierzig", "funfzig", "sechzig", "siebzig", "achtzig", "neunzig", "hundert", "vingt", "trente", "quarante", "cinquante", "soixante", "cent", //nolint:misspell // French
		"veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa", "cien", "ciento", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta", "cento", "vinte", "trinta", "quarenta", "cinquenta", "oitenta", "cem",
		"twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig", "honderd", "dwadziescia", "trzydziesci", "czterdziesci", "piecdziesiat", "szescdziesiat", "siedemdziesiat", "osiemdziesiat", "dziewiecdziesiat", "sto", "yirmi", "otuz", "kirk", "elli", "altmis", "yetmis", "seksen", "doksan", "yuz":
		return true
	default:
		return false
	}
}

var (
	easternSum = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:扣|付|收|花|退|转|刷|赔|补)(?:了|我|您|你)?(?:了)?([一二两三四五六七八九十百千万零〇]{2,8})(?:$|[^\p{Han}]|多|钱|左右|但|却|还|怎|的)`)
	})
	notes = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])((?:a|two|three|twenty|ten) (?:tenner|fiver|grand)s?|ein(?:en)? (?:zehner|fünfziger|hunderter|zwanziger))(?:$|[^\pL\pN])`)
	})
)

// pence is where a sum ends whose pounds end at a place: behind the pence that
// follow the currency ("seventy two pounds fifty", "12 Euro 50").
func (s *said) pence(to int) int {
	i := s.wordAt(to)
	if i >= len(s.words) || s.words[i].From-to != 1 || s.body[to] != ' ' {
		return to
	}
	raw := s.body[s.words[i].From:s.words[i].To]
	end := i + 1
	if n, tail := digits(raw); n > 0 {
		if n != 2 || tail != "" || s.counted(s.words[i].To) {
			return to
		}
	} else if end = s.inWords(i); end == i || !s.large(i, end) {
		return to
	}
	if end < len(s.words) && s.words[end].From-s.words[end-1].To <= 2 && (s.lastingWord(end) || s.words[end].Alt != "" || s.hasFrom(piece, end) || s.hasFrom(device, end)) {
		return to
	}
	return s.words[end-1].To
}
