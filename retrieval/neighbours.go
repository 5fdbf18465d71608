package retrieval

// Around is what lies around a question: what a search found on its way, for
// those who tell by it what the question is about. It costs no further trip to
// the database and no further run of an embedder.
type Around struct {
	Vectors  []QuestionVector // of the models that took part, the first one first
	Articles []Neighbour      // best first; more than the hits: all that were found
	Sections int              // of the site's knowledge that the asker may read
	Rarity   float64          // summed rarity of the question's terms that the knowledge holds
}

// QuestionVector is the question under one model.
type QuestionVector struct {
	Model string    // its name
	Vec   []float32 // of unit length; not to be changed: caches share it
	// Depths are Encoded's; likewise. Empty: the model gave none.
	Depths []float32
}

// Neighbour is an article near a question, with its owner's labels.
type Neighbour struct {
	No         int // number within the generation
	ID         string
	Title      string
	Desk       string // service, support, both or empty
	Topic      string
	Product    string
	Lang       string
	Superseded string
	Score      float64     // as Hit.Score
	Entries    []NearEntry // what was found of it: sections, and ways customers ask
}

// NearEntry is a section, or a way customers ask, near a question.
type NearEntry struct {
	Kind    ChunkKind
	Asked   string  // of a way customers ask: its words
	Cosine  float64 // under the first model; 0 without vectors
	Cosine2 float64 // under the second; 0 without
	Words   float64 // BM25, as a part of what the question's words weigh
	MaxSim  float64 // token by token; 0 without token vectors
}

// take collects what was found and ranked; nothing where nobody asked for it.
func (a *Around) take(f Found, list []ranked) {
	if a == nil {
		return
	}
	a.Articles, a.Sections, a.Rarity = around(f, list), f.Sections, f.asked()
}

// around collects what was found, in the order it was ranked.
func around(f Found, list []ranked) []Neighbour {
	asked := f.asked()
	place := make(map[int]int, len(list))
	out := make([]Neighbour, len(list))
	for i := range list {
		p := &list[i].lead.Passage
		place[p.ArticleNo] = i
		out[i] = Neighbour{
			No: p.ArticleNo, ID: p.ArticleID, Title: p.Title, Desk: p.Desk, Topic: p.Topic, Product: p.Product, Lang: p.Lang,
			Superseded: p.Superseded, Score: list[i].lead.score,
		}
	}
	for i := range f.List {
		c := &f.List[i]
		e := NearEntry{Kind: c.Kind, Asked: c.Asked, Cosine: c.Cosine, Cosine2: c.Cosine2, MaxSim: c.MaxSim}
		if asked > 0 {
			e.Words = c.BM25 / asked
		}
		if at, ok := place[c.ArticleNo]; ok {
			out[at].Entries = append(out[at].Entries, e)
		}
	}
	return out
}
