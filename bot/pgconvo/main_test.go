package pgconvo

import (
	"flag"
	"os"
	"testing"
)

// A plan runs two instances against a real database, about a third of a second
// on a busy machine: twenty-five each time, more with -rapid.checks.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		_ = flag.Set("rapid.checks", "25")
	}
	os.Exit(m.Run())
}
