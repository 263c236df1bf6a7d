package sketch_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/sketch"
)

// usual returns latencies around 2 ms.
func usual(n int) []int64 {
	random := rand.New(rand.NewPCG(1, 1))
	latencies := make([]int64, n)
	for i := range latencies {
		latencies[i] = int64(2000 * math.Exp(random.NormFloat64()*0.3))
	}
	return latencies
}

func BenchmarkMinute(b *testing.B) {
	latencies := usual(60)
	b.ReportAllocs()
	for b.Loop() {
		b.ReportMetric(float64(len(of(latencies...).Bytes())), "bytes")
	}
}

func BenchmarkDay(b *testing.B) {
	latencies := usual(86_400)
	for b.Loop() {
		b.ReportMetric(float64(len(of(latencies...).Bytes())), "bytes")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(latencies)), "ns/latency")
}

func BenchmarkParseMerge(b *testing.B) {
	text := of(usual(60)...).Bytes()
	whole := &sketch.Sketch{}
	b.ReportAllocs()
	for b.Loop() {
		part, err := sketch.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		whole.Merge(part)
	}
}

func BenchmarkMergeBytes(b *testing.B) {
	text := of(usual(60)...).Bytes()
	whole := sketch.New()
	b.ReportAllocs()
	for b.Loop() {
		if err := whole.MergeBytes(text); err != nil {
			b.Fatal(err)
		}
	}
}
