package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
	"time"
)

// Config is how mail goes out.
type Config struct {
	// Host and Port of the server; 587 where the URL names none (465 for smtps).
	Host, Port string
	User, Pass string // both empty: no login
	// TLS is from the first byte on (smtps). Otherwise STARTTLS is used where the
	// server offers it, and asked for where MustTLS is set.
	TLS, MustTLS bool
	From         mail.Address
	// Budget bounds one message, from dialling to the server's last word; 0: 25 s.
	Budget time.Duration
	// Hello is the name this machine gives itself; empty: "localhost".
	Hello string
	// Roots checks the server's certificate; nil: the system's.
	Roots *tls.Config
}

// ReadConfig reads SMTP_URL and SMTP_FROM. Its errors never repeat the URL,
// which may hold a password.
//
//	smtp://user:password@mail.example.org:587            STARTTLS where offered
//	smtp://mail.example.org:25?tls=required              no mail without it
//	smtps://user:password@mail.example.org:465           TLS from the first byte
func ReadConfig(smtpURL, from string) (Config, error) {
	u, err := url.Parse(smtpURL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return Config{}, errors.New("write it as smtp://user:password@mail.example.org:587, or smtps:// for TLS from the first byte")
	}
	c := Config{Host: u.Hostname(), Port: u.Port(), TLS: u.Scheme == "smtps"}
	for key, v := range u.Query() {
		if key != "tls" || len(v) != 1 || v[0] != "required" {
			return Config{}, errors.New("the only option is tls=required")
		}
		c.MustTLS = true
	}
	c.Port = cmp.Or(c.Port, map[bool]string{true: "465", false: "587"}[c.TLS])
	c.User = u.User.Username()
	c.Pass, _ = u.User.Password()
	parsed, err := mail.ParseAddress(from)
	if err != nil {
		return Config{}, errors.New(`SMTP_FROM has to be an address, such as "Shop <help@shop.example>"`)
	}
	address, ok := plainAddress(parsed.Address)
	if !ok || strings.ContainsAny(parsed.Name, "\r\n") {
		return Config{}, errors.New(`SMTP_FROM has to be an address with a domain, such as "Shop <help@shop.example>"`)
	}
	c.From = mail.Address{Name: parsed.Name, Address: address}
	return c, nil
}

// Error is why a message was not taken.
type Error struct {
	Stage   string // dial, hello, tls, login, sender, recipient, text
	Code    int    // of the server's answer; 0: it gave none
	Refused bool   // for good: sending it again is of no use
	Err     error
}

// Error names the stage and the server's code, and never an address.
func (e *Error) Error() string {
	switch {
	case e.Code != 0:
		return fmt.Sprintf("the mail server answered %d at %s", e.Code, e.Stage)
	case errors.Is(e.Err, context.DeadlineExceeded) || isTimeout(e.Err):
		return "the mail server did not answer in time at " + e.Stage
	default:
		return "the mail server could not be reached at " + e.Stage
	}
}

func (e *Error) Unwrap() error { return e.Err }

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

// Refused says whether sending again is of no use.
func Refused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Refused
}

// Sender sends messages, each over a connection of its own: a desk sends a few
// a minute. It is safe for concurrent use.
type Sender struct{ cfg Config }

// NewSender makes a Sender; nothing is dialled yet.
func NewSender(cfg Config) (*Sender, error) {
	if cfg.Host == "" || cfg.Port == "" || cfg.From.Address == "" {
		return nil, errors.New("mail: host, port and sender are needed")
	}
	cfg.Budget = cmp.Or(cfg.Budget, 25*time.Second)
	cfg.Hello = cmp.Or(cfg.Hello, "localhost")
	return &Sender{cfg: cfg}, nil
}

// From is the sender's address.
func (s *Sender) From() mail.Address { return s.cfg.From }

