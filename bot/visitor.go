package bot

import (
	"time"

	"frontdesk/bot/convo"
)

// Identity is who the shop's server says the visitor is; it is verified.
type Identity = convo.Identity

// Page is where on the shop's site a conversation began.
type Page struct {
	URL      string `json:"url,omitempty"`
	Title    string `json:"title,omitempty"`
	Referrer string `json:"referrer,omitempty"`
	Article  string `json:"article,omitempty"` // id of the help article it began from: what it is about
}

// Opening starts a conversation.
type Opening struct {
	Site         int32
	Conversation convo.ID
	Visitor      convo.ID // of the token, or a new one
	Known        bool     // Visitor came with a token
	Identity     *Identity
	Page         Page
	Language     string
	At           time.Time
}

// Feedback is what a visitor thinks of a message.
type Feedback struct {
	Key     convo.Key
	Visitor convo.ID
	Message convo.ID
	Helpful bool
	Comment string
	At      time.Time
}

// Talk is one of a visitor's conversations, as they look for it again.
type Talk struct {
	ID    convo.ID
	At    time.Time // of its beginning
	Owner convo.Owner
	Text  string // the customer's first words in it, 120 characters at most
}
