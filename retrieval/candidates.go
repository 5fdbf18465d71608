package retrieval

import (
	"math"

	"frontdesk/retrieval/variant"
)

// Needle is what a search asks the database for.
type Needle struct {
	Site     SiteID
	Vecs     []NeedleVec // at most two; none: by words alone
	Terms    []string    // distinct
	Audience Audience
	OnlyLang string
	Product  string
	Near     int // candidates that each vector brings
	Worded   int // candidates that the words bring
	BM25     BM25
}

// NeedleVec is a question's vector under one model.
type NeedleVec struct {
	Model string    // its name
	Vec   []float32 // of unit length
}

// Candidate is a chunk that one of the arms found, scored by both.
type Candidate struct {
	Passage                   // of the section to show
	Kind            ChunkKind // of the chunk that was found
	ChunkNo         int       // its number; differs from Passage.Chunk for a question
	Asked           string    // the question entry's words; empty for a section
	Words           int       // of the section to show
	Cosine          float64   // under the needle's first model; 0 without vectors
	Middle          float64   // cosine of the mean direction of its article's sections; 0 without
	Cosine2         float64   // as Cosine and Middle, under the second model
	Middle2         float64
	BM25            float64 // of the chunk; 0: no term
	ArticleBM25     float64 // of its article as a whole
	Coverage        float64 // summed rarity of the terms the chunk holds
	ArticleCoverage float64 // likewise of the article

	MaxSim        float64 // how well the chunk's tokens match the question's; 0 without token vectors
	ArticleMaxSim float64 // likewise those of the whole article

	Named float64 // part of the names in the question that its article carries
	Other float64 // part of them in whose place its article carries another one

	Hash  TextHash   // of the chunk's embedded text
	Whole []TextHash // of all chunks of its article; shared between its candidates
}

// TextHash is the sha256 of an embedded text, under which its token vectors lie.
type TextHash [32]byte

// TermUse is a term of the question as the site's knowledge knows it.
type TermUse struct {
	Term   string
	DF     int     // sections of this audience that hold it
	Rarity float64 // idf; 0: too common to count
}

// Candidates is what the database found, all of one generation.
type Candidates struct {
	Generation int       // 0: nothing is published
	Sections   int       // that this audience may read
	HasVectors bool      // the knowledge has vectors of the needle's first model
	HasSecond  bool      // and of the second
	Terms      []TermUse // those of the terms that the knowledge holds
	List       []Candidate
}

// Found is what a search found, before it is judged: the input of a Ranking,
// and of its training.
type Found struct {
	Candidates
	Lang  string // language the question was taken for
	Asked int    // distinct terms looked up, those that nothing holds among them

	QuestionWords int  // of the question, as far as they count for how sure its answer is: see questionWords
	QuestionMark  bool // it holds one

	Plan *Plan // how it is ranked; nil: by Ranking.WithVectors or Words

	names *variant.Site // the site's; nil: none
	said  variant.Asked // those of them in the question

	late *compared // of a plan that compares tokens: what they said; else nil

	Reread map[int]float64 // a Reranker's score by article; nil: none read them
}

// asked is the most that the question's known terms can add up to.
func (c Candidates) asked() float64 {
	sum := 0.0
	for _, t := range c.Terms {
		sum += t.Rarity
	}
	return sum
}

// missing is what the terms that nothing holds would weigh: they are as rare as
// can be.
func (f Found) missing() float64 {
	return float64(max(0, f.Asked-len(f.Terms))) * math.Log(1+2*(float64(f.Sections)+0.5))
}
