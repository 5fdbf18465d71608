package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// addressEnd is where an address ends whose street ends at a place: behind the
// parts after commas that belong to it ("…, Hinterhaus, 10999 Berlin").
func (s *said) addressEnd(to int) int {
	if m := houseEnd().FindString(s.body[to:]); m != "" {
		to += len(m)
	}
	for range 3 {
		rest := s.body[to:]
		if !strings.HasPrefix(rest, ", ") {
			return to
		}
		part := rest[2:]
		end := len(part)
		for i, r := range part {
			if strings.ContainsRune(",;!?\n()", r) || r == '.' && (i+1 == len(part) || part[i+1] == ' ' || part[i+1] == '\n') && !floorWord(part[:i]) {
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

// houseEnd is what may follow a house's number without a comma: a letter, a floor,
// a door.
var houseEnd = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[/-]?[a-z]\b|/\d{1,4}\b|-[A-Z0-9]{1,4}\b)?(?: (?:bis|ter|quater|bajo|bjo|izq|izda|dcha|esq|dto|hs|huis|kat \d{1,2}|daire \d{1,3}|D:? ?\d{1,3}|m\. ?\d{1,3}|lok\. ?\d{1,3}|top \d{1,3}|bus \d{1,3}|\d{1,2}[º°ªo]\.? ?[A-Z]?|bte \d{1,3})\b\.?){0,2}(?: [A-Z]\b)?`)
})

// addressStart is where an address begins whose postcode begins at a place: the
// parts before it that belong to it.
func (s *said) addressStart(from int) int {
	for range 4 {
		before := strings.TrimSuffix(s.body[:from], " ")
		if before == "" || before[len(before)-1] == '.' || len(before) == from && before[len(before)-1] != '\n' {
			return from
		}
		before = strings.TrimSuffix(before, "\n")
		before = strings.TrimSuffix(before, ",")
		at := strings.LastIndexAny(before, ",;:.!?\n()") + 1
		part := strings.TrimLeft(before[at:], " ")
		if !addressPart(part) {
			if tail := house().FindStringIndex(part); tail != nil && !s.dated(len(before)-len(part)+tail[0], len(before)) {
				return len(before) - len(part) + tail[0]
			}
			return from
		}
		if s.dated(len(before)-len(part), len(before)) {
			return from
		}
		from = len(before) - len(part)
	}
	return from
}

// house is the end of a part of a sentence that is a house's number and a street's
// name, or a name of two words and more: "she's at 4 Wharfe Bank", "à livrer au
// Relais Tabac du Port".
var house = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:(?:(?i:flat|apt|apartment|unit|suite|room) )?\d{1,4}[a-zA-Z]?(?:[-/]\d{1,4})? (?:\p{Lu}[\pL'’.-]*(?: |$)){1,4}|(?:(?:The )?\p{Lu}[\pL'’-]+)(?: (?:(?:du|de|des|de la|della|do|da|dos|del|van|von|der|zum|am) )?\p{Lu}[\pL'’-]+){1,3})$`)
})

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
		case i > 0 && len(f) <= 4, floorWord(f):
		default:
			return false
		}
	}
	return len(fields) > 1 || len(part) > 2
}

