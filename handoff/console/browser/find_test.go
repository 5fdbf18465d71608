package browser_test

import (
	"testing"

	"frontdesk/internal/stage"
)

// TestFind searches, keeps searches, and sets what leads set.
func TestFind(t *testing.T) {
	with := stage.Need(t, stageDir)
	run(t, with, newService(t), "find", "")
}
