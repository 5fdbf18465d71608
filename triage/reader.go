package triage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"frontdesk/triage/text"
)

//go:embed phrases.json
var phrasesJSON []byte

// Small is a kind of small talk.
type Small int

const (
	NoSmall Small = iota
	Greeting
	Thanks
	// Ending says that there is nothing more: "no thanks, that's all", "then I'll
	// wait". A thank-you that says nothing else is none.
	Ending
	// Chat is about the assistant itself, or about nothing: "are you a robot?",
	// "how are you?", "nice website". It asks for nobody.
	Chat
)

// Signals are what a text says plainly.
type Signals struct {
	WantsPerson bool
	Small       Small
	Lang        string // of the phrase that fired; empty where none did, or small talk of several languages
	Rule        string // "person:en", for the trace
}

// phrases are one language's, as written in phrases.json.
type phrases struct {
	// Ask and Who make up wishes: every way to ask followed by every person,
	// with one of Between in the middle (the empty one too).
	Ask     []string `json:"ask"`
	Between []string `json:"between"`
	Who     []string `json:"who"`
	// Wish are whole wishes that are not made of these parts.
	Wish []string `json:"wish"`
	// Alone are wishes only where they are all that is said, Polite aside.
	Alone []string `json:"alone"`
	// Not, in front of a wish (up to three words before it), takes it back.
	Not      []string `json:"not"`
	Greeting []string `json:"greeting"`
	Thanks   []string `json:"thanks"`
	// Ending says that there is nothing more; BeforeEnding are words beside it
	// that say nothing else there, "no" first of all.
	Ending       []string `json:"ending"`
	BeforeEnding []string `json:"before_ending"`
	// Are and What make up questions of what one talks to: every way to ask
	// followed by every thing it could be, and by Or and another one of these.
	// Chat are others, and what is no question; BesideChat are words that change
	// nothing about them.
	Are        []string `json:"are"`
	What       []string `json:"what"`
	Or         []string `json:"or"`
	Chat       []string `json:"chat"`
	BesideChat []string `json:"beside_chat"`
	// Nods say that something was heard, and no more.
	Nods []string `json:"nods"`
	// Polite are words that change nothing about small talk or a bare wish.
	Polite []string `json:"polite"`
	// Unspaced languages are written without spaces: phrases are looked for
	// anywhere in the text instead of between words.
	Unspaced bool `json:"unspaced"`
}

// Reader reads signals; it is safe for concurrent use.
type Reader struct {
	langs []language
	wish  text.Phrases // of the languages with spaces, by their places
	not   map[string][]string

	pickers []picker
	leaners []leaner
}

type language struct {
	code                                  string
	p                                     phrases
	alone, greeting, thanks, polite, nods *node
	ending, noMore, chat, beside          *node
}

// NewReader reads the phrases that are built in.
func NewReader() (*Reader, error) {
	var all map[string]phrases
	if err := json.Unmarshal(phrasesJSON, &all); err != nil {
		return nil, fmt.Errorf("triage phrases: %w", err)
	}
	codes := make([]string, 0, len(all))
	for code := range all {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	r := &Reader{not: map[string][]string{}}
	var wish text.PhraseList
	for i, code := range codes {
		l := newLanguage(code, all[code])
		r.langs = append(r.langs, l)
		if !l.p.Unspaced {
			for _, w := range l.p.wishes() {
				wish.AddForms(words(w), i)
			}
		}
		for _, n := range l.p.Not {
			r.not[code] = append(r.not[code], strings.Join(words(n), " "))
		}
	}
	r.wish = wish.Phrases()
	var err error
	if r.pickers, err = readPickers(); err != nil {
		return nil, err
	}
	if r.leaners, err = readLeaners(); err != nil {
		return nil, err
	}
	return r, nil
}

func newLanguage(code string, p phrases) language {
	p.Chat = append(slices.Clone(p.Chat), pairs(p.Are, p.What)...)
	p.BesideChat = append(slices.Clone(p.BesideChat), pairs(p.Or, p.What)...)
	l := language{
		code: code, p: p, alone: newNode(), greeting: newNode(), thanks: newNode(), polite: newNode(), nods: newNode(),
		ending: newNode(), noMore: newNode(), chat: newNode(), beside: newNode(),
	}
	if p.Unspaced {
		l.p = p.normal()
		return l
	}
	for n, list := range map[*node][]string{
		l.alone: p.Alone, l.greeting: p.Greeting, l.thanks: p.Thanks, l.polite: p.Polite, l.nods: p.Nods,
		l.ending: p.Ending, l.noMore: p.BeforeEnding, l.chat: p.Chat, l.beside: p.BesideChat,
	} {
		for _, s := range list {
			n.add(words(s))
		}
	}
	return l
}

// wishes spells out every wish of a language.
func (p phrases) wishes() []string {
	out := slices.Clone(p.Wish)
	between := append([]string{""}, p.Between...)
	for _, ask := range p.Ask {
		for _, b := range between {
			for _, who := range p.Who {
				out = append(out, ask+" "+b+" "+who)
			}
		}
	}
	return out
}

// pairs is every one of the first followed by every one of the second.
func pairs(first, second []string) []string {
	var out []string
	for _, a := range first {
		for _, b := range second {
			out = append(out, a+" "+b)
		}
	}
	return out
}

// normal is p with every phrase as unspaced text is compared.
func (p phrases) normal() phrases {
	for _, list := range []*[]string{&p.Wish, &p.Alone, &p.Not, &p.Greeting, &p.Thanks, &p.Polite, &p.Nods, &p.Ending, &p.BeforeEnding, &p.Chat, &p.BesideChat} {
		out := make([]string, len(*list))
		for i, s := range *list {
			out[i] = strings.Join(words(s), "")
		}
		slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) }) // longest first
		*list = out
	}
	return p
}

