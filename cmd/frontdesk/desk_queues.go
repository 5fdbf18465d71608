package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
)

const queueKeys = `Settings of a queue:
  name          as people read it
  desk          service, support or both
  product       its product line
  tier          1, 2, …: an escalation goes to the next one of the same desk; 9 is the top
  languages     en,de
  skills        what a case is pushed to first: returns,kettles
  overflow      queues that cases go to that wait for too long: support-2,escalations
  first_reply   target for an answer: 10m
  resolve       target for the resolution: 24h; 0: none
  reopen        how long a closed case comes back: 72h; -1: never
  offer         how long one person is asked in a queue that pushes: 30s
  away          how long a customer waits for somebody who has gone: 5m
  weight        of a case in an agent's capacity: 1
  distribution  claim (whoever is free takes one) or push (each is offered to somebody)
  notify        the wait ladder, JSON
  closed        true: takes nothing new
KEY= takes the default.`

func newQueueShowCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "show [QUEUE]",
		Short: "Show the queues of a site: what waits, who is there, what is set",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDesk(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor) error {
				wall, err := d.Wall(cmd.Context(), me)
				if err != nil {
					return err
				}
				rules, err := d.Rules(cmd.Context(), me)
				if err != nil {
					return err
				}
				return a.printWall(wall, rules, args, asJSON)
			})
		},
	}
	return siteFlags(c, &site, &asJSON)
}

func (a *app) printWall(wall []handoff.QueueState, rules handoff.Rules, only []string, asJSON bool) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, "QUEUE\tNAME\tTIER\tWAITING\tCLAIMED\tLATE\tOLDEST\tTHERE\tFREE\tREPLY WITHIN\tBY")
	}
	shown := 0
	for _, q := range wall {
		if len(only) > 0 && q.Queue.Queue != only[0] {
			continue
		}
		shown++
		if asJSON {
			if err := a.printJSON(q); err != nil {
				return err
			}
			continue
		}
		name := q.Name
		switch {
		case q.Closed:
			name += " (closed)"
		case q.Queue.Queue == rules.DefaultQueue:
			name += " (default)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%d\t%d\t%s\t%s\n", q.Queue.Queue, name, strings.TrimPrefix(strconv.Itoa(q.Tier), "0"),
			q.Waiting, q.Claimed, q.Late, ago(time.Now(), q.Oldest), q.Online, q.Free, q.FirstReply(), q.Distribution)
	}
	if len(only) > 0 && shown == 0 {
		return handoff.ErrNoQueue
	}
	return w.Flush()
}

func newQueueAddCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "add QUEUE [KEY=VALUE…]",
		Short: "Add a queue",
		Long:  "Add a queue.\n\n" + queueKeys,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeQueue(cmd.Context(), site, args[0], args[1:], true)
		},
	}
	return siteFlags(c, &site, nil)
}

func newQueueSetCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "set QUEUE KEY=VALUE…",
		Short: "Change a queue; default=true makes it the one of whatever no route is for",
		Long:  "Change a queue.\n\n" + queueKeys + "\n  default       true: whatever no route is for waits here",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeQueue(cmd.Context(), site, args[0], args[1:], false)
		},
	}
	return siteFlags(c, &site, nil)
}

func (a *app) changeQueue(ctx context.Context, site, name string, changes []string, fresh bool) error {
	return a.withAudit(ctx, site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
		list, err := d.Queues(ctx, me)
		if err != nil {
			return err
		}
		q, there := handoff.Setup{Queues: list}.Queue(name)
		switch {
		case fresh && there:
			return fmt.Errorf("there is a queue %s already: change it with frontdesk queue set", name)
		case !fresh && !there:
			return handoff.ErrNoQueue
		case fresh:
			q = handoff.Queue{Queue: name, Name: name, Distribution: handoff.ByClaim}
		}
		makeDefault, err := changeQueueFields(&q, changes)
		if err != nil {
			return usageError{err}
		}
		if err := d.SetQueue(ctx, me, q); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s %s\n", map[bool]string{true: "added", false: "changed"}[fresh], name)
		if err := log.setQueue(ctx, name); err != nil {
			return err
		}
		if makeDefault {
			rules, err := d.Rules(ctx, me)
			if err != nil {
				return err
			}
			rules.DefaultQueue = q.Queue
			if err := d.SetRules(ctx, me, rules); err != nil {
				return err
			}
			return log.setRules(ctx)
		}
		return nil
	})
}

