package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// tinyE5 is a packed image of two pieces and no tensors but those given.
func tinyE5(tensors map[string][]byte) []byte {
	le := binary.LittleEndian
	i32 := func(b []byte, v ...int) []byte {
		for _, x := range v {
			b = le.AppendUint32(b, uint32(x))
		}
		return b
	}
	b := i32([]byte(e5Magic), e5Version, 32, 1, 2, 64, 2, 4, 1)
	b = i32(b, 0, q4Block)    // epsilon, block
	b = i32(b, 2, 0, 1, 0, 0) // pieces and marks
	b = le.AppendUint64(b, 3) // bytes of text
	b = i32(b, 0, 1, 3)       // offsets
	b = i32(b, 0, 0)          // scores
	b = append(b, "abb"...)   // text
	b = i32(b, 1, 4)          // normalisation
	b = append(b, 1, 2, 3, 4) // its table
	b = i32(b, len(tensors))
	at := len(b)
	for name := range tensors {
		at += 2 + len(name) + 1 + 4 + 8 + 8
	}
	var data []byte
	for name, t := range tensors {
		b = le.AppendUint16(b, uint16(len(name)))
		b = append(b, name...)
		b = append(b, 0, 0, 0, 0, 0)
		b = le.AppendUint64(b, uint64(at+len(data)))
		b = le.AppendUint64(b, uint64(len(t)))
		data = append(data, t...)
	}
	return append(b, data...)
}

func TestE5File_IsRead(t *testing.T) {
	t.Parallel()
	words := make([]byte, 2*q4Bytes)
	binary.LittleEndian.PutUint16(words[q4Bytes:], 0x3800) // one half
	words[q4Bytes+2] = 0xF1                                // 1 − 8 and 15 − 8
	f, err := readE5(tinyE5(map[string][]byte{"emb.word": words, "l0.q.b": binary.LittleEndian.AppendUint32(nil, math.Float32bits(2.5))}))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.pieces) != 2 || f.pieces[0].Text != "a" || f.pieces[1].Text != "bb" || f.sizes.hidden != 32 || f.sizes.places != 4 {
		t.Errorf("pieces %v, sizes %+v", f.pieces, f.sizes)
	}
	v, err := f.floats("encoder.layer.0.attention.self.query.bias", 1)
	if err != nil || v[0] != 2.5 {
		t.Errorf("bias %v, %v", v, err)
	}
	table, err := f.words()
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, 32)
	if err := table.row(row, 1); err != nil || row[0] != -3.5 || row[16] != 3.5 || row[1] != -4 {
		t.Errorf("row %v, %v", row, err)
	}
	for _, id := range []int32{-1, 2, math.MaxInt32} {
		if err := table.row(row, id); err == nil {
			t.Errorf("there is no word %d", id)
		}
	}
	if _, err := f.floats("encoder.layer.7.output.dense.bias", 1); !errors.Is(err, ErrWeights) {
		t.Errorf("a tensor that is not there: %v", err)
	}
}

func TestE5File_CutShortAnywhereIsSaidSo(t *testing.T) {
	t.Parallel()
	whole := tinyE5(map[string][]byte{"emb.word": make([]byte, 2*q4Bytes)})
	for n := range whole {
		f, err := readE5(whole[:n])
		if err == nil {
			_, err = f.words()
		}
		if !errors.Is(err, ErrWeights) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(whole), err)
		}
	}
}

func safetensors(head string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	return append(append(b, head...), data...)
}

func TestSafetensors_AreRead(t *testing.T) {
	t.Parallel()
	data := binary.LittleEndian.AppendUint32(nil, math.Float32bits(7))
	b := safetensors(`{"__metadata__":{"format":"pt"},"embeddings.word_embeddings.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}`, data)
	f, err := readSafetensors(b)
	if err != nil {
		t.Fatal(err)
	}
	words, err := f.words()
	if err != nil || words.rows() != 1 {
		t.Fatal(words, err)
	}
	row := make([]float32, 1)
	if err := words.row(row, 0); err != nil || row[0] != 7 {
		t.Errorf("row %v, %v", row, err)
	}
	if err := words.row(row, 1); err == nil {
		t.Error("there is no second word")
	}
}

