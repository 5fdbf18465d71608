package browser_test

import (
	"testing"

	"frontdesk/internal/stage"
)

// TestAccess plays what everybody needs, in every state of the chat.
func TestAccess(t *testing.T) {
	with := stage.Need(t, ".")
	base, _ := newScripted(t)
	with.Run(t, stage.Play{Base: base, Control: base + "/control", Set: "access", Only: *only})
}
