package packet

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/triage/text"
)

//go:embed words.json
var wordsJSON []byte

// group is what a phrase is used for: a key of words.json.
type group int

const (
	polite group = iota
	person       // wishes for a person
	matter       // nouns of what customers write about
	device       // things that are sold
	fault
	opens // beginnings of questions and requests
	tried // "I already …"
	self  // … before did
	did   // what one does to a thing that fails
	not
	failed // "that didn't work"
	helpedBy
	correct // "sorry, I mean"
	deny    // right before a value that is denied
	denied  // right after one
	orderCue
	trackingCue
	invoiceCue
	returnCue
	voucherCue
	serialCue
	errorCue
	versionCue
	modelCue
	filler // between a cue and its code
	number
	weekday
	month
	unit
	date
	nameCue
	placeCue
	promise
	currency
	measure
	piece
	weak     // words that may correct: "sorry", "no"
	instead  // "instead of"
	mistaken // "put", "typed": what follows was a mistake where "instead of" follows
	numCue   // "no.", where nothing says of what
	errorWord
	amountCue
	title // Mr
	postcodeCue
	vatCue
	cardEndCue
	relation // people whose things are not the customer's
	refCue
	engraveCue
	bought
	pickup
	groups
)

func (g group) String() string {
	return [groups]string{
		"polite", "person", "matter", "device", "fault", "open", "tried", "self", "did", "not", "fail", "helped", "correct", "deny", "denied",
		"order", "tracking", "invoice", "returncode", "voucher", "serial", "error", "version", "model", "filler",
		"number", "weekday", "month", "unit", "date", "name", "place", "promise", "currency", "measure", "piece",
		"weak", "instead", "mistaken", "num", "errword", "amountcue", "title", "postcode", "vat", "cardend", "relation", "ref", "engrave", "bought", "pickup",
	}[g]
}

// Classes of words, as the phrases for dates name them: "xnum xunit ago".
const (
	numClass     = "xnum"
	yearClass    = "xyear"
	ordClass     = "xord" // third, 3rd
	weekdayClass = "xday"
	monthClass   = "xmonth"
	unitClass    = "xunit"
)

// entry is a phrase's group, and how many of its first words, in brackets, say
// what follows without being part of it: "(since) march".
type entry struct {
	group group
	lead  int
}

// language is the phrases of one language.
type language struct {
	code    string
	phrases text.Phrases    // ids: places in the book's entries
	list    text.PhraseList // while they are read
	classes map[string]string
	single  map[string]uint64 // a form → groups in which it stands alone, as bits
	pieces  []string          // words for numbers that longer ones are made of; nil where there are none
	things  []string          // beginnings of words for things that are sold
}

// book is the phrases of all languages.
type book struct {
	entries []entry
	langs   map[string]*language
	tongues *text.Tongues
}

func readBook() (*book, error) {
	var all map[string]map[string][]string
	if err := json.Unmarshal(wordsJSON, &all); err != nil {
		return nil, fmt.Errorf("packet: words.json: %w", err)
	}
	b := &book{langs: map[string]*language{}}
	var err error
	if b.tongues, err = text.NewTongues(); err != nil {
		return nil, fmt.Errorf("packet: %w", err)
	}
	for _, lang := range slices.Sorted(maps.Keys(all)) {
		l := &language{code: lang, classes: map[string]string{}, single: map[string]uint64{}}
		for g := range groups {
			list, ok := all[lang][g.String()]
			if !ok {
				return nil, fmt.Errorf("packet: words.json: %s has no %s", lang, g)
			}
			for _, phrase := range list {
				if err := b.add(l, g, phrase); err != nil {
					return nil, fmt.Errorf("packet: words.json: %s, %s: %w", lang, g, err)
				}
			}
		}
		l.phrases = l.list.Phrases()
		l.pieces = l.numerals(lang)
		b.langs[lang] = l
	}
	if b.langs["en"] == nil {
		return nil, fmt.Errorf("packet: words.json: no English")
	}
	return b, nil
}

func (b *book) add(l *language, g group, phrase string) error {
	if class := classOf(g); class != "" {
		ws := text.Folded(phrase)
		if len(ws) == 1 {
			l.classes[ws[0].Form] = class
			return nil
		}
		if g != unit { // "ヶ月" is two words; a phrase has it spelled out
			return fmt.Errorf("%q is not one word", phrase)
		}
		return nil
	}
	e := entry{group: g}
	if rest, ok := strings.CutPrefix(phrase, "("); ok {
		lead, value, found := strings.Cut(rest, ")")
		if !found || lead == "" {
			return fmt.Errorf("%q: a bracket is not closed", phrase)
		}
		e.lead, phrase = len(strings.Fields(lead)), lead+value
	}
	id := slices.Index(b.entries, e)
	if id < 0 {
		id = len(b.entries)
		b.entries = append(b.entries, e)
	}
	if g == filler {
		for _, w := range text.Folded(phrase) {
			l.single[w.Form] |= 1 << filler
		}
		return nil
	}
	if ws := text.Folded(phrase); (g == piece || g == device) && len(ws) == 1 && len(ws[0].Form) >= 4 {
		l.things = append(l.things, ws[0].Form)
	}
	return l.list.Add(phrase, id)
}

