package evals

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"frontdesk/retrieval"
)

// Places are, of each question of a trial, the place of its first right article,
// from 1.
type Places []int

// PlaceOf is the place of the best of the right articles by a score; articles that
// score as high stand before it. 0: none of them has a score.
func PlaceOf(scores []float64, right []int) int {
	best := math.Inf(-1)
	for _, a := range right {
		best = max(best, scores[a])
	}
	if math.IsInf(best, -1) {
		return 0
	}
	isRight := map[int]bool{}
	for _, a := range right {
		isRight[a] = true
	}
	place := 1
	for a, s := range scores {
		if s >= best && !isRight[a] {
			place++
		}
	}
	return place
}

// Within is the part of the questions whose place is at most k.
func (p Places) Within(k int) float64 {
	n := 0.0
	for _, place := range p {
		n += yes(place > 0 && place <= k)
	}
	return n / float64(max(1, len(p)))
}

// Gain is how much more questions have a place of at most k here than there, with
// its interval; the questions are the same.
func (p Places) Gain(other Places, k int) Interval {
	if len(p) == 0 {
		return Interval{}
	}
	diff := make([]float64, len(p))
	for i := range p {
		diff[i] = yes(p[i] > 0 && p[i] <= k) - yes(other[i] > 0 && other[i] <= k)
	}
	return Mean(diff)
}

// SumOfZ adds scores up, each in standard deviations above its mean over the
// articles that have one, so that none counts for more by its height alone. What
// has no score is as low as the lowest.
func SumOfZ(scores ...[]float64) []float64 {
	out := make([]float64, len(scores[0]))
	for _, list := range scores {
		var n, mean, spread float64
		least := math.Inf(1)
		for _, s := range list {
			if !math.IsInf(s, -1) {
				n, mean, least = n+1, mean+s, min(least, s)
			}
		}
		if n == 0 {
			continue
		}
		mean /= n
		for _, s := range list {
			if !math.IsInf(s, -1) {
				spread += (s - mean) * (s - mean) / n
			}
		}
		if spread == 0 {
			continue
		}
		for i, s := range list {
			out[i] += (max(s, least) - mean) / math.Sqrt(spread)
		}
	}
	return out
}

// HeadVariant is one of the heads that a trial compares.
type HeadVariant int

// What a trial compares: vectors as the model gives them, less what the built-in
// head takes off, and less what one takes off that was learned from others.
const (
	NoHead HeadVariant = iota
	BuiltInHead
	UnseenHead
	headVariants
)

// HeadTried is a question under one model, with every head.
type HeadTried struct {
	English bool
	Right   []int // articles
	Near    [headVariants]retrieval.Nearness
}

// HeadTrial is what heads of one model were learned from and are worth. The
// questions are those of the corpus in its order; of a model that knows English
// alone, the English ones.
type HeadTrial struct {
	Model               string
	English             bool // the model knows English alone
	Passages, Questions int
	Means, Axes         float64 // how near the learned head is to the built-in one
	Tried               []HeadTried
}

// headView is a way to rank by what was tried.
type headView struct {
	name   string
	places [headVariants]Places
}

// views ranks the questions by each model's vectors and tokens, and by both as a
// search does: English ones by both models' vectors and the English one's tokens,
// others by the multilingual model.
func headViews(trials []HeadTrial) []headView {
	var out []headView
	add := func(name string, list []HeadTried, score func(i int, v HeadVariant) []float64) {
		view := headView{name: name}
		for v := range headVariants {
			for i, q := range list {
				view.places[v] = append(view.places[v], PlaceOf(score(i, v), q.Right))
			}
		}
		if len(list) > 0 {
			out = append(out, view)
		}
	}
	var many, english *HeadTrial
	for i := range trials {
		t := &trials[i]
		add(t.Model+", vectors", t.Tried, func(i int, v HeadVariant) []float64 { return t.Tried[i].Near[v].Vector })
		add(t.Model+", tokens", t.Tried, func(i int, v HeadVariant) []float64 { return t.Tried[i].Near[v].Article })
		if t.English {
			english = t
		} else {
			many = t
		}
	}
	if many == nil {
		return out
	}
	var ours, others []HeadTried
	for _, q := range many.Tried {
		if q.English {
			ours = append(ours, q)
		} else {
			others = append(others, q)
		}
	}
	add("other languages, vectors and tokens", others, func(i int, v HeadVariant) []float64 {
		n := others[i].Near[v]
		return SumOfZ(n.Vector, n.Chunk, n.Article)
	})
	if english != nil && len(english.Tried) == len(ours) {
		add("English, both models", english.Tried, func(i int, v HeadVariant) []float64 {
			n := english.Tried[i].Near[v]
			return SumOfZ(ours[i].Near[v].Vector, n.Vector, n.Chunk, n.Article)
		})
	}
	return out
}

// PrintHeads shows to a person what heads are worth.
func PrintHeads(w io.Writer, trials []HeadTrial) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, t := range trials {
		fmt.Fprintf(tw, "%s: learned from %d passages and %d questions; its means have a cosine of at least %.4f with those built in, and %.4f of its axes lies in the space of theirs\n",
			t.Model, t.Passages, t.Questions, t.Means, t.Axes)
	}
	fmt.Fprintln(tw, "businesses left out in turn\tn\twithout: R@1\tR@3\tR@5\tbuilt in: R@1\tR@3\tR@5\tlearned: R@1\tR@3\tR@5")
	views := headViews(trials)
	for _, view := range views {
		fmt.Fprintf(tw, "%s\t%d", view.name, len(view.places[NoHead]))
		for v := range headVariants {
			for _, k := range []int{1, 3, 5} {
				fmt.Fprintf(tw, "\t%.3f", view.places[v].Within(k))
			}
		}
		fmt.Fprintln(tw)
	}
	fmt.Fprintln(tw, "learned, gain over\t\twithout: R@1\tR@3\tR@5\tbuilt in: R@1\tR@3\tR@5")
	for _, view := range views {
		fmt.Fprintf(tw, "%s\t", view.name)
		for _, other := range []HeadVariant{NoHead, BuiltInHead} {
			for _, k := range []int{1, 3, 5} {
				g := view.places[UnseenHead].Gain(view.places[other], k)
				fmt.Fprintf(tw, "\t%+.3f [%+.3f %+.3f]", g.Value, g.Low, g.High)
			}
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}
