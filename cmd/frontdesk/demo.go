package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"frontdesk/retrieval"
	"frontdesk/retrieval/sources"
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
	// The embedder warms up while the knowledge goes in.
	p, err := a.acquire(ctx, needPostgres|needEmbedderSoon)
	if err != nil {
		return plain(err)
	}
	defer p.Close()
	if err := a.publishDemo(ctx, p, folder); err != nil {
		return plain(err)
	}
	return a.serve(ctx, serveFlags{greet: a.greetDemo})
}

func (a *app) publishDemo(ctx context.Context, p *parts, folder string) error {
	found, err := sources.Walk(ctx, []string{filepath.Join(folder, "knowledge")}, sources.Options{})
	if err != nil {
		return err
	}
	for _, problem := range found.Problems {
		fmt.Fprintln(a.stderr, problem)
	}
	shipped, err := readVectors(filepath.Join(folder, "vectors.bin"))
	if errors.Is(err, os.ErrNotExist) {
		shipped, err = nil, nil
	}
	if err != nil {
		return err
	}
	st, err := openStore(ctx, p, ingestPool())
	if err != nil {
		return err
	}
	defer st.pool.Close()
	site, err := demoStore(ctx, st)
	if err != nil {
		return err
	}
	embedder := a.newLazyEmbedder()
	defer embedder.Close()
	report, err := a.publish(ctx, st, embedder, site, found.Articles, shipped, false)
	if err != nil {
		return err
	}
	printIngest(a.stderr, demoTitle, report)
	return nil
}

// demoStore makes the site where it is not there yet, with its name for people.
func demoStore(ctx context.Context, st *store) (retrieval.SiteID, error) {
	site, added, err := st.AddSite(ctx, demoSite)
	if err != nil || !added {
		return site.ID, err
	}
	return site.ID, st.UpdateSettings(ctx, demoSite, func(json.RawMessage) (json.RawMessage, error) {
		return json.Marshal(map[string]string{"title": demoTitle})
	})
}

// greetDemo is the short screen that `make run` ends in.
func (a *app) greetDemo(base, admin string) {
	fmt.Fprintf(a.stdout, `
  Kettlewick, the demo shop, is open.

  shop and chat   %[1]s/
  help pages      %[1]s/help
  health          %[1]s/readyz
  metrics         %[2]s/metrics

  Try asking
    What does a return cost me?
    My K2 flashes red three times
    Wie oft muss ich den K2 entkalken?
    Do you repair toasters of other makers?   (an honest no)
    I want to talk to a person        (then: frontdesk queue list)

  Your own articles: bin/frontdesk ingest --site mysite FOLDER
  Ctrl-C stops everything.

`, base, admin)
}
