package packet

import (
	"time"

	"frontdesk/bot/convo"
)

// Input is all that a packet is made of. Every field but Events and Now may be
// left empty: the lines it would have given are then not there.
type Input struct {
	// Events of the conversation, in order. Of a long one the last 200 are
	// plenty; what came before was read when it was news.
	Events   []convo.Event
	Case     Case
	Identity *Known
	Page     Page
	Consent  []Consented
	Earlier  []Earlier
	Feedback []Feedback
	// Readings are what a reader said of single messages; where there are none
	// for a message, the Maker's own Feel reads it.
	Readings []MessageReading
	// Found are passages that a search found for the customer's last question,
	// best first, those for agents only left out.
	Found []Passage

	Catalogue *Catalogue // of the site's products; nil: none
	// OrderNumbers are the site's own patterns of order numbers, as triage's
	// policy has them.
	OrderNumbers []string
	Zone         *time.Location // the customer's, as far as known; nil: UTC
	Now          time.Time
}

// Case is what the case says by itself.
type Case struct {
	ID      convo.ID
	Reason  string
	Contact string // how to reach them later, in their words
	// Call is the turn whose triage told desk, topic and product; zero: it is
	// the case's own word.
	Call     convo.ID
	Desk     string
	DeskP    map[string]float64 // by desk; may be nil
	Topic    string
	TopicP   *float64
	Product  string
	ProductP *float64
	Language string
	Urgency  *float64
	Mood     *float64
}

// Known is who the visitor is.
type Known struct {
	Visitor convo.ID
	Name    string
	Email   string
	Signed  bool // by a token of the shop's server
}

// Page is where the conversation was begun.
type Page struct{ URL, Title string }

// Consented is what a customer agreed to or refused, with where it is kept.
type Consented struct {
	To    string
	Given bool
	At    time.Time
	From  Ref
}

// Earlier is a case of the same visitor's before this one.
type Earlier struct {
	ID        convo.ID
	Reference string
	Topic     string
	State     string
	Ended     string
	At        time.Time
}

// Feedback is a customer's press under a message.
type Feedback struct {
	Message convo.ID
	Helpful bool
}

// MessageReading is what a reader said of a message.
type MessageReading struct {
	Message convo.ID
	Mood    float64 // -1 … 1
	Urgency float64 // 0 … 1
}

// Passage is a piece of a public article.
type Passage struct {
	Article string
	Title   string
	URL     string
	Text    string
	P       float64 // that it answers
}
