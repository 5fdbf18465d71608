package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
)

type visitorFlags struct{ site, visitor, subject string }

func newVisitorCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "visitor", Short: "Show or erase everything kept about one person"}
	for _, sub := range []struct {
		use, short string
		run        func(context.Context, *pgconvo.Store, int32, convo.ID) error
	}{
		{"export", "Print every row kept about a visitor, as JSON Lines", a.exportVisitor},
		{"erase", "Erase a visitor and everything kept about them", a.eraseVisitor},
	} {
		var f visitorFlags
		cmd := &cobra.Command{
			Use: sub.use, Short: sub.short, Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return a.withVisitor(cmd.Context(), f, func(convs *pgconvo.Store, site int32, id convo.ID) error {
					return sub.run(cmd.Context(), convs, site, id)
				})
			},
		}
		cmd.Flags().StringVar(&f.site, "site", defaultSite, "the site")
		cmd.Flags().StringVar(&f.visitor, "visitor", "", "the visitor's id")
		cmd.Flags().StringVar(&f.subject, "subject", "", "who the shop's server says it is (sub of its identity)")
		cmd.MarkFlagsOneRequired("visitor", "subject")
		cmd.MarkFlagsMutuallyExclusive("visitor", "subject")
		c.AddCommand(cmd)
	}
	return c
}

func (a *app) withVisitor(ctx context.Context, f visitorFlags, do func(*pgconvo.Store, int32, convo.ID) error) error {
	var id convo.ID
	if f.visitor != "" {
		var err error
		if id, err = uuid.Parse(f.visitor); err != nil {
			return usageError{fmt.Errorf("--visitor: %q is no visitor's id", f.visitor)}
		}
	}
	return a.withStore(ctx, func(st *store) error {
		site, err := st.Site(ctx, f.site)
		if err != nil {
			return err
		}
		convs, err := pgconvo.New(st.pool)
		if err != nil {
			return err
		}
		if f.subject != "" {
			if id, err = convs.VisitorOf(ctx, int32(site.ID), f.subject); err != nil {
				return err
			}
		}
		return do(convs, int32(site.ID), id)
	})
}

func (a *app) exportVisitor(ctx context.Context, convs *pgconvo.Store, site int32, id convo.ID) error {
	enc := json.NewEncoder(a.stdout)
	return convs.Export(ctx, site, id, func(table string, row json.RawMessage) error {
		return enc.Encode(map[string]any{"table": table, "row": row})
	})
}

func (a *app) eraseVisitor(ctx context.Context, convs *pgconvo.Store, site int32, id convo.ID) error {
	n, err := convs.Erase(ctx, site, id)
	if err != nil {
		if errors.Is(err, pgconvo.ErrNoVisitor) {
			return fmt.Errorf("nothing was erased: %w", err)
		}
		return err
	}
	fmt.Fprintf(a.stdout, "erased visitor %s and %d conversations\n", id, n)
	return nil
}
