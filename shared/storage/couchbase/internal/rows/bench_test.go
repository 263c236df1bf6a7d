package rows_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
)

// usual returns results of an endpoint that is well, a second apart, on a
// connection that is made anew once a minute.
func usual(n int) []monitor.Result {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	all := make([]monitor.Result, n)
	for i := range all {
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
		all[i] = r
	}
	return all
}

// The forms are measured beside encoding/json of the same rows.
func BenchmarkEncodeWindow(b *testing.B) {
	window := windowOf(usual(600))
	var room []byte
	b.Run("rows", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if room, err = rows.AppendWindow(room[:0], "me", window); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b, room)
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if room, err = json.Marshal(window); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b, room)
	})
}

func BenchmarkDecodeWindow(b *testing.B) {
	ours, others := encoded(b, usual(600)), must(json.Marshal(windowOf(usual(600))))
	b.Run("rows", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := rows.ReadWindow(ours, windowOf(nil)); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b, ours)
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(others, windowOf(nil)); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b, others)
	})
}

func BenchmarkPack(b *testing.B) {
	cells := someCells(60)
	b.ReportAllocs()
	for b.Loop() {
		if err := rows.ReadPack(packed(b, cells), packOf(nil)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTail(b *testing.B) {
	event := must(json.Marshal(map[string]any{"rows": usual(312)}))
	b.Run("append", func(b *testing.B) {
		var room []byte
		for b.Loop() {
			room = rows.AppendTail(room[:0], "me", start, event)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*312), "ns/row")
	})
	b.Run("read", func(b *testing.B) {
		body := rows.AppendTail(nil, "me", start, event)
		for b.Loop() {
			if _, _, err := rows.ReadTail(body); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*312), "ns/row")
	})
}

func must(body []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return body
}

func perRow(b *testing.B, body []byte) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*600), "ns/row")
	b.ReportMetric(float64(len(body))/600, "bytes/row")
}
