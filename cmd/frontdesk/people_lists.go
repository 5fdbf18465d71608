package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

func newAgentSessionsCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "sessions EMAIL",
		Short: "List where somebody is signed in, and where they were",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPerson(cmd.Context(), site, args[0], func(p *people.People, me handoff.Actor, who people.Person) error {
				list, err := p.Sessions(cmd.Context(), me, who.ID)
				if err != nil {
					return err
				}
				return a.printSessions(list, asJSON)
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// sessionState is how a session stands, in a word.
func sessionState(s people.Session, at time.Time) string {
	switch {
	case s.Live(at):
		return "live"
	case s.EndedWhy != "":
		return string(s.EndedWhy)
	default:
		return "expired"
	}
}

func (a *app) printSessions(list []people.Session, asJSON bool) error {
	if asJSON {
		for _, s := range list {
			err := a.printJSON(map[string]any{
				"session": s.ID, "state": sessionState(s, time.Now()), "created_at": s.CreatedAt.UTC(), "seen_at": s.SeenAt.UTC(),
				"expires_at": s.ExpiresAt.UTC(), "address": s.Address, "user_agent": s.UserAgent,
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "no sessions")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SESSION\tSTATE\tSINCE\tLAST USED\tADDRESS\tBROWSER")
	for _, s := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, sessionState(s, time.Now()), minuteOf(s.CreatedAt),
			minuteOf(s.SeenAt), s.Address, s.UserAgent)
	}
	return w.Flush()
}

type auditFlags struct {
	site, email, action string
	limit               int
	asJSON              bool
}

func newAgentAuditCommand(a *app) *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit",
		Short: "Who saw or did what, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPeople(cmd.Context(), f.site, func(p *people.People, me handoff.Actor) error {
				return a.listAudit(cmd.Context(), p, me, f)
			})
		},
	}
	c.Flags().StringVar(&f.site, "site", defaultSite, "the site")
	c.Flags().StringVar(&f.email, "email", "", "only what this person saw or did")
	c.Flags().StringVar(&f.action, "action", "", "only this, login_failed or case_seen for instance")
	c.Flags().IntVar(&f.limit, "limit", 50, "how many lines")
	c.Flags().BoolVar(&f.asJSON, "json", false, "one JSON object a line")
	return c
}

func (a *app) listAudit(ctx context.Context, p *people.People, me handoff.Actor, f auditFlags) error {
	v := people.AuditView{Action: people.Action(f.action)}
	if f.email != "" {
		who, err := p.Person(ctx, me, f.email)
		if err != nil {
			return err
		}
		v.Agent = who.ID
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	if !f.asJSON {
		fmt.Fprintln(w, "AT\tWHO\tWHAT\tCASE\tPERSON\tADDRESS\tDETAIL")
	}
	for left := f.limit; left > 0; {
		v.Limit = min(left, 200)
		page, err := p.Audit(ctx, me, v)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if err := a.printEntry(w, e, f.asJSON); err != nil {
				return err
			}
		}
		left -= len(page.Entries)
		if v.Before = page.Next; page.Next == 0 {
			break
		}
	}
	return w.Flush()
}

func (a *app) printEntry(w *tabwriter.Writer, e people.Entry, asJSON bool) error {
	id := func(v [16]byte, text string) string {
		if v == [16]byte{} {
			return ""
		}
		return text
	}
	seen := id(e.Conversation, e.Conversation.String())
	caseID, person, agent := id(e.Case, e.Case.String()), id(e.Person, e.Person.String()), id(e.Agent, e.Agent.String())
	if asJSON {
		return a.printJSON(map[string]any{
			"at": e.At.UTC(), "agent": agent, "actor": e.Actor, "action": e.Action, "case": caseID, "conversation": seen, "person": person,
			"session": id(e.Session, e.Session.String()), "address": e.Address, "detail": e.Detail,
		})
	}
	detail := make([]string, 0, len(e.Detail))
	for k, v := range e.Detail {
		detail = append(detail, k+"="+v)
	}
	slices.Sort(detail)
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.At.Local().Format("2006-01-02 15:04:05"), cmp.Or(e.Actor, "nobody known"), e.Action,
		cmp.Or(caseID, seen), person, e.Address, strings.Join(detail, " "))
	return err
}
