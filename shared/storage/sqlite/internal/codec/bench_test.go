package codec_test

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

func BenchmarkEncodeWindow(b *testing.B) {
	rows, encoder := storagetest.Usual(600), codec.NewEncoder()
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
	blob := encoded(b, storagetest.Usual(600))
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
