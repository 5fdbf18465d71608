package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	out, bin, only string
	desk           string
	deskRate       int
	quick          bool
	streams        int
	base           string
}

func run(ctx context.Context, args []string) error {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.StringVar(&o.out, "out", "", "write the table to this Markdown file too")
	fs.StringVar(&o.bin, "bin", "bin/frontdesk", "the program to measure")
	fs.StringVar(&o.only, "only", "", "sections to run, comma-separated (machine, ingest, turns, first-byte, memory, handoff, start); empty: all")
	fs.StringVar(&o.desk, "desk", "", "of the section handoff: memory, button, exchange, list, claims; empty: all")
	fs.IntVar(&o.deskRate, "desk-rate", deskRate, "of the section handoff: handoffs a second")
	fs.BoolVar(&o.quick, "quick", false, "a tenth of the counts, to try the benchmark itself")
	fs.IntVar(&o.streams, "streams", 0, "internal: be the client that holds this many idle streams")
	fs.StringVar(&o.base, "base", "", "internal: the server for -streams")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if o.streams > 0 {
		return streamsClient(ctx, o.base, o.streams)
	}
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	err = b.runAll(ctx)
	return errors.Join(err, b.close(ctx))
}

// bench is one run: the parts it holds and the rows it has so far.
type bench struct {
	o      options
	prog   program
	hold   *exec.Cmd
	holdIn io.WriteCloser
	admin  string // DSN of the product's own database, for making ours
	dsn    string // DSN of this run's own database
	dbName string
	embed  string // base URL of the real embedder
	stub   *stub
	q      *questions
	report report
}

// newBench keeps the private parts running, makes a database of its own on
// the private cluster and learns the real vectors of all questions.
func newBench(ctx context.Context, o options) (*bench, error) {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return nil, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	b := &bench{o: o, prog: program{path: bin, dir: dir}, dbName: fmt.Sprintf("frontdesk_bench_%d", os.Getpid())}
	b.hold = b.prog.command(ctx, "hold", "--embedder")
	b.hold.Stderr = os.Stderr
	if b.holdIn, err = b.hold.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := b.hold.StdoutPipe()
	if err != nil {
		return nil, err
	}
	progress("starting the private parts")
	if err := b.hold.Start(); err != nil {
		return nil, fmt.Errorf("holding the parts: %w (run `make build` first)", err)
	}
	sc := bufio.NewScanner(out)
	for b.embed == "" && sc.Scan() {
		name, value, _ := strings.Cut(sc.Text(), "=")
		switch name {
		case "DATABASE_URL":
			b.admin = value
		case "EMBEDDINGS_BASE_URL":
			b.embed = value
		}
	}
	if b.embed == "" {
		return nil, errors.Join(errors.New("the private parts did not start"), b.hold.Wait())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if err := b.createDatabase(ctx); err != nil {
		return nil, err
	}
	if b.stub, err = startStub(ctx, b.embed); err != nil {
		return nil, err
	}
	b.prog = b.prog.with("DATABASE_URL="+b.dsn, "EMBEDDINGS_BASE_URL="+b.stub.url, "EMBEDDINGS_MODEL="+stubModel)
	if o.bare() {
		return b, nil
	}
	return b, b.learn(ctx)
}

// bare says that no section is wanted which asks questions of the knowledge.
func (o options) bare() bool {
	for name := range strings.SplitSeq(o.only, ",") {
		if name != "machine" && name != "handoff" {
			return false
		}
	}
	return true
}

func (b *bench) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, b.admin)
	if err != nil {
		return fmt.Errorf("making a database: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is lost
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{b.dbName}.Sanitize()); err != nil {
		return fmt.Errorf("making a database: %w", err)
	}
	u, err := url.Parse(b.admin)
	if err != nil {
		return fmt.Errorf("making a database: %w", err)
	}
	u.Path = "/" + b.dbName
	b.dsn = u.String()
	return nil
}

// learn asks the real embedder for the vector of every question once.
func (b *bench) learn(ctx context.Context) error {
	texts, err := loadQuestions("evals/shop/questions.jsonl", "evals/kb/login_gov_help/questions.jsonl", "evals/kb/login_gov_help/titles.jsonl")
	if err != nil {
		return err
	}
	for i, t := range texts {
		if i%100 == 0 {
			progress("learning the real vectors of %d questions: %d", len(texts), i)
		}
		if _, err := b.stub.vector(ctx, "query", t); err != nil {
			return fmt.Errorf("learning vectors: %w", err)
		}
	}
	b.stub.takeBusy()
	b.q = &questions{texts: texts}
	return nil
}

func (b *bench) close(ctx context.Context) error {
	if b.stub != nil {
		b.stub.close()
	}
	ctx = context.WithoutCancel(ctx)
	conn, err := pgx.Connect(ctx, b.admin)
	if err == nil {
		_, err = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{b.dbName}.Sanitize()+" WITH (FORCE)")
		err = errors.Join(err, conn.Close(ctx))
	}
	return errors.Join(err, b.holdIn.Close(), b.hold.Wait())
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "… "+format+"\n", args...)
}

// times scales a count down for -quick.
func (b *bench) times(n int) int {
	if b.o.quick {
		return max(n/10, 20)
	}
	return n
}
