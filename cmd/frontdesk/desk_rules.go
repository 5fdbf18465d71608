package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

func newQueueRulesCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "rules [KEY=VALUE…]",
		Short: "Show or change a site's limits: zone, max_open, max_day, max_moves, default_queue",
		Long: `Show or change a site's limits:
  default_queue  where waits what no route is for
  zone           time zone of the hours in routes, Europe/Berlin; empty: UTC
  max_open       open cases of one visitor; 0: 3, -1: no limit
  max_day        cases that one visitor opens in 24 hours; 0: 12, -1: no limit
  max_moves      how often a case is passed on between two answers; 0: 8, -1: no limit`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAudit(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
				rules, err := d.Rules(cmd.Context(), me)
				if err != nil {
					return err
				}
				if len(args) == 0 {
					return a.printLimits(rules, asJSON)
				}
				if err := changeRules(&rules, args); err != nil {
					return usageError{err}
				}
				if err := d.SetRules(cmd.Context(), me, rules); err != nil {
					return err
				}
				fmt.Fprintln(a.stdout, "changed the limits")
				return log.setRules(cmd.Context())
			})
		},
	}
	return siteFlags(c, &site, &asJSON)
}

func changeRules(r *handoff.Rules, changes []string) error {
	return eachChange(changes, func(key, value string) (err error) {
		switch key {
		case "default_queue":
			r.DefaultQueue = value
		case "zone":
			r.Zone = value
		case "max_open":
			r.MaxOpen, err = number(key, value)
		case "max_day":
			r.MaxDay, err = number(key, value)
		case "max_moves":
			r.MaxMoves, err = number(key, value)
		default:
			err = fmt.Errorf("there is no limit %q: frontdesk queue rules --help lists them", key)
		}
		return err
	})
}

// eachChange makes changes that are written as KEY=VALUE, one after the other.
func eachChange(changes []string, change func(key, value string) error) error {
	for _, c := range changes {
		key, value, ok := strings.Cut(c, "=")
		if !ok {
			return fmt.Errorf("%q is no KEY=VALUE", c)
		}
		if err := change(key, value); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printLimits(r handoff.Rules, asJSON bool) error {
	if asJSON {
		return a.printJSON(r)
	}
	limit := func(n, counted int) string {
		if n < 0 {
			return "no limit"
		}
		return fmt.Sprint(counted)
	}
	zone := r.Zone
	if zone == "" {
		zone = "UTC"
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "default_queue\t%s\nzone\t%s\nmax_open\t%s\nmax_day\t%s\nmax_moves\t%s\n",
		r.DefaultQueue, zone, limit(r.MaxOpen, r.Open()), limit(r.MaxDay, r.Day()), limit(r.MaxMoves, r.Moves()))
	return w.Flush()
}
