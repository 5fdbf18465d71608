package pg_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// answer is what a server says of itself, in the order preflight asks.
type answer struct {
	version              int32
	banner               string
	recovery, readOnly   bool
	available, installed string
}

// fakeServer speaks enough of Postgres' protocol to answer preflight's one
// question: for servers that cannot be had here.
func fakeServer(t *testing.T, a answer) (dsn string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go a.serve(conn)
		}
	}()
	return fmt.Sprintf("postgres://user:secret@%s/shop?sslmode=disable", l.Addr())
}

func (a answer) serve(conn net.Conn) {
	defer conn.Close()
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if b.Flush() != nil {
		return
	}
	m := pgtype.NewMap()
	oids := []uint32{pgtype.Int4OID, pgtype.TextOID, pgtype.BoolOID, pgtype.BoolOID, pgtype.TextOID, pgtype.TextOID, pgtype.TextOID, pgtype.TextOID}
	values := []any{a.version, a.banner, a.recovery, a.readOnly, a.available, a.installed, "shop", "user"}
	var fields []pgproto3.FieldDescription
	for _, oid := range oids {
		fields = append(fields, pgproto3.FieldDescription{Name: []byte("c"), DataTypeOID: oid, TypeModifier: -1, Format: 1})
	}
	for {
		msg, err := b.Receive()
		if err != nil {
			return
		}
		switch msg.(type) {
		case *pgproto3.Parse:
			b.Send(&pgproto3.ParseComplete{})
		case *pgproto3.Describe:
			b.Send(&pgproto3.ParameterDescription{})
			b.Send(&pgproto3.RowDescription{Fields: fields})
		case *pgproto3.Bind:
			b.Send(&pgproto3.BindComplete{})
		case *pgproto3.Execute:
			row := make([][]byte, len(values))
			for i, v := range values {
				if row[i], err = m.Encode(oids[i], pgtype.BinaryFormatCode, v, []byte{}); err != nil {
					return
				}
			}
			b.Send(&pgproto3.DataRow{Values: row})
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
		case *pgproto3.Sync:
			b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		case *pgproto3.Terminate:
			return
		}
		if b.Flush() != nil {
			return
		}
	}
}
