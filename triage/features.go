package triage

import (
	"frontdesk/retrieval"
	"frontdesk/triage/model"
)

// Features are what the learned recipe goes by for a message, under a general
// channel: for training.
func Features(c *model.Channel, r Reading, ev retrieval.Evidence) map[string]float64 {
	e := Engine{learned: &learned{model: &model.Learned{Channel: c}}}
	x := &circumstances{reading: r, site: r.site, evidence: ev}
	if ev.Around != nil {
		x.around = *ev.Around
	}
	x.vec = e.local(x.around.Vectors)
	e.vote(x, r.Message.Shown)
	return e.learned.gather(x)
}

// LocalVector is a question's vector under the model that the channel knows;
// nil where it took no part.
func LocalVector(ev retrieval.Evidence) []float32 {
	if ev.Around == nil {
		return nil
	}
	var e Engine
	return e.local(ev.Around.Vectors)
}
