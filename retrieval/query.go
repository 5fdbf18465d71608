package retrieval

import (
	"context"
	"time"
)

// Query is one question to one site's published knowledge.
type Query struct {
	Site     SiteID
	Text     string
	Newest   string   // what Text ends in where the rest was said before: names in it take the place of earlier ones; empty: all was said at once
	Earlier  []string // the messages that were said before, one by one and oldest first, as they begin Text: names settle from each to the next
	Audience Audience // Public sees public articles; AgentsOnly sees both
	Lang     string   // language of Text where the caller knows it; empty: detected
	OnlyLang string   // filter: only articles in this language; empty: all
	Product  string   // filter: only articles of this product line or of none; empty: all
	K        int      // articles wanted, 1–50; 0: 5
	Explain  bool     // fill Hit.Why
	Around   bool     // fill Evidence.Around
}

// Passage is a chunk found for a question, with what its citation needs.
type Passage struct {
	ArticleNo  int // number within the generation
	Chunk      int // number within the generation
	ArticleID  string
	Title      string
	URL        string
	Desk       string
	Topic      string
	Product    string
	Lang       string
	Superseded string // id of the article that replaces this one
	Heading    []string
	From, To   int    // bytes of the article's stored body
	Text       string // exactly those bytes
}

// Piece is a part of an article that is quoted.
type Piece struct {
	Chunk    int    // number within the generation
	From, To int    // bytes of the article's stored body
	Text     string // exactly those bytes
	Joined   bool   // nothing but a heading was left out before it
	Row      bool   // it goes on with the table of the piece before
}

// Line is a part of an article that is shown where its article is offered.
type Line struct {
	From, To int    // bytes of the article's stored body
	Text     string // exactly those bytes
	Header   string // of a table's row: the table's header row, word for word
}

// Hit is one article of a result with its best section; one hit an article.
type Hit struct {
	Passage
	// Pieces are, of the first few hits, what answers of its best two sections, at
	// most three, in the article's order; empty where only the section as a whole
	// is known to answer.
	Pieces []Piece
	// Line is the sentence, step or row of the pieces that answers best by
	// itself; nil where nothing says which.
	Line    *Line
	Score   float64            // fused; comparable within one result only
	Signals map[string]float64 // by name: cosine, bm25, their ranks, question match …

	// Named: it carries every name of the site's that the question names. Other: it
	// carries another one in the place of one of them.
	Named, Other bool
	// Variant is, where the first hit has near-twins that differ in the names they
	// carry and the question names none of them, what tells this one of them from
	// the others ("Brisa S2"); empty for any other hit.
	Variant string
	Asked   string   // the question entry that matched best, where one did
	Why     []string // with Query.Explain: in words and numbers, why it stands here
}

// Evidence is what was found, and how sure it is.
type Evidence struct {
	Generation int                // 0: the site has no published knowledge
	P          float64            // calibrated probability that the first hit's passage answers
	Near       float64            // calibrated probability that one of the first three articles answers; 0: unknown
	Hits       []Hit              // best first; empty: nothing found
	Features   map[string]float64 // what P was computed from
	Lang       string             // language the question was taken for
	Plan       string             // name of the plan it was ranked by; empty: by none
	Late       bool               // token vectors took part
	Reread     bool               // a Reranker put the first few in order
	Models     []string           // embedding models that took part
	Degraded   []string           // parts that did not: "embedder", "vectors", "reranker"
	Why        []string           // with Query.Explain: what P and the question's words weigh
	Took       Took
	Around     *Around // with Query.Around: what triage decides by
}

// Took is where the time of one search went.
type Took struct {
	Embed    time.Duration // zero: from the cache, or left out
	Database time.Duration
	Rank     time.Duration
}

// Finder is what an Engine, a command or an adapter of a library asks for
// passages; *Searcher is the one implementation.
type Finder interface {
	Search(ctx context.Context, q Query) (Evidence, error)
}