// Read reads the signals of a message; of several lines, all together.
func (r *Reader) Read(message string) Signals {
	ws := words(message)
	if len(ws) == 0 {
		return Signals{}
	}
	joined := strings.Join(ws, "")
	flat := unspaced(joined)
	small := r.small(ws, joined, flat)
	if small.Small == Chat { // who asks whether this is a person asks for none
		return small
	}
	if lang, ok := r.wishIn(ws); ok {
		return Signals{WantsPerson: true, Lang: lang, Rule: "person:" + lang}
	}
	for _, l := range r.langs {
		switch {
		case l.p.Unspaced && flat && l.unspacedWish(joined), !l.p.Unspaced && covers(ws, false, l.alone, l.polite):
			return Signals{WantsPerson: true, Lang: l.code, Rule: "person:" + l.code}
		}
	}
	return small
}

// small reads small talk, in any language.
func (r *Reader) small(ws []string, joined string, flat bool) (s Signals) {
	for _, l := range r.langs {
		if l.p.Unspaced && !flat {
			continue
		}
		switch small := l.small(ws, joined); {
		case small == NoSmall:
		case s.Small == NoSmall:
			s = Signals{Small: small, Lang: l.code, Rule: "smalltalk:" + l.code}
		default:
			s.Lang = "" // "hi" is said in many: it tells no language
		}
	}
	return s
}

// wishIn looks for a wish between the words that nothing in front takes back.
func (r *Reader) wishIn(ws []string) (lang string, ok bool) {
	forms := make([]text.Word, len(ws))
	for i, w := range ws {
		forms[i].Form = w
	}
	for _, f := range r.wish.In(forms) {
		lang := r.langs[f.ID].code
		before := " " + strings.Join(ws[max(0, f.From-4):f.From], " ") + " "
		if !slices.ContainsFunc(r.not[lang], func(n string) bool { return strings.Contains(before, " "+n+" ") }) {
			return lang, true
		}
	}
	return "", false
}

func (l language) unspacedWish(joined string) bool {
	if slices.ContainsFunc(l.p.Not, func(n string) bool { return strings.Contains(joined, n) }) {
		return false
	}
	if slices.ContainsFunc(l.p.Wish, func(w string) bool { return strings.Contains(joined, w) }) {
		return true
	}
	return unspacedCovers(joined, l.p.Alone, l.p.Polite)
}

