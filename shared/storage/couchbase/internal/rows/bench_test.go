package rows_test

import (
	"encoding/json"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// The forms are measured beside encoding/json of the same rows.
func BenchmarkEncodeWindow(b *testing.B) {
	window := windowOf(storagetest.Usual(600))
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
	ours, others := encoded(b, storagetest.Usual(600)), must(json.Marshal(windowOf(storagetest.Usual(600))))
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
	event := must(json.Marshal(map[string]any{"rows": storagetest.Usual(312)}))
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
