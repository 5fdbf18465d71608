package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/retrieval"
	"frontdesk/retrieval/pgvec"
)

// store is the knowledge in the database, over a pool of its own.
type store struct {
	*pgvec.Store
	pool *pgxpool.Pool
}

func openStore(ctx context.Context, p *parts, cfg pg.PoolConfig) (*store, error) {
	pool, err := pg.Open(ctx, p.DSN(), cfg)
	if err != nil {
		return nil, err
	}
	s, err := pgvec.New(pool)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &store{Store: s, pool: pool}, nil
}

// withStore runs a command that needs nothing but the database.
func (a *app) withStore(ctx context.Context, f func(*store) error) error {
	p, err := a.acquire(ctx, needPostgres)
	if err != nil {
		return plain(err)
	}
	defer p.Close()
	return inStore(ctx, p, pg.PoolConfig{}, f)
}

// inStore opens the store of parts that are held, for as long as f runs.
func inStore(ctx context.Context, p *parts, cfg pg.PoolConfig, f func(*store) error) error {
	st, err := openStore(ctx, p, cfg)
	if err != nil {
		return plain(err)
	}
	defer st.pool.Close()
	return plain(f(st))
}

// plain turns an error into words for the person at the terminal: those it
// carries for strangers, where it carries any, and its cause behind them.
func plain(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	if f.Err == nil {
		return errors.New(f.Public)
	}
	return fmt.Errorf("%s (%w)", f.Public, f.Err)
}

// defaultSite is the site of commands that are given none.
const defaultSite = "shop"

func newSiteCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "site", Short: "The sites in this database: add, list, set, default, remove; widget, keys, gaps, ratings"}
	c.AddCommand(newSiteAddCommand(a), newSiteListCommand(a), newSiteSetCommand(a), newSiteDefaultCommand(a), newSiteRemoveCommand(a),
		newSiteWidgetCommand(a), newSiteKeyCommand(a), newSiteGapsCommand(a), newSiteRatingsCommand(a))
	return c
}

func newSiteAddCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "add NAME",
		Short: "Add a site",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := retrieval.ValidSiteName(args[0]); err != nil {
				return usageError{plain(err)}
			}
			return a.withStore(cmd.Context(), func(st *store) error {
				_, added, err := addSite(cmd.Context(), st, args[0])
				if err != nil {
					return err
				}
				if !added {
					return fmt.Errorf("site %s exists already", args[0])
				}
				fmt.Fprintf(a.stdout, "added %s\n", args[0])
				return nil
			})
		},
	}
}

func newSiteListCommand(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the sites with their settings",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(st *store) error {
				sites, err := st.Sites(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return printSitesJSON(a, sites)
				}
				w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "SITE\tGENERATION\tSETTINGS")
				for _, s := range sites {
					name := s.Name
					if s.Default {
						name += " (default)"
					}
					fmt.Fprintf(w, "%s\t%d\t%s\n", name, s.Published, hideSecrets(s.Settings))
				}
				return w.Flush()
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

func printSitesJSON(a *app, sites []retrieval.Site) error {
	for _, s := range sites {
		err := a.printJSON(map[string]any{
			"site": s.Name, "default": s.Default, "generation": s.Published, "settings": json.RawMessage(hideSecrets(s.Settings)),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func newSiteSetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "set SITE KEY=VALUE…",
		Short: "Change settings of a site; KEY= takes one away",
		Long:  "Change settings of a site; KEY= takes one away.\n\n" + siteSettingsHelp(),
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			changes, err := parseSettings(args[1:])
			if err != nil {
				return usageError{err}
			}
			return a.withStore(cmd.Context(), func(st *store) error {
				return st.UpdateSettings(cmd.Context(), args[0], func(old json.RawMessage) (json.RawMessage, error) {
					return changeSettings(old, changes)
				})
			})
		},
	}
}

func newSiteDefaultCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "default SITE",
		Short: "Make a site the one that is meant where none is named",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(st *store) error { return st.SetDefault(cmd.Context(), args[0]) })
		},
	}
}

func newSiteRemoveCommand(a *app) *cobra.Command {
	var sure bool
	c := &cobra.Command{
		Use:   "remove SITE",
		Short: "Remove a site with its knowledge, conversations and cases",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !sure {
				return usageError{fmt.Errorf("this removes the knowledge, conversations and cases of %s for good: say --yes", args[0])}
			}
			return a.withStore(cmd.Context(), func(st *store) error {
				site, err := st.Site(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := st.RemoveSite(cmd.Context(), site.ID); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "removed %s\n", args[0])
				return nil
			})
		},
	}
	c.Flags().BoolVar(&sure, "yes", false, "really")
	return c
}

// changeSettings applies changes to a JSON object; null takes a key away.
func changeSettings(old json.RawMessage, changes map[string]json.RawMessage) (json.RawMessage, error) {
	settings := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(cmp.Or(string(old), "{}")), &settings); err != nil {
		return nil, fmt.Errorf("the settings that are stored cannot be read: %w", err)
	}
	for k, v := range changes {
		if bytes.Equal(v, []byte("null")) {
			delete(settings, k)
			continue
		}
		settings[k] = v
	}
	return json.Marshal(settings)
}

func siteSettingsHelp() string {
	var b strings.Builder
	b.WriteString("Settings:\n")
	for _, s := range siteSettings() {
		fmt.Fprintf(&b, "  %-16s %s\n", s.key, s.help)
	}
	return b.String()
}
