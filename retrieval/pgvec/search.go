package pgvec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/retrieval"
)

// Find brings the candidates of both arms, in one round trip. Texts that an
// earlier search brought do not come again. Where all of them seem to be here,
// the statement brings none; one that is missing all the same, of an article
// found for the first time or of a generation published meanwhile, takes a
// second trip.
func (s *Store) Find(ctx context.Context, n retrieval.Needle) (retrieval.Candidates, error) {
	want := statement{vectors: len(n.Vecs), near: n.Near, worded: n.Worded}
	if n.OnlyLang != "" || n.Product != "" {
		want.filter = 1
	}
	site, isLarge := s.large.knows(n)
	isLarge = isLarge && want.filter == 0 // a filter leaves few: they are read
	h := s.shelf.of(n.Site)
	want.held = n.Audience == retrieval.Public && s.shelf.calm(h) && !isLarge
	var sql string
	if isLarge {
		sql = wanting(site.sql(n), n.Near, n.Worded)
	} else {
		sql = s.texts.of(want)
	}
	a, err := s.ask(ctx, sql, n, h)
	switch {
	case isLarge && tableGone(err):
		s.large.forget(n.Site)
		a, err = s.ask(ctx, s.texts.of(want), n, h)
	case err == nil && want.held && !a.isHeld(h):
		h.stir()
		want.held = false
		a, err = s.ask(ctx, s.texts.of(want), n, h)
	}
	if err != nil {
		return retrieval.Candidates{}, classify("find candidates", err)
	}
	if a.generation == 0 {
		return retrieval.Candidates{}, nil // nothing is published
	}
	s.large.learn(n, a)
	if !h.is(a.generation, a.begun) {
		h = &held{generation: a.generation, begun: a.begun}
	}
	s.shelf.keep(n.Site, h, a.texts)
	found, err := a.candidates(h, n)
	return found, classify("find candidates", err)
}

// ask puts a search's statement to the database; h is what need not come.
func (s *Store) ask(ctx context.Context, sql string, n retrieval.Needle, h *held) (*answer, error) {
	// By value: a pointer goes to the server as text, which costs both sides
	// more than everything else around the statement.
	var vecs [2]any
	var models [2]string
	for i, v := range n.Vecs {
		vecs[i], models[i] = pgvector.NewVector(v.Vec), v.Model
	}
	terms := n.Terms
	if terms == nil {
		terms = []string{}
	}
	rows, err := s.pool.Query(ctx, sql, pgx.QueryResultFormats{pgx.BinaryFormatCode},
		n.Site, int16(n.Audience), terms, h.which(), float64(retrieval.FewSections), n.BM25.MaxDF, vecs[0], models[0], n.OnlyLang, n.Product,
		h.begun, vecs[1], models[1], h.generation)
	if err != nil {
		return nil, err
	}
	return readAnswer(rows, len(n.Vecs)*n.Near+n.Worded)
}

// candidates puts together what the database said and what is held.
func (a *answer) candidates(h *held, n retrieval.Needle) (retrieval.Candidates, error) {
	out := retrieval.Candidates{Generation: a.generation, Sections: a.sections, HasVectors: a.near, HasSecond: a.near2}
	for i, term := range a.terms {
		out.Terms = append(out.Terms, retrieval.TermUse{Term: term, DF: int(a.dfs[i]), Rarity: float64(a.rarities[i])})
	}
	if len(a.found) == 0 {
		return out, nil
	}
	// Ties fall to the lower number, so that equal runs give equal results.
	order := make([]place, len(a.found))
	for i, f := range a.found {
		t := h.text(f.chunk)
		if t == nil {
			return retrieval.Candidates{}, fmt.Errorf("chunk %d of generation %d did not come", f.chunk, a.generation)
		}
		order[i] = place{f, t}
	}
	slices.SortFunc(order, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.text.ArticleNo, b.text.ArticleNo), cmp.Compare(a.chunk, b.chunk))
	})
	asked := a.weighing()
	var whole wholeScores
	out.List = make([]retrieval.Candidate, len(order))
	for i, p := range order {
		if i == 0 || p.text.article != order[i-1].text.article {
			whole = a.whole(p.text.article, asked, n)
		}
		c := &out.List[i]
		*c = p.text.Candidate
		c.Cosine, c.Cosine2 = p.cosine, p.cosine2
		c.BM25, c.Coverage = p.text.words.score(asked)
		c.Middle, c.Middle2, c.ArticleBM25, c.ArticleCoverage = whole.middle, whole.middle2, whole.bm25, whole.coverage
		c.Whole = p.text.article.hashes
	}
	return out, nil
}

// place is a chunk that was found, with its text.
type place struct {
	foundChunk
	text *heldText
}

// wholeScores are an article's as a whole.
type wholeScores struct{ middle, middle2, bm25, coverage float64 }

