package settings

import (
	"maps"
	"slices"
	"time"
)

// Public is what GET /v1/widget/{site} answers: all that a loader and an app
// need to draw themselves. It may grow; nothing in it changes silently.
type Public struct {
	Site      string          `json:"site"`
	Name      string          `json:"name"`
	Language  string          `json:"language"`  // the first of those wanted that there are words in; a label may be in another
	Languages []string        `json:"languages"` // the site's
	Words     Words           `json:"words"`     // the site's own; empty ones are the app's
	Accent    string          `json:"accent"`    // as set; empty: the built-in one
	Palette   Palette         `json:"palette"`
	Tokens    Tokens          `json:"-"`      // what the launcher and the app are given as declarations
	Theme     string          `json:"theme"`  // auto, light or dark
	Corner    string          `json:"corner"` // right or left
	Offset    Offset          `json:"offset"`
	Logo      string          `json:"logo,omitempty"` // path on this service
	Topics    []PublicTopic   `json:"topics"`         // at most six
	Hours     *Hours          `json:"hours,omitempty"`
	Hidden    []string        `json:"hidden"`  // pages without a launcher
	Origins   []string        `json:"origins"` // pages that may show the widget; none: those of this service alone
	Help      string          `json:"help"`    // address of the help pages: whole, or a path on this service
	Privacy   string          `json:"privacy,omitempty"`
	Proactive PublicProactive `json:"proactive"`
}

// PublicTopic is an entry of the menu.
type PublicTopic struct {
	Topic    string          `json:"topic"` // empty: the one list of a site whose articles name none
	Label    string          `json:"label"`
	Total    int             `json:"total"` // articles about it
	URL      string          `json:"url"`   // its own help page
	Articles []PublicArticle `json:"articles"`
}

// PublicArticle is a popular article of a topic.
type PublicArticle struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Lang  string `json:"lang,omitempty"`
	URL   string `json:"url"`
}

// Hours say whether people are there.
type Hours struct {
	Open   bool       `json:"open"`
	Opens  *time.Time `json:"opens,omitempty"`  // while closed; left out where nobody knows
	Closes *time.Time `json:"closes,omitempty"` // while open; left out where it is always open
	Zone   string     `json:"zone,omitempty"`   // of the shop, for a visitor elsewhere
}

// PublicProactive are the rules that are in use, and the caps; off: no rules.
type PublicProactive struct {
	On         bool         `json:"on"`
	PerDay     int          `json:"per_day"`
	PerVisitor int          `json:"per_visitor"`
	Rules      []PublicRule `json:"rules"`
}

// PublicRule is a rule with its words in one language.
type PublicRule struct {
	ID   string `json:"id"`
	Say  string `json:"say"`
	Ask  string `json:"ask,omitempty"`
	When When   `json:"when"`
}

// PublicRules are the rules in use with their words in the language.
func (p Proactive) PublicRules(langs ...string) PublicProactive {
	out := PublicProactive{On: p.On, PerDay: p.DayCap(), PerVisitor: p.VisitorCap(), Rules: []PublicRule{}}
	for _, r := range p.Rules {
		if !p.On || r.Off {
			continue
		}
		say := In(r.Say, langs...)
		if say == "" { // another language beats silence
			say = r.Say[slices.Min(slices.Collect(maps.Keys(r.Say)))]
		}
		out.Rules = append(out.Rules, PublicRule{ID: r.ID, Say: say, Ask: r.Ask, When: r.When})
	}
	return out
}
