package pgconvo

import (
	"testing"

	"frontdesk/internal/pgtest"
)

func TestStore_Check(t *testing.T) {
	t.Parallel()
	s, err := New(pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}
