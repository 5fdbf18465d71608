package pg

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// What preflight and migrations find wrong. Each comes wrapped with the
// particulars and the remedy.
var (
	ErrUnreachable = errors.New("postgres does not answer")
	ErrPassword    = errors.New("postgres refuses the user or the password")
	ErrNoDatabase  = errors.New("no such database")
	ErrTooOld      = errors.New("postgres is too old")
	ErrNoVector    = errors.New("no usable pgvector")
	ErrNoRight     = errors.New("the database user may not do this")
	ErrReadOnly    = errors.New("the database is read-only")
	ErrBehind      = errors.New("the database is older than this program")
	ErrNewer       = errors.New("the database is newer than this program")
	ErrBadDSN      = errors.New("the database address cannot be read")
)

// Away says whether the error means that the server cannot be used at present
// (gone, going, coming, full), as opposed to a fault in what was asked of it.
// What was asked may be asked again when it is back.
func Away(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		// 08: connection; 57P01–57P03: shut down, crashed, starting; 53300: no
		// connection left; 25006: turned read-only by a failover.
		return strings.HasPrefix(pgErr.Code, "08") || strings.HasPrefix(pgErr.Code, "57P") ||
			pgErr.Code == "53300" || pgErr.Code == "25006"
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "conn closed")
}
