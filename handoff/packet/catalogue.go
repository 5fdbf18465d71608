package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// Article is what a catalogue is made of.
type Article struct {
	Title   string
	Product string // the product line it belongs to; empty: none
	Body    string // Markdown; may be empty
}

// Catalogue is the names of a site's products, to be found in what customers
// write. Make one for every published generation and keep it; it is safe for
// concurrent use.
type Catalogue struct {
	phrases text.Phrases
	lines   []string // by id: the line a name belongs to; empty where it is in several
	names   int
	own     map[string]bool // the site's own telephone numbers and e-mail domains
	terms   map[string]bool // words that its articles write with a capital, in small: no customer's name
}

// NewCatalogue reads the names of products out of published articles: out of the
// titles of those that belong to a product line, a word with a capital before a
// model's number or letters ("Wick K2", "Mill 40"), with the words after it that
// belong to it ("K2 Mini"); and out of tables that list what is sold.
func NewCatalogue(articles []Article) *Catalogue {
	c := &Catalogue{own: map[string]bool{}, terms: map[string]bool{}}
	lines := map[string]string{}
	var order []string
	add := func(name, line string) {
		key := text.Forms(text.Folded(name))
		if key == "" {
			return
		}
		old, ok := lines[key]
		if !ok {
			order = append(order, name)
		} else if old != line {
			line = ""
		}
		lines[key] = line
	}
	for _, a := range articles {
		c.contacts(a.Body)
		for _, n := range rowNames(a.Body) {
			add(n, a.Product)
		}
		if a.Product == "" {
			continue
		}
		for _, n := range namesIn(a.Title) {
			add(n, a.Product)
			if first, rest, ok := strings.Cut(n, " "); ok {
				if mixed(rest) {
					add(rest, a.Product) // "K2 Mini" of "Wick K2 Mini"
				}
				if utf8.RuneCountInString(first) >= 4 {
					add(first, a.Product) // "Brisa"
				}
			}
		}
	}
	var phrases text.PhraseList
	for _, name := range order {
		id := len(c.lines)
		c.lines = append(c.lines, lines[text.Forms(text.Folded(name))])
		for _, way := range spellings(name) {
			if phrases.Add(way, id) == nil {
				c.names++
			}
		}
	}
	c.phrases = phrases.Phrases()
	return c
}

// contacts reads the site's own telephone numbers and e-mail domains out of an
// article, and the words that it writes with a capital: whoever repeats one says
// nothing about themselves.
func (c *Catalogue) contacts(body string) {
	for w := range strings.FieldsFuncSeq(body, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' }) {
		if capital(w) {
			c.terms[strings.ToLower(w)] = true
		}
	}
	for _, s := range domain().FindAllStringSubmatch(body, 50) {
		c.own["@"+strings.ToLower(s[1])] = true
	}
	for _, s := range telephone().FindAllString(body, 50) {
		c.own[plain(s)] = true
	}
}

var (
	domain    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[\w.+-]@([\w-]+(?:\.[\w-]+)+)`) })
	telephone = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\+?\d(?:[ -]?\d){8,13}`) })
)

// owns says whether an e-mail address or a telephone number is the site's.
func (c *Catalogue) owns(value string) bool {
	if c == nil {
		return false
	}
	if _, domain, ok := strings.Cut(value, "@"); ok {
		return c.own["@"+strings.ToLower(domain)]
	}
	return c.own[plain(value)]
}

// Names is how many spellings of names it knows.
func (c *Catalogue) Names() int {
	if c == nil {
		return 0
	}
	return c.names
}

// namesIn finds product names in a title.
func namesIn(title string) []string {
	var out []string
	words := strings.Fields(title)
	for i, w := range words {
		bare := strings.Trim(w, ",.;:()!?\"'«»„“”")
		model := modelWord(bare)
		prev := ""
		if i > 0 && capital(words[i-1]) && !strings.ContainsAny(words[i-1], ",.;:()") {
			prev = words[i-1]
		}
		switch {
		case model && prev != "" && !modelWord(prev):
			out = append(out, prev+" "+bare+after(words[i:]))
		case model && !allDigits(bare):
			out = append(out, bare+after(words[i:]))
		case prev != "" && i == 1 && capital(bare) && strings.HasSuffix(w, ","):
			out = append(out, prev+" "+bare) // "Gram One, capacity and battery"
		}
	}
	return out
}

