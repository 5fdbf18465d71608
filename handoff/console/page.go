package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed app/dist
var dist embed.FS

// pagePolicy is the browser's own guard: files of ours alone, no script and no
// style in the page itself, no other host, no frame around it, and no string
// that becomes markup or code.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// files are what the page is made of, kept in memory plain and packed.
type files struct {
	build string // names this very set of files
	byURL map[string]file
	page  []byte
}

type file struct {
	kind        string
	plain, gzip []byte
}

func loadFiles() (*files, error) {
	f := &files{byURL: map[string]file{}}
	sum := sha256.New()
	err := fs.WalkDir(dist, "app/dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(plain))
		sum.Write(plain)
		kind, known := kinds[path.Ext(name)]
		if !known {
			return fmt.Errorf("no content type for %s", name)
		}
		f.byURL[path.Base(name)] = file{kind: kind, plain: plain, gzip: packed(plain)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load the desk's page: %w", err)
	}
	f.build = hex.EncodeToString(sum.Sum(nil)[:6])
	html, there := f.byURL["index.html"]
	if !there {
		return nil, fmt.Errorf("load the desk's page: there is no index.html; make console builds it")
	}
	f.page = bytes.ReplaceAll(html.plain, []byte("{{build}}"), []byte(f.build))
	return f, nil
}

var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
}

func packed(plain []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a valid level
	_, _ = w.Write(plain)                                 // to memory
	_ = w.Close()
	return b.Bytes()
}

// mountPage adds the page, /desk, and its files below /desk/assets/<build>/.
func (c *Console) mountPage(r fiber.Router) {
	r.Get("/desk", c.page)
	r.Get("/desk/join", c.page)  // an invitation: its token is behind the #
	r.Get("/desk/:site", c.page) // that of one site: the page names it when somebody signs in, whether there is one or not
	r.Get("/desk/assets/:build/:name", c.asset)
}

func (c *Console) page(ctx *fiber.Ctx) error {
	ctx.Set(fiber.HeaderContentType, kinds[".html"])
	ctx.Set(fiber.HeaderContentSecurityPolicy, pagePolicy)
	ctx.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	ctx.Set(fiber.HeaderReferrerPolicy, "no-referrer") // a case's address is nobody else's business
	ctx.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	ctx.Set("Cross-Origin-Opener-Policy", "same-origin")
	ctx.Set("Cross-Origin-Resource-Policy", "same-origin")
	ctx.Set(fiber.HeaderCacheControl, "no-cache")
	return ctx.Send(c.files.page)
}

// asset serves a file for good under the build it belongs to; a page from
// before a restart gets the files of now.
func (c *Console) asset(ctx *fiber.Ctx) error {
	f, ok := c.files.byURL[ctx.Params("name")]
	if !ok || ctx.Params("name") == "index.html" {
		return fiber.ErrNotFound
	}
	ctx.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	ctx.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	ctx.Set("Cross-Origin-Resource-Policy", "same-origin")
	ctx.Set(fiber.HeaderContentType, f.kind)
	ctx.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if ctx.Params("build") == c.files.build {
		ctx.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		ctx.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if strings.Contains(ctx.Get(fiber.HeaderAcceptEncoding), "gzip") {
		ctx.Set(fiber.HeaderContentEncoding, "gzip")
		return ctx.Send(f.gzip)
	}
	return ctx.Send(f.plain)
}
