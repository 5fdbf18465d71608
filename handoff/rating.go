package handoff

import (
	"time"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
)

// Scores run from 1 (worst) to 5 (best).
const (
	WorstScore = 1
	BestScore  = 5
)

// Rating is what a customer says of how a case was dealt with. What is 0 or
// empty was not said; a later rating adds to an earlier one and replaces what
// both say.
type Rating struct {
	Satisfaction int    // CSAT, 1 to 5: how happy are you with it?
	Ease         int    // effort (CES), 1 to 5: how easy was it?
	Comment      string // at most 2,000 characters
}

// MaxRatingComment is how long a comment may be, in characters.
const MaxRatingComment = 2000

// Check refuses what says nothing or is out of range.
func (r Rating) Check() error {
	in := func(n int) bool { return n == 0 || n >= WorstScore && n <= BestScore }
	switch {
	case r.Satisfaction == 0 && r.Ease == 0 && r.Comment == "":
		return ErrRatingEmpty
	case !in(r.Satisfaction) || !in(r.Ease):
		return ErrScore
	case len([]rune(r.Comment)) > MaxRatingComment:
		return ErrRatingComment
	}
	return nil
}

// What is refused of ratings and of links in mails.
var (
	ErrScore         = fault.New(fault.Invalid, "score", "A score is a whole number from 1 to 5.")
	ErrRatingEmpty   = fault.New(fault.Invalid, "rating", "Say satisfaction, ease or a comment.")
	ErrRatingComment = fault.New(fault.Invalid, "comment", "The comment may have at most 2,000 characters.")
	ErrNotAsked      = fault.New(fault.Conflict, "rating_not_asked", "There is nothing to rate here: you are asked when a request is closed, and can answer for two weeks.")
	ErrLink          = fault.New(fault.NotFound, "link_invalid", "This link is not valid, has been used already, or has run out.")
)

// MailPurpose is what the code of a link in a mail is for; it is for nothing else.
type MailPurpose string

const (
	MailConfirm MailPurpose = "confirm" // the address is theirs
	MailRating  MailPurpose = "rating"
)

// MailLink is what a code stands for. Reading one changes nothing.
type MailLink struct {
	Site      int32
	Case      convo.ID
	Reference string
	SiteName  string
	Purpose   MailPurpose
	Language  string
	Address   string // MailConfirm
	ExpiresAt time.Time
	Used      bool
}

// Rated is a rating with what it is about.
type Rated struct {
	Case         convo.ID  `json:"case"`
	Reference    string    `json:"reference"`
	Queue        string    `json:"queue"`
	Topic        string    `json:"topic,omitempty"`
	Agent        convo.ID  `json:"agent,omitzero"`
	AgentName    string    `json:"agent_name,omitempty"`
	AskedBy      string    `json:"asked_by"` // page or mail
	AskedAt      time.Time `json:"asked_at"`
	Satisfaction int       `json:"satisfaction,omitempty"`
	Ease         int       `json:"ease,omitempty"`
	Comment      string    `json:"comment,omitempty"`
	RatedAt      time.Time `json:"rated_at,omitzero"`
}

// RatingSum is what the ratings of a queue, an agent or a topic come to.
type RatingSum struct {
	Name         string  `json:"name"`
	Asked        int     `json:"asked"`
	Rated        int     `json:"rated"`
	Happy        float64 `json:"happy"`        // share of 4 and 5 among those who said satisfaction; 0 where nobody did
	Satisfaction float64 `json:"satisfaction"` // mean; 0 where nobody said
	Ease         float64 `json:"ease"`         // likewise
}
