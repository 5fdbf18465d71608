package pg

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// idCodec sends and reads ids as the sixteen bytes that they are. Left to itself
// the driver takes the methods that database/sql would, which write an id as text
// and read that again: a tenth and more of what our side of a statement costs.
type idCodec struct{ pgtype.UUIDCodec }

// PlanEncode implements pgtype.Codec.
func (c idCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return sendID{}
	}
	return c.UUIDCodec.PlanEncode(m, oid, format, value)
}

// PlanScan implements pgtype.Codec.
func (c idCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if _, ok := target.(*uuid.UUID); ok && format == pgtype.BinaryFormatCode {
		return readID{}
	}
	return c.UUIDCodec.PlanScan(m, oid, format, target)
}

type sendID struct{}

// Encode implements pgtype.EncodePlan.
func (sendID) Encode(value any, buf []byte) ([]byte, error) {
	v := value.(uuid.UUID) //nolint:forcetypeassert // the plan is for that type
	return append(buf, v[:]...), nil
}

type readID struct{}

// Scan implements pgtype.ScanPlan. NULL leaves what stands there, as uuid.UUID's
// own method does.
func (readID) Scan(src []byte, target any) error {
	switch len(src) {
	case 0:
		return nil
	case len(uuid.UUID{}):
		copy(target.(*uuid.UUID)[:], src) //nolint:forcetypeassert // likewise
		return nil
	default:
		return fmt.Errorf("an id of %d bytes", len(src))
	}
}

// knowIDs has a connection use it.
func knowIDs(m *pgtype.Map) {
	t := &pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: idCodec{}}
	m.RegisterType(t)
	m.RegisterType(&pgtype.Type{Name: "_uuid", OID: pgtype.UUIDArrayOID, Codec: &pgtype.ArrayCodec{ElementType: t}})
}
