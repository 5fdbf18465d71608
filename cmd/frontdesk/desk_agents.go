package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

func newAgentCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "agent",
		Short: "The people at the agents' desk: who they are, what they do, how they get in",
	}
	c.AddCommand(newAgentListCommand(a), newAgentAddCommand(a), newAgentSetCommand(a), newAgentDisableCommand(a))
	c.AddCommand(peopleCommands(a)...)
	return c
}

func newAgentListCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the people of the desk, who is there, and what they hold",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDesk(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor) error {
				list, err := d.Agents(cmd.Context(), me)
				if err != nil {
					return err
				}
				return a.printAgents(site, list, asJSON)
			})
		},
	}
	return siteFlags(c, &site, &asJSON)
}

func (a *app) printAgents(site string, list []handoff.Agent, asJSON bool) error {
	if asJSON {
		for _, g := range list {
			if err := a.printJSON(g); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintf(a.stdout, "nobody works at the desk of %s yet: frontdesk agent add --site %s EMAIL --name NAME\n", site, site)
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tEMAIL\tROLE\tSTATUS\tLOAD\tCASES\tLANGUAGES\tSKILLS")
	for _, g := range list {
		status := string(g.Status)
		switch {
		case g.Disabled:
			status = "disabled"
		case status == "":
			status = "away"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d of %d\t%d\t%s\t%s\n", g.Name, g.Email, g.Role, status, g.Load, g.Capacity, g.Cases,
			strings.Join(g.Languages, ","), strings.Join(g.Skills, ","))
	}
	return w.Flush()
}

func newAgentAddCommand(a *app) *cobra.Command {
	var site, name, role, languages, skills string
	var capacity int
	c := &cobra.Command{
		Use:   "add EMAIL --name NAME",
		Short: "Add somebody to the desk; a password comes with `agent password` or `agent invite`",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if name == "" {
				return usageError{errors.New("--name is missing: customers read it when this person answers")}
			}
			return a.withAudit(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
				g, err := d.AddAgent(cmd.Context(), me, handoff.Agent{
					Email: args[0], Name: name, Role: handoff.Role(role), Languages: commaList(languages), Skills: commaList(skills), Capacity: capacity,
				})
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "added %s (%s)\n", g.Name, g.Role)
				return log.added(cmd.Context(), g)
			})
		},
	}
	c.Flags().StringVar(&name, "name", "", "as customers and colleagues read it")
	c.Flags().StringVar(&role, "role", string(handoff.RoleAgent), "admin, lead, agent or read_only")
	c.Flags().StringVar(&languages, "languages", "", "that they answer in: en,de (default: any)")
	c.Flags().StringVar(&skills, "skills", "", "free words that queues ask for: returns,kettles")
	c.Flags().IntVar(&capacity, "capacity", 5, "how many cases at once, by weight")
	return siteFlags(c, &site, nil)
}

func newAgentSetCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "set EMAIL KEY=VALUE…",
		Short: "Change somebody: email, name, role, languages, skills, capacity",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAudit(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
				g, err := person(cmd.Context(), d, me, args[0])
				if err != nil {
					return err
				}
				was := g
				if err := changeAgent(&g, args[1:]); err != nil {
					return usageError{err}
				}
				if g, err = d.SetAgent(cmd.Context(), me, g); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "changed %s\n", g.Name)
				return log.changed(cmd.Context(), was, g)
			})
		},
	}
	return siteFlags(c, &site, nil)
}

func changeAgent(g *handoff.Agent, changes []string) error {
	return eachChange(changes, func(key, value string) error {
		switch key {
		case "email":
			g.Email = value
		case "name":
			g.Name = value
		case "role":
			g.Role = handoff.Role(value)
		case "languages":
			g.Languages = commaList(value)
		case "skills":
			g.Skills = commaList(value)
		case "capacity":
			n, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("capacity is a number, not %q", value)
			}
			g.Capacity = n
		default:
			return fmt.Errorf("there is no %q; there are email, name, role, languages, skills and capacity", key)
		}
		return nil
	})
}

func newAgentDisableCommand(a *app) *cobra.Command {
	var site string
	var again bool
	c := &cobra.Command{
		Use:   "disable EMAIL",
		Short: "Let somebody in no longer: sessions end, and their cases go back to their queues",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAudit(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
				g, err := person(cmd.Context(), d, me, args[0])
				if err != nil {
					return err
				}
				was := g
				g.Disabled = !again
				if g, err = d.SetAgent(cmd.Context(), me, g); err != nil {
					return err
				}
				if again {
					fmt.Fprintf(a.stdout, "%s may come in again\n", g.Name)
				} else {
					fmt.Fprintf(a.stdout, "%s is out; %d cases went back to their queues\n", g.Name, was.Cases-g.Cases)
				}
				return log.changed(cmd.Context(), was, g)
			})
		},
	}
	c.Flags().BoolVar(&again, "undo", false, "let them in again")
	return siteFlags(c, &site, nil)
}
