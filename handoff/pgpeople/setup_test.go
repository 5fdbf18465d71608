package pgpeople

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/people"
	"frontdesk/internal/pgtest"
)

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// counter counts what is derived.
type counter struct {
	*people.Hasher
	mu       sync.Mutex
	verified int
	made     int
}

func (c *counter) Verify(ctx context.Context, hash, password string) (right, stale bool, err error) {
	c.mu.Lock()
	c.verified++
	c.mu.Unlock()
	return c.Hasher.Verify(ctx, hash, password)
}

func (c *counter) Hash(ctx context.Context, password string) (string, error) {
	c.mu.Lock()
	c.made++
	c.mu.Unlock()
	return c.Hasher.Hash(ctx, password)
}

// roster changes agents as the desk does, without its cases.
type roster struct{ pool *pgxpool.Pool }

func (r roster) Agents(ctx context.Context, a handoff.Actor) ([]handoff.Agent, error) {
	s := &Store{pool: r.pool}
	list, err := s.People(ctx, a.Site)
	out := make([]handoff.Agent, 0, len(list))
	for _, p := range list {
		out = append(out, handoff.Agent{ID: p.ID, Email: p.Email, Name: p.Name, Role: p.Role, Disabled: p.Disabled, Capacity: 5})
	}
	return out, err
}

func (r roster) SetAgent(ctx context.Context, a handoff.Actor, g handoff.Agent) (handoff.Agent, error) {
	state := "active"
	if g.Disabled {
		state = "disabled"
	}
	_, err := r.pool.Exec(ctx, `UPDATE agents SET name = $3, role = $4, state = $5 WHERE site_id = $1 AND agent_id = $2`, a.Site, g.ID, g.Name, string(g.Role), state)
	return g, err
}

type bundle struct {
	pool   *pgxpool.Pool
	store  *Store
	people *people.People
	clock  *clock
	hashes *counter
	log    *bytes.Buffer
	site   int32
}

const (
	marasPassword = "plum orbit kettle"
	theirAddress  = "mara@example.com"
)

func setup(t *testing.T) *bundle { t.Helper(); return setupWith(t, people.Config{}) }

func setupWith(t *testing.T, cfg people.Config) *bundle {
	t.Helper()
	b := &bundle{pool: pgtest.New(t), clock: &clock{at: time.Now().UTC().Truncate(time.Millisecond)}, log: &bytes.Buffer{}}
	var err error
	if b.store, err = New(b.pool); err != nil {
		t.Fatal(err)
	}
	b.hashes = b.hasher(t, people.Params{MemoryKiB: 64, Passes: 1})
	b.people = b.with(t, b.hashes, cfg)
	b.site = b.addSite(t, "shop")
	return b
}

func (b *bundle) hasher(t *testing.T, p people.Params) *counter {
	t.Helper()
	h, err := people.NewHasher(p, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &counter{Hasher: h}
}

// with is another instance on the same database.
func (b *bundle) with(t *testing.T, h *counter, cfg people.Config) *people.People {
	t.Helper()
	p, err := people.New(people.Deps{
		Store: b.store, Hasher: h, Roster: roster{b.pool}, Log: slog.New(slog.NewJSONHandler(b.log, nil)),
		Now: b.clock.now, NewID: func() convo.ID { return uuid.Must(uuid.NewV7()) }, Random: rand.Reader,
	}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *bundle) addSite(t *testing.T, name string) (id int32) {
	t.Helper()
	if err := b.pool.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ($1) RETURNING site_id`, name).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// person makes somebody with a password.
func (b *bundle) person(t *testing.T, email string, role handoff.Role, queues []string, password string) convo.ID {
	t.Helper()
	hash, err := b.hashes.Hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	p := people.Person{ID: uuid.Must(uuid.NewV7()), Email: email, Name: "Mara", Role: role, Queues: queues, CreatedAt: b.clock.now()}
	id, made, err := b.store.Ensure(t.Context(), b.site, p, hash, false, people.Entry{At: b.clock.now(), Actor: "test", Action: people.ActPasswordSet})
	if err != nil || !made {
		t.Fatal(made, err)
	}
	return id
}

func attempt(email, password string) people.Attempt {
	return people.Attempt{Email: email, Password: password, Where: from("192.0.2.1")}
}

func from(place string) people.Where {
	return people.Where{Address: place, Place: place, UserAgent: "a browser"}
}

func (b *bundle) login(t *testing.T, email, password string) (people.Who, string) {
	t.Helper()
	who, token, err := b.people.Login(t.Context(), attempt(email, password))
	if err != nil {
		t.Fatal(err)
	}
	return who, token.Reveal()
}

// who asks as a request does.
func (b *bundle) who(token string) (people.Who, error) {
	return b.people.Who(context.Background(), token, from("192.0.2.1"))
}

func (b *bundle) refused(t *testing.T, token string, want error, when string) {
	t.Helper()
	if who, err := b.who(token); !errors.Is(err, want) {
		t.Errorf("%s: %+v, %v; want %v", when, who.Person.Email, err, want)
	}
}

func (b *bundle) system() handoff.Actor { return handoff.System(b.site, "terminal") }

func (b *bundle) audit(t *testing.T, v people.AuditView) []people.Entry {
	t.Helper()
	page, err := b.people.Audit(t.Context(), b.system(), v)
	if err != nil {
		t.Fatal(err)
	}
	return page.Entries
}

func (b *bundle) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := b.pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
