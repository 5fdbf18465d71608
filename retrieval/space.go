package retrieval

import (
	"context"
	"math"
	"slices"
)

// Encoded is what one run of an embedder makes of a text.
type Encoded struct {
	Vec []float32 // of unit length
	// Depths are, of a question, what inner layers of the model make of it, one
	// after another, each of unit length: for those who read what a text means
	// beyond what it is about. Empty where the embedder gives none.
	Depths []float32
	// Tokens are the ids of the tokens that Rows holds: each a row of
	// TokenEmbedder.TokenDims numbers, the token's direction times TokenScale.
	// Both are empty where the embedder gives no token vectors.
	Tokens []int32
	Rows   []int8
	// Places are, of a passage, the bytes of the text from where each token, or
	// the word it is a part of, begins to the text's end: counted from there,
	// since what is quoted ends the text and title and headings stand before it.
	Places []uint16
}

// TokenRows are the tokens of a text as they are kept: a row and a place each
// (see Encoded). Places is empty where the embedder told none, and nil where
// nobody asked yet.
type TokenRows struct {
	Rows   []int8
	Places []uint16
}

// PlaceFromEnd is a byte of a text as a place. What lies farther from the end
// than any chunk is long is told as the farthest.
func PlaceFromEnd(length, at int) uint16 {
	return uint16(max(0, min(length-at, math.MaxUint16)))
}

// TokenScale is what a component of 1 is stored as in a row of int8. The
// components of unit vectors of 64 numbers and more hardly ever exceed a half;
// what does is cut off there (measured: no loss against a scale a row).
const TokenScale = 254

// AppendRow adds a token's vector to rows, as they are kept.
func AppendRow(rows []int8, token []float32) []int8 {
	for _, x := range token {
		v := math.RoundToEven(float64(x) * TokenScale)
		rows = append(rows, int8(max(-127, min(127, v))))
	}
	return rows
}

// TokenEmbedder is an Embedder whose runs give a vector for each token too.
type TokenEmbedder interface {
	Embedder
	// TokenDims is the width of a token's vector; 0: it gives none after all.
	TokenDims() int
	// EmbedTokens is Embed with the tokens of each text.
	EmbedTokens(ctx context.Context, kind EmbedKind, texts []string) ([]Encoded, error)
}

// Space is a further model that texts are embedded by beside the first one,
// and whose texts it is good for: an English model beside a multilingual one.
type Space struct {
	Embedder Embedder
	Langs    []string // of articles and questions; empty: all
}

func (s Space) takes(lang string) bool {
	return len(s.Langs) == 0 || slices.Contains(s.Langs, lang)
}

// TokenDims is the width of an embedder's token vectors, 0 where it has none.
func TokenDims(e Embedder) int {
	if t, ok := e.(TokenEmbedder); ok {
		return t.TokenDims()
	}
	return 0
}

// DepthDims is the width of Encoded.Depths of an embedder's questions; 0: it gives
// none.
func DepthDims(e Embedder) int {
	if d, ok := e.(interface{ DepthDims() int }); ok {
		return d.DepthDims()
	}
	return 0
}

// Encode is an embedder's answer with tokens where it gives them.
func Encode(ctx context.Context, e Embedder, kind EmbedKind, texts []string) ([]Encoded, error) {
	if t, ok := e.(TokenEmbedder); ok && t.TokenDims() > 0 {
		return t.EmbedTokens(ctx, kind, texts)
	}
	return encodePooled(ctx, e, kind, texts)
}

// encodePooled is an embedder's answer without tokens, which are cheaper not to
// ask for where nothing compares them.
func encodePooled(ctx context.Context, e Embedder, kind EmbedKind, texts []string) ([]Encoded, error) {
	vecs, err := e.Embed(ctx, kind, texts)
	out := make([]Encoded, len(vecs))
	for i, v := range vecs {
		out[i].Vec = v
	}
	return out, err
}

// Pooled are the vectors alone.
func Pooled(list []Encoded) [][]float32 {
	out := make([][]float32, len(list))
	for i, e := range list {
		out[i] = e.Vec
	}
	return out
}

// checkEncoded holds an answer against what was asked.
func checkEncoded(list []Encoded, n int, m Model, tokenDims int) error {
	for _, e := range list {
		if len(e.Rows) != len(e.Tokens)*tokenDims && len(e.Tokens) > 0 {
			return errTokenShape(len(e.Rows), len(e.Tokens), tokenDims)
		}
		if len(e.Places) > 0 && len(e.Places)*tokenDims != len(e.Rows) {
			return errTokenShape(len(e.Rows), len(e.Places), tokenDims)
		}
	}
	return CheckVectors(Pooled(list), n, m.Dims)
}
