package main

import "frontdesk/retrieval"

// maybeOfOne is the probability of the first passage from which choices are
// offered by a ranking that was never fitted to say it of the first three, as a
// part of its threshold for quoting.
const maybeOfOne = 0.3

// calibration is a search's own, by risk.
type calibration struct{ s *retrieval.Searcher }

func calibrationOf(s *retrieval.Searcher) calibration { return calibration{s} }

// Thresholds are the ranking's; where it says nothing of choices, they begin at
// a part of what it quotes from.
func (c calibration) Thresholds(risk float64) (sure, maybe float64) {
	sure, maybe = c.s.Thresholds(risk)
	if maybe == 0 {
		maybe = maybeOfOne * sure
	}
	return sure, maybe
}

// Quoting are the ranking's.
func (c calibration) Quoting(risk float64) []string { return c.s.Quoting(risk) }
