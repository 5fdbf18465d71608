package local_test

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval/embed/local"
)

func drawVectors(t *rapid.T) local.Vectors {
	number := rapid.Float32Range(-8, 8)
	width := rapid.IntRange(0, 9).Draw(t, "token dims")
	ids := rapid.SliceOfN(rapid.Int32Range(0, 1<<24), 0, 12).Draw(t, "ids")
	places := rapid.SliceOfN(rapid.Int32Range(0, 1<<24), len(ids), len(ids)).Draw(t, "places")
	return local.Vectors{
		Pooled:    rapid.SliceOfN(number, 0, 9).Draw(t, "pooled"),
		TokenIDs:  ids,
		Places:    places,
		Tokens:    rapid.SliceOfN(number, len(ids)*width, len(ids)*width).Draw(t, "tokens"),
		TokenDims: width,
	}
}

func TestFlatten_IsUndoneByUnflatten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawVectors(t)
		flat, err := local.Flatten(v)
		if err != nil {
			t.Fatalf("flatten: %v", err)
		}
		if want := len(v.Pooled) + len(v.TokenIDs)*(2+v.TokenDims); len(flat) != want {
			t.Fatalf("%d numbers, want %d", len(flat), want)
		}
		back, err := local.Unflatten(flat, len(v.Pooled), v.TokenDims)
		if err != nil {
			t.Fatalf("unflatten: %v", err)
		}
		if !slices.Equal(back.Pooled, v.Pooled) || !slices.Equal(back.TokenIDs, v.TokenIDs) || !slices.Equal(back.Places, v.Places) ||
			!slices.Equal(back.Tokens, v.Tokens) || back.TokenDims != v.TokenDims {
			t.Fatalf("got %+v, want %+v", back, v)
		}
	})
}

func TestUnflatten_KeepsNothingOfWhatItWasGiven(t *testing.T) {
	t.Parallel()
	flat := []float32{1, 2, 7, 5, 3, 4}
	v, err := local.Unflatten(flat, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	clear(flat)
	if v.Pooled[0] != 1 || v.TokenIDs[0] != 7 || v.Places[0] != 5 || v.Tokens[1] != 4 {
		t.Errorf("changed with its source: %+v", v)
	}
}

func TestFlatten_RefusesWhatHasNoFlatForm(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		v    local.Vectors
		want error
	}{
		"a row cut short":         {local.Vectors{TokenIDs: []int32{1}, Places: []int32{0}, Tokens: []float32{1}, TokenDims: 2}, local.ErrShape},
		"a token without a place": {local.Vectors{TokenIDs: []int32{1}}, local.ErrShape},
		"a row without a token":   {local.Vectors{Tokens: []float32{1}, TokenDims: 1}, local.ErrShape},
		"a negative width":        {local.Vectors{TokenDims: -1}, local.ErrShape},
		"a negative id":           {local.Vectors{TokenIDs: []int32{-1}, Places: []int32{0}}, local.ErrTokenID},
		"an id beyond float32":    {local.Vectors{TokenIDs: []int32{1<<24 + 1}, Places: []int32{0}}, local.ErrTokenID},
	} {
		if _, err := local.Flatten(tc.v); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", name, err, tc.want)
		}
	}
}

func TestUnflatten_RefusesWhatNoFlattenMade(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, tc := range map[string]struct {
		flat            []float32
		dims, tokenDims int
		want            error
	}{
		"fewer numbers than the pooled has": {[]float32{1}, 2, 1, local.ErrShape},
		"half a row":                        {[]float32{1, 2, 3, 4}, 2, 1, local.ErrShape},
		"a negative width":                  {nil, -1, 1, local.ErrShape},
		"rows of a negative width":          {nil, 0, -1, local.ErrShape},
		"half an id":                        {[]float32{1.5, 0, 0}, 0, 1, local.ErrTokenID},
		"a negative id":                     {[]float32{-1, 0, 0}, 0, 1, local.ErrTokenID},
		"an id that is no number":           {[]float32{nan, 0, 0}, 0, 1, local.ErrTokenID},
		"an endless id":                     {[]float32{inf, 0, 0}, 0, 1, local.ErrTokenID},
		"half a place":                      {[]float32{1, 0.5, 0}, 0, 1, local.ErrTokenID},
		"a place that is no number":         {[]float32{1, nan, 0}, 0, 1, local.ErrTokenID},
	} {
		if _, err := local.Unflatten(tc.flat, tc.dims, tc.tokenDims); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", name, err, tc.want)
		}
	}
}

// FuzzUnflatten: whatever Unflatten takes, Flatten gives back bit by bit.
func FuzzUnflatten(f *testing.F) {
	f.Add([]byte{}, 0, 0)
	f.Add([]byte{0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 128, 63, 0, 0, 64, 64}, 1, 1)
	f.Add([]byte{0, 0, 192, 127}, 0, 0)
	f.Add([]byte{0, 0, 0, 128}, 0, 0)
	f.Fuzz(func(t *testing.T, raw []byte, dims, tokenDims int) {
		flat := make([]float32, len(raw)/4)
		for i := range flat {
			flat[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		v, err := local.Unflatten(flat, dims, tokenDims)
		if err != nil {
			return
		}
		again, err := local.Flatten(v)
		if err != nil {
			t.Fatalf("flatten what was unflattened: %v", err)
		}
		same := func(a, b float32) bool {
			return math.Float32bits(a) == math.Float32bits(b) || a == 0 && b == 0 // an id of -0 comes back as 0
		}
		if !slices.EqualFunc(again, flat, same) {
			t.Fatalf("%v became %v", flat, again)
		}
	})
}
