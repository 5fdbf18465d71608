package web

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"frontdesk/internal/fault"
)

const (
	// largeBody is what a piece of a file may weigh before it is refused unread;
	// its handler takes less, and says so in words.
	largeBody = 768 << 10
	// largeTime is how long it may take to arrive: 17 KB a second.
	largeTime = 30 * time.Second
)

// Large lets addresses that begin and end so take pieces of files: larger bodies,
// and more time for them. Call it before Serve.
func (a *App) Large(begins, ends string) {
	a.large = append(a.large, [2]string{begins, ends})
	a.fiber.Server().HeaderReceived = a.received
}

func (a *App) received(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if !h.IsPost() {
		return fasthttp.RequestConfig{}
	}
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	for _, l := range a.large {
		if strings.HasPrefix(path, l[0]) && strings.HasSuffix(path, l[1]) {
			return fasthttp.RequestConfig{MaxRequestBodySize: max(largeBody, a.cfg.BodyLimit), ReadTimeout: max(largeTime, a.cfg.ReadTimeout)}
		}
	}
	return fasthttp.RequestConfig{}
}

// FilePart is a piece of a file, or a whole one, as a request brings it.
type FilePart struct {
	Name   string // X-File-Name as it came: percent-encoded, and to be cleaned
	Upload string // X-File-Upload
	From   int64
	Total  int64
	Bytes  []byte // the request's own: not to be kept
}

// ReadFilePart reads a request whose body is a piece of a file. Without
// Content-Range it is the whole of it. Errors: Invalid, Unsupported.
func ReadFilePart(c *fiber.Ctx) (p FilePart, err error) {
	if enc := c.Get(fiber.HeaderContentEncoding); enc != "" && !strings.EqualFold(enc, "identity") {
		return p, fault.New(fault.Unsupported, "content_encoding", "Send the body without Content-Encoding.")
	}
	p.Bytes = c.Request().Body() // raw: c.Body() would decompress
	p.Name, p.Upload = strings.Clone(c.Get("X-File-Name")), strings.Clone(c.Get("X-File-Upload"))
	p.Total = int64(len(p.Bytes))
	if r := c.Get(fiber.HeaderContentRange); r != "" {
		var to int64
		if p.From, to, p.Total, err = ContentRange(r); err == nil && to-p.From+1 != int64(len(p.Bytes)) {
			err = errContentRange
		}
	}
	return p, err
}

var errContentRange = fault.New(fault.Invalid, "file_range", "Content-Range has to say where the piece lies: bytes FROM-TO/TOTAL, as long as the body.")

// ContentRange reads "bytes FROM-TO/TOTAL": the first and the last byte, and how
// many there are. Error: Invalid.
func ContentRange(s string) (from, to, total int64, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), "bytes ")
	span, all, ok2 := strings.Cut(rest, "/")
	a, b, ok3 := strings.Cut(span, "-")
	if !ok || !ok2 || !ok3 {
		return 0, 0, 0, errContentRange
	}
	for _, n := range []struct {
		s  string
		to *int64
	}{{a, &from}, {b, &to}, {all, &total}} {
		if n.s == "" || len(n.s) > 15 || strings.Trim(n.s, "0123456789") != "" {
			return 0, 0, 0, errContentRange
		}
		if *n.to, err = strconv.ParseInt(n.s, 10, 64); err != nil {
			return 0, 0, 0, errContentRange
		}
	}
	if from > to || to >= total {
		return 0, 0, 0, errContentRange
	}
	return from, to, total, nil
}

// Sending is a file on its way to a client.
type Sending struct {
	Name   string
	Type   string
	Size   int64
	ETag   string
	Inline bool // a browser may show it; else it saves it
	Source Source
}

// filePolicy leaves a file nothing to do, should a browser open it as a page.
const filePolicy = "sandbox; default-src 'none'; frame-ancestors 'none'"

// SendFile answers with a file in pieces, or says that the client has it. What
// the client has it asks for again each time: the right to read it may have gone.
func (a *App) SendFile(c *fiber.Ctx, s Sending) error {
	h := &c.Response().Header
	h.Set(fiber.HeaderContentSecurityPolicy, filePolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin") // a page of another origin reads it by CORS, with its token, or not at all
	h.Set(fiber.HeaderCacheControl, "private, no-cache, no-transform")
	h.Set(fiber.HeaderETag, s.ETag)
	h.Set(fiber.HeaderAcceptRanges, "none")
	if s.ETag != "" && c.Get(fiber.HeaderIfNoneMatch) == s.ETag {
		s.Source.Close()
		return c.SendStatus(fiber.StatusNotModified)
	}
	mime := s.Type
	if strings.HasPrefix(mime, "text/") {
		mime += "; charset=utf-8"
	}
	h.SetContentType(mime)
	h.Set(fiber.HeaderContentDisposition, disposition(s.Name, s.Inline))
	if s.Size > int64(^uint(0)>>1) {
		return errors.New("a file larger than memory")
	}
	c.Context().SetBodyStream(a.pull(c, s.Source, nil), int(s.Size))
	return nil
}

// disposition names a file for those who save it, in ASCII and as it is.
func disposition(name string, inline bool) string {
	kind := "attachment"
	if inline {
		kind = "inline"
	}
	var plain, coded strings.Builder
	for _, r := range name {
		if r >= ' ' && r < 0x7f && r != '"' && r != '\\' && r != '%' {
			plain.WriteRune(r)
		} else {
			plain.WriteByte('_')
		}
	}
	for i := range len(name) {
		b := name[i]
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("!#$&+-.^_`|~", b) >= 0 {
			coded.WriteByte(b)
		} else {
			fmt.Fprintf(&coded, "%%%02X", b)
		}
	}
	return kind + `; filename="` + plain.String() + `"; filename*=UTF-8''` + coded.String()
}
