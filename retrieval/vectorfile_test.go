package retrieval

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func written(tb testing.TB, f *VectorFile) []byte {
	tb.Helper()
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func drawUnit(t *rapid.T, dims int) []float32 {
	v := make([]float32, dims)
	sum := 0.0
	for i := range v {
		v[i] = rapid.Float32Range(-1, 1).Draw(t, "x")
		sum += float64(v[i]) * float64(v[i])
	}
	if sum < 1e-3 {
		v[0], sum = 1, 1
		clear(v[1:])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

func TestVectorFile_GivesBackWhatWasPutWithinHalfPrecision(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := Model{Name: "m/8", Dims: 8}
		f := NewVectorFile(m)
		texts := rapid.SliceOfDistinct(rapid.String(), func(s string) string { return s }).Draw(rt, "texts")
		for _, s := range texts {
			f.Put(sha256.Sum256([]byte(s)), drawUnit(rt, 8))
		}
		data := written(t, f)
		if !bytes.Equal(data, written(t, f)) {
			rt.Fatal("the same vectors gave other bytes")
		}
		got, err := ReadVectorFile(data)
		if err != nil || got.Len() != len(texts) || got.Model != m {
			rt.Fatalf("%v, %d of %d vectors", err, got.Len(), len(texts))
		}
		for _, s := range texts {
			hash := sha256.Sum256([]byte(s))
			want, _ := f.Get("m/8", hash)
			v, ok := got.Get("m/8", hash)
			if !ok {
				rt.Fatal("a vector is gone")
			}
			cos := 0.0
			for i := range v {
				cos += float64(v[i]) * float64(want[i])
			}
			// The promise of the format: a cosine moves by less than 0.0005.
			if math.Abs(1-cos) > 0.0005 {
				rt.Fatalf("cosine to itself %g", cos)
			}
			if _, ok := got.Get("other/8", hash); ok {
				rt.Fatal("it answers for another model")
			}
		}
	})
}

func TestVectorFile_EveryDamagedByteIsNoticed(t *testing.T) {
	t.Parallel()
	f := NewVectorFile(Model{Name: "m/4", Dims: 4})
	f.Put(sha256.Sum256([]byte("a")), []float32{0.5, 0.5, 0.5, 0.5})
	data := written(t, f)
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 1
		if _, err := ReadVectorFile(bad); !errors.Is(err, ErrVectorFile) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
	for n := range data {
		if _, err := ReadVectorFile(data[:n]); !errors.Is(err, ErrVectorFile) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

func TestVectorFile_RefusesAVectorOfAnotherWidth(t *testing.T) {
	t.Parallel()
	f := NewVectorFile(Model{Name: "m/4", Dims: 4})
	f.Put([32]byte{1}, []float32{1})
	if _, err := f.WriteTo(&bytes.Buffer{}); err == nil {
		t.Error("it was written")
	}
}

func TestHalf_RoundsToTheNearest(t *testing.T) {
	t.Parallel()
	for x, want := range map[float32]uint16{
		0: 0, 1: 0x3c00, -1: 0xbc00, 0.5: 0x3800, 65504: 0x7bff, 1e9: 0x7c00,
		1.0 / (1 << 24): 1, 1.0 / (1 << 26): 0, 1.0 / (1 << 14): 0x0400, 1 + 1.0/2048: 0x3c00, 1 + 3.0/2048: 0x3c02,
	} {
		if got := toHalf(x); got != want {
			t.Errorf("%g: %#04x, want %#04x", x, got, want)
		}
	}
	for h := range 1 << 16 {
		x := fromHalf(uint16(h))
		if h&0x7c00 == 0x7c00 {
			continue // infinities and what is no number
		}
		if got := toHalf(x); got != uint16(h) {
			t.Fatalf("%#04x became %g and %#04x", h, x, got)
		}
	}
}

func FuzzReadVectorFile(f *testing.F) {
	file := NewVectorFile(Model{Name: "m/4", Dims: 4})
	file.Put([32]byte{1}, []float32{0.5, 0.5, 0.5, 0.5})
	f.Add(written(f, file))
	f.Add([]byte(vectorMagic))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		// The checksum keeps nearly all of it out: try what lies behind it too.
		sum := sha256.Sum256(data)
		for _, d := range [][]byte{data, append(bytes.Clone(data), sum[:]...)} {
			got, err := ReadVectorFile(d)
			if err != nil {
				if !errors.Is(err, ErrVectorFile) {
					t.Fatal(err)
				}
				continue
			}
			for _, v := range got.texts {
				if err := CheckVector(v.Vec, got.Model.Dims); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
