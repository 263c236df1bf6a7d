package sqlite_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/sketch"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
)

// cpu returns the time that the process has kept the processors busy.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// An event of half a shard's results of two seconds, at 10,000 endpoints, one
// second and 64 shards.
func BenchmarkAppendTail(b *testing.B) {
	const results, bytesEach = 312, 140
	store := opened(b, sqlite.Options{})
	data := make([]byte, results*bytesEach)
	began := cpu(b)
	for b.Loop() {
		check(b, store.AppendTail(b.Context(), 0, now, data))
	}
	b.ReportMetric(float64((cpu(b)-began).Nanoseconds())/float64(b.N*results), "cpu-ns/result")
}

// One operation is a minute of one shard: 160 endpoints, checked once a second.
func BenchmarkFold(b *testing.B) {
	const shards, endpoints, results = 64, 160, 60
	store := opened(b, sqlite.Options{})
	all := rows("", now, 24*3600)
	began := cpu(b)
	folds := 0
	for b.Loop() {
		minute, shard := folds/shards, folds%shards
		folds++
		foldMinute(b, store, shard, endpoints, all[minute*results:(minute+1)*results])
	}
	b.ReportMetric(float64((cpu(b)-began).Nanoseconds())/float64(b.N*endpoints*results), "cpu-ns/result")
	b.ReportMetric(float64(must(store.Size(b.Context()))(b))/float64(b.N*endpoints*results), "bytes/result")
	runtime.GC()
}

func foldMinute(b *testing.B, store *sqlite.Store, shard, endpoints int, fresh []monitor.Result) {
	b.Helper()
	fold := storage.Fold{Shard: shard}
	var windows []monitor.WindowKey
	var packs []monitor.PackKey
	minute := fresh[0].Due
	for i := range endpoints {
		name := fmt.Sprintf("namespace/endpoint-%d-%d", shard, i)
		windows = append(windows, monitor.WindowKey{Endpoint: name, Location: "local", Start: minute.Floor(monitor.WindowSpan)})
		for _, tier := range []monitor.Tier{monitor.Minutes, monitor.Hours, monitor.Days} {
			packs = append(packs, monitor.PackKey{Tier: tier, Endpoint: name, Location: "local", Start: tier.PackStart(minute)})
		}
	}
	fold.Windows = must(store.Windows(b.Context(), windows))(b)
	fold.Packs = must(store.Packs(b.Context(), packs))(b)
	for i := range fold.Windows {
		fold.Windows[i].Rows = monitor.Merge(fold.Windows[i].Rows, fresh)
		last := fresh[len(fresh)-1]
		last.Endpoint = fold.Windows[i].Endpoint
		fold.Latest = append(fold.Latest, last)
	}
	for i := range fold.Packs {
		addCell(&fold.Packs[i], minute, fresh)
	}
	check(b, store.CommitFold(b.Context(), fold))
}

// addCell enters the rows into the cell of their time.
func addCell(pack *monitor.Pack, at monitor.Instant, fresh []monitor.Result) {
	start := at.Floor(pack.Tier.Cell())
	n := len(pack.Cells)
	if n == 0 || pack.Cells[n-1].Start != start {
		pack.Cells = append(pack.Cells, monitor.Cell{Start: start})
		n++
	}
	cell := &pack.Cells[n-1]
	latencies := sketch.New()
	_ = latencies.MergeBytes(cell.Sketch) // written by this benchmark
	for i := range fresh {
		cell.Count(&fresh[i])
		latencies.Add(fresh[i].Micros)
	}
	cell.Sketch = latencies.Bytes()
}

func BenchmarkResultsOfDay(b *testing.B) {
	store := opened(b, sqlite.Options{})
	fold := storage.Fold{}
	for span := range 144 {
		for endpoint := range 20 {
			fold.Windows = append(fold.Windows, window(fmt.Sprintf("shop/%d", endpoint), now.Add(time.Duration(span)*monitor.WindowSpan), 40))
		}
	}
	check(b, store.CommitFold(b.Context(), fold))
	for b.Loop() {
		got := must(store.Results(b.Context(), "shop/7", "local", now, now.Add(24*time.Hour)))(b)
		if len(got) != 144*40 {
			b.Fatalf("got %d results, want %d", len(got), 144*40)
		}
	}
}
