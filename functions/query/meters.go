package query

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// meters are the metrics of query.
type meters struct {
	results  prometheus.Counter
	clients  prometheus.Gauge
	cut      prometheus.Counter
	resyncs  prometheus.Counter
	requests *prometheus.HistogramVec
}

func newMeters(registry prometheus.Registerer, m *memory) *meters {
	factory := promauto.With(registry)
	for _, health := range []monitor.Health{monitor.Up, monitor.Degraded, monitor.Down, monitor.Unknown} {
		factory.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "monitor_endpoints", Help: "Endpoints that are watched, by health.",
			ConstLabels: prometheus.Labels{"health": string(health)},
		}, func() float64 { return float64(m.count(health)) })
	}
	return &meters{
		results: factory.NewCounter(prometheus.CounterOpts{
			Name: "monitor_query_results_total", Help: "Results that came by the tail.",
		}),
		clients: factory.NewGauge(prometheus.GaugeOpts{
			Name: "monitor_live_clients", Help: "Live streams that are open.",
		}),
		cut: factory.NewCounter(prometheus.CounterOpts{
			Name: "monitor_live_cut_total", Help: "Live streams that were cut because the client did not keep up.",
		}),
		resyncs: factory.NewCounter(prometheus.CounterOpts{
			Name: "monitor_live_resyncs_total", Help: "Live streams that could not be resumed, so that the client fetched everything again.",
		}),
		requests: factory.NewHistogramVec(prometheus.HistogramOpts{
			Name: "monitor_query_request_seconds", Help: "Time to answer a request, by route and status; live streams are left out.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"route", "status"}),
	}
}

func (m *memory) count(health monitor.Health) int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	switch health {
	case monitor.Up:
		return m.counts.Up
	case monitor.Degraded:
		return m.counts.Degraded
	case monitor.Down:
		return m.counts.Down
	default:
		return m.counts.Unknown
	}
}

// timed measures the requests that next answers.
func (m *meters) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		noted := &noting{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(noted, r)
		if r.Pattern != "" && noted.Header().Get("Content-Type") != "text/event-stream" {
			m.requests.WithLabelValues(r.Pattern, strconv.Itoa(noted.status)).Observe(time.Since(start).Seconds())
		}
	})
}

// noting notes the status of an answer.
type noting struct {
	http.ResponseWriter
	status int
}

// WriteHeader writes the status line.
func (n *noting) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap returns the writer within, for http.ResponseController.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }
