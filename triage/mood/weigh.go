package mood

import (
	"fmt"
	"slices"

	"frontdesk/triage/text"
)

// hit is a phrase that was found.
type hit struct {
	tone     tone
	from, to int // words
}

// mostWhy is how many reasons are given: a long text need not be told word by
// word.
const mostWhy = 12

// weigh adds the weights of the phrases of the text's language up.
func (r *Reader) weigh(s string, t text.Text, ws []text.Word, m marks, f *Feeling) (sum, press float64) {
	hits, code := r.hits(ws)
	first := sentencesOf(t, ws)
	kept := settle(hits)
	for _, h := range kept {
		w := h.tone.weight()
		if w == 0 {
			continue
		}
		why := ""
		if r.within(hits, not, h, code, first) {
			switch {
			case h.tone == great || h.tone == good:
				w, why = -.75*w, ", negated"
			case h.tone == fault:
				w, why = 0, ", negated"
			case h.tone != mild:
				w, why = -.25*w, ", negated"
			}
		}
		if r.near(hits, very, h, 2, 0, first) {
			w *= 1.25
		}
		if w != 0 {
			sum += w
			f.Why = append(f.Why, fmt.Sprintf("%q is %s%s", s[ws[h.from].From:ws[h.to-1].To], h.tone, why))
		}
	}
	for _, h := range hits {
		worth := r.hurry(hits, h, m, sum, first)
		if worth == 0 || covered(hits, h) || r.near(hits, not, h, 1, 0, first) {
			continue
		}
		if worth > press {
			press = worth
		} else if h.tone == wait {
			press += .05
		}
		f.Why = append(f.Why, fmt.Sprintf("%q: %s", s[ws[h.from].From:ws[h.to-1].To], h.tone))
	}
	if len(f.Why) > mostWhy {
		f.Why = f.Why[:mostWhy]
	}
	return sum, min(press, .9)
}

// hurry is how much a phrase makes a matter press. "Today" alone says when,
// and only with need, anger or capitals that it must be.
func (r *Reader) hurry(hits []hit, h hit, m marks, sum float64, first []int) float64 {
	switch h.tone {
	case urgent:
		return .68
	case soon, wait:
		return .3
	case today:
		if m.shouted || sum < -1.5 && m.bangs > 0 || r.near(hits, need, h, 6, 4, first) {
			return .62
		}
		return .15
	default:
		return 0
	}
}

// hits are the phrases of the language that has the most words in the text.
func (r *Reader) hits(ws []text.Word) ([]hit, string) {
	if len(ws) == 0 {
		return nil, ""
	}
	found := r.phrases.In(ws)
	votes := make([]int, len(r.codes))
	for _, x := range found {
		votes[x.ID/int(tones)] += x.To - x.From
	}
	best := 0
	for i, n := range votes {
		if n > votes[best] {
			best = i
		}
	}
	if en := slices.Index(r.codes, "en"); en >= 0 && votes[en] == votes[best] {
		best = en
	}
	var out []hit
	for _, x := range found {
		if x.ID/int(tones) == best {
			out = append(out, hit{tone(x.ID % int(tones)), x.From, x.To})
		}
	}
	return out, r.codes[best]
}

// settle keeps the longest of the phrases that overlap, and none that a plain
// one covers.
func settle(hits []hit) []hit {
	var list []hit
	for _, h := range hits {
		if h.tone.weight() != 0 && !covered(hits, h) {
			list = append(list, h)
		}
	}
	slices.SortStableFunc(list, func(a, b hit) int {
		if d := (b.to - b.from) - (a.to - a.from); d != 0 {
			return d
		}
		return a.from - b.from
	})
	var out []hit
	taken := map[int]bool{}
	for _, h := range list {
		free := true
		for i := h.from; i < h.to; i++ {
			free = free && !taken[i]
		}
		if !free {
			continue
		}
		for i := h.from; i < h.to; i++ {
			taken[i] = true
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b hit) int { return a.from - b.from })
	return out
}

// covered says whether a plain phrase has a word of h in it that is not longer
// itself.
func covered(hits []hit, h hit) bool {
	return slices.ContainsFunc(hits, func(p hit) bool {
		return p.tone == plain && p.from < h.to && h.from < p.to && p.to-p.from >= h.to-h.from
	})
}

// within says whether a phrase is negated: by a word before it or, in languages
// that put it there, after it.
func (r *Reader) within(hits []hit, what tone, h hit, code string, first []int) bool {
	switch code {
	case "tr":
		return r.near(hits, what, h, 0, 2, first)
	case "ja":
		return r.near(hits, what, h, 0, 5, first)
	case "de", "nl":
		return r.near(hits, what, h, 3, 1, first)
	default:
		return r.near(hits, what, h, 3, 0, first)
	}
}

// near says whether a word of a tone stands at most so many words before or
// after a phrase, in the same sentence.
func (r *Reader) near(hits []hit, what tone, h hit, before, after int, first []int) bool {
	return slices.ContainsFunc(hits, func(x hit) bool {
		if x.tone != what || x.from >= h.from && x.to <= h.to || covered(hits, x) {
			return false
		}
		if first[x.from] != first[h.from] {
			return false
		}
		return x.to <= h.from && h.from-x.to < before || x.from >= h.to && x.from-h.to < after
	})
}

// sentencesOf numbers the sentence that each word stands in.
func sentencesOf(t text.Text, ws []text.Word) []int {
	out := make([]int, len(ws))
	n := 0
	for i, w := range ws {
		for n < len(t.Sentences)-1 && w.From >= t.Sentences[n].To {
			n++
		}
		out[i] = n
	}
	return out
}
