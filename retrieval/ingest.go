package retrieval

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
)

// ingestStore is what an ingest asks of the database.
type ingestStore interface {
	// Lock makes this the one ingest of the site; waiting is called once where
	// another one is at work. The lock goes with its connection.
	Lock(ctx context.Context, site SiteID, waiting func()) (unlock func(), err error)

	// Current is the published generation; Number is 0 where there is none.
	Current(ctx context.Context, site SiteID) (Generation, error)

	// Begin opens a generation of a new number in state Building.
	Begin(ctx context.Context, site SiteID, sourceHash []byte) (int, error)

	// Fill writes all of a generation but its vectors.
	Fill(ctx context.Context, site SiteID, generation int, d *Draft) error

	// TakeOver copies the model's vectors of equal texts from every generation
	// that is kept or was left behind, and returns the numbers of the chunks
	// that have none.
	TakeOver(ctx context.Context, site SiteID, generation int, m Model, chunks []DraftChunk) (missing []int, err error)

	// WithoutTokens are those of the texts that have no token vectors under the
	// model in this site yet.
	WithoutTokens(ctx context.Context, site SiteID, m Model, hashes [][32]byte) ([][32]byte, error)

	// PutVectors adds vectors, and the token vectors of texts that had none;
	// they are durable when it returns.
	PutVectors(ctx context.Context, site SiteID, generation int, m Model, vectors []ChunkVector) error

	// Publish shows a filled generation to readers, in one transaction;
	// ErrOvertaken where it is not Building any more.
	Publish(ctx context.Context, site SiteID, generation int, stats GenerationStats) (Diff, error)

	// Fail marks a generation as left behind.
	Fail(ctx context.Context, site SiteID, generation int) error

	// Collect removes what was left behind and what is older than the last
	// keep generations; it returns how many went.
	Collect(ctx context.Context, site SiteID, keep int) (int, error)
}

// starter is an Embedder that is started when it is needed first; its start is
// no time in which it could have embedded.
type starter interface {
	Start(ctx context.Context) error
}

// Diff is how a generation differs from the one published before, in articles.
type Diff struct{ Added, Changed, Removed int }

// IngestDeps are the parts an Ingester works with.
type IngestDeps struct {
	Store    ingestStore
	Split    Splitter
	Terms    TermsFunc
	Detect   DetectFunc
	Embedder Embedder // nil: ingests are possible without vectors only
	More     []Space  // further models beside it

	// Blamed says which text of a call an error of the Embedder is about; ok is
	// false where it speaks against all of them. nil: always. A text that has no
	// vector (a row of dashes) must not keep the others from going in.
	Blamed func(err error) (text int, ok bool)

	Now func() time.Time
	Log *slog.Logger
}

// IngestConfig tunes an Ingester; the zero value is ready to use.
type IngestConfig struct {
	// BM25 of the word index; zero: those of the ranking that is built in.
	BM25 BM25

	// WordsVersion changes when Terms gives other terms for the same text.
	WordsVersion string

	// Keep is how many published generations stay for a rollback, the current
	// one among them. 0: 3.
	Keep int

	// InFlight is how many embedding calls are under way at once. 0: 2, so that
	// a server that takes one at a time always finds the next one waiting.
	InFlight int

	// Batch is how many texts go into one call. 0: 1, which a server on this
	// machine answers as fast as any batch; a remote one wants more.
	Batch int

	// WriteEvery is how many vectors are gathered before they are written. 0: 64.
	WriteEvery int

	// Patience is how long an embedder that is away is waited for, counted from
	// its last answer. 0: 2 minutes.
	Patience time.Duration

	// Backoff is the first pause after a failed call; it doubles up to 32 times
	// itself. 0: 250 ms.
	Backoff time.Duration
}

func (c IngestConfig) withDefaults() (IngestConfig, error) {
	if c.BM25 == (BM25{}) {
		r, err := DefaultRanking()
		if err != nil {
			return c, err
		}
		c.BM25 = r.BM25
	}
	c.Keep = cmp.Or(c.Keep, 3)
	c.InFlight = cmp.Or(c.InFlight, 2)
	c.Batch = cmp.Or(c.Batch, 1)
	c.WriteEvery = cmp.Or(c.WriteEvery, 64)
	c.Patience = cmp.Or(c.Patience, 2*time.Minute)
	c.Backoff = cmp.Or(c.Backoff, 250*time.Millisecond)
	return c, nil
}

func (c IngestConfig) validate() error {
	switch {
	case c.Keep < 1:
		return fmt.Errorf("ingest config: Keep is %d; it must be 1 or more", c.Keep)
	case c.InFlight < 1 || c.Batch < 1 || c.WriteEvery < 1:
		return errors.New("ingest config: InFlight, Batch and WriteEvery must be 1 or more")
	case c.Patience < 0 || c.Backoff < 0:
		return errors.New("ingest config: Patience and Backoff must not be negative")
	}
	return nil
}

// Ingester builds generations of a site's knowledge and publishes them.
type Ingester struct {
	deps IngestDeps
	cfg  IngestConfig
}

