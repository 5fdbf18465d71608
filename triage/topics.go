package triage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/internal/fault"
	"frontdesk/triage/pii"
)

//go:embed policy.json
var policyJSON []byte

// Topic is a row of a site's table: the second level under a desk.
type Topic struct {
	Topic string `json:"topic"`
	Desk  Desk   `json:"desk"`
	What  string `json:"what,omitempty"` // in plain words, for people
}

// Policy is what a site decides about triage, as data. The zero value of a
// field means the shipped default.
type Policy struct {
	Topics []Topic `json:"topics,omitempty"`
	// Rules turns must-go rules off (false); those that are not named are on.
	Rules map[string]bool `json:"rules,omitempty"`
	// Words are a site's own must-go rules: what they are called → phrases.
	Words map[string][]string `json:"words,omitempty"`
	// Safety are a site's own first words when a rule fires, by rule, then by
	// language: {"danger":{"en":"Unplug it and keep away from it."}}.
	Safety map[string]map[string]string `json:"safety,omitempty"`
	// GoTopics are topics that always go to a person.
	GoTopics []string `json:"go_topics,omitempty"`
	// OrderNumbers are regular expressions of the site's order numbers.
	OrderNumbers []string `json:"order_numbers,omitempty"`
}

// DefaultPolicy is the shipped one.
func DefaultPolicy() (Policy, error) {
	p, err := ParsePolicy(policyJSON)
	if err != nil {
		return p, fmt.Errorf("triage's shipped policy: %w", err)
	}
	return p, nil
}

// ParsePolicy reads a policy. The error is of kind fault.Invalid and says what
// is wrong: keys that are not known, a topic twice, a desk that does not exist.
func ParsePolicy(data []byte) (Policy, error) {
	var p Policy
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return p, badPolicy("this is no policy: %v", err)
	}
	if dec.More() {
		return p, badPolicy("there is more after the policy")
	}
	return p, p.validate()
}

func (p Policy) validate() error {
	seen := map[string]bool{}
	for _, t := range p.Topics {
		name := strings.TrimSpace(t.Topic)
		switch _, ok := ParseDesk(string(t.Desk)); {
		case name == "" || name != t.Topic || len(name) > maxLabel:
			return badPolicy("the topic %q has no name, blanks around it, or more than %d bytes", t.Topic, maxLabel)
		case !ok:
			return badPolicy("topic %s: the desk %q is none of service, support, both, none", t.Topic, t.Desk)
		case seen[t.Topic]:
			return badPolicy("topic %s stands in the table twice", t.Topic)
		}
		seen[t.Topic] = true
	}
	for _, rule := range slices.Sorted(maps.Keys(p.Words)) {
		if strings.TrimSpace(rule) == "" || len(p.Words[rule]) == 0 || slices.Contains(p.Words[rule], "") {
			return badPolicy("rule %q has no name or no words", rule)
		}
	}
	if err := pii.Patterns(p.OrderNumbers); err != nil {
		return badPolicy("order_numbers: %v", err)
	}
	for _, t := range p.GoTopics {
		if len(p.Topics) > 0 && !seen[t] {
			return badPolicy("go_topics names %q, which the table of topics lacks", t)
		}
	}
	return nil
}

// maxLabel is how long a topic or a product line may be, in bytes.
const maxLabel = 80

func badPolicy(format string, args ...any) error {
	return fault.New(fault.Invalid, "bad_policy", fmt.Sprintf(format, args...))
}

// deskOf is the desk of a topic; empty where the table lacks it.
func (p Policy) deskOf(topic string) Desk {
	for _, t := range p.Topics {
		if t.Topic == topic {
			return t.Desk
		}
	}
	return ""
}

// ownRules says whether the site has must-go rules or safety words of its own.
func (p Policy) ownRules() bool { return len(p.Words)+len(p.Rules)+len(p.Safety) > 0 }

// over is p where it says something, else the shipped policy.
func (p Policy) over(d Policy) Policy {
	if len(p.Topics) == 0 {
		p.Topics = d.Topics
	}
	if p.Safety == nil {
		p.Safety = d.Safety
	}
	return p
}
