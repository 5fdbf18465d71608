package convo

import (
	"time"

	"github.com/google/uuid"
)

// ID names a conversation, a visitor, a turn, a message or a case: a UUID,
// version 7, so that rows written together lie together.
type ID = uuid.UUID

// Key names a conversation within the whole database: no conversation is ever
// looked for without its site.
type Key struct {
	Site int32
	ID   ID
}

// Author is who wrote a message.
type Author string

const (
	Customer Author = "customer"
	Bot      Author = "bot"
	Agent    Author = "agent"
	System   Author = "system" // the service's own fixed words
)

// Outcome is how a turn ended.
type Outcome string

const (
	Answer  Outcome = "answer"
	Clarify Outcome = "clarify"
	None    Outcome = "none"
	Queued  Outcome = "queued"  // handed to a queue
	Relayed Outcome = "relayed" // a person owns the conversation: passed on, the bot is silent
	Merged  Outcome = "merged"  // answered together with the next message
	Failed  Outcome = "error"   // a part failed; the customer was told
)

// Citation is a quote with where it stands.
type Citation struct {
	Article string `json:"article"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Quote   string `json:"quote"`
	// Where the quote stands, so that it can be opened and checked later.
	Generation int `json:"generation"`
	From       int `json:"from"` // bytes of the stored body of that generation
	To         int `json:"to"`
}

// Choice is one of several articles that may be meant.
type Choice struct {
	Article string `json:"article"`
	Title   string `json:"title"`
	Quote   string `json:"quote"`            // the line of it that answers best
	Header  string `json:"header,omitempty"` // of a line that is a table's row: the table's header row
	// Where the line stands, as a citation says it.
	Generation int `json:"generation"`
	From       int `json:"from"`
	To         int `json:"to"`
	// Pieces are what of the article is quoted when it is chosen, as they were
	// found: spans of its body, "from-to", with a blank between two, a "j" behind
	// one that follows the one before, an "r" behind one that goes on with its
	// table. Empty: the section that the line stands in.
	Pieces string `json:"pieces,omitempty"`
}

// Chosen is which choice of which message a customer pressed.
type Chosen struct {
	Message ID     `json:"message"`
	Article string `json:"article"`
}

// Message is what somebody said.
type Message struct {
	ID          ID         `json:"id"`
	Turn        *ID        `json:"turn,omitempty"`          // the turn it belongs to, where one does
	ClientMsgID string     `json:"client_msg_id,omitempty"` // of a customer: the name the client gave it
	Author      Author     `json:"author"`
	Name        string     `json:"name,omitempty"` // of an agent
	Text        string     `json:"text"`           // of the bot: Markdown; of everybody else: plain text
	Citations   []Citation `json:"citations,omitempty"`
	Choices     []Choice   `json:"choices,omitempty"`
	Choice      *Chosen    `json:"choice,omitempty"`       // of a customer who pressed one
	Files       []File     `json:"files,omitempty"`        // what was sent along; text may be empty then
	OfferPerson bool       `json:"offer_person,omitempty"` // the text offers a person: show the way to one
	Rate        *ID        `json:"rate,omitempty"`         // asks how a case was dealt with: which one
	SignedIn    bool       `json:"signed_in,omitempty"`    // says that its customer has signed in: tokens of before do not reach the conversation any more
	Lang        string     `json:"lang,omitempty"`         // language of the text where it is known
	At          time.Time  `json:"at"`
}
