package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/bot/pgconvo"
	"frontdesk/internal/pg"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/sources"
	"frontdesk/retrieval/split"
	"frontdesk/retrieval/words"
)

type ingestFlags struct {
	site           string
	withoutVectors bool
	vectors        string
	exportVectors  string
}

func newIngestCommand(a *app) *cobra.Command {
	var f ingestFlags
	c := &cobra.Command{
		Use:   "ingest PATH…",
		Short: "Publish the articles under the given paths as a site's knowledge",
		Long: `Publish the articles under the given paths as a site's knowledge: exactly
these; what was published before and is not among them any more is retired.
The site is made where it does not exist yet. Readers see the old knowledge
until the new one is complete. A bad file is reported and left out; the exit
status is then 1. A second run with nothing changed embeds nothing.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.ingest(cmd.Context(), f, args) },
	}
	c.Flags().StringVar(&f.site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&f.withoutVectors, "without-vectors", false, "publish for search by words alone, without an embedder")
	c.Flags().StringVar(&f.vectors, "vectors", "", "file of vectors to look in before an embedder is asked")
	c.Flags().StringVar(&f.exportVectors, "export-vectors", "", "write the vectors of what is published to this file")
	return c
}

func (a *app) ingest(ctx context.Context, f ingestFlags, paths []string) error {
	if err := retrieval.ValidSiteName(f.site); err != nil {
		return usageError{plain(err)}
	}
	shipped, err := readVectors(f.vectors)
	if err != nil {
		return err
	}
	in := intake{site: f.site, shipped: shipped, withoutVectors: f.withoutVectors, exportVectors: f.exportVectors, out: a.stdout}
	leftOut, err := a.readArticles(ctx, &in, paths)
	if err != nil {
		return plain(err)
	}
	p, err := a.acquire(ctx, needPostgres)
	if err != nil {
		return plain(err)
	}
	defer p.Close()
	if err := inStore(ctx, p, ingestPool(), func(st *store) error { return a.takeIn(ctx, st, in) }); err != nil {
		return err
	}
	if leftOut > 0 {
		fmt.Fprintf(a.stderr, "frontdesk: %d problems: the articles named above are not in; the others are\n", leftOut)
		return exitError{exitFailed}
	}
	return nil
}

// intake is what becomes a site's knowledge, and how.
type intake struct {
	site     string
	title    string // the site's name for people, given to it where it is made now; empty: none
	articles []retrieval.Article
	shipped  []*retrieval.VectorFile // looked in before the embedder is asked

	withoutVectors bool
	exportVectors  string    // a file for the vectors of what is published; empty: none
	out            io.Writer // says what was published
}

// readArticles fills in the articles under the paths and says what is wrong
// with the files there; leftOut counts the articles that are not in.
func (a *app) readArticles(ctx context.Context, in *intake, paths []string) (leftOut int, err error) {
	found, err := sources.Walk(ctx, paths, sources.Options{})
	if err != nil {
		return 0, err
	}
	for _, p := range found.Problems {
		fmt.Fprintln(a.stderr, p)
	}
	if len(found.Articles) == 0 {
		return 0, retrieval.ErrEmpty
	}
	in.articles = found.Articles
	return found.LeftOut(), nil
}

// takeIn publishes an intake, in a site that is made where it is not there yet.
func (a *app) takeIn(ctx context.Context, st *store, in intake) error {
	add := func() (retrieval.Site, bool, error) { return addSite(ctx, st, in.site) }
	if in.exportVectors != "" { // a site for its vectors alone
		add = func() (retrieval.Site, bool, error) { return st.AddSite(ctx, in.site) }
	}
	site, added, err := add()
	if err != nil {
		return err
	}
	if added && in.title != "" {
		err := st.UpdateSettings(ctx, in.site, func(json.RawMessage) (json.RawMessage, error) {
			return json.Marshal(map[string]string{"title": in.title})
		})
		if err != nil {
			return err
		}
	}
	embedder := a.newLazyEmbedders()
	defer embedder.Close()
	report, err := a.publish(ctx, st, embedder, site.ID, in.articles, in.shipped, in.withoutVectors)
	if err != nil {
		return err
	}
	if !report.Unchanged {
		if err := relearn(ctx, st, site.ID); err != nil {
			return err
		}
	}
	printIngest(in.out, cmp.Or(in.title, in.site), report)
	for _, id := range report.Unembedded {
		fmt.Fprintf(a.stderr, "%s: a part of it cannot be embedded; it is found by its words alone\n", id)
	}
	if in.exportVectors == "" {
		return nil
	}
	return exportVectors(ctx, st, site.ID, report.Generation, embedder, in.exportVectors)
}

// relearn fits what customers' ratings say of a site to the knowledge it shows
// now. The published generation stands whatever becomes of it.
func relearn(ctx context.Context, st *store, site retrieval.SiteID) error {
	convs, err := pgconvo.New(st.pool)
	if err != nil {
		return err
	}
	if err := bot.Relearn(ctx, convs, site); err != nil {
		return fmt.Errorf("published, but customers' ratings were not looked at again: run it once more: %w", err)
	}
	return nil
}

// ingestPool suits an ingest: few connections, statements that may take long.
func ingestPool() pg.PoolConfig {
	return pg.PoolConfig{Name: "frontdesk ingest", MaxConns: 4, StatementTimeout: 10 * time.Minute, IdleInTransaction: 10 * time.Minute}
}

// publish makes the articles a site's knowledge, with progress on standard error.
func (a *app) publish(ctx context.Context, st *store, embedder lazyEmbedders, site retrieval.SiteID, articles []retrieval.Article, shipped []*retrieval.VectorFile, withoutVectors bool) (retrieval.IngestReport, error) {
	sp, err := split.New(split.Config{})
	if err != nil {
		return retrieval.IngestReport{}, err
	}
	cfg := retrieval.IngestConfig{WordsVersion: words.Version}
	if a.config.EmbeddingsURL != "" {
		cfg.Batch, cfg.InFlight = 16, 4 // a server far away: each trip should carry more
	}
	in, err := retrieval.NewIngester(retrieval.IngestDeps{
		Store: st, Split: sp, Terms: words.Terms, Detect: words.DetectLanguage,
		Embedder: embedder.first, More: embedder.more(), Blamed: blamedText, Log: a.log,
	}, cfg)
	if err != nil {
		return retrieval.IngestReport{}, err
	}
	show := newIngestProgress(a.stderr)
	defer show.end()
	return in.Ingest(ctx, site, articles, retrieval.IngestOptions{
		WithoutVectors: withoutVectors, Vectors: shipped, Progress: show.tell,
		Waiting: func() {
			fmt.Fprintln(a.stderr, "another ingest of this site is at work; waiting for it to end")
		},
	})
}

func printIngest(w io.Writer, site string, r retrieval.IngestReport) {
	if r.Unchanged {
		fmt.Fprintf(w, "%s: nothing has changed; generation %d stays (%d articles, %d chunks, %s)\n",
			site, r.Generation, r.Articles, r.Chunks, r.Took.Round(time.Millisecond))
		return
	}
	fmt.Fprintf(w, "%s: published generation %d: %d articles (%d new, %d changed, %d retired), %d chunks; vectors: %d taken over, %d from the file, %d embedded; %s\n",
		site, r.Generation, r.Articles, r.Diff.Added, r.Diff.Changed, r.Diff.Removed, r.Chunks, r.TakenOver, r.FromFile, r.Embedded, r.Took.Round(time.Millisecond))
	if r.EmbedTook > 0 {
		fmt.Fprintf(w, "%s: the embedder was at work for %.1f %% of %s\n", site, 100*r.Busy, r.EmbedTook.Round(time.Millisecond))
	}
}

func readVectors(path string) ([]*retrieval.VectorFile, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := retrieval.ReadVectorFiles(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plain(err))
	}
	return f, nil
}

// exportVectors writes a published generation's vectors to a file, those of
// tokens with them.
func exportVectors(ctx context.Context, st *store, site retrieval.SiteID, generation int, embedder lazyEmbedders, path string) error {
	var files []*retrieval.VectorFile
	for _, e := range embedder.all() {
		m := e.Model()
		if m.Dims == 0 {
			return errors.New("there are no vectors to export")
		}
		f := retrieval.NewVectorFile(m)
		f.TokenDims = e.TokenDims()
		var hashes []retrieval.TextHash
		err := st.Vectors(ctx, site, generation, m, func(hash [32]byte, vec []float32) {
			f.Put(hash, vec)
			hashes = append(hashes, hash)
		})
		if err == nil && f.TokenDims > 0 {
			err = st.Tokens(ctx, site, m.Name, hashes, func(h retrieval.TextHash, t retrieval.TokenRows) { f.PutRows(h, t.Rows, t.Places) })
		}
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	return writeVectors(files, path)
}

// writeVectors replaces the file in one step: a reader sees the old or the new.
func writeVectors(files []*retrieval.VectorFile, path string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".vectors-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	for _, f := range files {
		if _, err = f.WriteTo(tmp); err != nil {
			break
		}
	}
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// lazyEmbedders are an ingest's: the first model's, and the second's where it
// is ours.
type lazyEmbedders struct{ first, second *lazyEmbedder }

func (a *app) newLazyEmbedders() lazyEmbedders {
	l := lazyEmbedders{first: a.newLazyEmbedder(embed.PrivateModel)}
	if a.config.EmbeddingsURL == "" {
		l.second = a.newLazyEmbedder(embed.PrivateEnglish)
	}
	return l
}

func (l lazyEmbedders) all() []*lazyEmbedder {
	if l.second == nil {
		return []*lazyEmbedder{l.first}
	}
	return []*lazyEmbedder{l.first, l.second}
}

// more are the models beside the first.
func (l lazyEmbedders) more() []retrieval.Space {
	if l.second == nil {
		return nil
	}
	return []retrieval.Space{{Embedder: l.second, Langs: embed.EnglishOnly()}}
}

// Close lets them go.
func (l lazyEmbedders) Close() {
	for _, e := range l.all() {
		e.Close()
	}
}

// lazyEmbedder starts the ingest's embedder when the first text needs it: an
// ingest that finds nothing changed needs none.
type lazyEmbedder struct {
	*movingEmbedder
	app *app

	mu    sync.Mutex
	parts *parts
}

func (a *app) newLazyEmbedder(model string) *lazyEmbedder {
	l := &lazyEmbedder{app: a}
	l.movingEmbedder = a.ingestEmbedder(model, l.endpoint)
	return l
}

func (l *lazyEmbedder) endpoint() EmbedEndpoint {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.parts == nil {
		return (&parts{config: l.app.config}).IngestEmbedder()
	}
	return l.parts.IngestEmbedder()
}

// Embed starts the embedder where it is not running yet.
func (l *lazyEmbedder) Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	if err := l.Start(ctx); err != nil {
		return nil, err
	}
	return l.movingEmbedder.Embed(ctx, kind, texts)
}

// EmbedTokens likewise.
func (l *lazyEmbedder) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	if err := l.Start(ctx); err != nil {
		return nil, err
	}
	return l.movingEmbedder.EmbedTokens(ctx, kind, texts)
}

// Start brings the embedder up; again and again is fine.
func (l *lazyEmbedder) Start(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.parts != nil {
		return nil
	}
	p, err := l.app.acquireParts(ctx, needIngestEmbedder)
	if err != nil {
		return err
	}
	l.parts = p
	return nil
}

// Close lets the embedder go.
func (l *lazyEmbedder) Close() {
	l.movingEmbedder.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.parts != nil {
		l.parts.Close()
	}
}
