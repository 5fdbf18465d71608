package pgvec

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// lockClass is the first half of the advisory lock's key; the second is the
// site. The number is arbitrary, and no other lock of ours has it.
const lockClass = 0x46444b47 // "FDKG"

// lockPoll is how often a waiting ingest asks whether the other one is done.
const lockPoll = 200 * time.Millisecond

// Lock makes this the one ingest of the site, waiting for another one's end.
// The lock lives in its own connection: a killed ingest lets go of it at once.
// An ingest holds it beside two that write, so the pool must have three.
func (s *Store) Lock(ctx context.Context, site retrieval.SiteID, waiting func()) (func(), error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, classify("lock site", err)
	}
	for said := false; ; {
		var ok bool
		err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, $2)`, lockClass, site).Scan(&ok)
		if err != nil {
			conn.Release()
			return nil, classify("lock site", err)
		}
		if ok {
			break
		}
		if !said && waiting != nil {
			waiting()
		}
		said = true
		select {
		case <-ctx.Done():
			conn.Release()
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
	return func() {
		// The caller's context may be over; the lock must go all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_unlock($1, $2)`, lockClass, site); err != nil {
			conn.Hijack().Close(ctx) //nolint:errcheck // closing it lets go of the lock
			return
		}
		conn.Release()
	}, nil
}

// Begin opens a generation of a new number in state building.
func (s *Store) Begin(ctx context.Context, site retrieval.SiteID, sourceHash []byte) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, sqlBegin, site, sourceHash).Scan(&n)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, retrieval.ErrNoSite
	}
	return n, classify("begin generation", err)
}

// Fill writes all of a generation but its vectors, in one transaction.
func (s *Store) Fill(ctx context.Context, site retrieval.SiteID, generation int, d *retrieval.Draft) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlFilled, site, generation, len(d.Articles), len(d.Chunks), d.Sections, d.PublicSections)
		if err != nil {
			return err
		}
		if tag.RowsAffected() != 1 {
			return retrieval.ErrOvertaken
		}
		if err := copyArticles(ctx, tx, site, generation, d.Articles); err != nil {
			return fmt.Errorf("articles: %w", err)
		}
		if err := copyChunks(ctx, tx, site, generation, d.Chunks); err != nil {
			return fmt.Errorf("chunks: %w", err)
		}
		if err := copyTerms(ctx, tx, site, generation, d.Terms); err != nil {
			return fmt.Errorf("terms: %w", err)
		}
		if err := copyWords(ctx, tx, site, generation, d.Words); err != nil {
			return fmt.Errorf("words: %w", err)
		}
		if err := copyPostings(ctx, tx, site, generation, d.Words); err != nil {
			return fmt.Errorf("postings: %w", err)
		}
		if len(d.Chunks) < s.largeFrom {
			return nil
		}
		if err := copyLargeWords(ctx, tx, site, generation, d.Words); err != nil {
			return fmt.Errorf("index of words: %w", err)
		}
		return nil
	})
	return classify("fill generation", err)
}

func copyArticles(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, generation int, list []retrieval.DraftArticle) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"articles"},
		[]string{
			"site_id", "generation", "article", "article_id", "title", "url", "desk", "topic", "product", "lang",
			"audience", "updated", "superseded_by", "attributes", "source", "body", "content_hash",
		},
		pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
			a := &list[i]
			var updated *time.Time
			if !a.Updated.IsZero() {
				updated = &a.Updated
			}
			attributes := a.Attributes
			if attributes == nil {
				attributes = map[string]string{}
			}
			return []any{
				site, generation, a.No, a.ID, a.Title, a.URL, a.Desk, a.Topic, a.Product, a.Lang,
				a.Audience, updated, a.SupersededBy, attributes, a.Source, a.Body, a.Hash[:],
			}, nil
		}))
	return err
}

func copyChunks(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, generation int, list []retrieval.DraftChunk) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"chunks"},
		[]string{"site_id", "generation", "chunk", "article", "kind", "section", "heading", "span_from", "span_to", "body", "words", "embed_hash"},
		pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
			c := &list[i]
			heading := c.Heading
			if heading == nil {
				heading = []string{}
			}
			return []any{site, generation, c.No, c.ArticleNo, c.Kind, c.SectionNo, heading, c.From, c.To, c.Text, c.Words, c.Hash[:]}, nil
		}))
	return err
}