func TestSafetensors_RefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	entry := func(s string) []byte { return safetensors(`{"x":`+s+`}`, make([]byte, 8)) }
	for name, b := range map[string][]byte{
		"nothing":                  nil,
		"a head longer than it":    binary.LittleEndian.AppendUint64(nil, 100),
		"a head of no sane length": binary.LittleEndian.AppendUint64(nil, math.MaxUint64),
		"a head that is no JSON":   safetensors(`{`, nil),
		"numbers past the end":     entry(`{"dtype":"F32","shape":[4],"data_offsets":[0,16]}`),
		"numbers before the start": entry(`{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}`),
		"an end before the start":  entry(`{"dtype":"F32","shape":[1],"data_offsets":[8,4]}`),
	} {
		if _, err := readSafetensors(b); !errors.Is(err, ErrWeights) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{
		"other numbers": entry(`{"dtype":"F16","shape":[2],"data_offsets":[0,4]}`),
		"another shape": entry(`{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`),
		"other bytes":   entry(`{"dtype":"F32","shape":[2],"data_offsets":[0,4]}`),
	} {
		f, err := readSafetensors(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.floats("x", 2); !errors.Is(err, ErrWeights) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadE5(f *testing.F) {
	f.Add(tinyE5(nil))
	f.Add(tinyE5(map[string][]byte{"emb.word": make([]byte, 2*q4Bytes), "emb.pos": make([]byte, 64)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := readE5(b)
		if err != nil {
			return
		}
		if words, err := e.words(); err == nil {
			row := make([]float32, e.sizes.hidden)
			for _, id := range []int32{0, int32(words.rows() - 1)} {
				if err := words.row(row, id); err != nil {
					t.Errorf("row %d of %d: %v", id, words.rows(), err)
				}
			}
		}
		_, _ = e.floats("embeddings.position_embeddings.weight", e.sizes.places, e.sizes.hidden)
	})
}

func FuzzReadSafetensors(f *testing.F) {
	f.Add(safetensors(`{"embeddings.word_embeddings.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}`, make([]byte, 8)))
	f.Add(safetensors(`{}`, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := readSafetensors(b)
		if err != nil {
			return
		}
		words, err := s.words()
		if err != nil || words.rows() == 0 {
			return
		}
		table, ok := words.(f32Table)
		if !ok {
			t.Fatalf("%T", words)
		}
		if err := words.row(make([]float32, table.width), int32(min(words.rows()-1, math.MaxInt32))); err != nil {
			t.Error(err)
		}
	})
}

func TestHalfToFloat_IsExactForEveryNumber(t *testing.T) {
	t.Parallel()
	for h := range 1 << 16 {
		exp, frac := h>>10&31, float64(h&0x3ff)
		want := math.Ldexp(1+frac/1024, exp-15)
		switch {
		case exp == 31 && frac == 0:
			want = math.Inf(1)
		case exp == 31:
			want = math.NaN()
		case exp == 0:
			want = math.Ldexp(frac, -24)
		}
		if h>>15 == 1 {
			want = -want
		}
		got := float64(halfToFloat(uint16(h)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != math.Signbit(want) && !math.IsNaN(want) {
			t.Fatalf("%#04x: %v instead of %v", h, got, want)
		}
	}
}

func TestQuantise_IsWithinHalfAStepAndUsesAllOfIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 5).Draw(t, "rows"), rapid.IntRange(1, 9).Draw(t, "cols")
		m := rapid.SliceOfN(rapid.Float32Range(-100, 100), rows*cols, rows*cols).Draw(t, "m")
		levels := rapid.SampledFrom([]float64{Int8.levels(), Int7.levels()}).Draw(t, "levels")
		q, scales := quantise(m, rows, cols, levels)
		for r := range rows {
			for c := range cols {
				v, whole := float64(m[r*cols+c]), float64(int8(q[c*rows+r]))
				scale := float64(scales[r])
				if math.Abs(whole) > levels || math.Abs(v-whole*scale) > scale*0.5001 {
					t.Fatalf("%v became %v × %v", v, whole, scale)
				}
			}
		}
	})
}

func TestUnit_RefusesWhatHasNoDirection(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, v := range [][]float32{nil, {0, 0}, {nan, 1}, {inf, 1}, {inf, -inf}} {
		if _, err := unit(v); !errors.Is(err, ErrNotFinite) {
			t.Errorf("%v: %v", v, err)
		}
	}
	v, err := unit([]float32{3, 4})
	if err != nil || fmt.Sprint(v) != "[0.6 0.8]" {
		t.Errorf("%v, %v", v, err)
	}
}
