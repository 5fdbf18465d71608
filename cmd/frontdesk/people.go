package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
	"frontdesk/handoff/people"
	"frontdesk/handoff/pgdesk"
	"frontdesk/handoff/pgpeople"
)

// newPeople puts people and access together; desk changes what the desk keeps
// of them, nil where nobody is changed.
func (a *app) newPeople(pool *pgxpool.Pool, desk *pgdesk.Desk) (*people.People, error) {
	store, err := pgpeople.New(pool)
	if err != nil {
		return nil, err
	}
	hasher, err := people.NewHasher(people.Params{}, rand.Reader)
	if err != nil {
		return nil, err
	}
	deps := people.Deps{Store: store, Hasher: hasher, Log: a.log, Now: a.now, NewID: bot.NewID, Random: rand.Reader}
	if desk != nil {
		deps.Roster = desk
	}
	return people.New(deps, people.Config{})
}

// peopleCommands are those of `frontdesk agent` that are about access.
func peopleCommands(a *app) []*cobra.Command {
	return []*cobra.Command{
		newAgentPasswordCommand(a), newAgentInviteCommand(a), newAgentFirstCommand(a), newAgentQueuesCommand(a),
		newAgentSessionsCommand(a), newAgentRevokeCommand(a), newAgentAuditCommand(a),
	}
}

// withPeople runs a command about the people of a site, as the terminal.
func (a *app) withPeople(ctx context.Context, site string, f func(p *people.People, me handoff.Actor) error) error {
	return a.withStore(ctx, func(st *store) error {
		s, err := st.Site(ctx, site)
		if err != nil {
			return err
		}
		p, err := a.newPeople(st.pool, nil)
		if err != nil {
			return err
		}
		return f(p, handoff.System(int32(s.ID), "terminal"))
	})
}

// withPerson is withPeople for one of them.
func (a *app) withPerson(ctx context.Context, site, email string, f func(p *people.People, me handoff.Actor, who people.Person) error) error {
	return a.withPeople(ctx, site, func(p *people.People, me handoff.Actor) error {
		who, err := p.Person(ctx, me, email)
		if errors.Is(err, people.ErrNoPerson) {
			return fmt.Errorf("nobody at the desk of %s has the address %s: list them with frontdesk agent list --site %s", site, email, site)
		}
		if err != nil {
			return err
		}
		return f(p, me, who)
	})
}

