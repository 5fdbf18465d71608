package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const site = "kettlewick"

// serveArgs lift the limit on one visitor's messages: a customer here asks
// again as soon as the answer is there.
var serveArgs = []string{"serve", "--visitor-rate=-1"} //nolint:gochecknoglobals // a constant list

// runAll runs the wanted sections and writes the report, also of a run that
// broke off: what was measured is not lost.
func (b *bench) runAll(ctx context.Context) error {
	steps := []struct {
		name string
		run  func(context.Context) error
	}{
		{"machine", b.machine},
		{"ingest", b.ingest},
		{"turns", b.turns},
		{"first-byte", b.firstByte},
		{"memory", b.memory},
		{"handoff", b.handoff},
		{"start", b.starts},
	}
	var only []string
	if b.o.only != "" {
		only = strings.Split(b.o.only, ",")
	}
	var failed error
	for _, s := range steps {
		// The knowledge is put in by the ingest section; most others need it.
		if only != nil && !slices.Contains(only, s.name) && (s.name != "ingest" || b.o.bare()) {
			continue
		}
		progress("%s", s.name)
		if failed = s.run(ctx); failed != nil {
			failed = fmt.Errorf("%s: %w", s.name, failed)
			break
		}
	}
	return errors.Join(failed, b.report.write(b.o.out, machineLine()))
}

func (b *bench) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, b.dsn)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return conn, nil
}

func (b *bench) machine(ctx context.Context) error {
	s := b.report.section("The machine", "What lies under every figure below, measured first.")
	sync, err := measureSync(".", b.times(500))
	if err != nil {
		return err
	}
	s.note("fdatasync of an 8 KiB page", sync.String())
	conn, err := b.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is lost
	commit, err := measureCommit(ctx, conn, b.times(1000))
	if err != nil {
		return err
	}
	s.note("one-row commit, one connection", commit.String())
	echo, err := measureEcho(ctx, b.times(5000))
	if err != nil {
		return err
	}
	s.note("512 bytes there and back over loopback", echo.String())
	return nil
}

func (b *bench) ingest(ctx context.Context) error {
	s := b.report.section("Ingest", "`frontdesk ingest` of the demo shop through the real embedder (each of its calls timed on the way), then of 1,000 articles twice; publishing beside a reader that searches all the time.")
	b.stub.takeBusy()
	took, _, err := b.prog.run(ctx, "ingest", "--site", site, "evals/shop/knowledge")
	busy := b.stub.takeBusy()
	if err != nil {
		return err
	}
	share := float64(busy.total) / float64(busy.last.Sub(busy.first)) * 100
	s.judge("embedder busy, first to last call of an ingest", "≥ 95 %", fmt.Sprintf("%.1f %% of %s (whole command %s)", share, busy.last.Sub(busy.first).Round(time.Millisecond), took.Round(time.Millisecond)), share >= 95)

	if err := b.thousandArticles(ctx, s); err != nil {
		return err
	}
	return b.publishBesideReader(ctx, s)
}

