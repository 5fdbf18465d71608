package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

func newQueueCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "queue", Short: "Who waits for a person"}
	var site string
	var asJSON bool
	list := &cobra.Command{
		Use:   "list",
		Short: "List who waits, since when, longest first",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listQueue(cmd.Context(), site, asJSON) },
	}
	list.Flags().StringVar(&site, "site", "", "only this site")
	list.Flags().BoolVar(&asJSON, "json", false, "print JSON Lines")
	c.AddCommand(list)
	return c
}

// queueLimit is more than anybody reads; who waits longest stands first.
const queueLimit = 1000

func (a *app) listQueue(ctx context.Context, site string, asJSON bool) error {
	return a.withStore(ctx, func(st *store) error {
		convs, err := pgconvo.New(st.pool)
		if err != nil {
			return err
		}
		words, err := handoff.LoadTexts()
		if err != nil {
			return err
		}
		desk, err := pgdesk.New(st.pool, convs, nil, words, time.Now, bot.NewID)
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
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Site, e.Queue, e.Reference,
			e.OpenedAt.Local().Format("2006-01-02 15:04"), time.Since(e.OpenedAt).Round(time.Second), e.Reason,
			cmp.Or(e.Name, e.Visitor.String()[:8]), e.Conversation.ID)
	}
	return w.Flush()
}

func (a *app) printQueueJSON(list []handoff.Entry) error {
	enc := json.NewEncoder(a.stdout)
	for _, e := range list {
		err := enc.Encode(map[string]any{
			"site": e.Site, "queue": e.Queue, "case": e.ID, "reference": e.Reference, "conversation": e.Conversation.ID,
			"since": e.OpenedAt.UTC(), "reason": e.Reason, "visitor": e.Visitor, "name": e.Name, "contact": e.Contact, "note": e.Note,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
