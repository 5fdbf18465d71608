package packet

import "time"

// Version of the JSON that a packet is written as. schema.json describes it.
// Fields may be added within a version; none changes its meaning.
const Version = 1

// Kinds of what a line comes from.
const (
	RefMessage = "message" // ID: the message's
	RefEvent   = "event"   // Seq: the event's number in its conversation
	RefArticle = "article" // ID: the article's
	RefCase    = "case"    // ID: the case's
	RefVisitor = "visitor" // ID: the visitor's, whose signed identity it is
	RefCall    = "call"    // ID: of a reader's or tool's call: the turn it was made in
	RefPage    = "page"    // ID: the address the conversation was begun on
)

// Ref is where a line comes from.
type Ref struct {
	Kind string `json:"kind"`
	ID   string `json:"id,omitempty"`
	Seq  int64  `json:"seq,omitempty"` // the event that holds it, for a reader to jump to
	// From and To are bytes of a message's text, where a part of it is meant.
	From int `json:"from,omitempty"`
	To   int `json:"to,omitempty"`
}

// Quote is words of a message, as they stand in it.
type Quote struct {
	Text string `json:"text"`
	// Cut says that the sentence goes on where the text ends.
	Cut  bool  `json:"cut,omitempty"`
	From []Ref `json:"from"`
}

// Guess is one of several values, with how sure its reader was.
type Guess struct {
	Value string `json:"value"`
	// P is its probability; absent where nobody gave one.
	P *float64 `json:"p,omitempty"`
	// Others are the next values, most probable first.
	Others []Weighed `json:"others,omitempty"`
	From   []Ref     `json:"from"`
}

// Weighed is a value with its probability.
type Weighed struct {
	Value string  `json:"value"`
	P     float64 `json:"p"`
}

// Labels of facts.
const (
	OrderNumber = "order_number"
	Tracking    = "tracking_number"
	Invoice     = "invoice_number"
	ReturnCode  = "return_code"
	Voucher     = "voucher"
	Email       = "email"
	Phone       = "phone"
	Product     = "product"
	Serial      = "serial"
	ErrorCode   = "error_code"
	SoftVersion = "software_version"
	Date        = "date"
	Amount      = "amount"
	Quantity    = "quantity"
	Address     = "address"
	Place       = "place"
	Name        = "name"
	IBAN        = "iban"
	TaxNumber   = "tax_number"
	CardEnd     = "card_end"  // the last digits of a card
	Wording     = "wording"   // to be engraved or printed
	Reference   = "reference" // of another case, a receipt, a repair
	Code        = "code"      // a code that nothing says more of
)

// Fact is something the customer said about their matter.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"` // as it stands in the message of From[0], from its byte From to before To
	// Superseded says that the customer took it back; By is what they put in
	// its place, empty where they put nothing.
	Superseded bool   `json:"superseded,omitempty"`
	By         string `json:"by,omitempty"`
	// From is where it was said, the first place first.
	From []Ref `json:"from"`
}

// How an answer was received.
const (
	Helped  = "helped"
	NoHelp  = "did_not_help"
	Unknown = "unknown"
)

// Shown is an article that was quoted to the customer.
type Shown struct {
	Article string `json:"article"`
	Title   string `json:"title,omitempty"`
	URL     string `json:"url,omitempty"`
	Quote   string `json:"quote,omitempty"` // the first of it; empty for a choice that was offered only
	// As says how: "answer", or "choice" for one of several that the customer
	// could press.
	As       string `json:"as"`
	Pressed  bool   `json:"pressed,omitempty"` // the customer took this choice
	Received string `json:"received"`
	From     []Ref  `json:"from"` // the message that showed it, the article, then what says how it was received
}

// Promise is what the service itself told the customer would happen.
type Promise struct {
	Text string `json:"text"` // the server's own words
	At   string `json:"at"`   // when it was said, RFC 3339
	From []Ref  `json:"from"`
}

// Ways in which an identity is known.
const (
	BySignature = "signed" // the shop's server signed it
	ByWord      = "said"   // the customer said so here; nobody checked it
	ByNothing   = "none"
)

