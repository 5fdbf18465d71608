package tune

import (
	"bytes"
	_ "embed" // the table that is shipped
	"errors"
	"fmt"
	"io"
	"math"

	"go.yaml.in/yaml/v3"
)

//go:embed costs.yaml
var shipped []byte

// Ending is what became of a turn, from the customer's side.
type Ending string

// Endings. Right costs nothing.
const (
	Right           Ending = "right"
	WrongAnswer     Ending = "wrong_answer"     // something was quoted that does not answer
	NeedlessHandoff Ending = "needless_handoff" // a person, or nothing, where the knowledge has the answer
	MissedHandoff   Ending = "missed_handoff"   // no person where one was due
	Delay           Ending = "delay"            // a press or a question more than was needed
)

// Endings lists them in the order of reports.
func Endings() []Ending { return []Ending{Right, Delay, NeedlessHandoff, WrongAnswer, MissedHandoff} }

// Costs says what each ending costs, in a unit of its writer's.
type Costs map[Ending]float64

// ShippedCosts are those of costs.yaml.
func ShippedCosts() (Costs, error) { return ParseCosts("costs.yaml", shipped) }

// ParseCosts reads a cost table, YAML as costs.yaml has it. Errors name the file
// and line, and what to do.
func ParseCosts(name string, data []byte) (Costs, error) {
	type row struct {
		Cost *float64 `yaml:"cost"`
		Why  string   `yaml:"why"`
	}
	var doc yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: is empty; it needs a cost for %s", name, endings())
		}
		return nil, fmt.Errorf("%s: %w; correct it, or leave --costs out for the table that is shipped", name, err)
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: is no table; it needs a cost for %s", name, top.Line, endings())
	}
	out := Costs{}
	for i := 0; i < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		e := Ending(key.Value)
		if !e.costs() {
			return nil, fmt.Errorf("%s:%d: there is no ending %q; there are %s", name, key.Line, key.Value, endings())
		}
		if _, twice := out[e]; twice {
			return nil, fmt.Errorf("%s:%d: %s stands there twice; remove one", name, key.Line, e)
		}
		if value.Kind == yaml.MappingNode {
			for k := 0; k < len(value.Content); k += 2 {
				if n := value.Content[k]; n.Value != "cost" && n.Value != "why" {
					return nil, fmt.Errorf("%s:%d: there is no field %q; there are cost and why", name, n.Line, n.Value)
				}
			}
		}
		var r row
		if err := value.Decode(&r); err != nil || r.Cost == nil {
			return nil, fmt.Errorf("%s:%d: %s needs a cost, a number", name, key.Line, e)
		}
		if math.IsNaN(*r.Cost) || math.IsInf(*r.Cost, 0) || *r.Cost < 0 {
			return nil, fmt.Errorf("%s:%d: %s costs %g; a cost is a number from 0 on", name, key.Line, e, *r.Cost)
		}
		out[e] = *r.Cost
	}
	return out, out.check(name)
}

func (c Costs) check(name string) error {
	most := 0.0
	for _, e := range Endings() {
		v, ok := c[e]
		if !ok && e.costs() {
			return fmt.Errorf("%s: has no cost for %s; write one, 0 where it costs nothing", name, e)
		}
		most = max(most, v)
	}
	if most == 0 {
		return fmt.Errorf("%s: nothing costs anything, so that nothing can be chosen by it; give one a cost", name)
	}
	return nil
}

func (e Ending) costs() bool {
	switch e {
	case WrongAnswer, NeedlessHandoff, MissedHandoff, Delay:
		return true
	default:
		return false
	}
}

func endings() string {
	return fmt.Sprintf("%s, %s, %s and %s", WrongAnswer, NeedlessHandoff, MissedHandoff, Delay)
}

// dearest is the highest cost.
func (c Costs) dearest() float64 {
	most := 0.0
	for _, v := range c {
		most = max(most, v)
	}
	return most
}
