package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

func newCaseRatingsCommand(a *app) *cobra.Command {
	var site, by string
	var days, limit int
	var asJSON bool
	c := &cobra.Command{
		Use:   "ratings",
		Short: "What customers said of closed cases: by queue, agent or topic, or each",
		Long: `Customers are asked once after a case was closed, on the page or by e-mail, how
happy they are with it and how easy it was, from 1 to 5. HAPPY is the share of 4
and 5 among those who answered.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDesk(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor) error {
				p, err := a.promisesOf(d)
				if err != nil {
					return err
				}
				since := time.Now().AddDate(0, 0, -days)
				switch by {
				case "each":
					return a.listRatings(cmd.Context(), p, me, since, limit, asJSON)
				case string(pgdesk.ByQueue), string(pgdesk.ByAgent), string(pgdesk.ByTopic):
					return a.sumRatings(cmd.Context(), p, me, since, pgdesk.RatingsBy(by), asJSON)
				default:
					return usageError{fmt.Errorf("--by: %q is none of queue, agent, topic and each", by)}
				}
			})
		},
	}
	c.Flags().StringVar(&by, "by", string(pgdesk.ByQueue), "queue, agent or topic; each lists them with their comments")
	c.Flags().IntVar(&days, "days", 30, "how far back")
	c.Flags().IntVar(&limit, "limit", 100, "with --by each: how many at most")
	return siteFlags(c, &site, &asJSON)
}

// promisesOf reads what a desk promised and heard.
func (a *app) promisesOf(d *pgdesk.Desk) (*pgdesk.Promises, error) {
	return pgdesk.NewPromises(pgdesk.PromisesConfig{Pool: d.Pool, Logger: a.log, Now: time.Now})
}

func (a *app) listRatings(ctx context.Context, p *pgdesk.Promises, me handoff.Actor, since time.Time, limit int, asJSON bool) error {
	list, err := p.Ratings(ctx, me, since, limit)
	if err != nil {
		return err
	}
	if !asJSON && len(list) == 0 {
		fmt.Fprintln(a.stdout, "no ratings")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, "REFERENCE\tQUEUE\tTOPIC\tAGENT\tHAPPY\tEASY\tCOMMENT")
	}
	for _, r := range list {
		if asJSON {
			if err := a.printJSON(r); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Reference, r.Queue, r.Topic, r.AgentName, score(r.Satisfaction), score(r.Ease), short(r.Comment))
	}
	return w.Flush()
}

// score is a score as it is printed, empty where it was not said.
func score(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (a *app) sumRatings(ctx context.Context, p *pgdesk.Promises, me handoff.Actor, since time.Time, by pgdesk.RatingsBy, asJSON bool) error {
	list, err := p.RatingSums(ctx, me, since, by)
	if err != nil {
		return err
	}
	if !asJSON && len(list) == 0 {
		fmt.Fprintln(a.stdout, "nobody was asked")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintf(w, "%s\tASKED\tANSWERED\tHAPPY\tSATISFACTION\tEASE\n", map[pgdesk.RatingsBy]string{pgdesk.ByQueue: "QUEUE", pgdesk.ByAgent: "AGENT", pgdesk.ByTopic: "TOPIC"}[by])
	}
	for _, s := range list {
		if asJSON {
			if err := a.printJSON(s); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%.0f %%\t%.1f\t%.1f\n", s.Name, s.Asked, s.Rated, 100*s.Happy, s.Satisfaction, s.Ease)
	}
	return w.Flush()
}

func newCaseMailsCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "mails REFERENCE",
		Short: "The e-mails about a case, and what became of each",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDesk(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor) error {
				found, err := d.Find(cmd.Context(), me, args[0])
				if err != nil {
					return err
				}
				p, err := a.promisesOf(d)
				if err != nil {
					return err
				}
				list, err := p.Mails(cmd.Context(), me.Site, found.ID)
				if err != nil {
					return err
				}
				return a.printMails(list, asJSON)
			})
		},
	}
	return siteFlags(c, &site, &asJSON)
}

func (a *app) printMails(list []pgdesk.Mailed, asJSON bool) error {
	if !asJSON && len(list) == 0 {
		fmt.Fprintln(a.stdout, "no e-mails")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, "WRITTEN\tKIND\tTO\tSTATE\tTRIES\tWHY")
	}
	for _, m := range list {
		if asJSON {
			if err := a.printJSON(m); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", minuteOf(m.At), m.Kind, m.Address, m.State, m.Tries, m.Reason)
	}
	return w.Flush()
}
