package pg

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/proc"
)

const (
	// clusterMajor is the major version of the private Postgres; a data folder
	// of another cannot be opened by it.
	clusterMajor = "16"
	// clusterUser is the private cluster's one role.
	clusterUser = "frontdesk"
	// Database is the name of the product's database in the private cluster.
	Database = "frontdesk"
	// passwordFile lies in the data folder: it lives and goes with the data.
	passwordFile = "frontdesk.password"
)

// cluster is the private Postgres of a home.
type cluster struct {
	bin      string // folder of the programs
	data     string // the data folder
	sockets  string
	settings []string

	mu       sync.Mutex
	password string
	conn     *pgx.Conn // kept for the checks
}

// Service describes the home's private Postgres for the supervisor. Its socket
// is made in socketDir; its endpoint is a DSN of the database "postgres".
func Service(h *proc.Home, socketDir string) (proc.Service, error) {
	install, err := h.PostgresDir()
	if err != nil {
		return proc.Service{}, err
	}
	c := &cluster{
		bin:      filepath.Join(install, "bin"),
		data:     filepath.Join(h.DataDir(), "postgres-"+clusterMajor),
		sockets:  socketDir,
		settings: settings(thisMachine()),
	}
	return proc.Service{
		Name:     proc.Postgres,
		Prepare:  c.prepare,
		Command:  c.command,
		Check:    c.check,
		Endpoint: c.dsn,
		// Fast shutdown: sessions end, a checkpoint is written. Then immediate:
		// recovered from the log at the next start.
		Stops:     []proc.Stop{{Signal: syscall.SIGINT, Wait: 20 * time.Second}, {Signal: syscall.SIGQUIT, Wait: 5 * time.Second}},
		Orphan:    syscall.SIGINT,
		StartWait: 5 * time.Minute, // recovery after a crash reads up to max_wal_size
	}, nil
}

// prepare makes the cluster the first time, and ends what a killed supervisor
// may have left of it.
func (c *cluster) prepare(ctx context.Context, note func(string)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropConn()
	if _, err := os.Stat(filepath.Join(c.data, "PG_VERSION")); errors.Is(err, fs.ErrNotExist) {
		note("making the database cluster, the first time")
		if err := c.init(ctx); err != nil {
			return err
		}
	}
	if err := c.checkVersion(); err != nil {
		return err
	}
	if err := endStale(ctx, c.data, note); err != nil {
		return err
	}
	for _, name := range []string{".s.PGSQL.5432", ".s.PGSQL.5432.lock"} {
		// Of a postmaster that was killed; ours is the only one here.
		_ = os.Remove(filepath.Join(c.sockets, name))
	}
	b, err := os.ReadFile(filepath.Join(c.data, passwordFile))
	if err != nil {
		return fmt.Errorf("read the cluster's password: %w", err)
	}
	c.password = strings.TrimSpace(string(b))
	return nil
}

func (c *cluster) checkVersion() error {
	b, err := os.ReadFile(filepath.Join(c.data, "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("read the cluster's version: %w", err)
	}
	if got := strings.TrimSpace(string(b)); got != clusterMajor {
		return fmt.Errorf("the cluster in %s was made by Postgres %s, this is %s: dump it with the old version, or move it away to begin anew", c.data, got, clusterMajor)
	}
	return nil
}

// init runs initdb under another name and renames the whole.
func (c *cluster) init(ctx context.Context) error {
	old, err := filepath.Glob(filepath.Join(filepath.Dir(c.data), "new-*"))
	if err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	for _, name := range old {
		_ = os.RemoveAll(name) // of a start that was cut short; what stays is only room
	}
	tmp, err := os.MkdirTemp(filepath.Dir(c.data), "new-")
	if err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	password := rand.Text()
	pwfile := filepath.Join(tmp, passwordFile)
	if err := os.WriteFile(pwfile, []byte(password+"\n"), 0o600); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	dir := filepath.Join(tmp, "data")
	for _, locale := range []string{"C.UTF-8", "C"} { // the second where the system has no C.UTF-8
		if err = c.initdb(ctx, dir, pwfile, locale); err == nil {
			break
		}
		if ctx.Err() != nil {
			return fmt.Errorf("make the cluster: %w", ctx.Err())
		}
	}
	if err != nil {
		return err
	}
	if err := os.Rename(pwfile, filepath.Join(dir, passwordFile)); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	if err := os.Rename(dir, c.data); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	return nil
}

func (c *cluster) initdb(ctx context.Context, dir, pwfile, locale string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"),
		"--pgdata", dir, "--username", clusterUser, "--pwfile", pwfile, "--auth", "scram-sha-256",
		"--encoding", "UTF8", "--locale", locale, "--no-instructions")
	cmd.Env, cmd.Dir = environment(), "/"
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := proc.RunTied(cmd); err != nil {
		return fmt.Errorf("make the cluster: initdb: %w: %s", err, lastLine(said.String()))
	}
	return nil
}

func (c *cluster) command() proc.Command {
	args := []string{"-D", c.data, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + quoteList(c.sockets)}
	for _, s := range c.settings {
		args = append(args, "-c", s)
	}
	return proc.Command{Path: filepath.Join(c.bin, "postgres"), Args: args, Env: environment(), Dir: c.data}
}

// quoteList quotes a folder for a setting that is a list of them.
func quoteList(dir string) string {
	return `"` + strings.ReplaceAll(dir, `"`, `""`) + `"`
}

func environment() []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "LC_MESSAGES=C", "TZ=UTC"}
}

func (c *cluster) dsn() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dsnLocked()
}

func (c *cluster) dsnLocked() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(clusterUser, c.password), Path: "/postgres",
		RawQuery: url.Values{"host": {c.sockets}, "port": {"5432"}, "sslmode": {"disable"}}.Encode(),
	}
	return u.String()
}

// check asks a real question over a connection that is kept.
func (c *cluster) check(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		cfg, err := pgx.ParseConfig(c.dsnLocked())
		if err != nil {
			return err
		}
		cfg.RuntimeParams["application_name"] = "frontdesk supervisor"
		if c.conn, err = pgx.ConnectConfig(ctx, cfg); err != nil {
			return err
		}
	}
	if _, err := c.conn.Exec(ctx, "SELECT 1"); err != nil {
		c.dropConn()
		return err
	}
	return nil
}

// dropConn lets go of the checks' connection; the lock is held.
func (c *cluster) dropConn() {
	if c.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.conn.Close(ctx)
	c.conn = nil
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
