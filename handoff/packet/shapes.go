package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// masked takes the last digits of a card behind the signs that hide the others:
// "•••• 4402", "****4402", "xxxx-4402".
func (x *reading) masked(s *said) {
	for _, m := range hidden().FindAllStringSubmatchIndex(s.body, 5) {
		x.take(s, CardEnd, m[2], m[3], 7)
	}
}

var hidden = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:[•*·…●]{2,}|\.{3,}|[xX]{2,4})[ -]?(\d{4})\b`)
})

// shouted takes words in capitals that a display shows ("CAL", "Lo"), or that
// are a voucher's code.
func (x *reading) shouted(s *said) {
	for _, w := range s.words {
		if raw := s.body[w.From:w.To]; raw == "Err" || raw == "ERR" {
			x.take(s, ErrorCode, w.From, w.To, 2)
		}
	}
	if strings.ToUpper(s.body) == s.body {
		return
	}
	for _, h := range s.hits[voucherCue] {
		if i := s.wordAt(h.to); i < len(s.words) && s.idle(h.to, s.words[i].From, false) {
			if w := s.body[s.words[i].From:s.words[i].To]; len(w) >= 5 && len(w) <= 16 && strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
				x.take(s, Voucher, s.words[i].From, s.words[i].To, 5)
			}
		}
	}
	for _, h := range s.hits[errorCue] {
		i := s.wordAt(h.to)
		for n := 0; n < 2 && i < len(s.words); n, i = n+1, i+1 {
			w := s.body[s.words[i].From:s.words[i].To]
			if displayed(w) && !s.hasFrom(refCue, i) && !s.hasFrom(vatCue, i) && !ordinary(strings.ToUpper(w)) && !x.in.Catalogue.knows(w) && s.idle(h.to, s.words[i].From, false) {
				x.take(s, ErrorCode, s.words[i].From, s.words[i].To, 3)
			}
			if s.lang.single[s.words[i].Form]&(1<<filler) == 0 {
				break
			}
		}
	}
}

// displayed says whether a word looks as displays write: capitals, or two or
// three letters with one, "Lo".
func displayed(w string) bool {
	if len(w) < 2 || len(w) > 5 || w[0] < 'A' || w[0] > 'Z' {
		return false
	}
	small := strings.Trim(w[1:], "abcdefghijklmnopqrstuvwxyz") == ""
	return strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" || small && len(w) <= 3
}

// ordinary says whether capitals are a usual short form, or a word that is
// stressed.
func ordinary(w string) bool {
	switch w {
	case "OK", "PIN", "SMS", "TV", "NO", "NOT", "USB", "VAT", "UK", "EU", "US", "USA", "GPS", "IS", "IT", "THE", "AND", "BUT", "ALL", "MY", "ON", "OFF", "YES", "WIFI", "APP", "URL", "PDF", "FAQ", "LED", "ALSO", "NOW", "STILL",
		"YOU", "SO", "HE", "WE", "IF", "IN", "AT", "HOW", "WHY", "MR", "MRS", "DR", "ES", "ER", "SIE", "DAS", "DER", "DIE", "UND", "LA", "LE", "EL", "IL", "LES", "UN", "UNE", "DE", "JE", "WHO", "SHE", "THAT", "HI", "HEY", "OH", "AH",
		"DHL", "UPS", "DPD", "GLS", "EUR", "GBP", "KEIN", "NICHT", "PAS", "NON", "ME", "TO", "QR":
		return true
	default:
		return false
	}
}

// orderShape says whether a code looks as most shops' order numbers do: two or
// three letters, then six to eight digits.
func orderShape(value string, c code) bool {
	bare := plain(value)
	return c.letters >= 2 && c.letters <= 3 && c.digits >= 6 && c.digits <= 8 && len(bare) == c.letters+c.digits && allDigits(bare[c.letters:])
}

// serialShape says whether a code looks as serial numbers of machines often do: a
// model, the year, a number (M60-25-07714).
func serialShape(value string) bool {
	parts := strings.FieldsFunc(strings.ToUpper(value), func(r rune) bool { return strings.ContainsRune("-/. ", r) })
	if len(parts) != 3 || !strings.Contains(value, "-") && value[0] >= 'a' {
		return false
	}
	return len(parts) == 3 && len(parts[0]) >= 2 && len(parts[0]) <= 4 && parts[0][0] >= 'A' && parts[0][0] <= 'Z' && mixed(parts[0]) &&
		len(parts[1]) == 2 && allDigits(parts[1]) && len(parts[2]) >= 4 && len(parts[2]) <= 6 && allDigits(parts[2])
}

// numbered says whether a code looks as a serial number does where one is spoken
// of: letters, the year, a number, a last letter perhaps (GP-24-30017-B).
func numbered(value string) bool {
	parts := strings.Split(strings.ToUpper(value), "-")
	return (len(parts) == 3 || len(parts) == 4 && len(parts[3]) <= 2) && len(parts[0]) >= 1 && len(parts[0]) <= 4 && parts[0][0] >= 'A' && parts[0][0] <= 'Z' &&
		len(parts[1]) == 2 && allDigits(parts[1]) && len(parts[2]) >= 4 && len(parts[2]) <= 6 && allDigits(parts[2])
}

// modelled says whether a code begins with what looks like a model and goes on with
// five digits or more: "W9R-0031-66", "M4025-88170".
func modelled(value string) bool {
	head, rest, ok := strings.Cut(value, "-")
	if !ok || !mixed(head) || len(head) > 6 || head[0] < 'A' || head[0] > 'z' {
		return false
	}
	n := 0
	for i := range len(rest) {
		switch c := rest[i]; {
		case c >= '0' && c <= '9':
			n++
		case c != '-' && (i < len(rest)-1 || c < 'A' || c > 'Z'):
			return false
		}
	}
	return n >= 5
}

// year2 says whether the second part of a number may be the year that a machine was
// made in: GP-25-10032.
func year2(value string) bool {
	parts := strings.Split(value, "-")
	return len(parts) >= 2 && len(parts[0]) >= 2 && len(parts[1]) == 2 && parts[1] >= "15" && parts[1] <= "35"
}

// versionShape says whether a code is a program's version: 2.4.0.
func versionShape(value string) bool {
	parts := strings.Split(strings.ReplaceAll(strings.TrimLeft(value, "vV"), "٫", "."), ".")
	return len(parts) == 3 && !slices.ContainsFunc(parts, func(p string) bool { return len(plain(p)) > 2 || !allDigits(plain(p)) })
}

// taxShape says whether a code begins with a country's letters, as VAT numbers
// do.
func taxShape(value string) bool {
	return len(value) >= 9 && value[0] >= 'A' && value[0] <= 'Z' && value[1] >= 'A' && value[1] <= 'Z'
}

// partShape says whether a code has capitals and digits that dashes part:
// KW-W9-R, C-20418.
func partShape(value string, c code) bool {
	return c.upper && c.letters >= 1 && c.digits >= 1 && c.letters+c.digits >= 5 && strings.Contains(value, "-") && value[0] >= 'A' && value[0] <= 'Z' &&
		!strings.ContainsAny(value, "./_") && (c.digits >= 3 || strings.Count(value, "-") >= 2)
}

// errorShape says whether a code looks as error codes do: E07, F-12, ERR42.
func errorShape(value string, c code) bool {
	if c.digits < 2 || c.digits > 3 || c.groups > 1 || value[0] < 'A' {
		return false
	}
	head := strings.ToUpper(strings.TrimRight(strings.TrimFunc(value, func(r rune) bool { return r >= '0' && r <= '9' }), "- "))
	return head == "E" || head == "ER" || head == "ERR"
}
