package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/retrieval"
)

func newGenerationCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "generation", Short: "The kept versions of a site's knowledge: list, rollback"}
	c.AddCommand(newGenerationListCommand(a), newGenerationRollbackCommand(a))
	return c
}

func newGenerationListCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the kept generations of a site, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(st *store) error {
				s, err := st.Site(cmd.Context(), site)
				if err != nil {
					return err
				}
				list, err := st.Generations(cmd.Context(), s.ID)
				if err != nil {
					return err
				}
				return printGenerations(a, list, asJSON)
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

func printGenerations(a *app, list []retrieval.Generation, asJSON bool) error {
	if asJSON {
		for _, g := range list {
			err := a.printJSON(map[string]any{
				"generation": g.Number, "state": g.State, "articles": g.Articles, "chunks": g.Chunks,
				"models": g.Stats.Models, "languages": g.Stats.Languages, "published_at": g.PublishedAt,
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "GENERATION\tSTATE\tARTICLES\tCHUNKS\tLANGUAGES\tMODELS\tPUBLISHED")
	for _, g := range list {
		published := "never"
		if !g.PublishedAt.IsZero() {
			published = g.PublishedAt.Local().Format(time.DateTime)
		}
		models := "none: words alone"
		if len(g.Stats.Models) > 0 {
			models = strings.Join(g.Stats.Models, ", ")
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%s\t%s\t%s\n", g.Number, g.State, g.Articles, g.Chunks, strings.Join(g.Stats.Languages, ", "), models, published)
	}
	return w.Flush()
}

func newGenerationRollbackCommand(a *app) *cobra.Command {
	var site string
	var to int
	c := &cobra.Command{
		Use:   "rollback",
		Short: "Show an earlier generation to readers again, at once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(st *store) error {
				s, err := st.Site(cmd.Context(), site)
				if err != nil {
					return err
				}
				n, err := st.Rollback(cmd.Context(), s.ID, to)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "%s shows generation %d\n", site, n)
				return relearn(cmd.Context(), st, s.ID)
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().IntVar(&to, "to", 0, "the generation to show; 0: the one before the present one")
	return c
}
