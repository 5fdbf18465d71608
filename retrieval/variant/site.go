package variant

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Site is what a site's names are looked up in; safe for concurrent use. A nil
// Site knows none.
type Site struct {
	names   map[string]Name     // by key
	holding map[string][]string // keys of the names that hold a run, by the run
	titles  titles
}

// mostTitles bounds how many titles a Site remembers: some 400 bytes each.
const mostTitles = 2000

// titles remembers what was read of titles, by title and product line. The zero
// value is ready; nothing in a Title is ever changed.
type titles struct {
	mu    sync.RWMutex
	known map[[2]string]Title
}

func (m *titles) of(key [2]string, read func() Title) Title {
	m.mu.RLock()
	t, ok := m.known[key]
	m.mu.RUnlock()
	if ok {
		return t
	}
	t = read()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= mostTitles {
		m.known = map[[2]string]Title{} // a site of more articles begins anew
	}
	m.known[key] = t
	return t
}

// NewSite is the site of the names that were learned.
func NewSite(names []Name) *Site {
	s := &Site{names: map[string]Name{}, holding: map[string][]string{}}
	for _, n := range names {
		s.names[key(cut(n.Text))] = n
	}
	for _, n := range names {
		run := cut(n.Text)
		for from := range run {
			for to := from + 1; to <= len(run); to++ {
				part := run[from:to]
				k := key(part)
				_, known := s.names[k]
				if !known && !tells(part) {
					continue
				}
				if whole := key(run); !n.Part && !slices.Contains(s.holding[k], whole) {
					s.holding[k] = append(s.holding[k], whole)
				}
			}
		}
	}
	return s
}

// tells says whether a part of a name tells it in a question: a number alone
// does not, nor a word that may be any other.
func tells(part []piece) bool {
	return len(part) > 1 && slices.ContainsFunc(part, func(p piece) bool { return !p.digits })
}

// Span is a name in a text.
type Span struct {
	From, To int // bytes
	Key      string
}

// In are the names that a title or product line holds, the longest at each place.
func (s *Site) In(text string) []Span {
	if s == nil || len(s.names) == 0 {
		return nil
	}
	var out []Span
	list := cut(text)
	for i := 0; i < len(list); {
		n := 1
		for size := joined(list[i:]); size > 0; size-- {
			k := key(list[i : i+size])
			if name, ok := s.names[k]; ok && !name.Part {
				out = append(out, Span{From: list[i].from, To: list[i+size-1].to, Key: k})
				n = size
				break
			}
		}
		i += n
	}
	return out
}

// joined is how many of the first pieces hang together, at most as many as a
// name has.
func joined(list []piece) int {
	n := min(1, len(list))
	for n < len(list) && n < MaxPieces && list[n].joins {
		n++
	}
	return n
}

// Asked are the names that a question names.
type Asked []Mention

// Mention is one of them.
type Mention struct {
	Key   string
	Means []string // keys of the names that may be meant
	Exact bool     // these names end in what was said: "K2" is no "K2 Mini"
}

// Asked finds the names in a question: of what it says the longest runs that
// names hold. "The S3" means every name that ends in it; "the Brisa", where no
// name is just that, all that hold it.
func (s *Site) Asked(question string) Asked {
	if s == nil || len(s.names) == 0 {
		return nil
	}
	var out Asked
	for _, p := range s.places(question) {
		if !slices.ContainsFunc(out, func(o Mention) bool { return o.Key == p.mention.Key }) {
			out = append(out, p.mention)
		}
	}
	return out
}

// mention is the name that pieces begin with, the longest, and how many pieces
// it has; 0: they begin with none.
func (s *Site) mention(list []piece) (m Mention, pieces int) {
	for size := min(MaxPieces, len(list)); size > 0; size-- {
		k := key(list[:size])
		holding := s.holding[k]
		if len(holding) == 0 {
			continue
		}
		m = Mention{Key: k}
		for _, h := range holding {
			if h == k || strings.HasSuffix(h, " "+k) {
				m.Means = append(m.Means, h)
			}
		}
		if m.Exact = len(m.Means) > 0; !m.Exact {
			m.Means = holding
		}
		return m, size
	}
	return Mention{}, 0
}

// frame is a title without its names: its longer words, in their order.
func frame(title string, names []Span) []string {
	var out []string
	for _, p := range cut(title) {
		if slices.ContainsFunc(names, func(n Span) bool { return n.From <= p.from && p.to <= n.To }) {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(p.text); unicode.IsUpper(r) || unicode.IsLower(r) {
			if utf8.RuneCountInString(p.text) <= 3 {
				continue // "the", "and", "für": they say nothing about what a title is about
			}
		}
		out = append(out, p.text)
	}
	return out
}
