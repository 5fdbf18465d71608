package matters

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/triage/text"
)

// Span is a part of a text, in bytes.
type Span struct{ From, To int }

//go:embed parts.json
var partsJSON []byte

// kind is what a phrase does.
type kind int

const (
	join    kind = iota
	mark         // says that something is added
	news         // announces another matter
	several      // announces a list
	opener
	fault
	refer // to what was said before
	small // stands in every message
	kinds
)

// parts are one language's phrases, as written in parts.json.
type parts struct {
	Joins   []string `json:"joins"`
	Marks   []string `json:"marks"`
	News    []string `json:"news"`
	Several []string `json:"several"`
	Opens   []string `json:"opens"`
	Faults  []string `json:"faults"`
	Refers  string   `json:"refers"`
	Small   string   `json:"small"`
}

// Splitter finds parts. It is safe for concurrent use.
type Splitter struct {
	codes   []string
	tongues *text.Tongues
	phrases text.Phrases // ids: the language's place × kinds + kind
}

// New reads the phrases that are built in.
func New() (*Splitter, error) {
	var all map[string]parts
	if err := json.Unmarshal(partsJSON, &all); err != nil {
		return nil, fmt.Errorf("matters: parts.json: %w", err)
	}
	tongues, err := text.NewTongues()
	if err != nil {
		return nil, fmt.Errorf("matters: %w", err)
	}
	s := &Splitter{codes: slices.Sorted(maps.Keys(all)), tongues: tongues}
	var phrases text.PhraseList
	for i, code := range s.codes {
		p := all[code]
		for k, list := range [kinds][]string{
			join: p.Joins, mark: p.Marks, news: p.News, several: p.Several, opener: p.Opens, fault: p.Faults,
			refer: strings.Fields(p.Refers), small: strings.Fields(p.Small),
		} {
			for _, x := range list {
				if err := phrases.Add(x, i*int(kinds)+k); err != nil {
					return nil, fmt.Errorf("matters: parts.json: %s: %w", code, err)
				}
			}
		}
	}
	s.phrases = phrases.Phrases()
	return s, nil
}

const (
	// longest is how many words of a message are cut up; a longer one is a story.
	longest = 400
	// fewest is how many words (or twice as many characters) a part has at least.
	fewest = 2
)

// Split gives the parts of a text that may be matters: one, the whole, where it
// has no more.
func (s *Splitter) Split(in string) []Span { return s.SplitIn(in, "") }

// SplitIn is Split with the language that the text is thought to be in, as a
// code of two letters; "" says nothing. It is listened to where the text has
// phrases of that language.
func (s *Splitter) SplitIn(in, lang string) []Span {
	t := text.Normal(in)
	whole := []Span{trim(in, Span{0, len(in)})}
	if len(t.Words) < 2*fewest || len(t.Words) > longest {
		return whole
	}
	r := s.read(in, t, lang)
	var out []Span
	for _, p := range r.parts() {
		from, to := r.matter(p[0], p[1])
		if from < to {
			out = append(out, trim(in, Span{t.Words[from].From, r.end(to - 1)}))
		}
	}
	if len(out) < 2 {
		return whole
	}
	return out
}

// Two gives the first part of a text and all that comes after it, without what
// leads to it ("and", "by the way"); ok is false where the text has one part
// only. lang is as for SplitIn. Unlike Split's parts these keep the story around
// a question, which a search can use.
func (s *Splitter) Two(in, lang string) (first, second Span, ok bool) {
	t := text.Normal(in)
	if len(t.Words) < 2*fewest || len(t.Words) > longest {
		return first, second, false
	}
	r := s.read(in, t, lang)
	parts := r.parts()
	if len(parts) < 2 {
		return first, second, false
	}
	at := r.said(parts[1][0], len(t.Words))
	first = trim(in, Span{0, r.end(parts[0][1] - 1)})
	second = trim(in, Span{t.Words[at].From, len(in)})
	return first, second, true
}
