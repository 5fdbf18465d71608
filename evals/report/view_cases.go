package report

import (
	"maps"
	"reflect"
	"slices"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

// How many bytes cases may take on the page, by their cost: with their turns, and
// by a line each. The rest of the page and the sets stay below the third megabyte.
const (
	budget     = 1_500_000
	lineBudget = 600_000
)

// Lengths, in characters, of what is shown of one thing.
const (
	mostSaid  = 600
	mostReply = 500
	mostQuote = 300
	mostWant  = 240
	mostBrief = 110

	mostOpen = 3 // flips that are not folded
)

type suiteCases struct {
	Name  string
	Cases []caseView
	More  int // that have no line
}

type caseView struct {
	ID, Suite, Severity, Lang, Change, Stage, StageWhy, Note string
	Tags                                                     []string
	Brief                                                    string
	Turns                                                    []turnView // none: only its line is shown
	Above                                                    bool       // it stands among what changed, with its turns
}

type turnView struct {
	N      int
	Said   string
	Reply  *replyView
	Before *replyView // in a flip, where it is another one
	Same   bool       // in a flip: the reply is what it was
	Failed []grade.Check
}

type replyView struct {
	Did, Text string
	Quotes    []quoteView
	Choices   []quoteView
	Packet    []grade.Fact
	Missing   string
}

type quoteView struct{ Article, Text string }

type flipView struct {
	caseView
	Lost, Severe, Open bool
	Kept               bool // the baseline's answers are there
	FailedBefore       []grade.Check
}

// cost is about how many bytes the case takes on the page.
func (c caseView) cost() int {
	n := 400 + len(c.ID)*2 + len(c.Note) + len(c.Brief) + len(c.StageWhy)
	for _, t := range c.Turns {
		n += 160 + len(t.Said) + t.Reply.cost() + t.Before.cost()
		for _, f := range t.Failed {
			n += 140 + len(f.Want) + len(f.Got)
		}
	}
	return n + n/20 // escapes
}

func (r *replyView) cost() int {
	if r == nil {
		return 0
	}
	n := 120 + len(r.Did) + len(r.Text)
	for _, q := range slices.Concat(r.Quotes, r.Choices) {
		n += 100 + len(q.Article) + len(q.Text)
	}
	for _, f := range r.Packet {
		n += 40 + len(f.Label) + len(f.Value)
	}
	return n
}

func (d *data) brief(c cases.Case) caseView {
	v := caseView{
		ID: c.ID, Suite: c.Suite, Severity: c.Severity, Lang: c.Lang, Tags: c.Tags, Change: d.change(c.ID),
		Stage: d.stages[c.ID].Stage, StageWhy: clip(d.stages[c.ID].Why, mostWant), Note: clip(c.Note, mostWant),
	}
	if len(c.Turns) > 0 {
		v.Brief = clip(said(c.Turns[0].Say, c.Turns[0].Press), mostBrief)
	}
	return v
}

// full shows a case's turns, beside what they were before where that is asked for.
func (d *data) full(c cases.Case, before bool) caseView {
	v := d.brief(c)
	g, o := d.grades[c.ID], d.outputs[c.ID]
	for i, t := range c.Turns {
		turn := turnView{N: i + 1, Said: clip(said(t.Say, t.Press), mostSaid), Reply: reply(o, i)}
		if before {
			turn.Before = reply(d.before[c.ID], i)
			if turn.Same = turn.Reply != nil && reflect.DeepEqual(turn.Reply, turn.Before); turn.Same {
				turn.Before = nil
			}
		}
		for _, f := range g.Failed() {
			if f.Turn == i+1 {
				f.Want, f.Got = clip(f.Want, mostWant), clip(f.Got, mostWant)
				turn.Failed = append(turn.Failed, f)
			}
		}
		v.Turns = append(v.Turns, turn)
	}
	return v
}

func reply(o grade.Output, i int) *replyView {
	if i >= len(o.Replies) {
		return nil
	}
	r := o.Replies[i]
	v := &replyView{Did: did(r), Text: clip(r.Text, mostReply)}
	for _, c := range r.Citations {
		// A quote that the text says word for word need not stand here twice.
		q := quoteView{Article: c.Article}
		if c.Quote != r.Text {
			q.Text = clip(c.Quote, mostQuote)
		}
		v.Quotes = append(v.Quotes, q)
	}
	for _, c := range r.Choices {
		v.Choices = append(v.Choices, quoteView{c.Article, clip(c.Title, mostQuote)})
	}
	for _, f := range r.Packet {
		v.Packet = append(v.Packet, grade.Fact{Label: f.Label, Value: clip(f.Value, mostWant)})
	}
	if len(r.Missing) > 0 {
		v.Missing = "without " + clip(r.Missing[0], mostWant)
	}
	return v
}

// flipViews shows what changed for as long as it costs less than half of what
// there is, and gives what is left.
func (d *data) flipViews(v *view, left int) int {
	least := left / 2
	for i, f := range d.Result.Flips {
		flip := flipView{caseView: d.full(d.cases[f.Case], true), Lost: f.Lost, Severe: f.Severe, Open: f.Lost && i < mostOpen}
		_, flip.Kept = d.before[f.Case]
		if was := d.was[f.Case]; was != nil {
			flip.FailedBefore = was.Failed
		}
		if left -= flip.cost(); left < least {
			v.MoreFlips = len(d.Result.Flips) - i
			return left
		}
		v.Flips = append(v.Flips, flip)
	}
	return left
}

// caseViews lists every case by suite: those that fail with their turns, for as
// long as there is room, the others by a line. It gives those that there was no
// room for at all.
func (d *data) caseViews(v *view, left int) map[string]bool {
	folded := map[string]bool{}
	bySuite := map[string][]cases.Case{}
	for _, c := range d.Run.Cases {
		bySuite[c.Suite] = append(bySuite[c.Suite], c)
	}
	shown := map[string]bool{}
	for _, f := range v.Flips {
		shown[f.ID] = true
	}
	lines := lineBudget
	for _, suite := range slices.Sorted(maps.Keys(bySuite)) {
		failing, passing := suiteCases{Name: suite}, suiteCases{Name: suite}
		for _, c := range bySuite[suite] {
			list, view := &passing, d.brief(c)
			view.Above = shown[c.ID]
			if !d.grades[c.ID].Pass {
				list = &failing
				if full := d.full(c, false); !view.Above && full.cost() <= left {
					left -= full.cost()
					list.Cases = append(list.Cases, full)
					continue
				}
				if !view.Above {
					v.Folded++
				}
			}
			if lines -= view.cost() - 200; lines < 0 {
				list.More++
				if !view.Above {
					folded[c.ID] = true
				}
				continue
			}
			list.Cases = append(list.Cases, view)
		}
		if len(failing.Cases)+failing.More > 0 {
			v.Failing = append(v.Failing, failing)
		}
		if len(passing.Cases)+passing.More > 0 {
			v.Passing = append(v.Passing, passing)
		}
	}
	return folded
}
