package widget

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/widget/settings"
)

//go:embed dist app/words/*.json app/page.html app/preview.html
var appFiles embed.FS

// errNoAppFile says that the app has no such file.
var errNoAppFile = fault.New(fault.NotFound, "no_such_file", "There is no such file.")

// embedded is what shops' pages load: the loader, and the app that lives in a
// frame on them or on a page of its own.
type embedded struct {
	build    string // names this very set of files: it is in their addresses
	files    map[string]asset
	words    map[string]json.RawMessage // by language
	texts    map[string][]string        // what the loader itself says, by language
	noScript map[string]string          // by language
	// closeWord is what a button says that closes the window, by language.
	closeWord map[string]string
	pages     *template.Template
	style     piece  // the app's own, as it stands in its page
	script    piece  // and its script, with what ends the page
	guard     string // the part of the policy that lets these two be, and nothing else
}

// loaderKeys are the words that the loader says, in the order it reads them;
// unread gives two: of one message and of several.
func loaderKeys() []string {
	return []string{"launcher", "frame", "blocked", "blocked_open", "close", "unread", "not_now"}
}

func loadEmbedded() (*embedded, error) {
	e := &embedded{files: map[string]asset{}, words: map[string]json.RawMessage{}, texts: map[string][]string{}, noScript: map[string]string{}, closeWord: map[string]string{}}
	sum := sha256.New()
	for _, name := range []string{"widget.js", "rules.js", "app.js", "app.css"} {
		plain, err := appFiles.ReadFile("dist/" + name)
		if err != nil {
			return nil, fmt.Errorf("the widget's bundle (make widget): %w", err)
		}
		kind, _ := contentTypes(path.Ext(name)) // js and css are known
		fmt.Fprintf(sum, "%s %d\n", name, len(plain))
		sum.Write(plain)
		e.files[name] = asset{kind: kind, plain: plain, gzip: packed(plain)}
	}
	e.build = hex.EncodeToString(sum.Sum(nil)[:6])
	if err := e.inline(e.files["app.css"].plain, e.files["app.js"].plain); err != nil {
		return nil, err
	}
	entries, err := appFiles.ReadDir("app/words")
	if err != nil {
		return nil, fmt.Errorf("the widget's words: %w", err)
	}
	for _, entry := range entries {
		raw, err := appFiles.ReadFile("app/words/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("the widget's words: %w", err)
		}
		lang := strings.TrimSuffix(entry.Name(), ".json")
		if e.texts[lang], err = loaderTexts(raw); err != nil {
			return nil, fmt.Errorf("the widget's words in %s: %w", lang, err)
		}
		var said struct {
			NoScript string `json:"no_script"`
			Close    string `json:"close"`
		}
		if err := json.Unmarshal(raw, &said); err != nil {
			return nil, fmt.Errorf("the widget's words in %s: %w", lang, err)
		}
		e.noScript[lang], e.closeWord[lang] = said.NoScript, said.Close
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return nil, fmt.Errorf("the widget's words in %s: %w", lang, err)
		}
		e.words[lang] = compact.Bytes()
	}
	if e.pages, err = template.ParseFS(appFiles, "app/*.html"); err != nil {
		return nil, fmt.Errorf("the widget's pages: %w", err)
	}
	return e, nil
}

func loaderTexts(raw []byte) ([]string, error) {
	var words map[string]json.RawMessage
	if err := json.Unmarshal(raw, &words); err != nil {
		return nil, err
	}
	var out []string
	for _, key := range loaderKeys() {
		var text string
		var forms map[string]string
		switch {
		case json.Unmarshal(words[key], &text) == nil:
			out = append(out, text)
		case json.Unmarshal(words[key], &forms) == nil && forms["other"] != "":
			one := forms["one"]
			if one == "" {
				one = forms["other"]
			}
			out = append(out, one, forms["other"])
		default:
			return nil, fmt.Errorf("no %s", key)
		}
	}
	return out, nil
}

// speaks is the first of the languages wanted that there are words in; "" where
// there is none.
func (e *embedded) speaks(wanted ...string) string {
	for _, tag := range wanted {
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if _, ok := e.words[primary]; ok {
			return primary
		}
	}
	return ""
}

// speech is the language to speak on a site's behalf: the first of those wanted
// that there are words in, else of the site's own, else English.
func (w *Widget) speech(ctx context.Context, site string, wanted ...string) (string, error) {
	if lang := w.embedded.speaks(wanted...); lang != "" {
		return lang, nil
	}
	own, err := w.publicOf(ctx, strings.Clone(site), "")
	if err != nil {
		return "", err
	}
	return cmp.Or(w.embedded.speaks(own.Languages...), "en"), nil
}

