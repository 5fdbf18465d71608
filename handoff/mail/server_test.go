package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is a small mail server that does what a test tells it to.
type server struct {
	ln  net.Listener
	tls *tls.Config
	// answers replaces what it says to a command: "RCPT" → "550 no such box".
	answers map[string]string
	hang    string // command after which it says nothing more
	auth    string // what it offers: "PLAIN", "LOGIN"
	plain   bool   // no STARTTLS

	mu   sync.Mutex
	got  []received
	done chan struct{}
	wg   sync.WaitGroup
}

type received struct {
	from, to, data, user, pass string
	secure                     bool
}

func startServer(t *testing.T, s *server, implicit bool) *server {
	t.Helper()
	var err error
	if s.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if s.tls == nil {
		s.tls = certificate(t)
	}
	if implicit {
		s.ln = tls.NewListener(s.ln, s.tls)
	}
	s.done = make(chan struct{})
	s.wg.Go(func() {
		for {
			conn, err := s.ln.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() { s.serve(conn, implicit) })
		}
	})
	t.Cleanup(func() {
		close(s.done)
		_ = s.ln.Close()
		s.wg.Wait()
	})
	return s
}

func (s *server) serve(conn net.Conn, secure bool) {
	defer func() { _ = conn.Close() }()
	go func() { <-s.done; _ = conn.Close() }()
	r := bufio.NewReader(conn)
	say := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
	ask := func(text string) string {
		say("334 " + base64.StdEncoding.EncodeToString([]byte(text)))
		line, _ := r.ReadString('\n')
		b, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		return string(b)
	}
	m := received{secure: secure}
	if s.hang == "CONNECT" {
		<-s.done
		return
	}
	say(s.answer("CONNECT", "220 test"))
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		if s.hang == verb {
			<-s.done
			return
		}
		switch verb {
		case "EHLO":
			say("250-test")
			if !s.plain && !m.secure {
				say("250-STARTTLS")
			}
			if s.auth != "" {
				say("250-AUTH " + s.auth)
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say(s.answer(verb, "220 go on"))
			upgraded := tls.Server(conn, s.tls)
			if upgraded.Handshake() != nil {
				return
			}
			conn, r, m.secure = upgraded, bufio.NewReader(upgraded), true
		case "AUTH":
			if strings.HasPrefix(rest, "LOGIN") {
				m.user, m.pass = ask("Username:"), ask("Password:")
			} else {
				b, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
				parts := strings.Split(string(b), "\x00")
				m.user, m.pass = parts[1], parts[2]
			}
			say(s.answer(verb, "235 welcome"))
		case "MAIL":
			m.from = rest
			say(s.answer(verb, "250 ok"))
		case "RCPT":
			m.to = rest
			say(s.answer(verb, "250 ok"))
		case "DATA":
			say("354 go on")
			var data strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				data.WriteString(strings.TrimPrefix(line, "."))
			}
			if s.hang == "TEXT" {
				<-s.done
				return
			}
			answer := s.answer("TEXT", "250 taken")
			if strings.HasPrefix(answer, "250") {
				m.data = data.String()
				s.mu.Lock()
				s.got = append(s.got, m)
				s.mu.Unlock()
			}
			say(answer)
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

func (s *server) answer(verb, usual string) string {
	if a, ok := s.answers[verb]; ok {
		return a
	}
	return usual
}

func (s *server) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

func (s *server) host() (host, port string) {
	host, port, _ = net.SplitHostPort(s.ln.Addr().String())
	return host, port
}

// certificate makes one for 127.0.0.1 that its own holder trusts.
func certificate(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, RootCAs: roots, MinVersion: tls.VersionTLS12}
}
