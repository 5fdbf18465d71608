package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/fakemodel"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/sources"
	"frontdesk/retrieval/split"
)

// shippedFiles are vectors, and tokens, of what is in the folder: the first
// model's of all of it, the second's of what is English.
func (k *knowledge) shippedFiles(a *app) []*retrieval.VectorFile {
	k.t.Helper()
	found, err := sources.Walk(k.t.Context(), []string{k.folder}, sources.Options{})
	if err != nil {
		k.t.Fatal(err)
	}
	sp, err := split.New(split.Config{})
	if err != nil {
		k.t.Fatal(err)
	}
	models := a.newLazyEmbedders()
	defer models.Close()
	var files []*retrieval.VectorFile
	for i, e := range models.all() {
		f := retrieval.NewVectorFile(e.Model())
		f.TokenDims = e.TokenDims()
		for _, article := range found.Articles {
			for _, c := range sp.Split(article) {
				if i == 1 && article.Lang != "en" {
					continue
				}
				text := retrieval.EmbedText(article, c)
				hash := sha256.Sum256([]byte(text))
				f.Put(hash, fakemodel.Words(text, e.Model().Dims))
				f.PutRows(hash, make([]int8, 3*f.TokenDims), []uint16{9, 5, 1})
			}
		}
		files = append(files, f)
	}
	return files
}

// keyless makes the private embedder the one there is, in a home that holds
// none and could fetch none: whatever asks for it fails.
func (k *knowledge) keyless() *app {
	k.t.Helper()
	delete(k.env, "EMBEDDINGS_BASE_URL")
	delete(k.env, "EMBEDDINGS_MODEL")
	nothing := filepath.Join(k.t.TempDir(), "nothing")
	if err := os.WriteFile(nothing, nil, 0o600); err != nil {
		k.t.Fatal(err)
	}
	k.env["FRONTDESK_HOME"] = filepath.Join(nothing, "home") // below a file: it cannot be made
	return &app{getenv: func(string) string { return "" }}
}

func TestIngest_AFileOfBothModelsNeedsNeitherEmbedder(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	a := k.keyless()
	k.write("lid.md", "---\nlang: en\n---\n# Lids\n\nThe lid opens by a button.\n")
	k.write("deckel.md", "---\nlang: de\n---\n# Deckel\n\nDer Deckel geht auf Knopfdruck auf.\n")
	files := k.shippedFiles(a)
	if len(files) != 2 || files[0].Model.Name == files[1].Model.Name || files[0].Len() != 2 || files[1].Len() != 1 || files[0].TokenDims != files[1].TokenDims {
		t.Fatalf("%d files", len(files))
	}
	path := filepath.Join(t.TempDir(), "vectors.bin")
	if err := writeVectors(files, path); err != nil {
		t.Fatal(err)
	}
	out, _ := k.run(0, "", "ingest", "--site", "shop", "--vectors", path, "--export-vectors", path+".again", k.folder)
	contains(t, "stdout", out, "3 from the file, 0 embedded")

	// What is written of it is what came in, tokens and all, to the byte.
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(path + ".again")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, again) {
		t.Errorf("%d bytes came in, %d or others went out", len(before), len(again))
	}
	for table, want := range map[string]int{"chunk_vectors": 3, "token_rows": 3, "article_vectors": 3} {
		var n int
		if err := k.pool.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != want {
			t.Errorf("%s: %d rows, want %d: %v", table, n, want, err)
		}
	}
	out, _ = k.run(0, "", "ingest", "--site", "shop", k.folder)
	contains(t, "the second run", out, "nothing has changed")
	// The same under another site, from the same file: nobody is asked either.
	out, _ = k.run(0, "", "ingest", "--site", "other", "--vectors", path, k.folder)
	contains(t, "another site", out, "3 from the file, 0 embedded")

	// One text the file lacks, and the embedder has to be asked: here it cannot be.
	k.write("spout.md", "---\nlang: en\n---\n# Spouts\n\nThe spout is new.\n")
	if _, errs := k.run(exitFailed, "", "ingest", "--site", "shop", "--vectors", path, k.folder); strings.TrimSpace(errs) == "" {
		t.Error("it failed without a word")
	}
	out, _ = k.run(0, "", "generation", "list", "--site", "shop")
	contains(t, "what is published", out, "1           published  2 ", "failed")
}

func TestIngest_ARemoteEmbedderIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lid.md", "---\nlang: en\n---\n# Lids\n\nThe lid opens by a button.\n")
	out, _ := k.ingest(0)
	contains(t, "stdout", out, "1 embedded")
	var models, tokens int
	err := k.pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM models), (SELECT count(*) FROM token_rows)").Scan(&models, &tokens)
	if err != nil || models != 1 || tokens != 0 {
		t.Errorf("%d models, %d rows of tokens: %v", models, tokens, err)
	}
	a := &app{getenv: func(string) string { return "" }}
	a.config.EmbeddingsURL = k.model.URL
	l := a.newLazyEmbedders()
	defer l.Close()
	if len(l.all()) != 1 || l.more() != nil {
		t.Errorf("%d embedders", len(l.all()))
	}
}

func TestLazyEmbedders_AreTheTwoModelsThatRankingKnows(t *testing.T) {
	t.Parallel()
	a := &app{getenv: func(string) string { return "" }}
	l := a.newLazyEmbedders()
	defer l.Close()
	r, err := retrieval.DefaultRanking()
	if err != nil {
		t.Fatal(err)
	}
	families := map[string]bool{}
	for _, e := range l.all() {
		name, _, _ := strings.Cut(e.Model().Name, "/")
		families[name] = true
		if e.TokenDims() == 0 {
			t.Errorf("%s gives no token vectors", name)
		}
		if _, known := r.Asked[name]; !known {
			t.Errorf("what customers' tokens weigh under %s is not known", name)
		}
	}
	for _, p := range r.Plans {
		for _, m := range p.Models {
			if !families[m] {
				t.Errorf("plan %s: %s is none of %v", p.Name, m, families)
			}
		}
	}
	if more := l.more(); len(more) != 1 || !slices.Equal(more[0].Langs, embed.EnglishOnly()) {
		t.Errorf("%d further models", len(more))
	}
}