func copyTerms(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, generation int, list []retrieval.Term) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"terms"},
		[]string{"site_id", "generation", "term", "audience", "df", "dim"},
		pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
			t := &list[i]
			return []any{site, generation, t.Term, t.Audience, t.DF, t.Dim}, nil
		}))
	return err
}

func copyWords(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, generation int, list []retrieval.WordVector) error {
	var chunks, articles [][]any
	for _, w := range list {
		if w.Doc > 0 {
			chunks = append(chunks, []any{site, generation, w.Audience, w.Doc, sparse(w)})
		} else {
			articles = append(articles, []any{site, generation, -w.Doc, sparse(w)})
		}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"chunk_words"}, []string{"site_id", "generation", "audience", "chunk", "words"}, pgx.CopyFromRows(chunks))
	if err != nil {
		return err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"article_words"}, []string{"site_id", "generation", "article", "words"}, pgx.CopyFromRows(articles))
	return err
}

// copyPostings writes the words of chunks the other way round.
func copyPostings(ctx context.Context, tx pgx.Tx, site retrieval.SiteID, generation int, list []retrieval.WordVector) error {
	type place struct {
		dim      int32
		audience retrieval.Audience
	}
	type posting struct {
		chunks  []int32
		weights []float32
	}
	byTerm := map[place]*posting{}
	for _, w := range list {
		if w.Doc < 0 {
			continue // of an article as a whole
		}
		for i, dim := range w.Dims {
			p := byTerm[place{dim, w.Audience}]
			if p == nil {
				p = &posting{}
				byTerm[place{dim, w.Audience}] = p
			}
			p.chunks, p.weights = append(p.chunks, w.Doc), append(p.weights, w.Weights[i])
		}
	}
	rows := make([][]any, 0, len(byTerm))
	for at, p := range byTerm {
		rows = append(rows, []any{site, generation, at.dim, at.audience, p.chunks, p.weights})
	}
	slices.SortFunc(rows, func(a, b []any) int { return cmp.Compare(a[2].(int32), b[2].(int32)) })
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"word_postings"}, []string{"site_id", "generation", "dim", "audience", "chunks", "weights"}, pgx.CopyFromRows(rows))
	return err
}

// vocabulary is the width of every vector of words: more terms than any site
// has, and the same for all, since vectors of two widths cannot be multiplied.
const vocabulary = 1 << 24

func sparse(w retrieval.WordVector) pgvector.SparseVector {
	elements := make(map[int32]float32, len(w.Dims))
	for i, d := range w.Dims {
		elements[d] = w.Weights[i]
	}
	return pgvector.NewSparseVectorFromMap(elements, vocabulary)
}

// modelID is the model's number in this database; it is given one where it is new.
func (s *Store) modelID(ctx context.Context, m retrieval.Model) (int16, error) {
	var id int16
	var dims int
	err := s.pool.QueryRow(ctx, sqlModel, m.Name, m.Dims).Scan(&id, &dims)
	if errors.Is(err, pgx.ErrNoRows) {
		// Another process added it between the two halves of the statement.
		err = s.pool.QueryRow(ctx, sqlModel, m.Name, m.Dims).Scan(&id, &dims)
	}
	if err != nil {
		return 0, classify("find model", err)
	}
	if dims != m.Dims {
		return 0, fault.New(fault.Invalid, "model_dims",
			fmt.Sprintf("Model %s answers with %d numbers; %d are stored under this name. Give the changed model another name.", m.Name, m.Dims, dims))
	}
	return id, nil
}

// TakeOver copies vectors of equal texts from the site's other generations and
// returns the numbers of the chunks that have none yet.
func (s *Store) TakeOver(ctx context.Context, site retrieval.SiteID, generation int, m retrieval.Model, chunks []retrieval.DraftChunk) ([]int, error) {
	id, err := s.modelID(ctx, m)
	if err != nil {
		return nil, err
	}
	nos, audiences, hashes := make([]int32, len(chunks)), make([]int16, len(chunks)), make([][]byte, len(chunks))
	for i := range chunks {
		nos[i], audiences[i], hashes[i] = int32(chunks[i].No), int16(chunks[i].Audience), chunks[i].Hash[:]
	}
	rows, err := s.pool.Query(ctx, sqlTakeOver, site, generation, id, nos, audiences, hashes)
	if err != nil {
		return nil, classify("take over vectors", err)
	}
	missing, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return missing, classify("take over vectors", err)
}

