package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/bot/chatapi"
	"frontdesk/bot/convo"
	"frontdesk/bot/files"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/pg"
	"frontdesk/internal/web"
)

type serveFlags struct {
	visitorRate, addressRate float64
	limitLoopback            bool
	maxTurns                 int
	proxies                  []string
	quiet                    bool
	// greet replaces the list of addresses; nil: the plain one.
	greet func(base, admin string)
}

func newServeCommand(a *app) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer customers over HTTP",
		Long: `Serve the widget's API, the demo shop's page and the help pages, and metrics
and profiles on the admin address. The addresses printed are the true ones: a
default port that is taken gives way to the next free one.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), f) },
	}
	c.Flags().Float64Var(&f.visitorRate, "visitor-rate", 0, "messages a second of one visitor in the long run; negative: no limit (default 30)")
	c.Flags().Float64Var(&f.addressRate, "address-rate", 0, "requests a second of one address in the long run; negative: no limit (default 50)")
	c.Flags().BoolVar(&f.limitLoopback, "limit-loopback", false, "apply --address-rate to 127.0.0.1 and ::1 too")
	c.Flags().IntVar(&f.maxTurns, "max-turns", 0, "turns at a time; beyond it customers are asked to come back in a second (default 256)")
	c.Flags().StringSliceVar(&f.proxies, "trusted-proxy", nil, "network of a proxy whose X-Forwarded-For is believed, 10.0.0.0/8 for instance")
	c.Flags().DurationVar(&a.offset, "clock-offset", 0, "for tests: how far this process's clock is off")
	_ = c.Flags().MarkHidden("clock-offset") // it fails for a flag that is not there
	c.Flags().BoolVar(&f.quiet, "quiet", false, "do not print the addresses")
	return c
}

// servedRate turns a flag into a rate; the burst is twelve seconds' worth.
func servedRate(perSecond float64) web.Rate {
	return web.Rate{PerSecond: perSecond, Burst: max(0, perSecond*12)}
}

// servedEmbedBudget is how long a customer's question waits for its vector. A
// healthy embedder needs a twentieth of it. On a machine that is busy with other
// things it now and then needs half, and there an answer half a second later is
// better than one by words alone, which finds the right article much more
// seldom. An embedder that is really away costs this only three times: then the
// breaker keeps questions from it.
const servedEmbedBudget = time.Second

// servedGarbage is how much the heap may grow between collections, in percent of
// what lives: most of that is phrases and weights, which hold few pointers and are
// quickly looked through. At Go's 100 % ten thousand turns leave 129 MB resident,
// at 60 % 113 MB, for some hundredths of the processor time.
const servedGarbage = 60

func (a *app) serve(ctx context.Context, flags serveFlags) error {
	if a.getenv("GOGC") == "" {
		debug.SetGCPercent(servedGarbage)
	}
	proxies, err := parsePrefixes(flags.proxies)
	if err != nil {
		return err
	}
	metrics := web.NewMetrics()
	f, err := a.openFront(ctx, frontConfig{
		need: needPostgres | needEmbedderSoon, maxTurns: flags.maxTurns, meter: newMeter(metrics),
		embedBudget: servedEmbedBudget,
		// A turn holds a connection while the database works for it and never
		// while a model does: a few for each core keep Postgres busy.
		pool: pg.PoolConfig{MaxConns: 20, MinIdleConns: 4, ConnectTimeout: 2 * time.Second},
	})
	if err != nil {
		return plain(err)
	}
	defer f.Close(ctx)
	s, err := a.newServer(ctx, f, metrics, proxies, flags)
	if err != nil {
		return plain(err)
	}
	return s.run(ctx, a, flags)
}

func parsePrefixes(list []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, usageError{fmt.Errorf("--trusted-proxy: %q is no network: write it as 10.0.0.0/8", s)}
		}
		out = append(out, p)
	}
	return out, nil
}

// server is the two listeners and what answers on them.
type server struct {
	front *front
	app   *web.App
	desk  *console.Console
	// keepDesk keeps the desk's streams fed and its house in order.
	keepDesk func(ctx context.Context)
	jobs     *pgdesk.Keeper
	admin    *http.Server
	ln       net.Listener
	adm      net.Listener
}

func (a *app) newServer(ctx context.Context, f *front, metrics *web.Metrics, proxies []netip.Prefix, flags serveFlags) (*server, error) {
	app, err := web.New(a.log, metrics, web.Config{TrustedProxies: proxies})
	if err != nil {
		return nil, err
	}
	secret, err := tokenSecret(ctx, f)
	if err != nil {
		return nil, err
	}
	if f.files, err = files.New(files.Deps{Store: f.convs, Log: a.log, Now: a.now, NewID: bot.NewID}, files.Config{}); err != nil {
		return nil, err
	}
	var jobs *pgdesk.Keeper // made below: it needs the address that is listened on
	api, err := chatapi.New(chatapi.Deps{
		Transcript: func(ctx context.Context, key convo.Key, visitor convo.ID) (handoff.Transcript, error) {
			return jobs.Transcript(ctx, key, visitor)
		},
		Files: f.files, App: app, Engine: f.engine, Store: f.convs, Desk: f.desk, Hub: f.hub, Sites: f.sites, Ratings: f.promises,
		Secret: secret, Log: a.log, Now: a.now, NewID: bot.NewID,
	}, chatapi.Config{
		VisitorRate: servedRate(flags.visitorRate), AddressRate: servedRate(flags.addressRate), LimitLoopback: flags.limitLoopback,
	})
	if err != nil {
		return nil, err
	}
	app.Health(f.readiness(), plainReason)
	api.Mount()
	desk, keepDesk, err := a.newConsole(ctx, f, app)
	if err != nil {
		return nil, err
	}
	desk.Mount()
	if err := a.mountPages(app.Fiber(), f, api.LimitAddress); err != nil {
		return nil, err
	}
	s := &server{front: f, app: app, desk: desk, keepDesk: keepDesk, admin: web.Admin(metrics)}
	if s.ln, err = web.Listen(ctx, a.config.Addr, !a.config.AddrGiven); err != nil {
		return nil, err
	}
	if s.adm, err = web.Listen(ctx, a.config.AdminAddr, !a.config.AdminAddrGiven); err != nil {
		_ = s.ln.Close()
		return nil, err
	}
	if jobs, err = a.newKeeper(f, "http://"+s.ln.Addr().String()); err != nil {
		_, _ = s.ln.Close(), s.adm.Close()
		return nil, err
	}
	s.jobs = jobs
	return s, nil
}

// tokenSecret is the installation's secret for the widget's tokens.
func tokenSecret(ctx context.Context, f *front) ([]byte, error) {
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	return f.convs.Secret(ctx, "visitor_tokens", fresh)
}

// run serves until ctx ends, then stops: streams are ended and turns get their
// end before the connections close.
func (s *server) run(ctx context.Context, a *app, flags serveFlags) error {
	failed := make(chan error, 2)
	var keep context.Context
	keep, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	defer stopKeeping()
	s.front.work.Go(func() { s.front.convs.KeepHouse(keep, s.front.sites, a.now, a.log) })
	s.front.news.OnChange(s.desk.Wake)
	s.front.work.Go(func() { s.keepDesk(keep) })
	s.front.work.Go(func() { s.front.desk.KeepHouse(keep) })
	s.front.work.Go(func() { s.front.routeUnseen(keep, a) })
	if err := s.jobs.Start(keep); err != nil {
		return err
	}
	go func() { failed <- s.app.Serve(s.ln) }()
	go func() {
		if err := s.admin.Serve(s.adm); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	switch {
	case flags.greet != nil:
		flags.greet("http://"+s.ln.Addr().String(), "http://"+s.adm.Addr().String())
	case !flags.quiet:
		s.greet(ctx, a)
	}
	a.log.Info("serving", "addr", s.ln.Addr().String(), "admin_addr", s.adm.Addr().String(), "instance", s.front.bus.Instance())
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stopKeeping()
	s.stop(a)
	return err
}

// stop has twelve seconds: ten for turns, which is their budget, and a little
// for the connections.
func (s *server) stop(a *app) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Second)
	defer cancel()
	s.front.hub.Close() // streams end, so that their connections can
	s.desk.Close()
	if err := s.app.Stop(ctx); err != nil {
		a.log.Warn("connections were cut", "cause", err.Error())
	}
	s.front.engine.Stop(ctx)
	if err := s.jobs.Stop(ctx); err != nil {
		a.log.Warn("jobs were cut short; another process or the next start does them anew", "cause", err.Error())
	}
	if err := s.admin.Shutdown(ctx); err != nil {
		_ = s.admin.Close()
	}
	a.log.Info("stopped", "took_ms", time.Since(began).Milliseconds())
}

// greet prints where everything is, on standard output: it is the result.
func (s *server) greet(ctx context.Context, a *app) {
	base := "http://" + s.ln.Addr().String()
	fmt.Fprintf(a.stdout, "\n  shop and chat   %s/\n  agents' desk    %s/desk\n  help pages      %s/help\n  health          %s/readyz\n  metrics         http://%s/metrics\n\n",
		base, base, base, base, s.adm.Addr())
	if sites, err := s.front.sites.All(ctx); err == nil && len(sites) == 0 {
		fmt.Fprintln(a.stdout, "  There is no site yet. Make one: frontdesk ingest --site shop FOLDER")
	}
}
