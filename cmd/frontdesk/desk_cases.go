package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
	"frontdesk/handoff/pgdesk"
)

func newCaseCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "case", Short: "Handoffs: list, search, show, and all that is done to them"}
	c.AddCommand(
		newCaseListCommand(a), newCaseSearchCommand(a), newCaseShowCommand(a), newCaseClaimCommand(a), newCaseReleaseCommand(a),
		newCaseTransferCommand(a), newCaseEscalateCommand(a), newCaseCloseCommand(a), newCaseReopenCommand(a), newCaseNoteCommand(a),
		newCaseRatingsCommand(a), newCaseMailsCommand(a),
	)
	c.AddCommand(moreCaseCommands(a)...)
	return c
}

// caseLine is a case as it is printed for programs.
func caseLine(c handoff.Case) map[string]any {
	out := map[string]any{
		"case": c.ID, "reference": c.Reference, "conversation": c.Conversation.ID, "queue": c.Queue, "state": c.State, "reason": c.Reason,
		"priority": c.Priority, "desk": c.Desk, "topic": c.Topic, "product": c.Product, "language": c.Language, "triaged": c.Triaged,
		"problem": c.Problem, "opened": c.OpenedAt, "version": c.Version,
	}
	for key, t := range map[string]time.Time{"waits_since": c.WaitsSince, "due": c.DueFirst, "claimed": c.ClaimedAt, "snoozed_until": c.SnoozedUntil, "closed": c.ClosedAt} {
		if !t.IsZero() {
			out[key] = t
		}
	}
	for key, s := range map[string]string{"agent": c.AgentName, "ended": string(c.Ended), "memo": c.Memo, "contact": c.Contact, "note": c.Note} {
		if s != "" {
			out[key] = s
		}
	}
	if c.LinkedTo != (convo.ID{}) {
		out["linked_to"], out["link"] = c.LinkedTo, c.Link
	}
	return out
}

func newCaseListCommand(a *app) *cobra.Command {
	var site, view, queue, agent string
	var limit int
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List cases: open ones, or those of another view",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDesk(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor) error {
				v := handoff.View{Kind: handoff.ViewKind(view)}
				if queue != "" {
					v.Queues = []string{queue}
				}
				if agent != "" {
					g, err := person(cmd.Context(), d, me, agent)
					if err != nil {
						return err
					}
					v.Agent = g.ID
				}
				return a.listCases(cmd.Context(), d, me, v, limit, asJSON)
			})
		},
	}
	c.Flags().StringVar(&view, "view", string(handoff.ViewOpen), "waiting, open, claimed, late, closed; with --agent: mine, snoozed, mentions")
	c.Flags().StringVar(&queue, "queue", "", "only this queue")
	c.Flags().StringVar(&agent, "agent", "", "whose, by e-mail address")
	c.Flags().IntVar(&limit, "limit", 100, "how many at most")
	return siteFlags(c, &site, &asJSON)
}

func (a *app) listCases(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, v handoff.View, limit int, asJSON bool) error {
	var list []handoff.Entry
	page := handoff.Page{}
	for len(list) < limit {
		page.Limit = min(limit-len(list), 200)
		l, err := d.List(ctx, me, v, page)
		if err != nil {
			return err
		}
		list = append(list, l.Cases...)
		if page.After = l.Next; l.Next == "" {
			break
		}
	}
	if asJSON {
		for _, e := range list {
			line := caseLine(e.Case)
			line["visitor"], line["name"] = e.Visitor, e.Name
			if err := a.printJSON(line); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "no cases")
		return nil
	}
	now := time.Now()
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REFERENCE\tQUEUE\tSTATE\tPRIORITY\tWAITING\tAGENT\tVISITOR\tPROBLEM")
	for _, e := range list {
		waits := ago(now, e.WaitsSince)
		if e.Late(now) {
			waits += " late"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Reference, e.Queue, e.State, e.Priority, waits, e.AgentName,
			cmp.Or(e.Name, e.Visitor.String()[:8]), oneLine(cmp.Or(e.Problem, e.Note), 60))
	}
	return w.Flush()
}