// mountEmbed adds what shops' pages load: /widget.js · /widget/start, all that
// the launcher needs · /widget/app, the frame, and its files · /chat/<site>, a
// page of its own · /widget/preview.
func (w *Widget) mountEmbed(r fiber.Router) {
	r.Get("/widget.js", w.loader)
	r.Get("/widget/start", w.start)
	r.Get("/widget/app", w.frame)
	r.Get("/widget/app/:build/:name", w.appFile)
	r.Get("/widget/preview", w.preview)
	r.Get("/chat", w.chat)
	r.Get("/chat/:site", w.chat)
}

// loader answers /widget.js. Its address stays the same for good, so it is
// asked for again every ten minutes; what changes with it is small.
func (w *Widget) loader(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=600")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if unchanged(c, `"`+w.embedded.build+`"`) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	return w.sendFile(c, w.embedded.files["widget.js"])
}

// appFile answers /widget/app/<build>/<name>: for good under the build it
// belongs to. A page from before a restart gets the files of now.
func (w *Widget) appFile(c *fiber.Ctx) error {
	f, ok := w.embedded.files[c.Params("name")]
	if !ok {
		return errNoAppFile
	}
	if c.Params("build") == w.embedded.build {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	c.Set("Cross-Origin-Resource-Policy", "cross-origin") // rules.js runs on shops' pages
	return w.sendFile(c, f)
}

func (w *Widget) sendFile(c *fiber.Ctx, f asset) error {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	c.Set(fiber.HeaderContentType, f.kind)
	c.Vary(fiber.HeaderAcceptEncoding)
	if strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(f.gzip)
	}
	return c.Send(f.plain)
}

// started is what the loader needs to draw the launcher.
type started struct {
	Lang     string          `json:"lang"`
	Texts    []string        `json:"texts"` // see loaderKeys; the site's own word for the launcher
	Look     [2]string       `json:"look"`  // see launcherLook
	Rules    string          `json:"rules,omitempty"`
	Settings settings.Public `json:"settings"`
}

// launcherLook are the declarations that the loader's style goes by, for a light
// screen and for a dark one: the site's colours, surfaces as in tokens.css. A
// theme that the site chose is the same on both.
func launcherLook(p settings.Public) [2]string {
	declare := func(s settings.Shades, surface, text, line, scheme string) string {
		return fmt.Sprintf("--a:%s;--h:%s;--o:%s;--s:%s;--t:%s;--l:%s;--x:%dpx;--y:%dpx;%s;color-scheme:%s",
			s.Accent, s.Hover, s.On, surface, text, line, p.Offset.X, p.Offset.Y, p.Tokens.LauncherCSS(), scheme)
	}
	light := declare(p.Palette.Light, "#fff", "#1a2020", "#dce1df", "light")
	dark := declare(p.Palette.Dark, "#1a1f1f", "#e8edec", "#303836", "dark")
	switch p.Theme {
	case "light":
		dark = light
	case "dark":
		light = dark
	}
	return [2]string{light, dark}
}

// start answers /widget/start?site=&lang=: a site's settings with the loader's
// own words, in the first language of the list that there are words in. It holds
// nothing that is not for everybody, so any origin may read it: the loader says
// in words where an origin is not on the site's list.
func (w *Widget) start(c *fiber.Ctx) error {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	ctx, cancel := w.bounded(c)
	defer cancel()
	lang, err := w.speech(ctx, c.Query("site"), strings.Split(c.Query("lang"), ",")...)
	if err != nil {
		return err
	}
	look, err := w.look(ctx, c, c.Query("site"), lang)
	if err != nil {
		return err
	}
	out := started{Lang: lang, Settings: look, Look: launcherLook(look)}
	for _, text := range w.embedded.texts[lang] {
		out.Texts = append(out.Texts, strings.ReplaceAll(text, "{shop}", look.Name))
	}
	out.Texts[0] = cmp.Or(look.Words.Launcher, out.Texts[0])
	if look.Proactive.On && len(look.Proactive.Rules) > 0 {
		out.Rules = "/widget/app/" + w.embedded.build + "/rules.js"
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=60")
	raw, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("write what the loader needs: %w", err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return sendPieces(c, piece{plain: raw})
}

// look finds what everybody may know of a site's widget; "" is the default site.
// What somebody tries on, on the preview page, counts for them alone.
func (w *Widget) look(ctx context.Context, c *fiber.Ctx, name, lang string) (settings.Public, error) {
	name = strings.Clone(name)
	if c.Get("Sec-Fetch-Site") != "same-origin" || c.Query("try") == "" {
		return w.publicOf(ctx, name, lang)
	}
	chosen, err := w.sites.ByName(ctx, name)
	if err != nil {
		return settings.Public{}, err
	}
	if chosen.Settings, err = tryOn(chosen.Settings, c, lang); err != nil {
		return settings.Public{}, err
	}
	return w.describe(ctx, chosen, lang)
}
