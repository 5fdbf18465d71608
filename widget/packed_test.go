package widget

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"pgregory.net/rapid"
)

func unpacked(t rapid.TB, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	r.Multistream(false) // browsers read the first member alone
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// Whatever the pieces are, and however they were packed: what comes out is what
// went in, in one file.
func TestGzipped_IsItsPiecesInOneFile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var pieces []piece
		var want []byte
		for range rapid.IntRange(0, 5).Draw(t, "pieces") {
			text := rapid.StringOfN(rapid.RuneFrom([]rune("ab<>é\n")), 0, 400, -1).Draw(t, "text")
			want = append(want, text...)
			if rapid.Bool().Draw(t, "fixed") {
				pieces = append(pieces, fixed(text))
			} else {
				pieces = append(pieces, piece{plain: []byte(text)})
			}
		}
		if got := unpacked(t, gzipped(pieces)); !bytes.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// What was packed beforehand costs next to nothing beside one packing of all.
func TestGzipped_IsNearlyAsSmallAsPackedAtOnce(t *testing.T) {
	t.Parallel()
	e := mustEmbedded(t)
	pieces := []piece{{plain: []byte("<!doctype html>")}, e.style, {plain: []byte("<body>")}, e.script}
	var all []byte
	for _, p := range pieces {
		all = append(all, p.plain...)
	}
	if got, whole := len(gzipped(pieces)), len(packed(all)); got > whole+whole/50 {
		t.Errorf("%d bytes, and %d packed at once", got, whole)
	}
}