// longestEnding is how many bytes a word's form may have behind what the lists
// have of it: "Bechern", "młynkami".
const longestEnding = 3

// thing says whether a word is one for a thing that is sold, in any form.
func (l *language) thing(form string) bool {
	return slices.ContainsFunc(l.things, func(t string) bool {
		rest, ok := strings.CutPrefix(form, t)
		return ok && len(rest) <= longestEnding
	})
}

func classOf(g group) string {
	switch g {
	case number:
		return numClass
	case weekday:
		return weekdayClass
	case month:
		return monthClass
	case unit:
		return unitClass
	default:
		return ""
	}
}

// of gives a language's phrases; English's for one there are none of.
func (b *book) of(lang string) *language {
	lang, _, _ = strings.Cut(strings.ToLower(lang), "-")
	if l := b.langs[lang]; l != nil {
		return l
	}
	return b.langs["en"]
}

// hit is a phrase in a message: words, and bytes.
type hit struct {
	first, last int // words, last included
	from, to    int
	lead        bool // words before it say what it is
}

// classed gives every word its class, as a second way to read it.
func (l *language) classed(s string, ws []text.Word) {
	for i := range ws {
		w := &ws[i]
		raw := s[w.From:w.To]
		switch n, tail := digits(raw); {
		case n == 4 && tail == "" && (strings.HasPrefix(raw, "19") || strings.HasPrefix(raw, "20")):
			w.Form, w.Alt = numClass, yearClass
			continue
		case n == 4 && (strings.HasPrefix(raw, "19") || strings.HasPrefix(raw, "20")) && inYear(tail):
			w.Form, w.Alt = numClass, yearClass
			continue
		case n > 0 && tail == "":
			w.Alt = numClass
			continue
		case n > 0 && n <= 2 && ordinal(tail):
			w.Form, w.Alt = numClass, ordClass
			continue
		}
		if ordinalWord(w.Form) {
			w.Alt = ordClass
			continue
		}
		class, ok := l.classes[w.Form]
		if at := strings.IndexAny(raw, "'’"); !ok && at > 0 && l.code == "tr" { // Kasım'a
			if ws := text.Folded(raw[:at]); len(ws) == 1 {
				class, ok = l.classes[ws[0].Form]
				ok = ok && class == monthClass
			}
		}
		switch {
		case !ok && l.compound(w.Form):
			class, ok = numClass, true
		case class == monthClass && w.Form == "sept" && i > 0 && w.From > 0 && s[w.From-1] == '-':
			class = numClass // vingt-sept
		}
		if strings.ContainsAny(raw, "'’") && class == weekdayClass {
			continue // We'd
		}
		if !ok || short(raw) && (class == monthClass || class == weekdayClass) && raw[0] >= 'a' && raw[0] <= 'z' && !beside(s, ws, i) {
			continue // "mar", "sat": a date only with a capital, or beside a number
		}
		w.Alt = class
	}
}

// ordinalWord says whether a word is an English day's number: "the second of
// March".
func ordinalWord(form string) bool {
	switch form {
	case "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth":
		return true
	default:
		return false
	}
}

// inYear says whether a year's Turkish ending follows it: 2024'te.
func inYear(tail string) bool {
	switch strings.TrimLeft(tail, "'’") {
	case "te", "ta", "de", "da", "ten", "tan", "den", "dan":
		return true
	default:
		return false
	}
}

// beside says whether a number stands before or behind a word, or a word that a
// day follows before it: "4 nov", "since fri".
func beside(s string, ws []text.Word, i int) bool {
	if i > 0 {
		switch ws[i-1].Form {
		case "last", "next", "since", "until", "til", "till", "by", "early", "mid", "late", "of", "on", "this", "every":
			return true
		}
	}
	for _, k := range []int{i - 1, i + 1} {
		if k < 0 || k >= len(ws) || ws[max(k, i)].From-ws[min(k, i)].To > 2 {
			continue
		}
		if n, tail := digits(s[ws[k].From:ws[k].To]); n > 0 && n <= 2 && (tail == "" || ordinal(tail)) || ws[k].Alt == yearClass || n == 4 && tail == "" && s[ws[k].From] <= '2' {
			return true
		}
	}
	return false
}

// short says whether a word is a short form, or May or March, which are other
// words too.
func short(raw string) bool { return len(raw) <= 3 || raw == "march" || raw == "mart" }

// digits counts the decimal digits that a word begins with.
func digits(raw string) (n int, tail string) {
	for i, r := range raw {
		if _, ok := text.Digit(r); !ok {
			return n, raw[i:]
		}
		n++
	}
	return n, ""
}

func ordinal(tail string) bool {
	switch strings.ToLower(tail) {
	case "st", "nd", "rd", "th", "er", "e", "è", "º", "ª", "°", "ter", "ten", "de", "ste", "ème", "go", "’th":
		return true
	default:
		return false
	}
}