// floorWord says whether a word stands within an address for a part of a house.
func floorWord(w string) bool {
	switch strings.ToLower(strings.Trim(w, ".,")) {
	case "etage", "étage", "gauche", "droite", "porte", "bât", "bâtiment", "esc", "escalier", "appt", "apt", "app", "interphone", "piso", "puerta", "escalera", "izquierda", "derecha", "dcha", "izq", "bajo", "scala", "interno", "int", "piano", "floor", "flat", "unit", "stock", "links", "rechts", "hinterhaus",
		"vorderhaus", "og", "eg", "andar", "esq", "dto", "fração", "bloco", "piętro", "klatka", "kat", "daire", "blok", "hs", "huis", "bus", "verdieping", "top", "stiege", "residence", "résidence":
		return true
	default:
		return false
	}
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
		regexp.MustCompile(`\b(?:(?i:flat|apt|apartment|unit|suite) \d{1,4}[A-Za-z]?,? )?\d{1,4}[a-zA-Z]? (?:\p{Lu}[\pL'’-]+ ){1,3}(?:Bank|Row|Rise|Way|Walk|Hill|Green|Place|Square|Grove|Yard|Wharf|Quay|Dock|Parade|Croft|View|Vale|Mount|Brow|Gate|Fold|Mead|Meadow|Park|Paddock|Orchard|Loan|Wynd|Brae|Terrace|St|Rd|Ave|Ln|Dr|Cl|Cres|Pl|Sq|Ct)\b|\b\d{1,4}[a-zA-Z]? The \p{Lu}[\pL'’-]+`),
		regexp.MustCompile(`(?:^|[^\pL])(?:Am|Im|An der|An den|Auf der|Auf dem|In der|In den|Zum|Zur|Unter den|Hinter der|Beim|Vor dem) \p{Lu}\pL+ \d{1,4}[a-z]?\b`),
		regexp.MustCompile(`(?:^|[ ,:])(?:[Pp]\.?zza|[Cc]\.so|[Vv]\.le|[Ll]argo|[Vv]icolo|[Cc]alle|C/|[Pp]laza|[Pp]za\.?|[Cc]trra\.?|[Pp]raceta|[Ll]argo|[Cc]alçada|[Pp]lace|[Cc]ours|[Aa]llée|[Cc]hemin|[Ss]quare|[Pp]lein|os\.|pl\.|al\.|[Oo]siedle|[Aa]leja) \p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’-]+){0,2} \d{1,4}\b`),
		regexp.MustCompile(`(?:شارع|حي|طريق|عمارة|فيلا|شقة|مبنى|برج)(?: \p{Arabic}+){1,4}(?: [0-9٠-٩]{1,4})?(?:،? ?(?:حي|شارع|عمارة|شقة|فيلا|مبنى|برج|الدور|الطابق|دور)(?: \p{Arabic}+){0,3}(?: [0-9٠-٩]{1,5})?){0,4}`),
	}
})

// bareCode is a postcode of five digits behind what a place follows: "chez mon fils
// à 59800".
var bareCode = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL])(?:à|in|nach|aus|zu) (\d{5})(?:$|[,.;!? ])`)
})

// dutchLetters are those behind a Dutch postcode's digits.
var dutchLetters = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ ?[A-Z]{2}\b`) })

