package widget

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// known adds what search engines, and readers of other languages, are told of a
// page: its one address and the same page in other languages. article is the id
// of the article that it shows, "" for a list; query what tells lists apart.
func (w *Widget) known(p *page, at place, article, query string) {
	if article != "" {
		w.knownArticle(p, at, article)
		return
	}
	address := func(base, lang string) string {
		q := query
		if lang != "" {
			q = strings.TrimPrefix(q+"&lang="+url.QueryEscape(lang), "&")
		}
		if q == "" {
			return base
		}
		return base + "?" + q
	}
	if at.Whole != "" {
		p.Canonical = address(at.Whole, at.Lang)
	}
	langs := at.languages()
	if len(langs) < 2 {
		return
	}
	for _, l := range langs {
		p.Others = append(p.Others, w.other(l, address(at.root(), l), address(at.Whole, l), samePrimary(l, p.Lang)))
	}
}

func (w *Widget) knownArticle(p *page, at place, id string) {
	if at.Whole != "" {
		p.Canonical = articlePath(at.Whole, id)
	}
	if at.cat == nil {
		return
	}
	if i, ok := at.cat.byID[id]; ok && elsewhere(at.cat.articles[i].URL) {
		p.Canonical = at.cat.articles[i].URL
	}
	for _, a := range at.cat.translations(id) {
		p.Others = append(p.Others, w.other(a.Lang, articlePath(at.Help, a.ID), articlePath(at.Whole, a.ID), a.ID == id))
	}
}

func (w *Widget) other(lang, path, whole string, here bool) other {
	o := other{Lang: lang, Name: lang, Path: path, Whole: whole, Here: here, Dir: dirOf(lang)}
	if v := w.words.in(lang); samePrimary(v.Lang, lang) {
		o.Name = v.Name
	}
	if !strings.HasPrefix(whole, "http") {
		o.Whole = ""
	}
	return o
}

// elsewhere says whether an article's owner says that it stands at an address of
// its own, which then is the one to be found.
func elsewhere(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
}

// mostAnswer bounds the characters of an answer in structured data.
const mostAnswer = 2000

// data is what schema.org's words say about an article: a question with its
// answer where the title asks one, else an article; and where it stands. It is
// JSON in a block that browsers do not run, so that no policy has to allow it:
// script-src stays 'self'.
func (w *Widget) data(at place, a Article, p page, part articlePart) template.JS {
	if p.Canonical == "" || p.Marked {
		return ""
	}
	type object = map[string]any
	main := object{
		"@type": "Article", "headline": first(a.Title, 110), "mainEntityOfPage": p.Canonical,
		"publisher": object{"@type": "Organization", "name": p.Shop},
	}
	if strings.ContainsAny(a.Title, "?？؟") {
		main = object{"@type": "FAQPage", "url": p.Canonical, "mainEntity": []object{{
			"@type": "Question", "name": a.Title,
			"acceptedAnswer": object{"@type": "Answer", "text": clip(w.articles.plain(a.Body), mostAnswer)},
		}}}
	}
	if a.Lang != "" {
		main["inLanguage"] = a.Lang
	}
	if !a.Updated.IsZero() {
		main["dateModified"] = a.Updated.Format(time.DateOnly)
	}
	crumbs := []object{{"@type": "ListItem", "position": 1, "name": at.W.AllTopics, "item": at.Whole}}
	if part.Topic != "" {
		crumbs = append(crumbs, object{"@type": "ListItem", "position": 2, "name": part.Topic, "item": at.Whole + "?topic=" + url.QueryEscape(a.Topic)})
	}
	crumbs = append(crumbs, object{"@type": "ListItem", "position": len(crumbs) + 1, "name": a.Title, "item": p.Canonical})
	raw, err := json.Marshal(object{
		"@context": "https://schema.org",
		"@graph":   []object{main, {"@type": "BreadcrumbList", "itemListElement": crumbs}},
	})
	if err != nil {
		return "" // strings and numbers: this cannot fail
	}
	// json.Marshal writes <, > and & as escapes: nothing in it can end the block.
	return template.JS(raw)
}

// sitemapURL is an entry of a sitemap.
type sitemapURL struct {
	Loc     string        `xml:"loc"`
	LastMod string        `xml:"lastmod,omitempty"`
	Links   []sitemapLink `xml:"xhtml:link"`
}

type sitemapLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

type sitemapSet struct {
	XMLName xml.Name     `xml:"urlset"`
	XMLNS   string       `xml:"xmlns,attr"`
	XHTML   string       `xml:"xmlns:xhtml,attr"`
	URLs    []sitemapURL `xml:"url"`
}

// sitemap answers /help/sitemap.xml: every current public article, and the list.
func (w *Widget) sitemap(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	at, err := w.stand(ctx, c)
	if err != nil {
		return w.fail(c, at, err)
	}
	cat, err := w.catalogues.read(ctx, at.Site)
	if err != nil {
		return w.fail(c, at, err)
	}
	set := sitemapSet{XMLNS: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml"}
	if at.Whole != "" {
		set.URLs = append(set.URLs, sitemapURL{Loc: at.Whole})
		for _, a := range cat.articles[:min(len(cat.articles), CatalogueSize-1)] { // a sitemap has 50,000 entries at most
			if !elsewhere(a.URL) {
				set.URLs = append(set.URLs, sitemapEntry(at, cat, a))
			}
		}
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(set); err != nil {
		return w.fail(c, at, err)
	}
	pageHeaders(c)
	c.Set(fiber.HeaderContentType, "application/xml; charset=utf-8")
	return c.Send(b.Bytes())
}

func sitemapEntry(at place, cat *catalogue, a Listed) sitemapURL {
	u := sitemapURL{Loc: articlePath(at.Whole, a.ID)}
	if !a.Updated.IsZero() {
		u.LastMod = a.Updated.Format(time.DateOnly)
	}
	for _, t := range cat.translations(a.ID) {
		u.Links = append(u.Links, sitemapLink{"alternate", t.Lang, articlePath(at.Whole, t.ID)})
	}
	return u
}

// robots answers /robots.txt of help pages that have a host to themselves.
func (w *Widget) robots(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	at, err := w.stand(ctx, c)
	if err != nil {
		return w.fail(c, at, err)
	}
	fileHeaders(c)
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	return c.SendString("User-agent: *\nDisallow: /*?q=\nDisallow: /*&q=\nDisallow: /v1/\nDisallow: /chat/\nSitemap: " + at.Whole + "/sitemap.xml\n")
}
