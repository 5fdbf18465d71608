// Package pgsettings keeps sites' widget settings, and the take-up of their
// rules, in Postgres.
//
// Invariants: what is written was checked by settings.Parse; a change is made
// on top of what is stored, under the row's lock, so that two at once are both
// kept or one is refused; origins are stored once, with the site's own settings,
// and shown with the widget's.
//
// When Postgres is away the error is of kind fault.Unavailable.
package pgsettings
