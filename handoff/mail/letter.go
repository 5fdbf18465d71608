package mail

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Kind is what a letter is.
type Kind string

const (
	Confirm Kind = "confirm" // is this address yours? Holds nothing that a visitor wrote
	Reply   Kind = "reply"   // what an agent said
	Delayed Kind = "delayed" // it takes longer
	Remind  Kind = "remind"  // we wait for you
	Rating  Kind = "rating"  // how was it
	Lead    Kind = "lead"    // to a lead: nobody has taken it
	// Unanswered is to a lead: somebody has it, and its customer waits.
	Unanswered Kind = "unanswered"
	Mention    Kind = "mention" // to an agent: you are named in a note

	Transcript Kind = "transcript" // what was said in a conversation, to its customer
)

func kinds() []Kind {
	return []Kind{Confirm, Reply, Delayed, Remind, Rating, Lead, Unanswered, Mention, Transcript}
}

// Letter is what is filled in. Fields that a kind does not use are empty.
type Letter struct {
	Kind      Kind
	Site      string   // as customers know it
	Reference string   // of the case
	Name      string   // of the agent
	Queue     string   // its name
	Quotes    []string // Reply: what the agent said, oldest first; plain text
	Said      []Said   // Transcript: what was said, oldest first
	Link      string   // of the button; Rating: of a page where a score is pressed
}

// Said is one message of a transcript.
type Said struct {
	Customer, Assistant bool   // else a person, or the service
	Name                string // of a person
	At                  time.Time
	Text                string // plain
}

//go:embed texts.json
var textsJSON []byte

//go:embed letter.html
var letterHTML string

// Writer writes letters out, in twelve languages.
type Writer struct {
	in   map[string]wording
	page *template.Template
}

type wording struct {
	Letters map[Kind]form
	You     string   // the customer, in a transcript
	Bot     string   // the assistant, likewise
	Auto    string   // the last line of what no person wrote
	Sent    string   // the last line of a reply
	Scores  []string // 1 to 5
}

type form struct {
	Subject string   `json:"subject"`
	Text    []string `json:"text"`
	Button  string   `json:"button"`
}

// NewWriter reads the words that are built in. Every language has every kind,
// with the same places to fill in as the English one.
func NewWriter() (*Writer, error) {
	page, err := template.New("letter").Parse(letterHTML)
	if err != nil {
		return nil, fmt.Errorf("the letters: %w", err)
	}
	w := &Writer{in: map[string]wording{}, page: page}
	var raw map[string]map[string]json.RawMessage
	if err := json.Unmarshal(textsJSON, &raw); err != nil {
		return nil, fmt.Errorf("the letters: %w", err)
	}
	for lang, parts := range raw {
		x := wording{Letters: map[Kind]form{}}
		for key, to := range map[string]any{"auto": &x.Auto, "sent": &x.Sent, "scores": &x.Scores, "you": &x.You, "assistant": &x.Bot} {
			if err := json.Unmarshal(parts[key], to); err != nil {
				return nil, fmt.Errorf("the letters: %s of %q: %w", key, lang, err)
			}
		}
		for _, k := range kinds() {
			var f form
			if err := json.Unmarshal(parts[string(k)], &f); err != nil {
				return nil, fmt.Errorf("the letters: %s of %q: %w", k, lang, err)
			}
			x.Letters[k] = f
		}
		w.in[lang] = x
	}
	return w, w.check()
}

func (w *Writer) check() error {
	english, ok := w.in["en"]
	if !ok {
		return fmt.Errorf("the letters: no English")
	}
	for lang, x := range w.in {
		if x.Auto == "" || x.Sent == "" || x.You == "" || x.Bot == "" || len(x.Scores) != 5 {
			return fmt.Errorf("the letters: %q lacks a closing line or a score", lang)
		}
		for _, k := range kinds() {
			f, e := x.Letters[k], english.Letters[k]
			if len(f.Text) != len(e.Text) || (f.Button == "") != (e.Button == "") || !slices.Equal(places(f), places(e)) {
				return fmt.Errorf("the letters: %s of %q does not say what the English one says", k, lang)
			}
		}
	}
	return nil
}

