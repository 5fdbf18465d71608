package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/pflag"
)

// config holds every setting. Each is an environment variable, the same
// variable with _FILE (the file's content, blanks around it cut off), and a
// flag; the flag wins over the variable.
type config struct {
	Home             string // FRONTDESK_HOME
	Wheels           string // FRONTDESK_WHEELS: a folder of wheels to set up from, without network
	Addr             string // FRONTDESK_ADDR, host:port
	AdminAddr        string // FRONTDESK_ADMIN_ADDR, host:port
	DatabaseURL      string // DATABASE_URL; empty: the private Postgres
	EmbeddingsURL    string // EMBEDDINGS_BASE_URL, up to and with /v1; empty: the private embedder
	EmbeddingsModel  string // EMBEDDINGS_MODEL
	EmbeddingsAPIKey string // EMBEDDINGS_API_KEY
	RerankURL        string // RERANK_BASE_URL, up to what stands before /rerank; empty: none
	RerankModel      string // RERANK_MODEL
	RerankAPIKey     string // RERANK_API_KEY
	URL              string // FRONTDESK_URL: where customers reach this service, for links in mails; empty: the address it serves on
	SMTPURL          string // SMTP_URL: the mail server; empty: mails are kept as not sent
	SMTPFrom         string // SMTP_FROM: "Shop <help@shop.example>"

	// AddrGiven and AdminAddrGiven say that somebody chose the address: a port
	// that is taken is then an error, where the default moves to the next.
	AddrGiven      bool
	AdminAddrGiven bool
}

// The addresses where nothing is set.
const (
	defaultAddr      = "127.0.0.1:8080"
	defaultAdminAddr = "127.0.0.1:8081"
)

// setting is one row of the table that flags, variables and checks come from.
type setting struct {
	env, flag string
	value     *string
	usage     string
	check     func(string) error
	given     *bool
}

func (c *config) settings() []setting {
	return []setting{
		{env: "FRONTDESK_HOME", flag: "home", value: &c.Home, usage: "folder for everything the program fetches or keeps"},
		{env: "FRONTDESK_WHEELS", flag: "wheels", value: &c.Wheels, usage: "folder of downloaded packages to set up from, without network", check: checkFolder},
		{env: "FRONTDESK_ADDR", flag: "addr", value: &c.Addr, usage: "address to serve customers on (default " + defaultAddr + ")", check: checkAddr, given: &c.AddrGiven},
		{env: "FRONTDESK_ADMIN_ADDR", flag: "admin-addr", value: &c.AdminAddr, usage: "address for metrics and profiles, never public (default " + defaultAdminAddr + ")", check: checkAddr, given: &c.AdminAddrGiven},
		{env: "DATABASE_URL", flag: "database-url", value: &c.DatabaseURL, usage: "a Postgres ≥ 15 with pgvector ≥ 0.8 instead of the private one", check: checkDatabaseURL},
		{env: "EMBEDDINGS_BASE_URL", flag: "embeddings-base-url", value: &c.EmbeddingsURL, usage: "an OpenAI-compatible embeddings server instead of the private one", check: checkBaseURL},
		{env: "EMBEDDINGS_MODEL", flag: "embeddings-model", value: &c.EmbeddingsModel, usage: "the model to ask that server for"},
		{env: "EMBEDDINGS_API_KEY", flag: "embeddings-api-key", value: &c.EmbeddingsAPIKey, usage: "the key for that server (better in the environment: command lines can be seen)"},
		{env: "RERANK_BASE_URL", flag: "rerank-base-url", value: &c.RerankURL, usage: "a server with /rerank that puts the first few passages in order (optional)", check: checkBaseURL},
		{env: "RERANK_MODEL", flag: "rerank-model", value: &c.RerankModel, usage: "the model to ask that server for"},
		{env: "RERANK_API_KEY", flag: "rerank-api-key", value: &c.RerankAPIKey, usage: "the key for that server (better in the environment)"},
		{env: "FRONTDESK_URL", flag: "url", value: &c.URL, usage: "the address under which customers reach this service, for links in e-mails (default: the one it serves on)", check: checkURL},
		{env: "SMTP_URL", flag: "smtp-url", value: &c.SMTPURL, usage: "the mail server, smtp://user:password@host:587 or smtps://… (better in the environment); without it mails are kept as not sent", check: checkSMTP},
		{env: "SMTP_FROM", flag: "smtp-from", value: &c.SMTPFrom, usage: "the sender of e-mails, \"Shop <help@shop.example>\""},
	}
}

