package stats

import "math"

// Interval is a value with its 95 % interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

const level = 0.95

// z95 is the normal quantile of a two-sided interval of 95 %.
const z95 = 1.959963984540054

// Wilson is the rate k of n with Wilson's score interval (E. B. Wilson, 1927).
// Of nothing, every rate is possible.
func Wilson(k, n int) Interval {
	if n <= 0 {
		return Interval{Low: 0, High: 1}
	}
	p, m := float64(k)/float64(n), float64(n)
	d := 1 + z95*z95/m
	mid := (p + z95*z95/(2*m)) / d
	half := z95 / d * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	// At the ends rounding would leave the value outside.
	return Interval{Value: p, Low: min(p, max(0, mid-half)), High: max(p, min(1, mid+half))}
}

// Three is the rule of three: the highest rate that no failure in n leaves
// likely (J. A. Hanley and A. Lippman-Hand, 1983).
func Three(n int) float64 {
	if n <= 3 {
		return 1
	}
	return 3 / float64(n)
}

// quantile of the standard normal distribution.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// normal is the standard normal distribution function.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// student is the quantile of Student's distribution by the expansion of
// Abramowitz and Stegun, 26.7.5; from five degrees on its error is below 0.002.
func student(p float64, degrees int) float64 {
	z, v := quantile(p), float64(degrees)
	z2 := z * z
	g1 := z * (z2 + 1) / 4
	g2 := z * ((5*z2+16)*z2 + 3) / 96
	g3 := z * (((3*z2+19)*z2+17)*z2 - 15) / 384
	g4 := z * ((((79*z2+776)*z2+1482)*z2-1920)*z2 - 945) / 92160
	return z + g1/v + g2/(v*v) + g3/(v*v*v) + g4/(v*v*v*v)
}
