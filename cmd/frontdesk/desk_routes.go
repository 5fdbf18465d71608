package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

func newQueueRoutesCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "routes [JSON|-|@FILE]",
		Short: "Show the routing table, or replace it",
		Long: `Show the routing table, or replace it with a JSON list. The first line that fits
says where a case goes; empty conditions fit everything:
  [{"reason":["sensitive"],"queue":"escalations","priority":"urgent"},
   {"desk":["support"],"product":["kettle"],"language":["de"],"hours":"open","queue":"support-2"},
   {"group":["gold"],"mood_below":-0.5,"urgency_above":0.7,"queue":"vip","priority":"high"}]
Try a table first: frontdesk queue dry-run.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAudit(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
				if len(args) == 1 {
					routes, err := a.givenRoutes(args[0])
					if err != nil {
						return err
					}
					if err := d.SetRoutes(cmd.Context(), me, routes); err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%d routes\n", len(routes))
					return log.setRoutes(cmd.Context())
				}
				routes, err := d.Routes(cmd.Context(), me)
				if err != nil {
					return err
				}
				return a.printRoutes(routes, asJSON)
			})
		},
	}
	return siteFlags(c, &site, &asJSON)
}

func (a *app) givenRoutes(arg string) ([]handoff.Route, error) {
	raw, err := a.given(arg)
	if err != nil {
		return nil, err
	}
	routes := []handoff.Route{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&routes); err != nil {
		return nil, usageError{fmt.Errorf("the routes: %w", err)}
	}
	return routes, nil
}

func (a *app) printRoutes(routes []handoff.Route, asJSON bool) error {
	if asJSON {
		return a.printJSON(routes)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LINE\tWHEN\tQUEUE\tPRIORITY")
	for i, r := range routes {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", i+1, conditions(r), r.Queue, r.Priority)
	}
	fmt.Fprintf(w, "\tanything else\tthe default queue\t%s\n", handoff.Normal)
	return w.Flush()
}

// conditions says when a route is taken.
func conditions(r handoff.Route) string {
	var parts []string
	for _, c := range []struct {
		name string
		any  []string
	}{{"desk", r.Desk}, {"topic", r.Topic}, {"product", r.Product}, {"language", r.Language}, {"group", r.Group}, {"reason", r.Reason}} {
		if len(c.any) > 0 {
			parts = append(parts, c.name+" "+strings.Join(c.any, " or "))
		}
	}
	if r.MoodBelow != nil {
		parts = append(parts, fmt.Sprintf("mood below %g", *r.MoodBelow))
	}
	if r.UrgencyAbove != nil {
		parts = append(parts, fmt.Sprintf("urgency above %g", *r.UrgencyAbove))
	}
	if r.Hours != "" {
		parts = append(parts, "hours "+r.Hours)
	}
	if r.Triaged != nil {
		parts = append(parts, map[bool]string{true: "triaged", false: "not triaged"}[*r.Triaged])
	}
	if len(parts) == 0 {
		return "always"
	}
	return strings.Join(parts, ", ")
}

func newQueueDryRunCommand(a *app) *cobra.Command {
	var site string
	var asJSON, changed bool
	var limit int
	c := &cobra.Command{
		Use:   "dry-run [JSON|-|@FILE]",
		Short: "Hold a routing table against past cases: where each went, and where it would go",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDesk(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor) error {
				var routes []handoff.Route
				var err error
				if len(args) == 1 {
					if routes, err = a.givenRoutes(args[0]); err != nil {
						return err
					}
				}
				list, err := d.DryRun(cmd.Context(), me, routes, limit)
				if err != nil {
					return err
				}
				return a.printDryRun(list, changed, asJSON)
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 200, "how many of the newest cases")
	c.Flags().BoolVar(&changed, "changed", false, "only those that would go elsewhere")
	return siteFlags(c, &site, &asJSON)
}

func (a *app) printDryRun(list []handoff.DryRun, changed, asJSON bool) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, "REFERENCE\tOPENED\tWAS\tWOULD\tPRIORITY\tLINE")
	}
	moved := 0
	for _, r := range list {
		if r.Was != r.Would {
			moved++
		} else if changed {
			continue
		}
		if asJSON {
			if err := a.printJSON(r); err != nil {
				return err
			}
			continue
		}
		line := "default"
		if r.Route > 0 {
			line = strconv.Itoa(r.Route)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Reference, minuteOf(r.OpenedAt), r.Was, r.Would, r.Priority, line)
	}
	if err := w.Flush(); err != nil || asJSON {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "%d of %d would go elsewhere\n", moved, len(list))
	return err
}
