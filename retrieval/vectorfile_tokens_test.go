package retrieval

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func half4(dims int) []float32 {
	v := make([]float32, dims)
	for i := range 4 {
		v[i] = 0.5
	}
	return v
}

// version1 is a file as it was written before there were token vectors.
func version1(name string, dims int, hashes ...[32]byte) []byte {
	b := []byte(vectorMagic1)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
	b = append(b, name...)
	b = binary.LittleEndian.AppendUint16(b, uint16(dims))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(hashes)))
	for _, h := range hashes {
		b = append(b, h[:]...)
		for _, x := range half4(dims) {
			b = binary.LittleEndian.AppendUint16(b, toHalf(x))
		}
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

func TestVectorFile_GivesBackTokensExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f := NewVectorFile(Model{Name: "m/8", Dims: 8})
		f.TokenDims = rapid.SampledFrom([]int{16, 64}).Draw(rt, "width")
		rows, places := map[[32]byte][]int8{}, map[[32]byte][]uint16{}
		for _, s := range rapid.SliceOfDistinct(rapid.String(), rapid.ID[string]).Draw(rt, "texts") {
			h := sha256.Sum256([]byte(s))
			f.Put(h, drawUnit(rt, 8))
			n := rapid.IntRange(0, 4).Draw(rt, "tokens") // a text may have none
			rows[h] = rapid.SliceOfN(rapid.Int8(), n*f.TokenDims, n*f.TokenDims).Draw(rt, "rows")
			if n > 0 {
				var at []uint16
				if rapid.Bool().Draw(rt, "placed") {
					at = rapid.SliceOfN(rapid.Uint16(), n, n).Draw(rt, "places")
				}
				f.PutRows(h, rows[h], at)
				places[h] = at
			}
		}
		data := written(t, f)
		if !bytes.Equal(data, written(t, f)) {
			rt.Fatal("the same vectors gave other bytes")
		}
		got, err := ReadVectorFile(data)
		if err != nil || got.Len() != len(rows) || got.TokenDims != f.TokenDims || got.Model != f.Model {
			rt.Fatalf("%v: %d of %d texts, %d numbers a token", err, got.Len(), len(rows), got.TokenDims)
		}
		for h, want := range rows {
			e, ok := got.Encoded("m/8", h)
			if !ok || !slices.Equal(e.Rows, want) || !slices.Equal(e.Places, places[h]) || CheckVector(e.Vec, 8) != nil {
				rt.Fatalf("%d numbers of tokens, want %d", len(e.Rows), len(want))
			}
		}
		// The same comes of the places alone, wherever the file stands.
		at, err := FindVectors(bytes.NewReader(append(data, "and more"...)))
		if err != nil || at.Size != int64(len(data)) || at.Model != f.Model || at.TokenDims != f.TokenDims || len(at.Texts) != got.Len() {
			rt.Fatalf("%+v, %v", at, err)
		}
		for h, place := range at.Texts {
			e, err := ReadVector(f.Model, f.TokenDims, data[place.From:place.From+int64(place.Size)])
			if want, _ := got.Encoded("m/8", h); err != nil || !slices.Equal(e.Vec, want.Vec) || !slices.Equal(e.Rows, want.Rows) || !slices.Equal(e.Places, want.Places) {
				rt.Fatalf("%+v, %v: want %+v", e, err, want)
			}
		}
		// What was read is written as the same bytes again.
		if again := written(t, got); !bytes.Equal(again, data) {
			if first, err := ReadVectorFile(again); err != nil || first.Len() != got.Len() {
				rt.Fatalf("it cannot be written again: %v", err)
			}
		}
	})
}

