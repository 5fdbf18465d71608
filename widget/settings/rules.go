package settings

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// Proactive is when the widget may speak first. It is off until the site turns
// it on.
type Proactive struct {
	On         bool   `json:"on,omitempty"`
	PerDay     int    `json:"per_day,omitempty"`     // how often a visitor is spoken to on one day; 0: once
	PerVisitor int    `json:"per_visitor,omitempty"` // and in all; 0: three times
	Rules      []Rule `json:"rules,omitempty"`       // the first one that fires is the one
}

// Rule is one reason to speak first. Every condition that is set has to hold.
type Rule struct {
	ID   string            `json:"id"`            // a-z, 0-9 and hyphens: what take-up is counted under
	Off  bool              `json:"off,omitempty"` // kept, but not used
	Say  map[string]string `json:"say"`           // one line by language, at most 160 characters
	Ask  string            `json:"ask,omitempty"` // topic that a press opens; empty: the first screen
	When When              `json:"when"`
}

// When are a rule's conditions; at least one has to be set.
type When struct {
	Pages        []string `json:"pages,omitempty"`         // see Match
	Seconds      int      `json:"seconds,omitempty"`       // on this page, at least; up to an hour
	CartAbove    float64  `json:"cart_above,omitempty"`    // cart worth at least this, in the shop's currency
	SearchFailed bool     `json:"search_failed,omitempty"` // the page's own search found nothing
	Error        bool     `json:"error,omitempty"`         // the page shows an error
	Visits       int      `json:"visits,omitempty"`        // at least the n-th visit
	Languages    []string `json:"languages,omitempty"`
	People       bool     `json:"people,omitempty"` // only while people are there
}

// Situation is what the widget knows when it asks the rules. All of it stays in
// the visitor's browser.
type Situation struct {
	Page         string  `json:"page"`     // the whole address
	Seconds      int     `json:"seconds"`  // on this page
	Cart         float64 `json:"cart"`     // worth, in the shop's currency
	Visits       int     `json:"visits"`   // this one among them
	Language     string  `json:"language"` // of the page
	SearchFailed bool    `json:"search_failed"`
	Error        bool    `json:"error"`
	People       bool    `json:"people"`       // somebody is there
	Conversation bool    `json:"conversation"` // one is open, or the window is
	Declined     bool    `json:"declined"`     // this visitor said no to any rule, ever
	Today        int     `json:"today"`        // how often they were spoken to today
	Ever         int     `json:"ever"`         // and in all
}

// Verdict is what becomes of one rule.
type Verdict struct {
	Rule  string `json:"rule"`
	Fires bool   `json:"fires"`
	Why   string `json:"why"` // in words, where it does not fire
}

const (
	defaultPerDay     = 1
	defaultPerVisitor = 3
	maxRules          = 20
)

var ruleForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// DayCap is how often a visitor is spoken to on one day.
func (p Proactive) DayCap() int { return cmp.Or(p.PerDay, defaultPerDay) }

// VisitorCap is how often a visitor is spoken to in all.
func (p Proactive) VisitorCap() int { return cmp.Or(p.PerVisitor, defaultPerVisitor) }

