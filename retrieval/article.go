package retrieval

import (
	"context"
	"time"
)

// SiteID is the number of a site within its database.
type SiteID int32

// Audience says who may read an article.
type Audience int16

const (
	Public     Audience = 0 // customers and agents
	AgentsOnly Audience = 1 // never quoted to a visitor
)

// Article is one piece of a site's knowledge as its owner wrote it.
type Article struct {
	ID           string // stable over generations; unique within a site
	Title        string
	URL          string // where a citation links to; empty: the help page of its own
	Desk         string // service, support, both or empty: not labelled
	Topic        string
	Product      string
	Lang         string // BCP 47 primary language, lower case; empty: not said
	Audience     Audience
	Updated      time.Time         // zero: not said
	SupersededBy string            // id of the article that replaces this one
	Questions    []string          // ways customers ask this
	Attributes   map[string]string // keys of the front matter that we do not know
	Body         string            // Markdown, valid UTF-8, LF line ends: what spans point into
	Source       string            // the file (and line) it came from
}

// ChunkKind tells a section from a way customers ask.
type ChunkKind int16

const (
	SectionChunk  ChunkKind = 0
	QuestionChunk ChunkKind = 1
)

// Chunk is the unit that is embedded, ranked and quoted.
type Chunk struct {
	Kind     ChunkKind
	Heading  []string // path of headings above it, outermost first, without the title
	From, To int      // bytes of Article.Body; From == To for a question
	Text     string   // Body[From:To], or the question
	Context  string   // what goes with Text into vectors and words and is not quoted (a cut table's header row)
	Words    int      // words of Text as the splitter counts them
	Section  int      // index, in the article's chunks, of the section to show: itself for a section
}

// Splitter cuts an article into chunks: sections in order, then questions.
type Splitter interface {
	Split(Article) []Chunk
	Version() string // changes when the same article would be cut differently
}

// Model is the identity of an embedding model, as data kept with each vector.
type Model struct {
	Name string // unique: model, revision and width; vectors of two names never meet
	Dims int
}

// EmbedKind is the side of a search a text stands on; some models want to know.
type EmbedKind string

const (
	EmbedQuery   EmbedKind = "query"
	EmbedPassage EmbedKind = "passage"
)

// Embedder turns texts into unit vectors of Model().Dims numbers, in the
// order given. Errors are of kind fault.Unavailable (away, overloaded),
// fault.Timeout, or fault.Invalid (it answers with what is no embedding).
type Embedder interface {
	Model() Model
	Embed(ctx context.Context, kind EmbedKind, texts []string) ([][]float32, error)
}
