package browser_test

import (
	"testing"

	"frontdesk/internal/stage"
)

// TestFiles plays files in both directions.
func TestFiles(t *testing.T) {
	with := stage.Need(t, stageDir)
	run(t, with, newService(t), "files", "")
}

// TestFiles_Looks takes pictures of them, for people to look at; only with
// -pictures, as TestLooks.
func TestFiles_Looks(t *testing.T) {
	if *pictures == "" {
		t.Skip("needs -pictures")
	}
	with := stage.Need(t, stageDir)
	run(t, with, newService(t), "files-looks", *pictures)
}
