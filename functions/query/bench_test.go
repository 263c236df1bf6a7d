package query_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// BenchmarkListEndpoints reads a list of 10,000 endpoints with their state,
// while ten thousand results a second come in. It reports the slowest of a
// hundred answers.
func BenchmarkListEndpoints(b *testing.B) {
	k := newKit(b, nil)
	const count = 10_000
	endpoints := make([]monitor.Endpoint, count)
	rows := make([]monitor.Result, 0, count)
	for i := range endpoints {
		endpoints[i] = endpoint("ns", fmt.Sprintf("endpoint-%05d", i))
		endpoints[i].Tags = map[string]string{"team": "payments"}
		rows = append(rows, result(endpoints[i].Key(), 61*time.Second, monitor.Passed))
	}
	define(b, k, endpoints...)
	k.run(b)
	emit := k.receiver(b)
	for range 60 {
		emit(resultsEvent(rows...))
		rows = later(rows, time.Second)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for pace := time.NewTicker(10 * time.Millisecond); ; {
			for from := 0; from < count; from += 100 {
				select {
				case <-stop:
					return
				case <-pace.C:
					emit(resultsEvent(rows[from : from+100]...))
				}
			}
			rows = later(rows, time.Second)
		}
	}()
	defer func() { close(stop); <-stopped }()

	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		answer := k.get("/api/v1/endpoints?limit=20000")
		took = append(took, time.Since(start))
		if answer.Code != http.StatusOK {
			b.Fatalf("got status %d, want 200", answer.Code)
		}
		b.SetBytes(int64(answer.Body.Len()))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

func later(rows []monitor.Result, by time.Duration) []monitor.Result {
	next := slices.Clone(rows)
	for i := range next {
		next[i].Due = next[i].Due.Add(by)
		next[i].Start = next[i].Start.Add(by)
	}
	return next
}