// oneLine cuts a text for a table.
func oneLine(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func newCaseShowCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "show REFERENCE",
		Short: "Show a case with its packet and its own log",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDesk(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor) error {
				c, err := d.Find(cmd.Context(), me, args[0])
				if err != nil {
					return err
				}
				log, err := d.Log(cmd.Context(), me, c.ID, 0, 500)
				if err != nil {
					return err
				}
				return a.showCase(c, log, asJSON)
			})
		},
	}
	return siteFlags(c, &site, &asJSON)
}

func (a *app) showCase(c handoff.Case, log []handoff.CaseEvent, asJSON bool) error {
	if asJSON {
		line := caseLine(c)
		line["log"] = log
		if c.Packet != nil {
			line["packet"] = c.Packet
		}
		return a.printJSON(line)
	}
	now := time.Now()
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	row := func(label, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", label, text)
		}
	}
	row("case", c.Reference+" ("+string(c.State)+")")
	row("queue", c.Queue)
	row("priority", c.Priority.String())
	packed := packetText(c)
	if packed == "" { // else it says all of these
		row("problem", cmp.Or(c.Problem, c.Note))
		row("about", strings.Join(commaList(strings.Join([]string{c.Desk, c.Topic, c.Product}, ",")), ", "))
		row("reason", string(c.Reason))
	}
	row("agent", c.AgentName)
	row("opened", minuteOf(c.OpenedAt))
	if c.Waits() {
		row("waiting", ago(now, c.WaitsSince))
	}
	row("contact", c.Contact)
	if c.State == handoff.Closed {
		row("ended", string(c.Ended))
		row("memo", c.Memo)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if packed != "" {
		fmt.Fprintf(a.stdout, "\n%s", packed)
	}
	fmt.Fprintln(a.stdout)
	w = tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, e := range log {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", e.N, e.At.Local().Format("2006-01-02 15:04:05"), e.Actor, e.Kind, logText(e))
	}
	return w.Flush()
}

// packetText is a case's packet in the terminal's language; empty where it has
// none, or one of another version.
func packetText(c handoff.Case) string {
	var p packet.Packet
	if len(c.Packet) == 0 || json.Unmarshal(c.Packet, &p) != nil || p.Version != packet.Version {
		return ""
	}
	return packet.Text(p, "en")
}

// logText says an entry of a case's log in a few words.
func logText(e handoff.CaseEvent) string {
	var b handoff.EventBody
	if json.Unmarshal(e.Body, &b) != nil {
		return ""
	}
	var parts []string
	switch {
	case b.From != "" && b.To != "" && b.From != b.To:
		parts = append(parts, b.From+" → "+b.To)
	case b.To != "":
		parts = append(parts, b.To)
	}
	for _, s := range []string{b.Name, string(b.Ended), b.Topic, b.Memo, b.Text, b.Why} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if b.Until != nil {
		parts = append(parts, "until "+minuteOf(*b.Until))
	}
	if b.Priority != nil {
		parts = append(parts, b.Priority.String())
	}
	return strings.Join(parts, ": ")
}

// caseDoing is a command that does one thing to a case.
type caseDoing struct {
	site, as string
	asJSON   bool
}