// PutVectors adds vectors to a generation that is being built, and the token
// vectors of texts that had none. A vector that
// is no direction (zero, not finite) or of another width is refused: one such
// row would make every cosine beside it NaN.
func (s *Store) PutVectors(ctx context.Context, site retrieval.SiteID, generation int, m retrieval.Model, vectors []retrieval.ChunkVector) error {
	id, err := s.modelID(ctx, m)
	if err != nil {
		return err
	}
	var own []retrieval.ChunkVector
	var hashes, rows, places [][]byte
	seen := map[[32]byte]bool{}
	for _, v := range vectors {
		if len(v.Rows) > 0 && !seen[v.Hash] {
			seen[v.Hash] = true
			hashes, rows, places = append(hashes, v.Hash[:]), append(rows, unsigned(v.Rows)), append(places, placeBytes(v.Places))
		}
		if v.Vec == nil && len(v.Rows) > 0 {
			continue // its vector is there already
		}
		if err := retrieval.CheckVector(v.Vec, m.Dims); err != nil {
			return err
		}
		own = append(own, v)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"chunk_vectors"},
			[]string{"site_id", "generation", "model_id", "audience", "chunk", "vec"},
			pgx.CopyFromSlice(len(own), func(i int) ([]any, error) {
				v := own[i]
				return []any{site, generation, id, v.Audience, v.Chunk, pgvector.NewVector(v.Vec)}, nil
			}))
		if err != nil || len(hashes) == 0 {
			return err
		}
		_, err = tx.Exec(ctx, sqlPutTokens, site, id, hashes, rows, places)
		return err
	})
	return classify("write vectors", err)
}

// WithoutTokens are those of the texts that have no token vectors yet.
func (s *Store) WithoutTokens(ctx context.Context, site retrieval.SiteID, m retrieval.Model, hashes [][32]byte) ([][32]byte, error) {
	id, err := s.modelID(ctx, m)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, sqlWithoutTokens, site, id, byteSlices(hashes))
	if err != nil {
		return nil, classify("look for token vectors", err)
	}
	missing, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h [32]byte, err error) {
		var b []byte
		err = row.Scan(&b)
		copy(h[:], b)
		return h, err
	})
	return missing, classify("look for token vectors", err)
}

// Tokens brings the rows of texts' tokens; a text that has none is left out.
func (s *Store) Tokens(ctx context.Context, site retrieval.SiteID, model string, hashes []retrieval.TextHash, put func(retrieval.TextHash, retrieval.TokenRows)) error {
	list := make([][]byte, len(hashes))
	for i := range hashes {
		list[i] = hashes[i][:]
	}
	rows, err := s.pool.Query(ctx, sqlTokens, site, model, list)
	if err != nil {
		return classify("read token vectors", err)
	}
	defer rows.Close()
	for rows.Next() {
		raw := rows.RawValues() // all are bytea, and the second large: no copy in between
		out := retrieval.TokenRows{Rows: make([]int8, len(raw[1]))}
		for i, v := range raw[1] {
			out.Rows[i] = int8(v)
		}
		if raw[2] != nil {
			out.Places = make([]uint16, len(raw[2])/2)
			for i := range out.Places {
				out.Places[i] = binary.BigEndian.Uint16(raw[2][2*i:])
			}
		}
		put(retrieval.TextHash(raw[0]), out)
	}
	return classify("read token vectors", rows.Err())
}

func unsigned(rows []int8) []byte {
	out := make([]byte, len(rows))
	for i, v := range rows {
		out[i] = byte(v)
	}
	return out
}

// placeBytes are places as they are stored: never nil, which stands for rows
// that were stored before there were places.
func placeBytes(places []uint16) []byte {
	out := make([]byte, 0, 2*len(places))
	for _, p := range places {
		out = binary.BigEndian.AppendUint16(out, p)
	}
	return out
}

func byteSlices(hashes [][32]byte) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

// Vectors hands out a generation's vectors by the sha256 of the embedded text.
func (s *Store) Vectors(ctx context.Context, site retrieval.SiteID, generation int, m retrieval.Model, put func(hash [32]byte, vec []float32)) error {
	id, err := s.modelID(ctx, m)
	if err != nil {
		return err
	}
	rows, err := s.pool.Query(ctx, sqlVectors, site, generation, id)
	if err != nil {
		return classify("read vectors", err)
	}
	var hash []byte
	var vec pgvector.Vector
	_, err = pgx.ForEachRow(rows, []any{&hash, &vec}, func() error {
		if len(hash) != 32 {
			return fmt.Errorf("a hash of %d bytes", len(hash))
		}
		put([32]byte(hash), vec.Slice())
		return nil
	})
	return classify("read vectors", err)
}