// Identity is who the customer is.
type Identity struct {
	Name     string `json:"name,omitempty"`
	Email    string `json:"email,omitempty"`
	Verified string `json:"verified"`
	From     []Ref  `json:"from"`
}

// Mood is how the customer feels, and where that is going.
type Mood struct {
	Now   float64 `json:"now"`   // -1 angry or desperate … 1 delighted, of the latest message that says
	Word  string  `json:"word"`  // bad, fair, good
	Trend string  `json:"trend"` // falling, steady, rising
	From  []Ref   `json:"from"`
}

// Reading is a number that a reader gave.
type Reading struct {
	Value float64 `json:"value"`
	From  []Ref   `json:"from"`
}

// Line is one thing with its evidence.
type Line struct {
	Value string `json:"value"`
	From  []Ref  `json:"from"`
}

// PageLine is the page the conversation was begun on.
type PageLine struct {
	URL   string `json:"url,omitempty"`
	Title string `json:"title,omitempty"`
	From  []Ref  `json:"from"`
}

// Clock is when the customer wrote, by their own clock where that is known.
type Clock struct {
	Began string `json:"began"` // of the first message, RFC 3339
	Last  string `json:"last"`  // of the latest
	Part  string `json:"part"`  // of the day, of the latest: night, morning, afternoon, evening
	From  []Ref  `json:"from"`
}

// Consent is what the customer agreed to, or refused.
type Consent struct {
	To    string `json:"to"`
	Given bool   `json:"given"`
	At    string `json:"at,omitempty"`
	From  []Ref  `json:"from"`
}

// EarlierCase is a case of the same customer's before this one.
type EarlierCase struct {
	Reference string `json:"reference"`
	Topic     string `json:"topic,omitempty"`
	State     string `json:"state"`
	Ended     string `json:"ended,omitempty"` // how it was wrapped up
	At        string `json:"at"`
	From      []Ref  `json:"from"`
}

// Step is what to do next.
type Step struct {
	// Do is one of the steps in texts.json: a program reads this, people read
	// its words in their language.
	Do    string `json:"do"`
	About string `json:"about,omitempty"` // the value it is about, as it stands in a line of this packet
	From  []Ref  `json:"from"`
}

// Reply is what the agent may send, with one key.
type Reply struct {
	Text    string `json:"text"` // as it stands in the article
	Article string `json:"article"`
	Title   string `json:"title,omitempty"`
	URL     string `json:"url,omitempty"`
	Shown   bool   `json:"shown,omitempty"` // the customer has seen it already
	From    []Ref  `json:"from"`
}

// Packet is a case's context.
type Packet struct {
	Version int    `json:"version"`
	Seq     int64  `json:"seq"`  // of the last event it covers
	Made    string `json:"made"` // RFC 3339

	Problem  *Quote        `json:"problem,omitempty"` // in the customer's words, at most MostProblem characters
	Desk     *Guess        `json:"desk,omitempty"`
	Topic    *Guess        `json:"topic,omitempty"`
	Product  *Guess        `json:"product,omitempty"` // the product line
	Reason   *Line         `json:"reason,omitempty"`  // why the bot handed over
	Facts    []Fact        `json:"facts"`
	Tried    []Quote       `json:"tried"`
	Files    []Sent        `json:"files,omitempty"` // what the customer sent along
	Answers  []Shown       `json:"answers"`
	Promised []Promise     `json:"promised"`
	Identity *Identity     `json:"identity,omitempty"`
	Contact  *Line         `json:"contact,omitempty"` // how to reach them later, in their words
	Language *Line         `json:"language,omitempty"`
	Mood     *Mood         `json:"mood,omitempty"`
	Urgency  *Reading      `json:"urgency,omitempty"`
	Page     *PageLine     `json:"page,omitempty"`
	Time     *Clock        `json:"time,omitempty"`
	Consent  []Consent     `json:"consent"`
	Earlier  []EarlierCase `json:"earlier"`
	Next     *Step         `json:"next,omitempty"`
	Reply    *Reply        `json:"reply,omitempty"`
}

// MostProblem is how many characters the problem has at most: one line of a
// list.
const MostProblem = 140

func stamp(t time.Time) string { return t.Format(time.RFC3339) }
