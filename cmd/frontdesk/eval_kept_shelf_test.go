package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

func shelfModel() retrieval.Model { return retrieval.Model{Name: "m/4", Dims: 4} }

// vectorsOf is a file of texts, the n-th with n tokens.
func vectorsOf(m retrieval.Model, from, n int) *retrieval.VectorFile {
	f := retrieval.NewVectorFile(m)
	f.TokenDims = 2
	for i := from; i < from+n; i++ {
		h := textHash(i)
		f.Put(h, []float32{1, 0, 0, 0})
		rows := make([]int8, 2*(i%5))
		for k := range rows {
			rows[k] = int8(i)
		}
		f.PutRows(h, rows, make([]uint16, i%5))
	}
	return f
}

func textHash(i int) [32]byte { return sha256.Sum256(fmt.Append(nil, i)) }

// Whatever is put aside in whatever portions is there again, here and for whoever
// opens the file next.
func TestVectorShelf_GivesBackWhatWasAdded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(dir, rapid.StringMatching(`[a-z]{12}`).Draw(r, "name"))
		defer os.Remove(path)
		s, err := openShelf(path, shelfModel(), 2)
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		other, err := openShelf(path, shelfModel(), 2) // another run at the same time
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = other.Close() }()
		all := 0
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 9), 1, 6).Draw(r, "portions") {
			by := s
			if rapid.Bool().Draw(r, "by the other") {
				by = other
			}
			if err := by.add(t.Context(), vectorsOf(shelfModel(), all, n)); err != nil {
				r.Fatal(err)
			}
			all += n
		}
		again, err := openShelf(path, shelfModel(), 2)
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = again.Close() }()
		for i := range all {
			e, ok := again.get(textHash(i))
			if !ok || len(e.Vec) != 4 || e.Vec[0] != 1 || len(e.Rows) != 2*(i%5) || len(e.Rows) > 0 && e.Rows[0] != int8(i) {
				r.Fatalf("text %d of %d: %v %+v", i, all, ok, e)
			}
		}
		if _, ok := again.get(textHash(all)); ok {
			r.Fatal("there is a text that nobody put there")
		}
	})
}

// What is cut short or damaged costs what stands there and behind, and whoever adds
// something makes the file whole again.
func TestVectorShelf_OfADamagedFileKeepsWhatIsWhole(t *testing.T) {
	t.Parallel()
	var whole bytes.Buffer
	for i := range 3 {
		if _, err := vectorsOf(shelfModel(), 4*i, 4).WriteTo(&whole); err != nil {
			t.Fatal(err)
		}
	}
	size := whole.Len() / 3
	for name, c := range map[string]struct {
		data []byte
		left int
	}{
		"whole":                    {whole.Bytes(), 12},
		"empty":                    {nil, 0},
		"cut in the last part":     {whole.Bytes()[:whole.Len()-9], 8},
		"cut in the first part":    {whole.Bytes()[:30], 0},
		"a byte of another":        {damaged(whole.Bytes(), size+size/2), 4},
		"nothing of the kind":      {[]byte("vectors? none here, but a line of words"), 0},
		"a count without its rows": {append(slices.Clone(whole.Bytes()[:size]), "frontdesk vectors 3\n"...), 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "v.bin")
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := openShelf(path, shelfModel(), 2)
			if err != nil || len(s.at) != c.left {
				t.Fatalf("%v, %d texts, want %d", err, len(s.at), c.left)
			}
			defer func() { _ = s.Close() }()
			if err := s.add(t.Context(), vectorsOf(shelfModel(), 100, 3)); err != nil {
				t.Fatal(err)
			}
			again, err := openShelf(path, shelfModel(), 2)
			if err != nil || len(again.at) != c.left+3 {
				t.Fatalf("%v, then %d texts, want %d", err, len(again.at), c.left+3)
			}
			_ = again.Close()
		})
	}
}

func damaged(data []byte, at int) []byte {
	out := slices.Clone(data)
	out[at] ^= 1
	return out
}

func TestVectorShelf_PassesOverOtherModelsAndWidths(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, f := range []*retrieval.VectorFile{vectorsOf(retrieval.Model{Name: "other/4", Dims: 4}, 0, 5), vectorsOf(shelfModel(), 5, 2)} {
		if _, err := f.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "v.bin")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for width, want := range map[int]int{2: 2, 6: 0} {
		s, err := openShelf(path, shelfModel(), width)
		if err != nil || len(s.at) != want {
			t.Errorf("width %d: %v, %d texts, want %d", width, err, len(s.at), want)
		}
		_ = s.Close()
	}
}

// deepInner is inner with what inner layers make of questions.
type deepInner struct {
	inner
	none bool // it gives nothing of the kind
}

func (e *deepInner) TokenDims() int { return 2 }

func (e *deepInner) DepthDims() int {
	if e.none {
		return 0
	}
	return 3
}

func (e *deepInner) EmbedTokens(ctx context.Context, kind retrieval.EmbedKind, texts []string) ([]retrieval.Encoded, error) {
	vecs, err := e.Embed(ctx, kind, texts)
	out := make([]retrieval.Encoded, len(vecs))
	for i, v := range vecs {
		out[i].Vec = v
		if !e.none && kind == retrieval.EmbedQuery {
			out[i].Depths = []float32{float32(len(texts[i])) / 7, 0.1, 0.2}
		}
	}
	return out, err
}

func TestKeptEmbedder_KeepsWhatInnerLayersMakeOfQuestions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := &deepInner{inner: inner{model: retrieval.Model{Name: "m/2", Dims: 2}}}
	ask := func(k *keptEmbedder, kind retrieval.EmbedKind, text string) retrieval.Encoded {
		t.Helper()
		list, err := k.EmbedTokens(t.Context(), kind, []string{text})
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	// Kept by somebody who did not want them: the question is asked once more.
	before := &keptEmbedder{Embedder: e, folder: dir}
	ask(before, retrieval.EmbedQuery, "lid")
	ask(before, retrieval.EmbedPassage, "a passage")
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	one := &keptEmbedder{Embedder: e, folder: dir, depths: true}
	first := ask(one, retrieval.EmbedQuery, "lid")
	ask(one, retrieval.EmbedPassage, "a passage")
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if len(first.Depths) != 3 || len(e.asked) != 3 {
		t.Fatalf("%v, asked %q", first.Depths, e.asked)
	}
	two := &keptEmbedder{Embedder: e, folder: dir, depths: true}
	if again := ask(two, retrieval.EmbedQuery, "lid"); !slices.Equal(again.Depths, first.Depths) || !slices.Equal(again.Vec, first.Vec) || len(e.asked) != 3 {
		t.Errorf("%v, then %v, asked %q", first.Depths, again.Depths, e.asked)
	}
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	// An embedder that gives none is not asked for them again and again.
	e.none, e.asked = true, nil
	three := &keptEmbedder{Embedder: e, folder: dir, depths: true}
	if got := ask(three, retrieval.EmbedQuery, "lid"); got.Depths != nil || len(e.asked) != 0 {
		t.Errorf("%v, asked %q", got.Depths, e.asked)
	}
	if err := three.Close(); err != nil {
		t.Error(err)
	}
}
