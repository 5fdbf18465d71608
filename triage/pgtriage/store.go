package pgtriage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// Store is what sites settled, in one Postgres database; safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// New returns a Store over a pool whose connections know pgvector's types.
func New(pool *pgxpool.Pool, now func() time.Time) (*Store, error) {
	if pool == nil || now == nil {
		return nil, errors.New("pgtriage: a pool and a clock are required")
	}
	return &Store{pool: pool, now: now}, nil
}

// Stamp moves with every change of what a site settled or published.
func (s *Store) Stamp(ctx context.Context, site retrieval.SiteID) (triage.Stamp, error) {
	var st triage.Stamp
	err := s.pool.QueryRow(ctx, sqlStamp, site).Scan(&st.Version, &st.Generation)
	if errors.Is(err, pgx.ErrNoRows) {
		return st, retrieval.ErrNoSite
	}
	return st, wrap("read how old a site's labels are", err)
}

// Settled reads all that a site settled and all that is suggested to it, as it
// stood at one moment.
func (s *Store) Settled(ctx context.Context, site retrieval.SiteID) (triage.Site, error) {
	out := triage.Site{ID: site}
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var raw []byte
		err := tx.QueryRow(ctx, sqlSite, site).Scan(&raw)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if out.Policy, err = triage.ParsePolicy(raw); err != nil {
			return err
		}
		if out.Settled, err = labels(ctx, tx, sqlSettled, site, scanSettled); err != nil {
			return err
		}
		if out.Suggested, err = labels(ctx, tx, sqlSuggested, site, scanSuggested); err != nil {
			return err
		}
		out.Examples, err = examples(ctx, tx, site)
		return err
	})
	return out, wrap("read what a site settled", err)
}

func labels(ctx context.Context, tx pgx.Tx, sql string, site retrieval.SiteID, scan pgx.RowToFunc[triage.Label]) (map[string]triage.Label, error) {
	rows, err := tx.Query(ctx, sql, site)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, scan)
	out := make(map[string]triage.Label, len(list))
	for _, l := range list {
		out[l.Article] = l
	}
	return out, err
}

func scanSettled(row pgx.CollectableRow) (triage.Label, error) {
	var l triage.Label
	err := row.Scan(&l.Article, &l.Desk, &l.Topic, &l.Product)
	return l, err
}

func scanSuggested(row pgx.CollectableRow) (triage.Label, error) {
	var l triage.Label
	var p []float64
	err := row.Scan(&l.Article, &p, &l.Topic, &l.TopicP, &l.Product, &l.Why)
	if len(p) == 4 {
		l.DeskP = triage.Desks{Service: p[0], Support: p[1], Both: p[2], None: p[3]}
	}
	l.Desk, _ = l.DeskP.Best()
	return l, err
}

// change makes a change of what a site settled, together with its version.
func (s *Store) change(ctx context.Context, op string, site retrieval.SiteID, f func(pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlMove, site); err != nil {
			return err
		}
		return f(tx)
	})
	return wrap(op, err)
}

// Settle settles labels of articles; one with nothing in it takes back what was
// settled.
func (s *Store) Settle(ctx context.Context, site retrieval.SiteID, list []triage.Label) error {
	var articles, desks, topics, products, gone []string
	seen := map[string]bool{}
	for _, l := range list {
		if seen[l.Article] {
			return fault.New(fault.Invalid, "label_twice", fmt.Sprintf("Article %s is labelled twice.", l.Article))
		}
		seen[l.Article] = true
		if l.Desk == "" && l.Topic == "" && l.Product == "" {
			gone = append(gone, l.Article)
			continue
		}
		articles, desks, topics, products = append(articles, l.Article), append(desks, string(l.Desk)), append(topics, l.Topic), append(products, l.Product)
	}
	return s.change(ctx, "settle labels", site, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlUnsettle, site, gone); err != nil {
			return err
		}
		if len(articles) == 0 {
			return nil
		}
		_, err := tx.Exec(ctx, sqlSettle, site, articles, desks, topics, products, s.now().UTC())
		return err
	})
}

// Suggest replaces what is suggested to a site.
func (s *Store) Suggest(ctx context.Context, site retrieval.SiteID, list []triage.Label) error {
	return s.change(ctx, "keep suggestions", site, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlForget, site); err != nil {
			return err
		}
		b := &pgx.Batch{}
		for _, l := range list {
			p := []float64{l.DeskP.Service, l.DeskP.Support, l.DeskP.Both, l.DeskP.None}
			b.Queue(sqlSuggest, site, l.Article, p, l.Topic, l.TopicP, l.Product, l.Why)
		}
		return tx.SendBatch(ctx, b).Close()
	})
}

// SetPolicy replaces a site's policy; the zero policy is the shipped one.
func (s *Store) SetPolicy(ctx context.Context, site retrieval.SiteID, p triage.Policy) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	return s.change(ctx, "set policy", site, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlPolicy, site, raw)
		return err
	})
}
