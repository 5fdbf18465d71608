package gate

import (
	"cmp"
	"slices"

	"frontdesk/evals/stats"
)

// Verdict is what a part or the whole comes to.
type Verdict string

// Verdicts; the package's documentation says what they mean.
const (
	Regression   Verdict = "regression"
	Soft         Verdict = "soft"
	Improvement  Verdict = "improvement"
	Stable       Verdict = "stable"
	Insufficient Verdict = "insufficient"

	Broken        Verdict = "broken"
	NotComparable Verdict = "not comparable"
	NotCompared   Verdict = "not compared"
)

// Exit statuses of a gate.
const (
	ExitPass       = 0
	ExitBroken     = 1
	ExitRegression = 2
)

// Exit is the status a program ends with: 0 the run may go out, 2 something got
// worse, 1 nobody can say.
func (v Verdict) Exit() int {
	switch v {
	case Regression:
		return ExitRegression
	case Broken, NotComparable:
		return ExitBroken
	}
	return ExitPass
}

// Config tunes a gate; the zero value is ready to use.
type Config struct {
	// Alpha is how likely a verdict about all suites together may be chance, two
	// ways. 0: 0.01: of 1,000 runs of the demo shop's 1,445 cases that were no worse
	// 3 failed with it, and 9 with 0.02.
	Alpha float64
	// SoftAlpha is the same for a soft verdict: of a suite by itself, and of all
	// slices together. 0: 0.05.
	SoftAlpha float64
	// MinEffect is the smallest change of a rate that matters. 0: 0.01, a point.
	MinEffect float64
	// Hopeless is the least effect from which on a part is insufficient. 0: 0.25.
	Hopeless float64
	// Discordant is the part of cases that a change is thought to flip, for the
	// least effect, where fewer did. 0: 0.05.
	Discordant float64
	// Draws of intervals by resampling. 0: stats.Draws; negative: no such
	// intervals, for whoever needs thousands of verdicts.
	Draws int
	// Strict makes every lost case a regression: for suites of a few dozen cases.
	Strict bool
}

func (c Config) withDefaults() Config {
	c.Alpha, c.SoftAlpha = cmp.Or(c.Alpha, 0.01), cmp.Or(c.SoftAlpha, 0.05)
	c.MinEffect, c.Hopeless = cmp.Or(c.MinEffect, 0.01), cmp.Or(c.Hopeless, 0.25)
	c.Discordant, c.Draws = cmp.Or(c.Discordant, 0.05), cmp.Or(c.Draws, stats.Draws)
	return c
}

// Problem is why a run cannot be judged, with the remedy.
type Problem struct {
	What  string   `json:"what"`
	Do    string   `json:"do"`
	Cases []string `json:"cases,omitempty"`
}

// Kinds of parts.
const (
	KindAll      = "all"
	KindSuite    = "suite"
	KindLanguage = "language"
	KindTag      = "tag"
	KindSeverity = "severity"
	KindCheck    = "check"
)

// Part is some of the cases, then and now.
type Part struct {
	Kind   string         `json:"kind"`
	Name   string         `json:"name"`
	Cases  int            `json:"cases"` // that are in both
	Is     stats.Interval `json:"is"`    // how many pass: Wilson's
	Was    stats.Interval `json:"was"`
	Change stats.Interval `json:"change"` // Is - Was: by drawing clusters of pairs
	Lost   []string       `json:"lost,omitempty"`
	Gained []string       `json:"gained,omitempty"`
	Severe []string       `json:"severe,omitempty"` // those of Lost that are severe
	Test   stats.Paired   `json:"test"`
	// Adjusted is the exact p-value, corrected for all suites or all slices; 1
	// where the part takes no part in that.
	Adjusted float64 `json:"adjusted"`
	Least    float64 `json:"least_effect"`
	// Sure says that the change is more than chance and at least MinEffect.
	Sure    bool    `json:"sure,omitempty"`
	Verdict Verdict `json:"verdict"`
}

// effect is the change of the rate.
func (p Part) effect() float64 {
	if p.Cases == 0 {
		return 0
	}
	return float64(len(p.Gained)-len(p.Lost)) / float64(p.Cases)
}

