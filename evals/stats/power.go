package stats

import "math"

// Power says what a paired comparison is asked for.
type Power struct {
	Alpha  float64 // two-sided; 0: 0.05
	Chance float64 // of finding an effect that is there; 0: 0.8
}

func (p Power) squared() float64 {
	if p.Alpha == 0 {
		p.Alpha = 0.05
	}
	if p.Chance == 0 {
		p.Chance = 0.8
	}
	z := quantile(1-p.Alpha/2) + quantile(p.Chance)
	return z * z
}

// Needed is how many pairs show an effect where so many of them are discordant:
// n = (z + z')² (discordant - effect²) / effect². An effect is at most as large
// as what is discordant.
func (p Power) Needed(effect, discordant float64) int {
	effect = min(math.Abs(effect), discordant)
	if effect <= 0 {
		return math.MaxInt32
	}
	return int(math.Ceil(p.squared() * (discordant - effect*effect) / (effect * effect)))
}

// Least is the smallest effect that n pairs show where so many of them are
// discordant: Needed, solved for the effect. Where fewer are discordant than that
// would take, it is the effect of changes in one direction only.
func (p Power) Least(n int, discordant float64) float64 {
	if n <= 0 {
		return 1
	}
	k := p.squared()
	d := math.Sqrt(k * discordant / (float64(n) + k))
	if d > discordant {
		d = k / (float64(n) + k)
	}
	return min(1, d)
}
