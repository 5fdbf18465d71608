package main

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/handoff/console"
	"frontdesk/handoff/people"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/web"
)

// newAccess is who may come to the desk over HTTP: the guard of its routes, and
// the people behind it, whose KeepHouse is run beside the other work. origin is
// the desk's address as browsers see it; empty: the one each request names.
func (a *app) newAccess(w *web.App, pool *pgxpool.Pool, desk *pgdesk.Desk, origin string) (*console.Auth, *people.People, error) {
	p, err := a.newPeople(pool, desk)
	if err != nil {
		return nil, nil, err
	}
	auth, err := console.NewAuth(w, p, console.AuthConfig{Origin: origin})
	return auth, p, err
}
