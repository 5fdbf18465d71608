package main

import (
	"context"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/internal/fakemodel"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// bare is a database without any site, and an embedder from elsewhere: setup has
// nothing to fetch.
func bare(t *testing.T) *shop {
	t.Helper()
	s := &shop{model: fakemodel.New(t, fakemodel.Config{}), dsn: pgtest.DSN(t)}
	s.env = map[string]string{"DATABASE_URL": s.dsn, "EMBEDDINGS_BASE_URL": s.model.URL, "FRONTDESK_HOME": t.TempDir(), "FRONTDESK_URL": "https://help.shop.example"}
	return s
}

var firstLogin = regexp.MustCompile(`told this once:\n  (\S+@\S+)  (\S+)\n`)

// signsIn says whether a login is good at a site; empty: the default one.
func (s *shop) signsIn(t *testing.T, site, email, password string) bool {
	t.Helper()
	pool, err := pg.Open(t.Context(), s.dsn, pg.PoolConfig{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	p, err := testApp(t, s.env).newPeople(pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	who, _, err := p.Login(t.Context(), people.Attempt{Site: site, Email: email, Password: password, Where: people.Where{Place: "test", Loopback: true}})
	return err == nil && who.Person.Role == handoff.RoleAdmin
}

func TestSetup_TellsTheFirstAdminsLoginOnce(t *testing.T) {
	t.Parallel()
	s := bare(t)
	out := s.command(t, 0, "", "setup")
	m := firstLogin.FindStringSubmatch(out)
	if m == nil || m[1] != "admin@shop.example" || !strings.Contains(out, "https://help.shop.example/desk") || !strings.Contains(out, "frontdesk agent password admin@shop.example") {
		t.Fatalf("%s", out)
	}
	if !s.signsIn(t, "", m[1], m[2]) {
		t.Error("the login that was told is no login")
	}
	for range 2 {
		out := s.command(t, 0, "", "setup", "--admin", "robin@shop.example")
		if firstLogin.MatchString(out) || strings.Contains(out, m[2]) || !strings.Contains(out, "can sign in already") {
			t.Errorf("once more: %s", out)
		}
	}
	if !s.signsIn(t, "", m[1], m[2]) {
		t.Error("a second setup took the login away")
	}
}

func TestSetup_MakesTheAdminWhoIsNamedOrNobody(t *testing.T) {
	t.Parallel()
	s := bare(t)
	if out := s.command(t, 0, "", "setup", "--no-admin"); firstLogin.MatchString(out) {
		t.Errorf("%s", out)
	}
	var sites int
	s.scan(t, `SELECT (SELECT count(*) FROM sites) + (SELECT count(*) FROM agents)`, &sites)
	if sites != 0 {
		t.Errorf("%d rows are made of what was not asked for", sites)
	}
	s.command(t, exitUsage, "", "setup", "--admin", "nobody")
	m := firstLogin.FindStringSubmatch(s.command(t, 0, "", "setup", "--admin", "Robin@Shop.example"))
	if m == nil || m[1] != "robin@shop.example" || !s.signsIn(t, "shop", m[1], m[2]) {
		t.Errorf("%q", m)
	}
}

// Several at once make one admin, and one of them tells the login.
func TestSetup_SeveralAtOnceTellOneLogin(t *testing.T) {
	t.Parallel()
	s := bare(t)
	outs := make([]string, 5)
	var all sync.WaitGroup
	for i := range outs {
		all.Go(func() {
			status, stdout, stderr := cli(t, s.env, "", "setup")
			outs[i] = stdout + stderr
			if status != 0 {
				t.Errorf("%d: %s", status, outs[i])
			}
		})
	}
	all.Wait()
	told := 0
	for _, out := range outs {
		m := firstLogin.FindStringSubmatch(out)
		if m == nil {
			if !strings.Contains(out, "can sign in already") {
				t.Errorf("neither a login nor that there is one: %s", out)
			}
			continue
		}
		told++
		if !s.signsIn(t, "", m[1], m[2]) {
			t.Error("the login that was told is no login")
		}
	}
	if told != 1 {
		t.Errorf("%d logins were told", told)
	}
}

// A database that does not answer, or says nothing at all, keeps nothing else
// of setup from being done, and its password is not repeated.
func TestSetup_GoesOnWithoutADatabaseThatAnswers(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes a connection and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, addr := range []string{"127.0.0.1:1", silent.Addr().String()} {
		env := map[string]string{"DATABASE_URL": "postgres://u:secret@" + addr + "/d", "EMBEDDINGS_BASE_URL": "http://127.0.0.1:2/v1", "FRONTDESK_HOME": t.TempDir()}
		status, stdout, stderr := cli(t, env, "", "setup")
		if status != 0 || firstLogin.MatchString(stdout) || !strings.Contains(stderr, "first admin was not made") || strings.Contains(stdout+stderr, "secret") {
			t.Errorf("%s: %d %s%s", addr, status, stdout, stderr)
		}
	}
}

func TestSetup_MakesTheAdminOfTheDefaultSiteThatIsThere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.command(t, 0, "", "site", "add", "second")
	s.command(t, 0, "", "site", "default", "second")
	s.command(t, 0, "", "agent", "add", "omar@shop.example", "--name", "Omar")
	m := firstLogin.FindStringSubmatch(s.command(t, 0, "", "setup"))
	if m == nil || m[1] != "admin@second.example" || !s.signsIn(t, "second", m[1], m[2]) || s.signsIn(t, "shop", m[1], m[2]) {
		t.Fatalf("%q", m)
	}
	if out := s.command(t, 0, "", "agent", "first", "lea@shop.example", "--site", "shop"); !strings.Contains(out, "/desk/shop") {
		t.Errorf("the other site's: %s", out)
	}
	if out := s.command(t, 0, "", "setup"); firstLogin.MatchString(out) {
		t.Errorf("%s", out)
	}
}

// The first site that somebody makes is the admin's: no empty one stays beside
// it, nor is the default one.
func TestSetup_TheFirstSiteIsTheAdmins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		first []string
		site  string
	}{
		{"added", []string{"site", "add", "mysite"}, "mysite"},
		{"ingested", []string{"ingest", "--site", "mysite", "--without-vectors"}, "mysite"},
		{"of the same name", []string{"site", "add", "shop"}, "shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := bare(t)
			m := firstLogin.FindStringSubmatch(s.command(t, 0, "", "setup"))
			if m == nil {
				t.Fatal("no login")
			}
			if c.first[0] == "ingest" {
				c.first = append(c.first, "../../evals/shop/knowledge")
			}
			s.command(t, 0, "", c.first...)
			s.command(t, 0, "", "site", "add", "second")
			var names []string
			s.scan(t, `SELECT array_agg(name || CASE WHEN is_default THEN '!' ELSE '' END ORDER BY site_id) FROM sites`, &names)
			if strings.Join(names, " ") != c.site+"! second" {
				t.Errorf("%v", names)
			}
			if !s.signsIn(t, "", m[1], m[2]) || !s.signsIn(t, c.site, m[1], m[2]) {
				t.Error("the admin cannot sign in there")
			}
		})
	}
}