// thousandArticles writes 1,000 short articles, publishes them without
// vectors (what is timed is everything else), and publishes them again.
func (b *bench) thousandArticles(ctx context.Context, s *section) error {
	dir, err := os.MkdirTemp("", "frontdesk-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	texts, err := filepath.Glob("evals/shop/knowledge/*/*.md")
	if err != nil {
		return err
	}
	for i := range 1000 {
		body, err := os.ReadFile(texts[i%len(texts)])
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(strings.TrimPrefix(string(body), "---\n"), "\n---\n")
		page := fmt.Sprintf("---\nid: a-%d\ntitle: Article %d\n---\n%s\n", i, i, rest)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("a-%04d.md", i)), []byte(page), 0o644); err != nil {
			return err
		}
	}
	first, _, err := b.prog.run(ctx, "ingest", "--site", "thousand", "--without-vectors", dir)
	if err != nil {
		return err
	}
	again, said, err := b.prog.run(ctx, "ingest", "--site", "thousand", "--without-vectors", dir)
	if err != nil {
		return err
	}
	s.note("1,000 articles, first time, without vectors", first.Round(time.Millisecond).String())
	s.judge("the same 1,000 articles unchanged, whole command", "≤ 2 s", again.Round(time.Millisecond).String()+" ("+strings.TrimSpace(lastLines(said, 1))+")", again <= 2*time.Second)
	return nil
}

// publishBesideReader searches all the time, first alone and then while
// another generation of the same site is built and published.
func (b *bench) publishBesideReader(ctx context.Context, s *section) error {
	srv, err := b.prog.serve(ctx, serveArgs...)
	if err != nil {
		return err
	}
	defer srv.stop() //nolint:errcheck // the figures are in
	alone, err := measureTurns(ctx, srv.base, b.q, 1, b.times(400))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "frontdesk-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS("evals/shop/knowledge")); err != nil {
		return err
	}
	done := make(chan error, 1)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	beside := newLatencies()
	go func() {
		c, err := start(reading, newHTTPClient(1), srv.base)
		for err == nil && reading.Err() == nil {
			id, text := b.q.take()
			begin := time.Now()
			if _, err = c.ask(reading, id, text); err == nil {
				beside.add(time.Since(begin))
			}
		}
		if reading.Err() != nil {
			err = nil
		}
		done <- err
	}()
	for i := range 5 {
		extra := fmt.Sprintf("---\nid: publish-%d\n---\n# Publishing %d\n\nA short article.\n", i, i)
		if err := os.WriteFile(filepath.Join(dir, "extra.md"), []byte(extra), 0o644); err != nil {
			return err
		}
		if _, _, err := b.prog.run(ctx, "ingest", "--site", site, dir); err != nil {
			return err
		}
	}
	stop()
	if err := <-done; err != nil {
		return err
	}
	s.note("a turn with nothing beside it", alone.lat.String())
	s.note("a turn while five generations are built and published", beside.String())
	_, _, err = b.prog.run(ctx, "ingest", "--site", site, "evals/shop/knowledge")
	return err
}

func (b *bench) turns(ctx context.Context) error {
	s := b.report.section("Our own share of a turn",
		"`POST …/messages` over HTTP, every question new, every turn durable (message, reply, trace); the embedder is a local stub that answers with the question's real vector at once. Each customer asks again as soon as the answer is there. The site is the demo shop with its articles copied until there are so many chunks, and its threshold is set so that every question gets a quoted answer, the dearer end.")
	if _, _, err := b.prog.run(ctx, "site", "set", site, "threshold=0.000001"); err != nil {
		return err
	}
	for _, size := range []struct {
		chunks int
		p50    time.Duration
	}{{1000, 4 * time.Millisecond}, {5000, 7 * time.Millisecond}} {
		conn, err := b.connect(ctx)
		if err != nil {
			return err
		}
		chunks, err := enlarge(ctx, conn, site, size.chunks)
		var bare *latencies
		if err == nil {
			bare, err = measureScan(ctx, conn, site, b.times(500))
		}
		_ = conn.Close(ctx)
		if err != nil {
			return err
		}
		s.note(fmt.Sprintf("%d chunks: a bare exact scan in Postgres, the 30 nearest, nothing else", chunks), bare.String())
		if err := b.turnsAt(ctx, s, chunks, size.chunks, size.p50); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) turnsAt(ctx context.Context, s *section, chunks, nominal int, p50 time.Duration) error {
	srv, err := b.prog.serve(ctx, serveArgs...)
	if err != nil {
		return err
	}
	defer srv.stop()                                                             //nolint:errcheck // the figures are in
	if _, err := measureTurns(ctx, srv.base, b.q, 8, b.times(800)); err != nil { // warm up
		return err
	}
	one, cost, err := b.turnsWithCost(ctx, srv, 1, b.times(2000))
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%d chunks, one client", chunks)
	s.note(what+", processor time a turn", cost)
	if where, err := b.whereTime(ctx, 2000); err == nil {
		s.note(what+", medians by stage as the turns' traces have them", where)
	}
	if p50, p99, err := b.stage(ctx, "triage", 2000); err == nil {
		s.judge(what+", what triage adds", "≤ 2 ms p50, ≤ 5 ms p99", fmt.Sprintf("p50 %s · p99 %s", ms(p50), ms(p99)), p50 <= 2*time.Millisecond && p99 <= 5*time.Millisecond)
	}
	s.judge(what+", p50", fmt.Sprintf("≤ %s", ms(p50)), one.lat.String()+" · "+outcomes(one), one.lat.at(50) <= p50)
	if nominal != 1000 {
		return nil
	}
	s.judge(what+", p99", "≤ 12 ms", ms(one.lat.at(99)), one.lat.at(99) <= 12*time.Millisecond)
	many, cost, err := b.turnsWithCost(ctx, srv, 32, b.times(10000))
	if err != nil {
		return err
	}
	s.note(fmt.Sprintf("%d chunks, 32 clients, processor time a turn", chunks), cost)
	s.judge(fmt.Sprintf("%d chunks, 32 clients", chunks), "≥ 500 turns a second", fmt.Sprintf("%.0f a second · %s · %s", many.perSec, many.lat, outcomes(many)), many.perSec >= 500)
	return nil
}

// turnsWithCost is measureTurns with the processor time that it took.
func (b *bench) turnsWithCost(ctx context.Context, srv *server, clients, n int) (turnsResult, string, error) {
	conn, err := b.connect(ctx)
	if err != nil {
		return turnsResult{}, "", err
	}
	defer conn.Close(ctx) //nolint:errcheck // only read from
	before, err := measureSpent(ctx, conn, srv.pid)
	if err != nil {
		return turnsResult{}, "", err
	}
	res, err := measureTurns(ctx, srv.base, b.q, clients, n)
	if err != nil {
		return res, "", err
	}
	after, err := measureSpent(ctx, conn, srv.pid)
	return res, after.since(before, n), err
}

// whereTime is the medians of the stages of the newest turns.
func (b *bench) whereTime(ctx context.Context, turns int) (string, error) {
	conn, err := b.connect(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) //nolint:errcheck // only read from
	var stages []string
	err = conn.QueryRow(ctx, `
WITH newest AS (SELECT trace -> 'micros' AS micros, extract(epoch FROM ended_at - started_at) * 1e6 AS all_of_it FROM turns ORDER BY started_at DESC LIMIT $1),
stage AS (SELECT m.key, m.value::float8 AS micros FROM newest, json_each_text(micros) m UNION ALL SELECT 'recorded to finish', all_of_it FROM newest)
SELECT array_agg(line ORDER BY line) FROM (
  SELECT key || ' ' || round((percentile_cont(.5) WITHIN GROUP (ORDER BY micros) / 1000)::numeric, 2) || ' ms' AS line FROM stage GROUP BY key
) s`, turns).Scan(&stages)
	if err != nil {
		return "", fmt.Errorf("reading traces: %w", err)
	}
	return strings.Join(stages, " · "), nil
}

// stage is how long a stage of the newest turns took.
func (b *bench) stage(ctx context.Context, name string, turns int) (p50, p99 time.Duration, err error) {
	conn, err := b.connect(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close(ctx) //nolint:errcheck // only read from
	var at []float64
	err = conn.QueryRow(ctx, `
WITH newest AS (SELECT (trace -> 'micros' ->> $1)::float8 AS micros FROM turns ORDER BY started_at DESC LIMIT $2)
SELECT percentile_cont(ARRAY[.5, .99]) WITHIN GROUP (ORDER BY micros) FROM newest WHERE micros IS NOT NULL`, name, turns).Scan(&at)
	if err != nil || len(at) != 2 {
		return 0, 0, fmt.Errorf("reading traces: %w", err)
	}
	return time.Duration(at[0] * 1e3), time.Duration(at[1] * 1e3), nil
}

func outcomes(r turnsResult) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(r.outcomes)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, r.outcomes[k]))
	}
	return strings.Join(parts, ", ")
}

func (b *bench) firstByte(ctx context.Context) error {
	s := b.report.section("First byte of an answer", "As an event stream, with the real embedder; in turn with a bare call of the same embedder, each with words of its own.")
	real := b.prog.with("EMBEDDINGS_BASE_URL="+b.embed, "EMBEDDINGS_MODEL=multilingual-e5-small-local")
	// The published vectors belong to the stub's model name; publish the same
	// ones under the real one's, which is what a site of its own would have.
	if _, _, err := real.run(ctx, "ingest", "--site", site, "evals/shop/knowledge"); err != nil {
		return err
	}
	srv, err := real.serve(ctx, serveArgs...)
	if err != nil {
		return err
	}
	defer srv.stop() //nolint:errcheck // the figures are in
	hc := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	bare := func(ctx context.Context, text string) error {
		_, err := askEmbedder(ctx, hc, b.embed, "query", text)
		return err
	}
	embed, first, extra, err := measureFirstByte(ctx, srv.base, "", bare, b.q, b.times(300))
	if err != nil {
		return err
	}
	s.note("bare embedding call", embed.String())
	s.note("first byte of the answer", first.String())
	if err := b.shippedFirstByte(ctx, s); err != nil {
		return err
	}
	s.judge("first byte later than the bare call, medians", "≤ 10 ms", ms(first.at(50)-embed.at(50))+" (pair by pair: "+extra.String()+")", first.at(50)-embed.at(50) <= 10*time.Millisecond)
	return nil
}

// shippedFirstByte is the first byte as a fresh installation has it: both
// private encoders, token vectors, the whole ranking.
func (b *bench) shippedFirstByte(ctx context.Context, s *section) error {
	p := b.prog.with("EMBEDDINGS_BASE_URL=", "EMBEDDINGS_MODEL=")
	const own = "shipped"
	if _, _, err := p.run(ctx, "ingest", "--site", own, "--vectors", "evals/shop/vectors.bin", "evals/shop/knowledge"); err != nil {
		return err
	}
	srv, err := p.serve(ctx, serveArgs...)
	if err != nil {
		return err
	}
	defer srv.stop() //nolint:errcheck // the figures are in
	nothing := func(context.Context, string) error { return nil }
	n := b.times(300)
	_, first, _, err := measureFirstByte(ctx, srv.base, own, nothing, b.q, n)
	if err != nil {
		return err
	}
	s.judge("both encoders and the whole ranking: first byte of the answer", "≤ 25 ms p50", first.String(), first.at(50) <= 25*time.Millisecond)
	if p50, p99, err := b.stage(ctx, "rank", n); err == nil {
		s.judge("… of it ranking", "≤ 6 ms", fmt.Sprintf("p50 %s · p99 %s", ms(p50), ms(p99)), p50 <= 6*time.Millisecond)
	}
	if where, err := b.whereTime(ctx, n); err == nil {
		s.note("… medians by stage", where)
	}
	return nil
}

func (b *bench) memory(ctx context.Context) error {
	s := b.report.section("Memory", "Resident set of `frontdesk serve`, from the kernel; the streams' client is another process.")
	srv, err := b.prog.serve(ctx, serveArgs...)
	if err != nil {
		return err
	}
	defer srv.stop() //nolint:errcheck // the figures are in
	begin, err := resident(srv.pid)
	if err != nil {
		return err
	}
	if _, err := measureTurns(ctx, srv.base, b.q, 32, b.times(10000)); err != nil {
		return err
	}
	after, err := resident(srv.pid)
	if err != nil {
		return err
	}
	s.note("after the start", mib(begin))
	s.judge("after 10,000 turns", "≤ 120 MB", mib(after), after <= 120<<20)
	if err := srv.stop(); err != nil {
		return err
	}
	fresh, err := b.prog.serve(ctx, serveArgs...)
	if err != nil {
		return err
	}
	defer fresh.stop() //nolint:errcheck // the figures are in
	n := b.times(8000)
	each, err := idleStreams(ctx, fresh.base, fresh.pid, n)
	if err != nil {
		return err
	}
	s.judge(fmt.Sprintf("each of %d idle event streams", n), "≤ 32 KB", fmt.Sprintf("%.1f KB", float64(each)/1024), each <= 32<<10)
	return nil
}

func mib(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/(1<<20)) }

// starts times `frontdesk demo`, what `make run` does after compiling, in a home
// of its own: first with everything fetched but nothing set up, then again.
func (b *bench) starts(ctx context.Context) error {
	s := b.report.section("From `make run` to a cited answer", "`frontdesk demo` in an empty home, the packages already downloaded and the program compiled; then a second time.")
	home, err := os.MkdirTemp("", "frontdesk-bench-home-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	p := program{path: b.prog.path, dir: b.prog.dir}.with("FRONTDESK_HOME="+home, "DATABASE_URL=", "EMBEDDINGS_BASE_URL=", "EMBEDDINGS_MODEL=")
	fetch, _, err := p.run(ctx, "setup")
	if err != nil {
		return err
	}
	s.note("setup before it (downloads, from the network or a cache)", fetch.Round(time.Millisecond).String())
	for _, round := range []struct {
		what string
		aim  time.Duration
	}{{"first start", 15 * time.Second}, {"second start", 5 * time.Second}} {
		srv, err := p.serve(ctx, "demo")
		if err != nil {
			return err
		}
		err = citedAnswer(ctx, srv.base)
		took := time.Since(srv.began)
		if err := errors.Join(err, srv.stop()); err != nil {
			return err
		}
		s.judge(round.what, fmt.Sprintf("≤ %s", round.aim), took.Round(time.Millisecond).String(), took <= round.aim)
	}
	_, _, err = p.run(ctx, "setup", "--remove")
	return err
}

func citedAnswer(ctx context.Context, base string) error {
	c, err := start(ctx, newHTTPClient(1), base)
	if err != nil {
		return err
	}
	outcome, err := c.ask(ctx, "first", "When do my Steam points expire?")
	if err == nil && outcome != "answer" {
		err = fmt.Errorf("the demo shop's first question ended as %q", outcome)
	}
	return err
}
