package shadow

import (
	"cmp"
	"slices"
	"strings"

	"frontdesk/evals/stats"
)

// Decision is what became of a turn.
type Decision struct {
	Action   string   `json:"action"` // answer, clarify, none, handoff, relay
	Reason   string   `json:"reason,omitempty"`
	Queue    string   `json:"queue,omitempty"` // of a handoff
	Desk     string   `json:"desk,omitempty"`
	Topic    string   `json:"topic,omitempty"`
	Articles []string `json:"articles,omitempty"` // quoted or offered, in order
	Text     string   `json:"text,omitempty"`     // what is quoted
	P        float64  `json:"p,omitempty"`        // that the first passage answers
}

// Turn is a stored turn with both replays.
type Turn struct {
	Conversation string   `json:"conversation"` // hashed or not, by whoever asks
	Turn         int      `json:"turn"`         // from 1
	Said         string   `json:"said"`         // masked
	Stored       Decision `json:"stored"`
	Now          Decision `json:"now"`
	Then         Decision `json:"then"`
	Change       string   `json:"change,omitempty"` // kind; empty: none
	Drifted      bool     `json:"drifted,omitempty"`
}

// Kinds of changes beside one of the action, which is "answer → none".
const (
	OtherArticle = "another article is quoted"
	OtherWords   = "other words of the article are quoted"
	OtherChoices = "other choices are offered"
	OtherQueue   = "another queue"
	OtherReason  = "another reason"
	OtherDesk    = "another desk"
	OtherTopic   = "another topic"
)

// kind says how two decisions differ; empty: they do not, as far as anybody
// notices.
func kind(was, is Decision) string {
	switch {
	case was.Action != is.Action:
		return was.Action + " → " + is.Action
	case was.Action == "answer" && !slices.Equal(was.Articles, is.Articles):
		return OtherArticle
	case was.Action == "clarify" && !slices.Equal(was.Articles, is.Articles):
		return OtherChoices
	case was.Action == "handoff" && was.Queue != is.Queue:
		return OtherQueue
	case was.Action == "answer" && was.Text != is.Text:
		return OtherWords
	case was.Reason != is.Reason:
		return OtherReason
	case was.Desk != is.Desk:
		return OtherDesk
	case was.Topic != is.Topic:
		return OtherTopic
	}
	return ""
}

// Count is how many turns something holds for.
type Count struct {
	Name  string         `json:"name"`
	Turns int            `json:"turns"`
	Share stats.Interval `json:"share"` // of all turns
}

// Report is a comparison.
type Report struct {
	Turns         int     `json:"turns"`
	Conversations int     `json:"conversations"`
	LeftOut       int     `json:"left_out,omitempty"` // stored turns that cannot be replayed
	Changed       Count   `json:"changed"`
	Kinds         []Count `json:"kinds"` // most frequent first
	Actions       []Moved `json:"actions"`
	Drifted       Count   `json:"drifted"`
	List          []Turn  `json:"-"` // the changed ones, by kind
}

// Moved is an action's share of the turns, now and then.
type Moved struct {
	Action string         `json:"action"`
	Now    int            `json:"now"`
	Then   int            `json:"then"`
	Change stats.Interval `json:"change"` // of the share, paired
}

// Compare compares; turns are marked with their change.
func Compare(turns []Turn, leftOut int) Report {
	r := Report{Turns: len(turns), LeftOut: leftOut}
	conversations := map[string]bool{}
	kinds := map[string]bool{}
	actions := map[string]bool{}
	for i := range turns {
		t := &turns[i]
		t.Change = kind(t.Now, t.Then)
		t.Drifted = kind(t.Stored, t.Now) != ""
		conversations[t.Conversation] = true
		actions[t.Now.Action], actions[t.Then.Action] = true, true
		if t.Change != "" {
			kinds[t.Change] = true
			r.List = append(r.List, *t)
		}
	}
	r.Conversations = len(conversations)
	r.Changed = count(turns, "changed", func(t Turn) bool { return t.Change != "" })
	r.Drifted = count(turns, "drifted", func(t Turn) bool { return t.Drifted })
	for k := range kinds {
		r.Kinds = append(r.Kinds, count(turns, k, func(t Turn) bool { return t.Change == k }))
	}
	slices.SortFunc(r.Kinds, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Turns, a.Turns), cmp.Compare(a.Name, b.Name)) })
	for a := range actions {
		r.Actions = append(r.Actions, moved(turns, a))
	}
	slices.SortFunc(r.Actions, func(a, b Moved) int { return cmp.Compare(a.Action, b.Action) })
	place := map[string]int{}
	for i, k := range r.Kinds {
		place[k.Name] = i
	}
	slices.SortStableFunc(r.List, func(a, b Turn) int { return cmp.Compare(place[a.Change], place[b.Change]) })
	return r
}

func count(turns []Turn, name string, is func(Turn) bool) Count {
	c := Count{Name: name}
	samples := make([]stats.Sample, 0, len(turns))
	for _, t := range turns {
		s := stats.Sample{Cluster: t.Conversation, Of: 1}
		if is(t) {
			c.Turns++
			s.Sum = 1
		}
		samples = append(samples, s)
	}
	c.Share, _ = stats.Mean(samples, 0)
	return c
}

func moved(turns []Turn, action string) Moved {
	m := Moved{Action: action}
	pairs := make([]stats.Pair, 0, len(turns))
	for _, t := range turns {
		p := stats.Pair{Cluster: t.Conversation, WasOf: 1, IsOf: 1}
		if t.Now.Action == action {
			m.Now++
			p.WasSum = 1
		}
		if t.Then.Action == action {
			m.Then++
			p.IsSum = 1
		}
		pairs = append(pairs, p)
	}
	m.Change, _ = stats.Difference(pairs, 0)
	return m
}

// Tell is a decision in a line.
func (d Decision) Tell() string {
	out := d.Action
	if d.Reason != "" {
		out += " (" + d.Reason + ")"
	}
	if d.Queue != "" {
		out += " → " + d.Queue
	}
	if len(d.Articles) > 0 {
		out += ": " + strings.Join(d.Articles, ", ")
	}
	return out
}
