package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Message is one e-mail as it is sent.
type Message struct {
	From     mail.Address
	To       string // a bare address, as FindAddress gives it
	Subject  string
	Text     string
	HTML     string
	Language string // of the text, for readers that ask

	ID         string   // without angle brackets: stable over repeats
	InReplyTo  string   // likewise; empty: begins its thread
	References []string // oldest first
	Date       time.Time

	// Automatic marks what no person wrote just now, so that no machine answers it.
	Automatic bool
}

// maxReferences bounds the header; the root and the newest are what readers use.
const maxReferences = 12

// Bytes writes the message out. It refuses what would break a header.
func (m Message) Bytes() ([]byte, error) {
	for name, v := range map[string]string{
		"sender": m.From.Address, "recipient": m.To, "subject": m.Subject, "id": m.ID, "reply": m.InReplyTo,
		"references": strings.Join(m.References, ""), "language": m.Language, "sender's name": m.From.Name,
	} {
		if strings.ContainsAny(v, "\r\n\x00") {
			return nil, fmt.Errorf("the %s of an e-mail holds a line break", name)
		}
	}
	if strings.ContainsAny(m.ID+m.InReplyTo+strings.Join(m.References, ""), "<> ") || m.ID == "" {
		return nil, fmt.Errorf("an e-mail's id is %q", m.ID)
	}
	var b bytes.Buffer
	head := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	head("Date", m.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	head("From", m.From.String())
	head("To", "<"+m.To+">")
	head("Subject", fold(mime.QEncoding.Encode("utf-8", m.Subject)))
	head("Message-ID", "<"+m.ID+">")
	if m.InReplyTo != "" {
		head("In-Reply-To", "<"+m.InReplyTo+">")
	}
	if refs := m.references(); len(refs) > 0 {
		head("References", "<"+strings.Join(refs, ">\r\n <")+">")
	}
	if m.Automatic {
		head("Auto-Submitted", "auto-generated")
		head("X-Auto-Response-Suppress", "All")
	}
	if m.Language != "" {
		head("Content-Language", m.Language)
	}
	head("MIME-Version", "1.0")
	return m.body(&b)
}

// fold breaks an encoded header between its words, which are short enough each.
func fold(s string) string { return strings.ReplaceAll(s, "?= =?", "?=\r\n =?") }

func (m Message) references() []string {
	if len(m.References) <= maxReferences {
		return m.References
	}
	return append([]string{m.References[0]}, m.References[len(m.References)-maxReferences+1:]...)
}

func (m Message) body(b *bytes.Buffer) ([]byte, error) {
	w := multipart.NewWriter(b)
	// The same message has the same bytes each time it is sent.
	sum := sha256.Sum256([]byte(m.ID))
	if err := w.SetBoundary("frontdesk-" + hex.EncodeToString(sum[:16])); err != nil {
		return nil, fmt.Errorf("write an e-mail: %w", err)
	}
	fmt.Fprintf(b, "Content-Type: multipart/alternative;\r\n boundary=%q\r\n\r\n", w.Boundary())
	for _, part := range []struct{ kind, text string }{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		p, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Type": {part.kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return nil, fmt.Errorf("write an e-mail: %w", err)
		}
		q := quotedprintable.NewWriter(p)
		if _, err := q.Write([]byte(crlf(part.text))); err != nil {
			return nil, fmt.Errorf("write an e-mail: %w", err)
		}
		if err := q.Close(); err != nil {
			return nil, fmt.Errorf("write an e-mail: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write an e-mail: %w", err)
	}
	return b.Bytes(), nil
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n", "\r\n")
}
