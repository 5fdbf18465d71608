package packet

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/triage/pii"
	"frontdesk/triage/text"
)

// candidate is a value that may be a fact.
type candidate struct {
	s        *said
	label    string
	from, to int
	rank     int    // of two that overlap the higher stands, then the longer
	line     string // of a product: its line
}

func (c candidate) value() string { return c.s.body[c.from:c.to] }

// reading is the facts of one conversation on their way.
type reading struct {
	m     *Maker
	in    Input
	t     *transcript
	found []candidate // of the message under way
	past  []candidate // of those before
}

func (x *reading) take(s *said, label string, from, to, rank int) {
	x.takeOf(s, label, from, to, rank, "")
}

func (x *reading) takeOf(s *said, label string, from, to, rank int, line string) {
	if from < to && to <= len(s.body) {
		x.found = append(x.found, candidate{s, label, from, to, rank, line})
	}
}

// mostFacts is how many facts a packet has at most: a pasted table is no matter
// that is read in ten seconds.
const mostFacts = 40

// facts lists what the customer said about their matter, in the order it was
// said, the latest word on each.
func (x *reading) facts() []candidate {
	for _, s := range x.t.customer {
		if s.Choice != nil {
			continue // the words are a title's, not the customer's
		}
		x.found = nil
		x.personal(s)
		x.spoken(s)
		x.codes(s)
		x.amounts(s)
		x.dates(s)
		x.products(s)
		x.names(s)
		x.addresses(s)
		x.pickups(s)
		x.unnumbered(s)
		x.places(s)
		x.wordings(s)
		x.quantities(s)
		x.times(s)
		x.past = append(x.past, s.merged(settled(x.found))...)
		if len(x.past) > 4*mostFacts {
			break
		}
	}
	return x.past
}

// personal takes what personal data is found in a message.
func (x *reading) personal(s *said) {
	for _, p := range x.m.pii.FindWith(s.body, x.in.OrderNumbers) {
		switch p.Kind {
		case pii.Email:
			if s.others(p.From) || x.in.Catalogue.owns(s.body[p.From:p.To]) {
				x.take(s, "", p.From, p.To, 10)
				continue
			}
			x.take(s, Email, p.From, p.To, 10)
		case pii.Phone:
			if x.in.Catalogue.owns(s.body[p.From:p.To]) {
				x.take(s, "", p.From, p.To, 10)
				continue
			}
			x.take(s, Phone, p.From, p.To, 7)
		case pii.IBAN:
			x.take(s, IBAN, p.From, p.To, 10)
		case pii.Address:
			x.take(s, Address, p.From, s.addressEnd(p.To), 7)
		case pii.Card:
			x.take(s, "", p.From, p.To, 11) // nobody needs it: it only keeps its place
		case pii.Order:
			if len(x.in.OrderNumbers) > 0 && x.m.patterned(s.body[p.From:p.To], x.in.OrderNumbers) {
				x.take(s, OrderNumber, p.From, p.To, 9)
			}
		}
	}
}

// codes takes numbers that something says the kind of.
func (x *reading) codes(s *said) {
	stop := func(_, to int) bool { return s.counted(to) }
	list := joined(s.body, codesIn(s.body), stop)
	cues := cuesOf(s)
	asked := x.asked(s)
	var last code // the last one whose kind is known
	lastLabel := ""
	for i, c := range list {
		c = spelled(s.body, c)
		if p := prefixed(s.body, c); !slices.ContainsFunc(cues, func(q cue) bool { return q.h.from < c.from && q.h.to > p.from }) {
			c = p // "KW 5084419"; not the "IVA" of "IVA 01234560158", which says what it is
		}
		c = x.lettered(s, c)
		label, rank := x.kindOf(s, cues, c, list[:i], asked)
		if widens(label) {
			c = s.lengthened(c)
		}
		if label == "" && s.series(last, c) {
			label, rank = lastLabel, 5
		}
		if label != "" {
			x.take(s, label, c.from, c.to, rank)
			last, lastLabel = c, label
		}
	}
	x.printed(s)
	x.shouted(s)
	x.masked(s)
}

// series says whether a code stands right behind another in a list and looks like
// it: "serials 10337, 10338 and 10341".
func (s *said) series(a, b code) bool {
	if a.to == 0 || b.from < a.to || b.from-a.to > 7 || b.digits < 3 || b.letters > a.letters || b.digits > a.digits+1 || s.counted(b.to) {
		return false
	}
	switch strings.TrimSpace(s.body[a.to:b.from]) {
	case ",", "and", "&", "+", "/", "und", "et", "y", "e", "en", "i", "ve", "و", "、", "和", "と", ";", ", and", "or", "oder", "ou", "o", "of", "lub", ", -", "/-", "":
		return a.digits >= 3 && (b.digits == a.digits || b.digits+b.letters >= 4)
	default:
		return false
	}
}

