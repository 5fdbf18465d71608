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
	ErrDisk        = errors.New("the database's disk is full or failing")
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
		if Disk(pgErr) {
			return true
		}
		switch pgErr.Code {
		case "53200", "53300", // no memory, no connection left
			"25006": // turned read-only by a failover
			return true
		}
		// 08: connection; 57P01–57P03: shut down, crashed, starting.
		return strings.HasPrefix(pgErr.Code, "08") || strings.HasPrefix(pgErr.Code, "57P")
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, ErrUnreachable) || errors.Is(err, ErrDisk) || strings.Contains(err.Error(), "conn closed")
}

// Disk says whether the server's disk is full, or fails. A server that cannot even
// keep what a new connection reads gives no code of its own.
func Disk(err *pgconn.PgError) bool {
	return err.Code == "53100" || err.Code == "58030" || err.Code == "XX000" && strings.HasPrefix(err.Message, "could not write init file")
}

// NotNow says whether the same statement may well succeed a moment later: the
// server is away, or had no time for it (a time limit, a deadlock, a lock not
// had, a caller that stopped waiting, a pool that is closing).
func NotNow(err error) bool {
	if err == nil {
		return false
	}
	if Away(err) || pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.Code == "57014" || pgErr.Code == "40P01" || pgErr.Code == "55P03"
	}
	return strings.Contains(err.Error(), "closed pool")
}
