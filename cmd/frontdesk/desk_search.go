package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/handoff"
	"frontdesk/handoff/console"
	"frontdesk/handoff/pgconsole"
)

func newCaseSearchCommand(a *app) *cobra.Command {
	var site, as, zone string
	var limit int
	var asJSON bool
	c := &cobra.Command{
		Use:   "search WORDS AND FILTERS…",
		Short: "Find cases and conversations by what was said in them, newest first",
		Long: `Cases are found by the words of their conversation, their notes and memo, by the
customer's name and address, and by the reference. All words have to be there; a
word is found by its beginning, without case and accents; "several words" in
quotes stand side by side. Conversations that the assistant had alone are found as
well, by their words and by the customer's name and address, and marked as such;
they have no reference.

Filters: queue:support agent:mara (or me) desk:support topic:refunds
product:kettle language:de reason:angry before:2026-11-01 after:2026-10-01
is:open (waiting, claimed, late, snoozed, closed) has:file (note, rating)
ended:solved ref:TR4W is:case (cases only) is:assistant (without a case only; with
these go language, before, after, has:file and has:rating). Of one filter given several times one value is enough.`,
		Example: `  frontdesk case search refund kettle is:open
  frontdesk case search '"red light"' queue:support after:2026-11-01 --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(st *store) error {
				d, me, err := a.deskOf(cmd.Context(), st, site)
				if err != nil {
					return err
				}
				if as != "" { // with the queues they work in, which decide what they find
					p, err := a.newPeople(st.pool, nil)
					if err != nil {
						return err
					}
					who, err := p.Person(cmd.Context(), me, as)
					if err != nil {
						return err
					}
					me = who.Actor(me.Site)
				}
				keeper, err := pgconsole.New(st.pool, d)
				if err != nil {
					return err
				}
				k := console.Seeker{Desk: d, Store: keeper, Now: time.Now}
				hits, more, err := searchCases(cmd.Context(), k, me, strings.Join(args, " "), zone, limit)
				if err != nil {
					return err
				}
				return a.printHits(hits, more, asJSON)
			})
		},
	}
	c.Flags().StringVar(&as, "as", "", "what this person may see, by e-mail address (default: everything)")
	c.Flags().StringVar(&zone, "zone", time.Local.String(), "time zone in which the days of before: and after: begin")
	c.Flags().IntVar(&limit, "limit", 25, "how many at most")
	return siteFlags(c, &site, &asJSON)
}

// searchCases reads first what was said since a serving process last did, so
// that a command finds it where none serves.
func searchCases(ctx context.Context, k console.Seeker, me handoff.Actor, q, zone string, limit int) (hits []console.Hit, more bool, err error) {
	s, err := k.Ask(ctx, me, q, zone)
	if err != nil {
		return nil, false, err
	}
	if err := k.Store.Hasten(ctx); err != nil {
		return nil, false, err
	}
	for {
		n, err := k.Store.IndexWords(ctx)
		if err != nil {
			return nil, false, err
		}
		if n == 0 {
			break
		}
	}
	for len(hits) < limit {
		s.Limit = min(limit-len(hits), 100)
		page, next, err := k.Find(ctx, me, s)
		if err != nil {
			return nil, false, err
		}
		hits = append(hits, page...)
		if s.Page = next; next == "" {
			return hits, false, nil
		}
	}
	return hits, true, nil
}

func (a *app) printHits(hits []console.Hit, more, asJSON bool) error {
	if asJSON {
		for _, h := range hits {
			if h.Alone != nil {
				if err := a.printJSON(aloneLine(h)); err != nil {
					return err
				}
				continue
			}
			line := caseLine(h.Case)
			line["kind"] = "case"
			line["visitor"], line["name"], line["extracts"] = h.Visitor, h.Name, h.Extracts
			if err := a.printJSON(line); err != nil {
				return err
			}
		}
		return nil
	}
	if len(hits) == 0 {
		fmt.Fprintln(a.stdout, "no cases and no conversations")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REFERENCE\tOPENED\tQUEUE\tSTATE\tAGENT\tFOUND")
	for _, h := range hits {
		found := cmp.Or(h.Problem, h.Note)
		if h.Alone != nil {
			found = h.Alone.First
		}
		if len(h.Extracts) > 0 {
			found = h.Extracts[0].By + ": " + extractText(h.Extracts[0])
		}
		if h.Alone != nil {
			fmt.Fprintf(w, "-\t%s\t-\tassistant alone\t\t%s\n", minuteOf(h.Alone.OpenedAt), oneLine(found, 90))
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", h.Reference, minuteOf(h.OpenedAt), h.Queue, h.State, h.AgentName, oneLine(found, 90))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if more {
		fmt.Fprintln(a.stdout, "… and more: --limit")
	}
	return nil
}

// aloneLine is a conversation without a case, with the names of caseLine.
func aloneLine(h console.Hit) map[string]any {
	x := h.Alone
	out := map[string]any{
		"kind": "assistant", "conversation": x.ID, "visitor": x.Visitor, "name": x.Name, "language": x.Language,
		"opened": x.OpenedAt.UTC(), "last": x.LastAt.UTC(), "messages": x.Messages, "problem": x.First, "extracts": h.Extracts,
	}
	if x.Helpful != nil {
		out["helpful"] = *x.Helpful
	}
	return out
}

// extractText marks what was found as *found*.
func extractText(x console.Extract) string {
	var b strings.Builder
	for _, p := range x.Pieces {
		if p.Hit {
			b.WriteString("*" + p.Text + "*")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}
