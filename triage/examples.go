package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/triage/model"
)

// MaxExamples is how many examples a site may have: their vectors are held in
// memory, 1.5 kB each under each model, 15 MB in all under two.
const MaxExamples = 5000

// Example is a message with the labels that its site gave it.
type Example struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Desk    Desk   `json:"desk"`
	Topic   string `json:"topic,omitempty"`
	Article string `json:"article,omitempty"` // that answers it
	Product string `json:"product,omitempty"`
}

// Examples are a site's, with their vectors by model.
type Examples struct {
	List   []Example
	Models map[string]Vectors // by model's name
}

// Vectors are those of examples under one model, one after another.
type Vectors struct {
	Dims int
	Data []float32 // len(List) × Dims; a row of zeros: none
}

func (v Vectors) row(i int) []float32 { return v.Data[i*v.Dims : (i+1)*v.Dims] }

// CheckExamples holds examples against a site's policy and against each other.
// The error is of kind fault.Invalid and names the example.
func CheckExamples(list []Example, p Policy) error {
	byID, byText := map[string]int{}, map[string]int{}
	if len(list) > MaxExamples {
		return badExample("%d examples; a site may have %d", len(list), MaxExamples)
	}
	for i, x := range list {
		if err := x.check(p); err != nil {
			return err
		}
		if j, seen := byID[x.ID]; seen {
			return badExample("examples %d and %d have the same id %q", j+1, i+1, x.ID)
		}
		byID[x.ID] = i
		key := strings.Join(words(x.Text), " ")
		if j, seen := byText[key]; seen && list[j].contradicts(x) {
			return badExample("examples %s and %s have the same words and contradict each other: %s, %s", list[j].ID, x.ID, list[j].labels(), x.labels())
		}
		byText[key] = i
	}
	return nil
}

func (x Example) check(p Policy) error {
	_, ok := ParseDesk(string(x.Desk))
	switch {
	case x.ID == "" || len(x.ID) > 200:
		return badExample("example %q has no id, or one of more than 200 bytes", x.ID)
	case !speaks(x.Text):
		return badExample("example %s has no words", x.ID)
	case len(x.Text) > longest:
		return badExample("example %s has more than %d bytes", x.ID, longest)
	case x.Desk != "" && !ok:
		return badExample("example %s: the desk %q is none of service, support, both, none", x.ID, x.Desk)
	case len(x.Topic) > maxLabel || len(x.Product) > maxLabel:
		return badExample("example %s: a label has more than %d bytes", x.ID, maxLabel)
	case x.Desk == "" && p.deskOf(x.Topic) == "" && x.Article == "":
		return badExample("example %s says neither desk nor article, and its topic %q is not in the site's table", x.ID, x.Topic)
	case len(p.Topics) > 0 && x.Topic != "" && p.deskOf(x.Topic) == "":
		return badExample("example %s: the topic %q is not in the site's table: %s", x.ID, x.Topic, p.names())
	}
	return nil
}

func (p Policy) names() string {
	var list []string
	for _, t := range p.Topics {
		list = append(list, t.Topic)
	}
	return strings.Join(list, ", ")
}

func (x Example) contradicts(o Example) bool {
	return x.Desk != o.Desk || x.Topic != o.Topic || x.Article != o.Article || x.Product != o.Product
}

func (x Example) labels() string {
	return strings.Trim(fmt.Sprintf("%s %s %s %s", x.Desk, x.Topic, x.Article, x.Product), " ")
}

func badExample(format string, args ...any) error {
	return fault.New(fault.Invalid, "bad_example", fmt.Sprintf(format, args...))
}

// near are the examples nearest to a question, at most n: their places, and how
// near they are in the mean of the models that took part.
func (x *Examples) near(vecs []retrieval.QuestionVector, n int) []nearExample {
	if x == nil || len(x.List) == 0 {
		return nil
	}
	sums, models := make([]float64, len(x.List)), 0.0
	for _, q := range vecs {
		v, ok := x.Models[q.Model]
		if !ok || v.Dims != len(q.Vec) || len(v.Data) != v.Dims*len(x.List) {
			continue
		}
		models++
		for i := range sums {
			sums[i] += float64(model.Dot(v.row(i), q.Vec))
		}
	}
	if models == 0 {
		return nil
	}
	var out []nearExample
	for i, s := range sums {
		if s == 0 || len(out) == n && s/models <= out[n-1].cosine {
			continue
		}
		at, _ := slices.BinarySearchFunc(out, s/models, func(a nearExample, c float64) int { return cmp.Compare(c, a.cosine) })
		out = slices.Insert(out, at, nearExample{i, s / models})
		out = out[:min(len(out), n)]
	}
	return out
}

type nearExample struct {
	at     int
	cosine float64
}

// all are the ballots of articles and of examples. An example that names an
// article speaks for it; what was shown last in the conversation has a little
// more than the rest, so that one odd word does not move it.
func (s *Site) all(around *retrieval.Around, shown []string) []ballot {
	list := s.ballots(around)
	at := map[string]int{}
	for i := range list {
		at[list[i].article] = i
	}
	near := s.Examples.near(around.Vectors, voters)
	if len(near) > 0 {
		scale := scaleOf(around)
		for _, n := range near {
			x := &s.Examples.List[n.at]
			score, named := scale.score(n.cosine), s.published(x.Article)
			if i, ok := at[named]; ok && named != "" {
				if score > list[i].score {
					list[i].score, list[i].example = score, x.ID
				}
				continue
			}
			list = append(list, ballot{article: named, example: x.ID, score: score, named: s.example(x)})
			if named != "" {
				at[named] = len(list) - 1
			}
		}
	}
	for i, id := range shown[:min(len(shown), 1)] {
		if j, ok := at[id]; ok {
			list[j].score += stays / float64(i+1)
		}
	}
	return list
}

// published is an article that an example names, where there is one of that name
// now: one that was taken down, or never was, is nobody's answer.
func (s *Site) published(article string) string {
	if _, ok := s.Owner[article]; !ok && s.Owner != nil {
		return ""
	}
	return article
}

// stays is what an article gains from having been shown last, in nats.
const stays = 0.7

func (s *Site) example(x *Example) named {
	out := named{topic: x.Topic, topicP: 1, product: x.Product, from: FromExample}
	desk := x.Desk
	if desk == "" {
		desk = s.policy().deskOf(x.Topic)
	}
	if desk == "" {
		out.desks, out.from = desksAtLarge(), FromNowhere
		return out
	}
	out.desks.add(desk, 1)
	return out
}

// scale turns a cosine into a score as the ranking of articles has them.
type scale struct{ slope, at, top float64 }

const (
	// steep is how many nats a cosine of 1 is worth where too little was found
	// to tell: as the votes of nearest entries were measured best with.
	steep = 30
	// enough is how many articles it takes to tell.
	enough = 5
)

// scaleOf fits scores of what was found to cosines by least squares.
func scaleOf(around *retrieval.Around) scale {
	var n, mx, my, sxx, sxy, top, best float64
	for i := range around.Articles {
		a := &around.Articles[i]
		x := nearestCosine(a)
		if x == 0 {
			continue
		}
		n++
		dx := x - mx
		mx += dx / n
		my += (a.Score - my) / n
		sxx += dx * (x - mx)
		sxy += dx * (a.Score - my)
		if n == 1 || x > best {
			best, top = x, a.Score
		}
	}
	if n < enough || sxx == 0 {
		return scale{steep, best, top}
	}
	return scale{min(max(sxy/sxx, steep/2), 2*steep), mx, my}
}

func (s scale) score(cosine float64) float64 { return s.top + s.slope*(cosine-s.at) }
