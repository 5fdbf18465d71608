package local

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval/embed/local/ort"
)

func folders(t *testing.T) Folders {
	t.Helper()
	f := pgtest.Encoders(t)
	return Folders{Library: f.Library, E5: f.E5, MiniLM: f.MiniLM, Made: filepath.Join(t.TempDir(), "made")}
}

func library(t *testing.T, f Folders) *ort.Library {
	t.Helper()
	lib, err := ort.Load(f.Library, ort.ThisMachine())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lib.Close)
	return lib
}

// ready makes the encoders once a test that asks.
func ready(t *testing.T) (*ort.Library, Folders) {
	t.Helper()
	f := folders(t)
	lib := library(t, f)
	if err := Make(t.Context(), lib, f, MakeConfig{}); err != nil {
		t.Fatal(err)
	}
	return lib, f
}

func open(t *testing.T, lib *ort.Library, f Folders, name string) *Model {
	t.Helper()
	m, err := Open(lib, f, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func encode(t *testing.T, m *Model, kind Kind, text string) Vectors {
	t.Helper()
	v, err := m.Encode(t.Context(), kind, text, true)
	if err != nil {
		t.Fatalf("encode %.40q: %v", text, err)
	}
	return v
}

func TestModels_EncodeAnyText(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	for _, name := range Models() {
		m := open(t, lib, f, name)
		for what, text := range map[string]string{
			"nothing":                "",
			"a word":                 "kettle",
			"no letters":             "?!… — 12,50 € ✓",
			"100,000 words":          strings.Repeat("kettle ", 100_000),
			"one token 10,000 times": strings.Repeat("the ", 10_000),
			"one endless word":       strings.Repeat("x", 200_000),
			"unassigned":             "\U000e0fff \u0378 \U0003fffe",
			"mixed scripts":          "kettle чайник やかん غلاية 🫖 ketel",
			"marks as text":          "[CLS] kettle [SEP] <s> leaks </s> [PAD] <pad> <mask> [MASK]",
			"no UTF-8":               "kettle \xff\xfe\xed\xa0\x80 broken",
			"NUL":                    "kettle\x00broken",
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				for _, kind := range []Kind{Query, Passage} {
					v := encode(t, m, kind, text)
					if len(v.Pooled) != m.Dims() || math.Abs(cosine(v.Pooled, v.Pooled)-1) > 1e-5 {
						t.Errorf("%d numbers of length² %v", len(v.Pooled), cosine(v.Pooled, v.Pooled))
					}
					if n := len(v.TokenIDs); n < 1 || n > m.MaxTokens() || len(v.Tokens) != n*m.TokenDims() || v.TokenDims != m.TokenDims() {
						t.Errorf("%d tokens, %d numbers of %d", n, len(v.Tokens), v.TokenDims)
					}
					if want := len(text) > 50_000 || what == "one token 10,000 times"; v.Truncated != want && what != "one endless word" {
						t.Errorf("truncated: %v", v.Truncated)
					}
				}
			})
		}
	}
}

func TestModels_CutTextsKeepTheirEndMark(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	for _, name := range Models() {
		m := open(t, lib, f, name)
		short, _, cutShort := m.tokenise(Passage, "kettle", false)
		long, places, cutLong := m.tokenise(Passage, strings.Repeat("kettle ", 2000), true)
		if n := len(long); n != m.MaxTokens() || len(places) != n || long[n-1] != short[len(short)-1] || long[0] != short[0] {
			t.Errorf("%s: %d tokens from %d to %d", name, n, long[0], long[n-1])
		}
		if cutShort || !cutLong {
			t.Errorf("%s: truncated %v, %v", name, cutShort, cutLong)
		}
	}
}

func TestModels_TheVectorIsTheSameWithTokensAndWithout(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	for _, name := range Models() {
		m := open(t, lib, f, name)
		v := encode(t, m, Query, "how do I descale the kettle")
		without, err := m.Encode(t.Context(), Query, "how do I descale the kettle", false)
		if err != nil || without.Tokens != nil || !slices.Equal(without.Pooled, v.Pooled) {
			t.Errorf("%s: without tokens it is another vector (%v)", name, err)
		}
	}
}

// Rows are of the text's own tokens, each of length one: no marks, no prefix,
// and of a passage none that say nothing where the model leaves those out.
func TestModels_TokensAreTheTextsOwn(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	for _, name := range Models() {
		m := open(t, lib, f, name)
		asked, written := encode(t, m, Query, "kettle lid"), encode(t, m, Passage, "kettle lid")
		if !slices.Equal(asked.TokenIDs, written.TokenIDs) || len(asked.TokenIDs) < 2 {
			t.Errorf("%s: %v as a question, %v as a passage", name, asked.TokenIDs, written.TokenIDs)
		}
		for i := range asked.TokenIDs {
			row := asked.Tokens[i*TokenDims:][:TokenDims]
			if math.Abs(cosine(row, row)-1) > 1e-5 {
				t.Errorf("%s: row %d has length² %v", name, i, cosine(row, row))
			}
		}
		filled := encode(t, m, Passage, "the kettle, and the lid.")
		if left := slices.Equal(filled.TokenIDs, written.TokenIDs); left != m.spec.skips {
			t.Errorf("%s: %v of a passage with words that say nothing", name, filled.TokenIDs)
		}
	}
}

