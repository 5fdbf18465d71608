package widget

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/widget/settings"
)

// Snippet is the one line that a shop puts on its pages. base is the address of
// this service without a slash at its end.
func Snippet(base, site string) string {
	return `<script async src="` + attribute(base) + `/widget.js" data-site="` + attribute(site) + `"></script>`
}

func attribute(s string) string {
	return strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// previewPart is what preview.html is filled with beside the rest.
type previewPart struct {
	Loader   string // address of the loader, with what is tried on
	Snippet  string // the line for a page
	Settings string // what is tried on, as JSON to store
	Topics   string // the topics tried on, one behind the other
	Chat     string // address of the chat's own page
	Wrong    string // what is wrong with what was to be tried on; "": nothing
}

// preview answers /widget/preview?site=: the widget on an empty page, with a
// form that tries colour, corner, theme, words and topics on. It changes
// nothing: it shows what to store. What cannot be stored is said, and nothing
// of it is tried on.
func (w *Widget) preview(c *fiber.Ctx) error {
	topics, wrong := strings.Clone(c.Query("topics")), ""
	if c.Query("try") != "" {
		if _, err := tryOn(settings.Settings{}, c, "en"); err != nil {
			f, ok := fault.As(err)
			if !ok {
				return err
			}
			wrong = f.Public
			c.Context().QueryArgs().Del("try")
		}
	}
	p, err := w.appPage(c, c.Query("site"), c.Query("lang"))
	if err != nil {
		return w.failChat(c, err)
	}
	look := p.Given.Settings
	trying := settings.Settings{}
	if c.Query("try") != "" {
		if trying, err = tryOn(trying, c, p.Lang); err != nil {
			return err
		}
	}
	stored, err := json.Marshal(trying)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(w.cfg.URL, "/")
	if base == "" {
		base = strings.Clone(c.BaseURL())
	}
	p.Preview = previewPart{
		Loader: "/widget.js?" + string(c.Context().QueryArgs().QueryString()), Snippet: Snippet(base, look.Site),
		Settings: string(stored), Topics: topics, Chat: base + "/chat/" + look.Site, Wrong: wrong,
	}
	pageHeaders(c)
	c.Set(fiber.HeaderContentSecurityPolicy, pagePolicy+"; frame-src 'self'")
	var b bytes.Buffer
	if err := w.embedded.pages.ExecuteTemplate(&b, "preview.html", p); err != nil {
		return fmt.Errorf("write the preview: %w", err)
	}
	return sendPieces(c, piece{plain: b.Bytes()})
}

// tryOn puts what a request says of looks and words on top of a site's settings,
// checked as if they were to be stored.
func tryOn(s settings.Settings, c *fiber.Ctx, lang string) (settings.Settings, error) {
	for _, f := range []struct {
		name string
		to   *string
	}{{"accent", &s.Accent}, {"corner", &s.Corner}, {"theme", &s.Theme}} {
		if v := c.Query(f.name); v != "" {
			*f.to = strings.Clone(v)
		}
	}
	words := s.WordsIn(lang)
	for _, f := range []struct {
		name string
		to   *string
	}{{"launcher", &words.Launcher}, {"title", &words.Title}, {"greeting", &words.Greeting}} {
		if v := strings.TrimSpace(c.Query(f.name)); v != "" {
			*f.to = strings.Clone(v)
		}
	}
	if words != (settings.Words{}) {
		s.Words = map[string]settings.Words{lang: words}
	}
	if topics := strings.FieldsFunc(strings.Clone(c.Query("topics")), func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }); len(topics) > 0 {
		s.Topics = nil
		for _, t := range topics {
			if t = strings.TrimSpace(t); t != "" {
				s.Topics = append(s.Topics, settings.Topic{Topic: t})
			}
		}
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return settings.Settings{}, err
	}
	return settings.Parse(raw)
}
