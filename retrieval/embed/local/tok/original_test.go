package tok

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestWordPiece_IsTheOriginalLineByLine(t *testing.T) {
	t.Parallel()
	w := wordPiece(t)
	for _, l := range lines(t) {
		if got := w.Encode(nil, l.Text, 0); !slices.Equal(got, l.WordPiece) {
			t.Errorf("%s %.60q\n got %v\nwant %v", l.Lang, l.Text, short(got), short(l.WordPiece))
		}
	}
}

func TestUnigram_IsTheOriginalLineByLine(t *testing.T) {
	t.Parallel()
	u := unigram(t)
	for _, l := range lines(t) {
		if got := u.Encode(nil, l.Text, 0); !slices.Equal(got, l.Unigram) {
			t.Errorf("%s %.60q\n got %v\nwant %v", l.Lang, l.Text, short(got), short(l.Unigram))
		}
	}
}

func TestLines_CoverTwentyLanguages(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, l := range lines(t) {
		count[l.Lang]++
	}
	enough := 0
	for _, n := range count {
		if n >= 40 {
			enough++
		}
	}
	if enough < 21 { // the hard lines count as one
		t.Errorf("forty lines each for %d languages: %v", enough, count)
	}
}

func short(ids []int32) []int32 { return ids[:min(len(ids), 40)] }

// points are hashes of what the originals make of every code point by itself,
// one for each 256.
func points(t *testing.T) map[string][]string {
	t.Helper()
	var p map[string][]string
	if err := json.Unmarshal(packed(t, "points.json.gz"), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// everyPoint compares blocks of 256 code points with their hashes.
func everyPoint(t *testing.T, want []string, of func(string) any) {
	t.Helper()
	if len(want) != 0x110000/256 {
		t.Fatalf("%d hashes", len(want))
	}
	for block := range want {
		h := sha256.New()
		for i := range 256 {
			r := rune(block*256 + i)
			if r >= 0xD800 && r < 0xE000 {
				continue
			}
			enc := json.NewEncoder(h)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(of(string(r))); err != nil {
				t.Fatal(err)
			}
		}
		if got := hex.EncodeToString(h.Sum(nil))[:8]; got != want[block] {
			t.Errorf("U+%04X to U+%04X: hash %s, want %s", block*256, block*256+255, got, want[block])
		}
	}
}

func TestWordPiece_TakesEveryCodePointAsTheOriginal(t *testing.T) {
	t.Parallel()
	w := wordPiece(t)
	var ids []int32
	everyPoint(t, points(t)["wordpiece"], func(s string) any {
		ids = w.Encode(ids[:0], s, 0)
		return ids[1 : len(ids)-1]
	})
}

// normal is what Unigram makes of a text before it looks for pieces.
func normal(t *testing.T, m charsmap, s string) string {
	t.Helper()
	var b strings.Builder
	gap := true
	for s != "" {
		out, n := m.replace(nil, s)
		if n <= 0 || n > len(s) {
			t.Fatalf("took %d of %d bytes", n, len(s))
		}
		s = s[n:]
		for _, c := range out {
			if c == ' ' {
				gap = true
				continue
			}
			if gap {
				b.WriteString(meta)
				gap = false
			}
			b.WriteByte(c)
		}
	}
	return b.String()
}

func TestCharsmap_TakesEveryCodePointAsTheOriginal(t *testing.T) {
	t.Parallel()
	m, err := newCharsmap(charsmapBin)
	if err != nil {
		t.Fatal(err)
	}
	everyPoint(t, points(t)["normal"], func(s string) any { return normal(t, m, s) })
}
