package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

// moreCaseCommands are those of `frontdesk case` that are about a case's answer
// and its place, and about keeping visitors from people.
func moreCaseCommands(a *app) []*cobra.Command {
	return []*cobra.Command{
		newCaseReplyCommand(a), newCaseWhisperCommand(a), newCaseTakeOverCommand(a), newCaseSnoozeCommand(a), newCasePriorityCommand(a), newCaseMergeCommand(a),
		newCaseBlockCommand(a), newCaseUnblockCommand(a), newCaseBlockedCommand(a),
	}
}

func noAs() error {
	return usageError{errors.New("--as is missing: say by e-mail address in whose name")}
}

func newCaseReplyCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "reply REFERENCE TEXT… --as EMAIL", "Answer the customer of a case that somebody has, in their name", cobra.MinimumNArgs(2),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			if me.Agent == (convo.ID{}) {
				return c, noAs()
			}
			said, err := d.Reply(ctx, me, handoff.Target{Case: c.ID}, handoff.Reply{ClientMsgID: bot.NewID().String(), Text: strings.Join(args, " ")})
			return said.Case, err
		})
}

func newCaseWhisperCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "whisper REFERENCE TEXT…", "Say something that only whoever has the case and leads read", cobra.MinimumNArgs(2),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			_, err := d.Whisper(ctx, me, handoff.Target{Case: c.ID}, strings.Join(args, " "))
			return c, err
		})
}

func newCaseTakeOverCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "takeover REFERENCE WHY… --as EMAIL", "Give a case that somebody has to a lead, who says why", cobra.MinimumNArgs(2),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			if me.Agent == (convo.ID{}) {
				return c, noAs()
			}
			return d.TakeOver(ctx, me, handoff.Target{Case: c.ID}, strings.Join(args, " "))
		})
}

func newCaseSnoozeCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "snooze REFERENCE 4h|2026-12-01|WHEN|wake", "Let a claimed case sleep for a while or until a moment, or wake it", cobra.ExactArgs(2),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			until, err := a.until(args[0])
			if err != nil {
				return c, err
			}
			return d.Snooze(ctx, me, handoff.Target{Case: c.ID}, until)
		})
}

// until reads a while from now, or a moment of the terminal's own zone; "wake" is
// the zero time.
func (a *app) until(s string) (time.Time, error) {
	if s == "wake" {
		return time.Time{}, nil
	}
	if d, ok := whole(s); ok {
		return a.now().Add(d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("%q is no time: write 90m, 4h, 3d, 2026-12-01 or 2026-12-01T09:00", s)}
}

// whole reads a time such as 90m, 4h or 3d.
func whole(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := number("days", days)
		return time.Duration(n) * 24 * time.Hour, err == nil && n > 0 && n < 10_000
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d > 0
}

func newCasePriorityCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "priority REFERENCE low|normal|high|urgent", "Move a case forward or back in its line", cobra.ExactArgs(2),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			p, err := handoff.ParsePriority(args[0])
			if err != nil {
				return c, err
			}
			return d.SetPriority(ctx, me, handoff.Target{Case: c.ID}, p)
		})
}

func newCaseMergeCommand(a *app) *cobra.Command {
	return newCaseDoing(a, "merge REFERENCE INTO", "Close a case into another open one of the same customer", cobra.ExactArgs(2),
		func(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, c handoff.Case, args []string) (handoff.Case, error) {
			into, err := d.Find(ctx, me, args[0])
			if err != nil {
				return c, err
			}
			return d.Merge(ctx, me, handoff.Target{Case: c.ID}, into.ID)
		})
}

// visitorCase runs f with the visitor of a case: nobody knows the number of one.
func (a *app) visitorCase(ctx context.Context, site, reference string, f func(d *pgdesk.Desk, me handoff.Actor, log auditor, visitor convo.ID) error) error {
	return a.withAudit(ctx, site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
		c, err := d.Find(ctx, me, reference)
		if err != nil {
			return err
		}
		rows, err := d.Rows(ctx, me.Site, []convo.ID{c.ID})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return handoff.ErrNoCase
		}
		return f(d, me, log, rows[0].Visitor)
	})
}

func newCaseBlockCommand(a *app) *cobra.Command {
	var site, span string
	c := &cobra.Command{
		Use:   "block REFERENCE [WHY…]",
		Short: "Keep the visitor of a case from people, for good or for a while; the assistant still answers them",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var until time.Time
			if span != "" {
				d, ok := whole(span)
				if !ok {
					return usageError{fmt.Errorf("--for: %q is no time such as 12h or 7d", span)}
				}
				until = a.now().Add(d)
			}
			return a.visitorCase(cmd.Context(), site, args[0], func(d *pgdesk.Desk, me handoff.Actor, log auditor, visitor convo.ID) error {
				if err := d.Block(cmd.Context(), me, visitor, until, strings.Join(args[1:], " ")); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "blocked %s\n", visitor)
				return log.block(cmd.Context(), "PUT", visitor)
			})
		},
	}
	c.Flags().StringVar(&span, "for", "", "how long: 12h, 7d (default: for good)")
	return siteFlags(c, &site, nil)
}

func newCaseUnblockCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "unblock REFERENCE",
		Short: "Let the visitor of a case ask for people again",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.visitorCase(cmd.Context(), site, args[0], func(d *pgdesk.Desk, me handoff.Actor, log auditor, visitor convo.ID) error {
				if err := d.Unblock(cmd.Context(), me, visitor); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "not blocked: %s\n", visitor)
				return log.block(cmd.Context(), "DELETE", visitor)
			})
		},
	}
	return siteFlags(c, &site, nil)
}

func newCaseBlockedCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "blocked",
		Short: "List the visitors who are kept from people",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDesk(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor) error {
				list, err := d.Blocked(cmd.Context(), me)
				if err != nil {
					return err
				}
				return a.printBlocked(list, asJSON)
			})
		},
	}
	return siteFlags(c, &site, &asJSON)
}

func (a *app) printBlocked(list []handoff.Block, asJSON bool) error {
	if asJSON {
		for _, b := range list {
			if err := a.printJSON(b); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "nobody is blocked")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VISITOR\tNAME\tBY\tSINCE\tUNTIL\tWHY")
	for _, b := range list {
		until := "for good"
		if !b.Until.IsZero() {
			until = minuteOf(b.Until)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", b.Visitor, b.Name, b.By, minuteOf(b.At), until, oneLine(b.Why, 60))
	}
	return w.Flush()
}
