package web

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// A client that writes all of its body before it reads hears why it was
// refused, every time: without the drain its connection is reset now and then.
func TestBodyLimit_TheClientHearsWhyHoweverMuchItSends(t *testing.T) {
	t.Parallel()
	s := serve(t, Config{BodyLimit: 1 << 10}, func(_ *App, f *fiber.App) {
		f.Post("/take", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })
	})
	body := strings.Repeat("x", 3<<20)
	for i := range 20 {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(conn, "POST /take HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
			t.Errorf("%d: while sending: %v", i, err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%d: no answer: %v", i, err)
			continue
		}
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%d: %d", i, resp.StatusCode)
		}
		_, _ = resp.Body.Close(), conn.Close()
	}
}
