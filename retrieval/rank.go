package retrieval

import (
	"cmp"
	"math"
	"slices"
)

// Fusion is the weights of a chunk's signals, none negative. Each signal is
// first made comparable between questions and models: cosines as their distance
// from the mean of the candidates' in standard deviations; words as the part of the best
// score that the question's rare terms could give.
type Fusion struct {
	Cosine      float64 `json:"cosine"`
	Middle      float64 `json:"middle"`       // cosine of the article's mean direction
	BM25        float64 `json:"bm25"`         // of the chunk
	ArticleBM25 float64 `json:"article_bm25"` // of its article as a whole

	// QuestionHandicap is taken off a question entry: a question is like other
	// questions in form, which lifts its cosine without it being about the same.
	QuestionHandicap float64 `json:"question_handicap"`

	// OtherLanguage scales what words say of an article in another language
	// than the question's: they match by accident or by name only.
	OtherLanguage float64 `json:"other_language"`
}

func (f Fusion) valid() bool {
	for _, w := range []float64{f.Cosine, f.Middle, f.BM25, f.ArticleBM25, f.QuestionHandicap, f.OtherLanguage} {
		if !(w >= 0) {
			return false
		}
	}
	return f.Cosine+f.BM25+f.ArticleBM25 > 0 && f.OtherLanguage <= 1
}

// scored is a candidate with its comparable signals.
type scored struct {
	*Candidate
	z        float64 // cosine
	middle   float64 // of the article
	words    float64 // BM25
	article  float64 // BM25 of the article
	coverage float64 // part of the question's known words, by weight
	foreign  bool    // the article is in another language than the question
	score    float64
	signals  *signals // of a plan; nil without one
}

func (s *scored) fuse(f Fusion) {
	words := f.BM25*s.words + f.ArticleBM25*s.article
	if s.foreign {
		words *= f.OtherLanguage
	}
	s.score = f.Cosine*s.z + f.Middle*s.middle + words
	if s.Kind == QuestionChunk {
		s.score -= f.QuestionHandicap
	}
}

// SectionPick is the weights for which of an article's sections is shown. The
// cosine alone prefers short sections, which hold the asked-for fact less often.
type SectionPick struct {
	Cosine   float64 `json:"cosine"`
	BM25     float64 `json:"bm25"`
	Coverage float64 `json:"coverage"` // part of the question's words that it holds, by weight
	Length   float64 `json:"length"`   // of the logarithm of its words
}

func (p SectionPick) score(s *scored) float64 {
	return p.Cosine*s.z + p.BM25*s.words + p.Coverage*s.coverage + p.Length*math.Log1p(float64(s.Words))
}

// ranked is an article's place: its best section, and what speaks for it.
type ranked struct {
	lead     scored  // the candidate that scored best: a section, or a question entry
	show     scored  // whose passage is shown
	question *scored // its best question entry, where one was found
	bestZ    float64 // highest cosine of its candidates

	signals *signals // the highest of its candidates; of a plan
}

// spread is where the candidates' cosines lie. Over all chunks it would say no
// more (R@5 on twelve businesses .863 against .870) and cost a pass over them.
type spread struct{ mean, sd float64 }

func (c Candidates) cosines() spread {
	list := make([]float64, 0, len(c.List))
	for _, k := range c.List {
		if k.Cosine != 0 {
			list = append(list, k.Cosine)
		}
	}
	if len(list) == 0 {
		return spread{}
	}
	slices.Sort(list) // sums depend on the order, and rows come in any
	var sum, squares float64
	for _, v := range list {
		sum += v
	}
	mean := sum / float64(len(list))
	for _, v := range list {
		squares += (v - mean) * (v - mean)
	}
	return spread{mean, math.Sqrt(squares / float64(len(list)))}
}

// z is a cosine's distance from the mean; 0 where all are alike.
func (s spread) z(cosine float64) float64 {
	const alike = 1e-6
	if s.sd < alike {
		return 0
	}
	return (cosine - s.mean) / s.sd
}

// scores makes candidates' signals comparable and fuses them.
func (j Judge) scores(c Candidates, lang string) []scored {
	list := make([]scored, len(c.List))
	asked := c.asked()
	near := c.cosines()
	for i := range c.List {
		s := scored{Candidate: &c.List[i]}
		// A text that could not be embedded has no cosine: it counts as average.
		if s.Cosine != 0 {
			s.z = near.z(s.Cosine)
		}
		if s.Middle != 0 {
			s.middle = near.z(s.Middle)
		}
		if asked > 0 {
			s.words, s.article, s.coverage = s.BM25/asked, s.ArticleBM25/asked, s.Coverage/asked
		}
		s.foreign = lang != "" && s.Lang != "" && s.Lang != lang
		s.fuse(j.Fusion)
		list[i] = s
	}
	return list
}

// rank puts one entry an article in order, best first.
func (j Judge) rank(c Candidates, lang string) []ranked {
	list := j.scores(c, lang)
	// In order of score, so that the first of an article is its lead.
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.ChunkNo, b.ChunkNo))
	})
	place := map[int]int{}
	var out []ranked
	for i := range list {
		s := list[i]
		at, seen := place[s.ArticleNo]
		if !seen {
			at = len(out)
			place[s.ArticleNo] = at
			out = append(out, ranked{lead: s, show: s, bestZ: s.z})
		}
		r := &out[at]
		r.bestZ = max(r.bestZ, s.z)
		switch {
		case s.Kind == QuestionChunk && r.question == nil:
			r.question = &list[i]
		case s.Kind == SectionChunk && (r.show.Kind == QuestionChunk || j.Section.score(&s) > j.Section.score(&r.show)):
			r.show = s // a section found itself is better than the one a question points at
		}
	}
	return behindCurrent(out)
}

// behindCurrent moves an article that was replaced behind the one that
// replaces it, where both were found; everything else keeps its order.
func behindCurrent(list []ranked) []ranked {
	for moved, tries := true, 0; moved && tries <= len(list); tries++ {
		moved = false
		for i := range list {
			by := list[i].lead.Superseded
			if by == "" || by == list[i].lead.ArticleID {
				continue
			}
			j := slices.IndexFunc(list, func(r ranked) bool { return r.lead.ArticleID == by })
			if j > i {
				old := list[i]
				copy(list[i:], list[i+1:j+1])
				list[j] = old
				moved = true
				break
			}
		}
	}
	return list
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
