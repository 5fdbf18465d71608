package widget

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"frontdesk/retrieval"
)

const (
	// countsFor is how long counts are gone by before they are read again: what
	// is popular does not change by the minute.
	countsFor = 10 * time.Minute
	// countsOf is how far back counts go.
	countsOf = 30 * 24 * time.Hour
)

// catalogue is a generation's articles, with what lists are made of.
type catalogue struct {
	generation int
	articles   []Listed // by id
	byID       map[string]int
	topics     map[string][]int // the most popular first
	score      []float64
	groups     map[string][]int // translations of each other, by the id they share
	group      []string         // of each article
	languages  []string         // the most frequent first
	index      titleIndex
	counted    time.Time
}

// catalogues keeps one a site; safe for concurrent use.
type catalogues struct {
	shelf Shelf
	now   func() time.Time

	mu   sync.Mutex
	by   map[retrieval.SiteID]*catalogue
	busy map[retrieval.SiteID]*sync.Mutex // one reader a site
}

func newCatalogues(shelf Shelf, now func() time.Time) *catalogues {
	return &catalogues{shelf: shelf, now: now, by: map[retrieval.SiteID]*catalogue{}, busy: map[retrieval.SiteID]*sync.Mutex{}}
}

// read finds the catalogue of the generation that the site names. Where only
// its counts are old, it is good as it is, and counted anew behind the reader's
// back.
func (c *catalogues) read(ctx context.Context, site Site) (*catalogue, error) {
	have, lock := c.kept(site.ID)
	if have.of(site) {
		if c.now().Sub(have.counted) >= countsFor && lock.TryLock() {
			go c.recount(context.WithoutCancel(ctx), site, have, lock)
		}
		return have, nil
	}
	lock.Lock()
	defer lock.Unlock()
	if have, _ = c.kept(site.ID); have.of(site) {
		return have, nil
	}
	list, err := c.shelf.Catalogue(ctx, site)
	if err != nil {
		return nil, err
	}
	counts, err := c.shelf.Counts(ctx, site, c.now().Add(-countsOf))
	if err != nil {
		return nil, err
	}
	return c.keep(site, newCatalogue(site.Generation, list, counts)), nil
}

// recount reads the counts anew, under the site's lock. Where that fails, those
// of before stand for as long again.
func (c *catalogues) recount(ctx context.Context, site Site, have *catalogue, lock *sync.Mutex) {
	defer lock.Unlock()
	defer func() { _ = recover() }() // the counts of before are good enough
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	counts, err := c.shelf.Counts(ctx, site, c.now().Add(-countsOf))
	if err != nil {
		same := *have
		c.keep(site, &same)
		return
	}
	c.keep(site, newCatalogue(have.generation, have.articles, counts))
}

func (c *catalogues) keep(site Site, fresh *catalogue) *catalogue {
	fresh.counted = c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[site.ID] = fresh
	return fresh
}

func (c *catalogues) kept(site retrieval.SiteID) (*catalogue, *sync.Mutex) {
	c.mu.Lock()
	defer c.mu.Unlock()
	lock := c.busy[site]
	if lock == nil {
		lock = &sync.Mutex{}
		c.busy[site] = lock
	}
	return c.by[site], lock
}

// of says whether it is the catalogue of what the site has published.
func (c *catalogue) of(site Site) bool { return c != nil && c.generation == site.Generation }

func newCatalogue(generation int, list []Listed, counts map[string]Count) *catalogue {
	c := &catalogue{
		generation: generation, articles: list, byID: make(map[string]int, len(list)), topics: map[string][]int{},
		score: make([]float64, len(list)), groups: map[string][]int{}, group: make([]string, len(list)),
	}
	for i, a := range list {
		c.byID[a.ID] = i
	}
	langs := map[string]int{}
	for i, a := range list {
		c.score[i] = popularity(a, counts[a.ID])
		c.topics[a.Topic] = append(c.topics[a.Topic], i)
		c.group[i] = c.origin(a)
		c.groups[c.group[i]] = append(c.groups[c.group[i]], i)
		langs[a.Lang]++
	}
	for _, in := range c.topics {
		slices.SortFunc(in, c.byScore)
	}
	delete(langs, "")
	c.languages = slices.SortedFunc(maps.Keys(langs), func(a, b string) int {
		return cmp.Or(cmp.Compare(langs[b], langs[a]), cmp.Compare(a, b))
	})
	c.index = newTitleIndex(c)
	return c
}

