package events_test

import (
	"fmt"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// usual is an event of plain passes, as most are.
func usual() *events.ProbeResults {
	results := &events.ProbeResults{Shard: 7, Location: "local"}
	for n := range 300 {
		results.Rows = append(results.Rows, monitor.Result{
			Endpoint: fmt.Sprintf("shop/endpoint-%d", n/2), Due: noon + monitor.Instant(1000*n), Start: noon + monitor.Instant(1000*n+1),
			Kind: monitor.Scheduled, Outcome: monitor.Passed, Micros: int64(1000 + n), Status: 200, Bytes: 512,
			Phases: monitor.Phases{FirstByte: int64(900 + n), Transfer: 50},
		})
	}
	return results
}

// No parallel tests here: allocations are counted for the whole process.
func TestCost(t *testing.T) {
	results, rows := usual(), 300.0
	data := events.AppendResults(nil, results)
	if got := testing.AllocsPerRun(20, func() { events.AppendResults(data[:0], results) }); got > 0 {
		t.Errorf("got %v allocations to encode an event, want none", got)
	}
	var decoded events.ProbeResults
	got := testing.AllocsPerRun(20, func() {
		if err := events.DecodeResults(data, &decoded); err != nil {
			t.Fatal(err)
		}
	})
	if got > rows/2+3 {
		t.Errorf("got %v allocations to decode an event, want one per endpoint and 3", got)
	}
	for i := range results.Rows {
		results.Rows[i].Extract = "no upstream is healthy"
	}
	data = events.AppendResults(nil, results)
	got = testing.AllocsPerRun(20, func() {
		if err := events.DecodeResults(data, &decoded); err != nil {
			t.Fatal(err)
		}
	})
	if got > rows/2+3+rows {
		t.Errorf("got %v allocations to decode an event of extracts, want one more per row", got)
	}
}

func BenchmarkAppendResults(b *testing.B) {
	results := usual()
	data := events.AppendResults(nil, results)
	for b.Loop() {
		data = events.AppendResults(data[:0], results)
	}
	perRow(b, len(results.Rows))
	b.ReportMetric(float64(len(data))/float64(len(results.Rows)), "B/row")
}

func BenchmarkDecodeResults(b *testing.B) {
	results := usual()
	data := events.AppendResults(nil, results)
	b.ReportAllocs()
	for b.Loop() {
		var decoded events.ProbeResults
		if err := events.DecodeResults(data, &decoded); err != nil {
			b.Fatal(err)
		}
	}
	perRow(b, len(results.Rows))
}

func perRow(b *testing.B, rows int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
}
