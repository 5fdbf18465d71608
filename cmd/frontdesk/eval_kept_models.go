package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"frontdesk/evals/cases"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
)

// keptModels are the models that knowledge and questions are embedded by, each
// with what it has embedded before.
type keptModels struct {
	lazy  lazyEmbedders
	first *keptEmbedder
	more  []retrieval.Space
	all   []*keptEmbedder
}

func (a *app) keepModels() *keptModels {
	k := &keptModels{lazy: a.newLazyEmbedders()}
	keep := func(e retrieval.Embedder) *keptEmbedder {
		one := &keptEmbedder{Embedder: e, folder: filepath.Join(a.config.Home, "evals")}
		if root, ok := repositoryRoot(); ok {
			shop := filepath.Join(root, "evals", "shop")
			one.shipped = []string{filepath.Join(shop, "vectors.bin"), filepath.Join(shop, caseVectors), filepath.Join(shop, faultVectors)}
		}
		if a.config.EmbeddingsURL == "" {
			one.patience = askPatience // the private one gets only what others leave of the machine
		}
		k.all = append(k.all, one)
		return one
	}
	k.first = keep(k.lazy.first)
	for _, s := range k.lazy.more() {
		s.Embedder = keep(s.Embedder)
		k.more = append(k.more, s)
	}
	return k
}

// Files of vectors beside the demo shop's knowledge: of all that a run of its
// cases asks, and of what the short test of the gate asks besides.
const (
	caseVectors  = "case-vectors.bin"
	faultVectors = "fault-vectors.bin"
)

// noteAsked begins to note what is asked for.
func (k *keptModels) noteAsked() {
	for _, e := range k.all {
		e.asked = map[[32]byte]bool{}
	}
}

// askBatch is how many texts are asked for at once beside a run.
const askBatch = 16

// askAll asks for questions that nobody asked for yet: which of what customers say
// is looked up is triage's to decide, and is not the same with every fit of it.
func (k *keptModels) askAll(ctx context.Context, texts []string) error {
	spaces := append([]retrieval.Space{{Embedder: k.first}}, k.more...)
	for _, s := range spaces {
		var own []string
		for _, t := range texts {
			lang, _ := words.DetectLanguage(t, s.Langs)
			if len(s.Langs) == 0 || slices.Contains(s.Langs, lang) {
				own = append(own, t)
			}
		}
		for batch := range slices.Chunk(own, askBatch) {
			if _, err := retrieval.Encode(ctx, s.Embedder, retrieval.EmbedQuery, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// saidIn is all that is said in cases, as it is looked up.
func saidIn(list []cases.Case) []string {
	var out []string
	for _, c := range list {
		for _, t := range c.Turns {
			if text := strings.TrimSpace(strings.Join(t.Said(), "\n")); text != "" {
				out = append(out, text)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// export writes what was asked for since noteAsked; into one of the files that are
// looked into, what those before it hold is not written again.
func (k *keptModels) export(path string) error {
	var files []*retrieval.VectorFile
	for _, e := range k.all {
		f, err := e.export(path)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	return writeVectors(files, path)
}

// made is how many texts had to be computed.
func (k *keptModels) made() (n int) {
	for _, e := range k.all {
		e.mu.Lock()
		n += e.made
		e.mu.Unlock()
	}
	return n
}

// Close writes what is not written yet and lets the embedder go.
func (k *keptModels) Close() error {
	var errs []error
	for _, e := range k.all {
		errs = append(errs, e.Close())
	}
	k.lazy.Close()
	return errors.Join(errs...)
}
