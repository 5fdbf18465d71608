package main

import (
	"context"
	"crypto/sha256"

	"frontdesk/retrieval"
)

// recordedEmbedder looks questions up in a file of vectors before it asks, and
// adds what it had to ask for.
type recordedEmbedder struct {
	retrieval.Embedder
	file  *retrieval.VectorFile
	fresh bool
}

// Embed is for one goroutine at a time, as a measurement asks.
func (r *recordedEmbedder) Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	m := r.Model()
	if kind != retrieval.EmbedQuery {
		return r.Embedder.Embed(ctx, kind, texts)
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		hash := sha256.Sum256([]byte(t))
		if v, ok := r.file.Get(m.Name, hash); ok {
			out[i] = v
			continue
		}
		v, err := r.Embedder.Embed(ctx, kind, []string{t})
		if err != nil {
			return nil, err
		}
		out[i] = v[0]
		m = r.Model() // said with the first answer where it was not known
		if r.file == nil || r.file.Model.Name != m.Name {
			r.file = retrieval.NewVectorFile(m) // of another model: of no use any more
		}
		r.file.Put(hash, v[0])
		r.fresh = true
	}
	return out, nil
}
