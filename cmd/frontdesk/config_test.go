package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// loadConfig reads a command line and an environment.
func loadConfig(t *testing.T, env map[string]string, args ...string) (config, error) {
	t.Helper()
	var c config
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	c.bind(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return c, c.load(flags, func(name string) string { return env[name] })
}

func TestConfig_FlagWinsOverVariableWinsOverDefault(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("  from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(t, map[string]string{
		"FRONTDESK_HOME": "/data", "FRONTDESK_ADDR": "127.0.0.1:1", "EMBEDDINGS_MODEL": "env", "EMBEDDINGS_API_KEY_FILE": file,
	}, "--addr", "127.0.0.1:2")
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:2" || !c.AddrGiven {
		t.Errorf("the flag wins: %s", c.Addr)
	}
	if c.EmbeddingsModel != "env" || c.Home != "/data" {
		t.Errorf("the variable is read: %q, %q", c.EmbeddingsModel, c.Home)
	}
	if c.EmbeddingsAPIKey != "from-file" {
		t.Errorf("the file's content is read, blanks cut off: %q", c.EmbeddingsAPIKey)
	}
	if c.AdminAddr != defaultAdminAddr || c.AdminAddrGiven {
		t.Errorf("the default stands: %q", c.AdminAddr)
	}
}

func TestConfig_EverySettingHasItsThreeForms(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"FRONTDESK_HOME": "/h", "FRONTDESK_WHEELS": t.TempDir(), "FRONTDESK_ADDR": "127.0.0.1:1", "FRONTDESK_ADMIN_ADDR": "127.0.0.1:2",
		"DATABASE_URL": "postgres://u@h/d", "EMBEDDINGS_BASE_URL": "http://h/v1", "EMBEDDINGS_MODEL": "m", "EMBEDDINGS_API_KEY": "k",
		"RERANK_BASE_URL": "http://h/v1", "RERANK_MODEL": "r", "RERANK_API_KEY": "k",
		"FRONTDESK_URL": "https://help.shop.example", "SMTP_URL": "smtp://u:p@h:587", "SMTP_FROM": "Shop <help@shop.example>",
	}
	var blank config
	for i, s := range blank.settings() {
		v, ok := values[s.env]
		if !ok {
			t.Fatalf("this test has no value for %s", s.env)
		}
		file := filepath.Join(t.TempDir(), "value")
		if err := os.WriteFile(file, []byte(v), 0o600); err != nil {
			t.Fatal(err)
		}
		for form, load := range map[string]func() (config, error){
			"variable": func() (config, error) { return loadConfig(t, map[string]string{"HOME": "/x", s.env: v}) },
			"file":     func() (config, error) { return loadConfig(t, map[string]string{"HOME": "/x", s.env + "_FILE": file}) },
			"flag":     func() (config, error) { return loadConfig(t, map[string]string{"HOME": "/x"}, "--"+s.flag, v) },
		} {
			c, err := load()
			if err != nil || *c.settings()[i].value != v {
				t.Errorf("%s as %s: got %q, %v", s.env, form, *c.settings()[i].value, err)
			}
		}
	}
}

func TestConfig_ErrorsNameTheVariableAndNeverTheSecret(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		says string
	}{
		{"an address without a port", map[string]string{"FRONTDESK_ADDR": "localhost"}, nil, "FRONTDESK_ADDR"},
		{"a port that is none", nil, []string{"--admin-addr", "x:99999"}, "--admin-addr"},
		{"a database address that cannot be read", map[string]string{"DATABASE_URL": "postgres://u:secret@h:port/x"}, nil, "DATABASE_URL"},
		{"a mail server without a scheme", map[string]string{"SMTP_URL": "secret@mail.example.org"}, nil, "SMTP_URL"},
		{"a service's address without a scheme", nil, []string{"--url", "help.shop.example"}, "--url"},
		{"an embedder without a scheme", map[string]string{"EMBEDDINGS_BASE_URL": "secret.example"}, nil, "EMBEDDINGS_BASE_URL"},
		{"a file that is not there", map[string]string{"EMBEDDINGS_API_KEY_FILE": "/no/such"}, nil, "EMBEDDINGS_API_KEY_FILE"},
		{"a file that is empty", map[string]string{"DATABASE_URL_FILE": empty}, nil, "DATABASE_URL_FILE"},
		{"a value and a file", map[string]string{"EMBEDDINGS_API_KEY": "secret", "EMBEDDINGS_API_KEY_FILE": empty}, nil, "unset one"},
		{"a folder of wheels that is not there", map[string]string{"FRONTDESK_WHEELS": "/no/such"}, nil, "FRONTDESK_WHEELS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := loadConfig(t, c.env, c.args...)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("want an error that says %s, got %v", c.says, err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Fatalf("a secret is in %q", err)
			}
		})
	}
}

func TestDefaultHome_IsInTheRepositoryElseTheUsersData(t *testing.T) {
	root, ok := repositoryRoot() // the tests run inside it
	if !ok {
		t.Fatal("the repository was not found")
	}
	if home, err := defaultHome(func(string) string { return "" }); err != nil || home != filepath.Join(root, ".frontdesk") {
		t.Errorf("in the repository: %q, %v", home, err)
	}
	t.Chdir(t.TempDir())
	getenv := func(env map[string]string) func(string) string {
		return func(name string) string { return env[name] }
	}
	if home, err := defaultHome(getenv(map[string]string{"HOME": "/home/u", "XDG_DATA_HOME": "/data"})); err != nil || home != "/data/frontdesk" {
		t.Errorf("elsewhere: %q, %v", home, err)
	}
	if home, err := defaultHome(getenv(map[string]string{"HOME": "/home/u"})); err != nil || !strings.HasPrefix(home, "/home/u/") {
		t.Errorf("elsewhere: %q, %v", home, err)
	}
	if _, err := defaultHome(getenv(nil)); err == nil || !strings.Contains(err.Error(), "FRONTDESK_HOME") {
		t.Errorf("nowhere: %v", err)
	}
}

func TestRun_ExitStatuses(t *testing.T) {
	t.Parallel()
	home := map[string]string{"FRONTDESK_HOME": filepath.Join(t.TempDir(), "home")}
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"help", []string{"--help"}, 0, ""},
		{"an unknown flag", []string{"setup", "--no-such"}, exitUsage, "no-such"},
		{"an unknown command", []string{"no-such"}, exitUsage, "no-such"},
		{"too many arguments", []string{"setup", "x"}, exitUsage, `"x"`},
		{"a bad setting", []string{"setup", "--addr", "x"}, exitUsage, "--addr"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := cli(t, home, "", c.args...)
			if status != c.status || !strings.Contains(stderr, c.says) {
				t.Fatalf("want status %d and %q, got %d\n%s", c.status, c.says, status, stderr)
			}
			if c.status != 0 && stdout != "" {
				t.Fatalf("an error belongs on standard error, got %q", stdout)
			}
		})
	}
}
