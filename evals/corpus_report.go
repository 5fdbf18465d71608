package evals

import (
	"maps"
	"slices"
)

// CorpusReport is what an Answerer is worth on a corpus.
type CorpusReport struct {
	Parts      []string          `json:"parts"`             // at work
	Without    []string          `json:"without,omitempty"` // switched off
	Messages   int               `json:"messages"`
	All        Slice             `json:"all"`
	Businesses []Slice           `json:"businesses"`
	Languages  []Slice           `json:"languages"`
	Kinds      []Slice           `json:"kinds"`
	Quote      CorpusCalibration `json:"calibration_quote"`      // that the quote answers, every fact in it
	Answerable CorpusCalibration `json:"calibration_answerable"` // that the knowledge answers the message
	Allowed    []AllowedRisk     `json:"risk_allowed"`
	Coverage   []Risk            `json:"risk_coverage"`
	Thresholds []Risk            `json:"thresholds"`
	Choosing   []Choosing        `json:"choosing,omitempty"`
	QuoteWords QuoteWords        `json:"quote_words"`
	Ablations  []Ablation        `json:"ablations,omitempty"`
	Asked      []AskedMessage    `json:"asked"`
}

// Slice is a part of the messages, measured.
type Slice struct {
	Name     string           `json:"name"`
	Messages int              `json:"messages"`
	Scores   map[string]Score `json:"scores"` // by measure; a measure that no message counts for is missing
}

// QuoteWords says how long quotes are, of all that could have been shown.
type QuoteWords struct {
	Median int `json:"median"`
	P90    int `json:"p90"` // nine of ten have at most as many
	Max    int `json:"max"`
}

// wordsOf sorts the list.
func wordsOf(list []int) QuoteWords {
	slices.Sort(list)
	return QuoteWords{Median: list[len(list)/2], P90: list[len(list)*9/10], Max: list[len(list)-1]}
}

// Ablation is what one part brings.
type Ablation struct {
	Part     string       `json:"part"`
	Measures []Difference `json:"measures"`
}

// AskedMessage is what became of one message, for whoever reads the mistakes.
type AskedMessage struct {
	Business string   `json:"business"`
	ID       string   `json:"id"`
	Action   Action   `json:"action"`
	P        float64  `json:"p"`
	Rank     int      `json:"rank,omitempty"`
	Verdict  Verdict  `json:"verdict,omitempty"`
	Quoted   []string `json:"quoted,omitempty"`
	Choices  []string `json:"choices,omitempty"`
	Hits     []string `json:"hits,omitempty"`
}

// ReportConfig says what to report; the zero value is ready to use.
type ReportConfig struct {
	// Thresholds to report what quoting from them on leads to. Empty: .1 to .9.
	Thresholds []float64
}

// ReportCorpus measures judgements; there must be some.
func ReportCorpus(list []Judgement, cfg ReportConfig) (CorpusReport, error) {
	var r CorpusReport
	if len(list) == 0 {
		return r, badCorpus("nothing was asked: there is nothing to measure")
	}
	if len(cfg.Thresholds) == 0 {
		for t := 1; t <= 9; t++ {
			cfg.Thresholds = append(cfg.Thresholds, float64(t)/10)
		}
	}
	r.Messages = len(list)
	r.All = slice("all", list, false)
	r.Businesses = slicesBy(list, false, func(m Judgement) []string { return []string{m.Business} })
	r.Languages = slicesBy(list, false, func(j Judgement) []string {
		if j.Message.English() {
			return []string{"en"}
		}
		return []string{"other", "other: " + j.Message.Language}
	})
	r.Kinds = slicesBy(list, true, func(j Judgement) []string { return j.Message.Kind })

	var quote, answerable []Judged
	var words []int
	for _, j := range list {
		if j.Verdict != NoQuote {
			quote = append(quote, Judged{P: j.Decision.P, Right: j.Verdict == RightQuote})
			answerable = append(answerable, Judged{P: j.Decision.P, Right: j.Message.Answerable()})
			words = append(words, j.Words)
		}
		r.Asked = append(r.Asked, askedMessage(j))
	}
	r.Quote, _ = calibrate(quote)
	r.Answerable, _ = calibrate(answerable)
	if len(words) > 0 {
		r.QuoteWords = wordsOf(words)
	}
	for _, a := range []float64{0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.25} {
		r.Allowed = append(r.Allowed, riskAllowing(list, a))
	}
	for _, c := range []float64{0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 0.75, 1} {
		r.Coverage = append(r.Coverage, riskCovering(list, c))
	}
	offers := slices.ContainsFunc(list, func(j Judgement) bool { return len(j.Decision.Choices) > 0 })
	for _, t := range cfg.Thresholds {
		r.Thresholds = append(r.Thresholds, riskAt(list, t))
		if offers {
			r.Choosing = append(r.Choosing, choosingAt(list, t))
		}
	}
	return r, nil
}

func askedMessage(j Judgement) AskedMessage {
	a := AskedMessage{
		Business: j.Business, ID: j.Message.ID, Action: j.Decision.Action, P: round4(j.Decision.P), Rank: j.Rank,
		Verdict: j.Verdict, Choices: j.Decision.Choices, Hits: j.Decision.Hits[:min(5, len(j.Decision.Hits))],
	}
	for _, q := range j.Decision.Quotes {
		a.Quoted = append(a.Quoted, q.Article)
	}
	return a
}

func slice(name string, list []Judgement, everyone bool) Slice {
	return Slice{Name: name, Messages: len(list), Scores: score(list, everyone)}
}

// leastSlice is how many messages a slice needs to be worth a line.
const leastSlice = 20

// slicesBy measures the messages of each name that keys gives, in order of
// their names; a message may count for several.
func slicesBy(list []Judgement, everyone bool, keys func(Judgement) []string) []Slice {
	parts := map[string][]Judgement{}
	for _, j := range list {
		for _, k := range keys(j) {
			parts[k] = append(parts[k], j)
		}
	}
	var out []Slice
	for _, k := range slices.Sorted(maps.Keys(parts)) {
		if len(parts[k]) >= leastSlice || len(parts) == 1 {
			out = append(out, slice(k, parts[k], everyone))
		}
	}
	return out
}
