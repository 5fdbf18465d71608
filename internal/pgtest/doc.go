// Package pgtest gives tests a real Postgres and a real embedder. No product
// code imports it.
//
//	pool := pgtest.New(t)          // a database of the test's own, migrated
//	dsn := pgtest.DSN(t)           // the same, as an address
//	e := pgtest.Embedder(t)        // the private embedder's address
//
// The private cluster of the repository's home (FRONTDESK_HOME, else .frontdesk
// beside go.mod) is shared by every test program of a run: each holds the home's
// supervisor while a test needs it, and the supervisor stops its parts when the
// last has let go, also when a test program is killed. A home that is not set
// up is set up first. With DATABASE_URL_TEST set, databases are made on that
// server instead; its user must be able to.
//
// A test's database is copied from a template that is migrated once for each
// content of the migrations, and dropped when the test ends; what a killed test
// program left is dropped by the next one.
package pgtest