func newAgentPasswordCommand(a *app) *cobra.Command {
	var site string
	var given bool
	c := &cobra.Command{
		Use:   "password EMAIL",
		Short: "Give somebody a new password, printed once; their sessions end",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPerson(cmd.Context(), site, args[0], func(p *people.People, me handoff.Actor, who people.Person) error {
				password, err := a.freshPassword(given)
				if err != nil {
					return err
				}
				if err := p.SetPassword(cmd.Context(), me, who.ID, password); err != nil {
					return err
				}
				if given {
					fmt.Fprintf(a.stdout, "%s has a new password\n", who.Email)
					return nil
				}
				fmt.Fprintf(a.stdout, "%s  %s\n", who.Email, password)
				return nil
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&given, "stdin", false, "read the password from standard input, one line, instead of making one")
	return c
}

// freshPassword makes a password, or reads one. It is never an argument:
// command lines can be seen.
func (a *app) freshPassword(given bool) (string, error) {
	if !given {
		return people.NewPassword(rand.Reader)
	}
	line, err := bufio.NewReader(io.LimitReader(a.stdin, 4<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// deskAddress is where browsers find the service, without a slash at its end.
func (a *app) deskAddress() string {
	return strings.TrimSuffix(cmp.Or(a.config.URL, "http://"+a.config.Addr), "/")
}

type inviteFlags struct {
	site, name, role          string
	queues, languages, skills []string
	noQueue, allQueues        bool
	asJSON                    bool
	capacity                  int
}

func newAgentInviteCommand(a *app) *cobra.Command {
	var f inviteFlags
	c := &cobra.Command{
		Use:   "invite EMAIL",
		Short: "Make a link with which somebody joins the desk, once, within three days",
		Long: `Make a link with which somebody joins the desk, once, within three days, and
chooses a password. For somebody who was added without one it is a link to
choose it. The link is printed and kept nowhere: send it to that person alone.

A link that was made for the address before works no longer, and what it said
counts no longer: only its queues stay, unless others are said here.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.noQueue && f.allQueues || (f.noQueue || f.allQueues) && len(f.queues) > 0 {
				return usageError{errors.New("--queue, --all-queues and --no-queue contradict one another")}
			}
			return a.withPeople(cmd.Context(), f.site, func(p *people.People, me handoff.Actor) error {
				return a.invite(cmd.Context(), p, me, args[0], f)
			})
		},
	}
	c.Flags().StringVar(&f.site, "site", defaultSite, "the site")
	c.Flags().StringVar(&f.name, "name", "", "what customers and colleagues read; empty: they say it themselves")
	c.Flags().StringVar(&f.role, "role", string(handoff.RoleAgent), "admin, lead, agent or read_only")
	c.Flags().StringSliceVar(&f.queues, "queue", nil, "a queue they work in; repeat it for several (default: those of an earlier invitation, else all)")
	c.Flags().BoolVar(&f.noQueue, "no-queue", false, "no queue yet")
	c.Flags().BoolVar(&f.allQueues, "all-queues", false, "every queue, those to come too, whatever an earlier invitation said")
	c.Flags().StringSliceVar(&f.languages, "language", nil, "a language they write, de for instance")
	c.Flags().StringSliceVar(&f.skills, "skill", nil, "something they know")
	c.Flags().IntVar(&f.capacity, "capacity", 0, "how much they can hold at once (default 5)")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return c
}

func (a *app) invite(ctx context.Context, p *people.People, me handoff.Actor, email string, f inviteFlags) error {
	queues := f.queues
	if len(queues) == 0 {
		queues = nil
	}
	if f.noQueue {
		queues = []string{}
	}
	i, token, err := p.Invite(ctx, me, people.Guest{
		Email: email, Name: f.name, Role: handoff.Role(f.role), Queues: queues, Languages: f.languages, Skills: f.skills, Capacity: f.capacity,
		KeepQueues: queues == nil && !f.allQueues,
	})
	if err != nil {
		return err
	}
	link := a.deskAddress() + console.JoinPath(token)
	if f.asJSON {
		line := map[string]any{"email": i.Email, "kind": i.Kind, "role": i.Role, "queues": i.Queues, "expires_at": i.ExpiresAt.UTC(), "link": link}
		if old := i.Replaced; old != nil {
			line["replaces"] = map[string]any{"created_at": old.CreatedAt.UTC(), "role": old.Role, "queues": old.Queues}
		}
		return a.printJSON(line)
	}
	fmt.Fprintf(a.stdout, "%s\n", link)
	fmt.Fprintf(a.stderr, "for %s, until %s; it works once\n", i.Email, minuteOf(i.ExpiresAt))
	if i.Kind != people.Join {
		return nil
	}
	fmt.Fprintf(a.stderr, "invited as %s; works in %s\n", i.Role, scopeLine(i.Queues))
	if old := i.Replaced; old != nil {
		fmt.Fprintf(a.stderr, "it takes the place of the invitation of %s (%s; %s), whose link works no longer\n",
			minuteOf(old.CreatedAt), old.Role, scopeLine(old.Queues))
	}
	return nil
}

// scopeLine is scopeWords within a sentence.
func scopeLine(queues []string) string { return strings.ReplaceAll(scopeWords(queues), "\n", ", ") }

func newAgentFirstCommand(a *app) *cobra.Command {
	var site, name string
	c := &cobra.Command{
		Use:   "first EMAIL",
		Short: "Make the first admin of a site, whose password is printed once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPeople(cmd.Context(), site, func(p *people.People, me handoff.Actor) error {
				password, made, err := p.First(cmd.Context(), me.Site, args[0], name)
				switch {
				case err != nil:
					return err
				case !made:
					return fmt.Errorf("an admin of %s can sign in already: frontdesk agent password EMAIL gives somebody a new password", site)
				}
				fmt.Fprintf(a.stdout, "%s  %s\n", strings.ToLower(args[0]), password)
				fmt.Fprintf(a.stderr, "sign in at %s/desk/%s\n", a.deskAddress(), site)
				return nil
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().StringVar(&name, "name", "Admin", "what customers and colleagues read")
	return c
}

func newAgentQueuesCommand(a *app) *cobra.Command {
	var site string
	var all, none bool
	c := &cobra.Command{
		Use:   "queues EMAIL [QUEUE…]",
		Short: "Show or set the queues somebody works in; it takes effect with their next request",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			queues := args[1:]
			switch {
			case all && none, (all || none) && len(queues) > 0:
				return usageError{errors.New("say some queues, --all or --none")}
			case all:
				queues = nil
			case none:
				queues = []string{}
			}
			return a.withPerson(cmd.Context(), site, args[0], func(p *people.People, me handoff.Actor, who people.Person) error {
				if all || none || len(queues) > 0 {
					var err error
					if who, err = p.SetQueues(cmd.Context(), me, who.ID, queues); err != nil {
						return err
					}
				}
				fmt.Fprintln(a.stdout, scopeWords(who.Queues))
				return nil
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&all, "all", false, "every queue, those to come too")
	c.Flags().BoolVar(&none, "none", false, "no queue")
	return c
}

func scopeWords(queues []string) string {
	switch {
	case queues == nil:
		return "all queues"
	case len(queues) == 0:
		return "no queue"
	}
	return strings.Join(queues, "\n")
}

func newAgentRevokeCommand(a *app) *cobra.Command {
	var site, session string
	c := &cobra.Command{
		Use:   "revoke EMAIL",
		Short: "End somebody's sessions at once, or one of them",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPerson(cmd.Context(), site, args[0], func(p *people.People, me handoff.Actor, who people.Person) error {
				return a.revokeSessions(cmd.Context(), p, me, who, session)
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().StringVar(&session, "session", "", "only this one, by its id from agent sessions")
	return c
}

func (a *app) revokeSessions(ctx context.Context, p *people.People, me handoff.Actor, who people.Person, session string) error {
	n := 1
	if session == "" {
		var err error
		if n, err = p.RevokeAll(ctx, me, who.ID, uuid.UUID{}); err != nil {
			return err
		}
	} else {
		id, err := uuid.Parse(session)
		if err != nil {
			return usageError{fmt.Errorf("--session: %q is no session's id", session)}
		}
		list, err := p.Sessions(ctx, me, who.ID)
		if err != nil {
			return err
		}
		theirs := false
		for _, s := range list {
			theirs = theirs || s.ID == id
		}
		if !theirs {
			return people.ErrNoSession
		}
		if err := p.Revoke(ctx, me, id); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.stdout, "ended %d sessions of %s\n", n, who.Email)
	return nil
}
