package settings

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/internal/fault"
)

const (
	maxLogo    = 64 << 10
	maxList    = 50
	maxAddress = 2000
)

var (
	colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	tagForm    = regexp.MustCompile(`^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8}){0,3}$`)
	domainForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$`)
	pathForm   = regexp.MustCompile(`^/[A-Za-z0-9._~/-]{0,100}$`)
)

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "widget_settings", "Widget settings: "+fmt.Sprintf(format, args...)+".")
}

// plainJSON says in words what is wrong with JSON.
func plainJSON(err error) string {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s has the wrong type: it takes %s", e.Field, e.Type)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

func (s Settings) check() error {
	for _, step := range []func() error{s.checkLooks, s.checkLogo, s.checkWords, s.checkTopics, s.checkLists, s.checkPlaces, s.Proactive.check} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s Settings) checkLooks() error {
	if !short(s.Name, 80) {
		return invalid("name has at most 80 characters, on one line")
	}
	if s.Accent != "" && !colourForm.MatchString(s.Accent) {
		return invalid("accent is written as #rrggbb")
	}
	if !slices.Contains([]string{"", "auto", "light", "dark"}, s.Theme) {
		return invalid("theme is auto, light or dark")
	}
	if !slices.Contains([]string{"", "right", "left"}, s.Corner) {
		return invalid("corner is right or left")
	}
	if err := s.Tokens.check(); err != nil {
		return err
	}
	if o := s.OffsetOf(); o.X < 0 || o.X > 400 || o.Y < 0 || o.Y > 400 {
		return invalid("offset has x and y from 0 to 400")
	}
	return nil
}

func (s Settings) checkLogo() error {
	if s.Logo == "" {
		return nil
	}
	if _, _, err := Picture(s.Logo); err != nil {
		return err
	}
	return nil
}

// Picture reads a data: URL of a picture; what it is, is decided by its first
// bytes. SVG is not taken: it is a document that can hold scripts.
func Picture(dataURL string) (mime string, data []byte, err error) {
	_, encoded, ok := strings.Cut(dataURL, ";base64,")
	if !ok || !strings.HasPrefix(dataURL, "data:image/") {
		return "", nil, invalid("logo is a data: URL of a PNG, JPEG or WebP picture, in base64")
	}
	if data, err = base64.StdEncoding.DecodeString(encoded); err != nil {
		return "", nil, invalid("logo is no base64")
	}
	if len(data) > maxLogo {
		return "", nil, invalid("logo has %d bytes; at most %d are taken", len(data), maxLogo)
	}
	head := string(data[:min(len(data), 12)])
	switch {
	case strings.HasPrefix(head, "\x89PNG\r\n\x1a\n"):
		return "image/png", data, nil
	case strings.HasPrefix(head, "\xff\xd8\xff"):
		return "image/jpeg", data, nil
	case len(head) == 12 && head[:4] == "RIFF" && head[8:] == "WEBP":
		return "image/webp", data, nil
	}
	return "", nil, invalid("logo is no PNG, JPEG or WebP picture")
}

func (s Settings) checkWords() error {
	for _, lang := range slices.Sorted(maps.Keys(s.Words)) {
		if !tagForm.MatchString(lang) {
			return invalid("words: %q is no language", lang)
		}
		w := s.Words[lang]
		for _, f := range []struct {
			name, text string
			most       int
		}{{"title", w.Title, 60}, {"greeting", w.Greeting, 200}, {"launcher", w.Launcher, 40}, {"placeholder", w.Placeholder, 80}, {"help", w.Help, 80}} {
			if !short(f.text, f.most) {
				return invalid("words.%s.%s has at most %d characters, on one line", lang, f.name, f.most)
			}
		}
	}
	return nil
}

func (s Settings) checkTopics() error {
	if len(s.Topics) > MaxTopics {
		return invalid("topics: a menu has at most %d", MaxTopics)
	}
	seen := map[string]bool{}
	for i, t := range s.Topics {
		switch {
		case t.Topic == "" || !short(t.Topic, 80):
			return invalid("topics[%d].topic has 1 to 80 characters", i)
		case seen[t.Topic]:
			return invalid("topics[%d]: %s is there twice", i, t.Topic)
		case len(t.Articles) > 6:
			return invalid("topics[%d].articles: at most six", i)
		}
		seen[t.Topic] = true
		if err := checkTexts(fmt.Sprintf("topics[%d].label", i), t.Label, 60); err != nil {
			return err
		}
	}
	return nil
}

func checkTexts(where string, texts map[string]string, most int) error {
	for _, lang := range slices.Sorted(maps.Keys(texts)) {
		if !tagForm.MatchString(lang) {
			return invalid("%s: %q is no language", where, lang)
		}
		if texts[lang] == "" || !short(texts[lang], most) {
			return invalid("%s.%s has 1 to %d characters, on one line", where, lang, most)
		}
	}
	return nil
}

func (s Settings) checkLists() error {
	if len(s.Languages) > maxList || len(s.Origins) > maxList {
		return invalid("languages and origins have at most %d entries", maxList)
	}
	for _, l := range s.Languages {
		if !tagForm.MatchString(l) {
			return invalid("languages: %q is no language", l)
		}
	}
	for _, o := range s.Origins {
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" || u.User != nil || strings.ContainsAny(o, " ;,'\"") {
			return invalid("origins: %q is no origin: write it as https://shop.example", o)
		}
	}
	return checkPatterns("hidden", s.Hidden)
}

func (s Settings) checkPlaces() error {
	if s.Help.Domain != "" && !domainForm.MatchString(s.Help.Domain) {
		return invalid("help.domain is a host name in lower case, such as help.shop.example")
	}
	if s.Help.Path != "" && (!pathForm.MatchString(s.Help.Path) || strings.Contains(s.Help.Path, "//")) {
		return invalid("help.path is a path such as /support")
	}
	if s.Help.Path != "" && s.Help.Domain == "" {
		return invalid("help.path needs help.domain")
	}
	for name, address := range map[string]string{"home": s.Home, "privacy": s.Privacy} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || len(address) > maxAddress || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil) {
			return invalid("%s is a whole address, such as https://shop.example/", name)
		}
	}
	return nil
}

// short says whether a text fits, is one line, and can be stored.
func short(s string, most int) bool {
	return utf8.RuneCountInString(s) <= most && utf8.ValidString(s) && !strings.ContainsAny(s, "\x00\r\n")
}

// primary is the language of a tag, in lower case: "de" of "de-AT".
func primary(tag string) string {
	p, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return p
}
