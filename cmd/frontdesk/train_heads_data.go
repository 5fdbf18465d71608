package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed/local"
	"frontdesk/retrieval/split"
	"frontdesk/retrieval/words"
)

// headTexts is what a model reads of a business.
type headTexts struct {
	passages  []string
	article   []int // of each passage, from 0; below 0: of none that customers may read
	articles  int
	questions []headQuestion
}

type headQuestion struct {
	text    string
	english bool
	right   []int // articles; none: it is learned from and not ranked by
}

// textsOfBusiness are the passages as an ingest embeds them and the messages as
// they are asked, in the languages that the model is for. Of all languages the
// English model learned a head that was no better: by its tokens alone R@1 .561
// instead of .571.
func textsOfBusiness(b evals.Business, model string) (headTexts, error) {
	sp, err := split.New(split.Config{})
	if err != nil {
		return headTexts{}, err
	}
	var t headTexts
	number := map[string]int{}
	for _, a := range b.Articles {
		n := -1
		if a.Audience == retrieval.Public { // numbered alike under every model
			n = t.articles
			t.articles++
			number[a.ID] = n
		}
		lang := a.Lang
		if lang == "" {
			lang, _ = words.DetectLanguage(a.Title+"\n"+a.Body, nil)
		}
		if !takesLang(model, lang) {
			continue
		}
		for _, c := range sp.Split(a) {
			t.passages, t.article = append(t.passages, retrieval.EmbedText(a, c)), append(t.article, n)
		}
	}
	for _, m := range b.Messages {
		if !takesLang(model, m.Language) {
			continue
		}
		q := headQuestion{text: m.Text, english: m.English()}
		if m.Single() && m.Answerable() {
			for _, id := range slices.Concat(m.Gold, m.Also) {
				if n, ok := number[id]; ok {
					q.right = append(q.right, n)
				}
			}
		}
		t.questions = append(t.questions, q)
	}
	return t, nil
}

// headVectors is what a model without its head says of a business: of its
// passages, then of its questions.
type headVectors []local.Vectors

// keptVectors is a text as it is kept: a token's numbers in half precision, which
// for unit vectors is an error of a thousandth of the length at most.
type keptVectors struct {
	IDs    []int32
	Pooled []float32
	Rows   []byte
}

// vectorsOf encodes what is not kept yet. A file that is cut short is not used.
func (h headTraining) vectorsOf(ctx context.Context, b evals.Business, t headTexts) (headVectors, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, h.bare.Made())
	for _, p := range t.passages {
		fmt.Fprintf(sum, "p %q\n", p)
	}
	for _, q := range t.questions {
		fmt.Fprintf(sum, "q %q\n", q.text)
	}
	path := filepath.Join(h.folder, fmt.Sprintf("%s-%s-%s.gob", h.name, b.Slug, hex.EncodeToString(sum.Sum(nil))[:12]))
	n := len(t.passages) + len(t.questions)
	if kept, ok := readKept(path, n); ok {
		return h.unkept(kept), nil
	}
	kept := make([]keptVectors, n)
	err := parallel(n, func(i int) error {
		kind, text := local.Passage, ""
		if i < len(t.passages) {
			text = t.passages[i]
		} else {
			kind, text = local.Query, t.questions[i-len(t.passages)].text
		}
		v, err := h.bare.Encode(ctx, kind, text)
		kept[i] = keptVectors{IDs: v.TokenIDs, Pooled: v.Pooled, Rows: local.Halves(v.Tokens)}
		if i%500 == 499 {
			h.tell("%s, %s: %d of %d texts encoded", h.name, b.Slug, i+1, n)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := writeKept(path, kept); err != nil {
		return nil, err
	}
	h.tell("%s, %s: %d passages and %d questions encoded", h.name, b.Slug, len(t.passages), len(t.questions))
	return h.unkept(kept), nil
}

// unkept are the vectors as they are kept: a first run learns from the same
// numbers as a second one.
func (h headTraining) unkept(kept []keptVectors) headVectors {
	out := make(headVectors, len(kept))
	for i, k := range kept {
		out[i] = local.Vectors{
			Pooled: k.Pooled, TokenIDs: k.IDs, Places: make([]int32, len(k.IDs)), Tokens: local.FromHalves(k.Rows), TokenDims: h.bare.Dims(),
		}
	}
	return out
}

func readKept(path string, n int) (kept []keptVectors, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	err = gob.NewDecoder(bufio.NewReader(f)).Decode(&kept)
	return kept, err == nil && len(kept) == n
}

// writeKept writes a file that is whole under its name or not there.
func writeKept(path string, kept []keptVectors) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriter(f)
	err = gob.NewEncoder(w).Encode(kept)
	if err == nil {
		err = w.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
