package handoff

import "frontdesk/internal/fault"

// What became of a customer's wish to have the conversation by e-mail.
const (
	TranscriptSent      = "sent"       // it is on its way to Address
	TranscriptAsked     = "asked"      // whoever reads the mail of Address is asked first whether it is theirs
	TranscriptNoAddress = "no_address" // nobody knows where to
	TranscriptOff       = "off"        // this service sends no mail
)

// Transcript is what became of it.
type Transcript struct {
	State   string `json:"state"`
	Address string `json:"address,omitempty"`
}

// ErrManyTranscripts refuses to fill a mailbox.
var ErrManyTranscripts = fault.New(fault.RateLimited, "many_transcripts_today", "This conversation has been sent to you several times today. Please save it as a text file instead.")
