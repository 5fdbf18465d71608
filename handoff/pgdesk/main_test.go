package pgdesk

import (
	"os"
	"testing"
)

// deskDSN has the test program be a process of the desk, to be killed: see
// TestKilled_NothingIsHalfDone.
const (
	deskDSN  = "FRONTDESK_TEST_DESK"
	deskTorn = "FRONTDESK_TEST_DESK_TORN"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(deskDSN); dsn != "" {
		if err := workUntilKilled(dsn, os.Getenv(deskTorn) != "", os.Stdout); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
