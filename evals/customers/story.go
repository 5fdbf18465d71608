package customers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/stats"
)

// Talk is a conversation under way.
type Talk interface {
	// Do says or presses something, and gives the reply.
	Do(ctx context.Context, t cases.Turn) (grade.Reply, error)
}

// Story is one conversation of a script.
type Story struct {
	Script   string        `json:"script"`
	Seed     uint64        `json:"seed"`
	Ending   string        `json:"ending"`
	Turns    int           `json:"turns"`
	Loops    int           `json:"loops,omitempty"`
	Repeated int           `json:"repeated_questions,omitempty"`
	Lacks    []string      `json:"lacks,omitempty"` // facts that whoever got it does not know
	Pass     bool          `json:"pass"`
	Why      string        `json:"why,omitempty"` // it does not
	Did      []cases.Turn  `json:"did"`
	Replies  []grade.Reply `json:"replies"`
}

// Play plays a script.
func Play(ctx context.Context, s Script, seed uint64, t Talk) (Story, error) {
	c := newCustomer(s, seed)
	out := Story{Script: s.ID, Seed: seed}
	turn, ok := c.first(), true
	for ok && out.Turns < mostTurns {
		r, err := t.Do(ctx, turn)
		if err != nil {
			return out, fmt.Errorf("customer %s (%s:%d), turn %d: %w", s.ID, s.File, s.Line, out.Turns+1, err)
		}
		out.Turns++
		out.Did, out.Replies = append(out.Did, turn), append(out.Replies, r)
		turn, ok = c.answer(r)
	}
	if out.Ending = cmp.Or(c.ending, Long); out.Ending == Answered && s.Thanks != "" && s.Mood != Hurried {
		r, err := t.Do(ctx, cases.Turn{Say: s.Thanks})
		if err != nil {
			return out, fmt.Errorf("customer %s (%s:%d), thanks: %w", s.ID, s.File, s.Line, err)
		}
		out.Did, out.Replies = append(out.Did, cases.Turn{Say: s.Thanks}), append(out.Replies, r) // no turn they needed
	}
	out.judge(s)
	return out, nil
}

func (o *Story) judge(s Script) {
	said := map[string]bool{}
	for _, r := range o.Replies {
		if r.Action == "ack" || r.Action == "relay" || r.Text == "" && len(r.Choices) == 0 {
			continue
		}
		key := r.Action + "\n" + r.Text
		for _, c := range r.Choices {
			key += "\n" + c.Article
		}
		switch {
		case !said[key] || len(r.Citations) == 0 && r.Action == "answer": // small talk may be said twice
		case r.Action == "clarify" && len(r.Choices) == 0:
			o.Repeated++
		default:
			o.Loops++
		}
		said[key] = true
	}
	if o.Ending == Person {
		last := o.Replies[len(o.Replies)-1]
		for _, label := range slices.Sorted(maps.Keys(s.Facts)) {
			value := s.Facts[label]
			if !slices.ContainsFunc(last.Packet, func(f grade.Fact) bool { return plain(f.Value) == plain(value) }) && o.told(value) {
				o.Lacks = append(o.Lacks, label)
			}
		}
	}
	within := cmp.Or(s.Within, mostTurns)
	switch {
	case !s.good(o.Ending):
		o.Why = "ended " + o.Ending
	case o.Turns > within:
		o.Why = fmt.Sprintf("took %d turns, and not %d", o.Turns, within)
	case o.Repeated > 0:
		o.Why = "was asked the same question again"
	case o.Loops > 0:
		o.Why = "got the same reply again"
	case len(o.Lacks) > 0:
		o.Why = "whoever got it does not know " + strings.Join(o.Lacks, ", ")
	}
	o.Pass = o.Why == ""
}

// told says whether a value was said at all.
func (o *Story) told(value string) bool {
	return slices.ContainsFunc(o.Did, func(t cases.Turn) bool { return strings.Contains(plain(t.Say), plain(value)) })
}

// plain is a value without what people write in between.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -–.,", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// Report is what came of all stories.
type Report struct {
	Scripts int            `json:"scripts"`
	Runs    int            `json:"runs"` // of each script
	Pass    stats.Interval `json:"pass"` // of the stories; scripts are drawn
	PassK   float64        `json:"pass_k"`
	Endings map[string]int `json:"endings"`
	Turns   float64        `json:"turns"` // mean, of the stories that pass
	Loops   int            `json:"loops"`
	Asked   int            `json:"repeated_questions"`
	Lacks   int            `json:"packets_that_lack"`
	ByTag   []Tagged       `json:"by_tag"`
	Failing []Failing      `json:"failing"`
}

// Tagged is a tag's share of stories that pass.
type Tagged struct {
	Tag     string         `json:"tag"`
	Stories int            `json:"stories"`
	Pass    stats.Interval `json:"pass"`
}

// Failing is a script of which not every story passes.
type Failing struct {
	Script string   `json:"script"`
	Passed int      `json:"passed"` // of the runs
	Why    []string `json:"why"`
}

// Tell reports on stories; runs of each script, at least one.
func Tell(scripts []Script, stories []Story, runs int) Report {
	r := Report{Scripts: len(scripts), Runs: runs, Endings: map[string]int{}}
	passed := map[string]int{}
	why := map[string][]string{}
	var samples []stats.Sample
	good := 0
	for _, s := range stories {
		r.Endings[s.Ending]++
		r.Loops, r.Asked = r.Loops+s.Loops, r.Asked+s.Repeated
		if len(s.Lacks) > 0 {
			r.Lacks++
		}
		x := stats.Sample{Cluster: s.Script, Of: 1}
		if s.Pass {
			x.Sum = 1
			good++
			r.Turns += float64(s.Turns)
			passed[s.Script]++
		} else if !slices.Contains(why[s.Script], s.Why) {
			why[s.Script] = append(why[s.Script], s.Why)
		}
		samples = append(samples, x)
	}
	r.Turns /= float64(max(1, good))
	r.Pass, _ = stats.Mean(samples, 0)
	tags := map[string]bool{}
	for _, s := range scripts {
		p, _ := stats.PassK(passed[s.ID], runs, runs)
		r.PassK += p / float64(len(scripts))
		if passed[s.ID] < runs {
			r.Failing = append(r.Failing, Failing{s.ID, passed[s.ID], why[s.ID]})
		}
		for _, t := range s.Tags {
			tags[t] = true
		}
	}
	for _, t := range slices.Sorted(maps.Keys(tags)) {
		var of []stats.Sample
		for _, s := range scripts {
			if slices.Contains(s.Tags, t) {
				of = append(of, stats.Sample{Cluster: s.ID, Sum: float64(passed[s.ID]), Of: float64(runs)})
			}
		}
		pass, _ := stats.Mean(of, 0)
		r.ByTag = append(r.ByTag, Tagged{t, len(of) * runs, pass})
	}
	return r
}
