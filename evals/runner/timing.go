package runner

import (
	"time"

	"frontdesk/evals/cases"
)

// Took is what a reply took: how long a customer waits for it, and what it costs.
type Took struct {
	Time time.Duration
	Cost Cost
}

// Cost is what a turn, or many, asks of the parts that are paid for or that fill a
// machine. There is no price in it: encoders that run here cost none.
type Cost struct {
	Embeddings int `json:"embeddings,omitempty"`       // texts that encoders are asked for, once by each
	Characters int `json:"characters,omitempty"`       // of these texts
	Models     int `json:"model_calls,omitempty"`      // of a reranker, where one is set
	Read       int `json:"model_characters,omitempty"` // that it is given
	Searches   int `json:"searches,omitempty"`
	Queries    int `json:"queries,omitempty"` // trips to the database: a message, a search, an end, a case
}

// Plus adds up.
func (c Cost) Plus(o Cost) Cost {
	return Cost{
		Embeddings: c.Embeddings + o.Embeddings, Characters: c.Characters + o.Characters, Models: c.Models + o.Models, Read: c.Read + o.Read,
		Searches: c.Searches + o.Searches, Queries: c.Queries + o.Queries,
	}
}

// Timing is how long a case's replies took, in milliseconds, what they cost, and
// whether that was as fast as the case says. It is told, and never judged.
type Timing struct {
	Case    string    `json:"case"`
	Suite   string    `json:"suite,omitempty"`
	Millis  []float64 `json:"millis"`
	Costs   []Cost    `json:"cost,omitempty"` // by turn
	Classes []Speed   `json:"latency,omitempty"`
}

// Speed is a turn of which a case says how fast its reply is to come.
type Speed struct {
	Turn   int    `json:"turn"` // from 1
	Class  string `json:"class"`
	Within bool   `json:"within"` // false where the turn was not reached, too
}

func timing(c cases.Case, took []Took) Timing {
	t := Timing{Case: c.ID, Suite: c.Suite, Millis: make([]float64, 0, len(took))}
	for _, x := range took {
		t.Millis, t.Costs = append(t.Millis, float64(x.Time.Microseconds())/1000), append(t.Costs, x.Cost)
	}
	for i, turn := range c.Turns {
		if class := turn.Expect.Latency; class != "" {
			t.Classes = append(t.Classes, Speed{i + 1, class, i < len(took) && took[i].Time <= cases.Within(class)})
		}
	}
	return t
}
