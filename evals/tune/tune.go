package tune

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"frontdesk/evals/stats"
)

// Config says how thresholds are looked for.
type Config struct {
	Costs Costs
	Seed  uint64
	Now   Thresholds
}

// least items in each split: below, an interval says nothing.
const least = 30

// Split is a split's costs.
type Split struct {
	Items    int            `json:"items"`
	Clusters int            `json:"clusters"`
	Now      stats.Interval `json:"now"`  // mean cost of a turn
	Then     stats.Interval `json:"then"` // with what was found
	Change   stats.Interval `json:"change"`
}

// Result is what was found.
type Result struct {
	Seed        uint64     `json:"seed"`
	Costs       Costs      `json:"costs"`
	Now         Thresholds `json:"now"`
	Found       Thresholds `json:"found"` // cheapest on the calibration split
	Pays        bool       `json:"pays"`  // on the check split, by more than chance: it is proposed
	Why         string     `json:"why"`   // it is, or is not
	Calibration Split      `json:"calibration"`
	Check       Split      `json:"check"`
	// Of the check split: endings by what was wanted, now and then.
	Before Table `json:"before"`
	After  Table `json:"after"`
	// Talks are whole conversations; nil: there are no scripted customers, or
	// nothing else was found.
	Talks *Talks `json:"talks,omitempty"`

	Curve    []CurvePoint `json:"-"` // cost by sure, maybe as found
	Learning []Learned    `json:"learning"`
	Items    []Item       `json:"-"`
	CheckSet []Item       `json:"-"`
}

// Table counts actions by what was wanted.
type Table map[Wants]map[string]int

// CurvePoint is what a threshold costs on both splits.
type CurvePoint struct{ Sure, Calibration, Check float64 }

// Learned is what so many calibration clusters lead to on the check split.
type Learned struct {
	Share float64 `json:"share"` // of the calibration clusters
	Items int     `json:"items"` // mean number
	Mean  float64 `json:"mean"`  // cost of a turn of the check split
	Low   float64 `json:"low"`   // a tenth of the draws cost less
	High  float64 `json:"high"`  // a tenth cost more
}

// Find looks for thresholds.
func Find(items []Item, cfg Config) (Result, error) {
	r := Result{Seed: cfg.Seed, Costs: cfg.Costs, Now: cfg.Now, Items: items}
	if err := cfg.Costs.check("the cost table"); err != nil {
		return r, err
	}
	calibration, check := split(items, cfg.Seed)
	if len(calibration) < least || len(check) < least {
		return r, fmt.Errorf("%d turns to calibrate on and %d to check: at least %d of each are needed; label more cases, with articles, facts or missing", len(calibration), len(check), least)
	}
	r.CheckSet = check
	r.Found = cheapest(calibration, cfg.Costs, cfg.Now)
	r.Calibration, r.Check = compare(calibration, cfg, r.Found), compare(check, cfg, r.Found)
	r.Before, r.After = table(check, cfg.Now), table(check, r.Found)
	for s := range grid + 1 {
		t := Thresholds{Sure: float64(s) / grid, Maybe: r.Found.Maybe}
		r.Curve = append(r.Curve, CurvePoint{t.Sure, mean(calibration, cfg.Costs, t), mean(check, cfg.Costs, t)})
	}
	r.Learning = learning(calibration, check, cfg)
	r.judge()
	return r, nil
}

// judge says whether what was found is proposed.
func (r *Result) judge() {
	d := r.Check.Change
	switch {
	case r.Found == r.Now:
		r.Why = "nothing else costs less on the calibration split"
	case d.High < 0:
		r.Pays = true
		r.Why = fmt.Sprintf("on the check split a turn costs %.3f less (95 %%: %.3f to %.3f less)", -d.Value, -d.High, -d.Low)
	case d.Value < 0:
		r.Why = fmt.Sprintf("on the check split a turn costs %.3f less, which may be chance (95 %%: from %.3f less to %.3f more)", -d.Value, -d.Low, d.High)
	default:
		r.Why = fmt.Sprintf("on the check split a turn costs %.3f more: what the calibration split shows does not hold there", d.Value)
	}
}

// split cuts by cluster; frozen ones are for the check.
func split(items []Item, seed uint64) (calibration, check []Item) {
	frozen := map[string]bool{}
	for _, i := range items {
		frozen[i.Cluster] = frozen[i.Cluster] || i.Frozen
	}
	for _, i := range items {
		if frozen[i.Cluster] || coin(seed, i.Cluster) {
			check = append(check, i)
		} else {
			calibration = append(calibration, i)
		}
	}
	return calibration, check
}

// coin is one side or the other, by the cluster and the seed alone.
func coin(seed uint64, cluster string) bool {
	h := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, seed), cluster...))
	return h[0]&1 == 0
}

