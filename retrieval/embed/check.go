package embed

import (
	"fmt"
	"math"

	openai "github.com/sashabaranov/go-openai"

	"frontdesk/internal/fault"
)

// maxDims is the widest vector that Postgres can keep (pgvector's limit).
const maxDims = 16000

// vectors takes an answer apart without trusting it: one vector for each text,
// placed by its index, of the width expected (0: the first one's), finite, and
// made a unit vector. Of a model with token vectors, rows of these may follow.
func vectors(data []openai.Embedding, texts, dims int, known facts) ([][]float32, *failure) {
	if len(data) != texts {
		return nil, wrongAnswer(CodeCount, fmt.Sprintf("%d vectors for %d texts", len(data), texts))
	}
	out := make([][]float32, texts)
	for _, e := range data {
		if e.Index < 0 || e.Index >= texts || out[e.Index] != nil {
			return nil, wrongAnswer(CodeCount, fmt.Sprintf("an index of %d among %d texts, outside or twice", e.Index, texts))
		}
		v := e.Embedding
		if dims == 0 {
			dims = len(v)
		}
		if known.Matryoshka && len(v) > dims {
			v = v[:dims]
		}
		if known.TokenDims > 0 && len(v) > dims {
			deep := known.deep(len(v) - dims)
			if !finite(v[dims : dims+deep]) {
				return nil, wrongAnswer(CodeNumber, "a number that is none").of(e.Index)
			}
			if f := tokenRows(v[dims+deep:], known.TokenDims); f != nil {
				return nil, f.of(e.Index)
			}
			if f := normalise(v[:dims]); f != nil {
				return nil, f.of(e.Index)
			}
			out[e.Index] = v
			continue
		}
		if len(v) != dims || len(v) == 0 || len(v) > maxDims {
			return nil, wrongAnswer(CodeDims, fmt.Sprintf("%d numbers in a vector where %d were expected", len(v), dims))
		}
		if f := normalise(v); f != nil {
			return nil, f.of(e.Index)
		}
		out[e.Index] = v
	}
	return out, nil
}

// normalise scales v to unit length in place.
func normalise(v []float32) *failure {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	switch {
	case math.IsNaN(sum) || math.IsInf(sum, 0):
		return wrongAnswer(CodeNumber, "a number that is none")
	case sum < 1e-24: // a length of 1e-12: rounding, not a direction
		return fail(fault.Invalid, CodeZero,
			"The embeddings server has no vector for this text: it answered zeros. Reword or remove the text.")
	}
	// Real unit vectors come as such up to rounding; they are left as they are,
	// so that the same text always has the same bytes.
	if math.Abs(sum-1) < 1e-6 {
		return nil
	}
	scale := 1 / math.Sqrt(sum)
	for i, x := range v {
		v[i] = float32(float64(x) * scale)
	}
	return nil
}

// finite says whether all of v are numbers.
func finite(v []float32) bool {
	for _, x := range v {
		if x-x != 0 {
			return false
		}
	}
	return true
}

// remedies say what to do about an answer that is no embedding.
var remedies = map[string]string{
	CodeCount:    "It does not speak OpenAI's embeddings API as it should; check EMBEDDINGS_BASE_URL and the server's version.",
	CodeDims:     "The server's model has changed or is another than EMBEDDINGS_MODEL says; set it right, then ingest again.",
	CodeNumber:   "The model is broken on that server; restart it or load the model again.",
	CodeNoAnswer: "Check EMBEDDINGS_BASE_URL, and what stands between here and the server.",
	CodeNotJSON:  "Check EMBEDDINGS_BASE_URL: it must be the address of an embeddings API and usually ends in /v1.",
	CodeTooLarge: "Check EMBEDDINGS_BASE_URL: whatever is there, it is no embeddings API.",
}

func wrongAnswer(code, what string) *failure {
	return fail(fault.Invalid, code, "The embeddings server answered with "+what+". "+remedies[code]).tripping()
}
