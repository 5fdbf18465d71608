package triage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"frontdesk/retrieval"
	"frontdesk/triage/model"
)

// Question is a way customers ask for an article, as it is published, or an
// example of the site's own that names one.
type Question struct {
	Article string
	Text    string
}

// EmbedFunc embeds messages as customers' are, by every model that takes part;
// each model's vectors in the order of the texts.
type EmbedFunc func(ctx context.Context, texts []string) ([]Embedded, error)

// Embedded are texts under one model.
type Embedded struct {
	Model retrieval.Model
	Vecs  [][]float32
}

const (
	// perEntry is how many example questions the articles of a list have in the
	// mean, at least. Below it an article's own words tell more than its
	// examples: the articles of the corpus have two or three.
	perEntry = 3
	// covered is the part of the articles that have two of them, at least.
	covered = 0.5
)

// isList says whether a site's entries have example questions enough.
func isList(articles []Article, questions []Question) bool {
	counts := map[string]int{}
	for _, q := range questions {
		counts[q.Article]++
	}
	pairs, public := 0, 0
	for _, a := range articles {
		if a.AgentsOnly || a.Superseded != "" {
			continue
		}
		public++
		if counts[a.ID] >= 2 {
			pairs++
		}
	}
	return pairs >= 3 && public <= model.MostEntries && float64(pairs) >= covered*float64(public) && len(questions) >= perEntry*public
}

// listKey tells one set of questions from another.
func listKey(questions []Question) []byte {
	h := sha256.New()
	fmt.Fprintln(h, "list 1")
	for _, q := range questions {
		fmt.Fprintf(h, "%q %q\n", q.Article, q.Text)
	}
	return h.Sum(nil)
}

// fitList embeds a site's questions and learns from them.
func fitList(ctx context.Context, embed EmbedFunc, learned *model.Learned, questions []Question) (*model.List, error) {
	var entries []string
	place := map[string]int{}
	class := make([]int, len(questions))
	for i, q := range questions {
		at, seen := place[q.Article]
		if !seen {
			at = len(entries)
			place[q.Article] = at
			entries = append(entries, q.Article)
		}
		class[i] = at
	}
	some := model.Some(class, len(entries))
	texts, kept := make([]string, len(some)), make([]int, len(some))
	for i, at := range some {
		texts[i], kept[i] = questions[at].Text, class[at]
	}
	spaces, err := embed(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("embed a list's questions: %w", err)
	}
	if len(spaces) == 0 {
		return nil, errors.New("embed a list's questions: no model")
	}
	var names []string
	var dims []int
	rows := make([][]float32, len(texts))
	for _, s := range spaces {
		names, dims = append(names, s.Model.Name), append(dims, s.Model.Dims)
		for i := range rows {
			rows[i] = append(rows[i], s.Vecs[i]...)
		}
	}
	if len(spaces) == 1 {
		for _, r := range rows {
			lift(r)
		}
	}
	list, err := model.FitList(names, dims, entries, kept, rows)
	if err != nil {
		return nil, err
	}
	list.Asked = askedDesks(learned, spaces, texts, kept, len(entries))
	return list, nil
}

const (
	// askedFloor keeps one odd question from ruling a desk out.
	askedFloor = 0.001
	// askedNats is how much the mean of an entry's questions counts.
	askedNats = 1.5
)

// askedDesks is how probable each desk is for each entry, by how its questions
// are put; nil without vectors of the model that the general channel knows.
func askedDesks(learned *model.Learned, spaces []Embedded, texts []string, class []int, entries int) [][]float64 {
	at := slices.IndexFunc(spaces, func(s Embedded) bool {
		family, _, _ := strings.Cut(s.Model.Name, "/")
		return family == LocalModel
	})
	if at < 0 || len(learned.General.Classes) == 0 {
		return nil
	}
	out, counts := make([][]float64, entries), make([]float64, entries)
	for i := range out {
		out[i] = make([]float64, len(learned.General.Classes))
	}
	for i, text := range texts {
		p := learned.General.P(values(learned.General, learned.Channel.Features(text, spaces[at].Vecs[i])))
		counts[class[i]]++
		for c := range p {
			out[class[i]][c] += math.Log(p[c] + askedFloor)
		}
	}
	for e, row := range out {
		sum := 0.0
		for c := range row {
			row[c] = math.Exp(askedNats * row[c] / max(counts[e], 1))
			sum += row[c]
		}
		for c := range row {
			row[c] /= sum
		}
	}
	return out
}

