package pgvec

import (
	"encoding/binary"
	"math"
	"slices"

	"frontdesk/retrieval"
)

// Values as they lie in a row of Postgres' binary protocol. These are read by
// hand: forty rows a search, and going through the driver's conversions took as
// long as the server's own work on them.

func readInt4(b []byte) int32 {
	if len(b) != 4 {
		return 0
	}
	return int32(binary.BigEndian.Uint32(b))
}

func readFloat8(b []byte) float64 {
	if len(b) != 8 {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// readArray calls each element of an array of one dimension: after five numbers
// each has its length in front. Anything else has none.
func readArray(b []byte, each func(element []byte)) {
	const header = 5 * 4
	if len(b) < header {
		return
	}
	for b = b[header:]; len(b) >= 4; {
		n := int(readInt4(b[:4]))
		if b = b[4:]; n < 0 || n > len(b) {
			return
		}
		each(b[:n])
		b = b[n:]
	}
}

// readFound reads what was found from lists: chunks, their cosines under both
// models, and for those that an arm did not bring, chunks and cosines of each
// model once more.
func readFound(lists [][]byte) []foundChunk {
	chunks, cosines, cosines2 := readInts(lists[0]), readNumbers(lists[1]), readNumbers(lists[2])
	if len(cosines) != len(chunks) || len(cosines2) != len(chunks) {
		return nil
	}
	more, more2 := readPairs(lists[3], lists[4]), readPairs(lists[5], lists[6])
	out := make([]foundChunk, len(chunks))
	for i, chunk := range chunks {
		out[i] = foundChunk{chunk, cosines[i], cosines2[i]}
		if math.IsNaN(cosines[i]) {
			out[i].cosine = more[chunk]
		}
		if math.IsNaN(cosines2[i]) {
			out[i].cosine2 = more2[chunk]
		}
	}
	return out
}

func readPairs(chunks, cosines []byte) map[int]float64 {
	list, values := readInts(chunks), readNumbers(cosines)
	out := make(map[int]float64, len(list))
	for i := range min(len(list), len(values)) {
		out[list[i]] = values[i]
	}
	return out
}

func readInts(b []byte) []int {
	out := make([]int, 0, len(b)/8)
	readArray(b, func(element []byte) { out = append(out, int(readInt4(element))) })
	return out
}

func readNumbers(b []byte) []float64 {
	out := make([]float64, 0, len(b)/12)
	readArray(b, func(element []byte) { out = append(out, readFloat8(element)) })
	return out
}

// readHashes reads an array of bytea of 32 bytes each.
func readHashes(b []byte) []retrieval.TextHash {
	out := make([]retrieval.TextHash, 0, len(b)/36)
	readArray(b, func(element []byte) {
		var h retrieval.TextHash
		copy(h[:], element)
		out = append(out, h)
	})
	return out
}

// readMiddles reads models' numbers and beside them vectors: in pgvector's own
// bytes, the width, nothing, then the numbers.
func readMiddles(models, vecs []byte) []middle {
	var out []middle
	readArray(models, func(element []byte) {
		if len(element) == 2 {
			out = append(out, middle{model: int16(binary.BigEndian.Uint16(element))})
		}
	})
	at := 0
	readArray(vecs, func(element []byte) {
		if at < len(out) && len(element) >= 4 {
			out[at].vec = readFloats(element[4:])
		}
		at++
	})
	return out
}

func readFloats(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.BigEndian.Uint32(b[4*i:]))
	}
	return out
}

// wordWeights are a text's words: places in the vector of words, ascending, and
// what each weighs there.
type wordWeights struct {
	dims    []int32
	weights []float32
}

// readWords reads pgvector's bytes of a sparse vector: width, number of terms,
// nothing, then the places and the weights.
func readWords(b []byte) wordWeights {
	if len(b) < 12 {
		return wordWeights{}
	}
	n := int(readInt4(b[4:8]))
	if n < 0 || len(b) != 12+8*n {
		return wordWeights{}
	}
	dims := make([]int32, n)
	for i := range dims {
		dims[i] = readInt4(b[12+4*i : 16+4*i])
	}
	return wordWeights{dims, readFloats(b[12+4*n:])}
}

func (w wordWeights) bytes() int { return 8 * len(w.dims) }

// askedTerm is a term of the question that counts: its place in the vector of
// words and how rare it is.
type askedTerm struct {
	dim    int32
	rarity float64
}

// weighing are the question's terms that count, by place, as they came.
func (a *answer) weighing() []askedTerm {
	var out []askedTerm
	for i, r := range a.rarities {
		if r > 0 {
			out = append(out, askedTerm{a.dims[i], float64(r)})
		}
	}
	return out
}

// score is what the words add up to for a question: BM25, and the summed
// rarity of the terms that the text holds.
func (w wordWeights) score(asked []askedTerm) (bm25, coverage float64) {
	dims, weights := w.dims, w.weights
	for _, t := range asked {
		at, ok := slices.BinarySearch(dims, t.dim)
		if ok {
			bm25 += t.rarity * float64(weights[at])
			coverage += t.rarity
		}
		dims, weights = dims[at:], weights[at:]
	}
	return bm25, coverage
}
