package main

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/handoff"
)

func newQueueCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "queue",
		Short: "Who waits for a person, the queues they wait in, and the routes that lead there",
	}
	var site string
	var asJSON bool
	list := &cobra.Command{
		Use:   "list",
		Short: "List who waits, since when, whose answer is due first",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listQueue(cmd.Context(), site, asJSON) },
	}
	list.Flags().StringVar(&site, "site", "", "only this site")
	list.Flags().BoolVar(&asJSON, "json", false, "print JSON Lines")
	c.AddCommand(
		list, newQueueShowCommand(a), newQueueAddCommand(a), newQueueSetCommand(a), newQueueRemoveCommand(a),
		newQueueHoursCommand(a), newQueueRoutesCommand(a), newQueueDryRunCommand(a), newQueueRulesCommand(a),
	)
	return c
}

// queueLimit is more than anybody reads; whose answer is due first stands first.
const queueLimit = 1000

func (a *app) listQueue(ctx context.Context, site string, asJSON bool) error {
	return a.withStore(ctx, func(st *store) error {
		desk, err := a.terminalDesk(st)
		if err != nil {
			return err
		}
		if site != "" {
			if _, err := st.Site(ctx, site); err != nil {
				return err
			}
		}
		list, err := desk.Waiting(ctx, site, queueLimit)
		if err != nil {
			return err
		}
		if asJSON {
			return a.printQueueJSON(list)
		}
		return a.printQueue(list)
	})
}

func (a *app) printQueue(list []handoff.Entry) error {
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "nobody is waiting")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SITE\tQUEUE\tREFERENCE\tSINCE\tWAITING\tREASON\tVISITOR\tCONVERSATION")
	for _, e := range list {
		since := cmp.Or(e.WaitsSince, e.OpenedAt)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Site, e.Queue, e.Reference,
			minuteOf(since), time.Since(since).Round(time.Second), e.Reason,
			cmp.Or(e.Name, e.Visitor.String()[:8]), e.Conversation.ID)
	}
	return w.Flush()
}

func (a *app) printQueueJSON(list []handoff.Entry) error {
	for _, e := range list {
		err := a.printJSON(map[string]any{
			"site": e.Site, "queue": e.Queue, "case": e.ID, "reference": e.Reference, "conversation": e.Conversation.ID,
			"since": cmp.Or(e.WaitsSince, e.OpenedAt).UTC(), "due": e.DueFirst.UTC(), "priority": e.Priority, "reason": e.Reason,
			"visitor": e.Visitor, "name": e.Name, "contact": e.Contact, "note": e.Note, "problem": e.Problem,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