// NewIngester returns an Ingester, or an error that names the wrong field.
func NewIngester(deps IngestDeps, cfg IngestConfig) (*Ingester, error) {
	if deps.Store == nil || deps.Split == nil || deps.Terms == nil || deps.Detect == nil {
		return nil, errors.New("ingest: Store, Split, Terms and Detect are required")
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if deps.Blamed == nil {
		deps.Blamed = func(error) (int, bool) { return 0, false }
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Ingester{deps: deps, cfg: cfg}, nil
}

// IngestOptions are one run's wishes.
type IngestOptions struct {
	// WithoutVectors publishes for search by words alone.
	WithoutVectors bool

	// Vectors are looked up before an embedder is asked; one file a model.
	Vectors []*VectorFile

	// Progress is called from one goroutine at a time, often; nil: never.
	Progress func(Progress)

	// Waiting is called where another ingest of the site is at work.
	Waiting func()
}

// Progress is how far the embedding of an ingest is.
type Progress struct {
	Done, Total int           // texts
	Rate        float64       // texts a second since the start
	Remaining   time.Duration // by the bytes that are left; 0 while unknown
	Trouble     error         // the embedder's last error while it is being retried
}

// IngestReport is what an ingest did.
type IngestReport struct {
	Generation int
	Unchanged  bool // nothing new: Generation is the one published before
	Articles   int
	Chunks     int
	Diff       Diff
	TakenOver  int           // chunks whose vector came from an earlier generation
	FromFile   int           // chunks whose vector came from the file of vectors
	Embedded   int           // texts that were embedded
	Unembedded []string      // articles with a text that no vector can be made of; found by words alone
	Collected  int           // generations removed
	Took       time.Duration // all of it
	EmbedTook  time.Duration // from the first call's start to the last one's end
	Busy       float64       // part of EmbedTook in which a call was under way, 0–1
}

// Ingest makes the articles the site's published knowledge: exactly these.
//
// Errors: ErrEmpty, ErrNoEmbedder, ErrOvertaken, those of the embedder once
// Patience is used up, and those of the database. After any of them, and after
// a kill, readers see what they saw before.
func (in *Ingester) Ingest(ctx context.Context, site SiteID, articles []Article, opt IngestOptions) (IngestReport, error) {
	start := in.deps.Now()
	if len(articles) == 0 {
		return IngestReport{}, ErrEmpty
	}
	if in.deps.Embedder == nil && !opt.WithoutVectors {
		return IngestReport{}, ErrNoEmbedder
	}
	unlock, err := in.deps.Store.Lock(ctx, site, opt.Waiting)
	if err != nil {
		return IngestReport{}, fmt.Errorf("lock site for ingest: %w", err)
	}
	defer unlock()

	var spaces []ingestSpace
	if !opt.WithoutVectors {
		if spaces, err = in.spaces(ctx); err != nil {
			return IngestReport{}, err
		}
	}
	versions := []string{embedLayout, namesLayout, in.deps.Split.Version(), in.cfg.WordsVersion, in.cfg.BM25.String()}
	for _, s := range spaces {
		versions = append(versions, s.version())
	}
	sum := sourceHash(articles, versions...)
	current, err := in.deps.Store.Current(ctx, site)
	if err != nil {
		return IngestReport{}, fmt.Errorf("read published generation: %w", err)
	}
	if current.Number > 0 && bytes.Equal(current.SourceHash, sum) {
		collected, err := in.deps.Store.Collect(ctx, site, in.cfg.Keep)
		if err != nil {
			return IngestReport{}, fmt.Errorf("collect old generations: %w", err)
		}
		return IngestReport{
			Generation: current.Number, Unchanged: true, Articles: current.Articles,
			Chunks: current.Chunks, Collected: collected, Took: in.deps.Now().Sub(start),
		}, nil
	}
	report, err := in.build(ctx, site, articles, sum, spaces, opt)
	report.Took = in.deps.Now().Sub(start)
	return report, err
}

// build makes a generation beside the published one and publishes it.
func (in *Ingester) build(ctx context.Context, site SiteID, articles []Article, sum []byte, spaces []ingestSpace, opt IngestOptions) (IngestReport, error) {
	st := in.deps.Store
	draft := newDraft(articles, in.deps.Split, in.deps.Terms, in.deps.Detect, in.cfg.BM25)
	if draft.Sections == 0 {
		return IngestReport{}, ErrEmpty
	}
	generation, err := st.Begin(ctx, site, sum)
	if err != nil {
		return IngestReport{}, fmt.Errorf("begin generation: %w", err)
	}
	report := IngestReport{Generation: generation, Articles: len(draft.Articles), Chunks: len(draft.Chunks)}
	err = in.fillAndEmbed(ctx, site, generation, draft, spaces, opt, &report)
	if err == nil {
		report.Diff, err = st.Publish(ctx, site, generation, draft.Stats)
	}
	if err != nil {
		in.fail(ctx, site, generation)
		return IngestReport{}, err
	}
	// Published: what follows is housekeeping, and the next ingest does it again.
	report.Collected, err = st.Collect(ctx, site, in.cfg.Keep)
	if err != nil {
		in.deps.Log.WarnContext(ctx, "old generations not collected", "site", site, "err", err)
	}
	return report, nil
}

// fillAndEmbed writes texts and words while the embedder works: an embedder
// that waits for COPY is the slowest part standing still.
func (in *Ingester) fillAndEmbed(ctx context.Context, site SiteID, generation int, d *Draft, spaces []ingestSpace, opt IngestOptions, report *IngestReport) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := in.deps.Store.Fill(gctx, site, generation, d); err != nil {
			return fmt.Errorf("write generation: %w", err)
		}
		return nil
	})
	g.Go(func() error { return in.vectors(gctx, site, generation, d, spaces, opt, report) })
	return g.Wait()
}

// fail marks the generation, also when the caller's context is over.
func (in *Ingester) fail(ctx context.Context, site SiteID, generation int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := in.deps.Store.Fail(ctx, site, generation); err != nil {
		in.deps.Log.WarnContext(ctx, "failed generation not marked", "site", site, "generation", generation, "err", err)
	}
}
