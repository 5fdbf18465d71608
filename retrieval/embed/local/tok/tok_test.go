package tok

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// witness is why a second implementation of Unigram says otherwise than the
// original on a few lines; ours says what the original says on all of them.
var witness = []struct{ reason, lines string }{
	{"it takes a letter with its accents at once, and the first entry that fits instead of the longest", strings.Join([]string{
		"ﾊﾝｶｸｶﾅ ﾃﾞ ｽﾐﾏｾﾝ ㌔㌘", "E\u0301\u0323", "a\u0323\u0302", "a\u0302\u0323", "o\u031b\u0301", "o\u0301\u031b",
		"Z\u0351\u036b\u0343a\u0328\u0322l\u0321g\u0489o\u0321", "\u1100\u1161\u11a8", "ｶﾞ ﾊﾟ カ\u3099", "が か\u3099", "ㄱㅏㅁ", "\u0b4b \u0b47\u0b3e",
	}, "\n")},
	{"it takes U+0085 for a space after the table has left it", "\u0085a\u0085"},
	{"it adds scores up as 64-bit numbers, so that of two ways that are equal but for rounding it takes the other", strings.Join([]string{
		strings.Repeat("x", 2000), strings.Repeat(".", 1000), strings.Repeat("ㅋ", 1100),
	}, "\n")},
}

func TestUnigram_DiffersFromTheSecondWitnessOnlyWhereListed(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, w := range witness {
		listed = append(listed, strings.Split(w.lines, "\n")...)
	}
	for _, l := range lines(t) {
		if differs := l.Witness != nil; differs != slices.Contains(listed, l.Text) {
			t.Errorf("%.60q: differs %v", l.Text, differs)
		}
	}
}

func TestTokenizers_TakeMarksInTextAsText(t *testing.T) {
	t.Parallel()
	w, u := wordPiece(t), unigram(t)
	for _, text := range []string{"[CLS]", "[SEP] [PAD] [MASK]", "<s>", "a</s>b", "<pad> <mask> <unk>"} {
		check(t, w, w.marks, text, 0)
		check(t, u, u.marks, text, 0)
	}
	if got := w.Encode(nil, "[SEP]", 0); len(got) != 5 {
		t.Errorf("[SEP] became %v, want two brackets and a word", got)
	}
}

// The ids are sentencepiece's own for these bytes.
func TestUnigram_TakesBytesThatAreNoTextAsTheOriginal(t *testing.T) {
	t.Parallel()
	u := unigram(t)
	for text, want := range map[string][]int32{
		"a\xffb":           {0, 10, 3, 275, 2},
		"a \xed\xa0\x80 b": {0, 10, 6, 3, 876, 2},
		"caf\xc3":          {0, 377, 420, 3, 2},
		"\xf4\x90\x80\x80": {0, 6, 3, 2},
		"\xc0\x80x":        {0, 6, 3, 425, 2},
		"a\xe4\xbd b":      {0, 10, 3, 876, 2},
	} {
		if got := u.Encode(nil, text, 0); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestNewWordPiece_RefusesWhatIsNoVocabulary(t *testing.T) {
	t.Parallel()
	for name, vocab := range map[string]string{
		"nothing":          "",
		"no end":           "[CLS]\n[UNK]\na\n",
		"cut in the marks": "[PAD]\n[UN",
		"a piece twice":    "[CLS]\n[SEP]\n[UNK]\na\nb\na\n",
	} {
		if _, err := NewWordPiece([]byte(vocab)); !errors.Is(err, ErrVocabulary) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestNewWordPiece_TakesLinesOfEitherSystem(t *testing.T) {
	t.Parallel()
	w, err := NewWordPiece([]byte("[CLS]\r\n[SEP]\r\n[UNK]\r\n\r\nkettle\r\n##s"))
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Encode(nil, "Kettles kettle pot", 0); !slices.Equal(got, []int32{0, 4, 5, 4, 2, 1}) {
		t.Errorf("got %v", got)
	}
}

func TestNewUnigram_RefusesWhatIsNoVocabulary(t *testing.T) {
	t.Parallel()
	good := []Piece{{"<s>", 0}, {"</s>", 0}, {"<unk>", 0}, {"a", -1}}
	for name, tc := range map[string]struct {
		piece Piece
		marks Marks
	}{
		"a mark beyond the end": {Piece{"b", -1}, Marks{0, 1, 9, nil}},
		"a mark before zero":    {Piece{"b", -1}, Marks{0, 1, 2, []int32{-1}}},
		"a piece twice":         {Piece{"a", -2}, Marks{0, 1, 2, nil}},
		"a space inside":        {Piece{"b\u2581c", -2}, Marks{0, 1, 2, nil}},
		"two spaces":            {Piece{"\u2581\u2581", -2}, Marks{0, 1, 2, nil}},
		"no number":             {Piece{"b", float32(math.NaN())}, Marks{0, 1, 2, nil}},
		"an endless number":     {Piece{"b", float32(math.Inf(-1))}, Marks{0, 1, 2, nil}},
	} {
		if _, err := NewUnigram(append(slices.Clone(good), tc.piece), tc.marks); !errors.Is(err, ErrVocabulary) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := NewUnigram(nil, Marks{}); !errors.Is(err, ErrVocabulary) {
		t.Errorf("nothing: error %v", err)
	}
}

// run encodes all lines of languages, again and again.
func run(b *testing.B, tk Tokenizer) {
	b.Helper()
	var texts []string
	for _, l := range lines(b) {
		if l.Lang != "hard" {
			texts = append(texts, l.Text)
		}
	}
	var ids []int32
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		ids = tk.Encode(ids[:0], texts[n%len(texts)], 512)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkWordPiece_Lines(b *testing.B) { run(b, wordPiece(b)) }

func BenchmarkUnigram_Lines(b *testing.B) { run(b, unigram(b)) }

// BenchmarkTokenizers_LongTexts shows that a text is not read beyond what the
// limit needs, and that an endless word costs no more than words.
func BenchmarkTokenizers_LongTexts(b *testing.B) {
	for name, text := range map[string]string{
		"100000 words":   strings.Repeat("parcel ", 100_000),
		"one word":       strings.Repeat("parcel", 100_000),
		"no spaces":      strings.Repeat("他们说我的包裹已经签收但是我没有收到", 10_000),
		"unknown":        strings.Repeat("\u0378", 100_000),
		"accents":        strings.Repeat("\u0301", 100_000),
		"spaces at last": strings.Repeat(" ", 600_000),
	} {
		for kind, tk := range map[string]Tokenizer{"wordpiece": wordPiece(b), "unigram": unigram(b)} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				var ids []int32
				for b.Loop() {
					ids = tk.Encode(ids[:0], text, 512)
				}
			})
		}
	}
}
