package widget

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// wordsOf are the help pages' own words in one language, from help/words. {}
// is where something is put in. A test holds every language to the same places.
type wordsOf struct {
	Lang           string   `json:"-"`
	Name           string   `json:"name"` // of the language, in itself
	Months         []string `json:"months"`
	Brand          string   `json:"brand"`
	Headline       string   `json:"headline"`
	HelpTitle      string   `json:"help_title"`
	SearchTitle    string   `json:"search_title"`
	SearchLabel    string   `json:"search_label"`
	Search         string   `json:"search"`
	Placeholder    string   `json:"placeholder"`
	Skip           string   `json:"skip"`
	Home           string   `json:"home"`
	AllTopics      string   `json:"all_topics"`
	AllOf          string   `json:"all_of"`
	About          string   `json:"about"`
	EverythingElse string   `json:"everything_else"`
	NoArticles     string   `json:"no_articles"`
	Where          string   `json:"where"`
	FirstPage      string   `json:"first_page"`
	NextPage       string   `json:"next_page"`
	Updated        string   `json:"updated"`
	Outdated       string   `json:"outdated"`
	See            string   `json:"see"`
	QuoteChanged   string   `json:"quote_changed"`
	QuoteMarked    string   `json:"quote_marked"`
	Marked         string   `json:"marked"`
	Contents       string   `json:"contents"`
	Related        string   `json:"related"`
	Found          string   `json:"found"`
	NotFound       string   `json:"not_found"`
	Partial        string   `json:"partial"`
	OtherWords     string   `json:"other_words"`
	Unsure         string   `json:"unsure"`
	AskLine        string   `json:"ask_line"`
	AskUs          string   `json:"ask_us"`
	OrPerson       string   `json:"or_person"`
	AskAbout       string   `json:"ask_about"`
	Person         string   `json:"person"`
	Helpful        string   `json:"helpful"`
	Yes            string   `json:"yes"`
	No             string   `json:"no"`
	Thanks         string   `json:"thanks"`
	Missing        string   `json:"missing"`
	MissingHint    string   `json:"missing_hint"`
	Send           string   `json:"send"`
	Noted          string   `json:"noted"`
	NoneTitle      string   `json:"none_title"`
	NoneSaid       string   `json:"none_said"`
	NoneNext       string   `json:"none_next"`
	AwayTitle      string   `json:"away_title"`
	AwaySaid       string   `json:"away_said"`
	AwayNext       string   `json:"away_next"`
	ChatAwayTitle  string   `json:"chat_away_title"`
	ChatAwaySaid   string   `json:"chat_away_said"`
	TryNow         string   `json:"try_now"`
	WrongTitle     string   `json:"wrong_title"`
	WrongSaid      string   `json:"wrong_said"`
	WrongNext      string   `json:"wrong_next"`
	Suggestions    string   `json:"suggestions"`
	Languages      string   `json:"languages"`
	Privacy        string   `json:"privacy"`
	Popular        string   `json:"popular"`
	Date           string   `json:"date"`
}

// dir is the direction of these words.
func (w *wordsOf) dir() string { return dirOf(w.Lang) }

// day is a date for people.
func (w *wordsOf) day(t time.Time) string {
	return strings.NewReplacer("{d}", strconv.Itoa(t.Day()), "{m}", w.Months[t.Month()-1], "{y}", strconv.Itoa(t.Year())).Replace(w.Date)
}

// vocabulary is all the languages there are words in.
type vocabulary map[string]*wordsOf

// loadWords reads every file of words.
func loadWords(from fs.FS) (vocabulary, error) {
	names, err := fs.Glob(from, "help/words/*.json")
	if err != nil {
		return nil, fmt.Errorf("load words: %w", err)
	}
	out := vocabulary{}
	for _, name := range names {
		raw, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("load words: %w", err)
		}
		w := &wordsOf{Lang: strings.TrimSuffix(path.Base(name), ".json")}
		if err := json.Unmarshal(raw, w); err != nil {
			return nil, fmt.Errorf("load words, %s: %w", name, err)
		}
		if len(w.Months) != 12 {
			return nil, fmt.Errorf("load words, %s: %d months", name, len(w.Months))
		}
		out[w.Lang] = w
	}
	if out["en"] == nil {
		return nil, fmt.Errorf("load words: there are none in English")
	}
	return out, nil
}

// in finds the words for the first of the tags that there are words for; else
// the English ones.
func (v vocabulary) in(tags ...string) *wordsOf {
	for _, tag := range tags {
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if w := v[primary]; w != nil {
			return w
		}
	}
	return v["en"]
}

// accepted are the tags of an Accept-Language header, the dearest first.
func accepted(header string) []string {
	type wish struct {
		tag string
		q   float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(first(header, 500), ",") {
		tag, rest, _ := strings.Cut(part, ";")
		w := wish{tag: strings.TrimSpace(tag), q: 1}
		if q, ok := strings.CutPrefix(strings.TrimSpace(rest), "q="); ok {
			w.q, _ = strconv.ParseFloat(q, 64) // what is no number is no wish
		}
		if w.q > 0 && w.tag != "" && w.tag != "*" {
			wishes = append(wishes, w)
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int {
		switch {
		case a.q > b.q:
			return -1
		case a.q < b.q:
			return 1
		}
		return 0
	})
	tags := make([]string, len(wishes))
	for i, w := range wishes {
		tags[i] = w.tag
	}
	return tags
}

// fill puts values into the places of words, in order; each is escaped like any
// text, and what is HTML already stays as it is.
func fill(words string, values ...any) template.HTML {
	var b strings.Builder
	for part := range strings.SplitSeq(words, "{}") {
		b.WriteString(template.HTMLEscapeString(part))
		if len(values) == 0 {
			continue
		}
		switch v := values[0].(type) {
		case template.HTML:
			b.WriteString(string(v))
		default:
			b.WriteString(template.HTMLEscapeString(fmt.Sprint(v)))
		}
		values = values[1:]
	}
	return template.HTML(b.String())
}

// anchor is a link to put into words.
func anchor(href, text string) template.HTML {
	return template.HTML(`<a href="` + template.HTMLEscapeString(href) + `">` + template.HTMLEscapeString(text) + `</a>`)
}

// isolated is somebody's words to put among ours, whatever their direction.
func isolated(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(text) + "</bdi>")
}
