package pgsettings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/widget/settings"
)

// Errors of a Store, beside settings.ErrNoSite.
var (
	ErrPlaceTaken = fault.New(fault.Conflict, "help_place_taken", "Another site's help pages stand at that domain and path already.")
	ErrNoRule     = fault.New(fault.NotFound, "rule_not_found", "The site has no such rule.")
	ErrRuleEvent  = fault.New(fault.Invalid, "rule_event", "The event is shown, taken or declined.")
)

// Store keeps settings; safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// New makes a Store on a migrated database.
func New(pool *pgxpool.Pool, now func() time.Time) (*Store, error) {
	if pool == nil || now == nil {
		return nil, errors.New("pgsettings: a pool and a clock are needed")
	}
	return &Store{pool: pool, now: now}, nil
}

// All reads every site with its settings; it implements what settings.Cache
// reads.
func (s *Store) All(ctx context.Context) ([]settings.Site, error) {
	rows, err := s.pool.Query(ctx, selectAll)
	if err != nil {
		return nil, wrap("read widget settings", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (settings.Site, error) {
		var site settings.Site
		var origins, raw []byte
		err := row.Scan(&site.ID, &site.Name, &site.Title, &site.Default, &origins, &raw, &site.Version)
		if err != nil {
			return site, err
		}
		site.Settings, err = read(raw, origins)
		return site, err
	})
	return list, wrap("read widget settings", err)
}

// Change applies change to what a site's settings are, under their lock, and
// stores what comes out of it. Origins go with the site's own settings; nil
// leaves them. It returns the version. Errors: settings.ErrNoSite,
// ErrPlaceTaken, change's.
func (s *Store) Change(ctx context.Context, site string, change func(settings.Settings) (settings.Settings, error)) (version int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var id int32
		err := tx.QueryRow(ctx, lockSite, pgx.NamedArgs{"name": site}).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return settings.ErrNoSite
		}
		if err != nil {
			return err
		}
		var origins, raw []byte
		if err := tx.QueryRow(ctx, selectOne, pgx.NamedArgs{"site": id}).Scan(&origins, &raw); err != nil {
			return err
		}
		was, err := read(raw, origins)
		if err != nil {
			return err
		}
		next, err := change(was)
		if err != nil {
			return err
		}
		if next.Origins != nil {
			list, err := json.Marshal(next.Origins)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, updateOrigins, pgx.NamedArgs{"site": id, "origins": string(list)}); err != nil {
				return err
			}
		}
		next.Origins = nil
		text, err := json.Marshal(next)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, upsertSettings, pgx.NamedArgs{"site": id, "settings": string(text), "at": s.now().UTC()}).Scan(&version)
	})
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.ConstraintName == "site_widgets_place" {
		return 0, ErrPlaceTaken
	}
	return version, wrap("change widget settings", err)
}

// CountRule counts that a rule spoke first (shown), was taken up (taken) or
// turned down (declined). Errors: ErrNoRule, ErrRuleEvent.
func (s *Store) CountRule(ctx context.Context, site int32, rule, event string) error {
	if event != "shown" && event != "taken" && event != "declined" {
		return ErrRuleEvent
	}
	tag, err := s.pool.Exec(ctx, countRule, pgx.NamedArgs{"site": site, "rule": rule, "event": event, "day": s.now().UTC()})
	if err != nil {
		return wrap("count a rule", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNoRule
	}
	return nil
}

// TakeUp is what came of a rule.
type TakeUp struct {
	Rule                   string
	Shown, Taken, Declined int64
}

// TakeUps are the site's since a day, by rule; rules that are gone too.
func (s *Store) TakeUps(ctx context.Context, site int32, from time.Time) ([]TakeUp, error) {
	rows, err := s.pool.Query(ctx, selectTakeUp, pgx.NamedArgs{"site": site, "from": from.UTC()})
	if err != nil {
		return nil, wrap("read take-up", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[TakeUp])
	return list, wrap("read take-up", err)
}

// read puts a site's settings together from both places they are stored in.
func read(raw, origins []byte) (settings.Settings, error) {
	s, err := settings.Stored(raw)
	if err != nil {
		return s, err
	}
	var list []string
	if err := json.Unmarshal(origins, &list); err != nil {
		return s, fmt.Errorf("origins: %w", err)
	}
	s.Origins = list
	return s, nil
}

// wrap adds the operation, and the kind where the database is away.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ours := fault.As(err); ours {
		return err
	}
	err = fmt.Errorf("%s: %w", op, err)
	if pg.Away(err) {
		return fault.Wrap(err, fault.Unavailable, "database_away", "The database cannot be reached at present.").After(2 * time.Second)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Timeout, "database_slow", "The database did not answer in time.").After(2 * time.Second)
	}
	return err
}
