package packet

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

const signs = "€$£¥₺₹￥＄￡"

// figure is a number as people write amounts: 1,299.00, 39,90, 12 000.
type figure struct{ from, to int }

// figures lists the numbers of a text that stand alone.
func figures(s string) []figure {
	var out []figure
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if _, ok := text.Digit(r); !ok {
			i += size
			continue
		}
		end := i
		for j := i; j < len(s); {
			r, n := utf8.DecodeRuneInString(s[j:])
			if _, ok := text.Digit(r); ok {
				j += n
				end = j
				continue
			}
			next, _ := utf8.DecodeRuneInString(s[j+n:])
			_, more := text.Digit(next)
			if (r == '.' || r == ',' || r == '\'' || r == '’' || r == '٫' || r == '٬') && more {
				j += n
				continue
			}
			if (r == ' ' || r == '\u00a0' || r == '\u202f') && more && threeDigits(s[j+n:]) && end-i <= 3 {
				j += n
				continue
			}
			break
		}
		out = append(out, figure{i, end})
		i = end
	}
	return out
}

func threeDigits(s string) bool {
	n, _ := digits(s[:min(len(s), 16)])
	return n == 3
}

// amounts finds sums of money: a number with a currency's sign or word beside
// it.
func (x *reading) amounts(s *said) {
	for _, f := range figures(s.body) {
		from, to, ok := s.money(f)
		if ok && codeLetter(s.body, to) {
			to = s.pence(to)
		}
		if ok || s.sum(f) || x.cents(s, f) || s.paid(f) {
			x.take(s, Amount, from, to, 6)
		}
	}
	for _, h := range s.hits[currency] { // nine hundred pounds
		i := h.first
		for i > 0 && h.first-i < 7 && s.words[i].From-s.words[i-1].To <= 2 && !strings.ContainsAny(s.body[s.words[i-1].To:s.words[i].From], ",.;:") {
			switch {
			case s.counts(i - 1):
				i--
				continue
			case i > 1 && i < h.first && s.counts(i-2) && adds(s.words[i-1].Form): // ochenta y nueve
				i -= 2
				continue
			}
			break
		}
		if n, _ := digits(s.body[s.words[i].From:s.words[i].To]); i < h.first && n == 0 && h.to-h.from > 1 && !vague(s.words[h.first-1].Form) {
			x.take(s, Amount, s.words[i].From, s.pence(h.to), 6)
		}
	}
	x.worded(s)
}

// codeLetter says whether a letter stands right before a place: the end of a
// currency's word, not its sign.
func codeLetter(s string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	return unicode.IsLetter(r)
}

// sum says whether a number with cents follows a word for a sum: "the total is
// 1.029,00".
func (s *said) sum(f figure) bool {
	v := s.body[f.from:f.to]
	if len(v) < 4 || v[len(v)-3] != '.' && v[len(v)-3] != ',' {
		return false
	}
	for _, h := range s.hits[amountCue] {
		if h.to <= f.from && f.from-h.to <= 30 && !strings.ContainsAny(s.body[h.to:f.from], "?!") {
			return true
		}
	}
	return false
}

// money widens a number to the amount that it is.
func (s *said) money(f figure) (from, to int, ok bool) {
	from, to = f.from, f.to
	before, size := utf8.DecodeLastRuneInString(s.body[:from])
	gap := 0
	if before == ' ' || before == '\u00a0' {
		gap = size
		before, size = utf8.DecodeLastRuneInString(s.body[:from-gap])
	}
	if size > 0 && strings.ContainsRune(signs, before) {
		return from - gap - size, to + dashes(s.body[to:]), true
	}
	rest := s.body[to:]
	trimmed := strings.TrimLeft(rest, " \u00a0\u202f")
	if len(rest)-len(trimmed) <= 3 {
		if r, n := utf8.DecodeRuneInString(trimmed); n > 0 && strings.ContainsRune(signs, r) {
			return from, len(s.body) - len(trimmed) + n, true
		}
		if dash := dashes(rest); dash > 0 { // 89,-
			return from, to + dash, true
		}
		if m := gluedCurrency().FindString(rest); m != "" {
			return from, to + len(m), true
		}
		at := len(s.body) - len(trimmed)
		for _, h := range s.hits[currency] {
			if h.from == at {
				to, ok = max(to, h.to), true
			}
		}
	}
	if ok {
		return from, to, true
	}
	for _, h := range s.hits[currency] { // EUR 39,90
		if h.to <= from && h.to < len(s.body) && from-h.to <= 2 && strings.TrimSpace(s.body[h.to:from]) == "" && h.to-h.from >= 2 && !strings.ContainsAny(s.body[h.from:h.to], "0123456789") && (h.first == 0 || !s.counts(h.first-1)) {
			return h.from, to, true
		}
	}
	return f.from, f.to, false
}

// adds says whether a word stands between the parts of a number in words.
func adds(form string) bool {
	switch form {
	case "and", "und", "et", "y", "e", "en", "و":
		return true
	default:
		return false
	}
}

// dashes is how many bytes the dash takes that stands for no cents: ",-".
func dashes(rest string) int {
	for _, d := range []string{",--", ",-", ".-", ",–", ",—"} {
		if after, ok := strings.CutPrefix(rest, d); ok {
			if r := firstRune(after); after == "" || !codeRune(r) {
				return len(d)
			}
		}
	}
	return 0
}

