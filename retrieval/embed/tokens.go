package embed

import (
	"context"
	"math"
	"strings"
	"unicode"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// A model with token vectors answers each text with one long row: the text's
// vector, of a question what inner layers make of it where the model gives that,
// then for each token its id, the byte of the text at which it begins,
// and its vector (see retrieval/embed/local).

// tokenHead is how many numbers stand in front of a token's vector.
const tokenHead = 2

var _ retrieval.TokenEmbedder = (*Client)(nil)

// TokenDims is the width of a token's vector; 0 where the model gives none.
func (c *Client) TokenDims() int { return c.current().facts.TokenDims }

// DepthDims is the width of what inner layers make of a question; 0 where the model
// gives nothing of the kind.
func (c *Client) DepthDims() int { return c.current().facts.DepthDims }

// EmbedTokens is Embed with the vectors of each text's tokens, from the same
// run of the model. Its errors are Embed's.
func (c *Client) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	rows, dims, err := c.rows(ctx, kind, texts)
	if err != nil {
		return nil, err
	}
	out := make([]retrieval.Encoded, len(rows))
	for i, row := range rows {
		known := c.current().facts
		out[i] = encoded(row, dims, known.deep(len(row)-dims), known.TokenDims)
		if kind == retrieval.EmbedPassage {
			out[i].Places = places(row[dims:], c.TokenDims(), texts[i])
		}
	}
	return out, nil
}

// encoded takes a checked row apart. Nothing of the row is kept.
func encoded(row []float32, dims, deep, tokenDims int) retrieval.Encoded {
	e := retrieval.Encoded{Vec: append([]float32(nil), row[:dims]...), Depths: append([]float32(nil), row[dims:dims+deep]...)}
	if tokenDims == 0 {
		return e
	}
	rows := row[dims+deep:]
	n := len(rows) / (tokenHead + tokenDims)
	e.Tokens, e.Rows = make([]int32, n), make([]int8, 0, n*tokenDims)
	for t := range n {
		token := rows[t*(tokenHead+tokenDims):][:tokenHead+tokenDims]
		e.Tokens[t] = int32(token[0])
		e.Rows = retrieval.AppendRow(e.Rows, token[tokenHead:])
	}
	return e
}

// places are where a text's tokens begin, counted from its end. What was sent may
// lack the spaces that the text begins with.
func places(rows []float32, tokenDims int, text string) []uint16 {
	if tokenDims == 0 {
		return nil
	}
	left := len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
	out := make([]uint16, 0, len(rows)/(tokenHead+tokenDims))
	for ; len(rows) > 0; rows = rows[tokenHead+tokenDims:] {
		out = append(out, retrieval.PlaceFromEnd(len(text), left+int(rows[1])))
	}
	return out
}

// deep is how many of the numbers behind a text's vector are those of inner layers:
// rows of tokens alone are of another length.
func (f facts) deep(n int) int {
	if f.DepthDims > 0 && n >= f.DepthDims && (n-f.DepthDims)%(tokenHead+f.TokenDims) == 0 {
		return f.DepthDims
	}
	return 0
}

// maxToken is more than any token's number: up to there a float32 counts exactly.
const maxToken = 1 << 24

// tokenRows checks what follows the text's own vector.
func tokenRows(row []float32, tokenDims int) *failure {
	if len(row)%(tokenHead+tokenDims) != 0 {
		return wrongAnswer(CodeDims, "numbers that are no rows of tokens")
	}
	for i, x := range row {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return wrongAnswer(CodeNumber, "a number that is none")
		}
		if i%(tokenHead+tokenDims) < tokenHead && (x < 0 || x > maxToken || float64(x) != math.Trunc(float64(x))) {
			return fail(fault.Invalid, CodeDims, "The embeddings server answered with a token that has no number or no place. "+remedies[CodeDims]).tripping()
		}
	}
	return nil
}