func TestVectorFile_OneFromBeforeTokensIsStillRead(t *testing.T) {
	t.Parallel()
	hashes := [][32]byte{{1}, {2}}
	f, err := ReadVectorFile(version1("old/4", 4, hashes...))
	if err != nil || f.Len() != 2 || f.TokenDims != 0 || f.Model != (Model{Name: "old/4", Dims: 4}) {
		t.Fatalf("%+v %v", f, err)
	}
	for _, h := range hashes {
		if e, ok := f.Encoded("old/4", h); !ok || len(e.Rows) != 0 || e.Vec[0] != 0.5 {
			t.Errorf("%+v", e)
		}
	}
	// Beside one of today: each after its own fashion.
	today := NewVectorFile(Model{Name: "new/4", Dims: 4})
	today.TokenDims = 16
	today.Put([32]byte{3}, half4(4))
	today.PutRows([32]byte{3}, make([]int8, 32), []uint16{7, 2})
	list, err := ReadVectorFiles(append(version1("old/4", 4, hashes...), written(t, today)...))
	if err != nil || len(list) != 2 || list[0].Model.Name != "old/4" || list[1].TokenDims != 16 {
		t.Errorf("%v %v", list, err)
	}
}

func TestVectorFile_WithoutAPlaceForEachTokenIsDamaged(t *testing.T) {
	t.Parallel()
	rows := bytes8(32, 5)
	for n, damaged := range map[int]bool{0: false, 1: true, 2: false, 3: true} {
		old := version2("m/4", 4, 16, rows)
		b := append([]byte(vectorMagic), old[len(vectorMagic2):len(old)-sha256.Size]...)
		b = binary.LittleEndian.AppendUint16(b, uint16(n))
		b = append(b, make([]byte, 2*n)...)
		sum := sha256.Sum256(b)
		if _, err := ReadVectorFile(append(b, sum[:]...)); (err != nil) != damaged || damaged && !errors.Is(err, ErrVectorFile) {
			t.Errorf("%d places for 2 tokens: %v", n, err)
		}
	}
}

