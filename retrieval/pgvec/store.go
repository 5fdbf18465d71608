package pgvec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/retrieval"
)

// Store is sites' knowledge in one Postgres database; safe for concurrent use.
type Store struct {
	pool  *pgxpool.Pool
	texts *statements
	shelf *shelf
	large *large

	largeFrom int // chunks; a field so that a test need not write so many
}

// New returns a Store over a pool whose connections know pgvector's types.
func New(pool *pgxpool.Pool) (*Store, error) {
	if pool == nil {
		return nil, errors.New("pgvec: pool is required")
	}
	return &Store{pool: pool, texts: &statements{write: searchSQL}, shelf: newShelf(heldBytes), large: &large{}, largeFrom: largeFrom}, nil
}

// Current is the site's published generation; Number 0 where there is none.
func (s *Store) Current(ctx context.Context, site retrieval.SiteID) (retrieval.Generation, error) {
	rows, err := s.pool.Query(ctx, sqlCurrent, site)
	if err != nil {
		return retrieval.Generation{}, classify("read published generation", err)
	}
	g, err := pgx.CollectExactlyOneRow(rows, scanGeneration(site))
	if errors.Is(err, pgx.ErrNoRows) {
		return retrieval.Generation{Site: site}, nil
	}
	return g, classify("read published generation", err)
}

// Generations lists the site's generations, newest first.
func (s *Store) Generations(ctx context.Context, site retrieval.SiteID) ([]retrieval.Generation, error) {
	rows, err := s.pool.Query(ctx, sqlGenerations, site)
	if err != nil {
		return nil, classify("list generations", err)
	}
	list, err := pgx.CollectRows(rows, scanGeneration(site))
	return list, classify("list generations", err)
}

func scanGeneration(site retrieval.SiteID) pgx.RowToFunc[retrieval.Generation] {
	return func(row pgx.CollectableRow) (retrieval.Generation, error) {
		g := retrieval.Generation{Site: site}
		var stats []byte
		var published *time.Time
		err := row.Scan(&g.Number, &g.State, &g.SourceHash, &g.Articles, &g.Chunks, &g.Sections, &g.PublicSections, &stats, &g.CreatedAt, &published)
		if err != nil {
			return g, err
		}
		if published != nil {
			g.PublishedAt = *published
		}
		if err := json.Unmarshal(stats, &g.Stats); err != nil {
			return g, fmt.Errorf("stats of generation %d: %w", g.Number, err)
		}
		return g, nil
	}
}

// Publish shows a filled generation to readers, in one transaction, and says
// how it differs from the one before. ErrOvertaken where it is not being built
// any more: another ingest has collected it.
func (s *Store) Publish(ctx context.Context, site retrieval.SiteID, generation int, stats retrieval.GenerationStats) (retrieval.Diff, error) {
	if err := s.index(ctx, site, generation); err != nil {
		return retrieval.Diff{}, err
	}
	if err := s.analyze(ctx, site, generation); err != nil {
		return retrieval.Diff{}, err
	}
	var diff retrieval.Diff
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var before int
		if err := tx.QueryRow(ctx, sqlLockSite, site).Scan(&before); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlMiddles, site, generation); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sqlDiff, site, generation, before).Scan(&diff.Added, &diff.Changed, &diff.Removed); err != nil {
			return err
		}
		return show(ctx, tx, site, generation, retrieval.Building, &stats, retrieval.ErrOvertaken)
	})
	if err != nil {
		return retrieval.Diff{}, classify("publish generation", err)
	}
	return diff, nil
}

// analyze tells the planner what the tables hold, where a generation is a good
// part of it: on a new database the first searches took ten times as long
// without. On a large one the server's own housekeeping keeps up.
func (s *Store) analyze(ctx context.Context, site retrieval.SiteID, generation int) error {
	var needed bool
	err := s.pool.QueryRow(ctx, sqlNeedsAnalyze, site, generation).Scan(&needed)
	if err == nil && needed {
		_, err = s.pool.Exec(ctx, sqlAnalyze)
	}
	return classify("analyze", err)
}

// Rollback shows a generation again that was published before: the one given,
// or for 0 the one shown before the present one. It returns its number.
// ErrNoGeneration where there is none.
func (s *Store) Rollback(ctx context.Context, site retrieval.SiteID, to int) (int, error) {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var now int
		err := tx.QueryRow(ctx, sqlLockSite, site).Scan(&now)
		if err != nil {
			return err
		}
		if to == 0 {
			err = tx.QueryRow(ctx, sqlPrevious, site).Scan(&to)
			if errors.Is(err, pgx.ErrNoRows) {
				return retrieval.ErrNoGeneration
			}
			if err != nil {
				return err
			}
		}
		if to == now {
			return nil
		}
		return show(ctx, tx, site, to, retrieval.Retired, nil, retrieval.ErrNoGeneration)
	})
	if err != nil {
		return 0, classify("roll back", err)
	}
	return to, nil
}

// show makes one generation the published one; gone is the error where it is
// not in the state it should come from.
func show(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, generation int, from retrieval.State, stats *retrieval.GenerationStats, gone error) error {
	if _, err := tx.Exec(ctx, sqlRetire, site); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, sqlPublish, site, generation, stats, from)
	if err != nil {
		return err
	}
	if tag.RowsAffected() != 1 {
		return gone
	}
	_, err = tx.Exec(ctx, sqlShow, site, generation)
	return err
}

// Fail marks a generation that was being built as left behind.
func (s *Store) Fail(ctx context.Context, site retrieval.SiteID, generation int) error {
	_, err := s.pool.Exec(ctx, sqlFail, site, generation)
	return classify("mark failed generation", err)
}

// Collect removes what was left behind and what is older than the last keep
// generations. Deleted rows stay visible to searches that began before; no
// lock is taken that a reader could wait for.
func (s *Store) Collect(ctx context.Context, site retrieval.SiteID, keep int) (int, error) {
	var gone int64
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// The site's row is locked as Publish and Rollback lock it: what is
		// chosen here cannot become the published one meanwhile.
		var published int
		if err := tx.QueryRow(ctx, sqlLockSite, site).Scan(&published); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlKept, site, keep)
		if err != nil {
			return err
		}
		kept, err := pgx.CollectRows(rows, pgx.RowTo[int32])
		if err != nil {
			return err
		}
		for _, sql := range append(leaves(), sqlCollectArticles, sqlCollectGenerations) {
			tag, err := tx.Exec(ctx, sql, site, kept)
			if err != nil {
				return err
			}
			gone = tag.RowsAffected() // the last one counts generations
		}
		return dropLarge(ctx, tx, site, kept)
	})
	return int(gone), classify("collect generations", err)
}
