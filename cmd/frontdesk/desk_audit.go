package main

import (
	"context"
	"fmt"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/handoff/pgdesk"
)

// auditTime bounds the writing of a line about what is done already.
const auditTime = 5 * time.Second

// auditor writes down what a command changed at a site's desk, as the terminal.
type auditor struct {
	people *people.People
	me     handoff.Actor
}

// withAudit is withDesk for a command that changes people or settings.
func (a *app) withAudit(ctx context.Context, site string, f func(d *pgdesk.Desk, me handoff.Actor, log auditor) error) error {
	return a.withStore(ctx, func(st *store) error {
		d, me, err := a.deskOf(ctx, st, site)
		if err != nil {
			return err
		}
		p, err := a.newPeople(st.pool, nil)
		if err != nil {
			return err
		}
		return f(d, me, auditor{people: p, me: me})
	})
}

// unwritten says that something was done and stands in no log.
func unwritten(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("it is done, but it is not in the audit log: %w", err)
}

// write writes although the command was interrupted: what it says is done.
func (l auditor) write(ctx context.Context, f func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTime)
	defer cancel()
	return unwritten(f(ctx))
}

func (l auditor) added(ctx context.Context, g handoff.Agent) error {
	return l.write(ctx, func(ctx context.Context) error { return l.people.Added(ctx, l.me, g) })
}

func (l auditor) changed(ctx context.Context, was, is handoff.Agent) error {
	return l.write(ctx, func(ctx context.Context) error { return l.people.Changed(ctx, l.me, was, is) })
}

// set writes of a setting what a change of it over the desk's API would write,
// so that one question to the log finds both.
func (l auditor) set(ctx context.Context, what, method, queue string) error {
	e := people.Entry{Action: people.ActSettingsChanged, Detail: map[string]string{"what": what, "method": method}}
	if queue != "" {
		e.Detail["queue"] = queue
	}
	return l.write(ctx, func(ctx context.Context) error { return l.people.Record(ctx, l.me, e) })
}

func (l auditor) setQueue(ctx context.Context, queue string) error {
	return l.set(ctx, "/settings/queues/:queue", "PUT", queue)
}

func (l auditor) removedQueue(ctx context.Context, queue string) error {
	return l.set(ctx, "/settings/queues/:queue", "DELETE", queue)
}

func (l auditor) setRoutes(ctx context.Context) error {
	return l.set(ctx, "/settings/routes", "PUT", "")
}

// block writes what the desk's API would write of a visitor who is blocked, or
// is no longer.
func (l auditor) block(ctx context.Context, method string, visitor convo.ID) error {
	e := people.Entry{Action: people.ActSettingsChanged, Detail: map[string]string{"what": "/blocks/:visitor", "method": method, "visitor": visitor.String()}}
	return l.write(ctx, func(ctx context.Context) error { return l.people.Record(ctx, l.me, e) })
}

func (l auditor) setRules(ctx context.Context) error {
	return l.set(ctx, "/settings/rules", "PUT", "")
}
