package codec_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
)

// usual returns results of an endpoint that is well, a second apart, on a
// connection that is made anew once a minute.
func usual(n int) []monitor.Result {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	rows := make([]monitor.Result, n)
	for i := range rows {
		due := start.Add(time.Duration(i) * time.Second)
		r := monitor.Result{
			Endpoint: endpoint, Location: location, Due: due, Start: due + monitor.Instant(random.Int64N(4)),
			Kind: monitor.Scheduled, Outcome: monitor.Passed, Status: 200, Bytes: 312,
			Certificate: start.Add(60 * 24 * time.Hour),
		}
		r.FirstByte = int64(2000 * math.Exp(random.NormFloat64()*0.3))
		r.Transfer = 15 + random.Int64N(40)
		if i%60 == 0 {
			r.DNS, r.Connect, r.TLS = 300+random.Int64N(500), 400+random.Int64N(300), 2000+random.Int64N(900)
		}
		r.Micros = r.DNS + r.Connect + r.TLS + r.FirstByte + r.Transfer + 20 + random.Int64N(60)
		rows[i] = r
	}
	return rows
}

func BenchmarkEncodeWindow(b *testing.B) {
	rows, encoder := usual(600), codec.NewEncoder()
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		blob, err := encoder.Window(rows)
		if err != nil {
			b.Fatal(err)
		}
		size = len(blob)
	}
	perRow(b, len(rows))
	b.ReportMetric(float64(size)/float64(len(rows)), "bytes/row")
}

func BenchmarkDecodeWindow(b *testing.B) {
	blob := encoded(b, usual(600))
	var decoder codec.Decoder
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decoder.Window(blob, endpoint, location); err != nil {
			b.Fatal(err)
		}
	}
	perRow(b, 600)
}

func BenchmarkCells(b *testing.B) {
	cells, encoder := someCells(60), codec.NewEncoder()
	b.ReportAllocs()
	for b.Loop() {
		blob, err := encoder.Cells(cells)
		if err == nil {
			_, err = new(codec.Decoder).Cells(blob)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func perRow(b *testing.B, rows int) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}
