package pg_test

import (
	"testing"

	"github.com/google/uuid"

	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

func TestOpen_IDsComeBackAsTheyWereSent(t *testing.T) {
	t.Parallel()
	pool, err := pg.Open(t.Context(), pgtest.DSN(t), pg.PoolConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	a, b := uuid.New(), uuid.New()
	var none *uuid.UUID
	one, kept := uuid.UUID{}, b
	var maybe, absent *uuid.UUID
	var list []uuid.UUID
	var text string
	var raw [16]byte
	err = pool.QueryRow(t.Context(), `SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid[], $6::uuid::text, $7::uuid`, a, &a, none, none, []uuid.UUID{a, b}, a, [16]byte(a)).
		Scan(&one, &maybe, &absent, &kept, &list, &text, &raw)
	if err != nil {
		t.Fatal(err)
	}
	if one != a || maybe == nil || *maybe != a || absent != nil || kept != b || len(list) != 2 || list[0] != a || list[1] != b || text != a.String() || raw != a {
		t.Errorf("%v %v %v %v %v %v %v, want %v and %v", one, maybe, absent, kept, list, text, raw, a, b)
	}
	if err := pool.QueryRow(t.Context(), `SELECT $1::text`, a).Scan(&text); err != nil || text != a.String() {
		t.Errorf("as text: %q, %v", text, err)
	}
}
