package handoff

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Triage is what is known of a conversation when it is routed. What is empty
// is not known.
type Triage struct {
	Desk     string  `json:"desk,omitempty"`
	Topic    string  `json:"topic,omitempty"`
	Product  string  `json:"product,omitempty"`
	Language string  `json:"language,omitempty"`
	Mood     float64 `json:"mood"`    // -1 … 1
	Urgency  float64 `json:"urgency"` // 0 … 1
	Rule     string  `json:"rule,omitempty"`
	// With probabilities, where triage gave them: they go into the packet.
	DeskP    float64 `json:"desk_p,omitempty"`
	TopicP   float64 `json:"topic_p,omitempty"`
	ProductP float64 `json:"product_p,omitempty"`
}

// Route is one line of a site's routing table: the first one that fits says
// where a case goes. Empty conditions fit everything.
type Route struct {
	Desk         []string `json:"desk,omitempty"` // any of these; likewise the other lists
	Topic        []string `json:"topic,omitempty"`
	Product      []string `json:"product,omitempty"`
	Language     []string `json:"language,omitempty"`
	Group        []string `json:"group,omitempty"` // the customer's, from the signed identity's attribute "group"
	Reason       []string `json:"reason,omitempty"`
	MoodBelow    *float64 `json:"mood_below,omitempty"`
	UrgencyAbove *float64 `json:"urgency_above,omitempty"`
	// Hours is empty, "open" or "closed" (the queue the line names, at that
	// moment), or a span of the day such as "22:00-06:00" in the site's zone.
	Hours string `json:"hours,omitempty"`
	// Triaged false fits only cases that triage has not seen; nil: both.
	Triaged *bool `json:"triaged,omitempty"`

	Queue    string   `json:"queue"`
	Priority Priority `json:"priority"`
}

// Matter is what a route looks at.
type Matter struct {
	Triage
	Reason  Reason
	Group   string
	Triaged bool
	At      time.Time               // in the site's zone
	Open    func(queue string) bool // whether a queue is within its hours; nil: yes
}

// Fits says whether a route is for a matter.
func (r Route) Fits(m Matter) bool {
	switch {
	case r.Triaged != nil && *r.Triaged != m.Triaged,
		!oneOf(r.Desk, m.Desk), !oneOf(r.Topic, m.Topic), !oneOf(r.Product, m.Product), !oneOf(r.Group, m.Group),
		!oneOf(r.Reason, string(m.Reason)), !oneOf(r.Language, primary(m.Language)),
		r.MoodBelow != nil && !(m.Triaged && m.Mood < *r.MoodBelow),
		r.UrgencyAbove != nil && !(m.Triaged && m.Urgency > *r.UrgencyAbove):
		return false
	}
	open := func() bool { return m.Open == nil || m.Open(r.Queue) }
	switch r.Hours {
	case "":
		return true
	case "open":
		return open()
	case "closed":
		return !open()
	default:
		from, to, err := span(r.Hours)
		now := m.At.Hour()*60 + m.At.Minute()
		if err != nil {
			return false
		}
		if from <= to {
			return from <= now && now < to
		}
		return now >= from || now < to
	}
}

func oneOf(list []string, v string) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, v) })
}

func primary(lang string) string {
	p, _, _ := strings.Cut(strings.ToLower(lang), "-")
	return p
}

// span reads "22:00-06:00" as minutes of the day.
func span(s string) (from, to int, err error) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		return 0, 0, fmt.Errorf("%q is no span of the day", s)
	}
	for _, x := range []struct {
		text string
		to   *int
	}{{a, &from}, {b, &to}} {
		t, err := time.Parse("15:04", strings.TrimSpace(x.text))
		if err != nil {
			return 0, 0, fmt.Errorf("%q is no time of day", x.text)
		}
		*x.to = t.Hour()*60 + t.Minute()
	}
	return from, to, nil
}

// Check refuses a route that cannot mean anything; there says whether a queue exists.
func (r Route) Check(there func(queue string) bool) error {
	if !there(r.Queue) {
		return Bad("routes", fmt.Sprintf("there is no queue %q", r.Queue))
	}
	for _, d := range r.Desk {
		if !slices.Contains([]string{"service", "support", "both", "none"}, d) {
			return Bad("routes", fmt.Sprintf("there is no desk %q", d))
		}
	}
	for _, s := range r.Reason {
		if _, err := ParseReason(s); err != nil || s == "" {
			return Bad("routes", fmt.Sprintf("there is no reason %q", s))
		}
	}
	if r.MoodBelow != nil && !(*r.MoodBelow >= -1 && *r.MoodBelow <= 1) {
		return Bad("routes", "mood_below is from -1 to 1")
	}
	if r.UrgencyAbove != nil && !(*r.UrgencyAbove >= 0 && *r.UrgencyAbove <= 1) {
		return Bad("routes", "urgency_above is from 0 to 1")
	}
	if r.Hours != "" && r.Hours != "open" && r.Hours != "closed" {
		if _, _, err := span(r.Hours); err != nil {
			return Bad("routes", err.Error())
		}
	}
	if r.Priority < Low || r.Priority > Urgent {
		return Bad("routes", "priority is low, normal, high or urgent")
	}
	return nil
}

// Choose finds the first route that fits; line is its place in the table from
// 1, 0 where none does.
func Choose(routes []Route, m Matter) (r Route, line int) {
	for i, r := range routes {
		if r.Fits(m) {
			return r, i + 1
		}
	}
	return Route{}, 0
}
