package head

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
)

// Example is a labelled message.
type Example struct {
	Vec     []float32
	Signals []float64
	Grams   []uint16 // pieces of its writing, sorted
	Class   int      // an index of Model.Classes
	Weight  float64  // in the fit; 1: as it stands
	Count   float64  // in the calibration: of how many such messages it stands for; 0: 1
	Group   string   // what must not be parted by a cross-validation
	Slice   string   // by what measures are told apart
	Said    bool     // its words say a class by themselves
	// Unheard is of how many such messages it stands for where it is learned how far
	// phrases can be believed. 0: it takes no part, since who wrote the phrases had
	// read its writer.
	Unheard float64
}

// FitConfig tunes a fit.
type FitConfig struct {
	Signals []string
	Classes []string
	Units   int     // of a member; 0: 64
	Members int     // 0: 5
	Rounds  int     // how often every example is gone through; 0: 8
	L2      float64 // pulls weights to zero, in units of a message a batch; 0: 0.1
	// Block is how many numbers of a vector are of one origin, where it is several
	// vectors one after another: each is taken off its mean and brought to the same
	// length while a member learns. The weights are for vectors as they come. 0: the
	// vector is learned from as it is.
	Block int
	// Blind is the part of examples whose signals are silent while a member
	// learns: phrases were written by people who had seen examples, and must not
	// be trusted as far as they go there. 0: 0.6.
	Blind float64
}

func (c FitConfig) withDefaults() FitConfig {
	c.Units, c.Members, c.Rounds = cmp.Or(c.Units, 64), cmp.Or(c.Members, 5), cmp.Or(c.Rounds, 8)
	c.L2, c.Blind = cmp.Or(c.L2, 0.1), cmp.Or(c.Blind, 0.6)
	return c
}

// Fit fits the weights of all kinds, without calibration (A = 1, G and B = 0).
func Fit(list []Example, cfg FitConfig) (*Model, error) {
	if len(list) == 0 {
		return nil, errors.New("fit: no examples")
	}
	cfg = cfg.withDefaults()
	dims := len(list[0].Vec)
	if cfg.Block < 0 || cfg.Block > 0 && dims%cfg.Block != 0 {
		return nil, fmt.Errorf("fit: vectors of %d numbers in blocks of %d", dims, cfg.Block)
	}
	for i, e := range list {
		switch {
		case len(e.Vec) != dims || dims == 0:
			return nil, fmt.Errorf("fit: example %d has a vector of %d numbers, the first of %d", i, len(e.Vec), dims)
		case len(e.Signals) != len(cfg.Signals):
			return nil, fmt.Errorf("fit: example %d has %d signals of %d", i, len(e.Signals), len(cfg.Signals))
		case e.Class < 0 || e.Class >= len(cfg.Classes):
			return nil, fmt.Errorf("fit: example %d is of class %d", i, e.Class)
		}
	}
	return &Model{
		Dims: dims, Signals: cfg.Signals, Classes: cfg.Classes,
		With: fitNets(list, cfg, dims), Without: fitSignals(list, cfg), Spelling: fitSpelling(list),
	}, nil
}

// fitNets fits the members, each with an order and a beginning of its own.
func fitNets(list []Example, cfg FitConfig, dims int) Weights {
	f := frameOf(list, cfg.Block, dims)
	list = f.framed(list)
	nets := make([]*net, cfg.Members)
	var wg sync.WaitGroup
	for k := range nets {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(k+1), uint64(len(list))))
			nets[k] = newNet(dims, cfg.Units, len(cfg.Signals), len(cfg.Classes), rng)
			nets[k].learn(list, cfg, rng)
		})
	}
	wg.Wait()
	w := Weights{A: 1, Said: Bend{A: 1}, Rows: make([]Row, len(cfg.Classes))}
	for c := range w.Rows {
		w.Rows[c].Signals = make([]float64, len(cfg.Signals))
	}
	for _, n := range nets {
		n.add(&w, len(nets), f)
	}
	for c := range w.Rows {
		r := &w.Rows[c]
		r.Bias = round(r.Bias)
		for i := range r.Signals {
			r.Signals[i] = round(r.Signals[i])
		}
	}
	w.unpack()
	return w
}

// fitSignals is a multinomial logistic regression over the signals alone.
func fitSignals(list []Example, cfg FitConfig) Weights {
	width := len(cfg.Signals) + 1
	scores := make([]float64, len(cfg.Classes))
	x := Minimise(len(cfg.Classes)*width, solverSteps, func(x, g []float64) float64 {
		clear(g)
		total := 0.0
		for _, e := range list {
			for c := range scores {
				row := x[c*width : (c+1)*width]
				scores[c] = row[width-1] + dot(row[:width-1], e.Signals)
			}
			norm := logSum(scores)
			total += e.Weight * (norm - scores[e.Class])
			for c := range scores {
				d := e.Weight * math.Exp(scores[c]-norm)
				if c == e.Class {
					d -= e.Weight
				}
				row := g[c*width : (c+1)*width]
				for i, s := range e.Signals {
					row[i] += d * s
				}
				row[width-1] += d
			}
		}
		for i, v := range x {
			if i%width < width-1 { // not the biases
				total += v * v / 2
				g[i] += v
			}
		}
		return total
	})
	w := Weights{A: 1, Said: Bend{A: 1}}
	for c := range cfg.Classes {
		row := x[c*width : (c+1)*width]
		r := Row{Bias: round(row[width-1])}
		for _, s := range row[:width-1] {
			r.Signals = append(r.Signals, round(s))
		}
		w.Rows = append(w.Rows, r)
	}
	return w
}

func logSum(scores []float64) float64 {
	top := scores[0]
	for _, s := range scores {
		top = max(top, s)
	}
	sum := 0.0
	for _, s := range scores {
		sum += math.Exp(s - top)
	}
	return top + math.Log(sum)
}
