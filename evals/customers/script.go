package customers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"frontdesk/evals/cases"
)

// Script is a customer.
type Script struct {
	ID       string            `yaml:"id" json:"id"`
	Wants    string            `yaml:"wants" json:"wants"` // in a few words, for the report
	Tags     []string          `yaml:"tags,omitempty" json:"tags,omitempty"`
	Lang     string            `yaml:"lang,omitempty" json:"lang,omitempty"`
	Goal     Goal              `yaml:"goal" json:"goal"`
	Ends     cases.List        `yaml:"ends,omitempty" json:"ends,omitempty"`         // endings that are good; by the goal where none is named
	Within   int               `yaml:"within,omitempty" json:"within,omitempty"`     // turns; 0: mostTurns
	Mood     string            `yaml:"mood,omitempty" json:"mood,omitempty"`         // calm, hurried or cross; empty: calm
	Patience int               `yaml:"patience,omitempty" json:"patience,omitempty"` // misses they bear
	Typing   float64           `yaml:"typing,omitempty" json:"typing,omitempty"`     // part of the longer words that are typed wrongly
	Then     string            `yaml:"then,omitempty" json:"then,omitempty"`         // when patience is over: person or leave; empty: person
	Says     []string          `yaml:"says" json:"says"`                             // wordings, the first one first
	Tells    []Told            `yaml:"tells,omitempty" json:"tells,omitempty"`
	Facts    map[string]string `yaml:"facts,omitempty" json:"facts,omitempty"` // that whoever gets it has to know, by label
	Thanks   string            `yaml:"thanks,omitempty" json:"thanks,omitempty"`

	File string `yaml:"-" json:"-"`
	Line int    `yaml:"-" json:"-"`
}

// Goal is what a customer came for: words that stand in an article, or a person.
type Goal struct {
	Articles cases.List `yaml:"articles,omitempty" json:"articles,omitempty"` // one of these
	Facts    cases.List `yaml:"facts,omitempty" json:"facts,omitempty"`       // all of these, in what is quoted
	Person   bool       `yaml:"person,omitempty" json:"person,omitempty"`
}

// Told is something a customer knows, and says where a reply asks for it.
type Told struct {
	Asked cases.List `yaml:"asked" json:"asked"` // the reply holds one of these words
	Say   string     `yaml:"say" json:"say"`
}

// Endings of a story.
const (
	Answered = "answered"
	Person   = "person"
	Left     = "left" // gave up
	Long     = "long" // was still at it after the most turns
)

// Moods.
const (
	Calm    = "calm"
	Hurried = "hurried" // asks for a person with the first miss too many, and never thanks
	Cross   = "cross"   // presses "Not quite" under what does not help
)

// mostTurns of a story.
const mostTurns = 12

// Read reads all scripts of a folder's YAML files. The error lists everything that
// is wrong, a line each, with file and line.
func Read(folder fs.FS) ([]Script, error) {
	var list []Script
	var wrong []error
	seen := map[string]string{}
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" {
			return err
		}
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		found, bad := parse(name, data)
		wrong = append(wrong, bad...)
		for _, s := range found {
			at := fmt.Sprintf("%s:%d", s.File, s.Line)
			if first := seen[s.ID]; first != "" {
				wrong = append(wrong, fmt.Errorf("%s: customer %s: this id is taken by %s; give it another", at, s.ID, first))
			}
			seen[s.ID] = at
			for _, w := range s.wrong() {
				wrong = append(wrong, fmt.Errorf("%s: customer %s: %s", at, s.ID, w))
			}
			list = append(list, s)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read customers: %w", err)
	case len(wrong) > 0:
		return nil, errors.Join(wrong...)
	case len(list) == 0:
		return nil, errors.New("there are no customers: files end in .yaml and have a list under customers")
	}
	return list, nil
}

func parse(name string, data []byte) (list []Script, wrong []error) {
	var file struct {
		Customers []yaml.Node `yaml:"customers"`
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, []error{fmt.Errorf("%s: %w", name, err)}
	}
	for i := range file.Customers {
		n := &file.Customers[i]
		text, err := yaml.Marshal(n)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w", name, n.Line, err))
			continue
		}
		s := Script{File: name, Line: n.Line}
		d := yaml.NewDecoder(bytes.NewReader(text)) // a node's own Decode lets unknown fields pass
		d.KnownFields(true)
		if err := d.Decode(&s); err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %s (lines counted from the customer's first)", name, n.Line, strings.Join(strings.Fields(err.Error()), " ")))
			continue
		}
		list = append(list, s)
	}
	return list, wrong
}

// wrong lists what is wrong with a script by itself.
func (s Script) wrong() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if s.ID == "" || strings.ContainsAny(s.ID, " \t\r\n/\\") {
		add("needs an id without blanks and slashes")
	}
	if len(s.Says) == 0 || slices.ContainsFunc(s.Says, func(w string) bool { return strings.TrimSpace(w) == "" }) {
		add("says nothing; write under says how they put it, and how they put it again")
	}
	if !s.Goal.Person && len(s.Goal.Articles)+len(s.Goal.Facts) == 0 {
		add("has no goal: articles, facts or person")
	}
	for _, e := range s.Ends {
		if !slices.Contains([]string{Answered, Person, Left}, e) {
			add("ends is of %s, %s and %s, not %q", Answered, Person, Left, e)
		}
	}
	if !slices.Contains([]string{"", Calm, Hurried, Cross}, s.Mood) {
		add("mood is %s, %s or %s, not %q", Calm, Hurried, Cross, s.Mood)
	}
	if !slices.Contains([]string{"", Person, "leave"}, s.Then) {
		add("then is person or leave, not %q", s.Then)
	}
	if s.Within < 0 || s.Within > mostTurns || s.Patience < 0 || s.Patience > mostTurns {
		add("within and patience are from 0 to %d", mostTurns)
	}
	if !(s.Typing >= 0 && s.Typing <= 1) {
		add("typing is a part of the words, from 0 to 1")
	}
	for _, t := range s.Tells {
		if len(t.Asked) == 0 || slices.Contains(t.Asked, "") || t.Say == "" {
			add("tells needs asked and say")
		}
	}
	return out
}

// Check holds scripts against the knowledge: a goal that is not there would
// count as a miss of the product.
func Check(list []Script, articles []cases.Article) error {
	by := map[string]cases.Article{}
	for _, a := range articles {
		by[a.ID] = a
	}
	var wrong []error
	for _, s := range list {
		bad := func(format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("%s:%d: customer %s: %s", s.File, s.Line, s.ID, fmt.Sprintf(format, args...)))
		}
		var text strings.Builder
		for _, id := range s.Goal.Articles {
			a, ok := by[id]
			if !ok {
				bad("there is no article %q; name one that there is", id)
			}
			if ok && !a.Public {
				bad("article %s is for agents only, so that no customer ever sees it", id)
			}
			text.WriteString(a.Text + "\n")
		}
		for _, f := range s.Goal.Facts {
			if len(s.Goal.Articles) > 0 && !strings.Contains(text.String(), f) {
				bad("%q stands in none of the goal's articles", f)
			}
		}
	}
	return errors.Join(wrong...)
}

// good says whether an ending is good.
func (s Script) good(ending string) bool {
	if len(s.Ends) > 0 {
		return s.Ends.Has(ending)
	}
	if s.Goal.Person {
		return ending == Person
	}
	return ending == Answered
}
