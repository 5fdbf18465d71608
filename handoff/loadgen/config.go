package loadgen

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

// Bounds of one run: beyond them one process is the wrong tool.
const (
	MostCustomers = 5000
	MostAgents    = 2000
	MostRate      = 2000 // messages a second
	MostTime      = 12 * time.Hour
)

// Config says who plays, how much and for how long.
type Config struct {
	// URLs are the addresses of the instances, "http://127.0.0.1:8080"; a player
	// goes on to the next one where one fails.
	URLs []string
	// Site is the site's name; empty: the only or default one.
	Site string
	// Customers play at the same time.
	Customers int
	// Logins are the agents, one each.
	Logins []Login
	// Rate is how many messages and presses a second all customers make together,
	// in the long run; 0: one for every two customers.
	Rate float64
	// For is how long new things are begun; 0: a minute.
	For time.Duration
	// Patience is how long after that what is under way may take, and a reader to
	// catch up; 0: 30 s.
	Patience time.Duration
	// Seed makes the players want the same again.
	Seed uint64
	Mix  Mix
	// Say is told now and then how it goes; nil: nobody is.
	Say func(Progress)
	// Foreign allows addresses that are not this machine's.
	Foreign bool
}

// Mix is how often players do what, of 100; the zero Mix is DefaultMix.
type Mix struct {
	Press    int // talks in which the button is pressed
	Hasty    int // of the presses: while the assistant is still answering
	Leave    int // of those who wait: who leave and come back
	Twice    int // messages that are sent twice
	Transfer int // cases that are passed on
	Release  int // that go back to the line
	Escalate int
	Waits    int // how many thoughts long a customer waits for somebody
}

// DefaultMix is a busy day: most who come want a person.
func DefaultMix() Mix {
	return Mix{Press: 80, Hasty: 20, Leave: 30, Twice: 5, Transfer: 10, Release: 5, Escalate: 5, Waits: 20}
}

func (c Config) withDefaults() Config {
	c.For = cmp.Or(c.For, time.Minute)
	c.Patience = cmp.Or(c.Patience, 30*time.Second)
	c.Rate = cmp.Or(c.Rate, float64(c.Customers)/2)
	if c.Mix == (Mix{}) {
		c.Mix = DefaultMix()
	}
	return c
}

func (c Config) validate() error {
	switch {
	case len(c.URLs) == 0:
		return errors.New("say the address of the service")
	case c.Customers < 1 || c.Customers > MostCustomers:
		return fmt.Errorf("customers: 1 to %d", MostCustomers)
	case len(c.Logins) > MostAgents:
		return fmt.Errorf("agents: at most %d", MostAgents)
	case c.Rate <= 0 || c.Rate > MostRate:
		return fmt.Errorf("rate: more than 0 and at most %d a second", MostRate)
	case c.For < time.Second || c.For > MostTime:
		return fmt.Errorf("for: a second to %s", MostTime)
	}
	for _, u := range c.URLs {
		if err := checkURL(u, c.Foreign); err != nil {
			return err
		}
	}
	return nil
}

// ErrForeign refuses to put load on a machine that is not this one.
var ErrForeign = errors.New("this address is not this machine's")

// checkURL takes plain addresses of services. A name is this machine's where it
// is "localhost"; whatever else it stands for may be somebody else's tomorrow.
func checkURL(address string, foreign bool) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("%q: write the address as http://127.0.0.1:8080", address)
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); foreign || ip != nil && ip.IsLoopback() || strings.EqualFold(host, "localhost") {
		return nil
	}
	return fmt.Errorf("%s: %w", u.Host, ErrForeign)
}

// ReadLogins reads lines of an address and a password; blank lines and those
// that begin with # are passed over.
func ReadLogins(r io.Reader) ([]Login, error) {
	b, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read the agents: %w", err)
	}
	var out []Login
	for i, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		email, password, ok := strings.Cut(line, " ")
		if password = strings.TrimSpace(password); !ok || password == "" || !strings.Contains(email, "@") {
			return nil, fmt.Errorf("read the agents: line %d is not an address, a blank and a password", i+1) // never the line: it may hold a password
		}
		out = append(out, Login{Email: email, Password: password})
	}
	return out, nil
}
