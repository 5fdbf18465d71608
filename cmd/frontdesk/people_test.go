package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/handoff/people"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// agentCLI runs one of the commands about access on a database.
func agentCLI(t *testing.T, dsn, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	env := map[string]string{"DATABASE_URL": dsn, "FRONTDESK_HOME": t.TempDir()}
	a := &app{getenv: func(k string) string { return env[k] }, stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs}
	root := newRootCommand(a)
	root.SetArgs(append([]string{"agent"}, args...))
	err = root.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

func peopleDatabase(t *testing.T) (dsn string) {
	t.Helper()
	dsn = pgtest.DSN(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), `INSERT INTO sites (name) VALUES ('shop'), ('other')`); err != nil {
		t.Fatal(err)
	}
	return dsn
}

func TestAgentCommands_FromTheFirstAdminToTheEndOfASession(t *testing.T) {
	t.Parallel()
	dsn := peopleDatabase(t)
	must := func(stdin string, args ...string) string {
		t.Helper()
		out, errs, err := agentCLI(t, dsn, stdin, args...)
		if err != nil {
			t.Fatalf("%v: %v %s", args, err, errs)
		}
		return out
	}
	fields := strings.Fields(must("", "first", "Robin@Example.com", "--name", "Robin"))
	if len(fields) != 2 || fields[0] != "robin@example.com" || people.CheckPassword(fields[1]) != nil {
		t.Fatalf("got %q", fields)
	}
	if out, _, err := agentCLI(t, dsn, "", "first", "eve@example.com"); err == nil || out != "" || !strings.Contains(err.Error(), "agent password") {
		t.Errorf("a second first admin: %q %v", out, err)
	}
	var link struct{ Link, Email, Role, Kind string }
	if err := json.Unmarshal([]byte(must("", "invite", "tom@example.com", "--role", "lead", "--queue", "service", "--url", "https://desk.example.com/", "--json")), &link); err != nil {
		t.Fatal(err)
	}
	base, token, ok := strings.Cut(link.Link, "#join=")
	if !ok || base != "https://desk.example.com/desk" || link.Role != "lead" || link.Kind != "join" {
		t.Errorf("%+v", link)
	}
	pool, err := pg.Open(t.Context(), dsn, pg.PoolConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	a := &app{stderr: &bytes.Buffer{}}
	newRootCommand(a)
	p, err := a.newPeople(pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	who, _, err := p.Accept(t.Context(), people.Acceptance{Token: token, Name: "Tom", Password: "plum orbit kettle", Where: people.Where{Place: "192.0.2.1", Address: "192.0.2.1", UserAgent: "a browser"}})
	if err != nil || !slices.Equal(who.Person.Queues, []string{"service"}) {
		t.Fatalf("%+v %v", who.Person, err)
	}
	if out := must("", "sessions", "tom@example.com"); !strings.Contains(out, "live") || !strings.Contains(out, "192.0.2.1") || !strings.Contains(out, "a browser") {
		t.Errorf("sessions: %s", out)
	}
	if _, _, err := agentCLI(t, dsn, "", "revoke", "robin@example.com", "--session", who.Session.ID.String()); err == nil {
		t.Error("a session of somebody else is ended in their name")
	}
	if out := must("", "revoke", "tom@example.com", "--session", who.Session.ID.String()); !strings.Contains(out, "ended 1") {
		t.Errorf("revoke: %s", out)
	}
	if out := must("", "sessions", "tom@example.com", "--json"); !strings.Contains(out, `"state":"revoked"`) {
		t.Errorf("sessions afterwards: %s", out)
	}
	for _, c := range []struct{ want, args string }{
		{"service", ""}, {"sales\nsupport", "support sales"}, {"sales\nsupport", ""}, {"no queue", "--none"}, {"all queues", "--all"}, {"all queues", ""},
	} {
		if out := must("", append([]string{"queues", "tom@example.com"}, strings.Fields(c.args)...)...); strings.TrimSpace(out) != c.want {
			t.Errorf("queues %s: %s", c.args, out)
		}
	}
	if out := must("", "revoke", "tom@example.com"); !strings.Contains(out, "ended 0") {
		t.Errorf("revoke all: %s", out)
	}
	if out := must("teal bicycle harbour\n", "password", "tom@example.com", "--stdin"); strings.Contains(out, "teal") {
		t.Errorf("a given password is printed: %s", out)
	}
	login := func(password string) error {
		_, _, err := p.Login(t.Context(), people.Attempt{Site: "shop", Email: "tom@example.com", Password: password, Where: people.Where{Place: "192.0.2.1"}})
		return err
	}
	if err := login("teal bicycle harbour"); err != nil {
		t.Error(err)
	}
	made := strings.Fields(must("", "password", "tom@example.com"))
	if err := login(made[1]); err != nil {
		t.Error(err)
	}
	if out := must("", "audit", "--json", "--email", "tom@example.com"); !strings.Contains(out, `"action":"login"`) || strings.Contains(out, "session_revoked") {
		t.Errorf("audit of one: %s", out)
	}
	if out := must("", "audit", "--limit", "3"); strings.Count(out, "\n") != 4 {
		t.Errorf("three lines and a head: %s", out)
	}
}

func TestAgentInvite_ASecondOneSaysWhatItReplacesAndKeepsTheQueues(t *testing.T) {
	t.Parallel()
	dsn := peopleDatabase(t)
	for _, c := range []struct{ name, args, says, not string }{
		{"the first", "--queue support --queue sales --role lead", "invited as lead; works in sales, support", "takes the place"},
		{"without queues", "", "invited as agent; works in sales, support\nit takes the place of the invitation of", "all queues"},
		{"with another queue", "--queue quick", "works in quick\n", "all queues"},
		{"with all", "--all-queues", "works in all queues\n", "works in quick"},
		{"with none", "--no-queue", "works in no queue\n", "works in all"},
	} {
		_, stderr, err := agentCLI(t, dsn, "", append([]string{"invite", "tom@example.com"}, strings.Fields(c.args)...)...)
		if err != nil || !strings.Contains(stderr, c.says) || strings.Contains(stderr, c.not) {
			t.Errorf("%s: %v %s", c.name, err, stderr)
		}
	}
	out, _, err := agentCLI(t, dsn, "", "invite", "tom@example.com", "--json")
	if err != nil || !strings.Contains(out, `"replaces":{"created_at":`) || !strings.Contains(out, `"queues":[],`) {
		t.Errorf("as JSON: %v %s", err, out)
	}
}

func TestAgentCommands_SayWhatIsWrong(t *testing.T) {
	t.Parallel()
	dsn := peopleDatabase(t)
	if _, _, err := agentCLI(t, dsn, "", "first", "robin@example.com"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args  []string
		stdin string
		says  string
		usage bool
	}{
		"nobody":                {[]string{"password", "nobody@example.com"}, "", "nobody at the desk of shop", false},
		"of another site":       {[]string{"password", "robin@example.com", "--site", "other"}, "", "nobody at the desk of other", false},
		"no such site":          {[]string{"sessions", "robin@example.com", "--site", "attic"}, "", "site", false},
		"no address":            {[]string{"invite", "robin"}, "", "e-mail", false},
		"a role that is none":   {[]string{"invite", "tom@example.com", "--role", "king"}, "", "role", false},
		"a queue that is none":  {[]string{"invite", "tom@example.com", "--queue", "attic"}, "", "attic", false},
		"queue and no queue":    {[]string{"invite", "tom@example.com", "--queue", "service", "--no-queue"}, "", "contradict", true},
		"queue and all queues":  {[]string{"invite", "tom@example.com", "--queue", "service", "--all-queues"}, "", "contradict", true},
		"queues that are none":  {[]string{"queues", "robin@example.com", "attic"}, "", "attic", false},
		"all queues and one":    {[]string{"queues", "robin@example.com", "service", "--all"}, "", "--none", true},
		"somebody who is there": {[]string{"invite", "robin@example.com"}, "", "at the desk already", false},
		"a weak password":       {[]string{"password", "robin@example.com", "--stdin"}, "short\n", "at least 12", false},
		"no password":           {[]string{"password", "robin@example.com", "--stdin"}, "", "at least 12", false},
		"no session's id":       {[]string{"revoke", "robin@example.com", "--session", "x"}, "", "no session's id", true},
		"nothing named":         {[]string{"password"}, "", "arg", true},
	} {
		_, _, err := agentCLI(t, dsn, c.stdin, c.args...)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, usage := errors.AsType[usageError](err); usage != c.usage && name != "nothing named" {
			t.Errorf("%s: a usage error: %v", name, usage)
		}
		if _, raw := fault.As(err); raw {
			t.Errorf("%s: not in words for the terminal: %v", name, err)
		}
	}
}

func TestDemoLogins_AreTheSameAtEveryStart(t *testing.T) {
	t.Parallel()
	dsn := peopleDatabase(t)
	logins := func() string {
		a := &app{getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
		newRootCommand(a)
		a.config.DatabaseURL = dsn
		var out string
		err := a.withStore(t.Context(), func(st *store) (err error) {
			out, err = a.demoLogins(t.Context(), st)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := logins()
	if !strings.Contains(first, "mara@kettlewick.example") || !strings.Contains(first, "robin@kettlewick.example") || strings.Contains(first, "changed") {
		t.Fatal(first)
	}
	if again := logins(); again != first {
		t.Errorf("%s\nand then\n%s", first, again)
	}
	if _, _, err := agentCLI(t, dsn, "", "password", "mara@kettlewick.example"); err != nil {
		t.Fatal(err)
	}
	if after := logins(); !strings.Contains(after, "changed") || !strings.Contains(after, "robin@kettlewick.example") {
		t.Errorf("after a change: %s", after)
	}
}
