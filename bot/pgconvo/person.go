package pgconvo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
)

// ErrNoVisitor says that nobody of that name is kept.
var ErrNoVisitor = fault.New(fault.NotFound, "no_such_visitor", "No such visitor is kept for this site.")

// personal lists every table that holds anything of a visitor, by the column
// that leads to them. It names tables of other slices too: a person's right to
// all of it ends at no slice. A test holds it against the database's own list
// of columns, so that a new table cannot be forgotten.
var personal = []struct{ table, column, order string }{ //nolint:gochecknoglobals // a constant
	{"visitors", "visitor_id", "visitor_id"},
	{"conversations", "visitor_id", "created_at"},
	{"open_turns", "conversation_id", "started_at"},
	{"turns", "conversation_id", "started_at"},
	{"events", "conversation_id", "conversation_id, seq"},
	{"feedback", "conversation_id", "at"},
	{"read_marks", "conversation_id", "reader"},
	{"cases", "conversation_id", "opened_at"},
	{"case_events", "conversation_id", "case_id, n"},
	{"blocked_visitors", "visitor_id", "at"},
	{"mails", "conversation_id", "created_at"},
	{"mail_codes", "conversation_id", "expires_at"},
	{"confirmed_addresses", "visitor_id", "confirmed_at"},
	{"case_ratings", "conversation_id", "asked_at"},
	{"case_words", "conversation_id", "case_id"},
	{"case_words_due", "conversation_id", "due_id"},
	{"conversation_words", "conversation_id", "conversation_id"},
	{"conversation_words_due", "conversation_id", "due_id"},
	{"files", "conversation_id", "created_at"},
	{"file_pieces", "conversation_id", "file_id, part, n"},
}

// VisitorOf finds a visitor by the subject the shop's server gave. Error: ErrNoVisitor.
func (s *Store) VisitorOf(ctx context.Context, site int32, subject string) (id convo.ID, err error) {
	err = s.pool.QueryRow(ctx, `SELECT visitor_id FROM visitors WHERE site_id = $1 AND subject = $2`, site, subject).Scan(&id)
	if noRows(err) {
		return id, ErrNoVisitor
	}
	return id, wrap("find a visitor", err)
}

// Export gives every row that is kept about a visitor, as JSON, to each. The
// rows are of one moment. Error: ErrNoVisitor.
func (s *Store) Export(ctx context.Context, site int32, visitor convo.ID, each func(table string, row json.RawMessage) error) error {
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		found := false
		for _, p := range personal {
			rows, err := tx.Query(ctx, personalRows(p.table, p.column, p.order), site, visitor)
			if err != nil {
				return err
			}
			var row json.RawMessage
			_, err = pgx.ForEachRow(rows, []any{&row}, func() error {
				found = true
				return each(p.table, row)
			})
			if err != nil {
				return err
			}
		}
		if !found {
			return ErrNoVisitor
		}
		return nil
	})
	if errors.Is(err, ErrNoVisitor) {
		return err
	}
	return wrap("export a visitor", err)
}

// personalRows is made of constants only.
func personalRows(table, column, order string) string {
	where := "visitor_id = $2"
	if column == "conversation_id" {
		where = "conversation_id IN (SELECT conversation_id FROM conversations WHERE site_id = $1 AND visitor_id = $2)"
	}
	return fmt.Sprintf("SELECT row_to_json(t) FROM %s t WHERE site_id = $1 AND %s ORDER BY %s", table, where, order)
}

// Erase removes a visitor and everything kept about them, in one transaction;
// it returns how many conversations went. Turns that run meanwhile find
// nothing to write to. Error: ErrNoVisitor.
func (s *Store) Erase(ctx context.Context, site int32, visitor convo.ID) (conversations int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM conversations WHERE site_id = $1 AND visitor_id = $2`, site, visitor)
		if err != nil {
			return err
		}
		conversations = tag.RowsAffected()
		tag, err = tx.Exec(ctx, `DELETE FROM visitors WHERE site_id = $1 AND visitor_id = $2`, site, visitor)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNoVisitor
		}
		return nil
	})
	if errors.Is(err, ErrNoVisitor) {
		return 0, err
	}
	return conversations, wrap("erase a visitor", err)
}
