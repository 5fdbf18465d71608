package local

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"

	"frontdesk/retrieval/embed/local/ort"
	"frontdesk/retrieval/embed/local/tok"
)

// ErrNotFinite says that a run came out as no numbers. It has not been seen
// with these models; without the look it would be stored as a vector.
var ErrNotFinite = errors.New("the encoder's result is not finite")

// Model is an opened encoder.
type Model struct {
	spec    spec
	made    manifest
	weights *mapped
	tokens  tok.Tokenizer
	table   table
	places  []float32 // places × hidden: the vectors of place and kind, added up
	session *ort.Session
	head    *head
	width   int       // of a token's vector
	inputs  sync.Pool // *[]float32
}

var _ Encoder = (*Model)(nil)

// Open opens a model that Make has made.
func Open(lib *ort.Library, f Folders, name string) (*Model, error) {
	s, err := specOf(name)
	if err != nil {
		return nil, err
	}
	k, err := key()
	if err != nil {
		return nil, err
	}
	m, err := openAt(lib, f, s, filepath.Join(f.Made, k, s.name))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s.name, err)
	}
	return m, nil
}

// openAt opens the model whose graph lies in dir.
func openAt(lib *ort.Library, f Folders, s spec, dir string) (*Model, error) {
	made, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	m := &Model{spec: s, made: made, width: TokenDims}
	if err := m.openWeights(s.folder(f)); err != nil {
		m.Close()
		return nil, err
	}
	outputs := []string{outputPooled, outputTokens}
	if len(s.sizes.depths) > 0 {
		outputs = append(outputs, outputDepths)
	}
	m.session, err = lib.NewSession(filepath.Join(dir, graphFile), []string{inputWords}, outputs, ort.SessionConfig{})
	if err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// openWeights opens what does not go through the graph: tokens, words, places.
func (m *Model) openWeights(dir string) error {
	src, err := m.openSource(dir)
	if err != nil {
		return err
	}
	if m.table, err = src.words(); err != nil {
		return err
	}
	m.places, err = placeVectors(src, m.spec.sizes)
	return err
}

func (m *Model) openSource(dir string) (source, error) {
	s := m.spec
	var err error
	if m.weights, err = mapFile(filepath.Join(dir, filepath.FromSlash(s.weights.path)), s.weights.size); err != nil {
		return nil, err
	}
	var vocab []byte
	if s.vocab.path != "" {
		v, err := mapFile(filepath.Join(dir, filepath.FromSlash(s.vocab.path)), s.vocab.size)
		if err != nil {
			return nil, err
		}
		vocab = append(vocab, v.b...)
		if err := v.close(); err != nil {
			return nil, err
		}
	}
	src, tokens, err := s.open(m.weights.b, vocab)
	if err != nil {
		return nil, err
	}
	m.tokens = tokens
	d, err := readHead(s)
	if err != nil {
		return nil, fmt.Errorf("read the head of %s: %w", s.name, err)
	}
	m.head = newHead(s, d, m.tokens, vocab)
	return src, nil
}

// placeVectors adds the vector of the one kind of segment to those of places.
func placeVectors(src source, sizes bertSizes) ([]float32, error) {
	places, err := src.floats("embeddings.position_embeddings.weight", sizes.places, sizes.hidden)
	if err != nil {
		return nil, err
	}
	kinds, err := src.floats("embeddings.token_type_embeddings.weight", 2, sizes.hidden)
	if err != nil {
		return nil, err
	}
	for i := range places {
		places[i] += kinds[i%sizes.hidden]
	}
	return places, nil
}

// Name is the name the model is served under.
func (m *Model) Name() string { return m.spec.name }

// Precision is how its graph multiplies on this machine.
func (m *Model) Precision() Precision { return m.made.Precision }

// Dims is the width of a text's vector.
func (m *Model) Dims() int { return m.spec.sizes.hidden }

// TokenDims is the width of a token's vector.
func (m *Model) TokenDims() int { return TokenDims }

// DepthDims is the width of what a query's run gives of inner layers.
func (m *Model) DepthDims() int { return len(m.spec.sizes.depths) * m.spec.sizes.hidden }

// MaxTokens is how many tokens of a text are read, ends and prefix counted.
func (m *Model) MaxTokens() int { return m.spec.maxTokens }

// Encode returns the vectors of one text. The run is the calling goroutine's;
// it is short (512 tokens: a quarter of a second) and is not cut off.
func (m *Model) Encode(ctx context.Context, kind Kind, text string, tokens bool) (Vectors, error) {
	if err := ctx.Err(); err != nil {
		return Vectors{}, err
	}
	ids, places, cut := m.tokenise(kind, text, tokens)
	v, err := m.run(ids, tokens, tokens && kind == Query)
	if err != nil {
		return Vectors{}, fmt.Errorf("encode with %s: %w", m.spec.name, err)
	}
	v.Truncated, v.Places = cut, places
	if err := m.head.apply(kind, &v); err != nil {
		return Vectors{}, fmt.Errorf("encode with %s: %w", m.spec.name, err)
	}
	return v, nil
}

// tokenise reads one token more than fits, to know whether there was one. Places
// are of the text without the model's prefix; those of the prefix are 0.
func (m *Model) tokenise(kind Kind, text string, placed bool) (ids, places []int32, cut bool) {
	most, prefix := m.spec.maxTokens, m.spec.prefix[kind]
	if placed {
		ids, places = m.tokens.Place(prefix+text, most+1)
		for i := range places {
			places[i] = max(places[i]-int32(len(prefix)), 0)
		}
	} else {
		ids = m.tokens.Encode(make([]int32, 0, 64), prefix+text, most+1)
	}
	if len(ids) <= most {
		return ids, places, false
	}
	ids[most-1] = ids[most] // the mark of the end stays
	if placed {
		places = places[:most]
	}
	return ids[:most], places, true
}

// run takes tokens through the graph; deep asks for Depths beside tokens, where the
// model gives any.
func (m *Model) run(ids []int32, tokens, deep bool) (Vectors, error) {
	h := m.spec.sizes.hidden
	buf, ok := m.inputs.Get().(*[]float32)
	if !ok {
		buf = new([]float32)
	}
	defer m.inputs.Put(buf)
	if cap(*buf) < len(ids)*h {
		*buf = make([]float32, len(ids)*h)
	}
	x := (*buf)[:len(ids)*h]
	for i, id := range ids {
		row := x[i*h:][:h]
		if err := m.table.row(row, id); err != nil {
			return Vectors{}, err
		}
		for j, p := range m.places[i*h:][:h] {
			row[j] += p
		}
	}
	outputs := 1
	if tokens {
		outputs = 2
	}
	if deep = deep && len(m.spec.sizes.depths) > 0; deep {
		outputs = 3
	}
	v := Vectors{TokenDims: m.width}
	err := m.session.Run([]ort.Tensor{{Shape: []int64{int64(len(ids)), int64(h)}, Data: x}}, outputs, func(out []ort.Tensor) error {
		var err error
		if v.Pooled, err = unit(out[0].Data); err != nil || !tokens {
			return err
		}
		if len(out[1].Data) != len(ids)*m.width {
			return fmt.Errorf("%d numbers for %d tokens", len(out[1].Data), len(ids))
		}
		v.TokenIDs, v.Tokens = ids, append([]float32(nil), out[1].Data...)
		for _, f := range v.Tokens {
			if f-f != 0 { // not a number, or infinite
				return ErrNotFinite
			}
		}
		if deep {
			v.Depths, err = units(out[2].Data, h)
		}
		return err
	})
	return v, err
}

// units are rows of so many numbers, each at length one; a copy.
func units(rows []float32, width int) ([]float32, error) {
	out := make([]float32, 0, len(rows))
	for row := range slices.Chunk(rows, width) {
		u, err := unit(row)
		if err != nil {
			return nil, err
		}
		out = append(out, u...)
	}
	return out, nil
}

// unit is v at length one; a copy.
func unit(v []float32) ([]float32, error) {
	var sum float64
	for _, f := range v {
		sum += float64(f) * float64(f)
	}
	length := math.Sqrt(sum)
	if !(length > 0) || math.IsInf(length, 0) { // written so that NaN is refused too
		return nil, ErrNotFinite
	}
	out := make([]float32, len(v))
	for i, f := range v {
		out[i] = float32(float64(f) / length)
	}
	return out, nil
}

// Close lets the model go; no Encode may be running.
func (m *Model) Close() {
	if m.session != nil {
		m.session.Close()
	}
	if m.weights != nil {
		_ = m.weights.close()
	}
}

// Cosine is the least that its vectors were found to have with the reference.
func (m *Model) Cosine() float64 { return m.made.Cosine }
