package widget

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/widget/settings"
)

// given is what the app reads on its page.
type given struct {
	Lang     string          `json:"lang"`
	Words    json.RawMessage `json:"words"`
	Settings settings.Public `json:"settings"`
	Style    string          `json:"style"` // declarations for the page's root: the site's own colours, sizes and shapes
	Help     string          `json:"help"`  // path of the help pages on this service, to open passages from
	Whole    bool            `json:"whole"`
	About    *aboutArticle   `json:"about,omitempty"`
	Ask      string          `json:"ask,omitempty"`
	Person   bool            `json:"person,omitempty"`
	Files    bool            `json:"files"`
	Mail     bool            `json:"mail"`
}

// aboutArticle is the article that somebody comes from.
type aboutArticle struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// appPage is what page.html and preview.html are filled with.
type appPage struct {
	Lang, Dir, Title, Files, Help string
	Whole                         bool
	Given                         given
	NoScript                      string // said where scripts are off
	Icon                          string
	Preview                       previewPart
}

// frame answers /widget/app: the app as it stands in a frame on a shop's page.
// Only the site's own origins may put it there.
func (w *Widget) frame(c *fiber.Ctx) error {
	p, err := w.appPage(c, c.Query("site"), c.Query("lang"))
	if err != nil {
		return w.failFrame(c, err)
	}
	return w.sendApp(c, p, frameAncestors(p.Given.Settings.Origins))
}

// chat answers /chat/<site>: the same app on a page of its own, for links, QR
// codes and apps. about names the article somebody comes from, ask a question to
// begin with, person=1 asks for one.
func (w *Widget) chat(c *fiber.Ctx) error {
	p, err := w.appPage(c, c.Params("site"), c.Query("lang"))
	if err != nil {
		return w.failChat(c, err)
	}
	p.Whole, p.Given.Whole = true, true
	p.Given.Ask = firstRunes(c.Query("ask"), 400)
	p.Given.Person = c.Query("person") == "1"
	ctx, cancel := w.bounded(c)
	defer cancel()
	if about := c.Query("about"); about != "" {
		if site, err := w.deps.Library.Site(ctx, p.Given.Settings.Site); err == nil {
			// One that is not there, or not for visitors, is simply not what it is about.
			if a, err := w.deps.Library.Article(ctx, site, strings.Clone(about)); err == nil {
				p.Given.About = &aboutArticle{ID: a.ID, Title: a.Title}
			}
		}
	}
	return w.sendApp(c, p, "'none'")
}

// appPage reads what a page of the app needs, in the first language of those
// asked for, the browser's and the site's that there are words in.
func (w *Widget) appPage(c *fiber.Ctx, name, lang string) (appPage, error) {
	ctx, cancel := w.bounded(c)
	defer cancel()
	wanted := append(strings.Split(lang, ","), accepted(c.Get(fiber.HeaderAcceptLanguage))...)
	tag, err := w.speech(ctx, name, wanted...)
	if err != nil {
		return appPage{}, err
	}
	look, err := w.look(ctx, c, name, tag)
	if err != nil {
		return appPage{}, err
	}
	site, err := w.deps.Library.Site(ctx, look.Site)
	if err != nil {
		return appPage{}, err
	}
	return appPage{
		Lang: tag, Dir: dirOf(tag), Title: look.Name, Files: "/widget/app/" + w.embedded.build, Help: look.Help,
		NoScript: w.embedded.noScript[tag], Icon: w.assets.base() + "/icon.svg",
		Given: given{Lang: tag, Words: w.embedded.words[tag], Settings: look, Style: look.Palette.CSS() + look.Tokens.CSS(), Help: helpPath(site), Files: w.cfg.Files, Mail: w.cfg.Mail},
	}, nil
}

// frameAncestors are the origins that may show the app. They were checked when
// they were set; what is no origin is passed over all the same, since it stands
// in a header.
func frameAncestors(origins []string) string {
	out := []string{"'self'"}
	for _, o := range origins {
		u, err := url.Parse(strings.TrimSuffix(o, "/"))
		if err != nil || u.Host == "" || u.Path != "" || strings.ContainsAny(o, " ;,'\"\r\n") || !slices.Contains([]string{"http", "https"}, u.Scheme) {
			continue
		}
		out = append(out, u.Scheme+"://"+u.Host)
	}
	return strings.Join(out, " ")
}

// sendApp sends the app's page with its style and its script in it: somebody
// who opens the chat waits for one answer of this service, not for two one after
// the other. A browser that has the page asks whether it is still the same, and
// is told so in a few bytes.
func (w *Widget) sendApp(c *fiber.Ctx, p appPage, ancestors string) error {
	var head, body bytes.Buffer
	if err := w.embedded.pages.ExecuteTemplate(&head, "page head", p); err != nil {
		return fmt.Errorf("write the app's page: %w", err)
	}
	if err := w.embedded.pages.ExecuteTemplate(&body, "page body", p); err != nil {
		return fmt.Errorf("write the app's page: %w", err)
	}
	w.appHeaders(c, ancestors)
	sum := sha256.New()
	for _, part := range [][]byte{[]byte(w.embedded.build), head.Bytes(), body.Bytes()} {
		fmt.Fprintf(sum, "%d ", len(part))
		sum.Write(part)
	}
	if unchanged(c, `"`+hex.EncodeToString(sum.Sum(nil)[:12])+`"`) {
		c.Vary(fiber.HeaderAcceptEncoding)
		return c.SendStatus(fiber.StatusNotModified)
	}
	return sendPieces(c, piece{plain: head.Bytes()}, w.embedded.style, piece{plain: body.Bytes()}, w.embedded.script)
}

// appHeaders set the browser's own guard: the app's own script and style, which
// are known by their sums, files of this service, pictures that the app itself
// has fetched, no string that becomes markup or code.
func (w *Widget) appHeaders(c *fiber.Ctx, ancestors string) {
	pageHeaders(c)
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; "+w.embedded.guard+"; img-src 'self' blob:; "+
		"connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors "+ancestors+"; "+
		"require-trusted-types-for 'script'; trusted-types 'none'")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	c.Set("Cross-Origin-Opener-Policy", "unsafe-none") // a frame has none; a page of its own opens help pages beside it
	c.Set(fiber.HeaderReferrerPolicy, "strict-origin")
	c.Vary(fiber.HeaderAcceptLanguage)
}

// inline makes what stands in the app's page as it is, and the part of the
// policy that names it. Neither may hold what would end its element.
func (e *embedded) inline(style, script []byte) error {
	if bytes.Contains(bytes.ToLower(style), []byte("</style")) || bytes.Contains(bytes.ToLower(script), []byte("</script")) || bytes.Contains(script, []byte("<!--")) {
		return errors.New("the app's style or script would end its own element")
	}
	e.style = fixed("<style>" + string(style) + "</style>")
	e.script = fixed("<script>" + string(script) + "</script>\n</body>\n</html>\n")
	e.guard = "script-src " + hashSource(script) + "; style-src " + hashSource(style)
	return nil
}

func hashSource(inline []byte) string {
	sum := sha256.Sum256(inline)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func firstRunes(s string, most int) string {
	r := []rune(s)
	return string(r[:min(len(r), most)])
}
