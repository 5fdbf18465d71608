package pgvec

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/retrieval"
)

// Find brings the candidates of both arms, in one round trip.
func (s *Store) Find(ctx context.Context, n retrieval.Needle) (retrieval.Candidates, error) {
	// By value: a pointer goes to the server as text, which costs both sides
	// more than everything else around the statement.
	var vecs [2]any
	var models [2]string
	for i, v := range n.Vecs {
		vecs[i], models[i] = pgvector.NewVector(v.Vec), v.Model
	}
	filter := 0
	if n.OnlyLang != "" || n.Product != "" {
		filter = 1
	}
	terms := n.Terms
	if terms == nil {
		terms = []string{}
	}
	rows, err := s.pool.Query(ctx, s.sql[len(n.Vecs)][filter],
		n.Site, int16(n.Audience), terms, n.Near, float64(retrieval.FewSections), n.BM25.MaxDF, vecs[0], models[0], n.OnlyLang, n.Product, max(n.Worded, 1), vecs[1], models[1], n.Late)
	if err != nil {
		return retrieval.Candidates{}, classify("find candidates", err)
	}
	found, err := collect(rows, len(n.Vecs)*n.Near+n.Worded)
	return found, classify("find candidates", err)
}

// collect reads the statement's rows. The first one also says what holds for
// all; a row without a chunk means that nothing was found.
func collect(rows pgx.Rows, size int) (retrieval.Candidates, error) {
	defer rows.Close()
	var (
		out      retrieval.Candidates
		head     heading
		c        retrieval.Candidate
		articles = map[int]retrieval.Candidate{} // the first of each
	)
	common := []any{&out.Generation, &out.Sections, &out.HasVectors, &out.HasSecond, &head.terms, &head.dims, &head.dfs, &head.rarities}
	own := []any{
		&c.ChunkNo, &c.Kind, &c.Asked, &c.ArticleNo, &c.Chunk, &c.Heading, &c.From, &c.To, &c.Text, &c.Words,
		&c.ArticleID, &c.Title, &c.URL, &c.Desk, &c.Topic, &c.Product, &c.Lang, &c.Superseded,
		&c.Cosine, &c.Middle, &c.Cosine2, &c.Middle2, nil, nil, nil, nil, nil, // whether it is its article's first, hashes and words are read as they came
	}
	all := append(append([]any(nil), common...), own...)
	none := append(append([]any(nil), common...), make([]any, len(own))...) // not scanned
	var rarity map[int32]float64
	for rows.Next() {
		nothing := rows.RawValues()[len(common)] == nil
		dest := all
		if nothing {
			dest = none
		}
		c = retrieval.Candidate{}
		if err := rows.Scan(dest...); err != nil {
			return retrieval.Candidates{}, err
		}
		if rarity == nil {
			out.Terms, rarity = head.uses()
		}
		if nothing {
			continue
		}
		if out.List == nil {
			out.List = make([]retrieval.Candidate, 0, size)
		}
		raw := rows.RawValues()
		copy(c.Hash[:], raw[len(raw)-4])
		chunk, whole := wordBytes(raw[len(raw)-2]), wordBytes(raw[len(raw)-1])
		c.BM25, c.Coverage = chunk.score(rarity)
		if first := raw[len(raw)-5]; len(first) == 1 && first[0] == 1 {
			c.Whole = textHashes(raw[len(raw)-3])
			c.ArticleBM25, c.ArticleCoverage = whole.score(rarity)
			articles[c.ArticleNo] = c
		}
		out.List = append(out.List, c)
	}
	for i := range out.List {
		c, a := &out.List[i], articles[out.List[i].ArticleNo]
		c.Middle, c.Middle2, c.ArticleBM25, c.ArticleCoverage, c.Whole = a.Middle, a.Middle2, a.ArticleBM25, a.ArticleCoverage, a.Whole
	}
	return out, rows.Err()
}

// heading is what stands in the first row only.
type heading struct {
	terms    []string
	dims     []int32
	dfs      []float64
	rarities []float32
}

func (h heading) uses() ([]retrieval.TermUse, map[int32]float64) {
	var out []retrieval.TermUse
	rarity := make(map[int32]float64, len(h.terms))
	for i, term := range h.terms {
		out = append(out, retrieval.TermUse{Term: term, DF: int(h.dfs[i]), Rarity: float64(h.rarities[i])})
		rarity[h.dims[i]] = float64(h.rarities[i])
	}
	return out, rarity
}

// textHashes reads an array of bytea of 32 bytes each: after the header of one
// dimension (five numbers) each element has its length in front.
func textHashes(b []byte) []retrieval.TextHash {
	const header, element = 5 * 4, 4 + 32
	if len(b) < header || (len(b)-header)%element != 0 {
		return nil
	}
	out := make([]retrieval.TextHash, (len(b)-header)/element)
	for i := range out {
		copy(out[i][:], b[header+i*element+4:])
	}
	return out
}

// wordBytes are a text's words as they lie in the row: empty where it has none.
type wordBytes []byte

// score is what the words add up to for a question: BM25, and the summed
// rarity of the terms that the text holds. The bytes are pgvector's: width,
// number of terms, nothing, then the places and the weights.
func (w wordBytes) score(rarity map[int32]float64) (bm25, coverage float64) {
	if len(w) < 12 {
		return 0, 0
	}
	n := int(binary.BigEndian.Uint32(w[4:8]))
	dims, weights := w[12:], w[12+4*n:]
	for i := range n {
		r := rarity[int32(binary.BigEndian.Uint32(dims[4*i:]))]
		if r == 0 {
			continue
		}
		bm25 += r * float64(math.Float32frombits(binary.BigEndian.Uint32(weights[4*i:])))
		coverage += r
	}
	return bm25, coverage
}