func (c *catalogue) byScore(a, b int) int {
	return cmp.Or(cmp.Compare(c.score[b], c.score[a]), cmp.Compare(strings.ToLower(c.articles[a].Title), strings.ToLower(c.articles[b].Title)), cmp.Compare(a, b))
}

// popularity orders articles. What readers did counts most: a conversation in
// which it was quoted as much as three openings, since who opens a page may only
// be looking around. Where nobody did anything yet the title has to do: an
// article that its owner gave more ways of asking is asked more, one of no
// single product sooner, and a short title is a common question.
func popularity(a Listed, n Count) float64 {
	prior := 0.1 * float64(min(len(a.Questions), 5))
	if a.Product == "" {
		prior += 0.3
	}
	if len([]rune(a.Title)) <= 40 {
		prior += 0.1
	}
	return float64(n.Opened) + 3*float64(n.Asked) + prior
}

// origin is the id that an article and its translations share: the one its
// owner gave, or its own without a mark of its language (de/returns, returns-de,
// returns.de, returns_de) where an article of that id is there.
func (c *catalogue) origin(a Listed) string {
	if a.TranslationOf != "" {
		return a.TranslationOf
	}
	lang, _, _ := strings.Cut(strings.ToLower(a.Lang), "-")
	if lang == "" {
		return a.ID
	}
	for _, tag := range []string{strings.ToLower(a.Lang), lang} {
		candidates := []string{strings.TrimPrefix(a.ID, tag+"/")}
		for _, sep := range []string{"-", ".", "_"} {
			candidates = append(candidates, strings.TrimSuffix(a.ID, sep+tag))
		}
		for _, id := range candidates {
			if i, ok := c.byID[id]; ok && id != a.ID && c.articles[i].Lang != a.Lang {
				return id
			}
		}
	}
	return a.ID
}