// Rule finds a rule by its id.
func (p Proactive) Rule(id string) (Rule, bool) {
	for _, r := range p.Rules {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}

// Judge says of each rule whether it fires in a situation. One at most does:
// the first, in the order of the list. hidden are the pages without a launcher.
func (p Proactive) Judge(hidden []string, s Situation) []Verdict {
	held := p.held(hidden, s)
	taken := ""
	out := make([]Verdict, len(p.Rules))
	for i, r := range p.Rules {
		why := cmp.Or(held, r.misses(s))
		if why == "" && taken != "" {
			why = "rule " + taken + " comes first"
		}
		if why == "" {
			taken = r.ID
		}
		out[i] = Verdict{Rule: r.ID, Fires: why == "", Why: why}
	}
	return out
}

// held is why nothing fires at all; "" where nothing holds the rules back.
func (p Proactive) held(hidden []string, s Situation) string {
	switch {
	case !p.On:
		return "proactive is off for this site"
	case s.Declined:
		return "this visitor said no"
	case s.Conversation:
		return "a conversation is open"
	case MatchAny(hidden, s.Page):
		return "the widget is hidden on this page"
	case s.Today >= p.DayCap():
		return fmt.Sprintf("spoken to %s today, and the cap is %d", times(s.Today), p.DayCap())
	case s.Ever >= p.VisitorCap():
		return fmt.Sprintf("spoken to %s in all, and the cap is %d", times(s.Ever), p.VisitorCap())
	default:
		return ""
	}
}

// misses is the first condition that does not hold; "": all do.
func (r Rule) misses(s Situation) string {
	w := r.When
	switch {
	case r.Off:
		return "the rule is off"
	case len(w.Pages) > 0 && !MatchAny(w.Pages, s.Page):
		return "the page is none of " + strings.Join(w.Pages, ", ")
	case s.Seconds < w.Seconds:
		return fmt.Sprintf("%d of %d seconds on the page", s.Seconds, w.Seconds)
	case w.CartAbove > 0 && s.Cart < w.CartAbove:
		return fmt.Sprintf("the cart is worth %g, and has to be worth %g", s.Cart, w.CartAbove)
	case w.SearchFailed && !s.SearchFailed:
		return "no search failed"
	case w.Error && !s.Error:
		return "the page shows no error"
	case s.Visits < w.Visits:
		return fmt.Sprintf("visit %d, and it has to be visit %d", s.Visits, w.Visits)
	case len(w.Languages) > 0 && !spoken(w.Languages, s.Language):
		return "the page's language is none of " + strings.Join(w.Languages, ", ")
	case w.People && !s.People:
		return "nobody is there"
	default:
		return ""
	}
}

func spoken(langs []string, lang string) bool {
	for _, l := range langs {
		if primary(l) == primary(lang) {
			return true
		}
	}
	return false
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func (p Proactive) check() error {
	if p.PerDay < 0 || p.PerDay > 5 || p.PerVisitor < 0 || p.PerVisitor > 20 {
		return invalid("proactive: per_day is 1 to 5, per_visitor 1 to 20")
	}
	if len(p.Rules) > maxRules {
		return invalid("proactive.rules: at most %d", maxRules)
	}
	seen := map[string]bool{}
	for i, r := range p.Rules {
		where := fmt.Sprintf("proactive.rules[%d]", i)
		switch {
		case !ruleForm.MatchString(r.ID):
			return invalid("%s.id has 1 to 40 of a-z, 0-9 and hyphens", where)
		case seen[r.ID]:
			return invalid("%s: %s is there twice", where, r.ID)
		case len(r.Say) == 0:
			return invalid("%s.say has no words", where)
		case !short(r.Ask, 80):
			return invalid("%s.ask has at most 80 characters", where)
		}
		seen[r.ID] = true
		if err := checkTexts(where+".say", r.Say, 160); err != nil {
			return err
		}
		if err := r.When.check(where + ".when"); err != nil {
			return err
		}
	}
	return nil
}

func (w When) check(where string) error {
	if len(w.Pages) == 0 && w.Seconds == 0 && w.CartAbove == 0 && !w.SearchFailed && !w.Error && w.Visits == 0 {
		return invalid("%s: a rule needs a page, a time, a cart, a failed search, an error or a visit", where)
	}
	if w.Seconds < 0 || w.Seconds > 3600 || w.Visits < 0 || w.Visits > 1000 || w.CartAbove < 0 {
		return invalid("%s: seconds are 0 to 3600, visits 0 to 1000, cart_above is not negative", where)
	}
	for _, l := range w.Languages {
		if !tagForm.MatchString(l) {
			return invalid("%s.languages: %q is no language", where, l)
		}
	}
	return checkPatterns(where+".pages", w.Pages)
}
