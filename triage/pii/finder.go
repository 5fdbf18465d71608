package pii

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"frontdesk/triage/text"
)

// Kinds of personal data.
const (
	Email   = "email"
	Phone   = "phone"
	Card    = "card"
	IBAN    = "iban"
	Order   = "order"
	Address = "address"
)

// Span is personal data in a text, in bytes.
type Span struct {
	Kind     string
	From, To int
}

//go:embed company.json
var companyJSON []byte

// company is the words around a number that say what it is, in all languages
// together: a word of one is hardly ever another one's. They are written as
// text.PhraseList has them.
type company struct {
	Phone  []string `json:"phone"`       // before a phone number, up to a few words away
	Soon   []string `json:"phone_after"` // right after one
	Card   []string `json:"card"`        // before a card number, likewise
	Order  []string `json:"order"`       // right before an order number, Number aside
	After  []string `json:"order_after"` // right after one, Number aside
	Number []string `json:"number"`      // words between that say nothing: "order number is"
	Other  []string `json:"other"`       // right before a number that is neither, Number aside
	Units  []string `json:"units"`       // right after a number that is an amount
	Codes  []string `json:"codes"`       // before a short number that is a code or a limit
	Bare   []string `json:"bare"`        // of Order, those that an amount or a year may follow: "order 1000 napkins"
	// NoStreet are words that no street's name has; of those in NoStreetAs that holds
	// as they are written: "12 The Lane" and "An der Alster 12" are streets.
	NoStreet   []string `json:"no_street"`
	NoStreetAs []string `json:"no_street_as"`
	// IBAN is how long an account number is, by country (ISO 13616).
	IBAN map[string]int `json:"iban"`
	// At and Dot are how people write the signs of an e-mail address out.
	At  []string `json:"at"`
	Dot []string `json:"dot"`
	// Streets are regular expressions, tried in turn.
	Streets []string `json:"streets"`
}

// Finder finds personal data. It is safe for concurrent use.
type Finder struct {
	iban     map[string]int
	company  text.Phrases
	streets  []street
	none     []string       // words that no street's name has, in small letters
	noneAs   []string       // likewise, as they are written
	signs    []string       // words for the signs of an e-mail address
	written  *regexp.Regexp // e-mail addresses whose signs are written out
	patterns sync.Map       // a site's pattern → *regexp.Regexp, nil where it is none
	kept     atomic.Int64   // how many patterns are in it
}

// New reads the data that is built in.
func New() (*Finder, error) {
	var c company
	if err := json.Unmarshal(companyJSON, &c); err != nil {
		return nil, fmt.Errorf("personal data: company.json: %w", err)
	}
	var err error
	var near text.PhraseList
	f := &Finder{iban: c.IBAN, none: c.NoStreet, noneAs: c.NoStreetAs}
	for kind, list := range [...][]string{phoneNear: c.Phone, phoneSoon: c.Soon, cardNear: c.Card, orderWord: c.Order, orderSoon: c.After, numberWord: c.Number, otherWord: c.Other, unit: c.Units, codeWord: c.Codes, bareWord: c.Bare} {
		for _, p := range list {
			if err := near.Add(p, kind); err != nil {
				return nil, fmt.Errorf("personal data: company.json: %w", err)
			}
		}
	}
	f.company = near.Phrases()
	for _, s := range c.Streets {
		st, err := streetOf(s)
		if err != nil {
			return nil, fmt.Errorf("personal data: company.json: %w", err)
		}
		f.streets = append(f.streets, st)
	}
	f.signs = slices.Concat(c.At, c.Dot)
	if f.written, err = writtenOut(c.At, c.Dot); err != nil {
		return nil, fmt.Errorf("personal data: company.json: %w", err)
	}
	return f, nil
}

// Find finds personal data.
func (f *Finder) Find(s string) []Span { return f.FindWith(s, nil) }

// FindWith finds personal data, and the order numbers of a site by its own
// patterns: regular expressions in Go's syntax, of which the whole match is the
// number.
func (f *Finder) FindWith(s string, orderPatterns []string) []Span {
	p := simplify(s)
	return p.back(f.find(p.text, orderPatterns))
}

func (f *Finder) find(s string, orderPatterns []string) []Span {
	found := f.emails(s, nil)
	found = f.spoken(s, found)
	found = f.patterned(s, orderPatterns, found)
	if strings.ContainsFunc(s, isDigit) {
		around := f.read(s)
		found = f.ibans(s, found)
		found = f.cards(s, around, found)
		found = f.orders(s, around, found)
		found = f.numbers(s, around, found)
		found = f.addresses(s, around, found)
	}
	return settle(found)
}

// rank says whose find stands where two overlap.
func rank(kind string) int {
	switch kind {
	case IBAN:
		return 0
	case Card:
		return 1
	case Email:
		return 2
	case Order:
		return 3
	case Phone:
		return 4
	default:
		return 5
	}
}

func settle(found []Span) []Span {
	slices.SortStableFunc(found, func(a, b Span) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(b.To-b.From, a.To-a.From), cmp.Compare(a.From, b.From))
	})
	taken := spans{}
	for _, s := range found {
		taken = taken.add(s)
	}
	return taken
}

// spans are finds that do not overlap, in order.
type spans []Span

// add puts s in its place, unless something stands there.
func (l spans) add(s Span) spans {
	at, _ := slices.BinarySearchFunc(l, s, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	if at > 0 && l[at-1].To > s.From || at < len(l) && l[at].From < s.To {
		return l
	}
	return slices.Insert(l, at, s)
}
