package triage

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"frontdesk/triage/model"
)

// learned is the recipe that was fitted to the corpus: what votes say, and what
// the general channel says of how such messages are written, weighed by one
// regression for the desk and one for the scope.
type learned struct {
	model *model.Learned
	plain plainVotes // where there is no vector that the channel knows
}

func (l learned) weigh(c *circumstances) verdict {
	switch {
	case c.vec == nil || len(c.around.Articles) == 0,
		c.reading.Small != NoSmall, !speaks(c.reading.Text), c.reading.Wish.Outright && len(words(c.reading.Text)) <= longestBareWish:
		return l.plain.weigh(c)
	}
	f := c.features
	desk, scope := l.model.Desk, l.model.Scope
	if f["faq"] > 0 {
		desk, scope = l.model.Lists, l.model.ListsIn
	}
	p := desk.P(values(desk, f))
	v := verdict{inScope: scope.P(values(scope, f))[1]}
	for i, name := range desk.Classes {
		v.desks.add(Desk(name), p[i])
	}
	if c.reading.Message.Explain {
		v.moves = append(moves("desk", desk, f), moves("in scope", scope, f)...)
	}
	return v
}

// values are a model's features in its order.
func values(m model.Softmax, f map[string]float64) []float64 {
	out := make([]float64, len(m.Features))
	for i, name := range m.Features {
		out[i] = f[name]
	}
	return out
}

// shownMoves is how many features an explanation names of each regression.
const shownMoves = 5

// moves says which features moved a regression's most probable class most.
func moves(what string, m model.Softmax, f map[string]float64) []string {
	x := values(m, f)
	p := m.P(x)
	best := 0
	for i := range p {
		if p[i] > p[best] {
			best = i
		}
	}
	type move struct {
		name string
		by   float64
	}
	var list []move
	for j, name := range m.Features {
		mean := 0.0 // of the classes: what moves all alike moves none
		for c := range m.Weights {
			mean += m.Weights[c][j] / float64(len(m.Weights))
		}
		list = append(list, move{name, (m.Weights[best][j] - mean) * x[j]})
	}
	slices.SortStableFunc(list, func(a, b move) int { return cmpAbs(b.by, a.by) })
	out := []string{fmt.Sprintf("%s: %s %.2f", what, m.Classes[best], p[best])}
	for _, mv := range list[:min(len(list), shownMoves)] {
		if math.Abs(mv.by) >= 0.05 {
			out = append(out, fmt.Sprintf("   %+.2f from %s (%s = %.2f)", mv.by, featureWords(mv.name), mv.name, f[mv.name]))
		}
	}
	return out
}

func cmpAbs(a, b float64) int {
	switch a, b = math.Abs(a), math.Abs(b); {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// featureWords says what a feature is, for people.
func featureWords(name string) string {
	switch name {
	case "sv", "q_sv":
		return "the votes, service against support"
	case "vb":
		return "the votes for both"
	case "vn":
		return "the votes for none"
	case "lw":
		return "its length"
	case "e5", "mi", "ms", "msx":
		return "how near the nearest entry is"
	case "gap", "pt":
		return "how far the nearest article is ahead"
	case "asked":
		return "how rare its terms are"
	}
	if len(name) > 2 {
		of := map[string]string{"sv": "service against support", "none": "none", "both": "a sale", "account": "an account's matter", "uncovered": "what businesses do not cover", "complaint": "a complaint"}[name[2:]]
		switch name[:2] {
		case "k_":
			return "messages like it: " + of
		case "w_":
			return "its words: " + of
		case "e_":
			return "its meaning: " + of
		case "u_":
			return "how the site's own examples tell it from strangers"
		}
	}
	return "this"
}

// gather computes the features of a message: of the votes, of what was found,
// and of the general channel.
func (l learned) gather(c *circumstances) map[string]float64 {
	f := l.model.Channel.Features(c.reading.Query, c.vec)
	v := c.votes.desks.normal()
	const eps = 0.02
	f["sv"] = math.Log((v.Service + eps) / (v.Support + eps))
	f["vb"] = math.Log((v.Both + eps) / (1 - v.Both + eps))
	f["vn"] = math.Log((v.None + eps) / (1 - v.None + eps))
	if c.evidence.Lang == "en" && len(c.around.Vectors) > 1 {
		f["en"] = 1
	}
	near := 0.0
	for i := range c.around.Articles {
		for _, e := range c.around.Articles[i].Entries {
			f["e5"] = max(f["e5"], e.Cosine)
			f["mi"] = max(f["mi"], e.Cosine2*f["en"])
			near = max(near, e.MaxSim)
		}
	}
	f["ms"], f["msx"] = near*f["en"], near*(1-f["en"])
	f["asked"] = math.Log1p(c.around.Rarity)
	top, second, sum := math.Inf(-1), math.Inf(-1), 0.0
	for i := range c.around.Articles {
		switch s := c.around.Articles[i].Score; {
		case s > top:
			top, second = s, top
		case s > second:
			second = s
		}
	}
	for i := range c.around.Articles {
		sum += math.Exp(c.around.Articles[i].Score - top)
	}
	if len(c.around.Articles) > 1 {
		f["gap"] = top - second
	}
	if sum > 0 {
		p := 1 / sum
		f["pt"] = math.Log(p / (1 - p + 1e-6))
	}
	maps.Copy(f, c.list.features())
	if c.list != nil {
		for _, name := range []string{"sv", "k_sv", "w_sv"} {
			f["q_"+name] = f[name]
		}
	}
	return f
}

// gather computes what the learned recipe goes by, where there is one.
func (e *Engine) gather(c *circumstances) {
	if e.learned != nil && c.vec != nil && speaks(c.reading.Text) {
		c.features = e.learned.gather(c)
	}
}

// account is the learned probability that the customer's own data would have to
// be looked up. It knows how the corpus asks for that; the reader of texts knows
// what such phrases are in other mouths. Where either is sure, a general article
// alone is no answer, and a person offered in vain costs little: the higher counts.
func (e *Engine) account(c *circumstances) (p float64, ok bool) {
	if c.features == nil {
		return 0, false
	}
	m := e.learned.model.Account
	return m.P(values(m, c.features))[1], true
}
