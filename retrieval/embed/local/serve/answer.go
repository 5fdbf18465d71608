package serve

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"frontdesk/retrieval/embed/local"
)

// numberBytes is what a number of an answer takes at most, as float32 twice
// (rows, and flat) and as text.
const numberBytes = 4 + 4 + 16

// answerBytes is what the answer to a call may take: a text of n bytes has no
// more than n tokens and a few of the model's own.
func answerBytes(req request) int64 {
	const own = 16
	var numbers int64
	for _, text := range req.texts {
		numbers += int64(req.encoder.Dims())
		if req.tokens {
			numbers += int64(req.encoder.DepthDims())
			numbers += int64(min(len(text)+own, req.encoder.MaxTokens())) * int64(2+req.encoder.TokenDims())
		}
	}
	return numbers * numberBytes
}

// answer writes the body of a call's answer.
func answer(req request, vectors []local.Vectors) ([]byte, error) {
	b := []byte(`{"object":"list","data":[`)
	tokens := 0
	for i, v := range vectors {
		row, err := numbers(req, v)
		if err != nil {
			return nil, fmt.Errorf("text %d of %d: %w", i+1, len(vectors), err)
		}
		tokens += len(v.TokenIDs)
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"object":"embedding","index":`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `,"embedding":`...)
		if req.base64 {
			b = appendBase64(b, row)
		} else {
			b = appendFloats(b, row)
		}
		b = append(b, '}')
	}
	name, err := json.Marshal(req.model)
	if err != nil {
		return nil, err
	}
	b = append(b, `],"model":`...)
	b = append(b, name...)
	return fmt.Appendf(b, `,"usage":{"prompt_tokens":%d,"total_tokens":%d}}`, tokens, tokens), nil
}

// numbers is the row that stands for a text, looked through once more: what is
// not finite would be stored as a vector.
func numbers(req request, v local.Vectors) ([]float32, error) {
	if len(v.Pooled) != req.encoder.Dims() {
		return nil, fmt.Errorf("%d numbers where the model has %d: %w", len(v.Pooled), req.encoder.Dims(), local.ErrShape)
	}
	row := v.Pooled
	if req.tokens {
		if v.TokenDims != req.encoder.TokenDims() {
			return nil, fmt.Errorf("tokens of %d numbers where the model has %d: %w", v.TokenDims, req.encoder.TokenDims(), local.ErrShape)
		}
		if len(v.Depths) > 0 && len(v.Depths) != req.encoder.DepthDims() {
			return nil, fmt.Errorf("%d numbers of inner layers where the model has %d: %w", len(v.Depths), req.encoder.DepthDims(), local.ErrShape)
		}
		var err error
		if row, err = local.Flatten(v); err != nil {
			return nil, err
		}
	}
	for _, f := range row {
		if f64 := float64(f); math.IsNaN(f64) || math.IsInf(f64, 0) {
			return nil, errNotFinite
		}
	}
	return row, nil
}

var errNotFinite = fmt.Errorf("numbers that are not finite")

func appendFloats(b []byte, row []float32) []byte {
	b = append(b, '[')
	for i, f := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(f), 'g', -1, 32)
	}
	return append(b, ']')
}

func appendBase64(b []byte, row []float32) []byte {
	raw := make([]byte, 0, 4*len(row))
	for _, f := range row {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(f))
	}
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, raw)
	return append(b, '"')
}
