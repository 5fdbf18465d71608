package tok

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// line is a text with what the originals made of it (testdata/make.py).
type line struct {
	Lang      string  `json:"l"`
	Text      string  `json:"t"`
	WordPiece []int32 `json:"w"`
	Unigram   []int32 `json:"u"`
	// Witness is what the second implementation of Unigram says where it
	// differs from the first.
	Witness []int32 `json:"h"`
}

func packed(tb testing.TB, name string) []byte {
	tb.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func lines(tb testing.TB) []line {
	tb.Helper()
	var all []line
	for raw := range bytes.Lines(packed(tb, "lines.jsonl.gz")) {
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			tb.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// the is a tokenizer made once for all tests.
type the[T any] struct {
	once sync.Once
	tok  T
}

var (
	theWordPiece the[*WordPiece]
	theUnigram   the[*Unigram]
)

func wordPiece(tb testing.TB) *WordPiece {
	tb.Helper()
	theWordPiece.once.Do(func() {
		w, err := NewWordPiece(packed(tb, "vocab.txt.gz"))
		if err != nil {
			tb.Fatal(err)
		}
		theWordPiece.tok = w
	})
	return theWordPiece.tok
}

func unigram(tb testing.TB) *Unigram {
	tb.Helper()
	theUnigram.once.Do(func() {
		pieces, marks := e5Pieces(tb)
		u, err := NewUnigram(pieces, marks)
		if err != nil {
			tb.Fatal(err)
		}
		theUnigram.tok = u
	})
	return theUnigram.tok
}

// e5Pieces reads the excerpt of e5's vocabulary: gaps stand for pieces that no
// line holds.
func e5Pieces(tb testing.TB) ([]Piece, Marks) {
	tb.Helper()
	sc := bufio.NewScanner(bytes.NewReader(packed(tb, "pieces.tsv.gz")))
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			tb.Fatal(err)
		}
		return n
	}
	sc.Scan()
	size, rest, _ := strings.Cut(sc.Text(), "\t")
	pieces := make([]Piece, number(size))
	var m []int32
	for _, f := range strings.Fields(rest) {
		m = append(m, int32(number(f)))
	}
	id, bits := 0, 0
	for sc.Scan() {
		f := strings.SplitN(sc.Text(), "\t", 3)
		id, bits = id+number(f[0]), bits+number(f[1])
		pieces[id] = Piece{Text: f[2], Score: math.Float32frombits(uint32(bits))}
	}
	if err := sc.Err(); err != nil {
		tb.Fatal(err)
	}
	for i, text := range []string{"<s>", "</s>", "<pad>", "<unk>", "<mask>"} { // as in the model's own file
		pieces[m[i]].Text = text
	}
	return pieces, Marks{Begin: m[0], End: m[1], Unknown: m[3], Others: []int32{m[2], m[4]}}
}
