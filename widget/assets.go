package widget

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

//go:embed assets shop/shop.css shop/icon.svg help/help.css help/help.js help/again.js help/framed.js
var files embed.FS

//go:embed shop/*.html help/*.html
var templates embed.FS

//go:embed help/words/*.json
var wordFiles embed.FS

// assets are the files a page needs, kept in memory both plain and packed.
type assets struct {
	build string // names this very set of files: it is in their addresses
	files map[string]asset
}

type asset struct {
	kind  string
	plain []byte
	gzip  []byte
}

// loadAssets reads every embedded file. Their addresses are the paths without
// the folder they are kept in: js/main.js, tokens.css, shop.css.
func loadAssets(from fs.FS) (*assets, error) {
	a := &assets{files: map[string]asset{}}
	sum := sha256.New()
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind, known := contentTypes(path.Ext(name))
		if !known {
			return fmt.Errorf("no content type for %s", name)
		}
		plain, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(name, "/")
		if _, twice := a.files[rest]; twice {
			return fmt.Errorf("two files called %s", rest)
		}
		fmt.Fprintf(sum, "%s %d\n", rest, len(plain))
		sum.Write(plain)
		a.files[rest] = asset{kind: kind, plain: plain, gzip: packed(plain)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load assets: %w", err)
	}
	a.build = hex.EncodeToString(sum.Sum(nil)[:6])
	return a, nil
}

func contentTypes(ext string) (string, bool) {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8", true
	case ".css":
		return "text/css; charset=utf-8", true
	case ".svg":
		return "image/svg+xml", true
	default:
		return "", false
	}
}

func packed(plain []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a valid level
	_, _ = w.Write(plain)                                 // to memory
	_ = w.Close()
	return b.Bytes()
}

// serve answers /assets/<build>/<name>. A file is kept for good under the
// build it belongs to; a page from before a restart still gets its files, the
// ones of now.
func (a *assets) serve(c *fiber.Ctx) error {
	file, ok := a.files[c.Params("*")]
	if !ok {
		return fiber.ErrNotFound
	}
	fileHeaders(c)
	c.Set(fiber.HeaderContentType, file.kind)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if c.Params("build") == a.build {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(file.gzip)
	}
	return c.Send(file.plain)
}

// base is where a page finds its files.
func (a *assets) base() string { return "/assets/" + a.build }

// modules lists the chat's scripts, so that a page can name them all at once
// instead of the browser finding them one behind the other.
func (a *assets) modules() []string {
	var names []string
	for name := range a.files {
		if strings.HasPrefix(name, "js/") {
			names = append(names, name)
		}
	}
	return names
}
