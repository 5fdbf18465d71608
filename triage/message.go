package triage

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/retrieval"
)

// Roles of what was said before.
const (
	RoleCustomer = "customer"
	RoleBot      = "bot"
	RoleAgent    = "agent"
)

// Said is one turn of what was said before.
type Said struct {
	Role string `json:"role"`
	Text string `json:"text"`
}

// Message is what is to be decided about.
type Message struct {
	Site    retrieval.SiteID
	Text    string
	History []Said // oldest first
	// Query is what is to be searched for where that is not the text alone: a
	// follow-up takes along what it goes on about. Empty: the text.
	Query  string
	Lang   string        // of the page, or of the conversation so far; empty: not known
	Shown  []string      // articles that were shown in the conversation, the last ones first
	Waited time.Duration // how long the customer has waited for an answer
	// Follows says that the message was taken as going on about something.
	Follows bool
	Explain bool // fill Decision.Why
}

const (
	// longest is how much of a message is read: more than anybody types, less
	// than what would hold the embedder up. Of a longer one the beginning and
	// the end are: the wish stands in one of them.
	longest = 8000
	// longestPast is how many turns before the message are looked at.
	longestPast = 24
)

// past is what can be used of a history: what the customer said, oldest first.
// A turn that repeats the message itself as its last word is the message.
func (m Message) past() (customer []string, unknown bool) {
	list := m.History[max(0, len(m.History)-longestPast):]
	for i, h := range list {
		switch h.Role {
		case RoleCustomer:
			if i == len(list)-1 && h.Text == m.Text {
				continue
			}
			customer = append(customer, h.Text)
		case RoleBot, RoleAgent:
		default:
			unknown = true
		}
	}
	return customer, unknown
}

// cut keeps the beginning and the end of a long text.
func cut(s string) (short string, whole bool) {
	if len(s) <= longest || utf8.RuneCountInString(s) <= longest {
		return s, true
	}
	r := []rune(s)
	return string(r[:longest*3/4]) + "\n" + string(r[len(r)-longest/4:]), false
}

// speaks says whether a text has a letter or digit of any script.
func speaks(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
