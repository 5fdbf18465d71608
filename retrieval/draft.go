package retrieval

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"maps"
	"slices"
	"strings"

	"frontdesk/retrieval/variant"
)

// embedLayout names how EmbedText lays a chunk out; it stands in every source
// hash, so that a change of the layout builds a new generation.
const embedLayout = "title>heading/3"

// namesLayout names how a site's names are learned, likewise.
const namesLayout = "names/1"

// EmbedText is what is embedded for a chunk: where it stands, then what it
// says. A section alone ("Allow five days.") says too little: title and
// headings in front of it brought 2 to 5 points of R@1, the title in front of
// a question 2 to 3.
func EmbedText(a Article, c Chunk) string {
	var b strings.Builder
	b.WriteString(a.Title)
	for _, h := range c.Heading {
		b.WriteString(" > ")
		b.WriteString(h)
	}
	b.WriteByte('\n')
	if c.Context != "" {
		b.WriteString(c.Context)
		b.WriteByte('\n')
	}
	b.WriteString(c.Text)
	return b.String()
}

// newDraft numbers articles and chunks and indexes their words.
func newDraft(articles []Article, split Splitter, terms TermsFunc, detect DetectFunc, p BM25) *Draft {
	d := &Draft{Articles: make([]DraftArticle, 0, len(articles))}
	ix := newIndexer(terms, p)
	textByLang := map[string]int{}
	var public []variant.Text
	for i, a := range articles {
		lang := a.Lang
		if lang == "" {
			lang, _ = detect(a.Title+"\n"+head(a.Body, 2000), nil)
			a.Lang = lang
		}
		da := DraftArticle{No: i + 1, Article: a}
		da.Hash = articleHash(a)
		d.Articles = append(d.Articles, da)
		textByLang[lang] += len(a.Body)
		if a.Audience == Public {
			public = append(public, variant.Text{Title: a.Title, Product: a.Product, Lang: lang, Body: a.Body})
		}

		first := len(d.Chunks) + 1
		for _, c := range split.Split(a) {
			text := EmbedText(a, c)
			dc := DraftChunk{
				No: len(d.Chunks) + 1, ArticleNo: da.No, SectionNo: first + c.Section,
				Audience: a.Audience, Embedded: text, Hash: sha256.Sum256([]byte(text)), Chunk: c,
			}
			d.Chunks = append(d.Chunks, dc)
			if c.Kind == SectionChunk {
				d.Sections++
				if a.Audience == Public {
					d.PublicSections++
				}
			}
			ix.addChunk(a, dc)
		}
		ix.endArticle(da)
	}
	d.Terms, d.Words = ix.index(d.Sections, d.PublicSections)
	d.Stats.Languages = mainLanguages(textByLang)
	d.Stats.Names = variant.Learn(public)
	return d
}

// mainLanguages lists the languages that hold at least a tenth of the text.
func mainLanguages(byLang map[string]int) []string {
	total := 0
	for _, n := range byLang {
		total += n
	}
	langs := slices.DeleteFunc(slices.Sorted(maps.Keys(byLang)), func(l string) bool {
		return l == "" || byLang[l]*10 < total
	})
	slices.SortStableFunc(langs, func(a, b string) int { return cmp.Compare(byLang[b], byLang[a]) })
	return langs
}

// sourceHash covers everything a generation is made from.
func sourceHash(articles []Article, versions ...string) []byte {
	h := sha256.New()
	for _, v := range versions {
		writeString(h, v)
	}
	for _, a := range articles {
		sum := articleHash(a)
		h.Write(sum[:])
	}
	return h.Sum(nil)
}

// articleHash covers every field that a reader could notice. Source is left
// out: the same article found under another folder is the same article.
func articleHash(a Article) [32]byte {
	h := sha256.New()
	for _, s := range []string{a.ID, a.Title, a.URL, a.Desk, a.Topic, a.Product, a.Lang, a.SupersededBy, a.Body} {
		writeString(h, s)
	}
	writeInt(h, int(a.Audience))
	if a.Updated.IsZero() {
		writeInt(h, 0)
	} else {
		writeString(h, a.Updated.UTC().Format("2006-01-02"))
	}
	writeInt(h, len(a.Questions))
	for _, q := range a.Questions {
		writeString(h, q)
	}
	for _, k := range slices.Sorted(maps.Keys(a.Attributes)) {
		writeString(h, k)
		writeString(h, a.Attributes[k])
	}
	return [32]byte(h.Sum(nil))
}

// writeString puts the length in front, so that no two lists of strings give
// the same bytes.
func writeString(h hash.Hash, s string) {
	writeInt(h, len(s))
	h.Write([]byte(s))
}

func writeInt(h hash.Hash, n int) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

// head is at most n bytes of s, cut before a rune that would be torn.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
