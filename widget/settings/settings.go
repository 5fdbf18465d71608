package settings

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
)

// Settings are a site's, as they are stored; the zero value is a site that
// chose nothing.
type Settings struct {
	Name      string           `json:"name,omitempty"`      // what people call the shop; empty: the site's title
	Accent    string           `json:"accent,omitempty"`    // #rrggbb; empty: the built-in one
	Theme     string           `json:"theme,omitempty"`     // auto, light or dark; empty: auto
	Tokens    Tokens           `json:"tokens,omitzero"`     // its own sizes and shapes
	Corner    string           `json:"corner,omitempty"`    // of the launcher: right or left; empty: right
	Offset    *Offset          `json:"offset,omitempty"`    // of the launcher from its corner; nil: 20 and 20
	Logo      string           `json:"logo,omitempty"`      // data: URL of a PNG, JPEG or WebP of at most 64 KiB
	Words     map[string]Words `json:"words,omitempty"`     // by language
	Topics    []Topic          `json:"topics,omitempty"`    // the site's own menu, at most six; empty: suggested from the knowledge
	Languages []string         `json:"languages,omitempty"` // the site's own, first one first; empty: those of its knowledge
	Hidden    []string         `json:"hidden,omitempty"`    // pages without a launcher: see Match
	Help      Place            `json:"help,omitzero"`       // where the help pages stand beside /help
	Home      string           `json:"home,omitempty"`      // address of the shop itself, for the way back
	Privacy   string           `json:"privacy,omitempty"`   // address of the privacy note
	Proactive Proactive        `json:"proactive,omitzero"`
	// Origins are the web origins whose pages may show the widget. They are the
	// site's own setting of that name (one truth, which the API's answers go by
	// too), shown and changed here as well; nil leaves them as they are.
	Origins []string `json:"origins,omitempty"`
}

// Offset is a distance from the launcher's corner, in CSS pixels.
type Offset struct {
	X int `json:"x"` // 0 to 400
	Y int `json:"y"` // 0 to 400
}

// Words are a site's own in one language; empty ones are the built-in ones.
type Words struct {
	Title       string `json:"title,omitempty"`       // above the conversation; at most 60 characters
	Greeting    string `json:"greeting,omitempty"`    // first line of the first screen; at most 200
	Launcher    string `json:"launcher,omitempty"`    // the launcher's name; at most 40
	Placeholder string `json:"placeholder,omitempty"` // in the empty box; at most 80
	Help        string `json:"help,omitempty"`        // headline of the help pages; at most 80
}

// Topic is an entry of a site's own menu.
type Topic struct {
	Topic    string            `json:"topic"`              // as in the articles' front matter
	Label    map[string]string `json:"label,omitempty"`    // by language; else the topic's name, made readable
	Articles []string          `json:"articles,omitempty"` // ids, at most six; empty: the topic's popular ones
}

// Place is where help pages stand under a name of the shop's own.
type Place struct {
	Domain string `json:"domain,omitempty"` // help.shop.example, without scheme; with a port where it has one
	Path   string `json:"path,omitempty"`   // begins with a slash; empty: /help
}

// MaxTopics is how many topics a menu has: more are not read.
const MaxTopics = 6

// DefaultOffset is the launcher's distance from its corner.
const DefaultOffset = 20

// Parse reads and checks settings. Every error is of kind fault.Invalid and
// names the field.
func Parse(raw []byte) (Settings, error) {
	var s Settings
	if len(bytes.TrimSpace(raw)) == 0 {
		return s, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Settings{}, invalid("%s", plainJSON(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Settings{}, invalid("there is something behind the object")
	}
	return s, s.check()
}

// Stored reads what was checked when it was written. A key that a later version
// wrote is passed over, so that an older process serves on.
func Stored(raw []byte) (Settings, error) {
	var s Settings
	if len(raw) == 0 {
		return s, nil
	}
	err := json.Unmarshal(raw, &s)
	return s, err
}

// OffsetOf is the launcher's offset.
func (s Settings) OffsetOf() Offset {
	if s.Offset == nil {
		return Offset{X: DefaultOffset, Y: DefaultOffset}
	}
	return *s.Offset
}

// ThemeOf is auto, light or dark.
func (s Settings) ThemeOf() string { return cmp.Or(s.Theme, "auto") }

// CornerOf is right or left.
func (s Settings) CornerOf() string { return cmp.Or(s.Corner, "right") }

// WordsIn are the site's words for a language: of exactly that tag, of its
// primary language, of the fallbacks in turn; each empty field by itself.
func (s Settings) WordsIn(langs ...string) Words {
	var out Words
	for _, lang := range langs {
		for _, tag := range []string{lang, primary(lang)} {
			w := s.Words[tag]
			out.Title = cmp.Or(out.Title, w.Title)
			out.Greeting = cmp.Or(out.Greeting, w.Greeting)
			out.Launcher = cmp.Or(out.Launcher, w.Launcher)
			out.Placeholder = cmp.Or(out.Placeholder, w.Placeholder)
			out.Help = cmp.Or(out.Help, w.Help)
		}
	}
	return out
}

// In finds the text for a language among texts by language: exactly, by primary
// language, by the fallbacks in turn, in English; "" where there is none.
func In(texts map[string]string, langs ...string) string {
	for _, lang := range append(langs, "en") {
		if t := cmp.Or(texts[lang], texts[primary(lang)]); t != "" {
			return t
		}
	}
	return ""
}