// places are what is filled in, in order of their names, each once.
func places(f form) []string {
	all := f.Subject + strings.Join(f.Text, " ")
	return slices.DeleteFunc([]string{"{name}", "{queue}", "{quote}", "{reference}", "{site}"}, func(p string) bool { return !strings.Contains(all, p) })
}

func (w *Writer) pick(langs []string) (wording, string) {
	for _, l := range langs {
		p, _, _ := strings.Cut(strings.ToLower(l), "-")
		if x, ok := w.in[p]; ok {
			return x, p
		}
	}
	return w.in["en"], "en"
}

// page is what the HTML is filled with.
type page struct {
	Lang, Dir string
	Subject   string
	Blocks    []block
	Footer    string
}

type block struct {
	Text   string
	Quotes []string
	Button string
	Link   string
	Score  int
}

// Write writes a letter in the first of the languages that there are words in,
// else in English.
func (w *Writer) Write(l Letter, langs ...string) (subject, text, html, lang string, err error) {
	x, lang := w.pick(langs)
	f, ok := x.Letters[l.Kind]
	if !ok {
		return "", "", "", "", fmt.Errorf("no letter of kind %q", l.Kind)
	}
	// What is filled in is one line, whatever it was.
	fill := strings.NewReplacer("{site}", line(l.Site), "{reference}", line(l.Reference), "{name}", line(l.Name), "{queue}", line(l.Queue)).Replace
	p := page{Lang: lang, Dir: "ltr", Subject: fill(f.Subject), Footer: fill(x.Auto)}
	if l.Reference == "" { // every language puts it at the end, after a colon
		p.Subject = strings.TrimRightFunc(p.Subject, func(r rune) bool { return r == ':' || r == '：' || unicode.IsSpace(r) })
	}
	if lang == "ar" {
		p.Dir = "rtl"
	}
	if l.Kind == Reply {
		p.Footer = fill(x.Sent)
	}
	quotes := l.Quotes
	for _, s := range l.Said {
		quotes = append(quotes, x.said(s, l.Site))
	}
	for _, t := range f.Text {
		if t == "{quote}" {
			p.Blocks = append(p.Blocks, block{Quotes: quotes})
			continue
		}
		p.Blocks = append(p.Blocks, block{Text: fill(t)})
	}
	switch {
	case l.Link == "":
	case l.Kind == Rating:
		for i, s := range x.Scores {
			p.Blocks = append(p.Blocks, block{Button: s, Link: fmt.Sprintf("%s?score=%d", l.Link, i+1), Score: i + 1})
		}
	case f.Button != "":
		p.Blocks = append(p.Blocks, block{Button: f.Button, Link: l.Link})
	}
	var b bytes.Buffer
	if err := w.page.Execute(&b, p); err != nil {
		return "", "", "", "", fmt.Errorf("write a letter: %w", err)
	}
	return p.Subject, p.plain(), b.String(), lang, nil
}

// said is a message of a transcript: who and when, and below it the words.
func (x wording) said(s Said, site string) string {
	who := line(s.Name)
	switch {
	case s.Customer:
		who = x.You
	case s.Assistant:
		who = x.Bot
	case who == "":
		who = line(site)
	}
	return who + " · " + s.At.UTC().Format("2006-01-02 15:04 UTC") + "\n" + strings.TrimSpace(s.Text)
}

// plain is the same letter as text.
func (p page) plain() string {
	var parts []string
	for _, b := range p.Blocks {
		switch {
		case b.Button != "":
			parts = append(parts, b.Button+":\n"+b.Link)
		case b.Quotes != nil:
			for _, q := range b.Quotes {
				parts = append(parts, "> "+strings.ReplaceAll(strings.TrimSpace(q), "\n", "\n> "))
			}
		default:
			parts = append(parts, b.Text)
		}
	}
	return strings.Join(parts, "\n\n") + "\n\n-- \n" + p.Footer + "\n"
}

// line makes one line of a text, without marks that turn it around.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
