package triage

import (
	"cmp"
	"math"
	"slices"
)

// Desk is whose matter a message is.
type Desk string

const (
	Service Desk = "service" // improves the experience: accounts, orders, money, the company
	Support Desk = "support" // solves a product's problem: faults, use, what it can do
	Both    Desk = "both"    // a new sale
	None    Desk = "none"    // small talk, attacks, other businesses' matters, a wish for a person alone
)

// ParseDesk reads a desk; ok is false for a word that names none.
func ParseDesk(s string) (d Desk, ok bool) {
	switch d = Desk(s); d {
	case Service, Support, Both, None:
		return d, true
	default:
		return "", false
	}
}

// Desks are probabilities by desk. They add up to 1.
type Desks struct {
	Service float64 `json:"service"`
	Support float64 `json:"support"`
	Both    float64 `json:"both"`
	None    float64 `json:"none"`
}

// Of is the probability of one desk.
func (d Desks) Of(desk Desk) float64 {
	switch desk {
	case Service:
		return d.Service
	case Support:
		return d.Support
	case Both:
		return d.Both
	case None:
		return d.None
	default:
		return 0
	}
}

// add puts weight on a desk.
func (d *Desks) add(desk Desk, w float64) {
	switch desk {
	case Service:
		d.Service += w
	case Support:
		d.Support += w
	case Both:
		d.Both += w
	case None:
		d.None += w
	}
}

func (d Desks) times(w float64) Desks {
	return Desks{d.Service * w, d.Support * w, d.Both * w, d.None * w}
}

func (d Desks) plus(o Desks) Desks {
	return Desks{d.Service + o.Service, d.Support + o.Support, d.Both + o.Both, d.None + o.None}
}

func (d Desks) sum() float64 { return d.Service + d.Support + d.Both + d.None }

// normal makes the probabilities add up to 1; where there is nothing to go by,
// they are those of messages at large.
func (d Desks) normal() Desks {
	s := d.sum()
	if !(s > 0) || math.IsInf(s, 0) {
		return desksAtLarge()
	}
	return d.times(1 / s)
}

// desksAtLarge is how the messages of the corpus' training businesses are
// spread: what is left to say of a message that nothing is known about.
func desksAtLarge() Desks { return Desks{Service: .49, Support: .43, Both: .03, None: .05} }

// Best is the most probable desk and the gap to the next.
func (d Desks) Best() (best Desk, lead float64) {
	list := []Desk{Service, Support, Both, None} // of equal ones the first: service is the first point of contact
	slices.SortStableFunc(list, func(a, b Desk) int { return cmp.Compare(d.Of(b), d.Of(a)) })
	return list[0], d.Of(list[0]) - d.Of(list[1])
}

// rounded keeps four digits that add up to exactly 1 in decimal.
func (d Desks) rounded() Desks {
	const unit = 10000
	best, _ := d.Best()
	var out Desks
	left := unit
	for _, desk := range []Desk{Service, Support, Both, None} {
		if desk == best {
			continue
		}
		n := int(math.Round(d.Of(desk) * unit))
		left -= n
		out.add(desk, float64(n)/unit)
	}
	out.add(best, float64(left)/unit)
	return out
}

// Decision is what a message is, as far as can be told, and how sure that is.
// Its JSON is the batch contract's line without the id.
type Decision struct {
	Desk    Desk    `json:"desk"`
	DeskP   Desks   `json:"desk_p"`
	Topic   string  `json:"topic"` // of the site's own list; empty: none can be told
	TopicP  float64 `json:"topic_p"`
	Article string  `json:"article"` // the entry of the knowledge nearest to the message; empty: there is none
	// ArticleP is the probability that it is the right one of the entries, given
	// that one is.
	ArticleP    float64 `json:"article_p"`
	InScopeP    float64 `json:"in_scope_p"` // that the site's knowledge covers it at all
	WantsHumanP float64 `json:"wants_human_p"`
	Mood        float64 `json:"mood"`    // -1 angry or desperate … 1 delighted
	Urgency     float64 `json:"urgency"` // 0 … 1
	Language    string  `json:"language"`
	LanguageP   float64 `json:"language_p"`
	Product     string  `json:"product"` // product line; empty: none, or it cannot be told
	// Products are those to ask about where two fit and it matters; else empty.
	Products []string `json:"products,omitempty"`
	Rule     string   `json:"rule"` // must-go rule that fired; empty: none
	RuleP    float64  `json:"rule_p,omitempty"`
	// OwnDataP is the probability that the customer's own data would have to be
	// looked up, so that a general article alone is no answer.
	OwnDataP float64    `json:"own_data_p"`
	Matters  []Matter   `json:"matters"`
	Personal []Personal `json:"personal,omitempty"` // personal data in the text
	// Unsure says of which fields nothing firm can be told, and why. A field
	// that is not listed here is meant.
	Unsure []Doubt `json:"unsure,omitempty"`

	Why *Explanation `json:"why,omitempty"` // where it was asked for
}

// Matter is one thing a message is about.
type Matter struct {
	Desk    Desk   `json:"desk"`
	Topic   string `json:"topic"`
	Article string `json:"article"`
	Span    [2]int `json:"span"` // bytes of the text
}

// Personal is personal data in a text.
type Personal struct {
	Kind string `json:"kind"` // email, phone, card, iban, order, address
	From int    `json:"from"` // bytes of the text
	To   int    `json:"to"`
}

// Doubt is a field that nothing firm can be told of.
type Doubt struct {
	What string `json:"what"` // desk, topic, article, product, language, history, text, search, site
	Why  string `json:"why"`
}

// UnsureOf says whether the decision states a doubt about a field.
func (d Decision) UnsureOf(what string) bool {
	return slices.ContainsFunc(d.Unsure, func(x Doubt) bool { return x.What == what })
}

func (d *Decision) doubt(what, why string) {
	if !d.UnsureOf(what) {
		d.Unsure = append(d.Unsure, Doubt{what, why})
	}
}

// Explanation is why a decision came out as it did.
type Explanation struct {
	Voters []Voter  `json:"voters"`
	Rules  []string `json:"rules,omitempty"` // that fired, with what they saw
	Moves  []string `json:"moves,omitempty"` // what moved the probabilities
}

// Voter is an entry that took part in the votes.
type Voter struct {
	Article string  `json:"article,omitempty"`
	Example string  `json:"example,omitempty"` // id of a site's example
	Title   string  `json:"title,omitempty"`
	Asked   string  `json:"asked,omitempty"` // the way customers ask that stood nearest
	Weight  float64 `json:"weight"`          // its part of the votes
	Desk    Desks   `json:"desk"`            // what it voted
	Topic   string  `json:"topic,omitempty"`
	From    string  `json:"from"` // where its label is from: owner, settled, suggested, example, topic, none
}

// round keeps four digits: more is noise.
func round(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return math.Round(x*1e4) / 1e4
}