// Send hands a message to the server. Errors are *Error.
func (s *Sender) Send(ctx context.Context, m Message) error {
	m.From = s.cfg.From
	raw, err := m.Bytes()
	if err != nil {
		return &Error{Stage: "text", Refused: true, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Budget)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return fail("dial", err)
	}
	// Whatever hangs ends with the connection.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	c, err := smtp.NewClient(conn, s.cfg.Host)
	if err != nil {
		_ = conn.Close()
		return fail("hello", err)
	}
	defer func() { _ = c.Close() }()
	return s.session(c, m.To, raw)
}

func (s *Sender) dial(ctx context.Context) (net.Conn, error) {
	address := net.JoinHostPort(s.cfg.Host, s.cfg.Port)
	if s.cfg.TLS {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

func (s *Sender) tls() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.cfg.Roots != nil {
		c = s.cfg.Roots.Clone()
	}
	c.ServerName = cmp.Or(c.ServerName, s.cfg.Host)
	return c
}

func (s *Sender) session(c *smtp.Client, to string, raw []byte) error {
	if err := c.Hello(s.cfg.Hello); err != nil {
		return fail("hello", err)
	}
	if !s.cfg.TLS {
		offered, _ := c.Extension("STARTTLS")
		if s.cfg.MustTLS && !offered {
			return &Error{Stage: "tls", Err: errors.New("the server offers no STARTTLS")}
		}
		if offered {
			if err := c.StartTLS(s.tls()); err != nil {
				return fail("tls", err)
			}
		}
	}
	if s.cfg.User != "" {
		// A wrong password is mended by whoever runs this, not by giving up.
		if err := c.Auth(s.auth(c)); err != nil {
			return temporary("login", err)
		}
	}
	if err := c.Mail(s.cfg.From.Address); err != nil {
		return fail("sender", err)
	}
	if err := c.Rcpt(to); err != nil {
		return fail("recipient", err)
	}
	w, err := c.Data()
	if err != nil {
		return fail("text", err)
	}
	if _, err := bytes.NewReader(raw).WriteTo(w); err != nil {
		return fail("text", err)
	}
	if err := w.Close(); err != nil {
		return fail("text", err)
	}
	_ = c.Quit() // it has been taken: a goodbye that fails changes nothing
	return nil
}

func (s *Sender) auth(c *smtp.Client) smtp.Auth {
	_, offered := c.Extension("AUTH")
	plain := smtp.PlainAuth("", s.cfg.User, s.cfg.Pass, s.cfg.Host)
	if mechanisms := strings.Fields(offered); !contains(mechanisms, "PLAIN") && contains(mechanisms, "LOGIN") {
		return &login{user: s.cfg.User, pass: s.cfg.Pass, plain: plain}
	}
	return plain
}

func contains(list []string, want string) bool {
	for _, s := range list {
		if strings.EqualFold(s, want) {
			return true
		}
	}
	return false
}

// login is AUTH LOGIN, which some servers offer alone.
type login struct {
	user, pass string
	plain      smtp.Auth
	asked      int
}

func (l *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	// PLAIN knows where a password must not be said; its checks serve here too.
	if _, _, err := l.plain.Start(server); err != nil {
		return "", nil, err
	}
	return "LOGIN", nil, nil
}

func (l *login) Next(_ []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	l.asked++
	switch l.asked {
	case 1:
		return []byte(l.user), nil
	case 2:
		return []byte(l.pass), nil
	default:
		return nil, errors.New("the server asks for a third thing")
	}
}

func temporary(stage string, err error) *Error {
	e := &Error{Stage: stage, Err: err}
	if t, ok := errors.AsType[*textproto.Error](err); ok {
		e.Code = t.Code
	}
	return e
}

// fail says that a server's 5xx is for good, and everything else for now.
func fail(stage string, err error) *Error {
	e := temporary(stage, err)
	e.Refused = e.Code >= 500 && stage != "hello" && stage != "tls"
	return e
}
