package pg_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/internal/pg"
)

func TestDisk_IsKnownWithoutACodeOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  pgconn.PgError
		want bool
	}{
		{pgconn.PgError{Code: "53100", Message: "could not extend file"}, true},
		{pgconn.PgError{Code: "58030"}, true},
		{pgconn.PgError{Code: "XX000", Message: "could not write init file"}, true},
		{pgconn.PgError{Code: "XX000", Message: "cache lookup failed"}, false},
		{pgconn.PgError{Code: "53300"}, false},
	} {
		if got := pg.Disk(&c.err); got != c.want {
			t.Errorf("%s %q: %v", c.err.Code, c.err.Message, got)
		} else if got && !pg.Away(&c.err) {
			t.Errorf("%s %q may not be asked again", c.err.Code, c.err.Message)
		}
	}
}