// lettered takes the letters of the site's order numbers in before a code, small
// ones too: "kw 55 12 008".
func (x *reading) lettered(s *said, c code) code {
	i := s.wordAt(c.from)
	if c.letters > 0 || i == 0 || i >= len(s.words) || s.words[i-1].To > c.from || c.from-s.words[i-1].To > 2 || strings.Trim(s.body[s.words[i-1].To:c.from], " -.") != "" {
		return c
	}
	if from := s.words[i-1].From; s.words[i-1].To-from <= 4 && x.ours(s.body[from:c.to], false) {
		c.letters += s.words[i-1].To - from
		c.from = from
	}
	return c
}

// widens says whether codes of a kind are printed in groups of capitals and
// digits.
func widens(label string) bool {
	switch label {
	case Voucher, Tracking, Reference, Serial, ReturnCode, Invoice, TaxNumber, Code:
		return true
	default:
		return false
	}
}

// kindOf says what a code is, and how sure that is: by what the customer says
// before or after it, by its shape, or by what they were asked for.
func (x *reading) kindOf(s *said, cues []cue, c code, before []code, asked []string) (label string, rank int) {
	if r, _ := utf8.DecodeLastRuneInString(s.body[:c.from]); s.others(c.from) || strings.ContainsRune(signs, r) {
		return "", 0
	}
	value := s.body[c.from:c.to]
	counted := c.letters == 0 && s.counted(c.to)
	cued, ok := cueFor(s, cues, c, before)
	switch {
	case x.serialLike(value), serialShape(value), numbered(value) && x.speaksOf(serialCue):
		return Serial, 8
	case len(x.in.OrderNumbers) > 0 && x.ours(value, false):
		return OrderNumber, 9
	case partShape(value, c) && strings.Count(value, "-") >= 2 && c.letters >= 3 && (!ok || cued == OrderNumber || cued == ErrorCode):
		return Code, 8 // "can I order the KW-S2-G54": a part, not an order
	case ok && cued == CardEnd && !s.namesCard(s.sentence(c.from).From, c.from) && s.has(serialCue, s.sentence(c.from).From, c.from):
		return Serial, 8 // "the serial ends 4471"
	case (!ok || cued == Code || cued == ErrorCode || cued == OrderNumber) && modelled(value):
		return Serial, 8
	case (!ok || cued == Code || cued == OrderNumber || cued == Reference || cued == ErrorCode) && numbered(value) && year2(value) && c.letters >= 2:
		return Serial, 8
	case ok && cued != Code && !counted && (cued != ErrorCode || !x.in.Catalogue.knows(value)):
		return cued, 8
	case errorShape(value, c):
		return ErrorCode, 6
	case len(x.in.OrderNumbers) == 0 && orderShape(value, c):
		return OrderNumber, 8
	case versionShape(value):
		return SoftVersion, 6
	}
	if taxShape(value) && x.speaksOf(vatCue) && fits(TaxNumber, c) {
		return TaxNumber, 8
	}
	for _, label := range asked {
		if label == OrderNumber && len(x.in.OrderNumbers) > 0 && c.letters > 0 {
			continue // the site's are known, and this is none
		}
		if fits(label, c) && c.digits >= 3 && !counted {
			return label, 6
		}
	}
	if head, _, ok := strings.Cut(value, "-"); ok && c.digits >= 3 && mixed(head) && x.in.Catalogue.knows(head) && (x.speaksOf(serialCue) || slices.Contains(asked, Serial)) {
		return Serial, 8 // a part of one: "begins S3-24"
	}
	if label := x.corrected(s, c); label != "" && !counted {
		return label, 5
	}
	switch {
	case ok && cued == Code && !counted && c.digits >= 6 && c.letters <= 3:
		return OrderNumber, 5 // "no. 5162288", where nothing else says of what
	case partShape(value, c):
		return Code, 6
	case counted:
		return "", 0
	case c.letters == 0 && c.digits == 4 && c.groups == 1 && !strings.HasPrefix(value, "19") && !strings.HasPrefix(value, "20") && s.has(cardEndCue, s.clauseAt(s.sentence(c.from), c.from), c.from):
		return CardEnd, 4
	case trackingShape(plain(value), c):
		return Tracking, 4
	case s.dialled(value, c, x.m.book):
		return Phone, 4
	case len(x.in.OrderNumbers) > 0 && x.ours(value, true):
		return OrderNumber, 3
	case len(x.in.OrderNumbers) == 0 && bareShape(value, c):
		return OrderNumber, 3
	case c.upper && c.letters >= 2 && c.digits >= 3 && c.groups == 1 && len(plain(value)) >= 6 && len(plain(value)) <= 24 && !x.in.Catalogue.knows(value), c.letters == 0 && c.digits >= 9 && c.digits <= 20 && !strings.ContainsAny(value, "./"):
		return Code, 2
	}
	return "", 0
}