// gluedCurrency is a currency right behind its number: 59,00EUR.
var gluedCurrency = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:euros?|eur|gbp|chf|usd|pln|zł|zl|try|tl|lira|quid)\b`)
})

// cents says whether a number with cents is a sum where money is spoken of:
// "-68.95" out of a bank's statement.
func (x *reading) cents(s *said, f figure) bool {
	v := s.body[f.from:f.to]
	if len(v) < 4 || v[len(v)-3] != '.' && v[len(v)-3] != ',' || s.counted(f.to) || len(s.hits[versionCue]) > 0 || strings.HasPrefix(s.body[f.to:], "/") {
		return false
	}
	if before, _ := utf8.DecodeLastRuneInString(s.body[:f.from]); codeRune(before) || before == '/' || before == '.' {
		return false
	}
	if numericDate(v, s.body[f.to:]) || s.dayBefore(f.from) {
		return false
	}
	return len(s.hits[amountCue]) > 0 || len(s.hits[currency]) > 0 || strings.ContainsAny(s.body, signs)
}

// paid says whether a whole number stands right beside a word that tells that it
// was paid: "charged 149", "100 erstattet".
func (s *said) paid(f figure) bool {
	v := s.body[f.from:f.to]
	n, _ := digits(v)
	if n < 2 || n > 4 || n == 4 && (strings.HasPrefix(v, "19") || strings.HasPrefix(v, "20")) || s.counted(f.to) {
		return false
	}
	if rest := strings.TrimLeft(s.body[f.to:], " "); rest != "" && strings.ContainsRune("/-:%°x×*", firstRune(rest)) {
		return false
	}
	if before, _ := utf8.DecodeLastRuneInString(s.body[:f.from]); codeRune(before) || strings.ContainsRune("-/:#", before) {
		return false
	}
	i := s.wordAt(f.from)
	if i == len(s.words) || s.words[i].From != f.from {
		return false // a part of another word
	}
	if i > 0 && f.from-s.words[i-1].To == 1 && price(s.words[i-1].Form) && n >= 2 && s.boughtNear(i-1, i-1) && (strings.TrimSpace(s.body[f.to:]) == "" || strings.ContainsRune(",.;!?)\n", firstRune(s.body[f.to:]))) {
		return true // "got it for 149,"
	}
	for back := 1; back <= 3 && i-back >= 0; back++ {
		w := s.words[i-back]
		if strings.ContainsAny(s.body[w.To:s.words[i-back+1].From], ".!?;:\n") {
			break
		}
		if spent(w.Form) {
			return true
		}
		if !about(w.Form) {
			break
		}
	}
	next := i + 1
	for next < len(s.words) && s.words[next].From < f.to {
		next++
	}
	return next < len(s.words) && s.words[next].From-f.to <= 1 && spent(s.words[next].Form)
}

// price says whether a word stands right before a price where buying is told.
func price(form string) bool {
	switch form {
	case "for", "fur", "pour", "por", "per", "a", "voor", "za", "at":
		return true
	default:
		return false
	}
}

// spent says whether a word tells of money that went from one to another.
func spent(form string) bool {
	switch form {
	case "paid", "charged", "cost", "costs", "refunded", "debited", "billed", "owe", "owed", "spent", "taken", "deducted", "withdrawn", "overcharged", "reimbursed", "fee", "postage", "abgezogen", "einbehalten", "uberweisung", "zuruck", "kostete", "zahlte", "kassiert", "belastet", "bezahlt", "gezahlt", "abgebucht", "erstattet", "uberwiesen", "berechnet", "gekostet", "zuruckbekommen", "paye", "debite", "preleve", "facture", "rembourse", "coute", "verse", "regle", "coutait", "payee", "payes", "preleves", "retenu", "encaisse", "rendu",
		"pague", "pagado", "cobrado", "cobraron", "cobro", "costo", "abonado", "devolvieron", "cobrasteis", "descontado", "cargado", "cargaron", "retenido", "vale", "costaba", "pagamos", "pagato", "scalato", "scalati", "prelevato", "prelevati", "addebitate", "trattenuto", "costava", "pagati", "pagai", "rimborsati", "addebitato", "addebitati", "speso", "rimborsato", "costato", "paguei", "cobraram", "custou", "debitaram", "reembolsaram", "betaald", "afgeschreven", "gekost", "terugbetaald", "ingehouden", "kostte", "gerekend", "betaalde", "teruggekregen", "descontaram", "retiraram", "devolveram", "custava", "pagou",
		"zaplacilem", "zaplacilam", "pobrano", "pobrali", "kosztowal", "kosztowala", "zwrocono", "odem", "odedim", "cekildi", "cektiniz", "kesildi", "yatirdim", "odemistim", "kestiniz", "zaplacilismy", "sciagneli", "potracono", "oddali", "zaplacono", "دفعنا", "سحبوا", "اقتطع", "كلفني", "بسعر", "دفعت", "خصمتم", "سحبتم", "خصم", "سدد":
		return true
	default:
		return false
	}
}

// about says whether a word may stand between money and what it was paid for.
func about(form string) bool {
	switch form {
	case "me", "us", "only", "about", "around", "nearly", "over", "just", "of", "nur", "etwa", "rund", "knapp", "mir", "mich", "environ", "seulement", "presque", "de", "unos", "casi", "solo", "circa", "quasi", "cerca", "so", "maar", "ongeveer", "bijna", "tylko", "okolo", "prawie", "mi", "sadece", "yaklasik", "فقط", "حوالي":
		return true
	default:
		return false
	}
}
