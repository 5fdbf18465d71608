package handoff

import (
	"time"

	"frontdesk/bot/convo"
)

// Labelled is a closed case with what people of the desk decided about it: what
// an example for triage is made of. Nothing in it is masked.
type Labelled struct {
	Reference string
	ClosedAt  time.Time
	Ended     Ended
	Language  string
	Name      string // the visitor's, where an identity gave one: to be masked
	Email     string // likewise

	Was     Triage // what triage had said last; zero: nothing
	Desk    string // as it turned out: that of the queue people moved it to, else triage's; empty: not known
	Topic   string
	Product string

	From, To string   // the queue that the routes gave it and where it ended; Moved says whether people did that
	Moved    bool     // people moved it to another queue
	Topical  bool     // the one who closed it said what it was about
	Lined    bool     // likewise, of which product line
	Why      []string // reasons that people gave on the way, oldest first

	Article string   // of the suggested reply that was sent
	Edited  float64  // how far it was changed, 0 to 1
	Unused  []string // articles of suggestions that were turned down

	Problem  convo.ID        // the message that says what it is about; zero: not known
	Note     string          // what the customer wrote with the button
	Messages []convo.Message // before the case was opened, oldest first
}

// nearly is how far a suggestion may be changed and still be what answered.
const nearly = .5

// Chosen says whether anybody of the desk decided anything that teaches triage.
func (l Labelled) Chosen() bool {
	return l.Moved || l.Topical || l.Lined || l.Answered() != "" || len(l.Unused) > 0
}

// Answered is the article that answers, as far as the desk's own reply says so;
// empty where none does.
func (l Labelled) Answered() string {
	if l.Article == "" || l.Edited >= nearly {
		return ""
	}
	return l.Article
}

// Said is the message that the case is about, and what was said before it.
func (l Labelled) Said() (text string, before []convo.Message) {
	at := -1
	for i, m := range l.Messages {
		if m.Author == convo.Customer && (m.ID == l.Problem || l.Problem == (convo.ID{})) {
			at = i // without a problem: the last one
		}
	}
	if at < 0 {
		return l.Note, nil
	}
	return l.Messages[at].Text, l.Messages[:at]
}
