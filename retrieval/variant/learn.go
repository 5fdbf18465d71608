package variant

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"
)

// Text is what a site's names are learned from: one public article.
type Text struct {
	Title   string
	Product string
	Lang    string // BCP 47 primary language; empty: not known
	Body    string
}

// Name is what a site calls something.
type Name struct {
	Text string `json:"text"`           // as a title writes it
	Part bool   `json:"part,omitempty"` // only a part of names, and a name by itself: "Brisa", "Mini"
}

const (
	// MaxNames bounds what is kept of a site: the names that most titles hold.
	MaxNames = 400
	// MaxPieces is how many pieces a name has at most.
	MaxPieces = 5

	// leastSeen is how often a word must stand in mid-sentence to be known by how
	// it is written, and mostlyCapital the part of it with a capital.
	leastSeen     = 2
	mostlyCapital = 0.8
)

// Learn finds the names in a site's titles and product lines. Deterministic.
func Learn(texts []Text) []Name {
	w := writing{word: map[string]*written{}, pair: map[[2]string]*written{}}
	for _, t := range texts {
		if !nounsCapital(t.Lang) {
			w.read(t.Body)
		}
	}
	found := map[string]*counted{}
	for _, t := range texts {
		add := func(source string, run []piece) {
			k := key(run)
			if found[k] == nil {
				found[k] = &counted{text: source[run[0].from:run[len(run)-1].to]}
			}
			found[k].n++
		}
		for _, run := range w.names(t.Title, t.Lang) {
			add(t.Title, run)
		}
		if run := product(t.Product, t.Lang); run != nil {
			add(t.Product, run)
		}
	}
	parts := map[string]*counted{}
	for _, k := range slices.Sorted(maps.Keys(found)) {
		run := cut(found[k].text)
		for _, p := range run {
			if len(run) == 1 || found[p.text] != nil || !w.isName(p) {
				continue
			}
			if parts[p.text] == nil {
				parts[p.text] = &counted{text: found[k].text[p.from:p.to]}
			}
			parts[p.text].n += found[k].n
		}
	}
	out := append(first(found, false), first(parts, true)...)
	return out[:min(len(out), MaxNames)]
}

// product is a product line that is a name: its owner says so, so that a capital
// or a number is enough.
func product(line, lang string) []piece {
	run := cut(line)
	if len(run) == 0 || len(run) > MaxPieces || slices.ContainsFunc(run, isYear) {
		return nil
	}
	for i, p := range run {
		if i > 0 && !p.joins {
			return nil // a list of several
		}
	}
	numbered := slices.ContainsFunc(run[1:], func(p piece) bool { return p.digits })
	if run[0].digits || !numbered && (!run[0].capital || nounsCapital(lang)) {
		return nil
	}
	return run
}

// counted is a name with how many titles and product lines hold it.
type counted struct {
	text string
	n    int
}

// first lists names, those of most articles first.
func first(found map[string]*counted, part bool) []Name {
	keys := slices.Sorted(maps.Keys(found))
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(found[b].n, found[a].n) })
	out := make([]Name, 0, len(keys))
	for _, k := range keys {
		out = append(out, Name{Text: found[k].text, Part: part})
	}
	return out
}

// nounsCapital says whether a language writes every noun with a capital, so that
// a capital says nothing.
func nounsCapital(lang string) bool { return lang == "de" || lang == "lb" }

// written counts how a word stands in mid-sentence.
type written struct{ all, capital int }

func (w *written) mostly() bool {
	return w != nil && w.all >= leastSeen && float64(w.capital) >= mostlyCapital*float64(w.all)
}

// writing is how a site's texts write their words.
type writing struct {
	word map[string]*written
	pair map[[2]string]*written // of the second one, behind the first
}

func (w writing) read(body string) {
	before := -1
	list := cut(body)
	for i, p := range list {
		if before >= 0 && !begins(body[list[before].to:p.from]) {
			if !p.digits {
				count(w.word, p.text, p.capital)
			}
			count(w.pair, [2]string{list[before].text, p.text}, p.capital)
		}
		before = i
	}
}

func count[K comparable](in map[K]*written, k K, capital bool) {
	if in[k] == nil {
		in[k] = &written{}
	}
	in[k].all++
	if capital {
		in[k].capital++
	}
}

// isName says whether a word is a name by itself.
func (w writing) isName(p piece) bool {
	return !p.digits && utf8.RuneCountInString(p.text) > 1 && w.word[p.text].mostly()
}

// names are the runs of a title or product line that are names.
func (w writing) names(text, lang string) [][]piece {
	var out [][]piece
	var run []piece
	end := func() {
		if len(run) > 0 && len(run) <= MaxPieces && !slices.ContainsFunc(run, isYear) {
			out = append(out, run)
		}
		run = nil
	}
	list := cut(text)
	for i, p := range list {
		follows := len(run) > 0 && p.joins
		coded := i+1 < len(list) && list[i+1].digits && list[i+1].from == p.to && p.capital // "S2"
		var held bool
		switch {
		case p.digits:
			held = follows
		case coded:
			held = true
		case nounsCapital(lang) || !p.capital:
		case w.isName(p):
			held = true
		case follows:
			held = w.pair[[2]string{run[len(run)-1].text, p.text}].mostly()
		}
		if !held || !follows {
			end()
		}
		if held {
			run = append(run, p)
		}
	}
	end()
	return out
}
