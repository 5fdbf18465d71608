package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

// withDesk runs a command at a site's desk, as whoever sits at the terminal.
func (a *app) withDesk(ctx context.Context, site string, f func(d *pgdesk.Desk, me handoff.Actor) error) error {
	return a.withStore(ctx, func(st *store) error {
		d, me, err := a.deskOf(ctx, st, site)
		if err != nil {
			return err
		}
		return f(d, me)
	})
}

// deskOf is a site's desk, and the terminal as its actor.
func (a *app) deskOf(ctx context.Context, st *store, site string) (*pgdesk.Desk, handoff.Actor, error) {
	s, err := st.Site(ctx, site)
	if err != nil {
		return nil, handoff.Actor{}, err
	}
	d, err := a.terminalDesk(st)
	return d, handoff.System(int32(s.ID), "terminal"), err
}

// terminalDesk is the desk of a command. Nobody watches it from here: processes
// that serve find within a second what it changed.
func (a *app) terminalDesk(st *store) (*pgdesk.Desk, error) {
	convs, err := pgconvo.New(st.pool)
	if err != nil {
		return nil, err
	}
	promises, err := pgdesk.NewPromises(pgdesk.PromisesConfig{Pool: st.pool, Logger: a.log, Now: time.Now})
	if err != nil {
		return nil, err
	}
	return a.newDesk(st.pool, convs, promises, deskWatchers{})
}

// person finds somebody of the desk by their address.
func person(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, email string) (handoff.Agent, error) {
	list, err := d.Agents(ctx, me)
	if err != nil {
		return handoff.Agent{}, err
	}
	for _, g := range list {
		if strings.EqualFold(g.Email, strings.TrimSpace(email)) {
			return g, nil
		}
	}
	return handoff.Agent{}, fmt.Errorf("nobody at this desk has the address %s: list them with frontdesk agent list", email)
}

// acting is the terminal acting in somebody's name, where one is given.
func acting(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, email string) (handoff.Actor, error) {
	if email == "" {
		return me, nil
	}
	g, err := person(ctx, d, me, email)
	if err != nil {
		return me, err
	}
	if g.Disabled {
		return me, fmt.Errorf("%s works here no longer", g.Name)
	}
	return handoff.Actor{Site: me.Site, Agent: g.ID, Name: g.Name, Role: g.Role}, nil
}

// siteFlags are those of every command at the desk.
func siteFlags(c *cobra.Command, site *string, asJSON *bool) *cobra.Command {
	c.Flags().StringVar(site, "site", defaultSite, "the site")
	if asJSON != nil {
		c.Flags().BoolVar(asJSON, "json", false, "one JSON object a line")
	}
	return c
}

func (a *app) printJSON(v any) error { return json.NewEncoder(a.stdout).Encode(v) }

// minuteOf is a moment as lists show it, on the reader's clock.
func minuteOf(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// ago is how long since a moment, as people say it.
func ago(now, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d d", int(d.Hours()/24))
	}
}

// commaList reads a list as people write it: separated by commas.
func commaList(s string) []string {
	var out []string
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