// version2 is a file of one text as they were before tokens had places.
func version2(model string, dims, width int, rows []int8) []byte {
	b := []byte(vectorMagic2)
	put := func(n int) { b = binary.LittleEndian.AppendUint16(b, uint16(n)) }
	put(len(model))
	b = append(b, model...)
	put(dims)
	put(width)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = append(b, make([]byte, 32)...)
	for _, x := range half4(dims) {
		put(int(toHalf(x)))
	}
	put(len(rows) / width)
	for _, r := range rows {
		b = append(b, byte(r))
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

func TestVectorFile_OneFromBeforePlacesIsStillRead(t *testing.T) {
	t.Parallel()
	rows := bytes8(32, 5)
	f, err := ReadVectorFile(version2("old/4", 4, 16, rows))
	if err != nil {
		t.Fatal(err)
	}
	e, ok := f.Encoded("old/4", [32]byte{})
	if !ok || f.TokenDims != 16 || !slices.Equal(e.Rows, rows) || e.Places != nil {
		t.Errorf("%+v, %d numbers a token", e, f.TokenDims)
	}
	// Written again it is one of today, still without places.
	again, err := ReadVectorFile(written(t, f))
	if e2, ok := again.Encoded("old/4", [32]byte{}); err != nil || !ok || !slices.Equal(e2.Rows, rows) || e2.Places != nil {
		t.Errorf("%v: %+v", err, e2)
	}
}

func TestVectorFile_SeveralOneAfterAnother(t *testing.T) {
	t.Parallel()
	var data []byte
	for i, name := range []string{"a/4", "b/8", "c/4"} {
		f := NewVectorFile(Model{Name: name, Dims: 4 + 4*(i%2)})
		f.TokenDims = 16 * i
		for n := range i { // the first one is empty
			f.Put([32]byte{byte(n)}, half4(f.Model.Dims))
			f.PutRows([32]byte{byte(n)}, make([]int8, f.TokenDims*(n+1)), make([]uint16, n+1))
		}
		data = append(data, written(t, f)...)
	}
	list, err := ReadVectorFiles(data)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d files, %v", len(list), err)
	}
	for i, f := range list {
		if f.Len() != i || f.TokenDims != 16*i {
			t.Errorf("file %d: %d texts, %d numbers a token", i, f.Len(), f.TokenDims)
		}
	}
	if fileOf(list, Model{Name: "b/8"}) != list[1] || fileOf(list, Model{Name: "d/4"}) != nil || fileOf(nil, Model{}) != nil {
		t.Error("a model gets another's vectors")
	}
	if _, err := ReadVectorFile(data); !errors.Is(err, ErrVectorFile) {
		t.Errorf("three files passed for one: %v", err)
	}
	for what, bad := range map[string][]byte{
		"a byte behind":          append(bytes.Clone(data), 0),
		"the second cut":         data[:len(data)-sha256.Size-1],
		"words behind":           append(bytes.Clone(data), vectorMagic...),
		"a checksum in between":  append(append(bytes.Clone(data), make([]byte, 32)...), data...),
		"one and a half of them": append(bytes.Clone(data), data[:len(data)/2]...),
	} {
		if _, err := ReadVectorFiles(bad); !errors.Is(err, ErrVectorFile) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestVectorFile_EveryDamagedByteOfTokensIsNoticed(t *testing.T) {
	t.Parallel()
	var data []byte
	for _, name := range []string{"m/4", "n/4"} {
		f := NewVectorFile(Model{Name: name, Dims: 4})
		f.TokenDims = 16
		for i := range 2 {
			f.Put([32]byte{byte(i)}, half4(4))
			f.PutRows([32]byte{byte(i)}, bytes8(32, i+1), []uint16{40, 3})
		}
		data = append(data, written(t, f)...)
	}
	for i := range data {
		for _, flip := range []byte{1, 0x80} {
			bad := bytes.Clone(data)
			bad[i] ^= flip
			if _, err := ReadVectorFiles(bad); !errors.Is(err, ErrVectorFile) {
				t.Errorf("byte %d: %v", i, err)
			}
		}
	}
	for n := range data {
		_, err := ReadVectorFiles(data[:n])
		// Cut between two files is the one cut that leaves whole files.
		if n != len(data)/2 && !errors.Is(err, ErrVectorFile) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

func TestVectorFile_WritesNoRowsOfAnotherWidth(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ width, numbers, places int }{
		"half a row": {16, 24, 0}, "rows of a file without tokens": {0, 16, 0}, "more tokens than the format counts": {16, 16 * (1 << 16), 0},
		"a place too few": {16, 32, 1}, "a place without a token": {16, 0, 1},
	} {
		f := NewVectorFile(Model{Name: "m/4", Dims: 4})
		f.TokenDims = row.width
		f.Put([32]byte{1}, half4(4))
		f.PutRows([32]byte{1}, make([]int8, row.numbers), make([]uint16, row.places))
		var b bytes.Buffer
		if _, err := f.WriteTo(&b); err == nil || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes written", name, err, b.Len())
		}
	}
}

func FuzzReadVectorFiles(f *testing.F) {
	one, two := NewVectorFile(Model{Name: "m/4", Dims: 4}), NewVectorFile(Model{Name: "n/4", Dims: 4})
	one.TokenDims = 16
	one.Put([32]byte{1}, half4(4))
	one.PutRows([32]byte{1}, make([]int8, 32), []uint16{9, 4})
	two.Put([32]byte{2}, half4(4))
	f.Add(written(f, one))
	f.Add(append(written(f, one), written(f, two)...))
	f.Add(append(version1("old/4", 4, [32]byte{1}), written(f, one)...))
	f.Add(append(version2("old/4", 4, 16, bytes8(32, 1)), written(f, one)...))
	f.Add([]byte(vectorMagic + "\x01\x00m\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		sum := sha256.Sum256(data)
		for _, d := range [][]byte{data, append(bytes.Clone(data), sum[:]...)} {
			list, err := ReadVectorFiles(d)
			if err != nil {
				if !errors.Is(err, ErrVectorFile) {
					t.Fatal(err)
				}
				continue
			}
			for _, got := range list {
				for _, e := range got.texts {
					if err := CheckVector(e.Vec, got.Model.Dims); err != nil {
						t.Fatal(err)
					}
					if got.TokenDims > 0 && len(e.Rows)%got.TokenDims != 0 || got.TokenDims == 0 && len(e.Rows) > 0 {
						t.Fatalf("%d numbers in rows of %d", len(e.Rows), got.TokenDims)
					}
				}
				if _, err := got.WriteTo(&bytes.Buffer{}); err != nil {
					t.Fatalf("what was read cannot be written: %v", err)
				}
			}
		}
	})
}
