package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/embed/local"
)

// headTraining learns the head of one encoder.
type headTraining struct {
	bare   *local.Bare
	name   string
	folder string // of what is kept
	tell   func(format string, args ...any)
}

// learn returns the head file learned from all businesses, and how well articles
// are found with heads that have not seen them.
func (h headTraining) learn(ctx context.Context, list []evals.Business) ([]byte, evals.HeadTrial, error) {
	trial := evals.HeadTrial{Model: localFamily(h.name), English: h.name == local.MiniLM}
	sums := make([]local.HeadSums, len(list))
	err := parallel(len(list), func(i int) error {
		t, v, err := h.read(ctx, list[i])
		if err == nil {
			sums[i] = h.sum(t, v)
		}
		return err
	})
	if err != nil {
		return nil, trial, err
	}
	all := joined(sums, -1)
	trial.Passages, trial.Questions = all.Texts(local.Passage), all.Texts(local.Query)
	h.tell("%s: learning from %d passages and %d questions", h.name, trial.Passages, trial.Questions)
	file, err := all.Learn()
	if err != nil {
		return nil, trial, err
	}
	if err := h.compare(&trial, file); err != nil {
		return nil, trial, err
	}
	asked, err := askedWeights(h.name)
	if err != nil {
		return nil, trial, err
	}
	tried := make([][]evals.HeadTried, len(list))
	err = parallel(len(list), func(i int) error {
		unseen, err := joined(sums, i).Learn()
		if err != nil {
			return err
		}
		t, v, err := h.read(ctx, list[i])
		if err != nil {
			return err
		}
		tried[i], err = h.try(t, v, unseen, asked)
		h.tell("%s, %s: %d questions ranked by a head learned without it", h.name, list[i].Slug, len(tried[i]))
		return err
	})
	trial.Tried = slices.Concat(tried...)
	return file, trial, err
}

func (h headTraining) read(ctx context.Context, b evals.Business) (headTexts, headVectors, error) {
	t, err := textsOfBusiness(b, h.name)
	if err != nil {
		return t, nil, err
	}
	v, err := h.vectorsOf(ctx, b, t)
	return t, v, err
}

// sum adds up a business. Each text is seen as passage or question, as it is asked.
func (h headTraining) sum(t headTexts, list headVectors) (s local.HeadSums) {
	for i, v := range list {
		kind := local.Passage
		if i >= len(t.passages) {
			kind = local.Query
		}
		h.bare.Add(&s, kind, v)
	}
	return s
}

// joined adds businesses up, all but one.
func joined(sums []local.HeadSums, but int) *local.HeadSums {
	var out local.HeadSums
	for i := range sums {
		if i != but {
			out.Join(&sums[i])
		}
	}
	return &out
}

// compare says how near a head is to the one that is built in.
func (h headTraining) compare(trial *evals.HeadTrial, file []byte) error {
	shipped, err := local.BuiltInHead(h.name)
	if err != nil {
		return err
	}
	was, err := h.bare.Head(shipped)
	if err != nil {
		return err
	}
	is, err := h.bare.Head(file)
	if err != nil {
		return err
	}
	trial.Means, trial.Axes = is.Likeness(was)
	return nil
}

// try ranks a business's articles without a head, by the one that is built in and
// by one that has not seen it.
func (h headTraining) try(t headTexts, list headVectors, unseen []byte, asked func([]int32) []float64) ([]evals.HeadTried, error) {
	shipped, err := local.BuiltInHead(h.name)
	if err != nil {
		return nil, err
	}
	none := func(kind local.Kind, v local.Vectors) (local.Vectors, error) { return h.bare.Kept(kind, v), nil }
	var out []evals.HeadTried
	for _, q := range t.questions {
		if len(q.right) > 0 {
			out = append(out, evals.HeadTried{English: q.english, Right: q.right})
		}
	}
	for variant, file := range map[evals.HeadVariant][]byte{evals.NoHead: nil, evals.BuiltInHead: shipped, evals.UnseenHead: unseen} {
		apply := none
		if file != nil {
			head, err := h.bare.Head(file)
			if err != nil {
				return nil, err
			}
			apply = head.Apply
		}
		near, err := nearnesses(t, list, asked, apply)
		if err != nil {
			return nil, err
		}
		for i, n := range near {
			out[i].Near[variant] = n
		}
	}
	return out, nil
}

// nearnesses are those of the questions that are ranked, in their order.
func nearnesses(t headTexts, list headVectors, asked func([]int32) []float64, apply func(local.Kind, local.Vectors) (local.Vectors, error)) ([]retrieval.Nearness, error) {
	encoded := make([]retrieval.Encoded, len(list))
	dims := 0
	err := parallel(len(list), func(i int) error {
		kind := local.Passage
		if i >= len(t.passages) {
			kind = local.Query
		}
		v, err := apply(kind, list[i])
		if err != nil {
			return err
		}
		encoded[i] = retrieval.Encoded{Vec: v.Pooled, Tokens: v.TokenIDs, Rows: retrieval.AppendRow(nil, v.Tokens)}
		if i == 0 {
			dims = v.TokenDims
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	site := retrieval.EncodedSite{Articles: t.articles, TokenDims: dims}
	for i, a := range t.article {
		if a >= 0 {
			site.Chunks, site.Article = append(site.Chunks, encoded[i]), append(site.Article, a)
		}
	}
	var asks []retrieval.Encoded
	for i, q := range t.questions {
		if len(q.right) > 0 {
			asks = append(asks, encoded[len(t.passages)+i])
		}
	}
	out := make([]retrieval.Nearness, len(asks))
	err = parallel(len(asks), func(i int) error {
		out[i] = site.Near(asks[i], asked(asks[i].Tokens))
		return nil
	})
	return out, err
}

// askedWeights are what the tokens of questions weigh under a model.
func askedWeights(name string) (func([]int32) []float64, error) {
	r, err := retrieval.DefaultRanking()
	if err != nil {
		return nil, err
	}
	return func(tokens []int32) []float64 { return r.Asked.Weights(localFamily(name), tokens) }, nil
}

// englishOnly are the languages of the model that knows English alone.
func englishOnly() []string { return embed.EnglishOnly() }

// parallel does n things on all processors; what comes out does not depend on how
// many there are.
func parallel(n int, do func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, runtime.NumCPU())
	for w := range errs {
		wg.Go(func() {
			for errs[w] == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				errs[w] = do(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