// suggest proposes the desks of a list's entries that have no label, by how
// their questions are put: they say more than an answer of two lines.
func (s *Site) suggest(learned *model.Learned) {
	for e, p := range s.List.Asked {
		id := s.List.Entries[e]
		a, published := s.Owner[id]
		if !published || s.kept[id] {
			continue
		}
		said := *s
		said.Suggested = nil
		if said.label(neighbourOf(a)).from != FromNowhere {
			continue
		}
		l := s.Suggested[id]
		l.Article, l.DeskP = id, Desks{}
		for c, name := range learned.General.Classes {
			l.DeskP.add(Desk(name), p[c])
		}
		l.DeskP = l.DeskP.rounded()
		l.Desk, _ = l.DeskP.Best()
		l.Why = fmt.Sprintf("its questions are put as those for %s are", l.Desk)
		s.Suggested[id] = l
	}
}

// lift gives the vector of a single model the weight that two have together:
// what the scope was fitted with.
func lift(x []float32) {
	for i := range x {
		x[i] *= math.Sqrt2
	}
}

// titled adds to the questions each entry's title, as one more way to ask for
// it: where there are few examples nothing helps more.
func titled(articles []Article, questions []Question) []Question {
	asked := map[string]bool{}
	for _, q := range questions {
		asked[q.Article] = true
	}
	out := slices.Clone(questions)
	for _, a := range articles {
		if asked[a.ID] && a.Title != "" {
			out = append(out, Question{Article: a.ID, Text: spelled(a.Title)})
		}
	}
	return out
}

// spelled is a title in words, where it is a code such as ORDER_STATUS.
func spelled(title string) string {
	if strings.ContainsAny(title, " \t") || !strings.ContainsAny(title, "_-") && title != strings.ToUpper(title) {
		return title
	}
	return strings.ToLower(strings.NewReplacer("_", " ", "-", " ").Replace(title))
}

// listReading is what a site's list says of a message; nil where the site has
// none, or the message's vectors are not those of the list.
type listReading struct {
	told model.Told
	none bool // an entry of the site is for no desk
}

// readList asks the site's list, where there is one for these vectors.
func (s *Site) readList(vecs []retrieval.QuestionVector) *listReading {
	if s.List == nil {
		return nil
	}
	var x []float32
	for _, name := range s.List.Models {
		i := slices.IndexFunc(vecs, func(v retrieval.QuestionVector) bool { return v.Model == name })
		if i < 0 {
			return nil
		}
		x = append(x, vecs[i].Vec...)
	}
	if len(s.List.Models) == 1 {
		lift(x)
	}
	told, ok := s.List.Tell(x)
	if !ok {
		return nil
	}
	return &listReading{told: told}
}

// features are what the list says, by name.
func (l *listReading) features() map[string]float64 {
	if l == nil {
		return nil
	}
	f := map[string]float64{"faq": 1, "u_es": l.told.U[0], "u_lse": l.told.U[1], "u_lp": l.told.U[2]}
	if l.none {
		f["hasn"] = 1
	}
	return f
}

// vote makes ballots of a list's entries: each with its probability.
func (l *listReading) vote(s *Site, around *retrieval.Around) tally {
	named := map[string]named{}
	title := map[string]string{}
	for i := range around.Articles {
		n := &around.Articles[i]
		named[n.ID], title[n.ID] = s.label(n), n.Title
	}
	of := func(id string) ballot {
		b := ballot{article: id, title: title[id]}
		n, ok := named[id]
		if !ok {
			n = s.label(&retrieval.Neighbour{ID: id, Desk: s.Owner[id].Desk, Topic: s.Owner[id].Topic, Product: s.Owner[id].Product})
			b.title = s.Owner[id].Title
		}
		b.named = n
		return b
	}
	var list []ballot
	for _, e := range l.told.Entries[:min(len(l.told.Entries), voters)] {
		b := of(e.ID)
		b.weight = e.P
		list = append(list, b)
	}
	for _, o := range s.Owner {
		l.none = l.none || o.Desk == string(None)
	}
	return weighed(list)
}
