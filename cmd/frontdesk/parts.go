package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"frontdesk/internal/pg"
	"frontdesk/internal/proc"
)

// need names the parts a command cannot do without.
type need uint

const (
	needPostgres need = 1 << iota
	needEmbedder
	// needEmbedderSoon wants the embedder without waiting for it: its address is
	// known at once, and it answers a moment later.
	needEmbedderSoon
	// needIngestEmbedder is an embedder of its own that works behind everything
	// else, so that no waiting customer waits behind an ingest. With
	// EMBEDDINGS_BASE_URL set it is that server.
	needIngestEmbedder
)

// EmbedEndpoint is where embeddings come from. Model is empty where
// EMBEDDINGS_BASE_URL is set without EMBEDDINGS_MODEL.
type EmbedEndpoint struct {
	BaseURL string // up to and with /v1
	Model   string
	APIKey  string
}

// parts are what a command holds while it runs.
type parts struct {
	config config
	hold   *proc.Hold // nil when everything comes from outside
	dsn    string
}

// acquire brings up what is needed: it sets up a home that is not, starts or
// joins the supervisor, waits until the parts answer, and makes and migrates
// the private database. Progress goes to standard error. Close lets go.
func (a *app) acquire(ctx context.Context, n need) (*parts, error) {
	p, err := a.acquireParts(ctx, n)
	if err != nil {
		return nil, err
	}
	if n&needPostgres == 0 {
		return p, nil
	}
	if err := p.migrate(ctx, a.stderr); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// acquireParts is acquire without touching the schema.
func (a *app) acquireParts(ctx context.Context, n need) (*parts, error) {
	p := &parts{config: a.config, dsn: a.config.DatabaseURL}
	fetch, want, soon := a.private(n)
	if len(fetch) == 0 {
		return p, nil
	}
	home, err := proc.OpenHome(a.config.Home)
	if err != nil {
		return nil, err
	}
	err = home.Setup(ctx, proc.SetupConfig{Parts: fetch, Wheels: a.config.Wheels, Progress: proc.NewProgress(a.stderr)})
	if err != nil {
		return nil, err
	}
	teller := newTeller(a.stderr, a.log)
	defer teller.stop()
	p.hold, err = proc.Acquire(ctx, home, proc.HoldConfig{
		Client: clientName(), Want: want, Soon: soon, Tell: teller.tell,
		Supervisor: func() (*exec.Cmd, error) { return superviseCommand(home.Dir) },
	})
	if err != nil {
		return nil, err
	}
	if slices.Contains(want, proc.Postgres) {
		p.dsn, err = pg.EnsureDatabase(ctx, p.hold.Endpoint(proc.Postgres), pg.Database)
		if err != nil {
			p.Close()
			return nil, err
		}
	}
	return p, nil
}

// private lists what comes from the private parts: to fetch, to wait for, and
// to have soon.
func (a *app) private(n need) (fetch, want, soon []string) {
	if n&needPostgres != 0 && a.config.DatabaseURL == "" {
		fetch, want = append(fetch, proc.Postgres), append(want, proc.Postgres)
	}
	if a.config.EmbeddingsURL != "" {
		return fetch, want, soon
	}
	if n&(needEmbedder|needEmbedderSoon|needIngestEmbedder) != 0 {
		fetch = append(fetch, proc.Embedder)
	}
	switch {
	case n&needEmbedder != 0:
		want = append(want, proc.Embedder)
	case n&needEmbedderSoon != 0:
		soon = append(soon, proc.Embedder)
	}
	if n&needIngestEmbedder != 0 {
		want = append(want, proc.IngestEmbedder)
	}
	return fetch, want, soon
}

// migrate brings the private database, and an empty one of the user's own, to
// this program's schema. Another's that holds data is migrated when its owner
// says so.
func (p *parts) migrate(ctx context.Context, stderr io.Writer) error {
	if p.config.DatabaseURL != "" {
		empty, err := pg.Empty(ctx, p.dsn)
		if err != nil || !empty {
			return err // Open says what is wrong with a schema that does not fit
		}
	}
	steps, err := pg.Migrate(ctx, p.dsn)
	if len(steps) > 0 && p.config.DatabaseURL != "" {
		fmt.Fprintf(stderr, "the database was empty: %d migrations applied\n", len(steps))
	}
	return err
}

// DSN is the address of the product's database. It stays true when the private
// Postgres is restarted.
func (p *parts) DSN() string { return p.dsn }

// Embedder is where questions are embedded. Ask anew for each call: a private
// embedder that had to be restarted may have another address.
func (p *parts) Embedder() EmbedEndpoint { return p.endpoint(proc.Embedder) }

// IngestEmbedder is where an ingest embeds.
func (p *parts) IngestEmbedder() EmbedEndpoint { return p.endpoint(proc.IngestEmbedder) }

func (p *parts) endpoint(name string) EmbedEndpoint {
	if p.config.EmbeddingsURL != "" {
		return EmbedEndpoint{BaseURL: p.config.EmbeddingsURL, Model: p.config.EmbeddingsModel, APIKey: p.config.EmbeddingsAPIKey}
	}
	e := EmbedEndpoint{Model: proc.EmbedderModel}
	if p.hold != nil {
		e.BaseURL = p.hold.Endpoint(name)
	}
	return e
}

// State is how a private part is, for readiness: its state and its last error.
// A part that comes from outside has none.
func (p *parts) State(name string) (state, problem string, private bool) {
	if p.hold == nil {
		return "", "", false
	}
	e := p.hold.State(name)
	return e.State, e.Error, e.Part != ""
}

// Close lets the parts go; the supervisor stops what nobody else holds.
func (p *parts) Close() {
	if p.hold != nil {
		p.hold.Close()
	}
}

// clientName is how a hold is shown to people.
func clientName() string {
	if len(os.Args) > 1 {
		return "frontdesk " + os.Args[1]
	}
	return "frontdesk"
}

// teller says on standard error what a waiting command waits for (quick starts
// are not worth a line); once it has its parts, the log says when one goes or
// comes.
type teller struct {
	w     io.Writer
	log   *slog.Logger
	timer *time.Timer

	mu      sync.Mutex
	waiting map[string]bool
	done    bool
}

func newTeller(w io.Writer, log *slog.Logger) *teller {
	t := &teller{w: w, log: log, waiting: map[string]bool{}}
	t.timer = time.AfterFunc(1500*time.Millisecond, t.sayWaiting)
	return t
}

func (t *teller) tell(e proc.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	waited := t.waiting[e.Part]
	t.waiting[e.Part] = e.State != proc.StateReady
	switch {
	case t.done && e.State == proc.StateFailed:
		t.log.Warn("part is away", "part", e.Part, "error", e.Error)
	case t.done && e.State == proc.StateReady && waited:
		t.log.Info("part is ready", "part", e.Part)
	case t.done:
	case e.Note != "":
		fmt.Fprintf(t.w, "%s: %s\n", e.Part, e.Note)
	case e.State == proc.StateFailed:
		fmt.Fprintf(t.w, "%s: %s; trying again\n", e.Part, e.Error)
	}
}

func (t *teller) sayWaiting() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for part, waiting := range t.waiting {
		if waiting && !t.done {
			fmt.Fprintf(t.w, "%s: starting\n", part)
		}
	}
}

func (t *teller) stop() {
	t.timer.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = true
}
