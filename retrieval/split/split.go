package split

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"frontdesk/retrieval"
)

// Config says how long chunks are; the zero value is ready to use.
type Config struct {
	// MaxWords is the length aimed at, in words. 0: 160, which with title and
	// headings stays within the 512 tokens an embedding model reads, in every
	// language tried.
	MaxWords int
	// MinWords is the length under which a section is joined to its
	// neighbours. 0: 12.
	MinWords int
}

func (c Config) withDefaults() Config {
	c.MaxWords = cmp.Or(c.MaxWords, 160)
	c.MinWords = cmp.Or(c.MinWords, min(12, c.MaxWords))
	return c
}

func (c Config) validate() error {
	if c.MaxWords < 8 || c.MaxWords > 4000 {
		return fmt.Errorf("split: MaxWords must be from 8 to 4000, not %d", c.MaxWords)
	}
	if c.MinWords < 0 || c.MinWords > c.MaxWords {
		return fmt.Errorf("split: MinWords must be from 0 to MaxWords, not %d", c.MinWords)
	}
	return nil
}

// runesPerWord bounds a chunk's characters by its words. Written prose of the
// languages served has 5 to 8 characters a word, blanks included.
const runesPerWord = 10

// Splitter is a retrieval.Splitter. It keeps no state and may be shared.
type Splitter struct {
	cfg   Config
	soft  length // aimed at
	whole length // what must not be torn may reach this
}

var _ retrieval.Splitter = (*Splitter)(nil)

// New makes a Splitter; the error names the field that is wrong.
func New(cfg Config) (*Splitter, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	whole := cfg.MaxWords * 5 / 4
	return &Splitter{
		cfg:   cfg,
		soft:  length{halves: 2 * cfg.MaxWords, runes: runesPerWord * cfg.MaxWords},
		whole: length{halves: 2 * whole, runes: runesPerWord * whole},
	}, nil
}

// Version names this way of cutting; it changes with the code and the lengths.
func (s *Splitter) Version() string {
	return fmt.Sprintf("headings-1/%d/%d", s.cfg.MaxWords, s.cfg.MinWords)
}

// Split cuts an article: sections in order, then its questions.
func (s *Splitter) Split(a retrieval.Article) []retrieval.Chunk {
	spans := s.sections(a.Body, a.Title)
	chunks := make([]retrieval.Chunk, 0, len(spans)+len(a.Questions))
	for i, sp := range spans {
		chunks = append(chunks, retrieval.Chunk{
			Kind:    retrieval.SectionChunk,
			Heading: sp.path,
			From:    sp.from,
			To:      sp.to,
			Text:    a.Body[sp.from:sp.to],
			Context: sp.context,
			Words:   measure(a.Body[sp.from:sp.to]).words(),
			Section: i,
		})
	}
	if len(chunks) == 0 {
		return nil
	}
	for _, q := range a.Questions {
		if q = strings.TrimSpace(q); q == "" {
			continue
		}
		chunks = append(chunks, retrieval.Chunk{
			Kind:  retrieval.QuestionChunk,
			From:  chunks[0].From,
			To:    chunks[0].From,
			Text:  q,
			Words: measure(q).words(),
		})
	}
	return chunks
}

// span is a chunk in the making.
type span struct {
	path     []string
	head     int // where it begins with its own heading; From when joined
	from, to int
	size     length
	context  string
	only     bool // all of its section, so that it may be joined
	group    bool // sections joined under path, whose headings stand in the text
}

// sections is every section of a body cut to length, small neighbours joined.
func (s *Splitter) sections(body, title string) []span {
	doc := parse(body)
	var spans []span
	for _, sec := range doc.sections(title) {
		spans = append(spans, s.pack(doc, sec)...)
	}
	spans = s.join(body, spans)
	if len(spans) == 0 { // headings only: they are all there is to show
		if from, to := trim(body, 0, len(body)); from < to && measure(body).halves > 0 {
			for _, u := range s.cut(body, from, to, false) {
				spans = append(spans, span{from: u.from, to: u.to, size: u.size})
			}
		}
	}
	return spans
}

// pack fills chunks with a section's units, one after another.
func (s *Splitter) pack(doc document, sec section) []span {
	units := s.units(doc, sec)
	var out []span
	for i, u := range units {
		if i > 0 {
			last := &out[len(out)-1]
			// The last unit may make its chunk a little longer rather than stand
			// alone with a few words.
			limit := s.soft
			if i == len(units)-1 && u.size.words() < s.cfg.MinWords {
				limit = s.whole
			}
			if all := last.size.plus(measure(doc.body[last.to:u.from])).plus(u.size); all.fits(limit) {
				last.to, last.size = u.to, all
				continue
			}
		}
		out = append(out, span{path: sec.path, from: u.from, to: u.to, size: u.size, context: u.context})
	}
	if len(out) > 0 {
		out[0].head, out[0].only = sec.from, len(out) == 1
	}
	return out
}

// join keeps tiny neighbouring sections together: an introduction of a few words
// with the section below it, and short sections under one heading. A heading
// that asks a question keeps its answer to itself, however short.
func (s *Splitter) join(body string, spans []span) []span {
	var out []span
	for _, b := range spans {
		if len(out) > 0 && b.only {
			a := &out[len(out)-1]
			if joined, ok := s.joined(body, *a, b); ok {
				*a = joined
				continue
			}
		}
		out = append(out, b)
	}
	return out
}

func (s *Splitter) joined(body string, a, b span) (span, bool) {
	tinyA, tinyB := a.size.words() < s.cfg.MinWords, b.size.words() < s.cfg.MinWords
	if !a.only || len(b.path) == 0 || a.context != "" || b.context != "" {
		return a, false
	}
	parent := b.path[:len(b.path)-1]
	if !a.group && tinyA && slices.Equal(a.path, parent) { // an introduction
		j := span{path: b.path, head: a.from, from: a.from, to: b.to, only: true}
		j.size = measure(body[j.from:j.to])
		return j, j.size.fits(s.soft)
	}
	j := span{path: parent, to: b.to, only: true, group: true}
	switch {
	case asks(b.path):
		return a, false
	case a.group && tinyB && slices.Equal(a.path, parent):
		j.from = a.from
	case !a.group && (tinyA || tinyB) && siblings(a.path, b.path) && !asks(a.path):
		j.from = a.head
	default:
		return a, false
	}
	j.size = measure(body[j.from:j.to])
	// A quarter of a chunk: beyond that a section does better on its own, where
	// its heading stands for it alone.
	return j, j.size.fits(length{halves: s.soft.halves / 4, runes: s.soft.runes / 2})
}

func siblings(a, b []string) bool {
	return len(a) > 0 && len(a) == len(b) && slices.Equal(a[:len(a)-1], b[:len(b)-1])
}

func asks(path []string) bool {
	last := path[len(path)-1]
	return strings.HasSuffix(last, "?") || strings.HasSuffix(last, "？") || strings.HasSuffix(last, "؟")
}
