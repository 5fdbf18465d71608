package files

import (
	"context"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
)

// None stands in for a Service where no files are taken.
type None struct{}

var errNone = fault.New(fault.Unsupported, "files_off", "Files are not taken here. Please describe it in words.")

// Take refuses.
func (None) Take(context.Context, Piece) (Taken, error) { return Taken{}, errNone }

// Open finds nothing.
func (None) Open(context.Context, convo.Key, convo.ID, Side, bool) (*Reading, error) {
	return nil, ErrNoFile
}
