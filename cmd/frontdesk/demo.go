package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/triage"
	"frontdesk/triage/pgtriage"
)

// The fictional shop of evals/shop, as the site that commands use when they
// are given none.
const (
	demoSite  = defaultSite
	demoTitle = "Kettlewick"
)

func newDemoCommand(a *app) *cobra.Command {
	var shop string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Publish the demo shop's knowledge and serve it: what `make run` does",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, err := demoFolder(shop)
			if err != nil {
				return err
			}
			return a.demo(cmd.Context(), folder)
		},
	}
	c.Flags().StringVar(&shop, "shop", "", "folder with knowledge/ and vectors.bin (default evals/shop of the repository)")
	return c
}

// demoFolder finds the demo shop: the one named, or the repository's.
func demoFolder(named string) (string, error) {
	folder := named
	if folder == "" {
		root, ok := repositoryRoot()
		if !ok {
			return "", errors.New("the demo shop is part of the repository: run this inside it, or name its folder with --shop")
		}
		folder = filepath.Join(root, "evals", "shop")
	}
	if _, err := os.Stat(filepath.Join(folder, "knowledge")); err != nil {
		return "", fmt.Errorf("there is no demo shop: %w", err)
	}
	return folder, nil
}

// demo holds the parts from the first step to the last, so that publishing and
// serving share one start of Postgres. The shop's vectors are shipped: only an
// article that was edited since is embedded.
func (a *app) demo(ctx context.Context, folder string) error {
	shipped, err := readVectorsIfThere(filepath.Join(folder, "vectors.bin"))
	if err != nil {
		return err
	}
	in := intake{site: demoSite, title: demoTitle, shipped: shipped, out: a.stderr}
	if _, err := a.readArticles(ctx, &in, []string{filepath.Join(folder, "knowledge")}); err != nil {
		return plain(err)
	}
	// The embedder warms up while the knowledge goes in.
	p, err := a.acquire(ctx, needPostgres|needEmbedderSoon)
	if err != nil {
		return plain(err)
	}
	defer p.Close()
	logins, help := "", ""
	err = inStore(ctx, p, ingestPool(), func(st *store) error {
		if err := a.takeIn(ctx, st, in); err != nil {
			return err
		}
		if err := demoPolicy(ctx, st); err != nil {
			return err
		}
		if help, err = demoHelp(ctx, st); err != nil {
			return err
		}
		logins, err = a.demoLogins(ctx, st)
		return err
	})
	if err != nil {
		return err
	}
	return a.serve(ctx, serveFlags{greet: func(base, admin string) { a.greetDemo(base, admin, help, logins) }})
}

// demoHelp is where the shop's help pages are: /help is the default site's,
// which somebody may have made before.
func demoHelp(ctx context.Context, st *store) (string, error) {
	site, err := st.Site(ctx, demoSite)
	if err != nil || site.Default {
		return "/help", err
	}
	return "/s/" + demoSite + "/help", nil
}

// demoOrders is what the demo shop's order numbers look like; its help pages say so.
const demoOrders = `(?i)\bKW[- ]?\d{7}\b`

// demoPolicy tells triage and the desk what the shop's order numbers look like,
// unless somebody has said anything already.
func demoPolicy(ctx context.Context, st *store) error {
	site, err := st.Site(ctx, demoSite)
	if err != nil {
		return err
	}
	settled, err := pgtriage.New(st.pool, time.Now)
	if err != nil {
		return err
	}
	now, err := settled.Settled(ctx, site.ID)
	if err != nil || !reflect.DeepEqual(now.Policy, triage.Policy{}) {
		return err
	}
	return settled.SetPolicy(ctx, site.ID, triage.Policy{OrderNumbers: []string{demoOrders}})
}

// greetDemo is the short screen that `make run` ends in.
func (a *app) greetDemo(base, admin, help, logins string) {
	fmt.Fprintf(a.stdout, `
  Kettlewick, the demo shop, is open.

  shop and chat   %[1]s/
  agents' desk    %[1]s/desk
%[3]s
  help pages      %[1]s%[4]s
  health          %[1]s/readyz
  metrics         %[2]s/metrics

  Try asking
    How do I send something back?
    My K2 flashes red three times
    Wie oft muss ich den K2 entkalken?
    Do you repair toasters of other makers?   (a choice: nothing answers it quite)
    I want to talk to a person        (then look at the agents' desk)

  Your own articles: bin/frontdesk ingest --site mysite FOLDER
  Ctrl-C stops everything.

`, base, admin, logins, help)
}