func changeQueueFields(q *handoff.Queue, changes []string) (makeDefault bool, err error) {
	err = eachChange(changes, func(key, value string) (err error) {
		switch key {
		case "name":
			q.Name = value
		case "desk":
			q.Desk = value
		case "product":
			q.Product = value
		case "languages":
			q.Languages = commaList(value)
		case "skills":
			q.Skills = commaList(value)
		case "overflow":
			q.Overflow = commaList(value)
		case "distribution":
			q.Distribution = handoff.Distribution(value)
		case "notify":
			q.Notify = json.RawMessage(value)
		case "tier":
			q.Tier, err = number(key, value)
		case "weight":
			q.Weight, err = number(key, value)
		case "first_reply":
			q.FirstReplyS, err = inSeconds(key, value)
		case "resolve":
			q.ResolveS, err = inSeconds(key, value)
		case "reopen":
			q.ReopenS, err = inSeconds(key, value)
		case "offer":
			q.OfferS, err = inSeconds(key, value)
		case "away":
			q.AwayS, err = inSeconds(key, value)
		case "closed":
			q.Closed, err = yes(key, value)
		case "default":
			makeDefault, err = yes(key, value)
		default:
			err = fmt.Errorf("there is no setting %q: frontdesk queue set --help lists them", key)
		}
		return err
	})
	return makeDefault, err
}

func number(key, value string) (int, error) {
	if value == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("%s is a number, not %q", key, value)
	}
	return n, nil
}

// inSeconds reads "10m", "72h", or a number of seconds.
func inSeconds(key, value string) (int, error) {
	if n, err := number(key, value); err == nil {
		return n, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d%time.Second != 0 {
		return 0, fmt.Errorf("%s is a time such as 30s, 10m or 72h, not %q", key, value)
	}
	return int(d / time.Second), nil
}

func yes(key, value string) (bool, error) {
	b, err := strconv.ParseBool(value)
	if err != nil && value != "" {
		return false, fmt.Errorf("%s is true or false, not %q", key, value)
	}
	return b, nil
}

func newQueueRemoveCommand(a *app) *cobra.Command {
	var site, into string
	c := &cobra.Command{
		Use:   "remove QUEUE",
		Short: "Remove a queue; who waits there goes to another one",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAudit(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
				if err := d.RemoveQueue(cmd.Context(), me, args[0], into); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "removed %s\n", args[0])
				return log.removedQueue(cmd.Context(), args[0])
			})
		},
	}
	c.Flags().StringVar(&into, "into", "", "where its open cases go (default: the default queue)")
	return siteFlags(c, &site, nil)
}

func newQueueHoursCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "hours QUEUE [JSON|-]",
		Short: "Show a queue's business hours, or set them: as JSON, from standard input with -, always with {}",
		Long: `Show or set a queue's business hours:
  {"zone":"Europe/Berlin","week":{"mon-fri":["09:00-12:30","13:30-18:00"],"sat":"10:00-14:00"},
   "holidays":[{"date":"12-25"},{"date":"2026-12-24","open":"09:00-12:00"}]}
{"always":true} and {"never":true} are hours too.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAudit(cmd.Context(), site, func(d *pgdesk.Desk, me handoff.Actor, log auditor) error {
				list, err := d.Queues(cmd.Context(), me)
				if err != nil {
					return err
				}
				q, ok := handoff.Setup{Queues: list}.Queue(args[0])
				if !ok {
					return handoff.ErrNoQueue
				}
				if len(args) == 1 {
					if len(q.Hours) == 0 {
						fmt.Fprintln(a.stdout, `{"always":true}`)
						return nil
					}
					fmt.Fprintln(a.stdout, string(q.Hours))
					return nil
				}
				if q.Hours, err = a.given(args[1]); err != nil {
					return err
				}
				if string(q.Hours) == "{}" {
					q.Hours = nil
				}
				if err := d.SetQueue(cmd.Context(), me, q); err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "changed %s\n", q.Queue)
				return log.setQueue(cmd.Context(), q.Queue)
			})
		},
	}
	return siteFlags(c, &site, nil)
}

// maxGiven is more than any table of routes or hours needs.
const maxGiven = 1 << 20

// given is an argument, or standard input where it is "-", or a file where it
// is "@file".
func (a *app) given(arg string) (json.RawMessage, error) {
	raw := []byte(arg)
	var err error
	switch {
	case arg == "-":
		raw, err = io.ReadAll(io.LimitReader(a.stdin, maxGiven))
	case strings.HasPrefix(arg, "@"):
		raw, err = os.ReadFile(arg[1:])
	}
	if err != nil {
		return nil, err
	}
	if raw = bytes.TrimSpace(raw); !json.Valid(raw) {
		return nil, usageError{errors.New("this is no JSON")}
	}
	return raw, nil
}