// What a text becomes must not depend on what else is encoded at the time.
func TestModels_ManyAtOnceGiveWhatOneGives(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	texts := []string{"kettle", "how do I send it back?", strings.Repeat("the lid opens by a button. ", 20), ""}
	for _, name := range Models() {
		m := open(t, lib, f, name)
		want := make([][]float32, len(texts))
		for i, text := range texts {
			want[i] = encode(t, m, Passage, text).Pooled
		}
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for i := range 12 {
					at := (g + i) % len(texts)
					v, err := m.Encode(t.Context(), Passage, texts[at], i%2 == 0)
					if err != nil || !slices.Equal(v.Pooled, want[at]) {
						t.Errorf("%s: text %d came out otherwise (%v)", name, at, err)
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestModels_KnowTheSidesOfASearch(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	for _, name := range Models() {
		m := open(t, lib, f, name)
		if slices.Equal(encode(t, m, Query, "kettle").Pooled, encode(t, m, Passage, "kettle").Pooled) {
			t.Errorf("%s: the same on both sides", name)
		}
	}
}

func TestEncode_DoesNotBeginForNobody(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, lib, f, MiniLM).Encode(ctx, Query, "kettle", false); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The turning of tokens is one of the graph's own operations: with axes that are
// single numbers of the model's, six graphs give all of a token's unit vector,
// and that turned by hand is what the real graph gives.
func TestGraph_TurnsTokensToTheAxes(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	s := specs()[1]
	m := open(t, lib, f, s.name)
	ids, _, _ := m.tokenise(Query, "the lid leaks", false)
	graph := func(axes []float32) Vectors {
		dir := t.TempDir()
		made := manifest{Model: s.name, Precision: m.Precision()}
		if err := made.write(f, s, axes, dir); err != nil {
			t.Fatal(err)
		}
		o, err := openAt(lib, f, s, dir)
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		v, err := o.run(ids, true, false)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	hidden := s.sizes.hidden
	whole := make([][]float32, len(ids))
	for from := 0; from < hidden; from += TokenDims {
		axes := make([]float32, hidden*TokenDims)
		for a := range TokenDims {
			axes[(from+a)*TokenDims+a] = 1
		}
		v := graph(axes)
		for i := range ids {
			whole[i] = append(whole[i], v.Tokens[i*TokenDims:][:TokenDims]...)
		}
	}
	head, err := readHead(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.run(ids, true, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ids {
		if math.Abs(cosine(whole[i], whole[i])-1) > 1e-5 {
			t.Fatalf("token %d has length² %v", i, cosine(whole[i], whole[i]))
		}
		for a, want := range head.turned(whole[i]) {
			if math.Abs(float64(want-got.Tokens[i*TokenDims+a])) > 1e-5 {
				t.Fatalf("token %d, axis %d: %v instead of %v", i, a, got.Tokens[i*TokenDims+a], want)
			}
		}
	}
}

func TestGraph_IsTheSameBytesEveryTime(t *testing.T) {
	t.Parallel()
	f := folders(t)
	var first manifest
	for i := range 2 {
		m := manifest{Model: MiniLM, Precision: Int8}
		if err := m.write(f, specs()[1], make([]float32, 384*TokenDims), t.TempDir()); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = m
		} else if m.Files[graphFile] != first.Files[graphFile] || m.Files[weightsFile] != first.Files[weightsFile] {
			t.Error("another graph of the same weights")
		}
	}
}

// What an inner layer makes of a text is what the model would say that ends there.
func TestEncode_DepthsAreTheMeansOfInnerLayers(t *testing.T) {
	t.Parallel()
	lib, f := ready(t)
	const text = "my lid leaks"
	m := open(t, lib, f, E5)
	got := encode(t, m, Query, text)
	if len(got.Depths) != m.DepthDims() || m.DepthDims() == 0 {
		t.Fatalf("%d numbers, %d said", len(got.Depths), m.DepthDims())
	}
	s, err := specOf(E5)
	if err != nil {
		t.Fatal(err)
	}
	ids, _, _ := m.tokenise(Query, text, true)
	depths := s.sizes.depths
	for i, depth := range depths {
		s.sizes.layers, s.sizes.depths = depth, nil
		dir := t.TempDir()
		made := manifest{Model: E5, Precision: m.Precision()}
		if err := made.write(f, s, make([]float32, 384*TokenDims), dir); err != nil {
			t.Fatal(err)
		}
		shorter, err := openAt(lib, f, s, dir)
		if err != nil {
			t.Fatal(err)
		}
		want, err := shorter.run(ids, false, true)
		shorter.Close()
		if err != nil {
			t.Fatal(err)
		}
		if c := cosine(want.Pooled, got.Depths[i*384:][:384]); c < 1-1e-5 {
			t.Errorf("layer %d: cosine %v", depth, c)
		}
	}
	if v := encode(t, m, Passage, text); len(v.Depths) != 0 {
		t.Errorf("a passage has %d numbers of inner layers", len(v.Depths))
	}
	plain, err := m.Encode(t.Context(), Query, text, false)
	if err != nil || len(plain.Depths) != 0 || !slices.Equal(plain.Pooled, got.Pooled) {
		t.Errorf("%d numbers that nobody asked for, %v", len(plain.Depths), err)
	}
	if v := encode(t, open(t, lib, f, MiniLM), Query, text); len(v.Depths) != 0 {
		t.Errorf("the English model gives %d", len(v.Depths))
	}
}