// translations are an article in every language there is, itself among them;
// none where it is there in its own alone.
func (c *catalogue) translations(id string) []Listed {
	i, ok := c.byID[id]
	if !ok {
		return nil
	}
	var out []Listed
	seen := map[string]bool{}
	for _, j := range c.groups[c.group[i]] {
		if a := c.articles[j]; a.Lang != "" && !seen[a.Lang] {
			seen[a.Lang] = true
			out = append(out, a)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// withoutTranslations leaves out what is the same article in another language:
// the page says so where it names its languages.
func (p place) withoutTranslations(id string, list []Entry) []Entry {
	if p.cat == nil {
		return list
	}
	same := map[string]bool{}
	for _, t := range p.cat.translations(id) {
		same[t.ID] = true
	}
	return slices.DeleteFunc(list, func(e Entry) bool { return same[e.ID] })
}

// popular are the first n articles of a topic for a reader of the languages:
// those in the first language, then in the next, then the rest; each article
// once, in one language.
func (c *catalogue) popular(topic string, n int, langs ...string) []Listed {
	rank := func(i int) int {
		for r, l := range langs {
			if samePrimary(c.articles[i].Lang, l) {
				return r
			}
		}
		if c.articles[i].Lang == "" {
			return 0
		}
		return len(langs)
	}
	in := slices.Clone(c.topics[topic])
	slices.SortStableFunc(in, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	var out []Listed
	seen := map[string]bool{}
	for _, i := range in {
		if len(out) == n {
			break
		}
		if !seen[c.group[i]] {
			seen[c.group[i]] = true
			out = append(out, c.articles[i])
		}
	}
	return out
}

// busiest are at most n topics, the most asked about first. The articles
// without a topic are no topic.
func (c *catalogue) busiest(n int) []string {
	weight := map[string]float64{}
	for topic, in := range c.topics {
		if topic == "" {
			continue
		}
		for _, i := range in {
			// An article weighs something by being there: a site that nobody has
			// read yet still has a menu, its largest topics.
			weight[topic] += 1 + c.score[i]
		}
	}
	topics := slices.SortedFunc(maps.Keys(weight), func(a, b string) int {
		return cmp.Or(cmp.Compare(weight[b], weight[a]), cmp.Compare(a, b))
	})
	return topics[:min(n, len(topics))]
}

func samePrimary(a, b string) bool {
	a, _, _ = strings.Cut(a, "-")
	b, _, _ = strings.Cut(b, "-")
	return strings.EqualFold(a, b)
}

// titleIndex finds articles by the beginnings of the words of their titles and
// of the ways customers ask for them.
type titleIndex struct {
	words  []string // sorted
	places [][]int  // beside words: which lines hold it, ascending
	lines  []titleLine
}

// titleLine is a title or a question.
type titleLine struct {
	article int
	text    string
	title   bool
}

func newTitleIndex(c *catalogue) titleIndex {
	var x titleIndex
	at := map[string][]int{}
	add := func(article int, text string, title bool) {
		n := len(x.lines)
		x.lines = append(x.lines, titleLine{article, text, title})
		for _, w := range wordsIn(text) {
			if in := at[w]; len(in) == 0 || in[len(in)-1] != n {
				at[w] = append(in, n)
			}
		}
	}
	for i, a := range c.articles {
		add(i, a.Title, true)
		for _, q := range a.Questions {
			add(i, q, false)
		}
	}
	x.words = slices.Sorted(maps.Keys(at))
	x.places = make([][]int, len(x.words))
	for i, w := range x.words {
		x.places[i] = at[w]
	}
	return x
}

// mostLines bounds the lines that one beginning of a word may bring: a single
// letter begins thousands of words.
const mostLines = 4000

// find lists the articles of which some line holds a word for each of those
// typed, the last of which may be half written; the best first.
func (c *catalogue) find(typed string, n int, langs ...string) []Listed {
	asked := wordsIn(typed)
	if len(asked) == 0 {
		return nil
	}
	half := !strings.HasSuffix(typed, " ")
	var lines map[int]bool
	for i, w := range asked {
		lines = c.index.narrow(lines, w, half && i == len(asked)-1)
	}
	best := map[int]float64{}
	for line := range lines {
		l := c.index.lines[line]
		// Popularity orders, but never beats a title that begins with what was typed.
		s := 1 - 1/(2+c.score[l.article])
		if l.title {
			s++
		}
		if strings.HasPrefix(strings.ToLower(l.text), strings.ToLower(strings.TrimSpace(typed))) {
			s += 2
		}
		if len(langs) > 0 && samePrimary(c.articles[l.article].Lang, langs[0]) {
			s += 1.5
		}
		best[l.article] = max(best[l.article], s)
	}
	order := slices.SortedFunc(maps.Keys(best), func(a, b int) int {
		return cmp.Or(cmp.Compare(best[b], best[a]), c.byScore(a, b))
	})
	out := make([]Listed, 0, n)
	for _, i := range order[:min(n, len(order))] {
		out = append(out, c.articles[i])
	}
	return out
}

// narrow keeps the lines that hold a word; nil keeps is all of them.
func (x titleIndex) narrow(keep map[int]bool, word string, half bool) map[int]bool {
	out := map[int]bool{}
	from, _ := slices.BinarySearch(x.words, word)
	for i := from; i < len(x.words) && len(out) < mostLines; i++ {
		if x.words[i] != word && (!half || !strings.HasPrefix(x.words[i], word)) {
			break
		}
		for _, line := range x.places[i] {
			if keep == nil || keep[line] {
				out[line] = true
			}
		}
	}
	return out
}

// wordsIn are the words of a text, in lower case.
func wordsIn(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}
