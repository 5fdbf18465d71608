package cases

import "time"

// Case is a conversation and what is expected of it.
type Case struct {
	ID       string   `yaml:"id" json:"id"`
	Suite    string   `yaml:"suite,omitempty" json:"suite"` // empty in a file that names it for all
	Tags     []string `yaml:"tags,omitempty" json:"tags,omitempty"`
	Severity string   `yaml:"severity,omitempty" json:"severity,omitempty"`
	Source   string   `yaml:"source,omitempty" json:"source,omitempty"` // where it comes from
	Writer   string   `yaml:"writer,omitempty" json:"writer,omitempty"`
	Lang     string   `yaml:"lang,omitempty" json:"lang,omitempty"`
	Turns    []Turn   `yaml:"turns" json:"turns"`
	Note     string   `yaml:"note,omitempty" json:"note,omitempty"` // why this is right

	File string `yaml:"-" json:"-"`
	Line int    `yaml:"-" json:"-"`
}

// Severities. A severe case that fails stops a release by itself; one of low
// severity is counted like others and marked.
const (
	Low    = "low"
	Normal = "normal"
	Severe = "severe"
)

// Turn is one thing that is done: exactly one of Say and Press.
type Turn struct {
	Say   string `yaml:"say,omitempty" json:"say,omitempty"`
	Press string `yaml:"press,omitempty" json:"press,omitempty"`
	// Bubbles makes each line of Say a message of its own, one right after the
	// other, before any reply; expected is what is said to them together.
	Bubbles bool   `yaml:"bubbles,omitempty" json:"bubbles,omitempty"`
	Expect  Expect `yaml:"expect,omitempty" json:"expect"`
}

// What can be pressed; a choice is pressed by its number, from 1. Closed is what
// people do at their desk: they close the case, and the bot has the conversation
// again.
const (
	PressHuman    = "human"
	PressHelped   = "helped"
	PressNotQuite = "not_quite"
	PressClosed   = "closed"
	pressChoice   = "choice:"
)

// Expect is what is expected of a turn's reply. What is left out is not checked.
type Expect struct {
	Action   List              `yaml:"action,omitempty" json:"action,omitempty"` // any of answer, clarify, none, handoff, relay
	Desk     List              `yaml:"desk,omitempty" json:"desk,omitempty"`     // any of service, support, both, none
	Topic    List              `yaml:"topic,omitempty" json:"topic,omitempty"`
	Articles List              `yaml:"articles,omitempty" json:"articles,omitempty"` // one of these is quoted or offered
	Top      List              `yaml:"top,omitempty" json:"top,omitempty"`           // the first one is one of these
	Facts    List              `yaml:"facts,omitempty" json:"facts,omitempty"`       // all stand in an answer
	Forbid   List              `yaml:"forbid,omitempty" json:"forbid,omitempty"`     // none stands in anything that is shown
	Reason   List              `yaml:"reason,omitempty" json:"reason,omitempty"`     // of the decision
	Queue    List              `yaml:"queue,omitempty" json:"queue,omitempty"`       // of a handoff
	Packet   map[string]string `yaml:"packet,omitempty" json:"packet,omitempty"`     // facts the case's packet has, by label
	Personal List              `yaml:"personal,omitempty" json:"personal,omitempty"` // each is found to be personal data, letter by letter
	Missing  bool              `yaml:"missing,omitempty" json:"missing,omitempty"`   // the knowledge has no answer
	Handoff  string            `yaml:"handoff,omitempty" json:"handoff,omitempty"`   // must, must_not, or by:N
	Latency  string            `yaml:"latency,omitempty" json:"latency,omitempty"`   // Instant or NormalTime; reported, never judged
	Cost     *Cost             `yaml:"cost,omitempty" json:"cost,omitempty"`         // what the reply may ask for; nil: anything
}

// Cost is what a reply may ask for at most. Unlike a time it is the same on every
// machine and in every run, so that it is judged. A field that is nil is not.
type Cost struct {
	Searches *int `yaml:"searches,omitempty" json:"searches,omitempty"` // in the knowledge
	Trips    *int `yaml:"trips,omitempty" json:"trips,omitempty"`       // to the database
}

// empty says that anything may be asked for.
func (c *Cost) empty() bool { return c == nil || c.Searches == nil && c.Trips == nil }

// Classes of latency.
const (
	Instant    = "instant"
	NormalTime = "normal"
)

// Within is what a class of latency allows: what is felt as at once, and what does
// not break a train of thought. Reported, never judged. 0: there is no such class.
func Within(class string) time.Duration {
	switch class {
	case Instant:
		return 100 * time.Millisecond
	case NormalTime:
		return time.Second
	}
	return 0
}

// When a handoff is expected.
const (
	Must     = "must"     // by this turn's reply
	MustNot  = "must_not" // not by this turn's reply
	byPrefix = "by:"      // by:N, at the latest by turn N of the conversation
)

// Empty says that nothing is expected.
func (e Expect) Empty() bool {
	return len(e.Action)+len(e.Desk)+len(e.Topic)+len(e.Articles)+len(e.Top)+len(e.Facts)+len(e.Forbid)+len(e.Reason)+len(e.Queue)+len(e.Packet)+len(e.Personal) == 0 &&
		!e.Missing && e.Handoff == "" && e.Cost.empty()
}