// newCaseDoing makes the command; args are those after the reference.
func newCaseDoing(a *app, use, shortly string, args cobra.PositionalArgs, do func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error)) *cobra.Command {
	var f caseDoing
	c := &cobra.Command{
		Use: use, Short: shortly, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDesk(cmd.Context(), f.site, func(d *pgdesk.Desk, me handoff.Actor) error {
				me, err := acting(cmd.Context(), d, me, f.as)
				if err != nil {
					return err
				}
				c, err := d.Find(cmd.Context(), me, args[0])
				if err != nil {
					return err
				}
				if c, err = do(cmd.Context(), d, me, c, args[1:]); err != nil {
					return err
				}
				if f.asJSON {
					return a.printJSON(caseLine(c))
				}
				fmt.Fprintln(a.stdout, standing(c))
				return nil
			})
		},
	}
	c.Flags().StringVar(&f.as, "as", "", "in whose name, by e-mail address (default: the terminal's)")
	return siteFlags(c, &f.site, &f.asJSON)
}

// standing says where a case stands, in a sentence.
func standing(c handoff.Case) string {
	switch c.State {
	case handoff.Claimed:
		return fmt.Sprintf("%s is with %s", c.Reference, c.AgentName)
	case handoff.Closed:
		return fmt.Sprintf("%s is closed: %s", c.Reference, c.Ended)
	default:
		return fmt.Sprintf("%s waits in %s", c.Reference, c.Queue)
	}
}

func newCaseClaimCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "claim REFERENCE --as EMAIL", "Give a waiting case to somebody", cobra.ExactArgs(1),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, _ []string) (handoff.Case, error) {
			if me.Agent == (convo.ID{}) {
				return c, usageError{fmt.Errorf("--as is missing: say by e-mail address who claims it")}
			}
			return d.Claim(ctx, me, handoff.Target{Case: c.ID})
		})
}

func newCaseReleaseCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "release REFERENCE [WHY…]", "Put a claimed case back in its line", cobra.MinimumNArgs(1),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			return d.Release(ctx, me, handoff.Target{Case: c.ID}, strings.Join(args, " "))
		})
}

func newCaseTransferCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "transfer REFERENCE QUEUE|EMAIL [WHY…]", "Give a case to a queue or to a person", cobra.MinimumNArgs(2),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			to := handoff.TransferTo{Queue: args[0], Why: strings.Join(args[1:], " ")}
			if strings.Contains(args[0], "@") {
				g, err := person(ctx, d, me, args[0])
				if err != nil {
					return c, err
				}
				to.Queue, to.Agent = "", g.ID
			}
			return d.Transfer(ctx, me, handoff.Target{Case: c.ID}, to)
		})
}

func newCaseEscalateCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "escalate REFERENCE [WHY…]", "Give a case to the next tier", cobra.MinimumNArgs(1),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			return d.Escalate(ctx, me, handoff.Target{Case: c.ID}, "", strings.Join(args, " "))
		})
}

func newCaseCloseCommand(a *app) *cobra.Command {
	var ended, topic, memo string
	c := newCaseDoing(a, "close REFERENCE", "Close a case; the conversation is the assistant's again", cobra.ExactArgs(1),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, _ []string) (handoff.Case, error) {
			return d.Close(ctx, me, handoff.Target{Case: c.ID}, handoff.WrapUp{Ended: handoff.Ended(ended), Topic: topic, Memo: memo})
		})
	c.Flags().StringVar(&ended, "ended", string(handoff.Solved), "solved, workaround, not_solved, no_answer, duplicate, spam or other")
	c.Flags().StringVar(&topic, "topic", "", "what it was about (default: as triage said)")
	c.Flags().StringVar(&memo, "memo", "", "what was done, in a sentence: the customer and the assistant read it")
	return c
}

func newCaseReopenCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "reopen REFERENCE", "Take a closed case up again: in its line, or with --as in somebody's hands", cobra.ExactArgs(1),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, _ []string) (handoff.Case, error) {
			return d.Reopen(ctx, me, handoff.Target{Case: c.ID})
		})
}

func newCaseNoteCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "note REFERENCE TEXT…", "Write a note that only the desk sees", cobra.MinimumNArgs(2),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			_, err := d.Note(ctx, me, handoff.Target{Case: c.ID}, strings.Join(args, " "), nil)
			return c, err
		})
}