func (a *answer) whole(t *heldArticle, asked []askedTerm, n retrieval.Needle) (w wholeScores) {
	w.bm25, w.coverage = t.words.score(asked)
	for _, m := range t.middles {
		if a.near && m.model == a.model {
			w.middle = cosine(m.vec, n.Vecs[0].Vec)
		}
		if a.near2 && m.model == a.model2 {
			w.middle2 = cosine(m.vec, n.Vecs[1].Vec)
		}
	}
	return w
}

// cosine is that of two vectors of unit length.
func cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// answer is what the database said.
type answer struct {
	generation int // 0: nothing is published
	begun      time.Time
	sections   int
	model      int16 // numbers of the needle's models; 0: nobody knows it
	model2     int16
	near       bool // there are vectors of the first model, of the second
	near2      bool

	// The question's terms that the knowledge holds.
	terms    []string
	dims     []int32
	dfs      []float64
	rarities []float32

	chunks  int     // of the generation
	indexed []int16 // models that have an index of it; nil: it is not large

	found []foundChunk
	texts []*heldText // those that the caller did not hold
}

type foundChunk struct {
	chunk           int
	cosine, cosine2 float64
}

// Columns of the statement that are read by their number.
const (
	columnGeneration = 0
	columnChunk      = 13
	columnCosine     = 14
	columnCosine2    = 15
	columnKind       = 16
	columnHash       = 33
	columnsHeld      = 20 // how many there are for a caller who holds the texts
)

var errText = errors.New("the answer came as text: a connection in simple protocol mode cannot be searched by")

// readAnswer reads the statement's rows: one that says what holds for all, and
// one for each chunk that was found.
func readAnswer(rows pgx.Rows, size int) (*answer, error) {
	defer rows.Close()
	a := &answer{}
	articles := map[int]*heldArticle{}
	for rows.Next() {
		raw := rows.RawValues()
		switch {
		case rows.FieldDescriptions()[columnChunk].Format != pgx.BinaryFormatCode:
			return nil, errText
		case raw[columnGeneration] != nil:
			if err := a.readHead(rows); err != nil {
				return nil, err
			}
			if len(raw) == columnsHeld {
				a.found = readFound(raw[columnChunk:])
			}
			continue
		case a.found == nil:
			a.found = make([]foundChunk, 0, size)
		}
		f := foundChunk{int(readInt4(raw[columnChunk])), readFloat8(raw[columnCosine]), readFloat8(raw[columnCosine2])}
		a.found = append(a.found, f)
		if raw[columnKind] == nil {
			continue // the caller holds it
		}
		t, err := readText(rows, articles)
		if err != nil {
			return nil, err
		}
		a.texts = append(a.texts, t)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, t := range a.texts {
		if t.article = articles[t.ArticleNo]; t.article == nil {
			return nil, fmt.Errorf("article %d of generation %d did not come", t.ArticleNo, a.generation)
		}
	}
	return a, nil
}

// isHeld says whether the caller holds every text of the answer.
func (a *answer) isHeld(h *held) bool {
	if a.generation == 0 {
		return true // there are none
	}
	return h.is(a.generation, a.begun) && !slices.ContainsFunc(a.found, func(f foundChunk) bool { return h.text(f.chunk) == nil })
}

func (a *answer) readHead(rows pgx.Rows) error {
	dest := make([]any, len(rows.RawValues())) // nil: not scanned
	var model, model2 *int16
	copy(dest, []any{&a.generation, &a.begun, &a.sections, &model, &model2, &a.near, &a.near2, &a.terms, &a.dims, &a.dfs, &a.rarities, &a.chunks, &a.indexed})
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	if model != nil {
		a.model = *model
	}
	if model2 != nil {
		a.model2 = *model2
	}
	return nil
}

// readText reads a text that the caller did not hold; what is of its article
// comes with the first one and goes to articles.
func readText(rows pgx.Rows, articles map[int]*heldArticle) (*heldText, error) {
	raw := rows.RawValues()
	t := &heldText{}
	dest := make([]any, len(raw)) // nil: not scanned
	dest[columnChunk] = &t.ChunkNo
	copy(dest[columnKind:], []any{
		&t.Kind, &t.Asked, &t.ArticleNo, &t.Chunk, &t.Heading, &t.From, &t.To, &t.Text, &t.Words,
		&t.ArticleID, &t.Title, &t.URL, &t.Desk, &t.Topic, &t.Product, &t.Lang, &t.Superseded,
	})
	if err := rows.Scan(dest...); err != nil {
		return nil, err
	}
	own := raw[columnHash:] // hash, its words, whether it is its article's first, and what is of the article
	copy(t.Hash[:], own[0])
	t.words = readWords(own[1])
	if first := own[2]; len(first) == 1 && first[0] == 1 {
		articles[t.ArticleNo] = &heldArticle{hashes: readHashes(own[3]), words: readWords(own[4]), middles: readMiddles(own[5], own[6])}
	}
	return t, nil
}
