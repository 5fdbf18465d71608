package local

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Kind says which side of a search a text stands on. A model that wants to
// know puts its own mark in front; the text given is without it.
type Kind string

const (
	// Query is what somebody asks.
	Query Kind = "query"
	// Passage is what an article holds.
	Passage Kind = "passage"
)

// Encoder turns one text into vectors. It is safe for concurrent use.
type Encoder interface {
	// Encode returns the vectors of a text; those of its tokens only where
	// tokens says so. Any string is taken, the empty one and invalid UTF-8
	// among them; what does not fit MaxTokens is left out.
	Encode(ctx context.Context, kind Kind, text string, tokens bool) (Vectors, error)
	// Dims is the width of Vectors.Pooled.
	Dims() int
	// TokenDims is the width of one token's vector.
	TokenDims() int
	// DepthDims is the width of Vectors.Depths of a query; 0: it gives none.
	DepthDims() int
	// MaxTokens is how many tokens of a text are read, the marks at its ends
	// and the model's prefix counted.
	MaxTokens() int
}

// Vectors are what one text became.
type Vectors struct {
	// Pooled stands for the whole text: Dims numbers, of unit length.
	Pooled []float32
	// TokenIDs are the tokens that Tokens has a row for, in reading order.
	TokenIDs []int32
	// Places are the bytes of the text at which those tokens, or the words that
	// they are parts of, begin; they never fall.
	Places []int32
	// Tokens has a row of TokenDims numbers for each token, one after another.
	Tokens    []float32
	TokenDims int
	// Depths are, of a query asked with its tokens, what Pooled is of inner layers
	// of the model, one after another, each of unit length; empty where the model
	// gives none.
	Depths []float32
	// Truncated says that the text was longer than the model reads. It does not
	// travel: Unflatten leaves it false.
	Truncated bool
}

// maxTokenID is the largest whole number up to which float32 counts exactly. A
// place beyond it, which no text that is read whole has, is told as this.
const maxTokenID = 1 << 24

// tokenHead is how many numbers stand in front of a token's own: id and place.
const tokenHead = 2

var (
	// ErrShape is wrapped by Flatten and Unflatten where numbers do not make
	// the rows they should.
	ErrShape = errors.New("numbers of another shape")
	// ErrTokenID is wrapped where a token's id is no whole number that a
	// float32 holds exactly.
	ErrTokenID = errors.New("not the id of a token")
)

// Flatten makes one row of numbers of v, the form in which token vectors travel
// through an API that knows one vector a text: Pooled, Depths, then for each token
// its id, its place and its TokenDims numbers.
func Flatten(v Vectors) ([]float32, error) {
	if v.TokenDims < 0 || len(v.Tokens) != len(v.TokenIDs)*v.TokenDims || len(v.Places) != len(v.TokenIDs) {
		return nil, fmt.Errorf("flatten %d numbers of %d tokens of %d at %d places: %w", len(v.Tokens), len(v.TokenIDs), v.TokenDims, len(v.Places), ErrShape)
	}
	flat := make([]float32, 0, len(v.Pooled)+len(v.Depths)+len(v.TokenIDs)*(tokenHead+v.TokenDims))
	flat = append(flat, v.Pooled...)
	flat = append(flat, v.Depths...)
	for i, id := range v.TokenIDs {
		if id < 0 || id > maxTokenID {
			return nil, fmt.Errorf("flatten token %d: %w", i, ErrTokenID)
		}
		flat = append(flat, float32(id), float32(max(0, min(v.Places[i], maxTokenID))))
		flat = append(flat, v.Tokens[i*v.TokenDims:(i+1)*v.TokenDims]...)
	}
	return flat, nil
}

// Unflatten is Flatten's inverse for a model of these widths that gives no Depths. Nothing of flat
// is kept. Numbers are taken as they are: whether they are finite is for the
// one who uses them to say, as with any vector.
func Unflatten(flat []float32, dims, tokenDims int) (Vectors, error) {
	if dims < 0 || tokenDims < 0 || len(flat) < dims || (len(flat)-dims)%(tokenHead+tokenDims) != 0 {
		return Vectors{}, fmt.Errorf("unflatten %d numbers as %d and rows of 2 + %d: %w", len(flat), dims, tokenDims, ErrShape)
	}
	rows := flat[dims:]
	n := len(rows) / (tokenHead + tokenDims)
	v := Vectors{
		Pooled:    append([]float32(nil), flat[:dims]...),
		TokenIDs:  make([]int32, n),
		Places:    make([]int32, n),
		Tokens:    make([]float32, 0, n*tokenDims),
		TokenDims: tokenDims,
	}
	for i := range n {
		row := rows[i*(tokenHead+tokenDims):][:tokenHead+tokenDims]
		for _, x := range row[:tokenHead] {
			if n := float64(x); !(n >= 0 && n <= maxTokenID) || n != math.Trunc(n) { // written so that NaN is refused too
				return Vectors{}, fmt.Errorf("unflatten token %d: %w", i, ErrTokenID)
			}
		}
		v.TokenIDs[i], v.Places[i] = int32(row[0]), int32(row[1])
		v.Tokens = append(v.Tokens, row[tokenHead:]...)
	}
	return v, nil
}
