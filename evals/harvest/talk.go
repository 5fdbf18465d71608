package harvest

import "time"

// Reasons why a turn is worth a case.
const (
	NotQuite  = "not_quite"  // the customer said that a reply did not help
	BadRating = "bad_rating" // the customer rated how the case was dealt with, badly
	Reopened  = "reopened"   // the case came back after it was closed
	Corrected = "corrected"  // an agent moved the case, or said what it was about
	Abstained = "abstained"  // the bot found no answer
)

// Reasons lists them.
func Reasons() []string { return []string{NotQuite, BadRating, Reopened, Corrected, Abstained} }

// Talk is a stored conversation as far as the bot had it. Nothing in it is
// masked.
type Talk struct {
	ID       string // the conversation's; only its hash goes further
	Language string
	Turns    []Turn // oldest first
	Signs    []Sign
}

// Turn is a message of the customer's and what the bot did.
type Turn struct {
	ID       string
	Text     string
	Action   string   // answer, clarify, none, handoff
	Reason   string   // of the decision
	Articles []string // quoted or offered, by their ids
	P        float64  // that the first passage answers, as the bot said then
}

// Sign says that a turn is worth a case.
type Sign struct {
	Turn string // the turn's id; one that the talk has not is passed over
	Why  string
	At   time.Time
	// What people's doings say is right; empty: nothing.
	Desk, Topic, Article string
}

// Candidate is a case that somebody has yet to label.
type Candidate struct {
	ID           string   // of the case
	Split        string   // Train or Frozen
	Conversation string   // its hash
	Words        string   // hash of what the last turn says, of a short one with what went before
	Day          string   // of the first sign, as 2026-11-22
	Why          []string // sorted
	Language     string
	Say          []string // what the customer said, masked
	Was          string   // what the bot did with the last of it
	Proposed     []string // what is right, as far as people's doings say: "desk: support"
	Cut          bool     // earlier turns were left out
}

// Splits.
const (
	Train  = "train"
	Frozen = "frozen"
)
