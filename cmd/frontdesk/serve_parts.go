package main

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

// readiness asks Postgres, which everything needs, and the embedder, without
// which answers go on by words alone.
func (f *front) readiness() []web.Part {
	return []web.Part{
		{Name: "postgres", Needed: true, Check: f.convs.Check},
		{Name: "embedder", Check: func(context.Context) error {
			if f.engine.Degraded() {
				return errors.New("the embedder does not answer in time; answers go on by words alone")
			}
			return nil
		}},
		{Name: "listener", Check: func(context.Context) error {
			if !f.bus.Listening() {
				return errors.New("not listening for other instances; their news arrives by polling")
			}
			return nil
		}},
	}
}

// plainReason is what a stranger may know of a part's error.
func plainReason(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Public
	}
	return err.Error()
}

// meter counts turns on the admin address.
type meter struct {
	turns  *prometheus.CounterVec
	took   prometheus.Histogram
	stages *prometheus.HistogramVec
	swept  prometheus.Counter
	web    *web.Metrics
}

func newMeter(m *web.Metrics) *meter {
	buckets := []float64{.0005, .001, .002, .004, .008, .012, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	t := &meter{
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "frontdesk_turns_total", Help: "Turns by how they ended.",
		}, []string{"outcome", "reason"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "frontdesk_turn_seconds", Help: "A turn from its message's arrival to its end.", Buckets: buckets,
		}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "frontdesk_turn_stage_seconds", Help: "The trips of a turn: record, search (with embedding), finish.", Buckets: buckets,
		}, []string{"stage"}),
		swept: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "frontdesk_turns_swept_total", Help: "Turns whose process died, ended by the sweeper.",
		}),
		web: m,
	}
	m.Registry.MustRegister(t.turns, t.took, t.stages, t.swept)
	m.Degraded("embedder", false)
	return t
}

func (t *meter) TurnEnded(outcome convo.Outcome, reason string, took time.Duration) {
	t.turns.WithLabelValues(string(outcome), reason).Inc()
	t.took.Observe(took.Seconds())
}

func (t *meter) Stage(name string, took time.Duration) {
	t.stages.WithLabelValues(name).Observe(took.Seconds())
}

func (t *meter) Degraded(part string, away bool) { t.web.Degraded(part, away) }

func (t *meter) Swept(n int) { t.swept.Add(float64(n)) }
