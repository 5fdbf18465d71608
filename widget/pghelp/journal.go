package pghelp

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/retrieval"
	"frontdesk/widget"
)

const (
	flushEvery = 5 * time.Second
	// mostOpened bounds the articles that are counted between two writes; the
	// pages beyond it are not counted: it is popularity, not money.
	mostOpened = 10_000
	// mostGaps bounds the questions that are kept of a site, so that nobody can
	// fill a disk by searching. The ones that are there go on being counted.
	mostGaps = 10_000
	// mayAdd is how long after a "no" its words are taken.
	mayAdd = time.Hour
)

type execer interface {
	querier
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Journal keeps what readers did and said; it is a widget.Journal. Run it.
type Journal struct {
	db  execer
	now func() time.Time
	log *slog.Logger

	mu     sync.Mutex
	opened map[opening]int64
}

type opening struct {
	site    retrieval.SiteID
	article string
}

var _ widget.Journal = (*Journal)(nil)

// NewJournal makes a Journal on a migrated database.
func NewJournal(db execer, now func() time.Time, log *slog.Logger) (*Journal, error) {
	if db == nil || now == nil || log == nil {
		return nil, errors.New("pghelp: a database, a clock and a log are needed")
	}
	return &Journal{db: db, now: now, log: log, opened: map[opening]int64{}}, nil
}

// Opened implements widget.Journal: a page that is read writes nothing; all that
// were read in five seconds are written at once. A process that is killed takes
// the last seconds' counts with it.
func (j *Journal) Opened(site retrieval.SiteID, article string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	k := opening{site, article}
	if _, ok := j.opened[k]; ok || len(j.opened) < mostOpened {
		j.opened[k]++
	}
}

// Run writes counts until ctx ends, and once more then.
func (j *Journal) Run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			j.note(j.Flush(ctx))
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			j.note(j.Flush(last))
			cancel()
			return
		}
	}
}

func (j *Journal) note(err error) {
	if err != nil {
		j.log.Warn("openings of help pages were not counted", "cause", err.Error())
	}
}

// Flush writes what was counted so far. What cannot be written is let go: it
// would only grow while the database is away.
func (j *Journal) Flush(ctx context.Context) error {
	j.mu.Lock()
	counted := j.opened
	j.opened = map[opening]int64{}
	j.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	var sites []int32
	var articles []string
	var opened []int64
	for k, n := range counted {
		sites, articles, opened = append(sites, int32(k.site)), append(articles, k.article), append(opened, n)
	}
	_, err := j.db.Exec(ctx, addOpened, pgx.NamedArgs{"day": j.now().UTC(), "sites": sites, "articles": articles, "opened": opened})
	if err != nil {
		return classify("count openings", err)
	}
	return nil
}

// Rate implements widget.Journal.
func (j *Journal) Rate(ctx context.Context, r widget.Rating) error {
	_, err := j.db.Exec(ctx, insertRating, pgx.NamedArgs{
		"site": r.Site, "id": r.ID, "article": r.Article, "generation": r.Generation, "helpful": r.Helpful, "at": r.At,
	})
	if err != nil {
		return classify("keep a rating", err)
	}
	return nil
}

// Missing implements widget.Journal.
func (j *Journal) Missing(ctx context.Context, site retrieval.SiteID, id, text string, at time.Time) error {
	rating, err := uuid.Parse(id)
	if err != nil {
		return widget.ErrNoRating
	}
	tag, err := j.db.Exec(ctx, updateMissing, pgx.NamedArgs{"site": site, "id": rating, "missing": text, "since": at.Add(-mayAdd)})
	if err != nil {
		return classify("keep what was missing", err)
	}
	if tag.RowsAffected() == 0 {
		return widget.ErrNoRating
	}
	return nil
}

// Gap implements widget.Journal.
func (j *Journal) Gap(ctx context.Context, g widget.Gap) error {
	key := gapKey(g.Asked)
	if key == "" {
		return nil
	}
	_, err := j.db.Exec(ctx, upsertGap, pgx.NamedArgs{
		"site": g.Site, "key": key, "asked": g.Asked, "language": g.Language, "nearest": g.Nearest, "p": g.P, "at": g.At, "most": mostGaps,
	})
	if err != nil {
		return classify("count a gap", err)
	}
	return nil
}

// gapKey makes the same question in other spellings one: lower case, without
// signs, one blank between words.
func gapKey(asked string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(asked), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}

// Unanswered is a gap as it is kept.
type Unanswered struct {
	Asked, Language, Nearest string
	P                        float64
	Times                    int64
	First, Last              time.Time
}

// Gaps are a site's since a moment, the most frequent first.
func (j *Journal) Gaps(ctx context.Context, site retrieval.SiteID, since time.Time, limit int) ([]Unanswered, error) {
	args := pgx.NamedArgs{"site": site, "since": since.UTC(), "limit": limit}
	return many(ctx, j.db, "list gaps", selectGaps, args, pgx.RowToStructByPos[Unanswered])
}

// ArticleRatings is what readers said of an article.
type ArticleRatings struct {
	Article             string
	Helpful, NotHelpful int64
	Missing             []string // in their words, the latest first
}

// Ratings are a site's since a moment, those with the most "no" first.
func (j *Journal) Ratings(ctx context.Context, site retrieval.SiteID, since time.Time, limit int) ([]ArticleRatings, error) {
	args := pgx.NamedArgs{"site": site, "since": since.UTC(), "limit": limit}
	return many(ctx, j.db, "list ratings", selectRatings, args, pgx.RowToStructByPos[ArticleRatings])
}
