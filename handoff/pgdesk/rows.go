package pgdesk

import (
	"context"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// selectRows has its ids in a query of their own, so that it is planned once for
// each connection and not for each list of ids: planning it costs several times
// what reading a row does, and the streams of each process read it for every change.
const selectRows = `
SELECT s.name, k.visitor_id, v.name, ` + caseColumns + caseFrom + `
JOIN sites s ON s.site_id = c.site_id
JOIN conversations k ON k.site_id = c.site_id AND k.conversation_id = c.conversation_id
JOIN visitors v ON v.site_id = k.site_id AND v.visitor_id = k.visitor_id
WHERE c.site_id = $1 AND c.case_id = ANY ((SELECT $2::uuid[])::uuid[])`

// Rows reads cases as a list shows them, whatever their state and whoever may
// see them: the console's streams read each once for all who watch, and decide
// for each of those. Cases that are not there are left out.
func (d *Desk) Rows(ctx context.Context, site int32, ids []convo.ID) ([]handoff.Entry, error) {
	rows, err := d.Pool.Query(ctx, selectRows, site, ids)
	if err != nil {
		return nil, wrap("read rows of cases", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e handoff.Entry, err error) {
		err = row.Scan(append([]any{&e.Site, &e.Visitor, &e.Name}, caseTargets(&e.Case)...)...)
		return e, err
	})
	return list, wrap("read rows of cases", err)
}
