package retrieval

import (
	"time"

	"frontdesk/retrieval/variant"
)

// State is where a generation stands in its life.
type State string

const (
	Building  State = "building"  // an ingest is at work on it, or was killed
	Published State = "published" // what readers see
	Retired   State = "retired"   // was published once; kept for a rollback
	Failed    State = "failed"    // its ingest failed; the next one collects it
)

// Generation is one complete version of a site's knowledge.
type Generation struct {
	Site           SiteID
	Number         int
	State          State
	SourceHash     []byte // of everything it was made from: equal means nothing changed
	Articles       int
	Chunks         int
	Sections       int // chunks of kind section
	PublicSections int // those of public articles
	Stats          GenerationStats
	CreatedAt      time.Time
	PublishedAt    time.Time // zero: never
}

// GenerationStats is what a search wants to know about a generation beforehand.
type GenerationStats struct {
	Languages []string `json:"languages"` // of its articles, most text first; only those that hold a tenth of it
	Models    []string `json:"models"`    // names of the models it has vectors of; empty: words alone

	Names []variant.Name `json:"names,omitempty"` // what its public articles call products, plans, places
}

// DraftArticle is an article with its number in a generation.
type DraftArticle struct {
	No   int // from 1
	Hash [32]byte
	Article
}

// DraftChunk is a chunk with its number in a generation.
type DraftChunk struct {
	No        int // from 1
	ArticleNo int
	SectionNo int // number of the section to show
	Audience  Audience
	Embedded  string   // the text that is embedded
	Hash      [32]byte // sha256 of Embedded
	Chunk
}

// Term is a term that the articles of one audience hold.
type Term struct {
	Term     string
	Audience Audience
	DF       int   // sections that hold it
	Dim      int32 // its place in a WordVector, from 0; the same for every audience
}

// WordVector is the words of a text: what each term weighs in it, BM25 without
// the rarity, which depends on who asks. Terms that are in most sections are
// left out.
type WordVector struct {
	Doc      int32 // a chunk's number, or minus an article's number for the whole article
	Audience Audience
	Dims     []int32   // ascending
	Weights  []float32 // beside Dims; all positive
}

// Draft is all of a generation but its vectors.
type Draft struct {
	Articles       []DraftArticle
	Chunks         []DraftChunk
	Terms          []Term
	Words          []WordVector // of texts that hold any term
	Sections       int
	PublicSections int
	Stats          GenerationStats
}

// ChunkVector is a chunk's vector under one model.
type ChunkVector struct {
	Chunk    int
	Audience Audience
	Vec      []float32 // of unit length
	Hash     [32]byte  // sha256 of the embedded text
	Rows     []int8    // of its tokens, under the same model; nil: none
	Places   []uint16  // of those tokens, see Encoded
}
