package estimate

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Sample is one case that somebody has claimed.
type Sample struct {
	Wait     time.Duration // from entering the queue to the claim, in business time
	Position int           // place in line on entering, 1: next; 0: not known, taken for 1
	Agents   int           // who were there then; 0: not known, taken for as many as now
	At       time.Time     // when it was claimed
}

// Now is what a new case finds.
type Now struct {
	At       time.Time // in the zone of the people whose hours of the day count
	Position int       // place in line, 1: next
	Agents   int       // who are there and work in this queue
}

const (
	// MinSamples is how many recent waits it takes to say anything: of eight, two
	// lie beyond the quartiles on each side.
	MinSamples = 8
	// recent bounds how old a sample may be: four weeks show each weekday four times.
	recent = 28 * 24 * time.Hour
	// halving is the age at which a sample counts half: what was a week ago is
	// the same weekday, what was a month ago may be another shop.
	halving = 7 * 24 * time.Hour
	// otherHour is what a sample of another time of day counts.
	otherHour = 0.1
	// leastWeight is what all samples have to weigh together: as one fresh one of
	// this hour, or ten of other hours.
	leastWeight = 1.0
	// lowQuantile and highQuantile are the ends; rounding outwards does the rest.
	// A simulated queue at half, four fifths and nineteen twentieths of its
	// capacity keeps 85 to 90 of 100 such promises.
	lowQuantile, highQuantile = 0.14, 0.82
	// farScale bounds how far a wait is carried to another length of line or
	// number of agents: one at place 2 says nothing about place 30, but that it is
	// longer there.
	farScale = 6.0
	// widest is how many times the high end may be the low one; wider than that,
	// and beyond half an hour, the honest words are that nobody knows.
	widest   = 24
	longest  = 3 * 24 * time.Hour
	freeWide = 30 * time.Minute
)

// Range is what is said: both ends are round. The zero Range is unknown.
type Range struct{ Low, High time.Duration } // Low 0: less than High

// Known says whether there is anything to say.
func (r Range) Known() bool { return r.High > 0 }

type weighted struct {
	wait   float64 // seconds
	weight float64
}

// Of estimates the wait of a new case from recent claims of its queue. Samples
// may come in any order and may hold more than is used.
func Of(samples []Sample, now Now) Range {
	if now.Agents <= 0 || now.Position <= 0 {
		return Range{}
	}
	var list []weighted
	count, sum := 0, 0.0
	for _, s := range samples {
		age := now.At.Sub(s.At)
		if age < 0 || age > recent || s.Wait < 0 {
			continue
		}
		w := weigh(s, now)
		list = append(list, weighted{carried(s, now), w})
		count, sum = count+1, sum+w
	}
	if count < MinSamples || sum < leastWeight {
		return Range{}
	}
	slices.SortFunc(list, func(a, b weighted) int { return cmp.Compare(a.wait, b.wait) })
	low, high := quantile(list, sum, lowQuantile), quantile(list, sum, highQuantile)
	return Round(seconds(low), seconds(high))
}

// carried is what a sample's wait would have been at this place in line with
// this many agents: a line moves by one for each place, and twice as fast with
// twice the people. Of a line much longer than the sample's it is without end:
// one that is known to be long, and nothing else, has no honest number.
func carried(s Sample, now Now) float64 {
	places := float64(now.Position) / float64(max(s.Position, 1))
	agents := 1.0
	if s.Agents > 0 {
		agents = float64(s.Agents) / float64(now.Agents)
	}
	scale := max(places*agents, 1/farScale)
	if scale > farScale {
		return math.Inf(1)
	}
	return s.Wait.Seconds() * scale
}

func weigh(s Sample, now Now) float64 {
	w := math.Exp2(-float64(now.At.Sub(s.At)) / float64(halving))
	a, b := s.At.In(now.At.Location()), now.At
	apart := a.Hour() - b.Hour()
	if apart = (apart%24 + 24) % 24; apart > 1 && apart < 23 {
		w *= otherHour
	}
	if weekend(a) != weekend(b) {
		w *= otherHour
	}
	return w
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// quantile is the least wait that so much of the weight does not exceed.
func quantile(sorted []weighted, sum, q float64) float64 {
	part := 0.0
	for _, w := range sorted {
		if part += w.weight; part >= q*sum {
			return w.wait
		}
	}
	return sorted[len(sorted)-1].wait
}

func seconds(s float64) time.Duration {
	return time.Duration(min(s, (1000*24*time.Hour).Seconds()) * float64(time.Second))
}

// steps are the lengths that people say.
var steps = []time.Duration{ //nolint:gochecknoglobals // a constant
	time.Minute, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute,
	30 * time.Minute, 45 * time.Minute, time.Hour, 90 * time.Minute, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 6 * time.Hour,
	8 * time.Hour, 12 * time.Hour, 24 * time.Hour, 2 * 24 * time.Hour, 3 * 24 * time.Hour,
}

// Round makes an honest range of two waits: the low end goes down and the high
// end up to what people say, and they never meet. It is unknown where the two lie
// too far apart, or the wait is longer than anybody plans.
func Round(low, high time.Duration) Range {
	if high > longest {
		return Range{}
	}
	i := 0 // the first step that is not below high
	for steps[i] < high {
		i++
	}
	j := -1 // the last one that is not above low
	for j+1 < i && steps[j+1] <= low {
		j++
	}
	if i == 0 {
		i++ // less than a minute is more than anybody can promise
	}
	r := Range{High: steps[i]}
	if j >= 0 {
		r.Low = steps[j]
	}
	if r.High > freeWide && r.High > widest*max(r.Low, time.Minute) {
		return Range{}
	}
	return r
}
