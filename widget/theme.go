package widget

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/widget/settings"
)

// theme answers /help/theme.css: the site's own colours, as tokens. Its address
// holds the version of the settings, so that it can be kept.
func (w *Widget) theme(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	at, err := w.stand(ctx, c)
	if err != nil {
		return w.fail(c, at, err)
	}
	fileHeaders(c)
	c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	kept(c, at.Chosen.Version)
	return c.SendString(Theme(at.Chosen.Settings, string(w.assets.files["tokens.css"].plain)))
}

// kept lets a browser keep a file whose address names its version.
func kept(c *fiber.Ctx, version int) {
	if c.Query("v") == strconv.Itoa(version) {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		return
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
}

// Theme is a style sheet that puts a site's accent, theme, sizes and shapes in the
// place of what the tokens have. It stands behind them on a page.
func Theme(s settings.Settings, tokens string) string {
	light, dark := tokenColours(tokens)
	p := s.Palette()
	shade(light, p.Light)
	shade(dark, p.Dark)
	switch s.ThemeOf() {
	case "light":
		return ":root{color-scheme:light;" + s.Tokens.CSS() + light.String() + "}\n"
	case "dark":
		return ":root{color-scheme:dark;" + s.Tokens.CSS() + dark.String() + "}\n"
	default:
		return ":root{" + s.Tokens.CSS() + light.String() + "}\n@media (prefers-color-scheme:dark){:root{" + dark.String() + "}}\n"
	}
}

// colourSet are tokens that hold colours, in the file's order.
type colourSet struct {
	names  []string
	values map[string]string
}

func (c *colourSet) String() string {
	var b strings.Builder
	for _, n := range c.names {
		fmt.Fprintf(&b, "--%s:%s;", n, c.values[n])
	}
	return b.String()
}

var tokenForm = regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{6}|0 [^;]*rgb\([^;]*);`)

// tokenColours reads the colours of tokens.css: those at its top, and what the
// dark theme puts in their place.
func tokenColours(tokens string) (light, dark *colourSet) {
	before, after, _ := strings.Cut(tokens, "@media (prefers-color-scheme: dark)")
	after, _, _ = strings.Cut(after, "@media")
	read := func(block string) *colourSet {
		c := &colourSet{values: map[string]string{}}
		for _, m := range tokenForm.FindAllStringSubmatch(block, -1) {
			c.names = append(c.names, m[1])
			c.values[m[1]] = m[2]
		}
		return c
	}
	return read(before), read(after)
}

func shade(c *colourSet, s settings.Shades) {
	for name, value := range map[string]string{
		"accent": s.Accent, "accent-hover": s.Hover, "on-accent": s.On, "accent-soft": s.Soft, "focus": s.Focus,
	} {
		c.values[name] = value
	}
}

// logo answers /help/logo and /v1/widget/<site>/logo.
func (w *Widget) logo(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	chosen, err := w.chosen(ctx, c)
	if err != nil {
		return err
	}
	if chosen.Settings.Logo == "" {
		return fiber.ErrNotFound
	}
	mime, data, err := settings.Picture(chosen.Settings.Logo)
	if err != nil {
		return err
	}
	fileHeaders(c)
	c.Set("Cross-Origin-Resource-Policy", "cross-origin") // it is shown on shops' pages
	c.Set(fiber.HeaderContentType, mime)
	kept(c, chosen.Version)
	return c.Send(data)
}

// chosen are the settings of the site that an address names.
func (w *Widget) chosen(ctx context.Context, c *fiber.Ctx) (settings.Site, error) {
	name := strings.Clone(c.Params("site"))
	if d, ok := c.Locals(localPlace).(domainPlace); ok {
		name = d.site
	}
	s, err := w.sites.ByName(ctx, name)
	s.Name = cmp.Or(s.Name, name)
	return s, err
}
