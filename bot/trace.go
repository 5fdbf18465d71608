package bot

import (
	"encoding/json"
	"math"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// tracePassages is how many passages a trace keeps: those that could have been
// shown. Width matters: a trace is written in every turn.
const tracePassages = 5

// Trace is why a turn ended as it did. It holds no words of the customer's;
// those are in the log of the conversation.
type Trace struct {
	Instance   int32              `json:"instance,omitempty"`
	Request    string             `json:"request,omitempty"` // id in the access log
	Action     Action             `json:"action,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Rule       string             `json:"rule,omitempty"` // phrase rule that fired before the search
	Band       Band               `json:"band,omitempty"`
	P          float64            `json:"p"`
	Near       float64            `json:"near,omitempty"`  // probability that one of the first three answers
	Risk       float64            `json:"risk,omitempty"`  // share of quotes that may be wrong
	Threshold  float64            `json:"threshold"`       // from which P is sure
	Shift      float64            `json:"shift,omitempty"` // that customers' ratings moved it by, in log-odds
	Maybe      float64            `json:"maybe"`           // from which Near, or else P, is worth choices
	Choices    []TraceChoice      `json:"choices,omitempty"`
	Chosen     *TraceChosen       `json:"chosen,omitempty"`
	Follow     *TraceFollow       `json:"follow,omitempty"`
	Generation int                `json:"generation,omitempty"`
	Lang       string             `json:"lang,omitempty"`
	Models     []string           `json:"models,omitempty"`
	Degraded   []string           `json:"degraded,omitempty"`
	Features   map[string]float64 `json:"features,omitempty"`
	Passages   []TracePassage     `json:"passages,omitempty"`
	Parts      []TracePart        `json:"parts,omitempty"` // of a message that seemed to ask two things
	Error      string             `json:"error,omitempty"` // code of the part that failed
	Merged     string             `json:"merged_into,omitempty"`
	Owner      string             `json:"owner,omitempty"` // who owned the conversation where it was not the bot
	Triage     *TraceTriage       `json:"triage,omitempty"`
	Micros     TraceMicros        `json:"micros"`
}

// TracePassage is one candidate.
type TracePassage struct {
	Article string             `json:"article"`
	Chunk   int                `json:"chunk"`
	Heading []string           `json:"heading,omitempty"`
	From    int                `json:"from"`
	To      int                `json:"to"`
	Score   float64            `json:"score"`
	Signals map[string]float64 `json:"signals,omitempty"`
	Asked   string             `json:"asked,omitempty"`
	Pieces  [][2]int           `json:"pieces,omitempty"` // bytes of what is quoted of it; none: its section
}

// TracePart is a part of a message that was looked up by itself.
type TracePart struct {
	Span    [2]int  `json:"span"`              // bytes of the message
	Article string  `json:"article,omitempty"` // the first found
	P       float64 `json:"p"`
}

// TraceChoice is a choice that was offered, with its line.
type TraceChoice struct {
	Article string `json:"article"`
	From    int    `json:"from"`
	To      int    `json:"to"`
	Line    string `json:"line"`
}

// TraceChosen is a choice that was answered.
type TraceChosen struct {
	Article string `json:"article"`
	By      string `json:"by"` // "press", "words", or the rule that read the number
}

// TraceFollow says that a turn was taken as going on about something.
type TraceFollow struct {
	Rule string     `json:"rule"`
	Of   []convo.ID `json:"of"`             // messages whose words were searched for, too
	Left int        `json:"left,omitempty"` // passages left out because they were shown before
}

// TraceMicros is where the time went, in microseconds.
type TraceMicros struct {
	Record   int64 `json:"record"`
	Embed    int64 `json:"embed"`
	Database int64 `json:"database"` // of the search
	Rank     int64 `json:"rank"`
	Search   int64 `json:"search"` // all of it
	Triage   int64 `json:"triage"`
	Total    int64 `json:"total"` // until the finish began
}

func (t *Trace) policy(p Policy) {
	t.Risk, t.Threshold, t.Maybe, t.Shift = p.Risk, round(p.Sure), round(p.Maybe), round(p.Learned.Shift)
}

// lineRunes is how much of a choice's line a trace keeps.
const lineRunes = 160

func (t *Trace) offered(list []convo.Choice) {
	for _, c := range list {
		line := c.Quote
		if r := []rune(line); len(r) > lineRunes {
			line = string(r[:lineRunes]) + "…"
		}
		t.Choices = append(t.Choices, TraceChoice{Article: c.Article, From: c.From, To: c.To, Line: line})
	}
}

func (t *Trace) evidence(e retrieval.Evidence) {
	t.P, t.Near, t.Generation, t.Lang, t.Models, t.Degraded = round(e.P), round(e.Near), e.Generation, e.Lang, e.Models, e.Degraded
	t.Micros.Embed, t.Micros.Database, t.Micros.Rank = e.Took.Embed.Microseconds(), e.Took.Database.Microseconds(), e.Took.Rank.Microseconds()
	t.Features = rounded(e.Features)
	n := min(len(e.Hits), tracePassages)
	t.Passages = make([]TracePassage, 0, n)
	for _, h := range e.Hits[:n] {
		t.Passages = append(t.Passages, TracePassage{
			Article: h.ArticleID, Chunk: h.Chunk, Heading: h.Heading, From: h.From, To: h.To,
			Score: round(h.Score), Signals: rounded(h.Signals), Asked: h.Asked, Pieces: pieceSpans(h.Pieces),
		})
	}
}

func pieceSpans(list []retrieval.Piece) [][2]int {
	var out [][2]int
	for _, p := range list {
		out = append(out, [2]int{p.From, p.To})
	}
	return out
}

func (t *Trace) json(total time.Duration) json.RawMessage {
	t.Micros.Total = total.Microseconds()
	b, err := json.Marshal(t)
	if err != nil { // a number that is no number: say so rather than lose the turn
		return json.RawMessage(`{"error":"trace_unwritable"}`)
	}
	return b
}

// round keeps four digits: more is noise, and every byte of a trace is written
// in every turn.
func round(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return math.Round(x*1e4) / 1e4
}

func rounded(m map[string]float64) map[string]float64 {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]float64, len(m))
	for k, v := range m {
		out[k] = round(v)
	}
	return out
}

// traceVoters is how many voters a trace names.
const traceVoters = 3

// TraceTriage is what triage decided, with its reasons.
type TraceTriage struct {
	triage.Decision
}

func (t *Trace) triaged(d triage.Decision) {
	if d.Why != nil {
		why := *d.Why
		why.Voters = why.Voters[:min(len(why.Voters), traceVoters)]
		for i := range why.Voters {
			why.Voters[i].Title = ""
		}
		d.Why = &why
	}
	t.Triage = &TraceTriage{d}
}
