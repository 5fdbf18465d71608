package mail

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"
)

func sender(t *testing.T, s *server, change func(*Config)) *Sender {
	t.Helper()
	host, port := s.host()
	cfg := Config{Host: host, Port: port, From: mail.Address{Name: "Käthes Küche", Address: "help@shop.example"}, Budget: 5 * time.Second, Roots: s.tls}
	if change != nil {
		change(&cfg)
	}
	out, err := NewSender(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func letter() Message {
	return Message{
		To: "ann@example.org", Subject: "Antwort auf Ihre Anfrage K7QM-4T3P: geprüft und für gut befunden, mit sehr vielen Umlauten äöüß",
		Text: "Grüße\n.\n..\nvon Mara " + strings.Repeat("lang ", 300), HTML: "<p>Grüße</p>", Language: "de", ID: "2@shop.example",
		InReplyTo: "1@shop.example", References: []string{"case@shop.example", "1@shop.example"}, Date: time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC), Automatic: true,
	}
}

func TestSender_DeliversWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		s        *server
		implicit bool
		change   func(*Config)
		secure   bool
		user     string
	}{
		{"without TLS", &server{plain: true}, false, nil, false, ""},
		{"STARTTLS where it is offered", &server{}, false, nil, true, ""},
		{"TLS from the first byte", &server{plain: true}, true, func(c *Config) { c.TLS = true }, true, ""},
		{"login PLAIN", &server{auth: "PLAIN LOGIN"}, false, func(c *Config) { c.User, c.Pass = "u", "p" }, true, "u"},
		{"login LOGIN alone", &server{auth: "LOGIN"}, false, func(c *Config) { c.User, c.Pass = "u", "p" }, true, "u"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, c.s, c.implicit)
			m := letter()
			if err := sender(t, s, c.change).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			got := s.mails()
			if len(got) != 1 || got[0].secure != c.secure || got[0].user != c.user || got[0].to != "TO:<ann@example.org>" || !strings.HasPrefix(got[0].from, "FROM:<help@shop.example>") {
				t.Fatalf("%+v", got)
			}
			checkRead(t, got[0].data, m)
		})
	}
}

// checkRead reads a message as a mail reader does.
func checkRead(t *testing.T, data string, m Message) {
	t.Helper()
	for l := range strings.SplitSeq(data, "\r\n") {
		if len(l) > 998 {
			t.Errorf("a line of %d bytes", len(l))
		}
	}
	msg, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var dec mime.WordDecoder
	subject, err := dec.DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != m.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := msg.Header.AddressList("From")
	if err != nil || from[0].Name != "Käthes Küche" {
		t.Errorf("from %v, %v", from, err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<2@shop.example>", "In-Reply-To": "<1@shop.example>", "References": "<case@shop.example> <1@shop.example>",
		"Auto-Submitted": "auto-generated", "Date": "Sun, 22 Nov 2026 15:00:00 +0000",
	} {
		if got := strings.Join(strings.Fields(msg.Header.Get(name)), " "); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	r := multipart.NewReader(msg.Body, params["boundary"])
	for _, want := range []struct{ kind, text string }{{"text/plain; charset=utf-8", m.Text}, {"text/html; charset=utf-8", m.HTML}} {
		p, err := r.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil || p.Header.Get("Content-Type") != want.kind || strings.ReplaceAll(string(b), "\r\n", "\n") != want.text {
			t.Errorf("%s: %q, %v", want.kind, b, err)
		}
	}
}

func TestSender_SaysWhatIsForGood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		s       *server
		change  func(*Config)
		stage   string
		code    int
		refused bool
	}{
		{"no such box", &server{answers: map[string]string{"RCPT": "550 no such box"}}, nil, "recipient", 550, true},
		{"a full box", &server{answers: map[string]string{"RCPT": "452 full"}}, nil, "recipient", 452, false},
		{"a sender nobody wants", &server{answers: map[string]string{"MAIL": "553 no"}}, nil, "sender", 553, true},
		{"a text nobody wants", &server{answers: map[string]string{"TEXT": "554 spam"}}, nil, "text", 554, true},
		{"a server that is busy", &server{answers: map[string]string{"CONNECT": "421 later"}}, nil, "hello", 421, false},
		{"a server that wants nobody", &server{answers: map[string]string{"CONNECT": "554 go away"}}, nil, "hello", 554, false},
		{"a wrong password", &server{auth: "PLAIN", answers: map[string]string{"AUTH": "535 no"}}, func(c *Config) { c.User, c.Pass = "u", "p" }, "login", 535, false},
		{"a server without TLS where it must be", &server{plain: true}, func(c *Config) { c.MustTLS = true }, "tls", 0, false},
		{"a certificate nobody knows", &server{}, func(c *Config) { c.Roots = nil }, "tls", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, c.s, false)
			err := sender(t, s, c.change).Send(t.Context(), letter())
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Stage != c.stage || e.Code != c.code || Refused(err) != c.refused {
				t.Fatalf("%v: %+v", err, e)
			}
			if strings.Contains(err.Error(), "ann@") || len(s.mails()) != 0 {
				t.Errorf("%v, %d mails", err, len(s.mails()))
			}
		})
	}
}