// bind declares the flags.
func (c *config) bind(flags *pflag.FlagSet) {
	for _, s := range c.settings() {
		flags.StringVar(s.value, s.flag, "", s.usage+" ["+s.env+"]")
	}
}

// load fills in what no flag has set, from the environment, and checks all of
// it. An error names the variable or the flag it came from, and never a value
// that may be secret.
func (c *config) load(flags *pflag.FlagSet, getenv func(string) string) error {
	for _, s := range c.settings() {
		source := "--" + s.flag
		if f := flags.Lookup(s.flag); f == nil || !f.Changed {
			v, from, err := fromEnv(s.env, getenv)
			if err != nil {
				return err
			}
			*s.value, source = v, from
		}
		if *s.value == "" {
			continue
		}
		if s.given != nil {
			*s.given = true
		}
		if s.check == nil {
			continue
		}
		if err := s.check(*s.value); err != nil {
			return usageError{fmt.Errorf("%s: %w", source, err)}
		}
	}
	return c.defaults(getenv)
}

// fromEnv reads a variable, or the file its _FILE form names.
func fromEnv(name string, getenv func(string) string) (value, source string, err error) {
	value, path := strings.TrimSpace(getenv(name)), getenv(name+"_FILE")
	if path == "" {
		return value, name, nil
	}
	if value != "" {
		return "", "", usageError{fmt.Errorf("%s and %s_FILE are both set: unset one", name, name)}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", "", usageError{fmt.Errorf("%s_FILE: %w", name, err)}
	}
	if value = strings.TrimSpace(string(b)); value == "" {
		return "", "", usageError{fmt.Errorf("%s_FILE: the file %s is empty", name, path)}
	}
	return value, name + "_FILE", nil
}

func (c *config) defaults(getenv func(string) string) error {
	if c.Addr == "" {
		c.Addr = defaultAddr
	}
	if c.AdminAddr == "" {
		c.AdminAddr = defaultAdminAddr
	}
	if c.Home == "" {
		home, err := defaultHome(getenv)
		if err != nil {
			return err
		}
		c.Home = home
	}
	abs, err := filepath.Abs(c.Home)
	if err != nil {
		return fmt.Errorf("FRONTDESK_HOME: %w", err)
	}
	c.Home = abs
	return nil
}

// defaultHome is .frontdesk beside the repository's go.mod when the program is
// run inside it, else in the user's data folder.
func defaultHome(getenv func(string) string) (string, error) {
	if root, ok := repositoryRoot(); ok {
		return filepath.Join(root, ".frontdesk"), nil
	}
	if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "frontdesk"), nil
	}
	user := getenv("HOME")
	if user == "" {
		return "", usageError{errors.New("no home folder is known for this user: name a folder in FRONTDESK_HOME")}
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(user, "Library", "Application Support", "frontdesk"), nil
	}
	return filepath.Join(user, ".local", "share", "frontdesk"), nil
}

// repositoryRoot looks for our go.mod in the current folder and above.
func repositoryRoot() (string, bool) {
	dir, err := os.Getwd()
	if err != nil {
		return "", false
	}
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(b), "module frontdesk\n") {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

func checkFolder(v string) error {
	info, err := os.Stat(v)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder", v)
	}
	return nil
}

func checkAddr(v string) error {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("%q is no address: write it as host:port, for example %s", v, defaultAddr)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port between 0 and 65535", v)
	}
	return nil
}

// checkDatabaseURL never repeats the value: it may hold a password.
func checkDatabaseURL(v string) error {
	if _, err := pgxpool.ParseConfig(v); err != nil {
		return errors.New("this cannot be read: write it as postgres://user:password@host:5432/database")
	}
	return nil
}

func checkBaseURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("this is no web address: write it as https://host/v1")
	}
	return nil
}