// judge gives a part its verdict.
func (p *Part) judge(cfg Config) {
	d, warns := p.effect(), p.Adjusted
	if p.Kind == KindAll || p.Kind == KindSuite {
		warns = p.Test.P
	}
	p.Sure = p.Adjusted <= cfg.Alpha && (d >= cfg.MinEffect || -d >= cfg.MinEffect)
	switch {
	case len(p.Severe) > 0, cfg.Strict && len(p.Lost) > 0, p.Sure && d < 0:
		p.Verdict = Regression
	case p.Sure:
		p.Verdict = Improvement
	case d < 0 && warns <= cfg.SoftAlpha:
		p.Verdict = Soft
	case p.Least > cfg.Hopeless:
		p.Verdict = Insufficient
	default:
		p.Verdict = Stable
	}
}

// Flip is a case that is lost or gained.
type Flip struct {
	Case   string `json:"case"`
	Suite  string `json:"suite"`
	Severe bool   `json:"severe,omitempty"`
	Lost   bool   `json:"lost"`
}

// Measure is a mean over turns, then and now.
type Measure struct {
	Name   string         `json:"name"`
	Turns  int            `json:"turns"` // now
	Is     stats.Interval `json:"is"`    // by drawing clusters
	Was    stats.Interval `json:"was"`
	Change stats.Interval `json:"change"`
	Paired bool           `json:"paired"` // Was and Change mean something
}

// Result is what a gate says of a run.
type Result struct {
	Verdict  Verdict   `json:"verdict"`
	Why      string    `json:"why"` // a sentence
	Problems []Problem `json:"problems,omitempty"`
	Baseline string    `json:"baseline,omitempty"` // its name
	// Configuration is nil where nothing was held against it; Changed is what is
	// another one in it.
	Configuration *Configuration `json:"configuration,omitempty"`
	Changed       []Change       `json:"changed,omitempty"`
	All           Part           `json:"all"`
	Suites        []Part         `json:"suites"`
	Slices        []Part         `json:"slices"`
	Measures      []Measure      `json:"measures"`
	Flips         []Flip         `json:"flips,omitempty"`         // lost before gained, severe first
	New           []string       `json:"new,omitempty"`           // cases that the baseline has not
	Severe        []string       `json:"severe_fails,omitempty"`  // severe cases that fail, lost or not
	Failing       int            `json:"failing"`                 // of all cases of the run, new ones too
	Cases         int            `json:"cases"`                   // of the run
	Unjudged      []string       `json:"unjudged,omitempty"`      // cases that pass since nothing that they expect could be judged
	NewFails      []string       `json:"new_that_fail,omitempty"` // those of New that do not pass
	// LostAt says at which stages the lost cases were lost, most first; empty where
	// nobody looked.
	LostAt []LostAt `json:"lost_at,omitempty"`
}

// LostAt is a stage with the cases that were lost at it.
type LostAt struct {
	Stage string   `json:"stage"`
	Cases []string `json:"cases"`
}

// Locate says where the lost cases were lost, in the result and in its sentence.
// stageOf gives a case's stage; empty: it is not known.
func (r *Result) Locate(stageOf func(id string) string) {
	r.LostAt = nil
	for _, f := range r.Flips {
		stage := stageOf(f.Case)
		if !f.Lost || stage == "" {
			continue
		}
		i := slices.IndexFunc(r.LostAt, func(l LostAt) bool { return l.Stage == stage })
		if i < 0 {
			i, r.LostAt = len(r.LostAt), append(r.LostAt, LostAt{Stage: stage})
		}
		r.LostAt[i].Cases = append(r.LostAt[i].Cases, f.Case)
	}
	slices.SortStableFunc(r.LostAt, func(a, b LostAt) int { return cmp.Compare(len(b.Cases), len(a.Cases)) })
	r.explain()
}

// Exit is the status a program ends with.
func (r Result) Exit() int { return r.Verdict.Exit() }

// Lost counts the cases that passed and do not any more.
func (r Result) Lost() int { return len(r.All.Lost) }
