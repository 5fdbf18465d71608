package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
)

// demoPeople are who works at the demo shop's desk.
func demoPeople() []people.Person {
	return []people.Person{
		{Email: "mara@kettlewick.example", Name: "Mara", Role: handoff.RoleAgent},
		{Email: "robin@kettlewick.example", Name: "Robin", Role: handoff.RoleAdmin},
	}
}

// demoLogins makes the demo shop's people where they are not there yet, and
// returns the lines that tell how to sign in as them. A password is the same at
// every start of this installation; one that somebody has changed is not told,
// since nobody here knows it.
func (a *app) demoLogins(ctx context.Context, st *store) (string, error) {
	site, err := st.Site(ctx, demoSite)
	if err != nil {
		return "", err
	}
	convs, err := pgconvo.New(st.pool)
	if err != nil {
		return "", err
	}
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return "", err
	}
	secret, err := convs.Secret(ctx, "demo_logins", fresh)
	if err != nil {
		return "", err
	}
	p, err := a.newPeople(st.pool, nil)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, who := range demoPeople() {
		password, works, err := p.Demo(ctx, int32(site.ID), who, secret)
		if err != nil {
			return "", err
		}
		if !works {
			password = "(changed; a new one: frontdesk agent password " + who.Email + ")"
		}
		fmt.Fprintf(&out, "    %-6s %-26s %s\n", who.Role, who.Email, password)
	}
	return out.String(), nil
}
