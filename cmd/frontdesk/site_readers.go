package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/retrieval"
	"frontdesk/widget/pghelp"
)

type readersFlags struct {
	days, limit int
	asJSON      bool
}

func (f *readersFlags) bind(c *cobra.Command) *cobra.Command {
	c.Flags().IntVar(&f.days, "days", 30, "from so many days ago")
	c.Flags().IntVar(&f.limit, "limit", 50, "how many")
	c.Flags().BoolVar(&f.asJSON, "json", false, "one JSON object a line")
	return c
}

// withJournal opens what a site's readers did.
func (a *app) withJournal(ctx context.Context, name string, use func(journal *pghelp.Journal, site retrieval.SiteID) error) error {
	return a.withStore(ctx, func(st *store) error {
		site, err := st.Site(ctx, name)
		if err != nil {
			return err
		}
		journal, err := pghelp.NewJournal(st.pool, a.now, a.log)
		if err != nil {
			return err
		}
		return use(journal, site.ID)
	})
}

func newSiteGapsCommand(a *app) *cobra.Command {
	var f readersFlags
	return f.bind(&cobra.Command{
		Use: "gaps SITE", Short: "What was searched for on the help pages and not found, the most frequent first", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withJournal(cmd.Context(), args[0], func(journal *pghelp.Journal, site retrieval.SiteID) error {
				gaps, err := journal.Gaps(cmd.Context(), site, a.now().AddDate(0, 0, -f.days), f.limit)
				if err != nil {
					return err
				}
				return a.printGaps(gaps, f.asJSON)
			})
		},
	})
}

func (a *app) printGaps(gaps []pghelp.Unanswered, asJSON bool) error {
	if asJSON {
		for _, g := range gaps {
			err := a.printJSON(map[string]any{
				"asked": g.Asked, "times": g.Times, "language": g.Language, "nearest": g.Nearest, "p": g.P,
				"first": g.First.UTC().Format(time.RFC3339), "last": g.Last.UTC().Format(time.RFC3339),
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIMES\tLAST\tLANGUAGE\tNEAREST\tASKED")
	for _, g := range gaps {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", g.Times, dayOf(g.Last), g.Language, g.Nearest, g.Asked)
	}
	return w.Flush()
}

func newSiteRatingsCommand(a *app) *cobra.Command {
	var f readersFlags
	return f.bind(&cobra.Command{
		Use: "ratings SITE", Short: "What readers said of help pages, those that helped least first, with what was missing", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withJournal(cmd.Context(), args[0], func(journal *pghelp.Journal, site retrieval.SiteID) error {
				ratings, err := journal.Ratings(cmd.Context(), site, a.now().AddDate(0, 0, -f.days), f.limit)
				if err != nil {
					return err
				}
				return a.printHelpRatings(ratings, f.asJSON)
			})
		},
	})
}

func (a *app) printHelpRatings(ratings []pghelp.ArticleRatings, asJSON bool) error {
	if asJSON {
		for _, r := range ratings {
			if err := a.printJSON(map[string]any{"article": r.Article, "helpful": r.Helpful, "not_helpful": r.NotHelpful, "missing": r.Missing}); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ARTICLE\tHELPED\tDID NOT\tMISSING")
	for _, r := range ratings {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", r.Article, r.Helpful, r.NotHelpful, len(r.Missing))
		for _, m := range r.Missing[:min(3, len(r.Missing))] {
			fmt.Fprintf(w, "\t\t\t  %q\n", m)
		}
	}
	return w.Flush()
}
