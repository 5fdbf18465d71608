package main

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"frontdesk/triage/head"
)

const (
	// readerFolds are as many as there are writers: each is measured by fits that
	// have seen all the others.
	readerFolds = 9
	// foldMembers is how many members a fit has that is only there to be measured:
	// fewer than the one that is kept, and so a little worse.
	foldMembers = 2
	eceBins     = 15
)

// fitReader fits a reader's weights, and what fits without a message's group say
// of it, by which they are calibrated. block is head.FitConfig's.
func fitReader(t readerTask, list []head.Example, block int) (*head.Model, []head.Unseen, error) {
	cfg := head.FitConfig{Signals: t.names, Classes: t.classes, Block: block}
	measured := cfg
	measured.Members = foldMembers
	unseen, err := head.Validate(list, measured, readerFolds, readerFold(list))
	if err != nil {
		return nil, nil, err
	}
	m, err := head.Fit(list, cfg)
	if err != nil {
		return nil, nil, err
	}
	m.Calibrate(list, unseen)
	return m, unseen, nil
}

// readerFold deals groups out to folds one after the other, so that none has
// most of the writers.
func readerFold(list []head.Example) func(group string) int {
	var groups []string
	for _, e := range list {
		groups = append(groups, e.Group)
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	return func(group string) int { return slices.Index(groups, group) % readerFolds }
}

// readerScores are what a reader is worth that has not seen a message's group: of
// each kind, of each language and of each writer the part of messages that are found
// from fires on (of negatives: the part of false alarms), and of each kind by phrases
// and no vector; the part whose class is right; and the calibration error. Phrases
// have no groups: who wrote them had read all writers but the last.
func readerScores(classes int, fires float64, list []head.Example, unseen []head.Unseen) map[string]float64 {
	type count struct{ n, hit, right, said float64 }
	counts := map[string]*count{}
	p, yes, stands := make([]float64, len(list)), make([]bool, len(list)), make([]float64, len(list))
	for i, e := range list {
		u := unseen[i]
		p[i], yes[i], stands[i] = u.P, e.Class != 0, cmp.Or(e.Count, 1)
		for _, k := range scoreKeys(e) {
			c := counts[k]
			if c == nil {
				c = &count{}
				counts[k] = c
			}
			c.n++
			if u.P >= fires {
				c.hit++
				if e.Class != 0 && top(u.Share) == e.Class-1 {
					c.right++
				}
			}
			if slices.Max(e.Signals[:classes-1]) > 0 {
				c.said++
			}
		}
	}
	out := map[string]float64{"calibration error": four(head.ECE(p, yes, stands, eceBins))}
	for k, c := range counts {
		out[k] = four(c.hit / c.n)
		if strings.Contains(k, ", writer") {
			continue
		}
		if strings.HasPrefix(k, "found ") {
			out["right class, "+k] = four(c.right / c.n)
		}
		out["phrases alone: "+k] = four(c.said / c.n)
	}
	return out
}

// scoreKeys are what a message is counted under.
func scoreKeys(e head.Example) []string {
	kind, lang, _ := strings.Cut(e.Slice, "/")
	what := "found"
	if e.Class == 0 {
		what = "false alarms"
	}
	keys := []string{what + " " + kind, what + ", " + lang}
	if strings.HasPrefix(e.Group, "writer ") && kind != kindOther {
		keys = append(keys, what+" "+kind+", "+e.Group)
	}
	return keys
}

func top(share []float64) int { return slices.Index(share, slices.Max(share)) }

func four(x float64) float64 { return math.Round(x*1e4) / 1e4 }
