package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/triage"
	"frontdesk/triage/model"
)

func newLabelsSuggestCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "suggest",
		Short: "Propose labels for articles that have none, each with its probability and the reason",
		Long: `Propose desk and topic for every article whose owner said none. What is proposed
is kept beside the site and used, at its probability, until it is settled with
labels set, accept or import. Running it again replaces what was proposed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return a.withLabels(ctx, site, func(l *labelling) error {
				n, err := suggestLabels(ctx, l)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stderr, "%d suggestions\n", n)
				return a.printLabels(l, true, asJSON)
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// suggestLabels proposes labels for what has none, and keeps them in place of
// what was proposed before.
func suggestLabels(ctx context.Context, l *labelling) (n int, err error) {
	learned, err := model.Load()
	if err != nil {
		return 0, err
	}
	if err := l.store.Suggest(ctx, l.site, nil); err != nil {
		return 0, err
	}
	sites, err := triage.NewSites(triage.SitesDeps{Store: l.store, Model: learned, Now: time.Now}, 0)
	if err != nil {
		return 0, err
	}
	defer sites.Close()
	site, err := sites.Site(ctx, l.site)
	if err != nil {
		return 0, err
	}
	var list []triage.Label
	for _, id := range slices.Sorted(maps.Keys(site.Suggested)) {
		list = append(list, site.Suggested[id])
	}
	if err := l.store.Suggest(ctx, l.site, list); err != nil {
		return 0, err
	}
	return len(list), l.read(ctx)
}
