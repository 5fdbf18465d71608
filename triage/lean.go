package triage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed leans.json
var leansJSON []byte

// LeanKind is how a message leans on what was said before it.
type LeanKind int

const (
	NoLean   LeanKind = iota
	LeanOn            // it goes on about the same: "and for the smaller one?"
	LeanFail          // what was said did not help: "that didn't work"
)

// Lean is whether a message stands on its own feet.
type Lean struct {
	Kind LeanKind
	Rule string // "begins:en", "refers:en", "failed:en", "bare:en": for the trace
	// Bare says that the message names nothing itself: it is not worth
	// searching for.
	Bare bool
}

// leanPhrases are one language's, as written in leans.json.
type leanPhrases struct {
	Lead   []string `json:"lead"`   // what a message that goes on begins with
	Short  []string `json:"short"`  // likewise one of a few words: "for eight people?"
	Tail   []string `json:"tail"`   // what one ends with
	Refer  []string `json:"refer"`  // words that stand for what was named before
	Failed []string `json:"failed"` // what says that it did not help
	Fails  []string `json:"fails"`  // says so where nothing else is named; else it is about that
	// Function are words without a subject of their own.
	Function []string `json:"function"`
	Unspaced bool     `json:"unspaced"`
}

// leaner reads leans in one language.
type leaner struct {
	code               string
	lead, short        *node
	failed, fails      *node
	tail               map[string]bool // joined by spaces
	refer, function    map[string]bool
	flatLead, flatTail []string
	flatFailed         []string
	flatFails          []string
	flatRefer          []string
	flatFunction       []string
	unspaced           bool
}

func readLeaners() ([]leaner, error) {
	var all map[string]leanPhrases
	if err := json.Unmarshal(leansJSON, &all); err != nil {
		return nil, fmt.Errorf("triage leans: %w", err)
	}
	var out []leaner
	for _, code := range slices.Sorted(maps.Keys(all)) {
		p := all[code]
		out = append(out, leaner{
			code: code, lead: phraseNode(p.Lead), short: phraseNode(p.Short), failed: phraseNode(p.Failed), fails: phraseNode(p.Fails),
			tail: phraseSet(p.Tail), refer: phraseSet(p.Refer), function: phraseSet(p.Function),
			flatLead: flattened(p.Lead), flatTail: flattened(p.Tail), flatFailed: flattened(p.Failed), flatFails: flattened(p.Fails),
			flatRefer: flattened(p.Refer), flatFunction: flattened(p.Function), unspaced: p.Unspaced,
		})
	}
	return out, nil
}

func phraseSet(list []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range list {
		out[strings.Join(words(s), " ")] = true
	}
	return out
}

// How long a message may be to lean, and how much of its own it may say. All
// measured on the businesses of the corpus that are not frozen: see README.md
// of evals/corpus for how follow-ups were written there.
const (
	// A message that begins like one that goes on, in words.
	longestLead  = 16
	longestShort = 4
	// One that says that something failed: a longer one tells a story of its own.
	longestFailed = 20
	// Words with a subject of their own beside one that refers back. With three,
	// every twelfth message that stands alone would carry the subject before it.
	mostOwn = 2
	// The same in characters of a script without spaces.
	longestLeadFlat, longestFailedFlat, mostOwnFlat = 24, 36, 4
)

// Lean reads whether a message leans on what was said before it. It only looks
// at the message: with nothing before it, there is nothing to lean on.
func (r *Reader) Lean(text string) Lean {
	ws := words(text)
	if len(ws) == 0 {
		return Lean{}
	}
	joined := strings.Join(ws, "")
	flat := unspaced(joined)
	for i := range r.leaners {
		if l := &r.leaners[i]; l.unspaced && flat {
			if lean := l.readFlat(joined); lean.Kind != NoLean {
				return lean
			}
		}
	}
	// In any language: these phrases are no other's words, and too short to tell
	// the language by.
	for i := range r.leaners {
		if l := &r.leaners[i]; !l.unspaced {
			if lean := l.readFailed(ws); lean.Kind != NoLean {
				return lean
			}
		}
	}
	if l := r.leanerOf(ws); l != nil {
		return l.read(ws)
	}
	return Lean{}
}

