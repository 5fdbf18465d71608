package retrieval

import (
	"math"
	"testing"
)

func TestEncodedSite_NearIsTheBestOfAnArticlesChunks(t *testing.T) {
	t.Parallel()
	const dims = 16
	rows := func(axes ...int) (out []int8) {
		for _, a := range axes {
			row := make([]float32, dims)
			row[a] = 0.4
			out = AppendRow(out, row)
		}
		return out
	}
	one := 0.4 * 0.4 // of a token with itself
	s := EncodedSite{
		Articles: 3, TokenDims: dims, Article: []int{0, 1, 0},
		Chunks: []Encoded{
			{Vec: []float32{0, 1}, Rows: rows(1, 5)},
			{Vec: []float32{0.6, 0.8}, Rows: rows(1, 2)},
			{Vec: []float32{1, 0}, Rows: rows(2)},
		},
	}
	got := s.Near(Encoded{Vec: []float32{1, 0}, Rows: rows(1, 2)}, []float64{3, 1})
	for name, row := range map[string]struct{ got, want []float64 }{
		"vector":  {got.Vector, []float64{1, 0.6, math.Inf(-1)}},
		"chunk":   {got.Chunk, []float64{0.75 * one, one, math.Inf(-1)}},
		"article": {got.Article, []float64{one, one, math.Inf(-1)}}, // its two chunks hold one token each
	} {
		for a, want := range row.want {
			if d := math.Abs(row.got[a] - want); d > 0.01 {
				t.Errorf("%s of article %d: %g, want %g", name, a, row.got[a], want)
			}
		}
	}
}

func TestAppendRow_CutsOffWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	got := AppendRow([]int8{7}, []float32{0, 0.5, -0.5, 0.9, -1, 0.1})
	for i, want := range []int8{7, 0, 127, -127, 127, -127, 25} {
		if got[i] != want {
			t.Errorf("%d: %d, want %d", i, got[i], want)
		}
	}
}
