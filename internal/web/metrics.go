package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are what the web layer counts, on a registry of their own: nothing
// is registered globally.
type Metrics struct {
	Registry *prometheus.Registry
	requests *prometheus.HistogramVec
	streams  prometheus.Gauge
	degraded *prometheus.GaugeVec
}

// NewMetrics makes the registry with the process's own figures and ours.
func NewMetrics() *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "frontdesk_http_request_seconds",
			Help:    "Time from a request's arrival to its handler's end; a stream's handler ends when the stream begins.",
			Buckets: []float64{.001, .002, .004, .008, .012, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		streams:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_streams", Help: "Event streams open now."}),
		degraded: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "frontdesk_degraded", Help: "1 while a part is away."}, []string{"part"}),
	}
	m.Registry.MustRegister(m.requests, m.streams, m.degraded,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Degraded says whether a part is away.
func (m *Metrics) Degraded(part string, away bool) {
	v := 0.0
	if away {
		v = 1
	}
	m.degraded.WithLabelValues(part).Set(v)
}

func (m *Metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}