// A site that is used already keeps its name, and so does one that only a file
// of vectors was made in.
func TestSetup_ASiteInUseIsNobodyElsesFirst(t *testing.T) {
	t.Parallel()
	for name, use := range map[string][]string{
		"settings": {"site", "set", "shop", "title=Kettles"},
		"people":   {"agent", "add", "omar@shop.example", "--name", "Omar"},
	} {
		s := bare(t)
		s.command(t, 0, "", "setup")
		s.command(t, 0, "", use...)
		s.command(t, 0, "", "site", "add", "mysite")
		var names []string
		s.scan(t, `SELECT array_agg(name ORDER BY site_id) FROM sites`, &names)
		if strings.Join(names, " ") != "shop mysite" {
			t.Errorf("%s: %v", name, names)
		}
	}
	s := bare(t)
	s.command(t, 0, "", "setup")
	conn, err := pgx.Connect(t.Context(), s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `
WITH v AS (INSERT INTO visitors (site_id, visitor_id, created_at) SELECT site_id, gen_random_uuid(), now() FROM sites RETURNING site_id, visitor_id)
INSERT INTO conversations (site_id, conversation_id, visitor_id, created_at, last_at) SELECT site_id, visitor_id, visitor_id, now(), now() FROM v`); err != nil {
		t.Fatal(err)
	}
	s.command(t, 0, "", "site", "add", "mysite")
	var n int
	s.scan(t, `SELECT count(*) FROM sites`, &n)
	if n != 2 {
		t.Errorf("somebody has talked to it, and it went into another: %d sites", n)
	}
}