// leanerOf is the spaced language whose plain words a text holds most of; nil
// where it holds none of any. Short messages are too short for a detector.
func (r *Reader) leanerOf(ws []string) *leaner {
	var best *leaner
	most := 0
	for i := range r.leaners {
		l := &r.leaners[i]
		if l.unspaced {
			continue
		}
		n := 3 * l.lead.longest(ws) // a phrase tells more than its words
		for _, w := range ws {
			if l.function[w] {
				n += 2
			} else if l.refer[w] {
				n++
			}
		}
		if n > most || n == most && n > 0 && l.code == "en" {
			best, most = l, n
		}
	}
	return best
}

func (l *leaner) readFailed(ws []string) Lean {
	if len(ws) > longestFailed {
		return Lean{}
	}
	for i := range ws {
		n, m := l.failed.longest(ws[i:]), l.fails.longest(ws[i:])
		if n == 0 && m == 0 {
			continue
		}
		bare := l.own(ws[:i]) == 0 && l.own(ws[i+max(n, m):]) == 0
		if n > 0 || bare {
			return Lean{LeanFail, "failed:" + l.code, bare}
		}
	}
	return Lean{}
}

// own is how many words have a subject of their own.
func (l *leaner) own(ws []string) (n int) {
	for _, w := range ws {
		if !l.refer[w] && !l.function[w] {
			n++
		}
	}
	return n
}

func (l *leaner) read(ws []string) Lean {
	own := l.own(ws)
	if len(ws) <= longestLead && (l.lead.longest(ws) > 0 || l.endsInTail(ws)) {
		return Lean{LeanOn, "begins:" + l.code, own == 0}
	}
	if len(ws) <= longestShort && l.short.longest(ws) > 0 {
		return Lean{LeanOn, "begins:" + l.code, own == 0}
	}
	refers := false
	for i, w := range ws {
		refers = refers || l.refer[w] && l.refersBack(ws, i)
	}
	switch {
	case refers && own <= mostOwn:
		return Lean{LeanOn, "refers:" + l.code, own == 0}
	case own == 0:
		return Lean{LeanOn, "bare:" + l.code, true}
	}
	return Lean{}
}

// refersBack says whether a word that can stand for something named before does
// so here. One that is also an article, say, stands for nothing where a word
// with a subject of its own follows: "das Rad", "les prix".
func (l *leaner) refersBack(ws []string, i int) bool {
	if !l.function[ws[i]] || i+1 == len(ws) {
		return true
	}
	next := ws[i+1]
	return l.function[next] || l.refer[next]
}

func (l *leaner) endsInTail(ws []string) bool {
	for n := 1; n <= min(3, len(ws)); n++ {
		if l.tail[strings.Join(ws[len(ws)-n:], " ")] {
			return true
		}
	}
	return false
}

// readFlat is read for text without spaces.
func (l *leaner) readFlat(s string) Lean {
	length := utf8.RuneCountInString(s)
	if length <= longestFailedFlat {
		for i, list := range [][]string{l.flatFailed, l.flatFails} {
			for _, p := range list {
				before, after, ok := strings.Cut(s, p)
				bare := l.ownFlat(before+after) <= mostOwnFlat/2
				if ok && (i == 0 || bare) {
					return Lean{LeanFail, "failed:" + l.code, bare}
				}
			}
		}
	}
	own := l.ownFlat(s)
	if length <= longestLeadFlat {
		for _, p := range l.flatLead {
			if strings.HasPrefix(s, p) {
				return Lean{LeanOn, "begins:" + l.code, own == 0}
			}
		}
		for _, p := range l.flatTail {
			if strings.HasSuffix(s, p) {
				return Lean{LeanOn, "begins:" + l.code, own == 0}
			}
		}
	}
	refers := slices.ContainsFunc(l.flatRefer, func(p string) bool { return strings.Contains(s, p) })
	if refers && own <= mostOwnFlat {
		return Lean{LeanOn, "refers:" + l.code, own == 0}
	}
	return Lean{}
}

// ownFlat is how many characters are left of a text without those that refer
// or fill.
func (l *leaner) ownFlat(s string) int {
	for _, list := range [][]string{l.flatRefer, l.flatFunction} {
		for _, p := range list {
			s = strings.ReplaceAll(s, p, "")
		}
	}
	return utf8.RuneCountInString(s)
}

// Own are the words of a text that have a subject of their own, as phrases are
// compared: without function words and those that only refer, in the language
// whose plain words it holds most of.
func (r *Reader) Own(text string) []string {
	ws := words(text)
	l := r.leanerOf(ws)
	if l == nil {
		return ws
	}
	return slices.DeleteFunc(ws, func(w string) bool { return l.function[w] || l.refer[w] })
}
