package triage

import (
	"cmp"
	"math"
	"slices"

	"frontdesk/retrieval"
)

// ballot is one article, or one of the site's examples without an article,
// with what speaks for it and what it votes.
type ballot struct {
	article string
	example string
	title   string
	asked   string // of the entry that stood nearest
	score   float64
	weight  float64 // its part of the votes
	named   named
}

// tally is what the votes come to.
type tally struct {
	desks    Desks
	labelled float64          // part of the votes that somebody labelled
	topics   []share          // best first
	deskOf   map[string]Desks // of a topic: what its articles vote
	products []share
	ballots  []ballot // heaviest first
	article  share    // nearest
}

// share is a part of the votes.
type share struct {
	name string
	p    float64
}

// voters is how many take part at most. Those far away weigh next to nothing.
const voters = 15

// count lets ballots vote: each with the share that its score, a log-odds,
// gives it among all.
func count(list []ballot) tally {
	slices.SortStableFunc(list, func(a, b ballot) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.article, b.article), cmp.Compare(a.example, b.example))
	})
	list = list[:min(len(list), voters)]
	for i := range list {
		list[i].weight = math.Exp(list[i].score - list[0].score)
	}
	return weighed(list)
}

// weighed adds up ballots whose weights are known, heaviest first.
func weighed(list []ballot) tally {
	t := tally{deskOf: map[string]Desks{}}
	sum := 0.0
	for i := range list {
		sum += list[i].weight
	}
	topics, products, articles := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for i := range list {
		b := &list[i]
		b.weight /= sum
		t.desks = t.desks.plus(b.named.desks.times(b.weight))
		if b.named.from != FromNowhere {
			t.labelled += b.weight
		}
		if b.named.topic != "" {
			topics[b.named.topic] += b.weight * b.named.topicP
			t.deskOf[b.named.topic] = t.deskOf[b.named.topic].plus(b.named.desks.times(b.weight))
		}
		products[b.named.product] += b.weight
		if b.article != "" {
			articles[b.article] += b.weight
		}
	}
	t.ballots, t.topics, t.products = list, ranking(topics), ranking(products)
	if best := ranking(articles); len(best) > 0 {
		t.article = best[0]
	}
	return t
}

// ranking is parts of the votes, best first, in an order that does not hang on
// the map's.
func ranking(m map[string]float64) []share {
	out := make([]share, 0, len(m))
	for name, p := range m {
		out = append(out, share{name, p})
	}
	slices.SortFunc(out, func(a, b share) int { return cmp.Or(cmp.Compare(b.p, a.p), cmp.Compare(a.name, b.name)) })
	return out
}

// ballots makes a ballot of each article around a message.
func (s *Site) ballots(around *retrieval.Around) []ballot {
	out := make([]ballot, 0, len(around.Articles)+voters)
	for i := range around.Articles {
		n := &around.Articles[i]
		out = append(out, ballot{article: n.ID, title: n.Title, asked: nearestAsked(n), score: n.Score, named: s.label(n)})
	}
	return out
}

// nearestAsked is the way customers ask that brought an article, where one
// stood nearer than all its sections.
func nearestAsked(n *retrieval.Neighbour) string {
	best, asked := math.Inf(-1), ""
	for i := range n.Entries {
		if e := &n.Entries[i]; e.Cosine+e.Cosine2+e.Words > best {
			best, asked = e.Cosine+e.Cosine2+e.Words, e.Asked
		}
	}
	return asked
}

// nearestCosine is how near an article's nearest entry is, in the mean of the
// models that took part.
func nearestCosine(n *retrieval.Neighbour) float64 {
	best := 0.0
	for i := range n.Entries {
		e := &n.Entries[i]
		c := e.Cosine
		if e.Cosine2 != 0 {
			c = (e.Cosine + e.Cosine2) / 2
		}
		best = max(best, c)
	}
	return best
}

// vote counts what stands near: the entries of the site's list, where it has
// one, else articles and examples.
func (e *Engine) vote(c *circumstances, shown []string) {
	if e.learned != nil && c.vec != nil && speaks(c.reading.Text) {
		if c.list = c.site.readList(c.around.Vectors); c.list != nil {
			c.votes = c.list.vote(c.site, &c.around)
			return
		}
	}
	c.votes = count(c.site.all(&c.around, shown))
}

const (
	// topicFloor keeps a topic with hardly a vote from ruling itself out.
	topicFloor = 0.01
	// topicDesk is how much the desk, known better than the topic, weighs in it.
	topicDesk = 0.7
)

// topic is the most probable topic: by the votes, and by how probable the desk
// is whose topic it is.
func (c *circumstances) topic(desks Desks) (string, float64) {
	var best string
	var top, sum float64
	for _, t := range c.votes.topics {
		w := (t.p + topicFloor) * math.Pow(c.votes.deskOf[t.name].within(desks)+0.02, topicDesk)
		sum += w
		if w > top {
			best, top = t.name, w
		}
	}
	if sum == 0 {
		return "", 0
	}
	return best, top / sum
}

// within is how probable the desks are that d spreads over.
func (d Desks) within(p Desks) float64 {
	n := d.normal()
	return n.Service*p.Service + n.Support*p.Support + n.Both*p.Both + n.None*p.None
}