func TestSender_WaitsForNobodyLongerThanItsBudget(t *testing.T) {
	t.Parallel()
	for _, hang := range []string{"CONNECT", "EHLO", "RCPT", "TEXT"} {
		t.Run(hang, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, &server{hang: hang}, false)
			err := sender(t, s, func(c *Config) { c.Budget = 150 * time.Millisecond }).Send(t.Context(), letter())
			if err == nil || Refused(err) {
				t.Fatalf("%v", err)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		s := startServer(t, &server{}, false)
		out := sender(t, s, nil)
		_ = s.ln.Close()
		if err := out.Send(t.Context(), letter()); err == nil || Refused(err) {
			t.Fatalf("%v", err)
		}
	})
	t.Run("whoever asked has gone", func(t *testing.T) {
		t.Parallel()
		s := startServer(t, &server{hang: "RCPT"}, false)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		if err := sender(t, s, func(c *Config) { c.Budget = time.Hour }).Send(ctx, letter()); err == nil {
			t.Fatal("no error")
		}
	})
}

func TestReadConfig(t *testing.T) {
	t.Parallel()
	const from = "Shop <help@shop.example>"
	c, err := ReadConfig("smtps://user%40x:p%3Aw@mail.example.org", from)
	if err != nil || c.Port != "465" || !c.TLS || c.User != "user@x" || c.Pass != "p:w" || c.From.Address != "help@shop.example" {
		t.Fatalf("%+v, %v", c, err)
	}
	if c, err = ReadConfig("smtp://mail.example.org?tls=required", from); err != nil || c.Port != "587" || c.TLS || !c.MustTLS {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, bad := range []struct{ url, from string }{
		{"mail.example.org", from},
		{"http://mail.example.org", from},
		{"smtp://", from},
		{"smtp://x/path", from},
		{"smtp://x?tls=maybe", from},
		{"smtp://u:secret@x y", from},
		{"smtp://x", ""},
		{"smtp://x", "help"},
		{"smtp://x", "help@localhost"},
		{"smtp://x", "a@b.example, c@d.example"},
	} {
		if _, err := ReadConfig(bad.url, bad.from); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestMessage_RefusesLineBreaksInHeaders(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Message){
		"subject":    func(m *Message) { m.Subject = "a\r\nBcc: x@example.org" },
		"recipient":  func(m *Message) { m.To = "a@example.org>\r\nBcc: <x@example.org" },
		"id":         func(m *Message) { m.ID = "a> <b" },
		"no id":      func(m *Message) { m.ID = "" },
		"references": func(m *Message) { m.References = []string{"a\nb"} },
		"sender":     func(m *Message) { m.From = mail.Address{Name: "a\r\nb", Address: "c@d.example"} },
	} {
		m := letter()
		change(&m)
		if _, err := m.Bytes(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	m := letter()
	a, _ := m.Bytes()
	b, _ := m.Bytes()
	if !slices.Equal(a, b) {
		t.Error("the same message twice is two messages")
	}
}