// grid is how many steps a threshold has: hundredths, as a person would set it.
const grid = 100

func cost(i *Item, c Costs, t Thresholds) float64 { return c[i.Ends[i.band(t)]] }

func mean(items []Item, c Costs, t Thresholds) float64 {
	sum := 0.0
	for i := range items {
		sum += cost(&items[i], c, t)
	}
	return sum / float64(len(items))
}

// step is the first grid step at which a probability is below the threshold.
func step(p float64) int { return min(grid+1, int(math.Floor(p*grid+1e-9))+1) }

// cheapest tries every pair of the grid. For each sure, what falls below it is
// added up by near, so that all maybes are tried in one pass.
func cheapest(items []Item, c Costs, now Thresholds) Thresholds {
	best, found := math.Inf(1), now
	if len(items) > 0 {
		best = mean(items, c, now) * float64(len(items))
	}
	for s := range grid + 1 {
		var moves [grid + 2]float64 // what changes where maybe rises to this step
		total := 0.0
		for i := range items {
			x := &items[i]
			if s < step(x.P) {
				total += c[x.Ends[Sure]]
				continue
			}
			total += c[x.Ends[Maybe]]
			moves[step(x.Near)] += c[x.Ends[No]] - c[x.Ends[Maybe]]
		}
		for m := range grid + 1 {
			total += moves[m]
			t := Thresholds{float64(s) / grid, float64(m) / grid}
			switch {
			case total < best-1e-9, total < best+1e-9 && far(t, now) < far(found, now)-1e-12:
				best, found = min(best, total), t
			}
		}
	}
	return found
}

func far(a, b Thresholds) float64 { return math.Abs(a.Sure-b.Sure) + math.Abs(a.Maybe-b.Maybe) }

func compare(items []Item, cfg Config, found Thresholds) Split {
	s := Split{Items: len(items)}
	by := cfg.Costs.dearest() // intervals are of shares
	clusters := map[string]bool{}
	was, is, pairs := make([]stats.Sample, 0, len(items)), make([]stats.Sample, 0, len(items)), make([]stats.Pair, 0, len(items))
	for i := range items {
		x := &items[i]
		clusters[x.Cluster] = true
		before, after := cost(x, cfg.Costs, cfg.Now)/by, cost(x, cfg.Costs, found)/by
		was = append(was, stats.Sample{Cluster: x.Cluster, Sum: before, Of: 1})
		is = append(is, stats.Sample{Cluster: x.Cluster, Sum: after, Of: 1})
		pairs = append(pairs, stats.Pair{Cluster: x.Cluster, WasSum: before, WasOf: 1, IsSum: after, IsOf: 1})
	}
	s.Clusters = len(clusters)
	s.Now, _ = stats.Mean(was, 0)
	s.Then, _ = stats.Mean(is, 0)
	s.Change, _ = stats.Difference(pairs, 0)
	for _, i := range []*stats.Interval{&s.Now, &s.Then, &s.Change} {
		i.Value, i.Low, i.High = i.Value*by, i.Low*by, i.High*by
	}
	return s
}

func table(items []Item, t Thresholds) Table {
	out := Table{}
	for i := range items {
		x := &items[i]
		if out[x.Wants] == nil {
			out[x.Wants] = map[string]int{}
		}
		out[x.Wants][x.Does[x.band(t)]]++
	}
	return out
}

// learningDraws is how often each share of the clusters is drawn.
const learningDraws = 24

// learning tells what calibrating on fewer clusters would have led to.
func learning(calibration, check []Item, cfg Config) []Learned {
	by := map[string][]Item{}
	var names []string
	for _, i := range calibration {
		if by[i.Cluster] == nil {
			names = append(names, i.Cluster)
		}
		by[i.Cluster] = append(by[i.Cluster], i)
	}
	slices.Sort(names)
	rng := rand.New(rand.NewPCG(cfg.Seed, 5))
	var out []Learned
	for _, share := range []float64{.1, .25, .5, .75, 1} {
		n := max(1, int(math.Round(share*float64(len(names)))))
		draws := learningDraws
		if n == len(names) {
			draws = 1
		}
		l := Learned{Share: share}
		var costs []float64
		total := 0
		for range draws {
			rng.Shuffle(len(names), func(i, k int) { names[i], names[k] = names[k], names[i] })
			var some []Item
			for _, name := range names[:n] {
				some = append(some, by[name]...)
			}
			total += len(some)
			costs = append(costs, mean(check, cfg.Costs, cheapest(some, cfg.Costs, cfg.Now)))
		}
		slices.Sort(costs)
		for _, c := range costs {
			l.Mean += c / float64(draws)
		}
		l.Items, l.Low, l.High = total/draws, costs[draws/10], costs[draws-1-draws/10]
		out = append(out, l)
	}
	return out
}