// namesCard says whether a word for a card or an account stands in a part.
func (s *said) namesCard(from, to int) bool {
	for i := s.wordAt(from); i < len(s.words) && s.words[i].To <= to; i++ {
		switch s.words[i].Form {
		case "card", "visa", "mastercard", "amex", "maestro", "iban", "account", "karte", "konto", "kreditkarte", "carte", "cb", "compte", "tarjeta", "cuenta", "carta", "conto", "cartao", "conta", "pas", "pinpas", "bankpas", "rekening", "karta", "karty", "kart", "kartim", "kartimin", "البطاقه", "بطاقه", "بطاقتي", "カード", "卡":
			return true
		}
	}
	return false
}

// corrected is what a code is that follows a word of correction and says nothing
// of itself: what the last one like it was.
func (x *reading) corrected(s *said, c code) string {
	if !s.corrects(c.from, c.to) {
		return ""
	}
	for _, o := range slices.Backward(x.past) {
		if !hard(o.label) || o.label == Email || o.label == Phone {
			continue
		}
		if n := len(plain(o.value())) - c.digits - c.letters; n >= -2 && n <= 2 && c.digits >= 3 {
			return o.label
		}
		return ""
	}
	return ""
}

// speaksOf says whether the customer used a phrase of a group anywhere.
func (x *reading) speaksOf(g group) bool {
	return slices.ContainsFunc(x.t.customer, func(s *said) bool { return len(s.hits[g]) > 0 })
}

// asked is what the customer was asked for last, where this message may be the
// answer.
func (x *reading) asked(s *said) []string {
	at := slices.Index(x.t.messages, s)
	for at--; at >= 0; at-- {
		p := x.t.messages[at]
		if p.Author == "customer" {
			continue
		}
		if p.lang == nil || !asks(p.body) {
			return nil
		}
		var out []string
		for _, q := range cuesOf(p) {
			if q.label != ErrorCode && q.label != Code && !slices.Contains(out, q.label) {
				out = append(out, q.label)
			}
		}
		return out
	}
	return nil
}

// serialLike says whether a code begins with a product's model: "S3-24-110482".
func (x *reading) serialLike(value string) bool {
	head, rest, ok := strings.Cut(value, "-")
	return ok && len(rest) >= 4 && mixed(head) && x.in.Catalogue.knows(head)
}

// knows says whether a name is in the catalogue.
func (c *Catalogue) knows(name string) bool {
	if c == nil {
		return false
	}
	ws := text.Folded(name)
	return len(ws) > 0 && slices.ContainsFunc(c.phrases.Begin(ws), func(f text.Found) bool { return f.To == len(ws) })
}

// others says whether what stands at a place is somebody else's: in its clause,
// before it, stands whose.
func (s *said) others(at int) bool {
	p := s.sentence(at)
	from := s.clauseAt(p, at)
	for _, h := range s.hits[relation] {
		if h.first > 0 && yours(s.words[h.first-1].Form) {
			continue // the shop's own
		}
		if h.from >= from && h.to <= at || h.from >= at && h.from <= at+24 && h.to <= p.To && !strings.ContainsAny(s.body[at:h.from], ",;.") && s.wordBetweenAny(at, h.from) {
			return true
		}
	}
	return false
}

// yours says whether a word before a person says that they are the shop's.
func yours(form string) bool {
	switch form {
	case "your", "ihr", "ihre", "ihrer", "ihrem", "ihren", "euer", "eure", "votre", "vos", "uw", "jullie", "vostro", "vostra", "vosso", "vossa", "wasz", "wasza", "vuestro", "vuestra":
		return true
	default:
		return false
	}
}

// wordBetweenAny says whether a word of a number's stands between two places:
// "4711 is my neighbour's".
func (s *said) wordBetweenAny(from, to int) bool {
	return s.has(orderCue, from, to) || s.wordAt(to)-s.wordAt(from) >= 2
}

// settled keeps, of candidates that overlap, the higher and then the longer one,
// in the order they stand.
func settled(list []candidate) []candidate {
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.to-b.from, a.to-a.from), cmp.Compare(a.from, b.from))
	})
	var out []candidate
	for _, c := range list {
		if !slices.ContainsFunc(out, func(o candidate) bool { return c.from < o.to && o.from < c.to }) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b candidate) int { return cmp.Compare(a.from, b.from) })
	return slices.DeleteFunc(out, func(c candidate) bool { return c.label == "" })
}
