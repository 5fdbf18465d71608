package pgtriage

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/retrieval"
	"frontdesk/triage"
)

// examples reads a site's examples with their vectors; nil where it has none.
func examples(ctx context.Context, tx pgx.Tx, site retrieval.SiteID) (*triage.Examples, error) {
	rows, err := tx.Query(ctx, sqlExamples, site)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, scanExample)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := &triage.Examples{List: list, Models: map[string]triage.Vectors{}}
	at := make(map[string]int, len(list))
	for i, x := range list {
		at[x.ID] = i
	}
	if rows, err = tx.Query(ctx, sqlVectors, site); err != nil {
		return nil, err
	}
	var model, id string
	var dims int
	var vec pgvector.Vector
	_, err = pgx.ForEachRow(rows, []any{&model, &dims, &id, &vec}, func() error {
		v, ok := out.Models[model]
		if !ok {
			v = triage.Vectors{Dims: dims, Data: make([]float32, dims*len(list))}
			out.Models[model] = v
		}
		if i, ok := at[id]; ok && len(vec.Slice()) == dims {
			copy(v.Data[i*dims:], vec.Slice())
		}
		return nil
	})
	return out, err
}

func scanExample(row pgx.CollectableRow) (triage.Example, error) {
	var x triage.Example
	err := row.Scan(&x.ID, &x.Text, &x.Desk, &x.Topic, &x.Article, &x.Product)
	return x, err
}

// Examples lists a site's examples by id.
func (s *Store) Examples(ctx context.Context, site retrieval.SiteID) ([]triage.Example, error) {
	rows, err := s.pool.Query(ctx, sqlExamples, site)
	if err != nil {
		return nil, wrap("list examples", err)
	}
	list, err := pgx.CollectRows(rows, scanExample)
	return list, wrap("list examples", err)
}

// AddExamples adds examples with their vectors under each model; one whose id
// is there already is replaced. All together they are held against the policy
// and each other again, under the site's lock.
func (s *Store) AddExamples(ctx context.Context, site retrieval.SiteID, list []triage.Example, p triage.Policy, vectors []triage.Embedded) error {
	return s.change(ctx, "add examples", site, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlExamples, site)
		if err != nil {
			return err
		}
		old, err := pgx.CollectRows(rows, scanExample)
		if err != nil {
			return err
		}
		if err := triage.CheckExamples(merged(old, list), p); err != nil {
			return err
		}
		return s.insert(ctx, tx, site, list, vectors)
	})
}

// merged is what there would be with the new ones.
func merged(old, fresh []triage.Example) []triage.Example {
	replaced := make(map[string]bool, len(fresh))
	for _, x := range fresh {
		replaced[x.ID] = true
	}
	var out []triage.Example
	for _, x := range old {
		if !replaced[x.ID] {
			out = append(out, x)
		}
	}
	return append(out, fresh...)
}

func (s *Store) insert(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, list []triage.Example, vectors []triage.Embedded) error {
	b := &pgx.Batch{}
	ids := make([]string, len(list))
	now := s.now().UTC()
	for i, x := range list {
		ids[i] = x.ID
		b.Queue(sqlAddExample, site, x.ID, x.Text, string(x.Desk), x.Topic, x.Article, x.Product, now)
	}
	b.Queue(sqlDropVectors, site, ids) // of texts that were there before
	for _, v := range vectors {
		var model int16
		if err := tx.QueryRow(ctx, sqlModel, v.Model.Name, v.Model.Dims).Scan(&model); err != nil {
			return err
		}
		for i, vec := range v.Vecs {
			if len(vec) > 0 {
				b.Queue(sqlPutVector, site, model, ids[i], pgvector.NewVector(vec))
			}
		}
	}
	return tx.SendBatch(ctx, b).Close()
}

// RemoveExamples takes examples away and says how many there were.
func (s *Store) RemoveExamples(ctx context.Context, site retrieval.SiteID, ids []string) (n int, err error) {
	err = s.change(ctx, "remove examples", site, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlRemoveExamples, site, ids)
		n = int(tag.RowsAffected())
		return err
	})
	return n, err
}