// addresses finds those that no street's name shows.
func (x *reading) addresses(s *said) {
	figured, arabic := s.figured(), s.mentions("شارع", "حي ", "طريق", "عمارة", "فيلا", "شقة", "مبنى", "برج")
	for i, re := range houses() {
		if i == 8 && !arabic || (i == 1 || i == 2 || i >= 4 && i <= 7) && !figured {
			continue
		}
		for _, m := range re.FindAllStringIndex(s.body, 5) {
			from, to := m[0], m[1]
			rank := 5
			switch i {
			case 0:
				to = s.addressEnd(to)
			case 1, 2, 4:
				from = s.addressStart(from)
			case 5, 6, 7, 8:
				to, rank = s.addressEnd(to), 6
				for from < to && (s.body[from] == ' ' || s.body[from] == ',') {
					from++
				}
			}
			x.take(s, Address, from, to, rank)
		}
	}
	if !figured {
		return
	}
	for _, m := range bareCode().FindAllStringSubmatchIndex(s.body, 3) {
		x.take(s, Address, m[2], m[3], 3)
	}
	for _, c := range codesIn(s.body) {
		for _, h := range s.hits[postcodeCue] {
			if h.to <= c.from && s.idle(h.to, c.from, false) && c.digits+c.letters <= 8 && c.digits >= 1 {
				end := c.to
				if r := s.body[end:]; len(r) >= 4 && r[0] == ' ' && inward(r[1:]) {
					end += 4
				}
				if m := dutchLetters().FindString(s.body[end:]); m != "" && c.letters == 0 && c.digits == 4 {
					end += len(m)
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

// unnumbered finds streets that no number follows, with the shop that is in one,
// and lockers with theirs.
func (x *reading) unnumbered(s *said) {
	for _, re := range lanes() {
		for _, m := range re.FindAllStringIndex(s.body, 5) {
			if slices.ContainsFunc(x.found, func(c candidate) bool { return c.label == Address && c.from < m[1] && m[0] < c.to }) {
				continue
			}
			x.take(s, Address, m[0], m[1], 8)
		}
	}
}

// lanes are ways of writing a street without a number; the last are lockers'.
var lanes = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`\b(?:(?:[Tt]he )?(?:\p{Lu}[\pL'’&-]+ ){1,2}(?:on|in|at) (?:the )?)?(?:\p{Lu}[\pL'’]+ ){1,2}(?:Street|Road|Lane|Avenue|Close|Crescent|Terrace|Gardens|Drive|Mews)\b`),
		regexp.MustCompile(`\b\p{Lu}\pL{2,}(?:straße|strasse|gasse|allee|straat|laan|gracht|kade)\b`),
		regexp.MustCompile(`\b(?:[Rr]ue|[Bb]oulevard|[Ii]mpasse|[Qq]uai) (?:(?:de la|de l'|des|du|de|d') ?)?\p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’-]+)?`),
		regexp.MustCompile(`\b(?:[Cc]alle|[Pp]aseo|[Vv]iale|[Pp]iazza|[Rr]ua|[Tt]ravessa|[Aa]venida) (?:(?:de la|de los|de|del|da|do|das|dos|della|dei) )?\p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’-]+)?`),
		regexp.MustCompile(`\b(?:ul\.|ulicy|ulica|al\.) ?\p{Lu}[\pL-]+(?: \p{Lu}[\pL-]+)?`),
		regexp.MustCompile(`\b\p{Lu}\pL+ (?:Sokak|Sokağı|Caddesi|Mahallesi|Bulvarı)(?:\pL*)`),
		regexp.MustCompile(`\b(?:Packstation|Paczkomat(?:u|cie)?|Postfiliale|Locker|InPost) (?:\d{1,5}|[A-Z]{2,4}\d{1,4}[A-Z]{0,2})\b`),
	}
})

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
	return s[0] >= '0' && s[0] <= '9' && s[1]|0x20 >= 'a' && s[1]|0x20 <= 'z' && s[2]|0x20 >= 'a' && s[2]|0x20 <= 'z' && (len(s) == 3 || !codeRune(rune(s[3])))
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
	if strings.ToUpper(s.body) != s.body {
		for _, m := range shouting().FindAllStringSubmatchIndex(s.body, 4) {
			x.take(s, Wording, m[2], m[3], 5)
		}
	}
	for _, h := range s.hits[engraveCue] { // "it should read Happy 40th Dee"
		if rest := s.body[h.to:]; colonSoon(rest) {
			at := h.to + strings.IndexAny(rest, ":：")
			_, size := utf8.DecodeRuneInString(s.body[at:])
			line, _, _ := strings.Cut(s.body[at+size:], "\n")
			if end := strings.IndexAny(line, ".;!?。；！"); end >= 0 {
				line = line[:end]
			}
			if part := strings.TrimSpace(line); part != "" && len(part) <= 60 && closes(firstRune(part)) == "" {
				from := at + size + strings.Index(line, part)
				x.take(s, Wording, from, from+len(part), 8)
			}
		}
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
		inner := strings.TrimSpace(s.body[i : i+n])
		begin := i + strings.Index(s.body[i:i+n], inner)
		x.take(s, Wording, begin, begin+len(inner), 6)
		_, size = utf8.DecodeRuneInString(s.body[i+n:])
		i += n + size
	}
}

// shouting are two words and more in capitals: what stands on a thing.
var shouting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL\pN-])(\p{Lu}{2,}(?: (?:&|\p{Lu}+|\d{1,4})){1,5})(?:$|[^\pL\pN-])`)
})

// colonSoon says whether a colon follows after three words at most: "tekst moet
// zijn: Voor Pa".
func colonSoon(rest string) bool {
	at := strings.IndexAny(rest, ":：.,;!?\n")
	return at >= 0 && (rest[at] == ':' || strings.HasPrefix(rest[at:], "：")) && at <= 30 && len(strings.Fields(rest[:at])) <= 3
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
