package langchain

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"frontdesk/retrieval"

	"github.com/tmc/langchaingo/schema"
)

// finder is the search; *retrieval.Searcher is one.
type finder interface {
	Search(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error)
}

// RetrieverConfig says where and for whom to search.
type RetrieverConfig struct {
	Site     retrieval.SiteID   // required
	Audience retrieval.Audience // zero: what the public may read
	OnlyLang string             // only articles in this language; empty: all
	Product  string             // only this product line's articles and those of none; empty: all
	K        int                // documents at most, up to 50. 0: the search's own default, 5
	// MinP is the least probability, 0 to 1, that the first passage answers;
	// below it no documents are returned. 0: always return what was found.
	MinP float64
}

func (c RetrieverConfig) validate() error {
	switch {
	case c.Site <= 0:
		return errors.New("langchain retriever: Site is required")
	case c.K < 0 || c.K > 50:
		return errors.New("langchain retriever: K must be from 0 to 50")
	case !(c.MinP >= 0 && c.MinP <= 1): // NaN fails this, too
		return errors.New("langchain retriever: MinP must be from 0 to 1")
	}
	return nil
}

// Retriever is a schema.Retriever over one site's published knowledge.
type Retriever struct {
	find finder
	cfg  RetrieverConfig
}

var _ schema.Retriever = (*Retriever)(nil)

// NewRetriever makes a Retriever; the error names the field that is wrong.
func NewRetriever(f finder, cfg RetrieverConfig) (*Retriever, error) {
	if f == nil {
		return nil, errors.New("langchain retriever: a search is required")
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Retriever{find: f, cfg: cfg}, nil
}

// GetRelevantDocuments finds the passages for a question, best first, one an
// article. Metadata: article, title, url, lang, product, desk and topic (strings,
// empty where not said), heading (headings above the passage, joined by " > "),
// from and to (bytes of the article's stored text, int), superseded_by (string,
// only where it is), generation (int), p (float64: the calibrated probability
// that the first passage answers, the same on each), degraded (string, only
// where a part was missing).
func (r *Retriever) GetRelevantDocuments(ctx context.Context, query string) ([]schema.Document, error) {
	found, err := r.find.Search(ctx, retrieval.Query{
		Site: r.cfg.Site, Text: query, Audience: r.cfg.Audience, OnlyLang: r.cfg.OnlyLang, Product: r.cfg.Product, K: r.cfg.K,
	})
	if err != nil {
		return nil, fmt.Errorf("get relevant documents: %w", err)
	}
	if found.P < r.cfg.MinP {
		return []schema.Document{}, nil
	}
	docs := make([]schema.Document, len(found.Hits))
	for i, h := range found.Hits {
		docs[i] = document(found, h)
	}
	return docs, nil
}

func document(found retrieval.Evidence, h retrieval.Hit) schema.Document {
	meta := map[string]any{
		"article":    h.ArticleID,
		"title":      h.Title,
		"url":        h.URL,
		"lang":       h.Lang,
		"product":    h.Product,
		"desk":       h.Desk,
		"topic":      h.Topic,
		"heading":    strings.Join(h.Heading, " > "),
		"from":       h.From,
		"to":         h.To,
		"generation": found.Generation,
		"p":          found.P,
	}
	if h.Superseded != "" {
		meta["superseded_by"] = h.Superseded
	}
	if len(found.Degraded) > 0 {
		meta["degraded"] = strings.Join(found.Degraded, ", ")
	}
	return schema.Document{PageContent: h.Text, Metadata: meta, Score: float32(h.Score)}
}
