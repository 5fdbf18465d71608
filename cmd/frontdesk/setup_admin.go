package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
	"frontdesk/retrieval"
)

const (
	// adminWait is how long setup waits for a database of the user's own to answer.
	adminWait = 4 * time.Second

	// setupSite names, in the table of the installation, the site that setup made
	// for the first admin where there was none.
	setupSite = "setup_site"

	selectAnyAdmin = `
SELECT EXISTS (
    SELECT 1 FROM agents a JOIN agent_passwords p USING (site_id, agent_id)
    WHERE a.role = 'admin' AND a.state = 'active')`

	// selectAdminSite is the default site, or the oldest.
	selectAdminSite = `SELECT name FROM sites ORDER BY is_default DESC, site_id LIMIT 1`

	markSetupSite = `
INSERT INTO installation (name, value) VALUES ($1, convert_to($2, 'UTF8'))
ON CONFLICT (name) DO UPDATE SET value = excluded.value`

	// takeSetupSite makes of two who make a site at once one that gets it.
	takeSetupSite = `DELETE FROM installation WHERE name = $1 RETURNING convert_from(value, 'UTF8')`

	// renameSetupSite passes where the site is still as setup made it: alone, and
	// with nobody but the admin.
	renameSetupSite = `
UPDATE sites s SET name = $2
WHERE s.name = $1 AND s.last_generation = 0 AND s.settings = '{}'
  AND NOT EXISTS (SELECT 1 FROM sites o WHERE o.site_id <> s.site_id)
  AND NOT EXISTS (SELECT 1 FROM conversations k WHERE k.site_id = s.site_id)
  AND (SELECT count(*) FROM (SELECT 1 FROM agents a WHERE a.site_id = s.site_id LIMIT 2) few) < 2`
)

// firstAdmin makes the first admin of the database that setup prepared, where no
// admin of any site can sign in, and prints the login once. What keeps it from
// doing so is said, and is no failure of setup: all that it fetched is there.
//
// Decision: where there is no site yet, one is made under the name that commands
// mean when they are given none, and the first site that somebody makes takes
// its place (see addSite). Context: people belong to a site, and an admin who
// cannot sign in before the first ingest would be no admin made by setup; a site
// that stays beside the shop's own would be the default one, with no knowledge.
func (a *app) firstAdmin(ctx context.Context, email string) error {
	err := a.makeFirstAdmin(ctx, email)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	fmt.Fprintf(a.stderr, "the desk's first admin was not made: %v\nrun frontdesk setup again for it, or frontdesk agent first EMAIL; all else is set up\n", plain(err))
	return nil
}

func (a *app) makeFirstAdmin(ctx context.Context, email string) error {
	if a.config.DatabaseURL != "" { // one that does not answer is not waited for as long as a start would
		within, cancel := context.WithTimeout(ctx, adminWait)
		defer cancel()
		if _, err := pg.Empty(within, a.config.DatabaseURL); err != nil {
			return err
		}
	}
	return a.withStore(ctx, func(st *store) error {
		var there bool
		if err := st.pool.QueryRow(ctx, selectAnyAdmin).Scan(&there); err != nil {
			return fmt.Errorf("look for an admin: %w", err)
		}
		if there {
			a.sayAdminThere()
			return nil
		}
		site, err := adminSite(ctx, st)
		if err != nil {
			return err
		}
		if email == "" {
			email = "admin@" + site.Name + ".example"
		}
		p, err := a.newPeople(st.pool, nil)
		if err != nil {
			return err
		}
		password, made, err := p.First(ctx, int32(site.ID), email, "Admin")
		if err != nil {
			return err
		}
		if !made { // another setup was quicker
			a.sayAdminThere()
			return nil
		}
		fmt.Fprintf(a.stdout, `the desk's first admin, told this once:
  %s  %s
  sign in at %s/desk once frontdesk serve runs; another password: there, under
  Settings, or frontdesk agent password %[1]s --site %[4]s
`, strings.ToLower(email), password, a.deskAddress(), site.Name)
		return nil
	})
}

func (a *app) sayAdminThere() {
	fmt.Fprintln(a.stdout, "an admin of the desk can sign in already; a new password: frontdesk agent password EMAIL")
}

// adminSite is the site whose admin is the first one: the default one, or one
// that is made for it.
func adminSite(ctx context.Context, st *store) (retrieval.Site, error) {
	var name string
	err := st.pool.QueryRow(ctx, selectAdminSite).Scan(&name)
	if err == nil {
		return st.Site(ctx, name)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return retrieval.Site{}, fmt.Errorf("look for a site: %w", err)
	}
	// The mark goes first: without a site it means nothing.
	if _, err := st.pool.Exec(ctx, markSetupSite, setupSite, defaultSite); err != nil {
		return retrieval.Site{}, fmt.Errorf("make a site: %w", err)
	}
	site, _, err := st.AddSite(ctx, defaultSite)
	return site, err
}

// addSite is AddSite for whoever makes a site of their own: the first one takes
// the place of the one that setup made for the admin, and counts as added.
func addSite(ctx context.Context, st *store, name string) (site retrieval.Site, added bool, err error) {
	if err := retrieval.ValidSiteName(name); err != nil {
		return retrieval.Site{}, false, err
	}
	taken := false
	err = pgx.BeginFunc(ctx, st.pool, func(tx pgx.Tx) error {
		var old string
		err := tx.QueryRow(ctx, takeSetupSite, setupSite).Scan(&old)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, renameSetupSite, old, name)
		taken = err == nil && tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return retrieval.Site{}, false, fmt.Errorf("add a site: %w", err)
	}
	site, added, err = st.AddSite(ctx, name)
	return site, added || taken, err
}
