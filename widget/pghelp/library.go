package pghelp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/widget"
)

// querier is what a Library needs of a pool.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Library reads articles for the help pages; it is a widget.Library.
type Library struct {
	db  querier
	sql queries
}

var _ widget.Library = (*Library)(nil)

// New makes a Library on a migrated database.
func New(db querier) (*Library, error) {
	if db == nil {
		return nil, errors.New("pghelp: a database is needed")
	}
	return &Library{db: db, sql: newQueries()}, nil
}

// Site implements widget.Library.
func (l *Library) Site(ctx context.Context, name string) (widget.Site, error) {
	sql := l.sql.site
	if name == "" {
		sql = l.sql.defaultSite
	}
	return one(ctx, l.db, "find site", widget.ErrNoSite, sql, pgx.NamedArgs{"name": name}, func(row pgx.CollectableRow) (widget.Site, error) {
		var s widget.Site
		err := row.Scan(&s.ID, &s.Name, &s.Title, &s.Generation, &s.Default)
		// Where nothing has published yet there is nothing to tell apart from
		// the default: the only site has the short addresses too.
		s.Default = s.Default || name == ""
		return s, err
	})
}

// Topics implements widget.Library.
func (l *Library) Topics(ctx context.Context, site widget.Site, perTopic int) ([]widget.Topic, error) {
	args := of(site, pgx.NamedArgs{"per_topic": perTopic})
	rows, err := many(ctx, l.db, "list topics", l.sql.topics, args, func(row pgx.CollectableRow) (widget.Topic, error) {
		var t widget.Topic
		var e widget.Entry
		err := row.Scan(&t.Name, &t.Total, &e.ID, &e.Title, &e.Lang)
		t.Entries = []widget.Entry{e}
		return t, err
	})
	var out []widget.Topic
	for _, t := range rows {
		if n := len(out); n > 0 && out[n-1].Name == t.Name {
			out[n-1].Entries = append(out[n-1].Entries, t.Entries...)
			continue
		}
		out = append(out, t)
	}
	return out, err
}

// Topic implements widget.Library.
func (l *Library) Topic(ctx context.Context, site widget.Site, topic string, skip, limit int) ([]widget.Entry, error) {
	args := of(site, pgx.NamedArgs{"topic": topic, "skip": skip, "limit": limit})
	return many(ctx, l.db, "list a topic", l.sql.topic, args, scanEntry)
}

// Article implements widget.Library.
func (l *Library) Article(ctx context.Context, site widget.Site, id string) (widget.Article, error) {
	args := of(site, pgx.NamedArgs{"id": id})
	return one(ctx, l.db, "find article", widget.ErrNoArticle, l.sql.article, args, func(row pgx.CollectableRow) (widget.Article, error) {
		var a widget.Article
		var next widget.Entry
		var updated *time.Time
		err := row.Scan(&a.ID, &a.Title, &a.Lang, &a.Topic, &a.Product, &updated, &a.Body, &a.Outdated, &next.ID, &next.Title, &next.Lang)
		if updated != nil {
			a.Updated = *updated
		}
		if next.ID != "" {
			a.Superseded = &next
		}
		return a, err
	})
}

// Related implements widget.Library.
func (l *Library) Related(ctx context.Context, site widget.Site, a widget.Article, limit int) ([]widget.Entry, error) {
	args := of(site, pgx.NamedArgs{"id": a.ID, "product": a.Product, "topic": a.Topic, "lang": a.Lang, "limit": limit})
	return many(ctx, l.db, "list related articles", l.sql.related, args, scanEntry)
}

// Body implements widget.Library.
func (l *Library) Body(ctx context.Context, site widget.Site, generation int, id string) (string, error) {
	args := pgx.NamedArgs{"site": site.ID, "generation": generation, "id": id}
	return one(ctx, l.db, "find an article's earlier text", widget.ErrNoArticle, l.sql.body, args, pgx.RowTo[string])
}

// of adds which site and generation a query reads.
func of(site widget.Site, args pgx.NamedArgs) pgx.NamedArgs {
	args["site"], args["generation"] = site.ID, site.Generation
	return args
}

func scanEntry(row pgx.CollectableRow) (widget.Entry, error) {
	var e widget.Entry
	err := row.Scan(&e.ID, &e.Title, &e.Lang)
	return e, err
}

func one[T any](ctx context.Context, db querier, op string, missing error, sql string, args pgx.NamedArgs, scan pgx.RowToFunc[T]) (T, error) {
	var zero T
	rows, err := db.Query(ctx, sql, args)
	if err != nil {
		return zero, classify(op, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return zero, missing
	}
	if err != nil {
		return zero, classify(op, err)
	}
	return v, nil
}

func many[T any](ctx context.Context, db querier, op, sql string, args pgx.NamedArgs, scan pgx.RowToFunc[T]) ([]T, error) {
	rows, err := db.Query(ctx, sql, args)
	if err != nil {
		return nil, classify(op, err)
	}
	list, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, classify(op, err)
	}
	return list, nil
}

// classify wraps a database error once, with the kind that a page acts on.
func classify(op string, err error) error {
	err = fmt.Errorf("%s: %w", op, err)
	if pg.Away(err) {
		return fault.Wrap(err, fault.Unavailable, "database_away", "The database cannot be reached at present.").After(2 * time.Second)
	}
	// 57014: cancelled, by statement_timeout too.
	if pe, ok := errors.AsType[*pgconn.PgError](err); errors.Is(err, context.DeadlineExceeded) || (ok && pe.Code == "57014") {
		return fault.Wrap(err, fault.Timeout, "database_slow", "The database did not answer in time.").After(2 * time.Second)
	}
	return err
}
