package main

import (
	"reflect"
	"testing"

	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
	"frontdesk/evals/stages"
)

// What is measured is what serves: an engine that is made for a run gives what
// the front's own gives, and what is put around one is in no other.
func TestRig_IsTheEngineThatServes(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	shop, suites := k.lampCases()
	a := testApp(t, k.env)
	articles, err := readKnowledge(t.Context(), []string{shop})
	if err != nil {
		t.Fatal(err)
	}
	list, err := readCases(t.Context(), suites, nil, articles)
	if err != nil {
		t.Fatal(err)
	}
	err = a.withFront(t.Context(), func(front *front, models *keptModels) error {
		b, err := a.newBench(t.Context(), front, models)
		if err != nil {
			return err
		}
		defer b.Close(t.Context())
		return a.withPlayers(t.Context(), front, models, articles, nil, func(ps []*player) error {
			play := func(seams ...stages.Seams) []grade.Output {
				t.Helper()
				p := &player{front: front, site: ps[0].site}
				if seams != nil {
					r, err := b.rig(seams...)
					if err != nil {
						t.Fatal(err)
					}
					defer r.stop(t.Context())
					p.rig = r
				}
				out, err := runner.Run(t.Context(), []runner.Player{p}, list, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range out.Outputs {
					for i := range o.Replies { // what an engine of its own is watched for
						o.Replies[i].Lang, o.Replies[i].Heard, o.Replies[i].Personal, o.Replies[i].Spent = "", "", nil, nil
					}
				}
				return out.Outputs
			}
			served := play()
			if made := play(stages.Seams{}); !reflect.DeepEqual(served, made) {
				t.Errorf("an engine of its own gives\n%+v\nand the front's\n%+v", made, served)
			}
			never := play(stages.Seams{Thresholds: func(stages.Thresholds) stages.Thresholds {
				return func(float64) (float64, float64) { return 2, 2 }
			}})
			if reflect.DeepEqual(served, never) {
				t.Error("what was put around a part changed nothing")
			}
			if again := play(); !reflect.DeepEqual(served, again) {
				t.Error("what was put around one engine is in another")
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
