package langchain

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"frontdesk/retrieval"

	"github.com/tmc/langchaingo/embeddings"
)

// embedder is what an Embedder needs of retrieval.Embedder.
type embedder interface {
	Embed(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error)
}

// EmbedderConfig says how texts are sent; the zero value is ready to use.
type EmbedderConfig struct {
	// Batch is the most texts in one call. 0: 16, so that a cancelled context is
	// heeded soon and no call holds the embedder for long.
	Batch int
}

// Embedder is an embeddings.Embedder over one of this project's. Documents and
// queries are told apart, as some models want.
type Embedder struct {
	embed embedder
	batch int
}

var _ embeddings.Embedder = (*Embedder)(nil)

// NewEmbedder makes an Embedder; the error names what is wrong.
func NewEmbedder(e embedder, cfg EmbedderConfig) (*Embedder, error) {
	if e == nil {
		return nil, errors.New("langchain embedder: an embedder is required")
	}
	if cfg.Batch < 0 {
		return nil, errors.New("langchain embedder: Batch must not be negative")
	}
	return &Embedder{embed: e, batch: cmp.Or(cfg.Batch, 16)}, nil
}

// EmbedDocuments embeds passages; one vector a text, in order.
func (e *Embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, 0, len(texts))
	for len(texts) > 0 {
		n := min(e.batch, len(texts))
		vectors, err := e.vectors(ctx, retrieval.EmbedPassage, texts[:n])
		if err != nil {
			return nil, fmt.Errorf("embed documents: %w", err)
		}
		out = append(out, vectors...)
		texts = texts[n:]
	}
	return out, nil
}

// EmbedQuery embeds one question.
func (e *Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	vectors, err := e.vectors(ctx, retrieval.EmbedQuery, []string{text})
	if err != nil {
		return nil, fmt.Errorf("embed query: %w", err)
	}
	return vectors[0], nil
}

// vectors is one call, held to the number of vectors it owes.
func (e *Embedder) vectors(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([][]float32, error) {
	vectors, err := e.embed.Embed(ctx, kind, texts)
	if err != nil {
		return nil, err
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("the embedder gave %d vectors for %d texts", len(vectors), len(texts))
	}
	return vectors, nil
}
