package pgdesk

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff"
)

// guesser is an Estimator that asks the database for something, or for nothing.
type guesser struct {
	sql string
	err error
}

func (g guesser) Outlook(ctx context.Context, tx pgx.Tx, _ int32, _ handoff.Queue, _ int, _ string, _ time.Time) (handoff.Outlook, error) {
	if g.sql == "" {
		return handoff.Outlook{Estimate: "soon"}, g.err
	}
	var n int
	return handoff.Outlook{Estimate: "soon"}, tx.QueryRow(ctx, g.sql).Scan(&n)
}

// An estimate that fails costs the estimate and nothing else, also where the
// database has refused something within the transaction.
func TestOpen_AnEstimateThatFailsCostsTheEstimate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		guess guesser
		says  string
	}{
		"from memory":               {guesser{}, "soon"},
		"from the database":         {guesser{sql: `SELECT 1`}, "soon"},
		"from memory, fails":        {guesser{err: errors.New("no idea")}, ""},
		"the database refuses it":   {guesser{sql: `SELECT 1 / 0`}, ""},
		"the database has no table": {guesser{sql: `SELECT n FROM nowhere`}, ""},
	} {
		s := scenery(t)
		s.desk.Estimator = c.guess
		key, visitor := s.conversation(t, s.site)
		o, err := s.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked})
		if err != nil || o.Case.Reference == "" || o.Estimate != c.says {
			t.Errorf("%s: %+v, %v", name, o.Estimate, err)
		}
		if _, err := s.desk.Claim(t.Context(), s.mara, handoff.Target{Case: o.Case.ID}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
