package files

import (
	"time"

	"frontdesk/bot/convo"
)

// Side is who of a conversation sends or reads.
type Side bool

const (
	ByVisitor Side = false
	ByAgent   Side = true
)

// The parts of a file that are stored.
const (
	PartRaw   = 0 // as it comes in
	PartFile  = 1
	PartSmall = 2
)

// Piece is a piece of an upload as it arrives.
type Piece struct {
	Key     convo.Key
	Visitor convo.ID // who sends it; zero for somebody of the desk
	By      Side
	Name    string // as its sender calls it
	Upload  string // the sender's name for the upload; empty for a file that is whole in this piece
	From    int64
	Total   int64
	Bytes   []byte // not kept beyond the call
}

// Taken is what became of a piece.
type Taken struct {
	Received int64       // go on from here; the total once it is kept
	File     *convo.File // nil while it is coming
	Repeat   bool        // it was there already
}

// Coming is an upload as the store knows it.
type Coming struct {
	ID       convo.ID
	Total    int64
	Received int64
	File     *convo.File // where it is kept already
}

// Limits bound what is sent.
type Limits struct {
	// Of one side of a conversation: how many files, and how many bytes.
	Files int
	Bytes int64
	// Of a visitor, since a moment, in all their conversations.
	DayFiles int
	DayBytes int64
	Since    time.Time
}

// Opening begins an upload.
type Opening struct {
	Piece
	ID     convo.ID
	Limits Limits
	At     time.Time
}

// Kept is a checked file on its way to be kept.
type Kept struct {
	Hash          []byte // SHA-256 of what was sent
	Name          string
	Type          string
	Width, Height int
	Bytes         []byte
	SmallType     string
	Small         []byte // nil: there is none
	PieceSize     int
}

// Stored is a file that can be read.
type Stored struct {
	convo.File
	Hash      []byte
	SmallType string // empty: there is none
	SmallSize int
}
