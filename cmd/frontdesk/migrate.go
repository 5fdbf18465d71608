package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/internal/pg"
)

func newMigrateCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to this program's schema",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.acquireParts(cmd.Context(), needPostgres)
			if err != nil {
				return err
			}
			defer p.Close()
			steps, err := pg.Migrate(cmd.Context(), p.DSN())
			for _, s := range steps {
				fmt.Fprintf(a.stdout, "applied %d %s in %s\n", s.Version, s.Name, s.Took.Round(time.Millisecond))
			}
			if err != nil {
				return err
			}
			if len(steps) == 0 {
				fmt.Fprintln(a.stdout, "nothing to do: the database is up to date")
			}
			return nil
		},
	}
}