// rowNames finds names that stand first in the rows of tables whose first column
// is one of things that are sold: words with capitals, what stands in brackets
// left out.
func rowNames(body string) []string {
	var out, table []string
	row, sold := 0, false
	// A table of single words ("Espresso", "Filter") lists kinds, not names.
	end := func() {
		if slices.ContainsFunc(table, func(n string) bool { return strings.Contains(n, " ") }) {
			out = append(out, table...)
		}
		table = nil
	}
	for line := range strings.Lines(body) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "|")
		if !ok {
			row = 0
			end()
			continue
		}
		cell, _, _ := strings.Cut(rest, "|")
		cell, _, _ = strings.Cut(strings.Trim(cell, " *"), " (")
		if row++; row == 1 {
			sold = soldColumn(cell)
			continue
		}
		words := strings.Fields(cell)
		if sold && len(words) > 0 && len(words) <= 3 && !slices.ContainsFunc(words, func(w string) bool {
			return !capital(w) || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && (r < '0' || r > '9') })
		}) {
			table = append(table, cell)
		}
	}
	end()
	return out
}

// soldColumn says whether the head of a column names things that are sold.
func soldColumn(head string) bool {
	switch strings.ToLower(head) {
	case "coffee", "model", "product", "item", "machine", "article", "name", "kaffee", "modell", "produkt", "artikel", "gerät",
		"café", "modèle", "produit", "modelo", "artículo", "modello", "prodotto", "produto", "artigo", "koffie", "ürün", "المنتج", "製品", "モデル", "产品", "型号":
		return true
	default:
		return false
	}
}

// after is the words that belong to a name: "Mini" after "K2".
func after(words []string) string {
	if strings.ContainsAny(words[0], ",.;:") || len(words) < 2 {
		return ""
	}
	switch bare := strings.Trim(words[1], ",.;:()"); bare {
	case "Mini", "Max", "Pro", "Plus", "Lite", "Air", "Ultra", "XL", "Neo", "Duo", "SE":
		return " " + bare
	default:
		return ""
	}
}

func capital(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r)
}

// modelWord says whether a word is a model's: digits, or capitals and digits.
func modelWord(w string) bool {
	if len(w) < 1 || len(w) > 10 {
		return false
	}
	digit := false
	for _, r := range w {
		switch {
		case r >= '0' && r <= '9':
			digit = true
		case r >= 'A' && r <= 'Z' || r == '-':
		default:
			return false
		}
	}
	return digit
}

func allDigits(w string) bool {
	n, tail := digits(w)
	return n > 0 && tail == ""
}

// mixed says whether a name is one by itself: letters and digits, "S3".
func mixed(name string) bool {
	return strings.ContainsFunc(name, unicode.IsLetter) && strings.ContainsAny(strings.Fields(name)[0], "0123456789") && !allDigits(strings.Fields(name)[0])
}

// spellings are a name and the ways in which its model's letters and digits come
// apart or together: S3, S 3; Mill 40, Mill40.
func spellings(name string) []string {
	out := []string{name}
	fields := strings.Fields(name)
	apart := make([]string, len(fields))
	for i, f := range fields {
		apart[i] = f
		if at := strings.IndexAny(f, "0123456789"); at > 0 && modelWord(f) {
			apart[i] = f[:at] + " " + f[at:]
		}
	}
	if way := strings.Join(apart, " "); way != name {
		out = append(out, way)
	}
	if len(fields) == 2 && modelWord(fields[1]) {
		out = append(out, fields[0]+fields[1])
	}
	return out
}

// line is the product line that a name belongs to; empty where it is in none.
func (c *Catalogue) line(name string) string {
	if c == nil {
		return ""
	}
	ws := text.Folded(name)
	if len(ws) == 0 {
		return ""
	}
	for _, f := range c.phrases.Begin(ws) {
		if f.To == len(ws) {
			return c.lines[f.ID]
		}
	}
	return ""
}