func (l language) small(ws []string, joined string) Small {
	if l.p.Unspaced {
		switch {
		case unspacedCovers(joined, l.p.Thanks, slices.Concat(l.p.Greeting, l.p.Polite)):
			return Thanks
		case unspacedCovers(joined, l.p.Greeting, l.p.Polite):
			return Greeting
		case unspacedCovers(joined, l.p.Ending, slices.Concat(l.p.Thanks, l.p.BeforeEnding, l.p.Polite)):
			return Ending
		case unspacedCovers(joined, l.p.Chat, slices.Concat(l.p.Greeting, l.p.BesideChat, l.p.Polite)):
			return Chat
		}
		return NoSmall
	}
	switch {
	case covers(ws, true, l.thanks, l.greeting, l.polite):
		return Thanks
	case covers(ws, true, l.greeting, l.polite):
		return Greeting
	case covers(ws, true, l.ending, l.thanks, l.noMore, l.polite):
		return Ending
	case covers(ws, true, l.chat, l.greeting, l.beside, l.polite):
		return Chat
	}
	return NoSmall
}

// Nods says whether a message says that something was heard and nothing else:
// "ok", "alright, great". After a question it is an answer, and Pick reads it.
func (r *Reader) Nods(message string) bool {
	ws := words(message)
	joined := strings.Join(ws, "")
	return len(ws) > 0 && slices.ContainsFunc(r.langs, func(l language) bool {
		if l.p.Unspaced {
			return unspacedCovers(joined, l.p.Nods, l.p.Polite)
		}
		return covers(ws, true, l.nods, l.polite)
	})
}

// covers says whether phrases of the nodes make up all the words, one of the
// first node among them. Small talk is short: many says whether that one may
// come more than once.
func covers(ws []string, many bool, must *node, others ...*node) bool {
	if len(ws) > 12 {
		return false
	}
	found := 0
	for len(ws) > 0 {
		n := must.longest(ws)
		if n > 0 {
			found++
		}
		for _, o := range others {
			n = max(n, o.longest(ws))
		}
		if n == 0 {
			return false
		}
		ws = ws[n:]
	}
	return found == 1 || many && found > 1
}

// unspacedCovers is covers for text without spaces; the lists are sorted
// longest first.
func unspacedCovers(s string, must, others []string) bool {
	found := false
	for s != "" {
		rest, ok := cutFirst(s, must)
		if ok {
			found = true
		} else if rest, ok = cutFirst(s, others); !ok {
			return false
		}
		s = rest
	}
	return found
}

func cutFirst(s string, list []string) (rest string, ok bool) {
	for _, p := range list {
		if rest, ok := strings.CutPrefix(s, p); ok && p != "" {
			return rest, true
		}
	}
	return s, false
}

// unspaced says whether a text has characters of a script without spaces: one
// that has none cannot hold a phrase of such a language.
func unspaced(s string) bool { return strings.ContainsFunc(s, text.Unspaced) }

// words cuts a text into words the way phrases are compared: lower case,
// compatibility forms folded, marks over letters (and Arabic vowels) gone,
// everything that is neither letter nor digit a gap.
func words(s string) []string {
	s = strings.ReplaceAll(strings.Map(alike, s), "ß", "ss")
	s = norm.NFKD.String(strings.ToLower(norm.NFKC.String(s)))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r) && r != '\u3099' && r != '\u309a': // kana's voicing marks are other letters
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r):
			return r
		default:
			return ' '
		}
	}, s)
	return strings.Fields(s)
}

// alike folds letters that people write one for the other and that no Unicode
// form brings together; an apostrophe is no gap.
func alike(r rune) rune {
	switch r {
	case 'İ', 'I', 'ı':
		return 'i'
	case 'ł', 'Ł':
		return 'l'
	case 'ø', 'Ø':
		return 'o'
	case 'أ', 'إ', 'آ':
		return 'ا'
	case 'ى':
		return 'ي'
	case 'ة':
		return 'ه'
	case 'ـ', '\'', '’':
		return -1
	default:
		return r
	}
}

// node is a step of a phrase, word by word.
type node struct {
	next map[string]*node
	ends bool // a phrase
}

func newNode() *node { return &node{} }

func (n *node) add(ws []string) {
	for _, w := range ws {
		if n.next[w] == nil {
			if n.next == nil {
				n.next = map[string]*node{}
			}
			n.next[w] = newNode()
		}
		n = n.next[w]
	}
	n.ends = true
}

// longest is how many words the longest phrase has that ws begins with.
func (n *node) longest(ws []string) (length int) {
	for i, w := range ws {
		if n = n.next[w]; n == nil {
			return length
		}
		if n.ends {
			length = i + 1
		}
	}
	return length
}
