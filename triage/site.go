package triage

import (
	"time"

	"frontdesk/retrieval"
	"frontdesk/triage/model"
)

// Where a label is from, best first.
const (
	FromSettled   = "settled"   // by the site's owner, with `labels set` or `labels import`
	FromOwner     = "owner"     // from the article's front matter
	FromTopic     = "topic"     // the desk of the article's topic, by the site's table
	FromSuggested = "suggested" // proposed by a model and not settled yet
	FromExample   = "example"
	FromNowhere   = "none"
)

// Label is what an article is about.
type Label struct {
	Article string  `json:"article"`
	Desk    Desk    `json:"desk,omitempty"`
	Topic   string  `json:"topic,omitempty"`
	Product string  `json:"product,omitempty"`
	DeskP   Desks   `json:"-"` // of a suggestion
	TopicP  float64 `json:"-"` // of a suggestion
	Why     string  `json:"-"` // of a suggestion
}

// Stamp says how old what is known of a site is: it moves with every change.
type Stamp struct {
	Version    int64 // of what was settled; 0: nothing ever was
	Generation int   // of the published knowledge; 0: none
}

// Site is what a site has settled, and what is suggested to it: all that a
// decision needs beside the message and its surroundings. It is read whole,
// kept in memory, and never changed once it is there.
type Site struct {
	ID        retrieval.SiteID
	Policy    Policy
	Settled   map[string]Label // by article
	Suggested map[string]Label // by article
	Examples  *Examples        // nil: none

	Stamp Stamp
	Owner map[string]Article // the published articles, as their owner labelled them
	List  *model.List        // of example questions; nil: there are too few, or it is not learned yet

	kept     map[string]bool // articles whose suggestion is stored
	shipped  Policy
	reads    *SiteReaders
	again    time.Time     // when a list that could not be learned is tried again; zero: nothing failed
	learning chan struct{} // closed when a list that is being learned is there; nil: none is
}

// policy is the site's own over the shipped one.
func (s *Site) policy() Policy { return s.Policy.over(s.shipped) }

// named is an article's labels as far as anybody said them.
type named struct {
	desks   Desks
	topic   string
	topicP  float64
	product string
	from    string
}

// label finds out what a neighbour is about: what its owner settled goes before
// what its front matter says, that before a suggestion.
func (s *Site) label(n *retrieval.Neighbour) named {
	settled, suggested := s.Settled[n.ID], s.Suggested[n.ID]
	out := named{topicP: 1, from: FromNowhere}
	switch {
	case settled.Topic != "":
		out.topic = settled.Topic
	case n.Topic != "":
		out.topic = n.Topic
	case suggested.Topic != "":
		out.topic, out.topicP = suggested.Topic, suggested.TopicP
	}
	out.product = settled.Product
	if out.product == "" {
		out.product = n.Product
	}
	if out.product == "" {
		out.product = suggested.Product
	}
	owner, ok := ParseDesk(n.Desk)
	byTopic := Desk("")
	if settled.Topic != "" || n.Topic != "" {
		byTopic = s.policy().deskOf(out.topic)
	}
	switch {
	case settled.Desk != "":
		out.desks.add(settled.Desk, 1)
		out.from = FromSettled
	case ok:
		out.desks.add(owner, 1)
		out.from = FromOwner
	case byTopic != "":
		out.desks.add(byTopic, 1)
		out.from = FromTopic
	case suggested.DeskP.sum() > 0:
		out.desks, out.from = suggested.DeskP.normal(), FromSuggested
	default:
		out.desks = desksAtLarge()
	}
	return out
}

// Rules are the policy that counts: the site's own over the shipped one.
func (s *Site) Rules() Policy { return s.policy() }
